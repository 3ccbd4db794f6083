// What is drawn under and over the lines of a chart: zones of values, stretches of time, limits, points, moments.

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** Zones of values and stretches of time, under everything. */
export function zones(plot, spec, css) {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const { from, to, unit, level } of spec.bands) {
    const y = (value, edge) => (value === undefined ? edge : clamp(plot.valToPos(value, scaleOf(plot, unit), true), bbox.top, bbox.top + bbox.height));
    const [top, bottom] = [y(to, bbox.top), y(from, bbox.top + bbox.height)];
    ctx.fillStyle = css(`--${level ?? "good"}-tint`);
    ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  }
  for (const { from_ms: from, to_ms: to, level } of spec.spans) {
    const x = (at) => clamp(plot.valToPos(at, "x", true), bbox.left, bbox.left + bbox.width);
    ctx.fillStyle = css(`--${level ?? "notice"}-tint`);
    ctx.fillRect(x(from), bbox.top, Math.max(1, x(to) - x(from)), bbox.height);
  }
  ctx.restore();
}

/** Lines across, each with its name at its end, over everything. */
export function limits(plot, spec, css) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${12 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
  ctx.textAlign = "right";
  ctx.textBaseline = "bottom";
  const x = (at, edge) => (at === undefined ? edge : clamp(plot.valToPos(at, "x", true), bbox.left, bbox.left + bbox.width));
  for (const { value, name, unit, level, from_ms: from, to_ms: to } of spec.limits) {
    const y = plot.valToPos(value, scaleOf(plot, unit), true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = ctx.fillStyle = css(`--${level ?? "warn"}`);
    ctx.lineWidth = 1.5 * ratio;
    ctx.setLineDash([6 * ratio, 4 * ratio]);
    ctx.beginPath();
    const [left, right] = [x(from, bbox.left), x(to, bbox.left + bbox.width)];
    ctx.moveTo(left, y);
    ctx.lineTo(right, y);
    ctx.stroke();
    ctx.fillText(name ?? "", right - 4 * ratio, y - 2 * ratio);
  }
  ctx.restore();
}

/** Rings around single points. */
export function rings(plot, spec, css) {
  const { ctx } = plot;
  ctx.save();
  ctx.lineWidth = 2 * devicePixelRatio;
  for (const { at_ms: at, value, level } of spec.marks) {
    ctx.strokeStyle = css(`--${level ?? "warn-mark"}`);
    ctx.beginPath();
    ctx.arc(plot.valToPos(at, "x", true), plot.valToPos(value, scaleOf(plot), true), 5 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.stroke();
  }
  ctx.restore();
}

const scaleOf = (plot, unit) => (unit === undefined ? plot.series[1].scale : `y${unit}`);

/** Lines across the time, each with its name at the foot, over everything: limits have theirs above. */
export function moments(plot, spec, css) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${12 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
  ctx.textBaseline = "bottom";
  ctx.lineJoin = "round";
  ctx.fillStyle = css("--ink");
  for (const [place, { at_ms: when, name }] of spec.moments.entries()) {
    const x = plot.valToPos(when, "x", true);
    if (x < bbox.left - 1 || x > bbox.left + bbox.width + 1) continue;
    ctx.strokeStyle = css("--ink");
    ctx.lineWidth = 1.5 * ratio;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const right = x + ctx.measureText(name).width + 8 * ratio > bbox.left + bbox.width;
    const at = [x + (right ? -5 : 5) * ratio, bbox.top + bbox.height - (3 + 16 * (place % 3)) * ratio];
    ctx.textAlign = right ? "right" : "left";
    ctx.strokeStyle = css("--card");
    ctx.lineWidth = 4 * ratio;
    ctx.strokeText(name, ...at);
    ctx.fillText(name, ...at);
  }
  ctx.restore();
}
