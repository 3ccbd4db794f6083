// Limits as the API tells them, made into lines across a chart.

/** As lines; those so far off that the values would shrink to a line are left out, but the nearest. */
export function inView(limits, least, most, isSwitch) {
  if (isSwitch) return [];
  const room = Math.max(most - least, Math.abs(most) * 0.02, 1e-9);
  const all = limits.flatMap((one) => ["low", "high"].filter((end) => one[end] !== null).map((end) => ({
    value: one[end], severity: one.severity, from: Date.parse(one.from), to: Date.parse(one.to),
  })));
  const off = (one) => Math.max(0, least - one.value, one.value - most);
  const nearest = Math.min(...all.map(off));
  return all.filter((one) => off(one) <= Math.max(4 * room, nearest));
}
