// What the map is drawn on: tiles where the site has a provider, else its own lines, else a grid.

import { call } from "./api.js";
import { canvasLayer, inks } from "./map_canvas.js";

const FILLED = { water: "--map-water", green: "--map-green", building: "--map-building" };
const WIDTHS = { main: [1.2, 9], street: [0.7, 6], lane: [0.4, 3.5], "": [0.5, 4] };
const NAMED_FROM = { district: 0, sub_district: 11.5, main: 13.5, street: 14.5, lane: 15.5, "": 13 };
const NAMED_TO = { district: 13, sub_district: 16 };
const NICE = [1, 2, 5];
const CELL_PX = 110;

/** Lay the ground. Returns what draws it anew, for when the page turns dark. */
export async function layGround(map, { tiles, shown, english, failed }) {
  if (tiles) {
    layTiles(map, tiles);
    return () => {};
  }
  const ground = { features: [] };
  const surface = canvasLayer("ground", (...on) => paintGround(...on, ground)).addTo(map);
  const names = canvasLayer("names", (...on) => paintNames(...on, ground)).addTo(map);
  const again = () => { surface.redraw(); names.redraw(); };
  try {
    const told = await call("GET", "/api/v1/map/ground");
    ground.features = told.features.map((feature) => prepared(feature, shown, english));
    again();
  } catch (wrong) {
    failed(wrong);
  }
  return again;
}

function layTiles(map, tiles) {
  const options = { maxZoom: 22, maxNativeZoom: tiles.max_zoom, subdomains: tiles.subdomains, pane: "ground", referrerPolicy: tiles.referrer ? "origin" : "no-referrer" };
  for (const url of [tiles.url, tiles.labels].filter(Boolean)) L.tileLayer(url, options).addTo(map);
}

/** A feature as lists of lines, each with the box it lies in. */
function prepared({ geometry, properties }, shown, english) {
  const { type, coordinates } = geometry;
  const rings = { Point: () => [[coordinates]], LineString: () => [coordinates], MultiLineString: () => coordinates, Polygon: () => coordinates, MultiPolygon: () => coordinates.flat() }[type]();
  const lines = rings.map((ring) => ring.map((point) => shown(point)));
  const xs = lines.flatMap((ring) => ring.map(([x]) => x));
  const ys = lines.flatMap((ring) => ring.map(([, y]) => y));
  const box = [lowest(xs), lowest(ys), highest(xs), highest(ys)];
  const name = (english && properties.name_en) || properties.name || "";
  return { kind: properties.kind, rank: properties.rank ?? "", derived: properties.derived, name, lines, box, anchor: anchor(lines, box, type) };
}

const lowest = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
const highest = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);

