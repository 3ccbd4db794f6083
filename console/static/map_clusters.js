// Things that lie close together as one, worked out for a zoom when it is first looked at.

const TILE_PX = 256;
const RADIUS_PX = 56;
const CELLS = 1 << 25; // more than there are in a row at the nearest zoom

export class Clusters {
  /** Of `spots`, each with `x` and `y` in degrees and the number of its level, `rank`. From zoom `to` + 1 on each stands alone. */
  constructor(spots, { to, levels }) {
    this.spots = spots;
    this.to = to;
    this.levels = levels;
    this.xs = Float64Array.from(spots, ({ x }) => x / 360 + 0.5);
    this.ys = Float64Array.from(spots, ({ y }) => southward(y));
    this.known = new Map();
  }

  /** What is to be drawn at a zoom in a box of degrees: `{ spot, x, y }`, or of several `{ members, n, counts, x, y }`. */
  within([west, south, east, north], zoom) {
    const inside = ({ x, y }) => x >= west && x <= east && y >= south && y <= north;
    if (zoom > this.to) return this.spots.filter(inside).map((spot) => ({ spot, x: spot.x, y: spot.y }));
    return this.at(zoom).groups.filter(inside);
  }

  /** The first zoom at which not all of it are one any more; beyond `to` if there is none. */
  parts(members, zoom) {
    for (let nearer = zoom + 1; nearer <= this.to; nearer += 1) {
      const { of } = this.at(nearer);
      if (members.some((place) => of[place] !== of[members[0]])) return nearer;
    }
    return this.to + 1;
  }

  /** The things that a cluster is made of. */
  leaves(members) {
    return members.map((place) => this.spots[place]);
  }

  at(zoom) {
    if (!this.known.has(zoom)) this.known.set(zoom, this.grouped(RADIUS_PX / (TILE_PX * 2 ** zoom)));
    return this.known.get(zoom);
  }

  /** Each that is not taken yet takes all such around it. A cell is as wide as that reaches, so only its neighbours are asked. */
  grouped(radius) {
    const { xs } = this;
    const of = new Int32Array(xs.length).fill(-1);
    const cells = this.cells(radius);
    const groups = [];
    for (let place = 0; place < xs.length; place += 1) {
      if (of[place] >= 0) continue;
      const members = this.taken(place, radius, cells);
      for (const member of members) of[member] = groups.length;
      groups.push(this.group(members));
    }
    return { groups, of };
  }

  /** All within reach of one that are still in a cell; they leave it. */
  taken(place, radius, cells) {
    const { xs, ys } = this;
    const [column, row] = [Math.floor(xs[place] / radius), Math.floor(ys[place] / radius)];
    const members = [];
    for (const near of [-1, 0, 1]) {
      for (const below of [-1, 0, 1]) {
        const key = (column + near) * CELLS + row + below;
        const left = [];
        for (const other of cells.get(key) ?? []) {
          const close = (xs[other] - xs[place]) ** 2 + (ys[other] - ys[place]) ** 2 <= radius ** 2;
          (close ? members : left).push(other);
        }
        if (left.length) cells.set(key, left);
        else cells.delete(key);
      }
    }
    return members;
  }

  cells(radius) {
    const cells = new Map();
    for (let place = 0; place < this.xs.length; place += 1) {
      const key = Math.floor(this.xs[place] / radius) * CELLS + Math.floor(this.ys[place] / radius);
      const cell = cells.get(key);
      if (cell) cell.push(place);
      else cells.set(key, [place]);
    }
    return cells;
  }

  group(members) {
    if (members.length === 1) {
      const spot = this.spots[members[0]];
      return { spot, x: spot.x, y: spot.y };
    }
    const counts = Object.fromEntries(this.levels.map((level) => [level, 0]));
    let [x, y] = [0, 0];
    for (const member of members) {
      x += this.xs[member];
      y += this.ys[member];
      counts[this.spots[member].level] += 1;
    }
    const n = members.length;
    return { members, n, counts, x: (x / n - 0.5) * 360, y: latitude(y / n) };
  }
}

/** Of a latitude: how far down Mercator's square world it lies, 0–1. */
function southward(degrees) {
  const sine = Math.sin((degrees * Math.PI) / 180);
  return Math.min(1, Math.max(0, 0.5 - (0.25 * Math.log((1 + sine) / (1 - sine))) / Math.PI));
}

const latitude = (down) => (360 / Math.PI) * Math.atan(Math.exp((1 - 2 * down) * Math.PI)) - 90;
