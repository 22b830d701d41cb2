// Names of what the plan layers show: as many as fit without touching each other or the names of the base map.
// First what is selected, then what is known for certain before what is 示意, then what is larger on the screen.
import { eachPiece, eachShown, isSchematic, nameOf, viewBox } from "./inview.js";

const FONT = '"Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif';
const SIZE = 12; // px
const SELECTED_SIZE = 13;
const HALF_LINE = 0.72; // of the size: half the height that a name takes
const GAP = [7, 3]; // px left free between names, across and down
const LEAST = 26; // px: a line or an area that is smaller is named only when it is selected
const ABOVE_LINE = 9;
const BESIDE = 10;
const ROWS = 7; // heights at which the room in an area is looked for
const CELL = 64; // px of the grid in which taken boxes are looked up

export function makeNames(root, state) {
  const { map } = state;
  const box = window.L.DomUtil.create("div", "gz-names", map.getPane("markerPane"));
  box.setAttribute("aria-hidden", "true"); // the list of places in view says them
  const pen = document.createElement("canvas").getContext("2d");
  const widths = new Map();
  const measure = (text, size) => {
    const key = `${size}${text}`;
    if (!widths.has(key)) {
      pen.font = `500 ${size}px ${FONT}`;
      widths.set(key, pen.measureText(text).width);
    }
    return widths.get(key);
  };
  let asked = 0;
  // After the next picture, not before it: what was asked for, such as a card, is seen first.
  const later = () => { asked ||= requestAnimationFrame(() => setTimeout(() => { asked = 0; place(); })); };

  function place() {
    if (!state.named || state.data.hidden || !map.getSize().x) { box.replaceChildren(); return; }
    const view = viewBox(map, 2);
    const taken = new Grid();
    const told = new Set(); // one river is a waterway, a corridor and a blueway: its name need stand there once
    for (const layer of Object.values(state.layers)) {
      if (layer._map) for (const base of layer.taken ?? []) { taken.add(base); told.add(base.text); }
    }
    const marks = [];
    for (const one of rank(list(state, view))) {
      if (told.has(nameOf(state, one.feature)) && !one.selected) continue;
      const mark = fit(one, { view, taken, measure, state });
      if (!mark) continue;
      marks.push(mark);
      told.add(mark.textContent);
    }
    box.replaceChildren(...marks);
  }

  map.on("moveend", later);
  map.on("zoomstart", () => box.replaceChildren());
  map.on("layeradd layerremove", later);
  root.addEventListener("gz-show", later);
  root.addEventListener("gz-loaded", later);
  root.addEventListener("gz-seen", later);
  later();
  return { patch: later, place };
}

// --- what could be named

function list(state, view) {
  const found = [];
  const selected = state.data.selected?.feature_id;
  const lit = state.data.lit && new Set(state.data.lit);
  for (const { id, drawn, feature } of eachShown(state, { own: true })) {
    if (!nameOf(state, feature) || (lit && !lit.has(id))) continue; // without a name, or faded
    const one = { id, feature, selected: id === selected, certain: !isSchematic(feature), size: 0, spots: [] };
    const lines = [];
    eachPiece(drawn, view, {
      onPoint: (point, mark) => one.spots.push(...aroundPoint(point, mark)),
      onLine: (run) => lines.push(run),
      onArea: (rings) => {
        const room = roomIn(rings);
        one.size += room.size;
        if (room.reach >= LEAST || one.selected) one.spots.push(...room.spots);
      },
    });
    const measured = lines.map((run) => ({ run, length: lengthOf(run) })).sort((a, b) => b.length - a.length);
    one.size += measured.reduce((sum, { length }) => sum + length, 0);
    for (const { run, length } of measured.slice(0, 2)) {
      if (length >= LEAST || one.selected) for (const share of [0.5, 0.3, 0.7]) one.spots.push(along(run, length * share));
    }
    if (one.spots.length) found.push(one);
  }
  return found;
}

const rank = (found) => found.sort((a, b) => b.selected - a.selected || b.certain - a.certain || b.size - a.size || (a.id < b.id ? -1 : 1));

// A pin is named beside it, a disc in its middle; `side` says where the text lies from the spot.
function aroundPoint({ x, y }, mark) {
  if (mark instanceof window.L.Circle) return [{ x, y, side: 0 }, { x, y: y - 16, side: 0 }, { x, y: y + 16, side: 0 }];
  const away = mark._radius + 5;
  return [{ x: x + away, y, side: 1 }, { x: x - away, y, side: -1 }, { x, y: y - away - 6, side: 0 }, { x, y: y + away + 6, side: 0 }];
}

