// What is picked: its panel comes from the service, in words.

import { tell } from "./said.js";

export class Panel {
  /** `picked(key)`, `closed()` and `go([lon, lat])` are told what somebody does in it. */
  constructor({ told, picked, closed, go }) {
    this.told = told;
    this.box = document.getElementById("map-pick");
    this.key = "";
    this.from = null;
    this.box.addEventListener("click", (event) => {
      const { dataset } = event.target.closest("button") ?? {};
      if (!dataset) return;
      if ("close" in dataset) this.close(closed);
      else if (dataset.pick) picked(dataset.pick);
      else if (dataset.copy) this.copy(dataset.copy);
      else if (dataset.go) go(dataset.go.split(", ").map(Number));
    });
    this.box.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(closed); });
  }

  /** Show one thing; with `focus`, go there. What was open before stays until the answer is there. */
  async open(key, { focus = false } = {}) {
    if (focus && this.box.hidden) this.from = document.activeElement;
    this.key = key;
    const answer = await fetch(`/map/pick/${encodeURIComponent(key)}`, { headers: { Accept: "text/html" } }).catch(() => null);
    if (this.key !== key) return;
    if (!answer?.ok) {
      if (answer?.status === 404) this.shut();
      return;
    }
    const page = document.createElement("template");
    page.innerHTML = await answer.text();
    const held = this.box.contains(document.activeElement);
    this.keepPicture(page.content);
    this.box.replaceChildren(page.content);
    this.box.hidden = false;
    this.box.querySelector(".pick-thumb")?.addEventListener("error", (event) => event.target.remove());
    if (focus || held) this.box.querySelector("h2").focus({ preventScroll: !focus });
  }

  /** A picture that is there already is not loaded anew. */
  keepPicture(content) {
    const [next, now] = [content.querySelector(".pick-thumb"), this.box.querySelector(".pick-thumb")];
    if (next && now?.getAttribute("src") === next.getAttribute("src")) next.replaceWith(now);
  }

  close(closed) {
    this.shut();
    closed();
    (this.from?.isConnected ? this.from : document.getElementById("map-q")).focus({ preventScroll: true });
  }

  shut() {
    this.key = "";
    this.box.hidden = true;
    this.box.replaceChildren();
  }

  async copy(position) {
    try {
      await navigator.clipboard.writeText(position);
      tell(this.told.say.copied);
    } catch {
      const place = this.box.querySelector(".secret");
      getSelection().selectAllChildren(place); // a page without TLS may not write to the clipboard: it is ready to be copied
    }
  }
}