/** Where its name stands: the middle of a line, of a surface the middle of its box. */
function anchor(lines, box, type) {
  if (type.includes("Line")) {
    const longest = lines.reduce((a, b) => (b.length > a.length ? b : a));
    return longest[Math.floor(longest.length / 2)];
  }
  return type === "Point" ? lines[0][0] : [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
}

function inView(map, bounds) {
  const [nw, se] = [map.layerPointToLatLng(bounds.min), map.layerPointToLatLng(bounds.max)];
  return ([x0, y0, x1, y1]) => x1 >= nw.lng && x0 <= se.lng && y1 >= se.lat && y0 <= nw.lat;
}

function paintGround(context, map, toPoint, bounds, ground) {
  const ink = inks();
  paintGrid(context, map, toPoint, bounds, ink);
  const seen = inView(map, bounds);
  const zoom = map.getZoom();
  context.lineJoin = context.lineCap = "round";
  for (const feature of ground.features) {
    if (!seen(feature.box) || feature.kind === "label") continue;
    if (feature.rank === "lane" && zoom < 13) continue;
    trace(context, feature, toPoint);
    if (FILLED[feature.kind]) {
      context.fillStyle = ink(FILLED[feature.kind]);
      context.fill("evenodd");
    } else if (feature.kind === "boundary") paintBoundary(context, feature, ink);
    else paintWay(context, feature, zoom, ink);
  }
}

function trace(context, { lines, kind }, toPoint) {
  context.beginPath();
  for (const line of lines) {
    line.forEach((at, place) => {
      const { x, y } = toPoint(at);
      if (place) context.lineTo(x, y);
      else context.moveTo(x, y);
    });
    if (FILLED[kind]) context.closePath();
  }
}

function paintBoundary(context, { derived, rank }, ink) {
  if (derived) {
    context.fillStyle = ink("--map-part");
    context.fill();
  }
  context.setLineDash(derived ? [2, 5] : [9, 4, 2, 4]);
  context.lineWidth = rank === "district" ? 2.2 : 1.2;
  context.strokeStyle = ink("--map-border");
  context.stroke();
  context.setLineDash([]);
}

function paintWay(context, { kind, rank }, zoom, ink) {
  const [thin, thick] = WIDTHS[rank] ?? WIDTHS[""];
  const width = thin + ((thick - thin) * Math.max(0, Math.min(1, (zoom - 10) / 8))) ** 1.2;
  if (kind === "rail") context.setLineDash([8, 6]);
  context.lineWidth = width + 1.6;
  context.strokeStyle = ink("--map-kerb");
  context.stroke();
  context.lineWidth = width;
  context.strokeStyle = ink(kind === "rail" ? "--map-border" : "--map-road");
  context.stroke();
  context.setLineDash([]);
}

/** Lines of longitude and latitude at a round distance. */
function paintGrid(context, map, toPoint, bounds, ink) {
  const [nw, se] = [map.layerPointToLatLng(bounds.min), map.layerPointToLatLng(bounds.max)];
  const step = niceStep(((se.lng - nw.lng) / bounds.getSize().x) * CELL_PX);
  context.lineWidth = 1;
  context.strokeStyle = ink("--map-grid");
  context.beginPath();
  for (let lon = Math.ceil(nw.lng / step) * step; lon < se.lng; lon += step) {
    const x = Math.round(toPoint([lon, nw.lat]).x) + 0.5;
    context.moveTo(x, bounds.min.y);
    context.lineTo(x, bounds.max.y);
  }
  for (let lat = Math.ceil(se.lat / step) * step; lat < nw.lat; lat += step) {
    const y = Math.round(toPoint([nw.lng, lat]).y) + 0.5;
    context.moveTo(bounds.min.x, y);
    context.lineTo(bounds.max.x, y);
  }
  context.stroke();
}

function niceStep(degrees) {
  const size = 10 ** Math.floor(Math.log10(degrees));
  return (NICE.find((one) => one * size >= degrees) ?? 10) * size;
}

function paintNames(context, map, toPoint, bounds, ground) {
  const ink = inks();
  const seen = inView(map, bounds);
  const zoom = map.getZoom();
  const taken = [];
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineWidth = 3.5;
  for (const { kind, rank, name, box, anchor: at } of ground.features) {
    if (!name || !seen(box) || zoom < (NAMED_FROM[rank] ?? 13) || zoom > (NAMED_TO[rank] ?? 99)) continue;
    const part = kind === "boundary";
    context.font = `${part ? "600 14px" : "12px"} ${ink("--map-font") || "sans-serif"}`;
    const { x, y } = toPoint(at);
    const width = context.measureText(name).width;
    const spot = { x: x - width / 2 - 4, y: y - 10, w: width + 8, h: 20 };
    if (taken.some((one) => one.x < spot.x + spot.w && spot.x < one.x + one.w && one.y < spot.y + spot.h && spot.y < one.y + one.h)) continue;
    taken.push(spot);
    context.strokeStyle = ink("--map-ground");
    context.strokeText(name, x, y);
    context.fillStyle = ink(kind === "water" ? "--map-water-name" : "--dim");
    context.fillText(name, x, y);
  }
}
