// The curves of a device: each metric with its limits and the alarms that stood. What is drawn comes from
// /api/v1/devices/{id}/curve, at most a thousand points; while the page is open the newest are added.

import { call, Problem } from "./api.js";
import { chart } from "./chart.js";
import { inView } from "./chart_limits.js";

const RANGES = [6 * 3600, 24 * 3600, 7 * 86400, 30 * 86400, 365 * 86400];
const KEY = "longcheng.curves.range";
const LIVE_UP_TO_S = 24 * 3600;
const LIVE_EVERY_MS = 10000;

const root = document.getElementById("curves");
const words = root?.dataset ?? {};
const english = document.documentElement.lang === "en";
const zone = document.body.dataset.timezone;

class Curve {
  constructor(metric, place) {
    this.metric = metric;
    this.found = null;
    this.seen = false;
    this.box = place.appendChild(element("section", "curve"));
    this.box.setAttribute("aria-label", metric.name);
    const head = this.box.appendChild(element("header"));
    head.append(element("h3", "", metric.unit ? `${metric.name}（${metric.unit}）`.replace(/（(.*)）/, english ? " ($1)" : "（$1）") : metric.name));
    this.tools = head.appendChild(element("p", "tools"));
    this.tabling = this.tools.appendChild(button(words.table, () => this.toggle()));
    this.tabling.setAttribute("aria-expanded", "false");
    this.tools.append(button(words.csv, () => this.save()));
    this.sheet = this.box.appendChild(element("div"));
    this.foot = this.box.appendChild(element("div", "foot"));
    this.table = null;
    this.drawn = null;
  }

  address(from, to, every) {
    const asked = new URLSearchParams({ metric: this.metric.metric, from: new Date(from).toISOString(), to: new Date(to).toISOString() });
    if (words.port) asked.set("port", words.port);
    if (every) asked.set("every", `${Math.round(every * 1000)}ms`);
    return `/api/v1/devices/${encodeURIComponent(words.device)}/curve?${asked}`;
  }

  async load(range) {
    this.range = range;
    this.box.setAttribute("aria-busy", "true");
    const to = Date.now();
    try {
      const found = await call("GET", this.address(to - range * 1000, to));
      if (this.range !== range) return; // another was asked for meanwhile
      this.found = found;
    } catch (wrong) {
      if (!(wrong instanceof Problem)) throw wrong;
      if (!this.found) this.sheet.replaceChildren(element("p", "wrong", words.wrong));
      return;
    } finally {
      this.box.removeAttribute("aria-busy");
    }
    this.draw();
  }

  /** What has come since, in place of what was the newest window. */
  async grow() {
    const { found, range } = this;
    if (!found || range > LIVE_UP_TO_S || !this.seen) return;
    const to = Date.now();
    const from = found.at_ms.at(-1) ?? found.from_ms;
    if (to - from < 1000) return;
    const news = await call("GET", this.address(from, to, found.every_s)).catch(() => null); // the live line says it
    if (!news || found !== this.found) return;
    this.found = grown(found, news, to, range);
    this.draw();
  }

  draw() {
    const { found } = this;
    this.box.dataset.points = found.at_ms.length;
    if (!found.mean.some((value) => value !== null)) {
      this.drawn?.destroy();
      this.drawn = null;
      this.sheet.replaceChildren(element("p", "empty", words.nothing));
      this.foot.replaceChildren();
      return;
    }
    if (!this.drawn) this.sheet.replaceChildren();
    const spec = this.spec();
    if (this.drawn) this.drawn.set(spec);
    else this.drawn = chart(this.sheet, spec);
    this.say(spec);
    if (this.table) this.fill();
  }

