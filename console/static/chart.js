// Draws values over time with uPlot, in the colours of the page. Load chart.css, and uPlot's script with `defer`, beside it.
//
//   const drawn = chart(element, {
//     label: "Soil moisture, 7 days",                 // what a screen reader calls it
//     series: [{ name, unit, points: [[t_ms, value | null], …],
//                kind: "line" | "bars" | "steps", digits: 1, max: 100, note: (index) => "n = 12",
//                states: ["off", "on"],             // of a switch: what 0 and 1 are called
//                range: [[t_ms, low, high], …] }],         // a pale band behind the line
//     limits: [{ value, name, level: "warn", unit, from_ms, to_ms }],   // lines across; level: critical, warn, notice or good
//     marks: [{ at_ms, value, level }],                  // single points that deserve a look
//     bands: [{ from, to, name, level, unit }],           // zones of values; without from or to, to the edge
//     spans: [{ from_ms, to_ms, name, level }],           // stretches of time
//     moments: [{ at_ms, name }],                         // lines across the time
//     from_ms, to_ms,           // the axis; without, as far as the points go
//     gap_s,                    // points further apart than this are not joined
//     zero: true,               // the axis of values begins at 0
//     day: false,               // points are whole days: no hours are written
//     height: 240,
//   });
//   drawn.set(spec);  drawn.destroy();
//
// null is a gap and is shown as one. Series of different units get an axis each, the first two. Left and right, Home and
// End walk along the points when the chart has the focus; what stands there is in the legend and is read out.

import { limits, moments, rings, zones } from "./chart_marks.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 2]];
const DAY_MS = 86_400_000;
const TICK_PX = 64;

export function chart(element, spec) {
  const drawing = new Drawing(element);
  drawing.set(spec);
  return drawing;
}

class Drawing {
  constructor(element) {
    this.element = element;
    this.plot = null;
    this.at = null; // the index the cursor is on
    element.classList.add("chart");
    this.sheet = element.appendChild(document.createElement("div"));
    this.sheet.className = "chart-sheet";
    this.legend = element.appendChild(document.createElement("ul"));
    this.legend.className = "chart-legend";
    this.sheet.tabIndex = 0;
    this.sheet.setAttribute("role", "slider");
    this.sheet.addEventListener("keydown", (event) => this.walk(event));
    this.sheet.addEventListener("blur", () => this.put(null));
    this.again = () => this.draw();
    dark.addEventListener("change", this.again);
    this.watch = new ResizeObserver(() => this.fit());
    this.watch.observe(this.sheet);
  }

  set(spec) {
    this.spec = { zero: true, height: 240, limits: [], bands: [], spans: [], marks: [], moments: [], ...spec };
    this.data = aligned(this.spec);
    this.units = [...new Set(this.spec.series.map((one) => one.unit ?? ""))];
    this.sheet.setAttribute("aria-label", this.spec.label ?? "");
    this.draw();
  }

  destroy() {
    dark.removeEventListener("change", this.again);
    this.watch.disconnect();
    this.plot?.destroy();
    this.sheet.remove();
    this.legend.remove();
  }

  draw() {
    this.plot?.destroy();
    const width = Math.max(200, this.sheet.clientWidth);
    this.plot = new uPlot(options(this, width), this.data, this.sheet);
    this.say();
  }

  fit() {
    const width = this.sheet.clientWidth;
    if (this.plot && width > 0 && width !== this.plot.width) this.plot.setSize({ width, height: this.spec.height });
  }

  walk(event) {
    const last = this.data[0].length - 1;
    const from = this.at ?? (event.key === "ArrowRight" ? -1 : last + 1);
    const to = { ArrowRight: from + 1, ArrowLeft: from - 1, Home: 0, End: last, PageUp: from + 10, PageDown: from - 10 }[event.key];
    if (event.key === "Escape") this.put(null);
    if (to === undefined || last < 0) return;
    event.preventDefault();
    this.put(this.filled(Math.max(0, Math.min(last, to)), to < from ? -1 : 1));
  }

  /** The next index from here on at which any series says anything. */
  filled(index, step) {
    for (let at = index; at >= 0 && at < this.data[0].length; at += step) {
      if (this.data.slice(1).some((values) => values[at] !== undefined)) return at;
    }
    return this.at ?? index;
  }

  put(index) {
    this.at = index;
    const left = index === null ? -10 : this.plot.valToPos(this.data[0][index], "x");
    this.plot.setCursor({ left, top: index === null ? -10 : 0 });
    this.say();
  }

