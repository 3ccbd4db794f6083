// The list beside the map: all that is in view, found or in one place, the worst first. It goes by keyboard.

import { SIGNS } from "./map_shapes.js";
import { whereOf } from "./map_store.js";

const AT_ONCE = 60;

export class List {
  /** `picked(key)` is told what somebody chooses; `back()` that they want to see the view again. */
  constructor({ told, picked, back }) {
    this.told = told;
    this.picked = picked;
    this.ol = document.getElementById("map-list");
    this.count = document.getElementById("map-count");
    this.more = document.getElementById("map-more");
    this.back = document.getElementById("map-back");
    this.spots = [];
    this.shown = AT_ONCE;
    this.back.textContent = told.say.back_to_view;
    this.back.addEventListener("click", back);
    this.more.addEventListener("click", () => this.grow());
    this.ol.addEventListener("click", (event) => this.choose(event.target.closest("button")));
    this.ol.addEventListener("keydown", (event) => this.walk(event));
  }

  /** `mode` is in_view, found or here. The list is drawn anew only where it differs. */
  show(spots, { mode, n = spots.length, again = false }) {
    this.spots = spots;
    if (!again) this.shown = AT_ONCE;
    this.back.hidden = mode === "in_view";
    const none = mode === "found" ? this.told.say.none_found : this.told.say.none_in_view;
    const text = n ? this.told.say[mode].replace("{n}", n.toLocaleString("en")) : none;
    if (this.count.textContent !== text) this.count.textContent = text;
    this.fill();
  }

  fill() {
    const focused = document.activeElement?.closest?.("#map-list button")?.dataset.pick;
    const rows = this.spots.slice(0, this.shown);
    const kept = new Map([...this.ol.children].map((row) => [row.dataset.key, row]));
    const next = rows.map((spot) => {
      const row = kept.get(spot.key);
      const print = `${spot.level}${spot.state}${spot.title}`;
      if (row?.dataset.print === print) return row;
      return this.row(spot, print);
    });
    if (next.length !== this.ol.children.length || next.some((row, place) => row !== this.ol.children[place])) this.ol.replaceChildren(...next);
    if (focused) this.ol.querySelector(`[data-pick="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    const left = this.spots.length - rows.length;
    this.more.hidden = left <= 0;
    this.more.textContent = this.told.say.more.replace("{n}", Math.min(left, AT_ONCE).toLocaleString("en"));
  }

  row(spot, print) {
    const { told } = this;
    const row = document.createElement("li");
    row.dataset.key = spot.key;
    row.dataset.print = print;
    const button = row.appendChild(document.createElement("button"));
    button.type = "button";
    button.dataset.pick = spot.key;
    const state = (told.state[spot.layer] ?? told.state[""])[spot.state] ?? "";
    const mark = button.appendChild(document.createElement("i"));
    mark.className = `map-n ${spot.level}`;
    mark.textContent = SIGNS[spot.level] || "•";
    mark.setAttribute("aria-hidden", "true");
    const level = button.appendChild(document.createElement("span"));
    level.className = "out-of-sight";
    level.textContent = told.level[spot.level];
    button.appendChild(document.createElement("b")).textContent = spot.title;
    const about = [told.layer[spot.layer], state, spot.title === spot.name ? "" : spot.name, whereOf(spot)].filter(Boolean);
    button.appendChild(document.createElement("small")).textContent = about.join(" · ");
    return row;
  }

  grow() {
    const first = this.shown;
    this.shown += AT_ONCE;
    this.fill();
    this.ol.children[first]?.firstElementChild.focus();
  }

  choose(button) {
    if (button) this.picked(button.dataset.pick);
  }

  /** Up and down through the rows. */
  walk(event) {
    const row = event.target.closest("li");
    const to = { ArrowDown: row?.nextElementSibling, ArrowUp: row?.previousElementSibling, Home: this.ol.firstElementChild, End: this.ol.lastElementChild }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to) to.firstElementChild.focus();
    else if (event.key === "ArrowUp") document.getElementById("map-q").focus();
  }

  first() {
    return this.ol.querySelector("button");
  }
}
