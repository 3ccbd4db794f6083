// What stands beside the picture: the photo of a shop, who called a case done, and how it is now. Words come from the page.

import { fill } from "./review_words.js";

const english = document.documentElement.lang === "en";
const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });

export class Beside {
  constructor(slots, words, ago) {
    this.slots = slots;
    this.words = words;
    this.ago = ago;
    slots["photo-picture"].addEventListener("error", () => {
      if (!slots["photo-picture"].getAttribute("src")) return;
      slots["photo-picture"].parentElement.hidden = true;
      slots["photo-said"].textContent = words.shop_photo_gone;
    });
  }

  /** The shop's photo, asked for only when it is on the screen: who sees it is written down. */
  photo(item, name) {
    const { slots, words } = this;
    const url = this.photoOf(item);
    slots.photo.hidden = !url;
    slots["photo-picture"].parentElement.hidden = false;
    slots["photo-said"].textContent = words.shop_photo;
    if (!url) { slots["photo-picture"].removeAttribute("src"); return; }
    slots["photo-picture"].src = url;
    slots["photo-picture"].alt = fill(words.shop_photo_alt, { name });
  }

  photoOf(item) { return item.photo_url ?? item.shop_done?.photo_url ?? null; }

  done(item) {
    const { slots, words } = this;
    const { reported, shop_done: shop } = item;
    slots.done.hidden = !reported && !shop;
    slots["done-by"].textContent = reported ? fill(words.done_by[reported.by], { who: reported.who ?? "", ago: this.ago(reported.at) }) : "";
    slots["done-words"].textContent = reported?.words ?? "";
    slots["done-words"].hidden = !reported?.words;
    slots["done-shop"].textContent = shop ? fill(words.shop_done, { ago: this.ago(shop.at) }) : "";
    slots["done-shop"].hidden = !shop;
  }

  /** One glance: within its limit or beyond it, clear or not; below it the figure, the limit and how old they are. */
  now(item) {
    const { slots, words } = this;
    slots.now.hidden = !item.now;
    if (!item.now) return;
    const { reading, look, over_since: over } = item.now;
    const [kind, bad] = look ? ["look", look.things === null ? null : look.things > 0] : ["reading", reading?.beyond ?? null];
    const known = Boolean(look || reading);
    const sure = bad === null ? "unsure" : bad ? "bad" : "good";
    slots["now-verdict"].textContent = known ? words.now[sure][kind] : words.now.none;
    slots.now.className = `now ${known ? sure : "unsure"}`;
    const facts = [look ? this.#look(look) : "", reading ? this.#reading(reading) : ""];
    facts.push(over ? fill(words.now.over, { ago: this.ago(over) }) : words.now.stands);
    slots["now-facts"].replaceChildren(...facts.filter(Boolean).map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  }

  #look(look) {
    const { words } = this;
    const ago = this.ago(look.taken_at);
    if (look.things) return fill(words.now.things, { n: look.things, zone: look.zone, ago });
    return fill(words.now.look, { view: words.view[look.view], ago });
  }

  #reading(reading) {
    const { words } = this;
    const limit = [reading.low, reading.high].filter((one) => one !== null).map((one) => this.#measured(one, reading.unit)).join(" / ");
    const value = this.#measured(reading.value, reading.unit);
    const said = fill(words.now.reading, { name: english ? reading.en : reading.zh, value, ago: this.ago(reading.at) });
    return limit ? `${said} · ${fill(words.now.limit, { limit })}` : said;
  }

  #measured(value, unit) {
    if (typeof value === "boolean") return this.words.value[value];
    return `${number.format(value)}${["", "%", "°"].includes(unit) ? "" : " "}${unit}`;
  }
}
