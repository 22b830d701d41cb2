// What of a drawn feature is in view, in pixels of the map: the pieces that Leaflet has clipped and thinned for drawing.
import { LINE, POINT } from "./owndata.js";

// Calls `onPoint`, `onLine` (runs of points) or `onArea` (rings) for each piece that reaches into the box.
export function eachPiece(drawn, box, { onPoint, onLine, onArea }) {
  const L = window.L;
  if (drawn.pieces) { eachOwn(drawn, box, { onPoint, onLine, onArea }); return; }
  if (drawn.eachLayer) { drawn.eachLayer((part) => eachPiece(part, box, { onPoint, onLine, onArea })); return; }
  if (drawn instanceof L.CircleMarker) {
    if (drawn._point && box.contains(drawn._point)) onPoint(drawn._point, drawn);
  } else if (drawn instanceof L.Polygon) {
    const rings = (drawn._parts ?? []).map((ring) => L.PolyUtil.clipPolygon(ring, box)).filter((ring) => ring.length > 2);
    if (rings.length) onArea(rings, drawn);
  } else {
    for (const run of (drawn._parts ?? []).flatMap((part) => clipLine(part, box))) onLine(run, drawn);
  }
}

// A feature of one's own, which is drawn elsewhere: its pieces come as they are, in px of the map.
function eachOwn(drawn, box, { onPoint, onLine, onArea }) {
  const rings = [];
  for (const [kind, points] of drawn.pieces()) {
    if (kind === POINT) { if (box.contains(points[0])) onPoint(points[0], { _radius: drawn.radius }); }
    else if (kind === LINE) for (const run of clipLine(points, box)) onLine(run, drawn);
    else rings.push(window.L.PolyUtil.clipPolygon(points, box));
  }
  const seen = rings.filter((ring) => ring.length > 2);
  if (seen.length) onArea(seen, drawn);
}

function clipLine(points, box) {
  const runs = [];
  let run = null;
  for (let i = 1; i < points.length; i += 1) {
    const clipped = window.L.LineUtil.clipSegment(points[i - 1], points[i], box, false, true);
    if (!clipped) { run = null; continue; }
    const [from, to] = clipped;
    if (run && run.at(-1).equals(from)) run.push(to);
    else runs.push((run = [from, to]));
  }
  return runs;
}

export function isInside({ x, y }, ring) {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const a = ring[j], b = ring[i];
    if ((a.y > y) !== (b.y > y) && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)) odd = !odd;
  }
  return odd;
}

// The box of what is seen, in the pixels that drawn features are in. Whole pixels: in the middle of a throw of the map its
// corner is a fraction, and Leaflet, which rounds where a line meets the box, would look for that place without end.
export function viewBox(map, margin = 0) {
  const corner = map.containerPointToLayerPoint([0, 0]).round();
  return window.L.bounds(corner.add([margin, margin]), corner.add(map.getSize()).subtract([margin, margin]));
}

// The drawn features of the plan layers that are shown, with their layers' descriptions; on demand those of one's own,
// of which the layer knows what is in view.
export function* eachShown(state, { own = false } = {}) {
  for (const spec of state.data.layers) {
    const layer = state.layers[spec.id];
    if (!layer?._map || !layer.byId) continue;
    if (spec.kind !== "plan" && !(own && spec.kind === "own")) continue;
    for (const [id, drawn] of layer.byId) yield { id, drawn, spec, feature: drawn.feature };
  }
}

export const nameOf = (state, { properties: p }) => (state.data.lang === "en" && p.name_en) || p.name;
export const isSchematic = ({ properties: p }) => p.method === "schematic";
