// The layer panel: presets, themes, groups of layers with symbols and count, visibility, opacity, order, what could not be
// located. It lives beside the map and patches it directly, so a toggle costs no rerun; what it shows goes to the address.

const SVG = "http://www.w3.org/2000/svg";
const SPLIT = { scale: 0.62, shift: 15 }; // two symbols side by side in the room of one

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in element && key !== "list") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children); // strings become text nodes: nothing here is parsed as HTML
  return element;
}

export function drawn(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

// A phrase of the tools, its {values} filled in.
export function word(state, key, values = {}) {
  return state.data.tools.words[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function shape(kind, style, dash) {
  const common = { stroke: style.color, "stroke-width": Math.min(style.weight ?? 2, 5), "stroke-dasharray": dash ?? "" };
  if (kind.endsWith("LineString")) return drawn("path", { d: "M2 12 C 9 2, 16 15, 24 4", fill: "none", "stroke-opacity": style.opacity ?? 1, ...common });
  const fill = { fill: style.fill ?? style.color, "fill-opacity": Math.max(style.fill_opacity ?? 0.2, 0.15) };
  if (kind.endsWith("Polygon")) return drawn("rect", { x: 3, y: 2, width: 20, height: 12, ...common, ...fill });
  return drawn("circle", { cx: 13, cy: 8, r: 6, ...common, "stroke-width": 1.5, ...fill });
}

function frame(...shapes) {
  const svg = drawn("svg", { viewBox: "0 0 26 16", width: 26, height: 16, "aria-hidden": "true" });
  svg.append(...shapes);
  return svg;
}

// One sign for each kind of geometry in a group, the topmost layer's; `shapes` are [kind, style, dash].
export function symbol(shapes) {
  const kinds = new Map(shapes.map((one) => [one[0].replace("Multi", ""), one]));
  const signs = [...kinds.values()].slice(-2).map((one) => shape(...one));
  if (signs.length === 1) return frame(...signs);
  return frame(...signs.map((sign, i) => {
    const g = drawn("g", { transform: `translate(${i * SPLIT.shift - 1}, 3) scale(${SPLIT.scale})` });
    g.append(sign);
    return g;
  }));
}

export const symbolOf = (state, layers) => symbol(layers.map((l) => [
  l.geometry_type, (l.spec ?? state.layers[l.id]?.spec)?.style ?? { color: "currentColor", weight: 1 }, l.schematic ? "4 3" : null,
]));

// --- what is switched

export const drawable = (layer) => !layer.empty && !layer.broken;
const switched = (state, group) => state.data.layers.filter((l) => l.group === group.id && drawable(l));
const inTheme = (state, theme) => state.data.groups.filter((g) => g.theme === theme.id && switched(state, g).length);

function show(root, state, layers, visible) {
  for (const layer of layers) state.show[layer.id].visible = visible(layer);
  root.dispatchEvent(new Event("gz-show"));
  patchPanel(root, state);
}

function tick(box, on, of) {
  box.checked = of > 0 && on === of;
  box.indeterminate = on > 0 && on < of;
}

// --- building

function buildPanel(root, state) {
  const w = state.data.words;
  const panel = root.querySelector(".gz-panel");
  panel.setAttribute("aria-label", w.layers);
  const open = root.querySelector(".gz-open-panel");
  const toggle = () => open.setAttribute("aria-expanded", String(panel.classList.toggle("gz-open")));
  open.onclick = toggle;
  state.rows = {};
  state.themes = {};
  state.folded ??= {}; // what a person folded or unfolded, by theme
  state.panelOf = contentOf(state.data);
  open.textContent = w.layers;
  const close = make("button", { type: "button", className: "gz-close", onclick: toggle, ariaLabel: w.close }, "×");
  panel.replaceChildren(
    make("h2", {}, w.layers, close),
    buildChoice(root, state),
    buildAll(root, state),
    ...state.data.themes.map((theme) => buildTheme(root, state, theme)),
    buildOrder(root, state),
    make("button", { type: "button", className: "gz-unlocated", onclick: () => list(root, state) }),
  );
}

const contentOf = ({ lang, groups, themes, layers, tools }) => JSON.stringify([lang, groups, themes, tools.presets, layers.map((l) => [l.id, l.empty, l.broken])]);

export function list(root, state, group = "") {
  root.querySelector(".gz-panel").classList.remove("gz-open");
  root.querySelector(".gz-open-panel").setAttribute("aria-expanded", "false");
  state.send({ kind: "unlocated", group });
}

const planLayers = (state) => state.data.layers.filter((l) => l.kind === "plan" && drawable(l));

// One choice of layers by name; what is shown by other means is 自选. The base map is no claim of the plan and stays.
function buildChoice(root, state) {
  const { presets } = state.data.tools;
  const option = (value, text, more = {}) => make("option", { value, ...more }, text);
  const select = make("select", { id: "gz-preset" },
    option("", word(state, "preset_own"), { disabled: true }),
    option("default", state.data.words.show_default),
    ...presets.map((p) => option(`p-${p.id}`, p.title)));
  select.onchange = () => {
    const chosen = presets.find((p) => `p-${p.id}` === select.value);
    if (chosen) show(root, state, planLayers(state), (l) => chosen.groups.includes(l.group));
    else show(root, state, state.data.layers, (l) => l.visible);
  };
  const names = make("input", { type: "checkbox", id: "gz-names", checked: state.named });
  names.onchange = () => { state.named = names.checked; root.dispatchEvent(new Event("gz-show")); };
  state.choice = select;
  return make("div", { className: "gz-choice" },
    make("label", { htmlFor: "gz-preset" }, word(state, "preset"), select),
    make("label", { htmlFor: "gz-names" }, names, word(state, "names")));
}

function findChoice(state) {
  const shown = planLayers(state).filter((l) => state.show[l.id].visible);
  const isShown = (wanted) => planLayers(state).every((l) => shown.includes(l) === wanted(l));
  const preset = state.data.tools.presets.find((p) => isShown((l) => p.groups.includes(l.group)));
  if (preset) return `p-${preset.id}`;
  return isShown((l) => l.visible) ? "default" : "";
}

// What is above what: seldom asked for, so its list is fetched with the first look.
function buildOrder(root, state) {
  const box = make("div", { className: "gz-order-list" });
  const fold = make("details", { className: "gz-order" }, make("summary", {}, word(state, "order")), box);
  fold.ontoggle = async () => {
    if (!fold.open) return;
    const { buildList } = await import("./arrange.js");
    state.arranged = () => { if (fold.open) buildList(root, state, box); };
    state.arranged();
  };
  state.arranged = null;
  return fold;
}

function buildAll(root, state) {
  const w = state.data.words;
  const plan = () => planLayers(state);
  const button = (text, layers, visible) => make("button", { type: "button", onclick: () => show(root, state, layers(), visible) }, text);
  return make("div", { className: "gz-all" },
    button(w.show_all, plan, () => true),
    button(w.hide_all, plan, () => false),
    button(w.show_default, () => state.data.layers, (layer) => layer.visible),
  );
}

// The tick stands beside the fold and not in it: a control inside a control is neither to a screen reader.
function buildTheme(root, state, theme) {
  const groups = state.data.groups.filter((g) => g.theme === theme.id); // the topmost first
  const dot = make("span", { className: "gz-theme-dot" });
  dot.style.background = theme.color;
  const count = make("span", { className: "gz-count", title: state.data.words.shown_hint });
  const shown = groups.some((g) => switched(state, g).some((l) => state.show[l.id].visible));
  const fold = make("details", { open: !(state.folded[theme.id] ?? !shown) }, make("summary", {}, dot, make("span", { className: "gz-title" }, theme.title), count));
  fold.firstChild.onclick = () => { state.folded[theme.id] = fold.open; }; // before it opens or closes
  fold.append(...groups.map((g) => buildRow(root, state, g)));
  const box = make("input", { type: "checkbox", id: `gz-theme-${theme.id}`, ariaLabel: `${theme.title}: ${state.data.words.show_theme}` });
  box.onchange = () => show(root, state, inTheme(state, theme).flatMap((g) => switched(state, g)), () => box.checked);
  box.hidden = !inTheme(state, theme).length;
  state.themes[theme.id] = { box, count };
  return make("section", { className: "gz-theme" }, box, fold);
}

function buildRow(root, state, group) {
  const w = state.data.words;
  const layers = state.data.layers.filter((l) => l.group === group.id);
  const title = make("span", { className: "gz-title" }, group.title);
  const count = group.count ? make("span", { className: "gz-count", title: w.count_hint }, group.count) : "";
  if (layers.every((l) => l.empty)) return buildListed(root, state, group, [title, count]);
  const box = make("input", { type: "checkbox", id: `gz-${group.id}`, disabled: !layers.some(drawable) });
  box.onchange = () => show(root, state, switched(state, group), () => box.checked);
  const slider = make("input", { type: "range", min: 0, max: 1, step: 0.05, title: w.opacity });
  slider.setAttribute("aria-label", `${group.title}: ${w.opacity}`);
  slider.oninput = () => {
    for (const layer of layers) state.show[layer.id].opacity = Number(slider.value);
    root.dispatchEvent(new Event("gz-show"));
    patchPanel(root, state);
  };
  const note = make("div", { className: "gz-row-note", role: "status" });
  const label = make("label", { htmlFor: `gz-${group.id}` }, box, symbolOf(state, layers.filter((l) => !l.empty)), title, count);
  state.rows[group.id] = { box, slider, note };
  return make("div", { className: "gz-row" }, label, slider, note);
}

// Nothing of it has a place: there is nothing to switch, but a list to read.
function buildListed(root, state, group, content) {
  const button = make("button", { type: "button", className: "gz-listed", onclick: () => list(root, state, group.id) }, ...content);
  return make("div", { className: "gz-row" }, button);
}

// --- patching

export function patchPanel(root, state) {
  const { data } = state;
  if (state.panelOf !== contentOf(data)) buildPanel(root, state);
  for (const group of data.groups) patchRow(state, group);
  for (const theme of data.themes) {
    const groups = inTheme(state, theme).map((g) => switched(state, g));
    const { box, count } = state.themes[theme.id];
    const isShown = (l) => state.show[l.id].visible;
    tick(box, groups.flat().filter(isShown).length, groups.flat().length);
    count.textContent = groups.length ? `${groups.filter((layers) => layers.some(isShown)).length} / ${groups.length}` : "";
  }
  const button = root.querySelector(".gz-unlocated");
  button.textContent = data.words.unlocated;
  button.hidden = !data.unlocated;
  state.choice.value = findChoice(state);
  state.arranged?.();
}

function patchRow(state, group) {
  const row = state.rows[group.id];
  if (!row) return;
  const layers = switched(state, group);
  tick(row.box, layers.filter((l) => state.show[l.id].visible).length, layers.length);
  const opacity = Math.min(1, ...layers.map((l) => state.show[l.id].opacity));
  row.slider.value = opacity;
  row.slider.parentElement.classList.toggle("gz-dimmed", opacity < 1);
  const failed = state.data.layers.filter((l) => l.group === group.id).map((l) => l.broken || state.layers[l.id]?.failed).filter(Boolean);
  row.note.textContent = failed.length ? `${state.data.words.layer_failed} ${failed.join(" ")}` : "";
}
