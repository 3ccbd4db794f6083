// Things on the map: those that lie close together as one, and what somebody points at.

import { canvasLayer, inks } from "./map_canvas.js";
import { Clusters } from "./map_clusters.js";
import { drawCluster, drawSpot, outline, radiusOf, sizeOf } from "./map_shapes.js";
import { LEVELS } from "./map_store.js";

const CLUSTERS_TO = 17;
const NAMES_FROM = 17;
const REACH_PX = 4;

export class Marks {
  /** `picked(spot)` and `opened(spots, zoom)` are told what somebody clicks; `tip(text, point)` what is pointed at. */
  constructor(map, { picked, opened, tip, say }) {
    this.map = map;
    this.picked = picked;
    this.opened = opened;
    this.tip = tip;
    this.say = say;
    this.clusters = null;
    this.drawn = [];
    this.pick = null;
    this.layer = canvasLayer("marks", (...on) => this.paint(...on)).addTo(map);
    map.on("click", (event) => this.click(event));
    map.on("mousemove", (event) => this.point(event.containerPoint));
    map.on("mouseout zoomstart movestart", () => this.tip(null));
  }

  /** What is shown from now on. */
  show(spots) {
    this.clusters = new Clusters(spots, { to: CLUSTERS_TO, levels: LEVELS });
    this.layer.redraw();
  }

  /** The one that is picked is drawn whatever else is shown. */
  mark(spot) {
    this.pick = spot;
    this.layer.redraw();
  }

  redraw() {
    this.layer.redraw();
  }

  paint(context, map, toPoint, bounds) {
    this.drawn = [];
    const ink = inks();
    context.textAlign = "center";
    context.textBaseline = "middle";
    const [west, east] = [map.layerPointToLatLng(bounds.min), map.layerPointToLatLng(bounds.max)];
    const box = [west.lng, east.lat, east.lng, west.lat];
    const zoom = Math.round(map.getZoom());
    const found = this.clusters ? this.clusters.within(box, zoom) : [];
    const order = (one) => (one.spot ? -one.spot.rank : -1);
    for (const one of found.sort((a, b) => order(a) - order(b))) this.paintOne(context, one, zoom, toPoint([one.x, one.y]), ink);
    if (this.pick) this.paintPick(context, toPoint([this.pick.x, this.pick.y]), ink);
    if (map.getZoom() >= NAMES_FROM) names(context, this.drawn, ink);
  }

  paintOne(context, { spot, members, n, counts, x, y }, zoom, point, ink) {
    if (spot) {
      drawSpot(context, spot, point, ink);
      this.drawn.push({ spot, point, radius: sizeOf(spot.level) });
    } else {
      drawCluster(context, counts, n, point, ink);
      this.drawn.push({ members, zoom, counts, n, point, radius: radiusOf(n), at: [x, y] });
    }
  }

  paintPick(context, point, ink) {
    context.lineWidth = 3;
    context.strokeStyle = ink("--link");
    outline(context, "tree", point, 17);
    context.stroke();
    drawSpot(context, this.pick, point, ink);
    if (!this.drawn.some((one) => one.spot?.key === this.pick.key)) this.drawn.push({ spot: this.pick, point, radius: sizeOf(this.pick.level) });
  }

  /** What is drawn at a point of the map's container, the topmost first. */
  at(containerPoint) {
    const point = this.map.containerPointToLayerPoint(containerPoint);
    for (let place = this.drawn.length - 1; place >= 0; place -= 1) {
      const one = this.drawn[place];
      if (one.point.distanceTo(point) <= one.radius + REACH_PX) return one;
    }
    return null;
  }

  click(event) {
    const one = this.at(event.containerPoint);
    if (!one) return;
    event.originalEvent.stopPropagation();
    event.onMark = true;
    if (one.spot) this.picked(one.spot);
    else this.open(one);
  }

  open({ members, zoom, at }) {
    const nearer = this.clusters.parts(members, zoom);
    if (nearer <= Math.min(CLUSTERS_TO, this.map.getMaxZoom())) {
      this.map.setView([at[1], at[0]], nearer);
      return;
    }
    this.opened(this.clusters.leaves(members));
  }

  point(containerPoint) {
    const one = this.at(containerPoint);
    this.map.getContainer().classList.toggle("is-over", Boolean(one));
    this.tip(one ? this.say(one) : null, containerPoint);
  }
}

/** Names beside what is drawn, as far as they don't lie on each other. */
function names(context, drawn, ink) {
  context.textAlign = "left";
  context.font = `12px ${ink("--map-font") || "sans-serif"}`;
  context.lineWidth = 3;
  const taken = [];
  for (const { spot, point, radius } of drawn.toReversed()) {
    if (!spot) continue;
    const box = { x: point.x + radius + 4, y: point.y - 8, w: context.measureText(spot.title).width, h: 16 };
    if (taken.some((one) => one.x < box.x + box.w && box.x < one.x + one.w && one.y < box.y + box.h && box.y < one.y + one.h)) continue;
    taken.push(box);
    context.strokeStyle = ink("--page");
    context.strokeText(spot.title, box.x, point.y);
    context.fillStyle = ink("--ink");
    context.fillText(spot.title, box.x, point.y);
  }
}
