// The things that wait, in the order of the service: fetched ahead with their pictures, and claimed, so that two people
// do not look at the same one. What somebody else decides meanwhile is left out.

import { call, Problem } from "./api.js";

const AHEAD = 3;
const PAGE = 40;
const FEW = 12; // at hand: more are fetched

export class Queue {
  /** `unsent` names the keys that were decided here and are not with the service yet: they stay claimed. */
  constructor(name, seat, changed, unsent = () => []) {
    this.name = name;
    this.seat = seat;
    this.changed = changed;
    this.unsent = unsent;
    this.items = new Map(); // by key, what the service told
    this.order = []; // keys that are yet to be shown
    this.later = []; // keys that were put off
    this.done = new Set(); // keys decided here
    this.left = 0;
    this.over = 0; // decided by others before they were shown
    this.pictures = new Map();
    this.current = null;
    this.reached = true;
    this.more = true;
    addEventListener("pagehide", () => this.#letGo());
  }

  /** Ask for the most urgent; what is on the screen stays there. */
  async refresh() {
    const answer = await this.#ask(`limit=${PAGE}`);
    if (!answer) return;
    this.more = answer.next !== null;
    this.left = Math.max(0, answer.waiting - this.unsent().length);
    for (const item of answer.items) {
      if (!this.done.has(item.key)) this.items.set(item.key, { ...item, claimed: !item.held_by && this.items.get(item.key)?.claimed });
    }
    const told = answer.items.map((item) => item.key);
    const rest = this.order.filter((key) => !told.includes(key));
    const kept = answer.next ? rest : []; // where there is no more, what was not told is over
    const out = (key) => key === this.current || this.done.has(key) || this.later.includes(key);
    this.order = [...told, ...kept].filter((key) => !out(key));
    this.#preload(this.free().slice(0, AHEAD));
    this.changed();
  }

  /** One thing as it stands now, decided or not; null if it is there no more. */
  async one(key) {
    try {
      const answer = await call("GET", `/api/v1/review?queue=${this.name}&seat=${this.seat}&item=${encodeURIComponent(key)}`);
      return answer.items[0];
    } catch (wrong) {
      if (wrong instanceof Problem && (wrong.status === 404 || wrong.status === 400)) return null;
      throw wrong;
    }
  }

  /** The next one to look at, its picture already here; null if nothing is left but what was put off, and what others
   * have on their screens. */
  async next() {
    this.current = null;
    if (!this.order.length) await this.refresh();
    for (let tries = 0; tries < 8; tries += 1) {
      const free = this.free();
      if (!free.length) return null; // what is left, others have on their screens
      const claimed = this.items.get(free[0]).claimed || !(await this.#claim(free.slice(0, AHEAD + 1)));
      if (claimed) { this.#take(free[0]); return this.items.get(free[0]); }
    }
    return null;
  }

  decided(key) {
    this.done.add(key);
    this.order = this.order.filter((one) => one !== key);
    this.left = Math.max(0, this.left - 1);
  }

  /** It is to be decided again: next on the screen. */
  again(item) {
    this.done.delete(item.key);
    this.items.set(item.key, item);
    this.order = this.order.filter((one) => one !== item.key);
    if (this.current && this.current !== item.key) this.order.unshift(this.current);
    this.left += 1;
    this.current = item.key;
  }

  putOff(key) { this.later.push(key); }

  bringBack() {
    this.order.push(...this.later);
    this.later = [];
  }

  /** Claim what is on the screen and what comes next; says whether the one on the screen is over. */
  async renew() {
    const keys = [this.current, ...this.free().slice(0, AHEAD)].filter(Boolean);
    await this.#claim(keys);
    if (this.order.length < FEW && this.more) await this.refresh();
  }

  /** What nobody else has on their screen. */
  free() { return this.order.filter((key) => !this.items.get(key).held_by); }

  #take(key) {
    this.current = key;
    this.order = this.order.filter((one) => one !== key);
    this.#preload([key, ...this.free().slice(0, AHEAD)]);
    this.renew();
  }

  /** The pictures of what comes are here before they are asked for. */
  #preload(keys) {
    for (const key of keys) {
      for (const { url } of this.items.get(key)?.pictures ?? []) {
        if (!url || this.pictures.has(url)) continue;
        const image = new Image();
        image.src = url;
        this.pictures.set(url, image);
      }
    }
    for (const url of [...this.pictures.keys()].slice(0, -60)) this.pictures.delete(url);
  }

  async #claim(keys) {
    if (!keys.length) return true;
    let answer;
    try {
      answer = await call("POST", "/api/v1/review/claims", { queue: this.name, seat: this.seat, keys: [...new Set([...keys, ...this.unsent()])] });
    } catch (wrong) {
      if (!(wrong instanceof Problem)) throw wrong;
      return false; // a claim is a courtesy: without one the work goes on
    }
    for (const key of keys) {
      const item = this.items.get(key);
      if (item) { item.held_by = answer.held[key] ?? null; item.claimed = !(key in answer.held); }
    }
    for (const key of answer.over) this.#isOver(key);
    return true;
  }

  #isOver(key) {
    if (key === this.current) { this.changed(key); return; }
    if (!this.order.includes(key)) return;
    this.order = this.order.filter((one) => one !== key);
    this.done.add(key);
    this.over += 1;
    this.changed(null, true);
  }

  /** The page goes: nobody has to wait until its claims run out. */
  #letGo() {
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": document.querySelector("meta[name=csrf]")?.content ?? "" };
    const body = JSON.stringify({ queue: this.name, seat: this.seat, keys: [] });
    fetch("/api/v1/review/claims", { method: "POST", headers, body, keepalive: true }).catch(() => {});
  }

  async #ask(query) {
    try {
      const answer = await call("GET", `/api/v1/review?queue=${this.name}&seat=${this.seat}&${query}`);
      this.reached = true;
      return answer;
    } catch (wrong) {
      if (!(wrong instanceof Problem)) throw wrong;
      this.reached = false;
      return null;
    }
  }
}
