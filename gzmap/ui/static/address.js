// The part of the page's address that the map owns: view=zoom/lat/lon, layers=a,b and op=a:0.5,b:1.
// It is written with replaceState, so it never causes a rerun; Python reads it with the next one.

export const readQuery = () => Object.fromEntries(new URL(location).searchParams);

// What the map shows, [west, south, east, north] in degrees; null until it has been shown.
let seen = null;
export const readSeen = () => seen;

export function readView() {
  const parts = (new URL(location).searchParams.get("view") ?? "").split("/").map(Number);
  const [zoom, lat, lon] = parts;
  const sane = parts.length === 3 && parts.every(Number.isFinite) && zoom >= 0 && zoom <= 22
    && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
  return sane ? { zoom, lat, lon } : null;
}

export function readLayers(layers) {
  const query = new URL(location).searchParams;
  const shown = query.has("layers") ? new Set(query.get("layers").split(",")) : null;
  const opacity = Object.fromEntries((query.get("op") ?? "").split(",").map((item) => item.split(":")));
  return Object.fromEntries(layers.map((layer) => {
    const wish = Number(opacity[layer.id] ?? 1);
    return [layer.id, {
      visible: shown ? shown.has(layer.id) : layer.visible,
      opacity: Number.isFinite(wish) && wish >= 0 && wish <= 1 ? wish : 1,
    }];
  }));
}

export function writeUrl(state) {
  const { map, show, data } = state;
  const url = new URL(location);
  const before = url.search;
  if (!state.unplaced && map.getSize().x) {
    const bounds = map.getBounds();
    seen = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((v) => Number(v.toFixed(5)));
  }
  if (!state.unplaced) {
    const centre = map.getCenter();
    url.searchParams.set("view", `${map.getZoom()}/${centre.lat.toFixed(4)}/${centre.lng.toFixed(4)}`);
  }
  const asShipped = data.layers.every((l) => show[l.id].visible === l.visible);
  if (asShipped) url.searchParams.delete("layers");
  else url.searchParams.set("layers", data.layers.filter((l) => show[l.id].visible).map((l) => l.id).join(","));
  const dimmed = data.layers.filter((l) => show[l.id].opacity < 1).map((l) => `${l.id}:${show[l.id].opacity}`);
  if (dimmed.length) url.searchParams.set("op", dimmed.join(","));
  else url.searchParams.delete("op");
  // Readable addresses: these three separators need no escape in a query.
  url.search = url.search.replaceAll("%2F", "/").replaceAll("%2C", ",").replaceAll("%3A", ":");
  if (url.search !== before) history.replaceState(history.state, "", url);
}

// One step in the page is one step in the browser's history: Streamlit pushes an address also when it stands there already.
// On a step back Streamlit runs the page with the address that it finds; only the view is ours to follow.
export function followHistory(onView) {
  const push = history.pushState.bind(history);
  history.pushState = (data, title, url) => {
    if (place(new URL(url ?? "", location)) === place(location)) history.replaceState(data, title, url);
    else push(data, title, url);
  };
  window.addEventListener("popstate", () => {
    const view = readView();
    if (view) onView(view);
  });
}

function place({ pathname, search }) {
  const query = new URLSearchParams(search);
  for (const own of ["view", "layers", "op"]) query.delete(own);
  query.sort();
  return `${pathname}?${query}`;
}