  spec() {
    const { found, metric } = this;
    const band = found.low.length > 0;
    const values = band ? [...found.low, ...found.high] : found.mean;
    const real = values.filter((value) => value !== null);
    const [least, most] = [Math.min(...real), Math.max(...real)];
    const lines = inView(found.limits, least, most, found.switch);
    return {
      label: `${metric.name}, ${rangeWords()[RANGES.indexOf(this.range)]}`,
      zero: false,
      from_ms: found.from_ms,
      to_ms: found.to_ms,
      gap_s: found.every_s ? undefined : 3 * found.interval_s,
      series: [{
        name: metric.name, unit: metric.unit, digits: 3, kind: found.switch ? "steps" : "line", states: found.switch ? words.states.split("|") : undefined,
        points: found.at_ms.map((at, index) => [at, found.mean[index]]),
        range: band ? found.at_ms.map((at, index) => [at, found.low[index], found.high[index]]) : undefined,
        note: band ? (index) => (found.low[index] === null || found.low[index] === found.high[index] ? "" : `${round(found.low[index])} – ${round(found.high[index])}`) : undefined,
      }],
      limits: lines.map(({ value, severity, from, to }) => ({ value, level: severity, name: `${round(value)} ${metric.unit}`, from_ms: from, to_ms: to })),
      spans: found.alarms.map((one) => ({ from_ms: Date.parse(one.since), to_ms: one.resolved_at ? Date.parse(one.resolved_at) : found.to_ms, level: one.severity })),
      marks: found.marks.map((one) => ({ at_ms: one.at_ms, value: valueAt(found, one.at_ms) })).filter(({ value }) => value !== null),
      shown: lines.length,
    };
  }

  /** Below the picture: what a point is, the limits with where they come from, and how many are not in the picture. */
  say(spec) {
    const { found } = this;
    const list = element("ul");
    const told = new Map();
    for (const one of found.limits) told.set(`${one.where} ${one.severity}`, one);
    for (const one of told.values()) {
      const item = list.appendChild(element("li"));
      item.append(element("span", `badge ${one.severity}`, limitWords(one, this.metric.unit, found.switch)), element("b", "", english ? one.title_en : one.title_zh), element("span", "", one.where));
    }
    for (const source of new Set([...told.values()].map((one) => one.source).filter(Boolean))) {
      list.appendChild(element("li")).append(element("span", "", `${words.source} ${source}`));
    }
    const notes = [];
    if (found.every_s) notes.push(words.windows.replace("{every}", lasting(found.every_s)));
    if (found.baseline !== null) notes.push(`${words.baseline} ${round(found.baseline)} ${this.metric.unit}`);
    for (const kind of ["spike", "stuck"]) {
      const n = found.marks.filter((one) => one.kind === kind).length;
      if (n) notes.push(`${words[kind]} × ${n}`);
    }
    const outside = found.switch ? 0 : found.limits.length - spec.shown;
    if (outside > 0) notes.push(words.beyond.replace("{n}", outside));
    this.foot.replaceChildren(...(notes.length ? [element("p", "note", notes.join(" · "))] : []), list);
  }

  toggle() {
    if (this.table) {
      this.table.remove();
      this.table = null;
    } else {
      this.table = this.box.appendChild(element("div", "table-scroll"));
      this.table.tabIndex = 0;
      this.table.setAttribute("role", "region");
      this.table.setAttribute("aria-label", this.metric.name);
      this.fill();
    }
    this.tabling.textContent = this.table ? words.closetable : words.table;
    this.tabling.setAttribute("aria-expanded", String(Boolean(this.table)));
  }

  rows() {
    const { found } = this;
    if (!found) return [];
    const band = found.low.length > 0;
    const head = band ? [words.time, words.mean, words.low, words.high] : [words.time, words.value];
    const rows = found.at_ms.map((at, index) => [at, ...(band ? [found.mean[index], found.low[index], found.high[index]] : [found.mean[index]])]);
    return [head, ...rows];
  }

  fill() {
    const [head, ...rows] = this.rows();
    const table = element("table", "table");
    const line = (cells, kind) => {
      const row = element("tr");
      cells.forEach((cell, index) => row.append(element(index ? kind : "th", index ? "num" : "", cell)));
      return row;
    };
    table.appendChild(element("thead")).append(line(head ?? [], "th"));
    const body = table.appendChild(element("tbody"));
    for (const [at, ...values] of rows.reverse()) body.append(line([clock(at), ...values.map((value) => (value === null ? "–" : round(value)))], "td"));
    this.table.replaceChildren(table);
  }

