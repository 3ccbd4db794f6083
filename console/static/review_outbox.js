// What was decided and is not with the service yet. Each decision waits a few seconds, in which it can be undone; then
// it is sent, and is final. What cannot be sent is tried again until it can be, and outlives the page in the browser's
// own store: whoever opens the review next in this name, in this browser, sends it.

import { call, Problem } from "./api.js";

export const GRACE_MS = 5000;
const RETRY_MS = [1000, 2000, 4000, 8000, 15000];
const ABANDONED_MS = 30000;
const PASSING = new Set([0, 401, 403, 429, 502, 503, 504]); // the same order may be taken later

const path = (who) => `longcheng.review.${who}.`;

/** A decision: {label, queue, key, verdict, steps: [{method, path, body, match, follows}], item}. */
export class Outbox {
  /** `asked(decision)` tells how a thing that was refused stands; `changed(decision, why)` draws. */
  constructor(who, seat, { asked, changed }) {
    this.list = [];
    this.sent = 0;
    this.who = who;
    this.name = path(who) + seat;
    this.asked = asked;
    this.changed = changed;
    this.timer = 0;
    addEventListener("pagehide", () => this.#leave());
    addEventListener("online", () => this.#hurry());
    addEventListener("beforeunload", (event) => { if (this.failed.length) event.preventDefault(); });
    setInterval(() => this.#keep(), 10000);
  }

  get unsent() { return this.list.filter((one) => one.state !== "done"); }
  get failed() { return this.list.filter((one) => one.state === "failed"); }
  has(key) { return this.unsent.some((one) => one.key === key); }

  add(decision) {
    this.list.push({ ...decision, state: "waiting", step: 0, tries: 0, due: Date.now() + GRACE_MS });
    this.#keep();
    this.changed();
    this.#plan();
  }

  /** The last decision that has not left, taken out again; null if there is none. */
  undo(key) {
    const free = this.list.filter((one) => one.item && (one.state === "waiting" || (one.state === "failed" && one.step === 0)) && (!key || one.key === key));
    const last = free.at(-1);
    if (!last) return null;
    this.#drop(last);
    return last;
  }

  /** What an earlier page of the same person left behind is sent now. */
  adopt() {
    for (const name of Object.keys(localStorage).filter((one) => one.startsWith(path(this.who)) && one !== this.name)) {
      let left = null;
      try { left = JSON.parse(localStorage.getItem(name)); } catch { /* not ours */ }
      if (left && !left.gone && Date.now() - left.at < ABANDONED_MS) continue; // another tab that is alive
      localStorage.removeItem(name);
      for (const one of left?.list ?? []) this.list.push({ ...one, state: "waiting", due: Date.now(), tries: 0, adopted: true });
    }
    this.#keep();
    this.changed();
    this.#plan();
  }

  #plan() {
    clearTimeout(this.timer);
    const next = Math.min(...this.unsent.filter((one) => one.state !== "sending").map((one) => one.due));
    if (Number.isFinite(next)) this.timer = setTimeout(() => this.#turn(), Math.max(0, next - Date.now()));
  }

  #turn() {
    for (const one of this.unsent) if (one.state !== "sending" && one.due <= Date.now()) this.#send(one);
    this.#plan();
  }

  #hurry() {
    for (const one of this.failed) one.due = Date.now();
    this.#turn();
  }

  async #send(one) {
    one.state = "sending";
    this.changed();
    try {
      while (one.step < one.steps.length) {
        const { method, path: to, body, match, follows } = one.steps[one.step];
        const answer = await call(method, to, body, { match: follows ? one.tag : match });
        one.tag = answer.version ? `"${answer.version}"` : undefined;
        one.step += 1;
      }
      this.#done(one, "sent");
    } catch (wrong) {
      if (!(wrong instanceof Problem)) throw wrong;
      if (PASSING.has(wrong.status) || wrong.status >= 500) this.#later(one, wrong);
      else await this.#refused(one, wrong);
    }
    this.#keep();
    this.changed();
    this.#plan();
  }

  #later(one, wrong) {
    one.state = "failed";
    one.why = wrong.message;
    one.due = Date.now() + RETRY_MS[Math.min(one.tries++, RETRY_MS.length - 1)];
  }

  /** Not taken: by somebody else before, by us before when the answer got lost, or because it cannot be. */
  async #refused(one, wrong) {
    let stands;
    try {
      stands = await this.asked(one);
    } catch (unknown) {
      this.#later(one, unknown);
      return;
    }
    if (stands?.decided && stands.decided.by === this.who) {
      one.step += 1;
      if (one.step < one.steps.length) { one.tag = undefined; one.state = "waiting"; one.due = Date.now(); }
      else this.#done(one, "sent");
    } else if (stands === null || stands.decided) {
      this.#done(one, "decided", stands?.decided ?? null);
    } else if (one.step > 0) {
      this.#done(one, "refused", wrong.message);
    } else {
      this.#drop(one, "refused", wrong.message);
    }
  }

  #done(one, how, what) {
    one.state = "done";
    one.how = how;
    one.what = what;
    if (how === "sent") this.sent += 1;
    this.list = [...this.list.filter((each) => each.state === "done").slice(-4), ...this.unsent];
    this.changed(one, how, what);
  }

  #drop(one, how = "undone", what = undefined) {
    this.list = this.list.filter((each) => each !== one);
    this.#keep();
    this.#plan();
    this.changed(one, how, what);
  }

  #keep(gone = false) {
    const list = this.unsent.map(({ item, ...rest }) => rest);
    if (list.length) localStorage.setItem(this.name, JSON.stringify({ at: Date.now(), gone, list }));
    else localStorage.removeItem(this.name);
  }

  /** The page goes: what still waits is handed to the browser, which sends it without us. */
  #leave() {
    const csrf = document.querySelector("meta[name=csrf]")?.content;
    for (const one of this.unsent.filter((each) => each.state !== "sending")) {
      const { method, path: to, body, match } = one.steps[one.step];
      const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf ?? "" };
      if (match) headers["If-Match"] = match;
      fetch(to, { method, headers, body: JSON.stringify(body), keepalive: true }).catch(() => {});
    }
    this.#keep(true);
  }
}