const lengthOf = (run) => run.reduce((sum, point, i) => sum + (i ? point.distanceTo(run[i - 1]) : 0), 0);

function along(run, wanted) {
  let left = wanted;
  for (let i = 1; i < run.length; i += 1) {
    const step = run[i].distanceTo(run[i - 1]);
    if (left <= step) {
      const share = step ? left / step : 0;
      return { x: run[i - 1].x + (run[i].x - run[i - 1].x) * share, y: run[i - 1].y + (run[i].y - run[i - 1].y) * share - ABOVE_LINE, side: 0 };
    }
    left -= step;
  }
  return { x: run.at(-1).x, y: run.at(-1).y - ABOVE_LINE, side: 0 };
}

// The widest places inside an area: names lie across, so what counts is the room across, and the middle before the ends.
function roomIn(rings) {
  const ys = rings.flat().map((p) => p.y);
  const top = Math.min(...ys), bottom = Math.max(...ys);
  const spots = [];
  let widest = 0;
  for (let row = 1; row <= ROWS; row += 1) {
    const y = top + ((bottom - top) * row) / (ROWS + 1);
    const cuts = rings.flatMap((ring) => crossings(ring, y)).sort((a, b) => a - b);
    for (let i = 1; i < cuts.length; i += 2) {
      const width = cuts[i] - cuts[i - 1];
      widest = Math.max(widest, width);
      spots.push({ x: (cuts[i] + cuts[i - 1]) / 2, y, side: 0, room: width * (1 - Math.abs(row - (ROWS + 1) / 2) / (2 * ROWS)) });
    }
  }
  const best = spots.sort((a, b) => b.room - a.room).slice(0, 4);
  return { spots: best, reach: Math.max(widest, bottom - top), size: Math.sqrt(widest * (bottom - top)) };
}

function crossings(ring, y) {
  const found = [];
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const a = ring[j], b = ring[i];
    if ((a.y > y) !== (b.y > y)) found.push(a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x));
  }
  return found;
}

// --- where it fits

function fit(one, { view, taken, measure, state }) {
  const text = nameOf(state, one.feature);
  const size = one.selected ? SELECTED_SIZE : SIZE;
  const width = measure(text, size);
  const half = size * HALF_LINE;
  const spaces = (one.selected ? one.spots.flatMap(sideways) : one.spots).map(({ x, y, side }) => {
    const left = side === 0 ? x - width / 2 : side > 0 ? x : x - width;
    return [left, y - half, left + width, y + half];
  });
  // What is selected is named in any case, over others if need be.
  const space = spaces.find((s) => isIn(view, s) && !taken.touches(s)) ?? (one.selected ? spaces[0] : null);
  if (!space) return null;
  taken.add(space);
  const mark = document.createElement("span");
  mark.className = "gz-name";
  mark.classList.toggle("gz-name-on", one.selected);
  mark.classList.toggle("gz-name-schematic", !one.certain);
  mark.textContent = text;
  mark.dataset.id = one.id;
  mark.style.transform = `translate(${Math.round(space[0])}px, ${Math.round(space[1])}px)`;
  return mark;
}

const isIn = ({ min, max }, [x0, y0, x1, y1]) => x0 >= min.x && x1 <= max.x && y0 >= min.y && y1 <= max.y;
const sideways = (spot) => (spot.side ? [spot] : [spot, { ...spot, x: spot.x + BESIDE, side: 1 }, { ...spot, x: spot.x - BESIDE, side: -1 }]);

// Boxes by the cells that they lie in: each is compared with its neighbours only.
class Grid {
  constructor() { this.cells = new Map(); }

  add(box) {
    for (const key of this.keys(box)) {
      const cell = this.cells.get(key);
      if (cell) cell.push(box);
      else this.cells.set(key, [box]);
    }
  }

  touches([x0, y0, x1, y1]) {
    const wide = [x0 - GAP[0], y0 - GAP[1], x1 + GAP[0], y1 + GAP[1]];
    for (const key of this.keys(wide)) {
      if (this.cells.get(key)?.some((t) => wide[0] < t[2] && t[0] < wide[2] && wide[1] < t[3] && t[1] < wide[3])) return true;
    }
    return false;
  }

  * keys([x0, y0, x1, y1]) {
    for (let i = Math.floor(x0 / CELL); i <= Math.floor(x1 / CELL); i += 1) {
      for (let j = Math.floor(y0 / CELL); j <= Math.floor(y1 / CELL); j += 1) yield `${i},${j}`;
    }
  }
}