  save() {
    const rows = this.rows().map(([at, ...rest], index) => [index ? iso(at) : at, ...rest.map((value) => value ?? "")].join(","));
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([`\ufeff${rows.join("\r\n")}\r\n`], { type: "text/csv;charset=utf-8" }));
    link.download = `${words.device}${words.port ? `-${words.port}` : ""}-${this.metric.metric}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}

/** What was found, with news in place of its newest window, and without what has left the range. */
function grown(found, news, to, range) {
  const first = to - range * 1000;
  const begins = news.at_ms[0] ?? Infinity;
  const kept = found.at_ms.map((at, index) => [at, index]).filter(([at]) => at >= first && at < begins).map(([, index]) => index);
  const fresh = { ...found, from_ms: first, to_ms: to, limits: stretched(found.limits, to) };
  for (const name of ["at_ms", "mean", "low", "high"]) {
    fresh[name] = found[name].length || news[name].length ? [...kept.map((index) => found[name][index] ?? null), ...news[name]] : [];
  }
  const ids = new Set(news.alarms.map(({ id }) => id));
  fresh.alarms = [...news.alarms, ...found.alarms.filter(({ id }) => !ids.has(id))];
  fresh.marks = [...found.marks.filter(({ at_ms: at }) => at >= first && at < begins), ...news.marks];
  return fresh;
}

/** Limits that held until now hold on. */
const stretched = (limits, to) => {
  const last = limits.map((one) => Date.parse(one.to)).reduce((most, at) => Math.max(most, at), 0);
  return limits.map((one) => (Date.parse(one.to) === last ? { ...one, to: new Date(to).toISOString() } : one));
};

function limitWords(one, unit, isSwitch) {
  if (isSwitch) return one.high !== null ? words.seen : words.gone;
  return [one.low === null ? "" : `≤ ${round(one.low)} ${unit}`, one.high === null ? "" : `≥ ${round(one.high)} ${unit}`].filter(Boolean).join(" / ");
}

function valueAt(found, at) {
  const index = found.at_ms.indexOf(at);
  return index < 0 ? null : (found.high[index] ?? found.mean[index]);
}

const round = (value) => Number(value).toLocaleString("en", { maximumFractionDigits: 3 });
const rangeWords = () => words.range.split("|");
const stamp = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
const clock = (at) => stamp.format(at);
const iso = (at) => new Date(at).toISOString();

function lasting(seconds) {
  const sizes = [86400, 3600, 60, 1];
  const place = sizes.findIndex((size) => seconds >= size && seconds % size === 0);
  return words.times.split("|").at(place).replace("{n}", seconds / sizes.at(place));
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== "") made.textContent = text;
  return made;
}

function button(text, act) {
  const made = element("button", "", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function mount() {
  const metrics = JSON.parse(words.metrics);
  if (!metrics.length) return;
  const head = root.appendChild(element("div", "curves-head"));
  const group = head.appendChild(element("div", "ranges"));
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", words.ranges);
  const curves = metrics.map((metric) => new Curve(metric, root));
  let range = RANGES.includes(Number(sessionStorage.getItem(KEY))) ? Number(sessionStorage.getItem(KEY)) : RANGES[0];
  const choose = (to) => {
    range = to;
    sessionStorage.setItem(KEY, String(to));
    for (const one of group.children) one.setAttribute("aria-pressed", String(Number(one.dataset.range) === range));
    for (const one of curves.filter(({ seen }) => seen)) one.load(range);
  };
  RANGES.forEach((seconds, index) => {
    const one = group.appendChild(button(rangeWords()[index], () => choose(seconds)));
    one.dataset.range = seconds;
  });
  // Only what comes into view is asked for.
  const eye = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const one = curves.find(({ box }) => box === entry.target);
      one.seen = entry.isIntersecting || one.seen;
      if (entry.isIntersecting && one.range !== range) one.load(range);
    }
  }, { rootMargin: "300px" });
  choose(range);
  for (const one of curves) eye.observe(one.box);
  setInterval(() => {
    if (document.visibilityState === "visible") for (const one of curves) one.grow();
  }, LIVE_EVERY_MS);
}

if (root) mount();
