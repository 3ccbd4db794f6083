// What each thing looks like: its shape says what it is, its colour and its sign how it is.

/** The sign inside; a thing that is well has none. */
export const SIGNS = { critical: "‼", warn: "!", notice: "·", unknown: "?", good: "" };
const FILLS = { critical: "--critical", warn: "--warn-mark", notice: "--notice-mark", unknown: "--dim", good: "--good-mark" };
const SIZES = { critical: 10, warn: 9, notice: 7.5, unknown: 7, good: 6.5 };

/** The name of the page's colour for a level. */
export const fillOf = (level) => FILLS[level];
export const sizeOf = (level) => SIZES[level];

const PATHS = {
  alarm: [[0, -1.1], [1.15, 0.9], [-1.15, 0.9]],
  case: [[-0.9, -1], [0.9, -1], [0.9, 0.3], [0, 1.25], [-0.9, 0.3]],
  camera: [[-0.95, -0.95], [0.95, -0.95], [0.95, 0.95], [-0.95, 0.95]],
  charger: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]],
  shop: [[-1, 0], [0, -1.05], [1, 0], [1, 0.9], [-1, 0.9]],
  "": [[-0.55, -1], [0.55, -1], [1.15, 0], [0.55, 1], [-0.55, 1], [-1.15, 0]],
};

/** Trace the outline of a layer's shape around a point. */
export function outline(context, layer, { x, y }, size) {
  context.beginPath();
  if (layer === "tree") {
    context.arc(x, y, size, 0, 2 * Math.PI);
    return;
  }
  for (const [dx, dy] of PATHS[layer] ?? PATHS[""]) context.lineTo(x + dx * size, y + dy * size);
  context.closePath();
}

/** One thing. */
export function drawSpot(context, spot, point, ink) {
  const size = SIZES[spot.level];
  outline(context, spot.layer, point, size);
  context.fillStyle = ink(FILLS[spot.level]);
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = ink("--card");
  context.stroke();
  const sign = SIGNS[spot.level];
  if (!sign) return;
  context.fillStyle = ink("--card");
  context.font = `bold ${size * 1.35}px ${ink("--map-font") || "sans-serif"}`;
  context.fillText(sign, point.x, point.y + (spot.layer === "alarm" ? size * 0.25 : 0));
}

/** Many things as one: how many, how they are as a ring, and the worst of them as a badge with their number. */
export function drawCluster(context, counts, n, point, ink) {
  const radius = radiusOf(n);
  let from = -Math.PI / 2;
  context.beginPath();
  context.arc(point.x, point.y, radius, 0, 2 * Math.PI);
  context.fillStyle = ink("--card");
  context.fill();
  context.lineWidth = 5;
  for (const [level, count] of Object.entries(counts)) {
    if (!count) continue;
    const to = from + (count / n) * 2 * Math.PI;
    context.beginPath();
    context.arc(point.x, point.y, radius - 2.5, from, to);
    context.strokeStyle = ink(FILLS[level]);
    context.stroke();
    from = to;
  }
  context.fillStyle = ink("--ink");
  context.font = `600 13px ${ink("--map-font") || "sans-serif"}`;
  context.fillText(short(n), point.x, point.y + 0.5);
  badge(context, counts, point, radius, ink);
}

function badge(context, counts, point, radius, ink) {
  const worst = ["critical", "warn"].find((level) => counts[level]);
  if (!worst) return;
  const text = `${SIGNS[worst]}${short(counts[worst])}`;
  context.font = `bold 11px ${ink("--map-font") || "sans-serif"}`;
  const width = context.measureText(text).width + 8;
  const [x, y] = [point.x + radius * 0.72, point.y - radius * 0.78];
  context.beginPath();
  if (worst === "critical") context.rect(x - width / 2, y - 8, width, 16);
  else context.roundRect(x - width / 2, y - 8, width, 16, 8);
  context.fillStyle = ink(FILLS[worst]);
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = ink("--card");
  context.stroke();
  context.fillStyle = ink("--card");
  context.fillText(text, x, y + 0.5);
}

const short = (n) => (n < 10000 ? String(n) : `${Math.round(n / 1000)}k`);

/** Of a cluster's circle, in pixels. */
export const radiusOf = (n) => 15 + Math.min(14, 3.2 * Math.log2(n + 1) - 3);
