// The list of zones with what each would have held today, and the form of the chosen one.

import { zonesOf } from "./zone_shape.js";

export class ZonePanel {
  constructor(root, draft, seed, { may, say, changed, chosen }) {
    Object.assign(this, { draft, seed, may, say, changed, chosen });
    this.list = root.querySelector("[data-zone-list]");
    this.form = root.querySelector("[data-zone-form]");
    this.outside = root.querySelector("[data-outside]");
    this.shops = new Map(seed.shops.map((shop) => [shop.id, shop]));
    const offered = root.querySelector("datalist");
    for (const shop of seed.shops) {
      const option = document.createElement("option");
      option.value = shop.id;
      option.label = `${shop.name} · ${shop.road}`;
      offered.append(option);
    }
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", (event) => this.#read(event.target));
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-at]");
      if (button) this.chosen(Number(button.dataset.at));
    });
  }

  editName() {
    const field = this.form.elements.zone;
    field.focus();
    field.select();
  }

  #read(field) {
    const zone = this.draft.zone;
    if (!zone || !this.may) return;
    this.draft.mark(`form-${field.name}-${this.draft.chosen}`);
    if (field.name === "from" || field.name === "to") {
      const [from, to] = [this.form.elements.from.value, this.form.elements.to.value];
      zone.hours = from || to ? `${from}-${to}` : null;
    } else if (field.name === "zone") zone.zone = field.value;
    else zone[field.name] = field.value.trim() || null;
    this.#about(zone);
    this.#list();
    this.changed();
  }

  show() {
    this.#list();
    const zone = this.draft.zone;
    this.form.hidden = !zone;
    if (!zone) return;
    const { elements } = this.form;
    const put = (name, value) => { if (elements[name].value !== value) elements[name].value = value; };
    put("zone", zone.zone);
    put("role", zone.role);
    put("shop_id", zone.shop_id ?? "");
    put("anchor", zone.anchor ?? "");
    const [from, to] = zone.hours ? zone.hours.split("-") : ["", ""];
    put("from", from);
    put("to", to ?? "");
    this.#about(zone);
  }

  /** What is wrong with the chosen zone, and whose it is. */
  #about(zone) {
    this.form.querySelector("[data-wrong]").textContent = this.draft.wrong(zone).map((key) => this.say(`wrong_${key}`)).join(" ");
    const shop = this.shops.get(zone.shop_id ?? "");
    const words = this.form.querySelector("[data-shop]");
    words.textContent = shop ? `${shop.name} · ${shop.road}` : zone.shop_id ? this.say("shop_elsewhere") : zone.role === "frontage" ? this.say("shop_missing") : "";
  }

  #counts() {
    const counts = new Map(this.draft.zones.map((zone) => [zone, new Map()]));
    let free = 0;
    for (const thing of this.seed.things) {
      const held = zonesOf(thing, this.draft.zones);
      if (held !== null && !held.length) free += 1;
      for (const zone of held ?? []) counts.get(zone).set(thing.word, (counts.get(zone).get(thing.word) ?? 0) + 1);
    }
    return { counts, free };
  }

  #list() {
    const { counts, free } = this.#counts();
    const focused = document.activeElement?.dataset?.at;
    const inside = this.list.contains(document.activeElement);
    this.list.replaceChildren(...this.draft.zones.map((zone, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.at = at;
      button.setAttribute("aria-pressed", at === this.draft.chosen);
      const mark = document.createElement("i");
      mark.className = `swatch zone-${zone.role}`;
      const name = document.createElement("b");
      name.textContent = zone.zone || "–";
      const role = document.createElement("span");
      role.className = "tag";
      role.textContent = this.seed.roles[zone.role];
      const held = document.createElement("span");
      held.className = "held";
      held.textContent = this.#held(zone, counts.get(zone));
      button.append(mark, name, role, held);
      if (this.draft.wrong(zone).length) {
        const wrong = document.createElement("span");
        wrong.className = "badge warn";
        wrong.textContent = this.say("to_mend");
        button.append(wrong);
      }
      const item = document.createElement("li");
      item.append(button);
      return item;
    }));
    if (inside && focused !== undefined) this.list.querySelector(`[data-at="${focused}"]`)?.focus();
    this.outside.textContent = this.say("outside", { n: free, of: this.seed.things.length });
  }

  #held(zone, classes) {
    if (zone.role === "mask") return "";
    const total = [...classes.values()].reduce((sum, n) => sum + n, 0);
    if (!total) return this.say("held_none");
    const parts = [...classes].sort((one, other) => other[1] - one[1]).map(([word, n]) => this.say("held_part", { word, n }));
    return this.say("held", { n: total, parts: parts.join(this.say("and")) });
  }
}
