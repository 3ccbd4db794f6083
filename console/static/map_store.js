// What stands where: read once, then only what has changed.

import { call } from "./api.js";

const RETRY_MS = 5000;
const RANKS = ["critical", "warn", "notice", "unknown", "good"];

/** How bad a level is: 0 is the worst. */
export const rank = (level) => RANKS.indexOf(level);
export const LEVELS = RANKS;

/** Where it is, in words. */
export const whereOf = ({ place }) => `${place.sub_district} · ${place.road}`;

export class Store {
  /** `shown([lon, lat])` turns a position into that of the ground that is drawn on. `changed` is told after each news. */
  constructor({ shown, changed, failed, english }) {
    this.spots = new Map();
    this.tag = "";
    this.asOf = "";
    this.shown = shown;
    this.changed = changed;
    this.failed = failed;
    this.english = english;
    this.asking = null;
    this.again = false;
  }

  /** Ask for news. What is asked while an answer is on its way is asked once more after it. */
  async ask() {
    if (this.asking) {
      this.again = true;
      return;
    }
    try {
      this.asking = call("GET", this.tag ? `/api/v1/map?since=${this.tag}` : "/api/v1/map");
      this.take(await this.asking);
    } catch (wrong) {
      if (wrong.name === "AbortError") return;
      this.failed(wrong);
      setTimeout(() => this.ask(), RETRY_MS);
    } finally {
      this.asking = null;
    }
    if (this.again) {
      this.again = false;
      this.ask();
    }
  }

  take(news) {
    const touched = new Set(news.gone);
    if (news.whole) this.spots.clear();
    for (const key of news.gone) this.spots.delete(key);
    for (const told of news.spots) {
      const spot = this.spot(told, news);
      this.spots.set(spot.key, spot);
      touched.add(spot.key);
    }
    const first = !this.tag;
    this.tag = news.tag;
    this.asOf = news.as_of;
    if (touched.size || first) this.changed(touched, first);
  }

  spot(told, { places, titles }) {
    const [layer, id, name, at, lon, lat, level, state, about, where] = told;
    const place = places[at];
    const title = about === null ? name : this.english ? titles[about].en : titles[about].zh;
    const [x, y] = this.shown([lon, lat]);
    return { key: `${layer}:${id}`, layer, id, name, title, place, level, rank: rank(level), state, x, y, at: where ?? "" };
  }

  /** Those in which every word is found, the worst first; what is called so itself before what is only near it. */
  found(words, limit) {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = [];
    for (const spot of this.spots.values()) {
      const { place } = spot;
      spot.heard ??= [spot.id, spot.name, spot.title, place.district, place.sub_district, place.road].join("\n").toLowerCase();
      if (!wanted.every((word) => spot.heard.includes(word))) continue;
      const exact = spot.id.toLowerCase() === wanted[0] ? 0 : spot.title.toLowerCase().includes(wanted[0]) || spot.name.toLowerCase().includes(wanted[0]) ? 1 : 2;
      hits.push([exact, spot.rank, spot]);
    }
    hits.sort((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2].key < b[2].key ? -1 : 1));
    return { spots: hits.slice(0, limit).map(([, , spot]) => spot), n: hits.length };
  }
}
