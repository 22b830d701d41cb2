// The worker behind layers of one's own: fetches and holds them, and draws them without keeping the page from anything.
import { pack, shapeOf } from "./owndata.js";
import { drawLayer, listSeen } from "./owndraw.js";

const layers = new Map();
const wanted = new Map(); // the address that was last asked for: an older answer may come later
let canvas = null;

const acts = {
  async load({ id, url }) {
    wanted.set(id, url);
    try {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(`${answer.status} ${url.replace(/\?.*/, "")}`);
      const layer = pack(await answer.json());
      if (wanted.get(id) !== url) return;
      layers.set(id, layer);
      postMessage({ kind: "loaded", id, url });
    } catch (error) {
      postMessage({ kind: "failed", id, url, message: error.message });
    }
  },
  drop({ id }) {
    layers.delete(id);
    wanted.delete(id);
  },
  shape({ id, feature }) {
    postMessage({ kind: "shape", id, feature, geometry: layers.has(id) ? shapeOf(layers.get(id), feature) : null });
  },
  look({ view, seen, shown, isDrawn }) {
    const known = shown.filter(({ id }) => layers.has(id));
    const bitmap = isDrawn ? draw(known, view) : null;
    const told = known.map(({ id }) => ({ id, ...listSeen(layers.get(id), { view, seen }) }));
    postMessage({ kind: "looked", view, bitmap, told }, bitmap ? [bitmap] : []);
  },
};

function draw(known, view) {
  const [width, height] = [view.width, view.height].map((side) => Math.round(side * view.ratio));
  canvas ??= new OffscreenCanvas(width, height);
  canvas.width = width; // clears it, too
  canvas.height = height;
  const ctx = canvas.getContext("2d");
  ctx.scale(view.ratio, view.ratio);
  for (const { id, style, opacity } of known) drawLayer(ctx, layers.get(id), { view, style, opacity });
  return canvas.transferToImageBitmap();
}

self.onmessage = ({ data }) => acts[data.kind](data);
