// The review: one thing after the other, by keys. What to show comes from review_queue.js, where decisions go is
// review_outbox.js, how it looks is review_card.js. Words come from the page.

import { Card } from "./review_card.js";
import { Outbox } from "./review_outbox.js";
import { Queue } from "./review_queue.js";
import { fill } from "./review_words.js";

const root = document.getElementById("review");
const words = JSON.parse(root.dataset.words);
const kind = root.dataset.queue;
const seat = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const RENEW_MS = 10000;
const AGAIN_MS = 5000;

const card = new Card(root, words);
const queue = new Queue(kind, seat, (over, skipped) => {
  if (over && over === queue.current) showOver(over);
  if (skipped) card.tell(fill(words.skipped_decided, { n: queue.over }));
  card.count(queue, outbox, session);
  if (!queue.current && queue.free().length && !busy) advance();
}, () => outbox.unsent.filter((one) => one.queue === kind).map((one) => one.key));
const outbox = new Outbox(root.dataset.who, seat, {
  asked: (decision) => (decision.queue === kind ? queue.one(decision.key) : elsewhere(decision)),
  changed: outboxChanged,
});
const session = { yes: 0, no: 0, times: [] };
let shownAt = 0;
let asking = null; // whether reasons are asked for, and for which answer
let isOver = false;
let busy = false;

const REASONS = { confirm: [null, "reject"], contest: ["uphold", "dismiss"], look: [null, "release"], verify: [null, "return"] };

/** What is ordered by an answer. */
function steps(item, yes, why) {
  const id = encodeURIComponent(item.key);
  const match = item.version ? `"${item.version}"` : undefined;
  const post = (path, body, more) => ({ method: "POST", path: `/api/v1/${path}`, body, ...more });
  switch (kind) {
    case "confirm": return [yes ? post(`ladders/${id}/confirm`, {}) : post(`ladders/${id}/reject`, { why })];
    case "contest": return [post(`contests/${id}/decide`, { upheld: yes, why })];
    case "look": return [yes ? post(`alarms/${id}/ack`, { why: words.look_why }) : post(`alarms/${id}/release`, { why })];
    default: return yes
      ? [post(`cases/${id}/verify`, {}, { match }), post(`cases/${id}/close`, { reason: "fixed" }, { follows: true })]
      : [post(`cases/${id}/return`, { why }, { match })];
  }
}

async function advance() {
  if (busy) return;
  busy = true;
  asking = null;
  isOver = false;
  try {
    const item = await queue.next();
    if (item) show(item);
    else card.empty(queue, session);
    card.count(queue, outbox, session);
  } finally {
    busy = false;
  }
}

function show(item) {
  asking = null;
  isOver = false;
  card.show(item, queue.left);
  shownAt = performance.now();
}

function decide(yes, why) {
  const item = queue.items.get(queue.current);
  if (!item || busy || isOver) return;
  card.tell(""); // what was said of the one before
  session[yes ? "yes" : "no"] += 1;
  session.times.push((performance.now() - shownAt) / 1000);
  queue.decided(item.key);
  const verdict = why ? `${yes ? words.yes : words.no} · ${why}` : yes ? words.yes : words.no;
  outbox.add({ queue: kind, key: item.key, label: card.label(item), verdict, yes, steps: steps(item, yes, why), item });
  advance();
}

/** An answer, or first the reason for it. */
function answer(yes) {
  if (!queue.current || busy || isOver) return;
  const list = REASONS[kind][yes ? 0 : 1];
  if (kind === "look" && !yes && root.dataset.mayRelease !== "yes") { card.tell(words.may_not_release); return; }
  if (!list) { decide(yes); return; }
  asking = { yes, reasons: words.reason[list] };
  card.askWhy(asking.reasons);
}

function reason(number) {
  if (!asking || number > asking.reasons.length) return;
  if (number === asking.reasons.length) card.askOther();
  else decide(asking.yes, asking.reasons[number - 1]);
}

function back() {
  asking = null;
  card.noWhy();
}

