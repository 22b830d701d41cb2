// The layer panel: themes, layers with symbol and count, visibility, opacity, what could not be located, the legend.
// It lives beside the map and patches it directly, so a toggle costs no rerun; what it shows goes to the address.

const SVG = "http://www.w3.org/2000/svg";

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in element && key !== "list") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children); // strings become text nodes: nothing here is parsed as HTML
  return element;
}

function drawn(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

export function symbol(kind, style, dash) {
  const svg = drawn("svg", { viewBox: "0 0 26 16", width: 26, height: 16, "aria-hidden": "true" });
  const common = { stroke: style.color, "stroke-width": Math.min(style.weight ?? 2, 4), "stroke-dasharray": dash ?? "" };
  const fill = { fill: style.fill ?? style.color, "fill-opacity": Math.max(style.fill_opacity ?? 0.2, 0.15) };
  if (kind.endsWith("LineString")) svg.append(drawn("path", { d: "M2 12 C 9 2, 16 15, 24 4", fill: "none", ...common }));
  else if (kind.endsWith("Polygon")) svg.append(drawn("rect", { x: 3, y: 2, width: 20, height: 12, ...common, ...fill }));
  else svg.append(drawn("circle", { cx: 13, cy: 8, r: 6, ...common, "stroke-width": 1.5, ...fill }));
  return svg;
}

export function buildPanel(root, state) {
  state.root = root;
  const w = state.data.words;
  const panel = root.querySelector(".gz-panel");
  panel.setAttribute("aria-label", w.layers);
  const open = root.querySelector(".gz-open-panel");
  const toggle = () => open.setAttribute("aria-expanded", String(panel.classList.toggle("gz-open")));
  open.onclick = toggle;
  state.rows = {};
  state.panelLang = state.data.lang;
  open.textContent = w.layers;
  const close = make("button", { type: "button", className: "gz-close", onclick: toggle, ariaLabel: w.close }, "×");
  panel.replaceChildren(
    make("h2", {}, w.layers, close),
    ...state.data.themes.map((theme) => buildTheme(root, state, theme)),
    make("button", { type: "button", className: "gz-unlocated", onclick: () => { panel.classList.remove("gz-open"); state.send({ kind: "unlocated" }); } }),
    buildLegend(w),
  );
}

function buildTheme(root, state, theme) {
  const layers = state.data.layers.filter((l) => l.theme === theme.id).reverse(); // the topmost first
  const head = make("summary", {}, make("span", { className: "gz-theme-dot" }), theme.title);
  head.querySelector("span").style.background = theme.color;
  return make("details", { open: theme.open, className: "gz-theme" }, head, ...layers.map((l) => buildRow(root, state, l)));
}

function buildRow(root, state, layer) {
  const w = state.data.words;
  const changed = () => root.dispatchEvent(new Event("gz-show"));
  const box = make("input", { type: "checkbox", id: `gz-${layer.id}`, disabled: Boolean(layer.broken) });
  box.onchange = () => { state.show[layer.id].visible = box.checked; changed(); };
  const slider = make("input", { type: "range", min: 0, max: 1, step: 0.05, title: w.opacity });
  slider.setAttribute("aria-label", `${layer.title}: ${w.opacity}`);
  slider.oninput = () => { state.show[layer.id].opacity = Number(slider.value); changed(); };
  const note = make("div", { className: "gz-row-note", role: "status" });
  const count = layer.kind === "plan" ? make("span", { className: "gz-count", title: w.count_hint }, layer.count) : "";
  const dash = layer.schematic ? "4 3" : null;
  const label = make("label", { htmlFor: `gz-${layer.id}` }, box, symbol(layer.geometry_type, layer.style, dash), make("span", { className: "gz-title" }, layer.title), count);
  state.rows[layer.id] = { box, slider, note };
  return make("div", { className: "gz-row" }, label, slider, note);
}

function buildLegend(w) {
  const ink = { color: "#555555", weight: 3, fill_opacity: 0.2 };
  const line = (style, dash, text, kind = "LineString") => make("li", {}, symbol(kind, style, dash), text);
  return make("details", { className: "gz-legend", open: true }, make("summary", {}, w.legend), make("ul", {},
    line(ink, null, w.legend_solid),
    line({ ...ink, weight: 1.5 }, null, w.legend_thin),
    line(ink, "5 3", w.legend_dashed),
    line({ ...ink, weight: 1.5 }, "3 3", w.legend_disc, "Point"),
  ));
}

export function patchPanel(root, state) {
  const { data } = state;
  if (state.panelLang !== data.lang) buildPanel(root, state);
  for (const layer of data.layers) {
    const row = state.rows[layer.id];
    if (!row) continue;
    const wish = state.show[layer.id];
    row.box.checked = wish.visible && !layer.broken;
    row.slider.value = wish.opacity;
    row.slider.parentElement.classList.toggle("gz-dimmed", wish.opacity < 1);
    const failed = layer.broken || state.layers[layer.id]?.failed;
    row.note.textContent = failed ? `${data.words.layer_failed} ${failed}` : "";
  }
  const button = root.querySelector(".gz-unlocated");
  button.textContent = data.words.unlocated;
  button.hidden = !data.unlocated;
}
