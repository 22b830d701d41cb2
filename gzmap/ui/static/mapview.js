// The living map: runs Folium's script once, then patches what it drew. The page never remounts it.
// Streamlit calls `render` on mount and on every rerun; a click is one trigger back, pan and zoom are none.
import { patchPanel } from "./panel.js";
import { makeLayers } from "./layers.js";
import { tellUnderPointer } from "./hover.js";
import { isDrawing, patchArea, patchTools, watchPresses } from "./tools.js";
import { followHistory, readLayers, readQuery, readSeen, readView, writeUrl } from "./address.js";

const LEAFLET = "/assets/leaflet/leaflet.js";
const CLICK_PX = 8;
const TOUCH_PX = 16;
const EARTH_M = 40075016.686; // equatorial circumference, WGS 84 radius 6378137 m

const once = {};
export const loadScript = (src) => (once[src] ??= new Promise((done, fail) => {
  const tag = document.createElement("script");
  tag.src = src;
  tag.onload = done;
  tag.onerror = () => { delete once[src]; fail(new Error(src)); };
  document.head.appendChild(tag);
}));

const styleReady = (link) => (link.sheet ? Promise.resolve() : new Promise((done, fail) => {
  link.addEventListener("load", done, { once: true });
  link.addEventListener("error", () => fail(new Error(link.getAttribute("href"))), { once: true });
}));

