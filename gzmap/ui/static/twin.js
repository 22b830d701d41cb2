// The list twin of the map: what is in view, in words, by theme and distance from the middle. It follows the map by itself.
import { eachPiece, eachShown, isInside, isSchematic, nameOf, viewBox } from "./inview.js";
import { list, make, word } from "./panel.js";

const STEPS_M = [10, 20, 50, 100, 200, 500, 1000, 2000]; // what distances are rounded to
const STEP_PX = 2; // no distance is told finer than this, for what is drawn is thinned to about a pixel
const NARROW = "(max-width: 1199px)"; // the list lies where the card is

export function openTool(root, state, box, { close }) {
  const { map } = state;
  const count = make("p", { className: "gz-told" });
  const said = make("p", { className: "gz-sr", role: "status" });
  const keys = make("p", { className: "gz-sr", id: "gz-twin-keys" }, word(state, "twin_keys"));
  const places = make("div", { className: "gz-places", role: "group", ariaLabel: word(state, "twin"), "aria-describedby": "gz-twin-keys" });
  const missing = make("button", { type: "button", className: "gz-small", onclick: () => list(root, state) });
  box.replaceChildren(count, said, keys, places, missing);
  let told = -1;
  let asked = 0;
  const later = () => { asked ||= requestAnimationFrame(() => { asked = 0; show(); }); };

  function show() {
    if (state.data.hidden) return;
    const rows = findInView(state);
    const at = places.querySelector(":focus")?.dataset.id;
    const stop = at ?? places.querySelector("[tabindex='0']")?.dataset.id;
    count.textContent = word(state, rows.length ? "twin_count" : "twin_none", { n: rows.length });
    places.replaceChildren(...buildThemes(state, rows));
    const buttons = listButtons(places);
    const tabbable = buttons.find((b) => b.dataset.id === stop) ?? buttons.find((b) => b.ariaCurrent === "true") ?? buttons[0];
    if (tabbable) tabbable.tabIndex = 0;
    if (at) (buttons.find((b) => b.dataset.id === at) ?? tabbable)?.focus({ preventScroll: true });
    missing.textContent = state.data.words.unlocated;
    missing.hidden = !state.data.unlocated;
    if (rows.length !== told) { told = rows.length; said.textContent = word(state, "twin_said", { n: rows.length }); }
  }

  places.onclick = (e) => {
    const button = e.target.closest(".gz-place");
    if (!button) return;
    turnTo(places, button);
    state.send({ kind: "feature", id: button.dataset.id });
    if (matchMedia(NARROW).matches) close();
  };
  places.onkeydown = (e) => {
    const buttons = listButtons(places);
    const now = buttons.indexOf(e.target);
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: buttons.length - 1 }[e.key];
    if (now < 0 || !buttons[to]) return;
    e.preventDefault();
    turnTo(places, buttons[to]);
    buttons[to].focus();
  };

  map.on("moveend layeradd layerremove", later);
  root.addEventListener("gz-loaded", later);
  root.addEventListener("gz-seen", later);
  show();
  listButtons(places).find((b) => b.tabIndex === 0)?.focus();
  return {
    patch: later,
    close() {
      cancelAnimationFrame(asked);
      map.off("moveend layeradd layerremove", later);
      root.removeEventListener("gz-loaded", later);
      root.removeEventListener("gz-seen", later);
    },
  };
}

const listButtons = (places) => [...places.querySelectorAll(".gz-place")];

function turnTo(places, button) {
  for (const other of listButtons(places)) other.tabIndex = other === button ? 0 : -1;
}

// --- what is in view, and where

export function findInView(state) {
  const { map } = state;
  const view = viewBox(map);
  const middle = view.getCenter();
  const centre = map.getCenter();
  const step = roundingStep(map);
  const rows = [];
  for (const { id, drawn, spec, feature } of eachShown(state, { own: true })) {
    if (drawn.listed === false) continue; // of one's own only the nearest are listed
    const nearest = findNearest(drawn, view, middle);
    if (!nearest) continue;
    const distance = nearest.inside ? 0 : centre.distanceTo(map.layerPointToLatLng(nearest.point));
    rows.push({ id, spec, feature, inside: nearest.inside, distance: Math.round(distance / step) * step, exact: distance, wind: findWind(middle, nearest.point) });
  }
  return rows.sort((a, b) => a.exact - b.exact || (a.id < b.id ? -1 : 1));
}