  /** What stands at the cursor, in the legend and for who listens. */
  say() {
    const { series, timezone } = this.spec;
    const at = this.at === null ? null : this.data[0][this.at];
    const when = at === null ? "" : moment(at, this.spec.day, timezone);
    const said = series.map((one, place) => (at === null ? "" : spoken(one, this.data[place + 1][this.at], this.pointOf(place))));
    this.legend.replaceChildren(
      ...series.map((one, place) => legendItem(one, place, said[place])),
      ...(when ? [Object.assign(document.createElement("li"), { textContent: when, className: "chart-when" })] : []),
    );
    const last = Math.max(0, this.data[0].length - 1);
    this.sheet.setAttribute("aria-valuemin", 0);
    this.sheet.setAttribute("aria-valuemax", last);
    this.sheet.setAttribute("aria-valuenow", this.at ?? last);
    const heard = series.map((one, place) => `${one.name} ${said[place]}`).join("; ");
    this.sheet.setAttribute("aria-valuetext", when ? `${when}: ${heard}` : series.map((one) => one.name).join(", "));
  }

  /** Which of a series' own points the cursor is on; -1: none. */
  pointOf(place) {
    const at = this.data[0][this.at];
    return this.spec.series[place].points.findIndex(([t]) => t === at);
  }
}

function legendItem(one, place, said) {
  const item = document.createElement("li");
  const mark = item.appendChild(document.createElement("i"));
  mark.className = `chart-mark chart-mark-${(place % 6) + 1}${one.kind === "bars" ? " is-bar" : ""}`;
  item.append(one.name);
  if (said) item.append(" ", Object.assign(document.createElement("b"), { textContent: said }));
  return item;
}

/** A series' value in words, with what is noted of it. */
function spoken(one, value, point) {
  const note = point >= 0 && one.note ? one.note(point) : "";
  const number = value === null || value === undefined ? "–" : one.states?.[value] ?? round(value, one.digits ?? 2);
  const unit = one.unit && number !== "–" ? ` ${one.unit}` : "";
  return note ? `${number}${unit} (${note})` : `${number}${unit}`;
}

const round = (value, digits) => Number(value).toLocaleString("en", { maximumFractionDigits: digits });

/** All series over one axis of times. What one of them does not have there is undefined, a gap is null. */
function aligned({ series, gap_s: gap }) {
  const tables = series.map(({ points }) => {
    const kept = gap ? withGaps(points, gap * 1000) : points;
    return [kept.map(([at]) => at), kept.map(([, value]) => value)];
  });
  for (const { range } of series.filter((one) => one.range)) {
    tables.push([range.map(([at]) => at), range.map(([, low]) => low)], [range.map(([at]) => at), range.map(([, , high]) => high)]);
  }
  if (!tables.length || tables.every(([times]) => !times.length)) return [[], ...tables.map(() => [])];
  return tables.length === 1 ? tables[0] : uPlot.join(tables, tables.map(() => [2, 2]));
}

function withGaps(points, gapMs) {
  const out = [];
  for (const point of points) {
    const before = out.at(-1);
    if (before && before[1] !== null && point[0] - before[0] > gapMs) out.push([before[0] + 1, null]);
    out.push(point);
  }
  return out;
}

function options(drawing, width) {
  const { spec, units } = drawing;
  const style = getComputedStyle(drawing.element);
  const css = (name) => style.getPropertyValue(name).trim();
  const zone = spec.timezone ?? document.body.dataset.timezone;
  spec.timezone = zone;
  return {
    width,
    height: spec.height,
    ms: 1,
    tzDate: (at) => (zone ? uPlot.tzDate(new Date(at), zone) : new Date(at)),
    legend: { show: false },
    padding: [14, units.length > 1 ? 4 : 18, 0, 4],
    cursor: { y: false, points: { size: 8 }, drag: { x: false, y: false } },
    scales: { x: { time: true, range: (_, low, high) => across(spec, low, high) }, ...scales(spec, units) },
    axes: [timeAxis(spec, css, zone), ...units.slice(0, 2).map((unit, place) => valueAxis(unit, place, css, spec.series[place].states))],
    series: [{}, ...spec.series.map((one, place) => line(one, place, css)), ...ranges(spec).flatMap(({ one }) => [edge(one), edge(one)])],
    bands: ranges(spec).map(({ place, at }) => ({ series: [at + 1, at], fill: `${css(`--chart-${(place % 6) + 1}`)}38` })),
    hooks: {
      drawClear: [(plot) => zones(plot, spec, css)],
      draw: [(plot) => limits(plot, spec, css), (plot) => rings(plot, spec, css), (plot) => moments(plot, spec, css)],
      setCursor: [(plot) => follow(drawing, plot)],
    },
  };
}

function follow(drawing, plot) {
  const index = plot.cursor.left >= 0 ? plot.cursor.idx : null;
  if (document.activeElement === drawing.sheet && index === null) return;
  if (index === drawing.at) return;
  drawing.at = index ?? null;
  drawing.say();
}

