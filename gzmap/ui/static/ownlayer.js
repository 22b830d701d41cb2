// Layers of one's own on the map: one picture above the plan's layers, which a worker draws anew as the map moves, so
// that tens of thousands of outlines keep the page from nothing. What is in view comes along, for names and the list.
import { isInside } from "./inview.js";
import { LINE, POINT } from "./owndata.js";

const PANE = "gz-own";
const PAD = 0.3; // of the view, drawn on each side of it
const MOST_RATIO = 2; // px of the screen in one of the page
const RADIUS = 5; // px
const REACH = 5; // px around a line or pin that count as its own
const FADED = 0.13; // of the opacity while what a passage names is lit up: as layers.js fades

export function makeOwn(state) {
  const L = window.L;
  const { map } = state;
  const worker = new Worker(new URL("./ownwork.js", import.meta.url), { type: "module" });
  const canvas = document.createElement("canvas");
  const pane = map.createPane(PANE);
  pane.classList.add("gz-own-pane");
  let overlay = null; // the picture, when there is one
  let drawn = null; // what it shows: zoom, corner and size in px of the world
  let isBusy = false, isWanted = false, isStale = true, isZooming = false;
  let held = null; // a picture that came while the map was zooming
  let asked = 0;

  const all = () => state.data.layers.map(({ id }) => state.layers[id]).filter((layer) => layer instanceof OwnLayer);
  const shown = () => all().filter((layer) => layer._map);

  // --- when to draw

  const changed = () => { isStale = true; later(); };
  const later = () => { asked ||= requestAnimationFrame(() => { asked = 0; look(); }); };

  function look() {
    if (state.data.hidden || !map.getSize().x || isZooming) return;
    if (isBusy) { isWanted = true; return; }
    const layers = shown().filter((layer) => layer.isLoaded).reverse(); // the first of the panel lies on top
    if (!layers.length) { clear(); return; }
    const { view, seen } = measure();
    const isDrawn = isStale || !covers(view);
    if (isDrawn) isStale = false;
    isBusy = true;
    const told = layers.map((layer) => ({ id: layer.spec.id, style: layer.style, opacity: layer.shownOpacity * (state.data.lit ? FADED : 1) }));
    // What is drawn already stays the measure of what is seen in it.
    worker.postMessage({ kind: "look", view: isDrawn ? view : drawn, seen: isDrawn ? seen : move(seen, view, drawn), shown: told, isDrawn });
  }

  function measure() {
    const size = map.getSize();
    const pad = size.multiplyBy(PAD).round();
    const corner = map.containerPointToLayerPoint(pad.multiplyBy(-1)).round().add(map.getPixelOrigin());
    const zoom = map.getZoom();
    const view = {
      zoom, x: corner.x, y: corner.y, width: size.x + 2 * pad.x, height: size.y + 2 * pad.y,
      scale: 256 * 2 ** zoom, ratio: Math.min(window.devicePixelRatio || 1, MOST_RATIO),
    };
    return { view, seen: [pad.x, pad.y, pad.x + size.x, pad.y + size.y] };
  }

  const move = (box, from, to) => box.map((value, i) => value + (i % 2 ? from.y - to.y : from.x - to.x));

  // Whether the picture reaches at least half of its margin beyond what is in view.
  function covers(view) {
    if (!drawn || ["zoom", "width", "height", "ratio"].some((key) => drawn[key] !== view[key])) return false;
    const [x, y] = [Math.abs(view.x - drawn.x), Math.abs(view.y - drawn.y)];
    const share = PAD / (1 + 2 * PAD) / 2;
    return x <= view.width * share && y <= view.height * share;
  }

  function clear() {
    overlay?.remove();
    overlay = drawn = null;
    for (const layer of all()) layer.see([], 0);
  }

  // --- what the worker says

  const answers = {
    loaded({ id, url }) { find(id, url)?.settle(null); },
    failed({ id, url, message }) { find(id, url)?.settle(message); },
    shape({ id, feature, geometry }) { state.layers[id]?.take?.(feature, geometry); },
    looked(told) {
      isBusy = false;
      if (isZooming && told.bitmap) { held?.bitmap.close(); held = told; return; }
      show(told);
    },
  };
  const find = (id, url) => (state.layers[id]?.url === url ? state.layers[id] : null);

  function show({ view, bitmap, told }) {
    const layers = shown();
    if (bitmap && layers.length) paint(view, bitmap);
    for (const { id, rows, total } of told) state.layers[id]?.see?.(rows.map((row) => new Seen(map, view, { ...row, radius: state.layers[id].style.radius })), total);
    if (bitmap) for (const { id } of told) mark(id);
    state.root.dispatchEvent(new Event("gz-seen"));
    if (isWanted || isStale) { isWanted = false; later(); }
  }

  function paint(view, bitmap) {
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    drawn = view;
    const corner = L.point(view.x, view.y);
    const bounds = L.latLngBounds(map.unproject(corner, view.zoom), map.unproject(corner.add([view.width, view.height]), view.zoom));
    if (overlay) overlay.setBounds(bounds);
    else overlay = L.svgOverlay(canvas, bounds, { pane: PANE }).addTo(map); // it takes any element
  }

  const marked = new Set();
  function mark(id) {
    if (marked.has(id)) return;
    marked.add(id);
    performance.mark(`gz-drawn-${id}`);
  }

  worker.onmessage = ({ data }) => answers[data.kind](data);
  worker.onerror = (e) => { // a browser that cannot, or a script that did not arrive
    e.preventDefault?.();
    isBusy = false;
    for (const layer of all()) layer.settle(e.message || "ownwork.js");
  };
  map.on("zoomanim", () => { isZooming = true; });
  map.on("zoomend", () => {
    isZooming = false;
    if (held) { const one = held; held = null; show(one); }
  });
  map.on("moveend resize", later);
  map.on("move", () => { if (drawn && !isZooming && !isBusy && !covers(measure().view)) later(); });

  // --- a layer

  const OwnLayer = L.Layer.extend({
    initialize(spec) {
      this.spec = spec;
      this.style = { radius: RADIUS, ...spec.style }; // a layer of areas may hold a few points
      this.shownOpacity = 1;
      this.byId = new Map(); // what of it is in view
      this.total = 0; // how much that is in all
      this.isLoaded = false;
    },
    onAdd() { changed(); },
    onRemove() { this.see([], 0); changed(); },
    load(url) {
      if (url === this.url) return;
      this.url = url;
      this.outline = null;
      if (!url) { this.isLoaded = false; worker.postMessage({ kind: "drop", id: this.spec.id }); changed(); return; }
      worker.postMessage({ kind: "load", id: this.spec.id, url });
    },
    settle(message) {
      this.failed = message;
      this.isLoaded = !message;
      if (message) this.url = null; // the next run tries again
      document.dispatchEvent(new CustomEvent("gz-fetched", { detail: this.spec.id }));
      changed();
    },
    see(rows, total) {
      this.byId = new Map(rows.map((one) => [one.id, one]));
      this.total = total;
    },
    setShownOpacity(value, force) {
      if (value === this.shownOpacity && !force) return;
      this.shownOpacity = value;
      changed();
    },
    toFront() {}, // one picture holds them all, in the order of the panel
    // The outline of a feature for the halo; null until the worker has told it.
    outlineOf(id) {
      if (this.outline?.id === id) return this.outline.layer;
      if (this.isLoaded) worker.postMessage({ kind: "shape", id: this.spec.id, feature: id });
      return null;
    },
    take(id, geometry) {
      const { weight, radius } = this.style;
      const pointToLayer = (_, at) => L.circleMarker(at, { radius });
      this.outline = { id, layer: geometry && L.geoJSON(geometry, { style: { weight }, pointToLayer }) };
      if (geometry) state.gz.showSelection(true);
    },
    drop() { worker.postMessage({ kind: "drop", id: this.spec.id }); },
  });

  return { build: (spec) => new OwnLayer(spec), patch: later };
}

