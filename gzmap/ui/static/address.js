// The part of the page's address that the map owns: view=zoom/lat/lon, layers=a,b, op=a:0.5,b:1, order=a,b and names=0.
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
      visible: shown && layer.kind !== "own" ? shown.has(layer.id) : layer.visible,
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
  const shared = data.layers.filter((l) => l.kind !== "own"); // layers of one's own are in no link
  const asShipped = shared.every((l) => show[l.id].visible === l.visible);
  if (asShipped) url.searchParams.delete("layers");
  else url.searchParams.set("layers", shared.filter((l) => show[l.id].visible).map((l) => l.id).join(","));
  setOrDrop(url, "order", state.order.join(","));
  setOrDrop(url, "names", state.named ? "" : "0");
  const dimmed = shared.filter((l) => show[l.id].opacity < 1).map((l) => `${l.id}:${show[l.id].opacity}`);
  setOrDrop(url, "op", dimmed.join(","));
  // Readable addresses: these three separators need no escape in a query.
  url.search = url.search.replaceAll("%2F", "/").replaceAll("%2C", ",").replaceAll("%3A", ":");
  if (url.search !== before) history.replaceState(history.state, "", url);
}

function setOrDrop(url, name, value) {
  if (value) url.searchParams.set(name, value);
  else url.searchParams.delete(name);
}

// One step in the page is one step in the browser's history: Streamlit pushes an address also when it stands there already.
// On a step back Streamlit runs the page with the address that it finds; only the view is ours to follow.
export function followHistory(onView) {
  const push = history.pushState.bind(history);
  // It goes to another page in two: first the new query on the old path, then the new path. The one half is replaced.
  let halfway = false;
  for (const act of ["click", "submit", "popstate"]) window.addEventListener(act, () => { halfway = false; }, true);
  history.pushState = (data, title, url) => {
    const [here, there] = [location, new URL(url ?? "", location)].map((one) => place(one).split("?"));
    const [samePath, sameQuery] = [here[0] === there[0], here[1] === there[1]];
    if (sameQuery && (samePath || halfway)) history.replaceState(data, title, url);
    else push(data, title, url);
    halfway = samePath && !sameQuery;
  };
  window.addEventListener("popstate", () => {
    const view = readView();
    if (view) onView(view);
  });
}

function place({ pathname, search }) {
  const query = new URLSearchParams(search);
  for (const own of ["view", "layers", "op", "order", "names"]) query.delete(own);
  query.sort();
  return `${pathname}?${query}`;
}
