// The reading that led to an alarm: from an hour before its onset to its end or to now, with the limits that held and
// when it began, was taken on and ended. What is drawn is in the table below, too. While it stands, it grows.

import { call, Problem } from "./api.js";
import { chart } from "./chart.js";
import { inView } from "./chart_limits.js";

const EVERY_MS = 15000;
const root = document.getElementById("alarm-chart");
const words = root?.dataset ?? {};
const stamp = new Intl.DateTimeFormat("sv-SE", { timeZone: document.body.dataset.timezone, dateStyle: "short", timeStyle: "medium" });

let drawn = null;

/** What may have changed since the page came: the server writes it beside, where the live stream reaches it. */
const facts = () => JSON.parse(document.getElementById("alarm-moments").dataset.facts);

async function load() {
  const { to_ms: end, moments } = facts();
  const to = end ?? Date.now();
  const asked = new URLSearchParams({ metric: words.metric, from: new Date(Number(words.from)).toISOString(), to: new Date(to).toISOString() });
  if (words.port) asked.set("port", words.port);
  try {
    show(await call("GET", `/api/v1/devices/${encodeURIComponent(words.device)}/curve?${asked}`), moments);
  } catch (wrong) {
    if (!(wrong instanceof Problem)) throw wrong;
    if (!drawn) say(words.wrong);
  }
  if (end === null) setTimeout(() => (document.visibilityState === "visible" ? load() : wait()), EVERY_MS);
}

const wait = () => document.addEventListener("visibilitychange", load, { once: true });

function show(found, moments) {
  const high = found.high.length ? found.high : found.mean;
  const real = [...found.mean, ...found.low, ...found.high].filter((value) => value !== null);
  root.dataset.points = real.length;
  if (!real.length) return say(words.nothing);
  // Of several rules that look at the same metric this alarm's own counts; its limits, if they are no lines across values,
  // are in words below.
  const lines = inView(found.limits.filter(({ rule_id: rule }) => rule === words.rule), Math.min(...real), Math.max(...real), found.switch);
  const spec = {
    label: `${words.name}. ${moments.map(({ at_ms: at, name }) => `${name} ${stamp.format(at)}`).join("; ")}`,
    zero: false,
    height: 260,
    from_ms: found.from_ms,
    to_ms: found.to_ms,
    gap_s: found.every_s ? undefined : 3 * found.interval_s,
    series: [{
      name: words.name, unit: words.unit, digits: 3, kind: found.switch ? "steps" : "line", states: found.switch ? words.states.split("|") : undefined,
      points: found.at_ms.map((at, index) => [at, found.mean[index]]),
      range: found.low.length ? found.at_ms.map((at, index) => [at, found.low[index], found.high[index]]) : undefined,
    }],
    limits: lines.map(({ value, severity, from, to }) => ({ value, level: severity, name: `${Number(value).toLocaleString("en", { maximumFractionDigits: 3 })} ${words.unit}`, from_ms: from, to_ms: to })),
    spans: [{ from_ms: moments[0].at_ms, to_ms: facts().to_ms === null ? found.to_ms : (moments.at(-1)?.at_ms ?? found.to_ms), level: words.severity }],
    moments,
  };
  if (drawn) drawn.set(spec);
  else {
    root.querySelector("[data-sheet]").replaceChildren();
    drawn = chart(root.querySelector("[data-sheet]"), spec);
  }
  fill(found, high, moments);
}

/** Newest first, with what happened in its place. */
function fill(found, high, moments) {
  const rows = found.at_ms.map((at, index) => ({ at, cells: [found.mean[index], ...(found.low.length ? [found.low[index], high[index]] : [])].map(shown) }));
  const said = moments.map(({ at_ms: at, name }) => ({ at, name }));
  const body = root.querySelector("tbody");
  body.replaceChildren(...[...rows, ...said].sort((one, other) => other.at - one.at).map(({ at, cells, name }) => {
    const row = document.createElement("tr");
    const head = row.appendChild(Object.assign(document.createElement("th"), { scope: "row", textContent: stamp.format(at) }));
    head.className = "moment";
    for (const text of cells ?? [name]) row.appendChild(Object.assign(document.createElement("td"), { textContent: text, colSpan: cells ? 1 : 3 }));
    return row;
  }));
  for (const one of root.querySelectorAll("[data-range]")) one.hidden = !found.low.length;
}

const shown = (value) => (value === null ? "–" : Number(value).toLocaleString("en", { maximumFractionDigits: 3 }));

function say(text) {
  root.querySelector("[data-sheet]").replaceChildren(Object.assign(document.createElement("p"), { className: "empty", textContent: text }));
}

if (root) load();