/** The ends of the axis of times; one lonely point gets room on both sides. */
function across({ from_ms: from, to_ms: to, series }, low, high) {
  const bars = series.some((one) => one.kind === "bars");
  const room = low === high ? DAY_MS / 2 : bars ? (high - low) / Math.max(2, 2 * (series[0].points.length - 1)) : 0;
  return [from ?? (low ?? 0) - room, to ?? (high ?? DAY_MS) + room];
}

function scales(spec, units) {
  return Object.fromEntries(units.map((unit) => {
    const marked = [...spec.limits.map((one) => [one.unit, one.value]), ...spec.bands.flatMap((one) => [[one.unit, one.from], [one.unit, one.to]])]
      .filter(([of, value]) => (of ?? units[0]) === unit && Number.isFinite(value)).map(([, value]) => value);
    const most = spec.series.find((one) => (one.unit ?? "") === unit && one.max !== undefined)?.max;
    return [`y${unit}`, { range: (_, low, high) => upright(spec.zero, most, [low, high, ...marked].filter(Number.isFinite)) }];
  }));
}

/** The ends of an axis of values: what is measured and what is drawn in, with some air; from 0 unless told otherwise. */
function upright(zero, most, values) {
  if (!values.length) return [0, most ?? 1];
  let [low, high] = [Math.min(...values), Math.max(...values)];
  const air = (high - low || Math.abs(high) || 1) * 0.08;
  low = zero ? Math.min(0, low) : low - air;
  if (zero && low < 0) low -= air;
  return [low, most !== undefined ? Math.max(most, high) : high <= 0 && zero && low < 0 ? 0 : (high || 1) + air];
}

const font = () => `12px ${getComputedStyle(document.body).fontFamily}`;

function timeAxis(spec, css, zone) {
  return {
    font: font(), stroke: css("--dim"), grid: { show: false }, ticks: { stroke: css("--line"), size: 5 }, space: 64, size: 30,
    splits: spec.day ? (plot, _axis, low, high) => spaced(plot.data[0], (plot.width - 120) / (high - low)) : undefined,
    values: (_, splits, _axis, _space, step) => splits.map((at) => moment(at, spec.day || step >= DAY_MS, zone, true)),
  };
}

/** As many of the points' own days as have room, the last among them. `scale`: how many px a millisecond is wide. */
export function spaced(times, scale) {
  let next = Infinity;
  return times.toReversed().filter((at) => (next - at) * scale >= TICK_PX && ((next = at), true)).reverse();
}

function valueAxis(unit, place, css, states) {
  return {
    splits: states && (() => [0, 1]),
    scale: `y${unit}`, side: place ? 1 : 3, font: font(), stroke: css("--dim"), size: 58, space: 34,
    grid: { show: !place, stroke: css("--line"), width: 1 }, ticks: { show: false },
    values: (_, splits) => states ?? splits.map((value, index) => (value === null ? "" : `${round(value, 3)}${unit && index === splits.length - 1 ? ` ${unit}` : ""}`)),
  };
}

function line(one, place, css) {
  const ink = css(`--chart-${(place % 6) + 1}`) || css("--link");
  const shape = { bars: () => uPlot.paths.bars({ size: [0.62, 44] }), steps: () => uPlot.paths.stepped({ align: 1 }) }[one.kind];
  return {
    label: one.name, scale: `y${one.unit ?? ""}`, stroke: ink, width: one.kind === "bars" ? 0 : 2, dash: DASHES[place % DASHES.length],
    fill: one.kind === "bars" ? ink : undefined, spanGaps: false, paths: shape?.(),
    points: { show: one.kind !== "bars" && one.points.length <= 60, size: 6, fill: ink },
  };
}

/** The series that have a band, and where its lower edge stands among the data. */
function ranges({ series }) {
  const found = series.map((one, place) => ({ one, place })).filter(({ one }) => one.range);
  return found.map((each, order) => ({ ...each, at: series.length + 1 + 2 * order }));
}

const edge = (one) => ({ scale: `y${one.unit ?? ""}`, stroke: "transparent", width: 0, spanGaps: false, points: { show: false } });

/** A moment on the site's clock: short on an axis, whole beside the cursor. */
function moment(at, day, zone, short = false) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).formatToParts(at).map(({ type, value }) => [type, value]));
  const date = `${parts.month}-${parts.day}`;
  if (day) return short ? date : `${parts.year}-${date}`;
  const clock = `${parts.hour}:${parts.minute}`;
  if (!short) return `${date} ${clock}:${parts.second}`;
  return clock === "00:00" ? date : clock;
}
