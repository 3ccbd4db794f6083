// Between WGS-84 and GCJ-02, the datum that maps of mainland China are drawn in. Degrees, [longitude, latitude].
// Its formula was never published by those who set it; this is the one that everybody uses, and that agrees with
// published pairs of positions to a few decimetres. Outside the box around China the two are the same.

const AXIS_M = 6378245.0; // of the Krasovsky ellipsoid
const ECCENTRICITY = 0.00669342162296594323;

const outside = (lon, lat) => lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271;

function wave(value, scale) {
  return scale * Math.sin(value * Math.PI);
}

function northward(x, y) {
  const slope = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x));
  const ripple = wave(6 * x, 20) + wave(2 * x, 20);
  const swell = wave(y, 20) + wave(y / 3, 40);
  const tide = wave(y / 12, 160) + wave(y / 30, 320);
  return slope + ((ripple + swell + tide) * 2) / 3;
}

function eastward(x, y) {
  const slope = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x));
  const ripple = wave(6 * x, 20) + wave(2 * x, 20);
  const swell = wave(x, 20) + wave(x / 3, 40);
  const tide = wave(x / 12, 150) + wave(x / 30, 300);
  return slope + ((ripple + swell + tide) * 2) / 3;
}

/** From WGS-84. */
export function toGcj(lon, lat) {
  if (outside(lon, lat)) return [lon, lat];
  const [x, y] = [lon - 105, lat - 35];
  const turn = (lat / 180) * Math.PI;
  const magic = 1 - ECCENTRICITY * Math.sin(turn) ** 2;
  const root = Math.sqrt(magic);
  const north = (northward(x, y) * 180) / (((AXIS_M * (1 - ECCENTRICITY)) / (magic * root)) * Math.PI);
  const east = (eastward(x, y) * 180) / ((AXIS_M / root) * Math.cos(turn) * Math.PI);
  return [lon + east, lat + north];
}

/** To WGS-84: what would be shifted there, found step by step to less than a millimetre. */
export function toWgs(lon, lat) {
  if (outside(lon, lat)) return [lon, lat];
  let [x, y] = [lon, lat];
  for (let step = 0; step < 10; step += 1) {
    const [east, north] = toGcj(x, y);
    const [dx, dy] = [lon - east, lat - north];
    [x, y] = [x + dx, y + dy];
    if (Math.abs(dx) + Math.abs(dy) < 1e-9) break;
  }
  return [x, y];
}
