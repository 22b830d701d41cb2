// The living map: runs Folium's script once, then patches what it drew. The page never remounts it.
// Streamlit calls `render` on mount and on every rerun; a click is one trigger back, pan and zoom are none.
import { assetUrl } from "./host.js";
import { patchPanel } from "./panel.js";
import { makeLayers } from "./layers.js";
import { tellUnderPointer } from "./hover.js";
import { drawOrder, readOrder } from "./order.js";
import { isDrawing, patchArea, patchTools, watchPresses } from "./tools.js";
import { awaitOwn, keepOwn, litIds, patchOwn, readOwn, watchOwn } from "./owned.js";
import { followHistory, readLayers, readQuery, readSeen, readView, writeUrl } from "./address.js";

const LEAFLET = assetUrl("leaflet/leaflet.js");
const CLICK_PX = 8;
const TOUCH_PX = 16;
const TOOLS_AFTER_MS = 4000;
const EARTH_M = 40075016.686; // equatorial circumference, WGS 84 radius 6378137 m

const once = {};
export const loadScript = (src) => (once[src] ??= new Promise((done, fail) => {
  const tag = document.createElement("script");
  tag.src = src;
  tag.onload = done;
  tag.onerror = () => { delete once[src]; fail(new Error(src)); };
  document.head.appendChild(tag);
}));

// Like `new Function`, which the page's Content-Security-Policy forbids, as it does every other `eval`.
async function readFunction(...parts) {
  const body = parts.pop();
  const text = `document.currentScript.made = function (${parts.join(", ")}) { ${body} };`;
  const tag = document.createElement("script");
  tag.src = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  await new Promise((done, fail) => {
    tag.onload = done;
    tag.onerror = () => fail(new Error("map"));
    document.head.appendChild(tag);
  });
  URL.revokeObjectURL(tag.src);
  tag.remove();
  return tag.made;
}

const styleReady = (link) => (link.sheet ? Promise.resolve() : new Promise((done, fail) => {
  link.addEventListener("load", done, { once: true });
  link.addEventListener("error", () => fail(new Error(link.getAttribute("href"))), { once: true });
}));

