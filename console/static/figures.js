// Draws the charts of the figures, and again when the page has news of them.

import { chart } from "./chart.js";

const drawn = new Map();

/** The notes of a series are a list in the page, and a function to the chart. */
function specOf(text) {
  const spec = JSON.parse(text);
  for (const series of spec.series) if (series.notes) series.note = (index) => series.notes[index];
  return spec;
}

function draw() {
  for (const { dataset } of document.querySelectorAll(".figure-spec")) {
    const host = document.getElementById(dataset.for);
    const known = drawn.get(dataset.for);
    if (known?.host === host && known.text === dataset.spec) continue;
    if (known?.host === host) known.chart.set(specOf(dataset.spec));
    drawn.set(dataset.for, { host, text: dataset.spec, chart: known?.host === host ? known.chart : chart(host, specOf(dataset.spec)) });
  }
}

new MutationObserver(draw).observe(document.getElementById("figures"), { childList: true, subtree: true, attributes: true, attributeFilter: ["data-spec"] });
draw();
