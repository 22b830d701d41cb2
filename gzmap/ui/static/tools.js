// The tools for drawing an area, and the area itself as Python keeps it. Drawing (draw.js and its library) is fetched
// when somebody wants to draw; until the drawing is finished or cleared nothing is asked of the server.
import { offers } from "./host.js";
import { drawn, make } from "./panel.js";

const SIGNS = {
  polygon: ["path", { d: "M4 15 L3 6 L10 2 L17 7 L14 16 Z" }],
  rectangle: ["rect", { x: 3, y: 5, width: 14, height: 11 }],
  circle: ["circle", { cx: 10, cy: 10, r: 7 }],
  clear: ["path", { d: "M5 5 L15 15 M15 5 L5 15" }],
};
const INK = "#222222";
const WRONG = "#A33A00";
const CASING = { color: "#FFFFFF", weight: 6, opacity: 0.75, fill: false };
const PANE = "gz-area";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"; // of a flexible polyline
const UNITS = 1e5; // its decimals: 5
const HEADER = 2; // its signs before the first number

// --- the tools

function sign(name) {
  const svg = drawn("svg", { viewBox: "0 0 20 20", width: 18, height: 18, "aria-hidden": "true" });
  svg.append(drawn(SIGNS[name][0], { ...SIGNS[name][1], fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-linejoin": "round" }));
  return svg;
}

function buildTools(root, state) {
  const w = state.data.words;
  const bar = make("div", { className: "gz-tool-bar", role: "group" });
  bar.setAttribute("aria-label", w.draw);
  state.tools = { lang: state.data.lang, shapes: {} };
  for (const shape of ["polygon", "rectangle", "circle"]) {
    const button = make("button", { type: "button", className: `gz-tool-${shape}`, onclick: () => choose(root, state, shape) }, sign(shape), w[`draw_${shape}`]);
    button.title = `${w.draw}: ${w[`draw_${shape}`]}`;
    state.tools.shapes[shape] = button;
    bar.append(button);
  }
  const shown = make("button", { type: "button", className: "gz-tool-shown", onclick: () => state.send({ kind: "area", shape: "shown" }) });
  const clear = make("button", { type: "button", className: "gz-tool-clear", onclick: () => clearArea(root, state) }, sign("clear"), w.draw_clear);
  bar.append(shown, clear);
  const hint = make("div", { className: "gz-hint", role: "status" });
  const finish = make("button", { type: "button", className: "gz-hint-finish", onclick: () => state.drawing.finish() }, w.draw_finish);
  const undo = make("button", { type: "button", className: "gz-hint-undo", onclick: () => state.drawing.undo() }, w.draw_undo);
  const cancel = make("button", { type: "button", className: "gz-hint-cancel", onclick: () => state.drawing.end() }, w.draw_cancel);
  const does = make("div", { className: "gz-hint-does" }, finish, undo, cancel);
  const beside = make("div", { className: "gz-hint-box" }, hint, does);
  Object.assign(state.tools, { shown, clear, hint, finish, undo, beside });
  root.querySelector(".gz-tools").replaceChildren(bar, beside);
}

export function patchTools(root, state) {
  if (!offers("draw")) return;
  const { area, words: w, lang } = state.data;
  if (state.tools?.lang !== lang) buildTools(root, state);
  const { shapes, shown, clear, hint, finish, undo, beside } = state.tools;
  const { drawing } = state;
  for (const [shape, button] of Object.entries(shapes)) {
    button.setAttribute("aria-pressed", String(drawing?.shape === shape));
    button.setAttribute("aria-busy", String(drawing?.shape === shape && !drawing.end));
  }
  shown.hidden = !area.code || Boolean(drawing);
  shown.replaceChildren(make("span", {}, w.draw_shown), " ", make("span", {}, area.size));
  clear.hidden = Boolean(drawing) || !(area.code || area.refused);
  root.classList.toggle("gz-drawing", Boolean(drawing?.end));
  beside.hidden = !drawing?.end;
  if (beside.hidden) { hint.replaceChildren(); return; }
  const told = w[`hint_${drawing.touch ? "touch_" : ""}${drawing.shape}`];
  if (hint.firstChild?.textContent !== told) hint.replaceChildren(make("span", {}, told), make("span", { className: "gz-hint-keys" }, w.hint_keys));
  finish.hidden = undo.hidden = drawing.shape !== "polygon";
  finish.disabled = drawing.points < 3;
  undo.disabled = !drawing.points;
}

async function choose(root, state, shape) {
  const again = state.drawing?.shape === shape;
  state.drawing?.end?.();
  if (again) return;
  state.stopMeasuring?.(); // one press of the map is one point of one thing
  const message = root.querySelector(".gz-message");
  const wanted = (state.drawing = { shape, points: 0 }); // from now on a click on the map asks nothing
  patchTools(root, state);
  try {
    const { begin } = await import("./draw.js");
    await begin(root, state, wanted);
    message.hidden = true;
  } catch (error) {
    if (state.drawing === wanted) state.drawing = null;
    message.textContent = `${state.data.words.draw_failed} ${error.message}`;
    message.hidden = false;
  }
  patchTools(root, state);
}

function clearArea(root, state) {
  state.sketch = null;
  state.send({ kind: "area", shape: "none" });
  state.tools.shapes.polygon.focus(); // the button that had the focus goes
}

// What is finished is shown as it was drawn until Python has answered, and for longer where Python has refused it.
export function finishDrawing(root, state, shape, { points, outline }) {
  state.sketch = { number: Math.max(state.sketch?.number ?? 0, state.data.area.number) + 1, outline };
  patchArea(state);
  patchTools(root, state);
  state.send({ kind: "area", shape, points, number: state.sketch.number });
}

// A press that ends a drawing is followed by a click of its own, which must ask nothing either.
export function watchPresses(root, state) {
  root.addEventListener("pointerdown", () => { state.pressDrew = Boolean(state.drawing); }, { capture: true });
}

export const isDrawing = (state) => Boolean(state.drawing) || Boolean(state.pressDrew);

// --- the area

export function patchArea(state) {
  const { code, number, refused } = state.data.area;
  const { sketch } = state;
  if (sketch && (sketch.number < number || (sketch.number === number && !refused))) state.sketch = null;
  const isWrong = state.sketch?.number === number && refused;
  const wanted = state.sketch ? `${state.sketch.number}${isWrong}` : code;
  if (wanted === state.shownArea) return;
  state.shownArea = wanted;
  state.areaLayer?.remove();
  state.areaLayer = null;
  const outline = state.sketch?.outline ?? decode(code);
  if (outline.length) state.areaLayer = buildOutline(state.map, outline, isWrong).addTo(state.map);
}

function buildOutline(map, outline, isWrong) {
  const L = window.L;
  if (!map.getPane(PANE)) map.createPane(PANE).classList.add("gz-area-pane");
  const line = { color: isWrong ? WRONG : INK, weight: isWrong ? 3 : 2.5, dashArray: isWrong ? "3 5" : "9 5", lineCap: "butt", fillColor: INK, fillOpacity: 0.05 };
  const common = { pane: PANE, interactive: false, smoothFactor: 0 };
  return L.layerGroup([CASING, line].map((style) => L.polygon(outline, { ...common, ...style })));
}

// Latitude, longitude, in turn, each the difference from the one before; `dump_area` in Python writes it.
function decode(code) {
  const numbers = [];
  let value = 0, shift = 0;
  for (const one of code.slice(HEADER)) {
    const digit = ALPHABET.indexOf(one);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value & 1 ? ~(value >> 1) : value >> 1);
    value = shift = 0;
  }
  const at = [0, 0];
  const outline = [];
  for (let i = 0; i < numbers.length; i += 2) {
    at[0] += numbers[i];
    at[1] += numbers[i + 1];
    outline.push([at[0] / UNITS, at[1] / UNITS]);
  }
  return outline;
}