export async function render({ data: told, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gz-root");
  const data = complete(told);
  if (!data) { // what was told has got lost on the way, which a run that was cut short can cause
    setTriggerValue("event", { kind: "describe", address: readQuery(), seen: readSeen() });
    return;
  }
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

// What is the same on every run is told once and kept, by its digest.
const described = {};

function complete(told) {
  if (told.layers) described[told.about] = told;
  return described[told.about] && { ...described[told.about], ...told };
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
  await runFolium(root, state);
  state.root = root;
  listen(root, state);
  tellUnderPointer(state);
  startTools(root, state);
  window.__gz = { map: state.map, state, mounts: (window.__gz?.mounts ?? 0) + 1 };
}

async function runFolium(root, state) {
  const { script, map_var: mapVar, layer_vars: layerVars } = state.data.drawing;
  const element = root.querySelector(".gz-map");
  element.id = mapVar;
  state.gz = makeLayers(state);
  // Folium writes L.map("<id>", …); inside a shadow root the id is not findable, so the element is handed over.
  const body = script.replace(`"${mapVar}"`, "mapElement");
  const ids = Object.keys(layerVars);
  const made = [mapVar, ...Object.values(layerVars)].join(",");
  const run = await readFunction("L", "gz", "mapElement", `${body}; return [${made}];`);
  const [map, ...layers] = run(window.L, state.gz, element);
  state.map = map;
  state.layers = Object.fromEntries(ids.map((id, i) => [id, layers[i]]));
  state.show = { ...readLayers(state.data.layers), ...readOwn(state.data.layers) };
  state.order = readOrder(state.data);
  state.named = new URL(location).searchParams.get("names") !== "0";
  window.L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
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

// Tools are for later: what is shown at first is drawn before they are asked for, or has had its time.
function startTools(root, state) {
  const awaited = new Set(state.data.layers.filter((l) => l.url && state.show[l.id].visible).map((l) => l.id));
  const idle = window.requestIdleCallback ?? ((done) => setTimeout(done, 200));
  const begin = () => {
    clearTimeout(late);
    document.removeEventListener("gz-fetched", count);
    idle(async () => {
      const { makeTools } = await import("./maptools.js");
      state.maptools = makeTools(root, state);
      const { offerTour } = await import("./tour.js");
      offerTour(root, state);
    }, { timeout: 1000 });
  };
  const late = setTimeout(begin, TOOLS_AFTER_MS);
  const count = ({ detail }) => { if (awaited.delete(detail) && !awaited.size) begin(); };
  document.addEventListener("gz-fetched", count);
  if (!awaited.size) begin();
}

function listen(root, state) {
  const { map } = state;
  const readout = root.querySelector(".gz-readout");
  map.on("click", (e) => {
    if (state.measuring) return; // the point belongs to what is measured
    if (isDrawing(state)) return; // it set a point
    if (e.originalEvent.detail > 1) return; // the second half of a double click zooms, it asks nothing
    const touch = e.originalEvent.pointerType === "touch" || matchMedia("(pointer: coarse)").matches;
    const metres = (EARTH_M * Math.cos((e.latlng.lat * Math.PI) / 180)) / 2 ** (map.getZoom() + 8);
    state.send({
      kind: "click", lon: e.latlng.lng, lat: e.latlng.lat, tolerance_m: metres * (touch ? TOUCH_PX : CLICK_PX),
      layer_ids: state.data.layers.filter((l) => state.show[l.id]?.visible && l.kind !== "base").map((l) => l.id),
    });
  });
  map.on("moveend", () => writeUrl(state));
  root.addEventListener("keyup", () => root.classList.add("gz-keys"));
  root.addEventListener("pointerdown", () => root.classList.remove("gz-keys"), { capture: true });
  map.on("mousemove", (e) => { readout.textContent = `${e.latlng.lng.toFixed(4)}, ${e.latlng.lat.toFixed(4)}`; });
  map.on("mouseout", () => { readout.textContent = ""; });
  watchPresses(root, state);
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(root.querySelector(".gz-map"));
  root.addEventListener("gz-show", () => keepOwn(state));
  watchOwn(state);
  root.addEventListener("gz-show", (e) => { applyShow(state, { reorder: e.detail === "order" }); writeUrl(state); });
  followHistory((view) => map.setView([view.lat, view.lon], view.zoom, { animate: false }));
  // What arrives last would lie on top, whatever the catalogue says.
  root.addEventListener("gz-loaded", () => { applyShow(state, { reorder: true, retry: false }); patchPanel(root, state); });
}

function patch(root, state) {
  const { data } = state;
  // New since this page was opened: layers of one's own are shown as they were last, those of the catalogue are offered.
  const fresh = data.layers.filter((layer) => !state.show[layer.id]);
  for (const layer of fresh) state.show[layer.id] = { visible: false, opacity: 1 };
  Object.assign(state.show, readOwn(fresh));
  patchOwn(state);
  awaitOwn(state);
  state.gz.light(litIds(data), state.layers);
  if (data.hidden) state.drawing?.end?.();
  else place(state);
  state.gz.select(data.selected);
  applyShow(state, { reorder: state.lang !== data.lang }); // names are drawn in the language of the page
  state.lang = data.lang;
  patchPanel(root, state);
  state.maptools?.patch();
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

// What failed is asked for again when something is done, not because something else has arrived: that would be at once.
function applyShow(state, { reorder = false, retry = true } = {}) {
  let moved = reorder;
  for (const { id, url } of state.data.layers) {
    const layer = state.layers[id];
    const wish = state.show[id];
    if (!layer) continue;
    if ((wish.visible || !url) && (retry || !layer.failed)) layer.load(url); // what is not looked at is not fetched
    if (wish.visible !== state.map.hasLayer(layer)) {
      moved = true;
      if (wish.visible) layer.addTo(state.map);
      else layer.remove();
    }
    layer.setShownOpacity(wish.opacity);
  }
  if (moved) {
    // A layer switched on again would lie on top: put all back in order.
    for (const { id } of drawOrder(state)) if (state.show[id].visible) state.layers[id]?.toFront();
    state.gz.placeLabels();
  }
  state.gz.showSelection(moved);
}
