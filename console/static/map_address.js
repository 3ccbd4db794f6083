// Where the map is and what is shown stands in the page's address, so that it can be sent to somebody.

/** What the address says. */
export function readAddress() {
  const asked = new URLSearchParams(location.search);
  const at = (asked.get("at") ?? "").split(",").map(Number);
  return {
    at: at.length === 3 && at.every(Number.isFinite) ? { lon: at[0], lat: at[1], zoom: at[2] } : null,
    layers: asked.has("layers") ? asked.get("layers").split(",").filter(Boolean) : null,
    trouble: asked.get("trouble") === "1",
    pick: asked.get("pick") ?? "",
    words: asked.get("q") ?? "",
  };
}

/** Write it down; what is as it is at first is left out. `at` is in WGS-84. */
export function writeAddress({ at, layers, trouble, pick, words }) {
  const asked = new URLSearchParams();
  if (at) asked.set("at", `${at.lon.toFixed(6)},${at.lat.toFixed(6)},${at.zoom}`);
  if (layers) asked.set("layers", layers.join(",") || "-");
  if (trouble) asked.set("trouble", "1");
  if (pick) asked.set("pick", pick);
  if (words) asked.set("q", words);
  const query = asked.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  const next = query ? `${location.pathname}?${query}` : location.pathname;
  if (next !== location.pathname + location.search) history.replaceState(history.state, "", next);
}
