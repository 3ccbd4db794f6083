// The zones as somebody is drawing them: what is there, what was, and every step in between.

import { wrongShape } from "./zone_shape.js";

const FORMULA = /^[=+\-@]/;
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const FIELDS = ["zone", "role", "polygon", "shop_id", "anchor", "hours"];
const bare = (zone) => structuredClone(Object.fromEntries(FIELDS.map((name) => [name, zone[name] ?? null])));

export class Draft {
  constructor(zones, tag) {
    this.start(zones, tag);
  }

  /** Begin from what the file has. */
  start(zones, tag) {
    this.tag = tag;
    this.base = zones.map(bare);
    this.zones = zones.map((zone) => ({ ...bare(zone), was: zone.zone }));
    this.past = [];
    this.future = [];
    this.chosen = -1;
  }

  get zone() {
    return this.zones[this.chosen] ?? null;
  }

  get changed() {
    return !same(this.zones.map(bare), this.base) || this.zones.some((zone) => zone.was === null);
  }

  /** Remember how it is before it is changed. A row of small steps of one kind is one step. */
  mark(kind = "") {
    if (kind && kind === this.lastKind) return;
    this.lastKind = kind;
    this.past.push(JSON.stringify([this.zones, this.chosen]));
    this.future = [];
  }

  undo() { return this.#step(this.past, this.future); }

  redo() { return this.#step(this.future, this.past); }

  #step(from, to) {
    if (!from.length) return false;
    this.lastKind = "";
    to.push(JSON.stringify([this.zones, this.chosen]));
    [this.zones, this.chosen] = JSON.parse(from.pop());
    return true;
  }

  add(polygon, role, name) {
    this.mark();
    let [free, n] = [name, 2];
    while (this.zones.some((zone) => zone.zone === free)) free = `${name}${n++}`;
    this.zones.push({ zone: free, role, polygon, shop_id: null, anchor: null, hours: null, was: null });
    this.chosen = this.zones.length - 1;
  }

  remove() {
    this.mark();
    this.zones.splice(this.chosen, 1);
    this.chosen = Math.min(this.chosen, this.zones.length - 1);
  }

  /** Keys of what is wrong with a zone. */
  wrong(zone) {
    const out = [];
    const shape = wrongShape(zone.polygon);
    if (shape) out.push(shape);
    const name = zone.zone.trim();
    if (!name || name.length > 200) out.push("name");
    else if (FORMULA.test(name)) out.push("formula");
    if (this.zones.some((other) => other !== zone && other.zone.trim() === name)) out.push("same_name");
    if (zone.hours && (!/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/.test(zone.hours) || zone.hours.slice(0, 5) === zone.hours.slice(6))) out.push("hours");
    return out;
  }

  /** The zones as the service takes them. */
  body() {
    return this.zones.map((zone) => Object.fromEntries(Object.entries(zone).filter(([, value]) => value !== null && value !== "")));
  }

  /** Put what was changed here on top of what somebody else has saved. Returns the names that both have changed. */
  rebase(theirs, tag) {
    const base = new Map(this.base.map((zone) => [zone.zone, zone]));
    const now = new Map(theirs.map((zone) => [zone.zone, bare(zone)]));
    const mine = new Map(this.zones.filter((zone) => zone.was !== null).map((zone) => [zone.was, zone]));
    const both = [];
    const out = [];
    for (const [name, zone] of now) {
      const before = base.get(name);
      const my = mine.get(name);
      if (before && !my) {
        if (same(before, zone)) continue; // taken away here
        both.push(name);
        continue;
      }
      const touched = before && !same(bare(my), before);
      if (touched && !same(before, zone)) both.push(name);
      out.push(touched ? { ...my, was: name } : { ...zone, was: name });
    }
    for (const zone of this.zones) {
      const gone = zone.was !== null && !now.has(zone.was);
      if (zone.was === null) out.push(zone);
      else if (gone && !same(bare(zone), base.get(zone.was))) {
        both.push(zone.was);
        out.push({ ...zone, was: null });
      }
    }
    this.start(theirs, tag);
    this.zones = out;
    return both;
  }
}
