// Drawing on the map, with Terra Draw: fetched when somebody wants to draw, and stopped when the drawing is done.
// The mouse clicks or drags, a finger taps (and so still moves and zooms the map), the keyboard moves the map under a cross.
import { assetUrl } from "./host.js";
import { loadScript } from "./mapview.js";
import { finishDrawing, patchTools } from "./tools.js";

const LIBRARY = ["terra-draw/terra-draw.umd.js", "terra-draw-leaflet-adapter/terra-draw-leaflet-adapter.umd.js"].map(assetUrl);
const PANES = ".leaflet-10-pane, .leaflet-20-pane, .leaflet-30-pane"; // as in mapview.css
const CIRCLE_POINTS = 64; // as Python draws the circle that is kept
const CLOSE_PX = 12; // from the first point, where a click closes the outline
const TOUCH_CLOSE_PX = 28;
const SLIP_PX = 4; // of a pressed button that is no drag
const TOUCH_SLIP_PX = 12;
const STEP_PX = 24;
const FAR_PX = 120; // with Shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const INK = "#222222";
const PAPER = "#FFFFFF";
const STYLES = {
  fillColor: INK, fillOpacity: 0.08, outlineColor: INK, outlineWidth: 2,
  coordinatePointColor: PAPER, coordinatePointWidth: 4, coordinatePointOutlineColor: INK, coordinatePointOutlineWidth: 2,
  closingPointColor: INK, closingPointWidth: 6, closingPointOutlineColor: PAPER, closingPointOutlineWidth: 2,
};

export async function begin(root, state, wanted) {
  for (const src of LIBRARY) await loadScript(src); // in turn: the second is built on the first
  if (state.drawing !== wanted) return; // another tool was chosen meanwhile
  const { map } = state;
  const container = map.getContainer();
  const touch = matchMedia("(pointer: coarse)").matches;
  const draw = build(map, touch);
  const pointer = followPointer(map, container);
  const came = root.getRootNode().activeElement;
  const onKey = (event) => press(event, { state, map, draw, container });
  Object.assign(wanted, {
    touch,
    finish: () => container.dispatchEvent(new KeyboardEvent("keyup", { key: "Enter" })),
    undo: () => { draw.undo(); container.focus({ preventScroll: true }); },
    end: () => {
      state.drawing = null;
      pointer.stop();
      root.removeEventListener("keydown", onKey, { capture: true });
      draw.stop();
      // The adapter makes its panes anew each time; Leaflet draws on in the first ones.
      for (const pane of root.querySelectorAll(PANES)) if (!pane.children.length) pane.remove();
      map.dragging.enable();
      map.doubleClickZoom.enable();
      patchTools(root, state);
      if (root.classList.contains("gz-keys")) came?.focus();
    },
  });
  let centre = null;
  draw.on("change", (ids, type) => {
    if (type === "create") centre ??= pointer.at; // the first thing made is the circle around where it began
    wanted.points = draw.getSnapshot().find((f) => f.properties.currentlyDrawing)?.properties.committedCoordinateCount ?? 0;
    patchTools(root, state);
  });
  draw.on("finish", (id) => {
    const ring = draw.getSnapshotFeature(id).geometry.coordinates[0].slice(0, -1);
    const points = wanted.shape === "circle" ? [centre, pointer.at] : ring;
    // The library is in the midst of answering the press: it is stopped when it has done so.
    setTimeout(() => {
      wanted.end();
      finishDrawing(root, state, wanted.shape, { points, outline: ring.map(([lon, lat]) => [lat, lon]) });
    });
  });
  root.addEventListener("keydown", onKey, { capture: true });
  draw.start();
  draw.setMode(wanted.shape);
  map.doubleClickZoom.disable();
  container.focus({ preventScroll: true });
}

function build(map, touch) {
  const library = window.terraDraw;
  const common = { styles: STYLES, pointerDistance: touch ? TOUCH_CLOSE_PX : CLOSE_PX };
  // A finger that drags moves the map, and two fingers zoom it.
  const drawInteraction = touch ? "click-move" : "click-move-or-drag";
  return new library.TerraDraw({
    adapter: new window.terraDrawLeafletAdapter.TerraDrawLeafletAdapter({ lib: window.L, map, ignoreMismatchedPointerEvents: true, minPixelDragDistanceDrawing: 1 }),
    modes: [
      new library.TerraDrawPolygonMode({ ...common, showCoordinatePoints: true }),
      new library.TerraDrawRectangleMode({ ...common, drawInteraction, showCoordinatePoints: true }),
      // Without a pointer that hovers, the dots are all that is seen of a circle that has only its middle.
      new library.TerraDrawCircleMode({ ...common, drawInteraction, segments: CIRCLE_POINTS, projection: "globe", showCoordinatePoints: touch }),
    ],
    undoRedo: { modeLevel: new library.TerraDrawModeUndoRedo() },
  });
}

// Where the pointer is, [lon, lat], and what the library is told of it. A hand that trembles while it presses drags nothing.
// A drag begins where the button was pressed: for the library it would where the first movement ended, which is far off
// when the hand is quick. A second finger, which makes a pinch, is no press.
function followPointer(map, container) {
  const followed = { at: null };
  let pinched = false;
  let pressed = null;
  const follow = (event) => {
    const { type, isPrimary, isTrusted, pointerType, clientX, clientY } = event;
    if (type === "pointerdown") pinched = !isPrimary;
    if (pinched && type === "pointerup") { event.stopImmediatePropagation(); return; }
    if (!isPrimary) return;
    if (type === "pointermove" && pressed) {
      const mouse = pointerType === "mouse";
      if (Math.hypot(clientX - pressed.clientX, clientY - pressed.clientY) < (mouse ? SLIP_PX : TOUCH_SLIP_PX)) {
        event.stopImmediatePropagation();
        return;
      }
      const begun = { clientX: pressed.clientX + 1, clientY: pressed.clientY };
      pressed = null;
      if (mouse) move(container, begun);
    }
    if (isTrusted && type !== "pointermove") pressed = type === "pointerdown" ? event : null;
    const { lng, lat } = map.mouseEventToLatLng(event);
    followed.at = [lng, lat];
  };
  const kinds = ["pointerdown", "pointermove", "pointerup"];
  for (const kind of kinds) container.addEventListener(kind, follow, { capture: true });
  followed.stop = () => { for (const kind of kinds) container.removeEventListener(kind, follow, { capture: true }); };
  return followed;
}

function press(event, { state, map, draw, container }) {
  if (event.key === "Escape") state.drawing.end();
  else if (event.target !== container) return;
  else if (event.key in ARROWS) {
    const far = event.shiftKey ? FAR_PX : STEP_PX;
    map.panBy(ARROWS[event.key].map((way) => way * far), { animate: false });
    point(container, "pointermove");
  } else if (event.key === " ") ["pointermove", "pointerdown", "pointerup"].forEach((kind) => point(container, kind));
  else if (event.key === "Backspace") draw.undo();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// A press of the pointer at the cross in the middle of the map. It stays on the container: Leaflet has its own keys.
function point(container, kind) {
  const box = container.getBoundingClientRect();
  const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
  if (kind === "pointermove") move(container, at);
  else container.dispatchEvent(new PointerEvent(kind, { ...at, isPrimary: true, pointerType: "mouse", button: 0 }));
}

function move(container, at) {
  container.dispatchEvent(new PointerEvent("pointermove", { ...at, isPrimary: true, pointerType: "mouse", button: -1 }));
}
