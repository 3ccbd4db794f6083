// The map of the city: brings together what stands where, the ground, the marks, the list and the page's address.

import { readAddress, writeAddress } from "./map_address.js";
import { List } from "./map_list.js";
import { Marks } from "./map_marks.js";
import { Store } from "./map_store.js";

const FOUND_AT_ONCE = 200;
const PICK_ZOOM = 17;
const REST_MS = 120;

const told = JSON.parse(document.getElementById("map-words").dataset.told);
const gcj = told.tiles?.datum === "gcj02";
const datum = gcj ? await import("./gcj02.js") : null; // only where tiles need it
const shown = gcj ? ([lon, lat]) => datum.toGcj(lon, lat) : (point) => point;
const inWgs = gcj ? ([lon, lat]) => datum.toWgs(lon, lat) : (point) => point;
const asked = readAddress();
const wait = document.getElementById("map-wait");
const search = document.getElementById("map-q");

const map = L.map("map", { zoomControl: false, attributionControl: false, maxZoom: told.tiles ? Math.min(20, told.tiles.max_zoom + 2) : 20, minZoom: 3, zoomSnap: 0.5, preferCanvas: true });
map.createPane("ground").style.zIndex = 200;
map.createPane("names").style.zIndex = 420;
map.createPane("marks").style.zIndex = 430;
L.control.zoom({ position: "topright", zoomInTitle: "+", zoomOutTitle: "−" }).addTo(map);
L.control.scale({ imperial: false, maxWidth: 140, position: "bottomright" }).addTo(map);

const form = () => document.getElementById("map-layers");
const state = { layers: null, trouble: asked.trouble, words: asked.words, here: null, pick: asked.pick };

const store = new Store({ shown, english: told.english, changed, failed: () => { wait.hidden = false; wait.textContent = told.say.failed; } });
const list = new List({ told, picked: (key) => pick(key, { focus: true, fly: true }), back: backToView });
// The panel comes when something is first picked.
let panel = null;
const open = async (key, how) => {
  panel ??= import("./map_panel.js").then(({ Panel }) => new Panel({ told, picked: (key) => pick(key, { focus: true, fly: true }), closed: () => { state.pick = ""; marks.mark(null); remember(); }, go: ([lon, lat]) => goTo([lon, lat]) })).catch((wrong) => { panel = null; throw wrong; });
  (await panel).open(key, how);
};
const tip = map.getContainer().appendChild(Object.assign(document.createElement("div"), { className: "map-tip", hidden: true }));
const readout = map.getContainer().appendChild(Object.assign(document.createElement("output"), { className: "map-readout", hidden: true }));
const north = map.getContainer().appendChild(Object.assign(document.createElement("div"), { className: "map-north", textContent: `↑ ${told.say.north}` }));
north.setAttribute("aria-hidden", "true");

map.setView(asked.at ? shownAt(asked.at) : [31, 113], asked.at?.zoom ?? 4);
const marks = new Marks(map, { picked: (spot) => pick(spot.key, { focus: false }), opened: openHere, tip: showTip, say: tipOf });
// The ground comes after what stands on it.
const ground = import("./map_ground.js").then(({ layGround }) => layGround(map, { tiles: told.tiles, shown, english: told.english, failed: () => { wait.hidden = false; wait.textContent = told.say.ground_failed; } }));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", async () => { (await ground)(); marks.redraw(); });

function shownAt({ lon, lat }) {
  const [x, y] = shown([lon, lat]);
  return [y, x];
}

/** Layers that are on. Those of the address count at first, then what is ticked. */
function tick() {
  const on = new Set(asked.layers ?? [...form().querySelectorAll("[data-at-first]")].map((box) => box.value));
  for (const box of form().querySelectorAll("[name=layer]")) box.checked = on.has(box.value);
  form().querySelector("[name=trouble]").checked = state.trouble;
}

function readForm() {
  const boxes = [...form().querySelectorAll("[name=layer]")];
  const on = boxes.filter((box) => box.checked).map((box) => box.value);
  const usual = boxes.filter((box) => "atFirst" in box.dataset).map((box) => box.value);
  state.layers = new Set(on);
  state.ownLayers = on.length === usual.length && on.every((name) => usual.includes(name)) ? null : on;
  state.trouble = form().querySelector("[name=trouble]").checked;
}

const isOn = (spot) => state.layers.has(spot.layer) && !(state.trouble && spot.level === "good");
const visible = () => [...store.spots.values()].filter(isOn);

/** News from the service: a list of keys, or everything for the first time. */
function changed(touched, first) {
  wait.hidden = true;
  if (first) begin();
  marks.show(visible());
  if (state.pick) {
    const spot = store.spots.get(state.pick);
    marks.mark(spot ?? null);
    if (first || touched.has(state.pick) || [...touched].some((key) => store.spots.get(key)?.at === state.pick)) open(state.pick);
  }
  lay({ again: !first });
  document.documentElement.dataset.mapReady = store.spots.size;
}

