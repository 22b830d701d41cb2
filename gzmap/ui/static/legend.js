// The legend of what is visible: the layers that are shown, and the ways of drawing that occur among them.
import { eachShown, isSchematic } from "./inview.js";
import { drawable, list, make, symbol, symbolOf, word } from "./panel.js";

const INK = { color: "currentColor", weight: 3, fill_opacity: 0.2 };

export function openTool(root, state, box) {
  let asked = 0; // a layer that comes or goes tells it once for each feature, and before it is gone
  const later = () => { asked ||= requestAnimationFrame(() => { asked = 0; build(root, state, box); }); };
  build(root, state, box);
  state.map.on("layeradd layerremove", later);
  root.addEventListener("gz-loaded", later);
  return {
    patch: later,
    close() {
      cancelAnimationFrame(asked);
      state.map.off("layeradd layerremove", later);
      root.removeEventListener("gz-loaded", later);
    },
  };
}

function build(root, state, box) {
  const themes = state.data.themes.map((theme) => buildTheme(state, theme)).filter(Boolean);
  const signs = listSigns(state);
  const missing = state.data.unlocated
    ? [make("button", { type: "button", className: "gz-small", onclick: () => list(root, state) }, state.data.words.unlocated)] : [];
  box.replaceChildren(
    ...themes,
    ...(signs.length ? [] : [make("p", {}, word(state, "legend_none"))]),
    make("section", {}, make("h3", {}, word(state, "legend_signs")), make("ul", {}, ...signs,
      make("li", {}, make("span", { className: "gz-none", ariaHidden: "true" }, "—"), word(state, "legend_missing")))),
    ...missing,
  );
}

function buildTheme(state, theme) {
  const rows = [];
  for (const group of state.data.groups.filter((g) => g.theme === theme.id)) {
    const layers = state.data.layers.filter((l) => l.group === group.id && drawable(l) && state.show[l.id].visible);
    const names = layers.every((l) => state.layers[l.id]?.spec?.labels); // place names are their own legend
    if (layers.length && !names) rows.push(make("li", {}, symbolOf(state, layers), group.title, ...kindOf(state, layers)));
  }
  return rows.length ? make("section", {}, make("h3", {}, theme.title), make("ul", {}, ...rows)) : null;
}

// What a layer of one's own is made of; of the plan's layers the sign tells.
const kindOf = (state, layers) => layers.filter((l) => l.kind === "own")
  .map((l) => make("span", { className: "gz-count" }, word(state, `own_kind_${l.geometry_type}`)));

function listSigns(state) {
  const found = new Set();
  let disc = 0;
  for (const { drawn, feature, spec } of eachShown(state)) {
    const kind = spec.geometry_type;
    disc = state.layers[spec.id].spec.disc_from_m;
    if (kind.endsWith("Point")) drawn.eachLayer((part) => found.add(part instanceof window.L.Circle ? "disc" : "pin"));
    else if (isSchematic(feature)) found.add(kind.endsWith("Polygon") ? "hatched" : "dashed");
    else found.add(feature.properties.method === "derived" ? "thin" : "solid");
  }
  if (!found.size) return [];
  const halo = { ...INK, color: "#222222", weight: 5 };
  const signs = {
    solid: ["LineString", INK, null],
    thin: ["LineString", { ...INK, weight: 1.5 }, null],
    dashed: ["LineString", INK, "5 3"],
    hatched: ["Polygon", { ...INK, weight: 1.5 }, "5 3"],
    pin: ["Point", { ...INK, fill_opacity: 0.9, weight: 1 }, null],
    disc: ["Point", { ...INK, weight: 1.5 }, "3 3"],
    halo: ["LineString", halo, null],
  };
  if (state.data.selected) found.add("halo");
  return Object.entries(signs).filter(([key]) => found.has(key))
    .map(([key, shape]) => make("li", {}, symbol([shape]), word(state, `legend_${key}`, { m: disc })));
}