export async function render({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gz-root");
  document.documentElement.lang = data.lang === "en" ? "en" : "zh-CN";
  root.classList.toggle("gz-hidden", data.hidden);
  const state = (root.gz ??= {});
  state.data = data;
  state.send = (event) => setTriggerValue("event", { ...event, address: readQuery(), seen: readSeen() });
  if (!state.started) {
    state.started = true; // claimed before the first await: a second call only leaves its data here
    await start(root, parentElement, state);
  }
  if (state.map) patch(root, state);
}

async function start(root, parentElement, state) {
  const message = root.querySelector(".gz-message");
  try {
    const styles = [...parentElement.querySelectorAll("link[rel=stylesheet]")].map(styleReady);
    await Promise.all([loadScript(LEAFLET), ...styles]);
  } catch (error) {
    message.textContent = `${state.data.words.asset_failed} ${error.message}`;
    message.hidden = false;
    state.started = false; // the next rerun tries again
    return;
  }
  message.hidden = true;
  runFolium(root, state);
  state.root = root;
  listen(root, state);
  tellUnderPointer(state);
  window.__gz = { map: state.map, state, mounts: (window.__gz?.mounts ?? 0) + 1 };
}

function runFolium(root, state) {
  const { script, map_var: mapVar, layer_vars: layerVars } = state.data.drawing;
  const element = root.querySelector(".gz-map");
  element.id = mapVar;
  state.gz = makeLayers(state);
  // Folium writes L.map("<id>", …); inside a shadow root the id is not findable, so the element is handed over.
  const body = script.replace(`"${mapVar}"`, "mapElement");
  const ids = Object.keys(layerVars);
  const run = new Function("L", "gz", "mapElement", `${body}; return [${[mapVar, ...Object.values(layerVars)].join(",")}];`);
  const [map, ...layers] = run(window.L, state.gz, element);
  state.map = map;
  state.layers = Object.fromEntries(ids.map((id, i) => [id, layers[i]]));
  state.show = readLayers(state.data.layers);
  const w = state.data.words;
  for (const [name, label] of [["in", w.zoom_in], ["out", w.zoom_out]]) {
    const button = element.querySelector(`.leaflet-control-zoom-${name}`);
    button.title = label;
    button.setAttribute("aria-label", label);
  }
  element.setAttribute("aria-label", w.map);
  element.setAttribute("role", "application");
  const view = readView();
  if (view) {
    map.setView([view.lat, view.lon], view.zoom, { animate: false });
    state.focused = state.data.focus?.nonce; // a reload or a link: the address says where to look
  }
  state.unplaced = !view;
}

function listen(root, state) {
  const { map } = state;
  const readout = root.querySelector(".gz-readout");
  map.on("click", (e) => {
    if (isDrawing(state)) return; // it set a point
    if (e.originalEvent.detail > 1) return; // the second half of a double click zooms, it asks nothing
    const touch = e.originalEvent.pointerType === "touch" || matchMedia("(pointer: coarse)").matches;
    const metres = (EARTH_M * Math.cos((e.latlng.lat * Math.PI) / 180)) / 2 ** (map.getZoom() + 8);
    state.send({
      kind: "click", lon: e.latlng.lng, lat: e.latlng.lat, tolerance_m: metres * (touch ? TOUCH_PX : CLICK_PX),
      layer_ids: state.data.layers.filter((l) => state.show[l.id]?.visible && l.kind === "plan").map((l) => l.id),
    });
  });
  map.on("moveend", () => writeUrl(state));
  root.addEventListener("keyup", () => root.classList.add("gz-keys"));
  root.addEventListener("pointerdown", () => root.classList.remove("gz-keys"), { capture: true });
  map.on("mousemove", (e) => { readout.textContent = `${e.latlng.lng.toFixed(4)}, ${e.latlng.lat.toFixed(4)}`; });
  map.on("mouseout", () => { readout.textContent = ""; });
  watchPresses(root, state);
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(root.querySelector(".gz-map"));
  root.addEventListener("gz-show", () => { applyShow(state); writeUrl(state); });
  followHistory((view) => map.setView([view.lat, view.lon], view.zoom, { animate: false }));
  // What arrives last would lie on top, whatever the catalogue says.
  root.addEventListener("gz-loaded", () => { applyShow(state, { reorder: true }); patchPanel(root, state); });
}

function patch(root, state) {
  const { data } = state;
  for (const layer of data.layers) {
    state.show[layer.id] ??= { visible: false, opacity: 1 }; // new in the catalogue since this page was opened
  }
  if (data.hidden) state.drawing?.end?.();
  else place(state);
  state.gz.select(data.selected);
  applyShow(state, { reorder: state.lang !== data.lang }); // names are drawn in the language of the page
  state.lang = data.lang;
  patchPanel(root, state);
  patchArea(state);
  patchTools(root, state);
  writeUrl(state);
}

// A map that is not shown has no size to fit anything into: what was asked for meanwhile is done when it is shown.
function place(state) {
  const { map, data } = state;
  if (!map.getSize().x) map.invalidateSize({ animate: false });
  if (data.focus && data.focus.nonce !== state.focused) {
    state.focused = data.focus.nonce;
    for (const id of data.focus.layer_ids) state.show[id].visible = true;
    if (data.focus.bbox) {
      state.unplaced = false;
      fit(map, data.focus.bbox, { maxZoom: 14, padding: [30, 30] });
    }
  }
  if (state.unplaced) {
    state.unplaced = false;
    fit(map, data.home, { padding: [4, 4] });
  }
}

function fit(map, [west, south, east, north], options) {
  map.fitBounds([[south, west], [north, east]], { animate: false, ...options });
}

function applyShow(state, { reorder = false } = {}) {
  let moved = reorder;
  for (const { id, url } of state.data.layers) {
    const layer = state.layers[id];
    const wish = state.show[id];
    if (!layer) continue;
    if (wish.visible || !url) layer.load(url); // what is not looked at is not fetched
    if (wish.visible !== state.map.hasLayer(layer)) {
      moved = true;
      if (wish.visible) layer.addTo(state.map);
      else layer.remove();
    }
    layer.setShownOpacity(wish.opacity);
  }
  if (moved) {
    // A layer switched on again would lie on top: put all back in catalogue order.
    for (const { id } of state.data.layers) if (state.show[id].visible) state.layers[id]?.toFront();
    state.gz.placeLabels();
  }
  state.gz.showSelection(moved);
}
