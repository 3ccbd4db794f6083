// What makes a polygon a zone, and what stands in one: the rules of config/polygons.py and vision/zones.py, for a live
// picture of them while somebody draws. The service checks with its own before anything is saved.

export const MOST_CORNERS = 64;
const LEAST_AREA = 1e-4;
const MOSTLY = 0.5;
const WHEELS = 1 / 3;
const TOUCHES = 0.1;
const CUT_OFF = 0.99;

const edges = (polygon) => polygon.map((corner, at) => [corner, polygon[(at + 1) % polygon.length]]);

function side([ax, ay], [bx, by], [px, py]) {
  const turn = (bx - ax) * (py - ay) - (by - ay) * (px - ax);
  return Math.abs(turn) < 1e-12 ? 0 : Math.sign(turn);
}

function spans([[x1, y1], [x2, y2]], [x, y]) {
  return Math.min(x1, x2) <= x && x <= Math.max(x1, x2) && Math.min(y1, y2) <= y && y <= Math.max(y1, y2);
}

function meet(one, other) {
  if (side(...one, other[0]) * side(...one, other[1]) < 0 && side(...other, one[0]) * side(...other, one[1]) < 0) return true;
  return [[one, other], [other, one]].some(([edge, points]) => points.some((p) => side(...edge, p) === 0 && spans(edge, p)));
}

/** The area of a polygon, as a share of the picture. */
export function area(polygon) {
  return Math.abs(edges(polygon).reduce((sum, [a, b]) => sum + (a[0] * b[1] - b[0] * a[1]), 0)) / 2;
}

/** What is wrong with a polygon: a key of the words; empty if nothing is. */
export function wrongShape(polygon) {
  if (polygon.length < 3) return "few";
  if (polygon.length > MOST_CORNERS) return "many";
  if (polygon.some(([x, y]) => !(x >= 0 && x <= 1 && y >= 0 && y <= 1))) return "outside";
  if (new Set(polygon.map(String)).size < polygon.length) return "twice";
  const all = edges(polygon);
  for (let one = 0; one < all.length; one += 1) {
    for (let other = one + 1; other < all.length; other += 1) {
      const next = other - one === 1;
      const round = one === 0 && other === all.length - 1;
      if (!next && !round) {
        if (meet(all[one], all[other])) return "crosses";
        continue;
      }
      const [before, after] = next ? [all[one], all[other]] : [all[other], all[one]];
      const [[ax, ay], [bx, by]] = before;
      const [[cx, cy], [dx, dy]] = after;
      if (side(...before, after[1]) === 0 && (bx - ax) * (dx - cx) + (by - ay) * (dy - cy) < 0) return "back";
    }
  }
  return area(polygon) < LEAST_AREA ? "small" : "";
}

/** Whether the foot of a box is in a polygon. */
export function standsIn(box, polygon) {
  const x = (box[0] + box[2]) / 2;
  const y = Math.min(box[3], CUT_OFF);
  let inside = false;
  for (const [start, end] of edges(polygon)) {
    const [[x1, y1], [x2, y2]] = start[1] <= end[1] ? [start, end] : [end, start];
    if (y1 <= y && y < y2 && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside;
  }
  return inside;
}

function cut(corners, axis, limit, sign) {
  const kept = [];
  for (const [start, end] of edges(corners)) {
    const from = sign * (start[axis] - limit);
    const to = sign * (end[axis] - limit);
    if (from >= 0) kept.push(start);
    if ((from >= 0) !== (to >= 0)) {
      const at = from / (from - to);
      kept.push([start[0] + at * (end[0] - start[0]), start[1] + at * (end[1] - start[1])]);
    }
  }
  return kept;
}

/** The share of a box that lies in a polygon, 0–1. */
export function overlap(box, polygon) {
  const [x1, y1, x2, y2] = box;
  const size = (x2 - x1) * (y2 - y1);
  if (size <= 0) return 0;
  let corners = polygon;
  for (const [axis, limit, sign] of [[0, x1, 1], [0, x2, -1], [1, y1, 1], [1, y2, -1]]) {
    corners = cut(corners, axis, limit, sign);
    if (corners.length < 3) return 0;
  }
  return Math.min(area(corners) / size, 1);
}

function belongs(box, zone, usual) {
  return (zone.anchor || usual) === "foot" ? standsIn(box, zone.polygon) : overlap(box, zone.polygon) >= MOSTLY;
}

function inLines(box, bay) {
  const [x1, y1, x2, y2] = box;
  return overlap(bay.anchor === "overlap" ? box : [x1, y2 - WHEELS * (y2 - y1), x2, y2], bay.polygon);
}

function oneOfEachRole(box, zones) {
  const best = new Map();
  for (const zone of zones) {
    const rank = [standsIn(box, zone.polygon) ? 1 : 0, overlap(box, zone.polygon)];
    const had = best.get(zone.role);
    if (!had || rank[0] > had.rank[0] || (rank[0] === had.rank[0] && rank[1] > had.rank[1])) best.set(zone.role, { rank, zone });
  }
  return [...best.values()].map(({ zone }) => zone);
}

const minutes = (clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

/** Whether a zone counts at a minute of the day. */
export function isOpen(zone, minute) {
  if (!zone.hours || !/^\d\d:\d\d-\d\d:\d\d$/.test(zone.hours)) return true;
  const [from, to] = zone.hours.split("-").map(minutes);
  return from < to ? from <= minute && minute < to : minute >= from || minute < to;
}

/** The zones that a thing speaks against; null where a mask hides it. */
export function zonesOf(thing, all) {
  const seen = thing.box.map((edge) => Math.min(Math.max(edge, 0), 1));
  const zones = all.filter((zone) => isOpen(zone, thing.minute) && zone.polygon.length >= 3);
  if (zones.some((zone) => zone.role === "mask" && belongs(seen, zone, "overlap"))) return null;
  const usual = thing.lying ? "overlap" : "foot";
  const bays = thing.family === "bike" ? zones.filter((zone) => zone.role === "bike_bay") : [];
  const inside = bays.map((bay) => inLines(seen, bay));
  if (inside.reduce((sum, share) => sum + share, 0) >= MOSTLY) return [];
  const others = zones.filter((zone) => !bays.includes(zone) && zone.role !== "mask" && belongs(seen, zone, usual));
  let held = oneOfEachRole(seen, others);
  const roles = new Set(held.map((zone) => zone.role));
  if (roles.has("frontage")) held = held.filter((zone) => zone.role !== "pavement");
  const most = Math.max(0, ...inside);
  if (bays.length && most >= TOUCHES && !roles.has("frontage") && !roles.has("pavement")) held.push(bays[inside.indexOf(most)]);
  return held;
}

/** The corner of another zone, or the picture's edge, that is near enough to be meant; else the point itself. */
export function snapped([x, y], zones, own, reachX, reachY) {
  let best = null;
  for (const zone of zones) {
    if (zone === own) continue;
    for (const corner of zone.polygon) {
      const far = Math.hypot((corner[0] - x) / reachX, (corner[1] - y) / reachY);
      if (far <= 1 && (!best || far < best.far)) best = { far, corner };
    }
  }
  if (best) return [...best.corner];
  const edge = (value, reach) => (value < reach ? 0 : value > 1 - reach ? 1 : value);
  return [tidy(edge(x, reachX)), tidy(edge(y, reachY))];
}

/** A share as it is written into the file. */
export function tidy(value) {
  return Math.round(Math.min(Math.max(value, 0), 1) * 10000) / 10000;
}
