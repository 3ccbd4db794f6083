// How one thing of the review looks, and what stands beside it.

import { Beside } from "./review_beside.js";
import { Tray } from "./review_tray.js";
import { fill } from "./review_words.js";

const english = document.documentElement.lang === "en";

const median = (list) => {
  const sorted = [...list].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export class Card {
  constructor(root, words) {
    this.root = root;
    this.words = words;
    this.slots = Object.fromEntries([...root.querySelectorAll("[data-slot]")].map((one) => [one.dataset.slot, one]));
    this.item = root.querySelector("#review-item");
    this.none = root.querySelector("#review-none");
    this.large = document.querySelector("#review-zoom img");
    this.clock = new Intl.DateTimeFormat(document.documentElement.lang, {
      timeZone: root.dataset.timezone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    });
    this.beside = new Beside(this.slots, words, (at) => this.ago(at));
    this.decisions = new Tray(root, this.slots, words);
    this.isEmpty = false;
    this.shots = [];
    this.at = 0;
    this.slots.picture.addEventListener("load", () => this.#zone());
  }

  pick(item, name) { return english ? item[`${name}_en`] : item[`${name}_zh`]; }
  name(item) { return item.place?.name ?? item.device_id; }
  label(item) { return `${this.pick(item, "title")} · ${this.name(item)}`; }

  show(item, left) {
    const { slots, words } = this;
    this.isEmpty = false;
    this.none.hidden = true;
    this.item.hidden = false;
    slots.severity.className = `badge ${item.severity}`;
    slots.severity.textContent = words.severity[item.severity];
    slots.title.textContent = this.pick(item, "title");
    slots.name.textContent = this.name(item);
    slots.where.textContent = item.place ? `${item.place.sub_district} · ${item.place.road}` : "";
    slots.found.textContent = this.found(item);
    slots.since.textContent = fill(words.since, { ago: this.ago(item.since) });
    slots.late.hidden = !item.late;
    slots.held.hidden = !item.held_by;
    slots.held.textContent = item.held_by ? fill(words.held, { who: item.held_by }) : "";
    slots.shop.hidden = item.shop_says === null;
    slots.words.textContent = item.shop_says ?? "";
    this.beside.photo(item, this.name(item));
    this.beside.done(item);
    this.beside.now(item);
    slots.text.textContent = this.pick(item, "text") || this.pick(item, "advice") || "";
    slots.text.hidden = !slots.text.textContent;
    slots.right.textContent = this.right(item.right);
    this.alike(item);
    slots["alarm-link"].href = `/alarms/${item.alarm_id}`;
    slots["case-link"].hidden = !item.case_id;
    if (item.case_id) slots["case-link"].href = `/cases/${item.case_id}`;
    slots.acts.hidden = false;
    slots.over.hidden = true;
    this.noWhy(false);
    this.pictures(item);
    this.item.focus({ preventScroll: true });
    const said = fill(words.announce, { title: this.pick(item, "title"), name: this.name(item), left: left - 1 });
    document.getElementById("review-live").textContent = said;
  }

  found(item) {
    const lasting = (new Date(item.since) - new Date(item.found_at)) / 1000;
    return fill(this.words.found, { ago: this.ago(item.found_at), lasting: this.lasting(Math.max(0, lasting)) });
  }

  right(right) {
    if (!right || !right.n) return this.words.right_none;
    const { n, judged, wrong } = right;
    const said = [judged ? fill(this.words.right, { judged, wrong }) : fill(this.words.right_unjudged, { n })];
    if (judged && n > judged) said.push(fill(this.words.right_told, { told: n - judged }));
    if (right.needs_person) said.push(this.words.needs_person);
    return said.join(" · ");
  }

  alike(item) {
    this.slots.alike.parentElement.hidden = !item.shop_id; // of a tree or a station nobody looked
    const lines = item.alike.map((one) => {
      const line = document.createElement("li");
      const when = document.createElement("time");
      when.dateTime = one.started_at;
      when.textContent = this.clock.format(new Date(one.started_at));
      const what = document.createElement("span");
      what.textContent = this.words.step[one.step];
      line.append(when, what);
      return line;
    });
    if (!lines.length) {
      const line = document.createElement("li");
      line.textContent = this.words.alike_none;
      lines.push(line);
    }
    this.slots.alike.replaceChildren(...lines);
  }

  // Pictures

  pictures(item) {
    const photo = this.beside.photoOf(item);
    this.shots = photo ? [...item.pictures, { what: "shop", url: photo, taken_at: item.shop_done?.at ?? item.since }] : item.pictures;
    this.at = 0;
    this.of = this.name(item);
    this.item.classList.toggle("no-look", Boolean(item.now) && !this.shots.length); // of a tree or a station there is a figure
    const small = this.shots.map((shot, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.addEventListener("click", () => this.turn(index));
      if (shot.url && shot.what !== "shop") { // that one stands beside it already
        const image = document.createElement("img");
        image.src = shot.url;
        image.alt = "";
        button.append(image);
      }
      button.append(`${this.words.shot[shot.what]} ${this.clock.format(new Date(shot.taken_at))}`);
      return button;
    });
    this.slots.shots.replaceChildren(...(small.length > 1 ? small : []));
    this.turn(0);
  }

  /** Another of its pictures in the large place; without a number the next. */
  turn(to) {
    if (!this.shots.length) { this.large.removeAttribute("src"); this.#picture(null); return; }
    this.at = to ?? (this.at + 1) % this.shots.length;
    const shot = this.shots[this.at];
    this.#picture(shot);
    this.slots.caption.textContent = `${this.words.shot[shot.what]} · ${this.clock.format(new Date(shot.taken_at))}`;
    [...this.slots.shots.children].forEach((one, index) => one.setAttribute("aria-pressed", index === this.at));
  }

  /** Its photo large, or what was large before. */
  photo() {
    const shop = this.shots.findIndex((shot) => shot.what === "shop");
    if (shop >= 0) this.turn(this.at === shop ? 0 : shop);
  }

  /** The zone over a picture in which nothing is drawn. */
  #zone() {
    const { picture, zone } = this.slots;
    const corners = this.shots[this.at]?.zone;
    zone.toggleAttribute("hidden", !corners || !picture.naturalWidth);
    if (!corners) return;
    zone.setAttribute("viewBox", `0 0 ${picture.naturalWidth} ${picture.naturalHeight}`);
    zone.firstElementChild.setAttribute("points", corners.map(([x, y]) => `${x * picture.naturalWidth},${y * picture.naturalHeight}`).join(" "));
  }

  #picture(shot) {
    const { picture } = this.slots;
    picture.parentElement.hidden = !shot?.url;
    this.slots["no-picture"].hidden = Boolean(shot?.url);
    if (!shot) this.slots.caption.textContent = "";
    if (!shot?.url) { picture.removeAttribute("src"); return; }
    picture.src = shot.url;
    picture.alt = fill(this.words.shot_alt[shot.what], { name: this.of });
    this.large.src = shot.url;
    this.large.alt = picture.alt;
    this.#zone();
  }

  zoom() {
    const dialog = document.getElementById("review-zoom");
    if (dialog.open) dialog.close();
    else if (this.shots[this.at]?.url && !this.item.hidden) dialog.showModal();
  }

  // Reasons

  askWhy(reasons) {
    const list = reasons.map((reason, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button plain-button";
      button.dataset.reason = index + 1;
      const key = document.createElement("kbd");
      key.textContent = index + 1;
      key.setAttribute("aria-hidden", "true");
      button.append(key, ` ${reason}`);
      return button;
    });
    this.slots["reason-list"].replaceChildren(...list);
    this.slots.reasons.hidden = false;
    this.slots.other.hidden = true;
    this.slots.acts.hidden = true;
    list[0].focus({ preventScroll: false });
  }

  askOther() {
    this.slots.other.hidden = false;
    document.getElementById("review-why").value = "";
    document.getElementById("review-why").focus();
  }

  noWhy(focus = true) {
    this.slots.reasons.hidden = true;
    this.slots.acts.hidden = false;
    if (focus) this.item.focus({ preventScroll: true });
  }

  // What came of it

  over(decided) {
    const { words } = this;
    const said = decided?.by
      ? fill(words.decided_by, { who: decided.by, verdict: words.verdict[decided.verdict] })
      : words.decided_itself;
    this.noWhy(false);
    this.slots["over-words"].textContent = said;
    this.slots.over.hidden = false;
    this.slots.acts.hidden = true;
    this.item.focus({ preventScroll: true });
    this.tell(said);
  }

  empty(queue, session) {
    const { words, slots } = this;
    this.item.hidden = true;
    this.none.hidden = false;
    this.isEmpty = true;
    const others = queue.order.length; // on the screens of others
    const done = slots["none-title"].dataset.done;
    const nothing = others ? words.others_put_down : slots["none-text"].dataset.done;
    slots["none-title"].textContent = queue.reached ? (others ? fill(words.others_have, { n: others }) : done) : words.loading;
    slots["none-text"].textContent = queue.reached ? nothing : words.no_list;
    const n = session.yes + session.no;
    const facts = { n, yes: session.yes, yes_word: words.yes, no: session.no, no_word: words.no, seconds: this.median(session) };
    slots.summary.textContent = n ? fill(words.summary, facts) : "";
    this.lead();
    slots["later-left"].hidden = !queue.later.length;
    slots["later-left"].textContent = fill(words.later_left, { n: queue.later.length });
    this.none.querySelector("[data-act=again]").hidden = !queue.later.length;
    document.getElementById("review-live").textContent = slots["none-title"].textContent;
  }

  /** Where nothing waits here, to the queues in which something does. */
  lead() {
    const others = [...document.querySelectorAll("#review_head .choices a:not([aria-current])")];
    const waiting = others.filter((link) => link.querySelector("b").textContent !== "0").map((link) => link.cloneNode(true));
    this.slots.elsewhere.lastElementChild.replaceChildren(...waiting);
    this.slots.elsewhere.hidden = !waiting.length;
  }

  median(session) { return session.times.length ? median(session.times).toFixed(1) : "–"; }

  count(queue, outbox, session) {
    const { words, slots } = this;
    const n = session.yes + session.no;
    slots.session.textContent = n ? fill(words.session, { n, seconds: this.median(session) }) : words.session_none;
    const failed = outbox.failed.length;
    const said = failed ? fill(words.not_sent_yet, { n: failed }) : queue.reached ? "" : words.no_list;
    if (slots.unsent.textContent !== said) slots.unsent.textContent = said;
    this.root.dataset.left = queue.left;
    this.root.dataset.unsent = outbox.unsent.length;
    this.root.dataset.sent = outbox.sent;
    if (this.isEmpty) this.empty(queue, session);
  }

  tray(outbox, undo) { this.decisions.show(outbox, undo); }

  /** Said aloud and shown for a moment. */
  tell(text) { document.getElementById("review-said").textContent = text; }

  lasting(seconds) {
    const { words } = this;
    if (seconds < 60) return fill(words.seconds, { n: Math.floor(seconds) });
    if (seconds < 3600) return fill(words.minutes, { n: Math.floor(seconds / 60) });
    if (seconds < 86400) return fill(words.hours, { n: Math.floor(seconds / 3600) });
    return fill(words.days, { n: Math.floor(seconds / 86400) });
  }

  ago(at) { return fill(this.words.ago, { lasting: this.lasting(Math.max(0, (Date.now() - new Date(at)) / 1000)) }); }
}
