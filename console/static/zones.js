// The zone editor: a picture to draw on, a list of zones, a form for the chosen one, and a way to save.

import { call, Problem } from "./api.js";
import { explain } from "./acting.js";
import { tell } from "./said.js";
import { Canvas } from "./zone_canvas.js";
import { Draft } from "./zone_draft.js";
import { ZonePanel } from "./zone_panel.js";
import { ZoneSaving } from "./zone_saving.js";

const root = document.querySelector("[data-zone-editor]");
if (root) start(root);

function start(root) {
  const seed = JSON.parse(root.dataset.seed);
  const words = JSON.parse(root.dataset.words);
  const may = root.dataset.may === "true";
  const say = (key, facts = {}) => Object.entries(facts).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words[key] ?? key);
  const said = root.querySelector("[data-said]");
  const draft = new Draft(seed.zones, seed.tag);
  const on = {
    chosen: (index) => { draft.chosen = index; draft.lastKind = ""; show(); if (draft.zone) on.said(say("chosen", { zone: draft.zone.zone })); },
    changed: () => { panel.show(); buttons(); },
    said: (text) => { said.textContent = text; },
    finished: (polygon) => {
      draft.add(polygon, "frontage", say("new_name"));
      canvas.focus = "corner-0";
      show();
      panel.editName();
    },
  };
  const svg = root.querySelector("svg.zone-canvas");
  const canvas = svg ? new Canvas(svg, draft, seed, { may, say, on }) : null;
  const panel = new ZonePanel(root, draft, seed, { may, say, changed: () => { canvas?.paint(); buttons(); }, chosen: on.chosen });
  const saving = new ZoneSaving(document.getElementById("zone-saving"), draft, seed, { say, call, explain, Problem, done });

  function show() { canvas?.paint(); panel.show(); buttons(); }

  function done(text) { tell(text); show(); }

  function buttons() {
    const state = {
      undo: draft.past.length > 0, redo: draft.future.length > 0, save: draft.changed && draft.zones.every((zone) => !draft.wrong(zone).length),
      remove: Boolean(draft.zone), add: !canvas?.drawing,
    };
    for (const [name, can] of Object.entries(state)) {
      const button = root.querySelector(`[data-do="${name}"]`);
      if (button) button.disabled = !can;
    }
    root.classList.toggle("is-changed", draft.changed);
  }

  const acts = {
    add: () => { canvas.begin(); buttons(); },
    undo: () => { if (draft.undo()) show(); },
    redo: () => { if (draft.redo()) show(); },
    remove: () => { const name = draft.zone.zone; draft.remove(); show(); on.said(say("removed_said", { zone: name })); },
    "zoom-in": () => canvas.zoom(1.5),
    "zoom-out": () => canvas.zoom(1 / 1.5),
    fit: () => canvas.look(0, 0, canvas.width, canvas.height),
    things: (button) => { canvas.things = !canvas.things; button.setAttribute("aria-pressed", canvas.things); canvas.paint(); },
    save: () => saving.check(),
  };
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && acts[button.dataset.do]) acts[button.dataset.do](button);
  });
  root.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches("input, textarea")) return;
    const key = event.key.toLowerCase();
    if (key === "z") { event.preventDefault(); acts[event.shiftKey ? "redo" : "undo"](); }
    if (key === "y") { event.preventDefault(); acts.redo(); }
    if (key === "s" && may) { event.preventDefault(); root.querySelector('[data-do="save"]:not(:disabled)')?.click(); }
  });
  window.addEventListener("beforeunload", (event) => { if (draft.changed && may) event.preventDefault(); });
  show();
}