function roundingStep(map) {
  const [x, y] = [map.getSize().x / 2, map.getSize().y / 2];
  const pixels = map.containerPointToLatLng([x, y]).distanceTo(map.containerPointToLatLng([x + STEP_PX, y]));
  return STEPS_M.find((m) => m >= pixels) ?? STEPS_M.at(-1);
}

function findNearest(drawn, view, middle) {
  const L = window.L;
  let best = null;
  const take = (point) => {
    const d = middle.distanceTo(point);
    if (!best || d < best.d) best = { d, point, inside: false };
  };
  eachPiece(drawn, view, {
    onPoint: take,
    onLine: (run) => { for (let i = 1; i < run.length; i += 1) take(L.LineUtil.closestPointOnSegment(middle, run[i - 1], run[i])); },
    onArea: (rings) => {
      if (rings.reduce((odd, ring) => odd !== isInside(middle, ring), false)) best = { d: 0, point: middle, inside: true };
      for (const ring of rings) for (let i = 0; i < ring.length; i += 1) take(L.LineUtil.closestPointOnSegment(middle, ring[i], ring[(i + 1) % ring.length]));
    },
  });
  return best;
}

// Which of eight directions; Mercator keeps angles, and on the screen south is down.
function findWind(from, to) {
  return (Math.round(Math.atan2(to.x - from.x, from.y - to.y) / (Math.PI / 4)) + 8) % 8;
}

// --- words

function buildThemes(state, rows) {
  const groups = Object.fromEntries(state.data.groups.map((g) => [g.id, g]));
  return state.data.themes.flatMap((theme) => {
    const own = rows.filter((row) => groups[row.spec.group].theme === theme.id);
    if (!own.length) return [];
    const dot = make("span", { className: "gz-theme-dot" });
    dot.style.background = theme.color;
    const head = make("h3", {}, dot, theme.title, make("span", { className: "gz-count" }, String(own.length)));
    const left = countLeft(state, own);
    const note = left ? [make("p", { className: "gz-told" }, word(state, "twin_own", { n: own.length, m: own.length + left }))] : [];
    return [head, ...note, make("ul", {}, ...own.map((row) => make("li", {}, buildRow(state, row, groups[row.spec.group]))))];
  });
}

// Features of one's own that are in view and not listed, for there may be thousands.
function countLeft(state, rows) {
  const layers = [...new Set(rows.map((row) => row.spec.id))].map((id) => state.layers[id]).filter((layer) => layer.total !== undefined);
  return layers.reduce((sum, layer) => sum + layer.total - [...layer.byId.values()].filter((one) => one.listed).length, 0);
}

function buildRow(state, row, group) {
  const { properties: p } = row.feature;
  const selected = row.id === state.data.selected?.feature_id;
  const shown = [describeWhere(state, row), ...(isSchematic(row.feature) ? [word(state, "twin_schematic")] : [])];
  const more = [
    ...(selected ? [word(state, "twin_selected")] : []),
    word(state, "twin_of", { layer: group.title }),
    ...(p.accuracy_m ? [word(state, "twin_accuracy", { d: describeDistance(state, p.accuracy_m) })] : []),
    ...describeRelation(state, "twin_same", p.based_on),
    ...describeRelation(state, "twin_part", p.part_of),
  ];
  return make("button", { type: "button", className: "gz-place", tabIndex: -1, "data-id": row.id, ariaCurrent: String(selected) },
    make("b", {}, nameOf(state, row.feature) || word(state, "twin_unnamed")),
    make("span", { className: "gz-where" }, shown.join(comma(state))),
    make("span", { className: "gz-sr" }, comma(state) + more.join(comma(state))));
}

const comma = (state) => (state.data.lang === "en" ? ", " : "，");

function describeWhere(state, { inside, distance, wind }) {
  if (inside) return word(state, "twin_inside");
  if (!distance) return word(state, "twin_centre");
  return word(state, "twin_row", { direction: word(state, `wind_${wind}`), distance: describeDistance(state, distance) });
}

function describeDistance(state, metres) {
  if (metres < 1000) return word(state, "metres", { n: Math.round(metres) });
  return word(state, "km", { n: (metres / 1000).toFixed(1).replace(/\.0$/, "") });
}

// Features that are known by name in the browser; of others the card tells.
function describeRelation(state, key, ids) {
  const names = String(ids ?? "").split("|").filter(Boolean).flatMap((id) => {
    const other = state.layers[id.slice(0, id.lastIndexOf("."))]?.byId?.get(id);
    return other ? [nameOf(state, other.feature)] : [];
  });
  return names.length ? [word(state, key, { names: names.join(state.data.lang === "en" ? ", " : "、") })] : [];
}
