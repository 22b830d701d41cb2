// Draws layers of one's own into a picture of the view, and tells what of them is in view.
import { POINT, RING } from "./owndata.js";

const LEAST_STEP = 0.7; // px: a vertex nearer to the last one is passed over
const TINY = 3; // px: what is no larger is a spot, for its line would cover it anyway
const TINY_OPACITY = 0.45; // of these, so that thousands of them do not hide the plan below
const FULL_FROM = 16; // px: what is smaller has a thinner line
const LEAST_LINE = 0.35; // of its width
const MARGIN = 12; // px around the picture in which a line or a pin still reaches into it
const PIN = { fill: 0.9, edge: "#ffffff", width: 1.5 };
const NEAREST = 200; // of a layer: as many are listed and named, those nearest to the middle
const LARGEST = 300; // and as many are named because they are large
const NAMED_FROM = 26; // px

// `view` is the picture: its zoom's width of the world in px, its corner in these, its size; `ratio` px of the screen each.
export function drawLayer(ctx, layer, { view, style, opacity }) {
  const { scale, x, y, width, height } = view;
  const { boxes, first, ids } = layer;
  ctx.lineJoin = ctx.lineCap = "round";
  const look = { scale, x, y, style, opacity };
  for (let i = 0; i < ids.length; i += 1) {
    const left = boxes[4 * i] * scale - x, top = boxes[4 * i + 1] * scale - y;
    const right = boxes[4 * i + 2] * scale - x, bottom = boxes[4 * i + 3] * scale - y;
    if (right < -MARGIN || bottom < -MARGIN || left > width + MARGIN || top > height + MARGIN) continue;
    if (layer.kinds[first[i]] !== POINT && right - left < TINY && bottom - top < TINY) {
      ctx.globalAlpha = opacity * TINY_OPACITY;
      ctx.fillStyle = style.color;
      ctx.fillRect(left - 0.5, top - 0.5, right - left + 1, bottom - top + 1);
    } else {
      look.thin = Math.min(1, Math.max(LEAST_LINE, Math.max(right - left, bottom - top) / FULL_FROM));
      drawFeature(ctx, layer, i, look);
    }
  }
}

function drawFeature(ctx, layer, i, { scale, x, y, style, opacity, thin }) {
  let isArea = false;
  ctx.beginPath();
  for (let ring = layer.first[i]; ring < layer.first[i + 1]; ring += 1) {
    const kind = layer.kinds[ring];
    const v = layer.start[ring];
    if (kind === POINT) {
      drawPin(ctx, layer.xs[v] * scale - x, layer.ys[v] * scale - y, { style, opacity });
      ctx.beginPath();
      continue;
    }
    isArea ||= kind === RING;
    trace(ctx, layer, ring, { scale, x, y });
    if (kind === RING) ctx.closePath();
  }
  if (isArea) {
    ctx.globalAlpha = opacity * style.fill_opacity;
    ctx.fillStyle = style.color;
    ctx.fill("evenodd");
  }
  ctx.globalAlpha = opacity;
  ctx.strokeStyle = style.color;
  ctx.lineWidth = style.weight * thin;
  ctx.stroke();
}

function trace(ctx, layer, ring, { scale, x, y }) {
  const end = layer.start[ring + 1] - 1;
  let lastX, lastY;
  for (let v = layer.start[ring]; v <= end; v += 1) {
    const px = layer.xs[v] * scale - x, py = layer.ys[v] * scale - y;
    if (lastX === undefined) ctx.moveTo(px, py);
    else if (v < end && Math.abs(px - lastX) < LEAST_STEP && Math.abs(py - lastY) < LEAST_STEP) continue;
    else ctx.lineTo(px, py);
    lastX = px;
    lastY = py;
  }
}

function drawPin(ctx, px, py, { style, opacity }) {
  ctx.beginPath();
  ctx.arc(px, py, style.radius, 0, 2 * Math.PI);
  ctx.globalAlpha = opacity * PIN.fill;
  ctx.fillStyle = style.color;
  ctx.fill();
  ctx.globalAlpha = opacity;
  ctx.strokeStyle = PIN.edge;
  ctx.lineWidth = PIN.width;
  ctx.stroke();
}

// How many features of a layer are in view, and the nearest and largest of them with their outlines, in px of the world
// less the view's corner. `seen` is the view without what the picture has around it: [left, top, right, bottom] in it.
export function listSeen(layer, { view, seen: [west, north, east, south] }) {
  const { scale, x, y } = view;
  const { boxes } = layer;
  const middle = [(west + east) / 2, (north + south) / 2];
  const found = [];
  for (let i = 0; i < layer.ids.length; i += 1) {
    const left = boxes[4 * i] * scale - x, top = boxes[4 * i + 1] * scale - y;
    const right = boxes[4 * i + 2] * scale - x, bottom = boxes[4 * i + 3] * scale - y;
    if (right < west || bottom < north || left > east || top > south) continue;
    const away = Math.hypot(Math.max(left - middle[0], 0, middle[0] - right), Math.max(top - middle[1], 0, middle[1] - bottom));
    found.push({ i, away, size: Math.max(right - left, bottom - top) });
  }
  const near = found.sort((a, b) => a.away - b.away).slice(0, NEAREST);
  const rest = layer.named ? found.slice(NEAREST).filter(({ size }) => size >= NAMED_FROM) : [];
  const large = rest.sort((a, b) => b.size - a.size).slice(0, LARGEST);
  const tell = ({ i }, listed) => ({ id: layer.ids[i], name: layer.names[i], listed, pieces: listPieces(layer, i, view) });
  return { total: found.length, rows: [...near.map((one) => tell(one, true)), ...large.map((one) => tell(one, false))] };
}

function listPieces(layer, i, { scale, x, y }) {
  const pieces = [];
  for (let ring = layer.first[i]; ring < layer.first[i + 1]; ring += 1) {
    const points = [];
    const path = { moveTo: (px, py) => points.push(px, py), lineTo: (px, py) => points.push(px, py) };
    trace(path, layer, ring, { scale, x, y });
    pieces.push([layer.kinds[ring], Float32Array.from(points)]);
  }
  return pieces;
}