// A feature that is in view: what names and the list of places ask of one that is drawn.
class Seen {
  constructor(map, view, { id, name, listed, pieces, radius }) {
    Object.assign(this, { map, view, id, listed, told: pieces, radius, feature: { id, properties: { name } } });
  }

  // Asked as Leaflet asks its own drawings.
  _containsPoint(at) {
    let isOdd = false;
    for (const [kind, points] of this.pieces()) {
      if (kind === POINT) { if (points[0].distanceTo(at) <= this.radius + REACH / 2) return true; }
      else if (kind === LINE) { if (points.some((point, i) => i && window.L.LineUtil.pointToSegmentDistance(at, points[i - 1], point) <= REACH)) return true; }
      else if (isInside(at, points)) isOdd = !isOdd;
    }
    return isOdd;
  }

  // Points, lines and rings in px of the map; none while the picture is of another zoom.
  pieces() {
    const { map, view } = this;
    if (map.getZoom() !== view.zoom) return [];
    const origin = map.getPixelOrigin();
    return this.told.map(([kind, flat]) => {
      const points = [];
      for (let i = 0; i < flat.length; i += 2) points.push(window.L.point(flat[i] + view.x - origin.x, flat[i + 1] + view.y - origin.y));
      return [kind, points];
    });
  }
}
