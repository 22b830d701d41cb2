// What lies under the pointer, all of it: along a channel the plan names a waterway, a blueway, a waterfront, a corridor.
import { drawOrder } from "./order.js";

const MOST = 6; // names told at once

export function tellUnderPointer(state) {
  const { map } = state;
  if (matchMedia("(hover: none)").matches) return; // a finger has no hover: a tap opens the list itself
  const L = window.L;
  const tip = L.tooltip({ direction: "top", className: "gz-tip", offset: [0, -4], opacity: 1 });
  let last = null; // the newest place of the pointer, until the next frame has told it
  const close = () => { last = null; state.told = ""; tip.remove(); };
  map.on("mousemove", (e) => {
    if (!last) requestAnimationFrame(() => { const now = last; last = null; if (now) tell(now); });
    last = e;
  });
  function tell(e) {
    const found = findUnder(state, e.layerPoint);
    if (state.drawing || !found.length || state.measuring || map.dragging.moving()) { close(); return; }
    const told = found.map(({ id }) => id).join();
    if (told !== state.told) { state.told = told; tip.setContent(describe(state, found)); }
    tip.setLatLng(e.latlng);
    if (!map.hasLayer(tip)) tip.addTo(map);
  }
  map.on("mouseout zoomstart movestart click", close);
}

// Topmost first, each feature once; what is not shown is not told.
export function findUnder(state, point) {
  const hit = (layer) => (layer.eachLayer ? layer.getLayers().some(hit) : layer._containsPoint(point));
  const found = [];
  for (const spec of drawOrder(state).slice().reverse()) {
    const layer = state.layers[spec.id];
    if (!layer?._map || !(spec.kind === "plan" || isKnownWhole(layer))) continue;
    for (const [id, drawn] of layer.byId) if (drawn.feature.properties.name && hit(drawn)) found.push({ id, spec: layer.spec, feature: drawn.feature });
  }
  return found;
}

// Of one's own layers the page knows what is in view, unless that is more than could be pointed at.
const isKnownWhole = (layer) => layer.total > 0 && layer.total <= layer.byId.size;

function describe(state, found) {
  const { lang, words } = state.data;
  const box = document.createElement("div");
  for (const { feature, spec } of found.slice(0, MOST)) {
    const line = document.createElement("div");
    if (found.length > 1) {
      const dot = document.createElement("span");
      dot.className = "gz-theme-dot";
      dot.style.background = spec.style.color;
      line.append(dot);
    }
    line.append((lang === "en" && feature.properties.name_en) || feature.properties.name); // text, never HTML: a name may hold anything
    box.append(line);
  }
  if (found.length > MOST) {
    const more = document.createElement("div");
    more.className = "gz-tip-more";
    more.textContent = words.more_here.replace("{n}", found.length - MOST);
    box.append(more);
  }
  return box;
}
