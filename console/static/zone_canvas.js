// The picture with its zones: drawn with a mouse, a finger or the keys.

import { snapped, tidy, zonesOf } from "./zone_shape.js";

const NS = "http://www.w3.org/2000/svg";
const STEP = 0.002;
const REACH_PX = 9;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function make(name, attributes = {}, ...children) {
  const node = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export class Canvas {
  /** `on` is told: chosen(index), changed(), said(text), finished(). `words` fill in numbers. */
  constructor(svg, draft, seed, { may, say, on }) {
    Object.assign(this, { svg, draft, seed, may, say, on });
    const picture = svg.querySelector("image");
    this.width = Number(picture.getAttribute("width"));
    this.height = Number(picture.getAttribute("height"));
    this.view = { x: 0, y: 0, w: this.width, h: this.height };
    this.layer = svg.querySelector(".layer");
    this.drawing = null; // corners of a zone that is not closed yet
    this.cursor = [0.5, 0.6];
    this.things = true;
    this.focus = null;
    svg.addEventListener("pointerdown", (event) => this.#down(event));
    svg.addEventListener("pointermove", (event) => this.#move(event));
    svg.addEventListener("pointerup", (event) => this.#up(event));
    svg.addEventListener("pointercancel", () => { this.drag = null; });
    svg.addEventListener("dblclick", () => this.finish());
    svg.addEventListener("keydown", (event) => this.#key(event));
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.shiftKey) return; // a page is scrolled by its wheel
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 1.25 : 0.8, this.#at(event));
    }, { passive: false });
    new ResizeObserver(() => this.paint()).observe(svg);
  }

  get unit() { return this.view.w / Math.max(this.svg.clientWidth, 1); } // one pixel of the screen

  #at(event) {
    const box = this.svg.getBoundingClientRect();
    const x = this.view.x + ((event.clientX - box.left) / box.width) * this.view.w;
    const y = this.view.y + ((event.clientY - box.top) / box.height) * this.view.h;
    return [x / this.width, y / this.height];
  }

  #snap(point, own) {
    return snapped(point, this.draft.zones, own, (REACH_PX * this.unit) / this.width, (REACH_PX * this.unit) / this.height);
  }

  begin() {
    this.drawing = [];
    this.draft.chosen = -1;
    this.cursor = [tidy((this.view.x + this.view.w / 2) / this.width), tidy((this.view.y + this.view.h / 2) / this.height)];
    this.paint();
    this.svg.focus();
    this.on.said(this.say("drawing"));
  }

  finish() {
    if (!this.drawing) return;
    const corners = this.drawing.filter((corner, at, all) => at === 0 || String(corner) !== String(all[at - 1]));
    if (corners.length < 3) { this.on.said(this.say("few")); return; }
    this.drawing = null;
    this.on.said("");
    this.on.finished(corners);
  }

  cancel() {
    this.drawing = null;
    this.on.said(this.say("cancelled"));
    this.paint();
  }

  zoom(factor, [x, y] = [(this.view.x + this.view.w / 2) / this.width, (this.view.y + this.view.h / 2) / this.height]) {
    const w = Math.min(this.width, Math.max(this.width / 12, this.view.w / factor));
    const h = (w * this.height) / this.width;
    const px = x * this.width;
    const py = y * this.height;
    this.look(px - ((px - this.view.x) * w) / this.view.w, py - ((py - this.view.y) * h) / this.view.h, w, h);
  }

  look(x, y, w = this.view.w, h = this.view.h) {
    this.view = { x: Math.min(Math.max(x, 0), this.width - w), y: Math.min(Math.max(y, 0), this.height - h), w, h };
    this.paint();
  }

  #down(event) {
    if (event.button > 0) return;
    const point = this.#at(event);
    const { kind, zone, corner } = event.target.dataset;
    if (this.drawing) {
      if (kind === "first" && this.drawing.length >= 3) { this.finish(); return; }
      this.drawing.push(this.#snap(point, null));
      this.paint();
      return;
    }
    const chosen = this.draft.zone;
    if (kind === "corner" && this.may) this.drag = { kind, corner: Number(corner), moved: false };
    else if (kind === "middle" && this.may) {
      this.draft.mark();
      const after = Number(corner);
      chosen.polygon.splice(after + 1, 0, this.#snap(point, chosen));
      this.drag = { kind: "corner", corner: after + 1, moved: true };
      this.changed();
    } else if (kind === "zone") {
      const index = Number(zone);
      if (index !== this.draft.chosen) { this.on.chosen(index); return; }
      if (this.may) this.drag = { kind: "zone", from: point, polygon: chosen.polygon.map((one) => [...one]), moved: false };
    } else this.drag = { kind: "view", from: [event.clientX, event.clientY], x: this.view.x, y: this.view.y, moved: false };
    this.svg.setPointerCapture(event.pointerId);
    if (this.drag && this.drag.kind === "corner") this.focus = `corner-${this.drag.corner}`;
  }

  #move(event) {
    if (this.drawing) { this.cursor = this.#snap(this.#at(event), null); this.paint(); return; }
    if (!this.drag) return;
    const { drag } = this;
    const zone = this.draft.zone;
    if (drag.kind === "view") {
      const moved = [(event.clientX - drag.from[0]) * this.unit, (event.clientY - drag.from[1]) * this.unit];
      drag.moved ||= Math.hypot(...moved) > 3 * this.unit;
      if (drag.moved) this.look(drag.x - moved[0], drag.y - moved[1]);
      return;
    }
    if (!drag.moved) this.draft.mark();
    drag.moved = true;
    const point = this.#at(event);
    if (drag.kind === "corner") zone.polygon[drag.corner] = this.#snap(point, zone);
    else zone.polygon = this.#moved(drag.polygon, point[0] - drag.from[0], point[1] - drag.from[1]);
    this.changed();
  }

  #up() {
    const drag = this.drag;
    this.drag = null;
    if (drag?.kind === "view" && !drag.moved) this.on.chosen(-1);
    if (drag?.kind === "corner") this.paint();
  }

  /** A polygon moved as a whole, as far as the picture goes. */
  #moved(polygon, dx, dy) {
    const xs = polygon.map(([x]) => x);
    const ys = polygon.map(([, y]) => y);
    const x = Math.min(Math.max(dx, -Math.min(...xs)), 1 - Math.max(...xs));
    const y = Math.min(Math.max(dy, -Math.min(...ys)), 1 - Math.max(...ys));
    return polygon.map((corner) => [tidy(corner[0] + x), tidy(corner[1] + y)]);
  }

  #key(event) {
    const arrow = ARROWS[event.key];
    const far = STEP * (event.shiftKey ? 10 : 1);
    const { kind, zone: index, corner: at } = event.target.dataset;
    if (this.drawing) { this.#keyDrawing(event, arrow, far); return; }
    const zone = this.draft.zone;
    const corner = Number(at);
    if (event.key === "Escape") { this.on.chosen(-1); return; }
    if (kind === "zone" && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); this.on.chosen(Number(index)); this.svg.querySelector(`[data-zone="${index}"]`)?.focus(); return; }
    if (!this.may || !zone) return;
    if (kind === "corner" && arrow) {
      this.draft.mark(`key-${corner}`);
      zone.polygon[corner] = [tidy(zone.polygon[corner][0] + arrow[0] * far), tidy(zone.polygon[corner][1] + arrow[1] * far)];
      this.on.said(this.where(zone, corner));
    } else if (kind === "zone" && arrow && Number(index) === this.draft.chosen) {
      this.draft.mark("key-all");
      zone.polygon = this.#moved(zone.polygon, arrow[0] * far, arrow[1] * far);
    } else if (kind === "corner" && (event.key === "i" || event.key === "Insert")) {
      this.insert(corner);
    } else if (kind === "corner" && (event.key === "Delete" || event.key === "Backspace")) {
      this.take(corner);
    } else if (kind === "corner" && event.key === "n") {
      this.draft.mark();
      zone.polygon[corner] = snapped(zone.polygon[corner], this.draft.zones, zone, 2, 2);
      this.on.said(this.where(zone, corner));
    } else return;
    event.preventDefault();
    this.changed();
  }

  #keyDrawing(event, arrow, far) {
    if (arrow) this.cursor = [tidy(this.cursor[0] + arrow[0] * far), tidy(this.cursor[1] + arrow[1] * far)];
    else if (event.key === " ") this.drawing.push(this.#snap(this.cursor, null));
    else if (event.key === "Enter") { event.preventDefault(); this.finish(); return; }
    else if (event.key === "Escape") { this.cancel(); return; }
    else if (event.key === "Backspace" || event.key === "Delete") this.drawing.pop();
    else return;
    event.preventDefault();
    this.on.said(this.say("cursor", { n: this.drawing.length, x: (this.cursor[0] * 100).toFixed(1), y: (this.cursor[1] * 100).toFixed(1) }));
    this.paint();
  }

  insert(after) {
    const zone = this.draft.zone;
    this.draft.mark();
    const [a, b] = [zone.polygon[after], zone.polygon[(after + 1) % zone.polygon.length]];
    zone.polygon.splice(after + 1, 0, [tidy((a[0] + b[0]) / 2), tidy((a[1] + b[1]) / 2)]);
    this.focus = `corner-${after + 1}`;
    this.changed();
  }

  take(corner) {
    const zone = this.draft.zone;
    if (zone.polygon.length <= 3) { this.on.said(this.say("few")); return; }
    this.draft.mark();
    zone.polygon.splice(corner, 1);
    this.focus = `corner-${Math.min(corner, zone.polygon.length - 1)}`;
    this.changed();
  }

  where(zone, corner) {
    const [x, y] = zone.polygon[corner];
    return this.say("corner", { n: corner + 1, of: zone.polygon.length, x: (x * 100).toFixed(2), y: (y * 100).toFixed(2) });
  }

  changed() { this.paint(); this.on.changed(); }

  paint() {
    const { view, unit } = this;
    this.svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
    const focused = this.svg.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    const wanted = this.focus ?? focused;
    this.focus = null;
    const px = ([x, y]) => `${(x * this.width).toFixed(2)},${(y * this.height).toFixed(2)}`;
    const nodes = this.draft.zones.map((zone, index) => make("polygon", {
      class: `zone-${zone.role}${index === this.draft.chosen ? " chosen" : ""}${this.draft.wrong(zone).length ? " wrong" : ""}`,
      points: zone.polygon.map(px).join(" "), "data-kind": "zone", "data-zone": index, "data-id": `zone-${index}`,
      ...(this.drawing ? {} : { tabindex: 0, role: "button", "aria-pressed": index === this.draft.chosen, "aria-label": this.say("zone", { zone: zone.zone }) }),
    }));
    if (this.things) nodes.push(...this.#dots(unit));
    if (this.drawing) nodes.push(...this.#open(px, unit));
    else if (this.draft.zone && this.may) nodes.push(...this.#handles(unit));
    this.layer.replaceChildren(...nodes);
    if (wanted && document.activeElement?.dataset.id !== wanted) this.layer.querySelector(`[data-id="${wanted}"]`)?.focus({ preventScroll: true });
  }

  #handles(unit) {
    const zone = this.draft.zone;
    const out = [];
    zone.polygon.forEach((corner, at) => {
      const next = zone.polygon[(at + 1) % zone.polygon.length];
      out.push(make("circle", { class: "middle", cx: ((corner[0] + next[0]) / 2) * this.width, cy: ((corner[1] + next[1]) / 2) * this.height, r: 5 * unit, "data-kind": "middle", "data-corner": at }));
    });
    zone.polygon.forEach((corner, at) => out.push(make("circle", {
      class: "corner", cx: corner[0] * this.width, cy: corner[1] * this.height, r: 8 * unit, tabindex: 0, role: "button",
      "aria-label": this.where(zone, at), "data-kind": "corner", "data-corner": at, "data-id": `corner-${at}`,
    })));
    return out;
  }

  #open(px, unit) {
    const out = [make("polyline", { class: "open", points: [...this.drawing, this.cursor].map(px).join(" ") })];
    this.drawing.forEach((corner, at) => out.push(make("circle", { class: at ? "corner" : "corner first", cx: corner[0] * this.width, cy: corner[1] * this.height, r: (at ? 6 : 9) * unit, "data-kind": at ? "set" : "first" })));
    const [x, y] = [this.cursor[0] * this.width, this.cursor[1] * this.height];
    out.push(make("path", { class: "cursor", d: `M${x - 12 * unit} ${y}h${24 * unit}M${x} ${y - 12 * unit}v${24 * unit}` }));
    return out;
  }

  #dots(unit) {
    return this.seed.things.map((thing) => {
      const held = zonesOf(thing, this.draft.zones);
      const kind = held === null ? "masked" : held.length ? `in zone-${held[0].role}` : "free";
      const dot = make("circle", { class: `thing ${kind}`, cx: ((thing.box[0] + thing.box[2]) / 2) * this.width, cy: Math.min(thing.box[3], 0.995) * this.height, r: 5 * unit });
      const title = make("title");
      title.textContent = this.say("thing", { word: thing.word, first: thing.first, last: thing.last });
      dot.append(title);
      return dot;
    });
  }
}