function begin() {
  if (!asked.at) fitAll();
  if (state.words) search.value = state.words;
  if (state.pick && !asked.at) goTo(null);
}

function fitAll() {
  const all = [...store.spots.values()];
  if (!all.length) return;
  const [xs, ys] = [Float64Array.from(all, ({ x }) => x).sort(), Float64Array.from(all, ({ y }) => y).sort()];
  const cut = (values, share) => values[Math.round((values.length - 1) * share)]; // one wrong position does not decide it
  map.fitBounds([[cut(ys, 0.01), cut(xs, 0.01)], [cut(ys, 0.99), cut(xs, 0.99)]], { padding: [30, 30], animate: false, maxZoom: 16 });
}

function goTo(position) {
  const spot = store.spots.get(state.pick);
  const at = position ? shown(position) : spot && [spot.x, spot.y];
  if (at) map.setView([at[1], at[0]], Math.max(map.getZoom(), PICK_ZOOM));
}

/** Fill the list: what is found, what is in one place, or what is in view. */
function lay({ again = false } = {}) {
  if (!store.tag) return;
  if (state.words) {
    const { spots, n } = store.found(state.words, FOUND_AT_ONCE);
    list.show(spots, { mode: "found", n, again });
  } else if (state.here) {
    const spots = state.here.map((key) => store.spots.get(key)).filter(Boolean);
    list.show(sorted(spots), { mode: "here", again });
  } else {
    const bounds = map.getBounds();
    const [west, south, east, north_] = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    const inside = ({ x, y }) => x >= west && x <= east && y >= south && y <= north_;
    list.show(sorted(visible().filter(inside)), { mode: "in_view", again });
  }
}

const ORDER = { alarm: 0, case: 1, camera: 3, shop: 5 };
const PLACES = 60;

/** The worst first. Sorted by hand into heaps, for there are thousands and only some are looked at. */
function sorted(spots) {
  const heaps = Array.from({ length: PLACES }, () => []);
  for (const spot of spots) heaps[spot.rank * 10 + (ORDER[spot.layer] ?? 2)].push(spot);
  return heaps.flat();
}

function pick(key, { focus, fly = false }) {
  const spot = store.spots.get(key);
  if (!spot) return;
  state.pick = key;
  marks.mark(spot);
  open(key, { focus });
  if (fly && (!map.getBounds().pad(-0.1).contains([spot.y, spot.x]) || map.getZoom() < 13)) goTo(null);
  remember();
}

function openHere(spots) {
  state.here = spots.map((spot) => spot.key);
  lay();
  list.first()?.focus();
}

function backToView() {
  state.here = null;
  state.words = search.value = "";
  lay();
  remember();
}

function remember() {
  const { lng, lat } = map.getCenter();
  const [lon, north_] = inWgs([lng, lat]);
  writeAddress({ at: { lon, lat: north_, zoom: map.getZoom() }, layers: state.ownLayers, trouble: state.trouble, pick: state.pick, words: state.words });
}

function showTip(text, at) {
  tip.hidden = !text;
  if (!text) return;
  tip.textContent = text;
  tip.style.left = `${at.x + 14}px`;
  tip.style.top = `${at.y + 10}px`;
}

function tipOf({ spot, counts, n }) {
  if (spot) {
    const word = (told.state[spot.layer] ?? told.state[""])[spot.state] ?? "";
    return [spot.title, spot.title === spot.name ? "" : spot.name, word].filter(Boolean).join(" · ");
  }
  const worst = Object.keys(counts).find((level) => counts[level]);
  return told.say.cluster.replace("{n}", n).replace("{worst}", told.level[worst]).replace("{k}", counts[worst]);
}

let resting = 0;
map.on("moveend", () => {
  clearTimeout(resting);
  resting = setTimeout(() => { if (!state.words && !state.here) lay(); if (store.tag) remember(); }, REST_MS);
});
map.on("click", (event) => {
  if (event.onMark) return;
  const [lon, lat] = inWgs([event.latlng.lng, event.latlng.lat]);
  readout.textContent = told.say.wgs84.replace("{position}", `${lon.toFixed(6)}, ${lat.toFixed(6)}`);
  readout.hidden = false;
});
search.addEventListener("input", () => { state.words = search.value.trim(); state.here = null; lay(); remember(); });
search.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") { event.preventDefault(); list.first()?.focus(); }
  if (event.key === "Escape") backToView();
});
document.getElementById("map-search").addEventListener("submit", (event) => {
  event.preventDefault();
  list.first()?.click();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.target.closest("input, textarea, select")) { event.preventDefault(); search.focus(); }
});
document.getElementById("maplayers").addEventListener("change", () => { readForm(); marks.show(visible()); lay(); remember(); });

// The live page changes the tag when there is news.
new MutationObserver(() => { if (form().dataset.tag !== store.tag) store.ask(); }).observe(form(), { attributes: true, attributeFilter: ["data-tag"] });
tick();
readForm();
store.ask();
