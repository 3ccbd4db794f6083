// A layer of the map that draws itself on one canvas: it moves and zooms with the map, and is drawn anew when that rests.

/** `paint(context, map, toPoint, bounds)`: toPoint turns [lon, lat] into pixels of the canvas. */
export function canvasLayer(pane, paint) {
  return new Painted({ pane, padding: 0.3, paint });
}

const Painted = L.Renderer.extend({
  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.setAttribute("aria-hidden", "true");
  },
  _destroyContainer() {
    this._container.remove();
    this._container = null;
  },
  _updatePaths() {},
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const canvas = this._container;
    const size = this._bounds.getSize();
    const ratio = devicePixelRatio;
    L.DomUtil.setPosition(canvas, this._bounds.min);
    canvas.width = Math.round(size.x * ratio);
    canvas.height = Math.round(size.y * ratio);
    canvas.style.width = `${size.x}px`;
    canvas.style.height = `${size.y}px`;
    this.redraw();
  },
  /** Draw again where the map is. */
  redraw() {
    if (!this._map || !this._bounds) return;
    const canvas = this._container;
    const context = canvas.getContext("2d");
    const ratio = devicePixelRatio;
    context.setTransform(ratio, 0, 0, ratio, -this._bounds.min.x * ratio, -this._bounds.min.y * ratio);
    const size = this._bounds.getSize();
    context.clearRect(this._bounds.min.x, this._bounds.min.y, size.x, size.y);
    this.options.paint(context, this._map, ([x, y]) => this._map.latLngToLayerPoint([y, x]), this._bounds);
  },
});

/** The colours of the page, read once for each drawing. */
export function inks() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}