function later() {
  if (isOver) { queue.done.add(queue.current); advance(); return; }
  if (!queue.current) { if (queue.later.length) again(); return; }
  if (busy) return;
  card.tell("");
  queue.putOff(queue.current);
  advance();
}

function again() {
  queue.bringBack();
  advance();
}

function undo(key) {
  if (!outbox.undo(typeof key === "string" ? key : undefined)) card.tell(words.nothing_to_undo);
}

/** Back on the screen, before what was there; `spoken` says why. */
function giveBack(decision, spoken) {
  session[decision.yes ? "yes" : "no"] -= 1;
  session.times.pop();
  queue.again(decision.item);
  show(decision.item);
  card.tell(spoken);
}

function outboxChanged(decision, how, what) {
  if (decision && how === "undone" && decision.item) giveBack(decision, words.undone);
  if (decision && how === "refused") {
    const spoken = fill(words.refused, { why: what });
    if (decision.item && decision.state !== "done") giveBack(decision, spoken);
    else card.tell(spoken);
  }
  card.tray(outbox, undo);
  card.count(queue, outbox, session);
}

async function elsewhere(decision) {
  const other = new Queue(decision.queue, seat, () => {});
  return other.one(decision.key);
}

/** Somebody else was faster while it stood on the screen. It stays there until the next key, so that no key hits what
 * came in its place. */
async function showOver(key) {
  if (isOver) return;
  isOver = true;
  asking = null;
  let item = null;
  try { item = await queue.one(key); } catch { /* it is over in any case */ }
  if (item && !item.decided) { isOver = false; return; }
  if (queue.current === key) card.over(item?.decided ?? null);
}

const ACTS = {
  yes: () => answer(true), no: () => answer(false), later, next: later, undo, again, help: () => document.getElementById("review-help").showModal(),
  zoom: () => card.zoom(), before: () => card.turn(), photo: () => card.photo(),
};
const KEYS = {
  y: "yes", Y: "yes", ArrowRight: "yes", n: "no", N: "no", ArrowLeft: "no", " ": "later", u: "undo", U: "undo",
  z: "zoom", Z: "zoom", b: "before", B: "before", "?": "help", "？": "help",
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
  const { target, key } = event;
  if (key === "Escape" && asking) { back(); return; }
  if (target.closest?.("input, textarea, select") || document.getElementById("review-help").open) return;
  if (key === " " && target.closest?.("button, a, summary")) return; // it presses that
  if (asking && /^[1-9]$/.test(key)) { event.preventDefault(); reason(Number(key)); return; }
  const act = KEYS[key];
  if (!act) return;
  event.preventDefault();
  if (act !== "zoom") document.getElementById("review-zoom").close();
  ACTS[act]();
});

document.addEventListener("click", (event) => {
  const at = event.target.closest("[data-act], [data-reason]");
  if (!at || !(root.contains(at) || at.closest("dialog"))) return;
  if (at.dataset.reason) reason(Number(at.dataset.reason));
  else ACTS[at.dataset.act]?.();
});

root.querySelector("[data-slot=reasons]").addEventListener("submit", (event) => {
  event.preventDefault();
  const why = document.getElementById("review-why").value.trim();
  if (asking && why) decide(asking.yes, why);
});

// The head of the page is live: when something comes or goes, the list is asked for anew.
let refreshing = 0;
new MutationObserver(() => {
  clearTimeout(refreshing);
  refreshing = setTimeout(async () => {
    await queue.refresh();
    if (queue.current) await queue.renew();
    else card.lead();
  }, 400);
}).observe(document.getElementById("review_head"), { subtree: true, attributes: true, attributeFilter: ["data-stamp"] });

setInterval(() => { if (queue.current) queue.renew(); }, RENEW_MS);
setInterval(() => {
  if (!queue.reached || (!queue.current && queue.order.length)) queue.refresh();
  card.tray(outbox, undo);
}, AGAIN_MS);
setInterval(() => { if (outbox.unsent.length) card.tray(outbox, undo); }, 1000);

outbox.adopt();
advance();
