// Lengths and areas by clicking points, by mouse, finger or keyboard; geodesics on the ellipsoid, computed by GeographicLib.
import { assetUrl } from "./host.js";
import { loadScript } from "./mapview.js";
import { make, word } from "./panel.js";

const LIBRARY = assetUrl("geographiclib-geodesic/geographiclib-geodesic.min.js");
const MU_M2 = 2000 / 3; // 15 亩 are a hectare
const LINE = { color: "#222222", weight: 2, interactive: false };
const CASING = { color: "#ffffff", weight: 5, opacity: 0.85, interactive: false };
const VERTEX = { radius: 3.5, color: "#222222", weight: 1.5, fillColor: "#ffffff", fillOpacity: 1, interactive: false };

export async function openTool(root, state, box) {
  await loadScript(LIBRARY);
  const tool = new Measure(root, state, box);
  tool.start();
  return { close: () => tool.close() };
}

class Measure {
  constructor(root, state, box) {
    Object.assign(this, { root, state, box, map: state.map, points: [], area: false });
    this.drawn = window.L.layerGroup().addTo(state.map);
    this.rubber = window.L.polyline([], { ...LINE, dashArray: "4 4" }).addTo(state.map);
    this.build();
    this.listeners = { click: (e) => this.add(e.latlng, e.originalEvent), dblclick: () => this.finish(), mousemove: (e) => this.stretch(e.latlng) };
    this.keys = (e) => this.press(e);
    this.map.on(this.listeners);
    this.map.getContainer().addEventListener("keydown", this.keys);
  }

  build() {
    const say = (key, values) => word(this.state, key, values);
    const button = (key, act, more = {}) => make("button", { type: "button", className: "gz-small", "data-act": key, onclick: () => act.call(this), ...more }, say(key));
    const kind = (key, area) => make("button", { type: "button", "data-kind": key, onclick: () => this.turn(area) }, say(key));
    this.kinds = make("div", { className: "gz-kinds" }, kind("distance", false), kind("area", true));
    this.result = make("div", { className: "gz-result", role: "status" });
    this.undoing = button("measure_undo", this.undo);
    this.finishing = button("measure_finish", this.finish);
    this.box.replaceChildren(
      this.kinds,
      make("p", { className: "gz-told" }, say("measure_hint")),
      this.result,
      make("div", { className: "gz-acts" }, button("measure_add", this.addMiddle), this.undoing, this.finishing, button("measure_clear", this.start)),
      make("p", { className: "gz-told gz-by-keys" }, say("measure_keys")),
      make("p", { className: "gz-told" }, say("measure_formula")),
    );
  }

  // --- what a person does

  turn(area) {
    this.area = area;
    this.draw();
  }

  start() {
    this.points = [];
    this.begin();
    this.draw();
  }

  begin() {
    this.state.drawing?.end?.(); // one press of the map is one point of one thing
    this.state.measuring = true;
    this.state.stopMeasuring = () => { this.end(); this.draw(); };
    this.map.doubleClickZoom.disable();
    this.root.classList.add("gz-measuring");
  }

  finish() {
    if (this.points.length < 2) return;
    this.end();
    this.draw();
  }

  end() {
    this.state.measuring = false;
    this.state.stopMeasuring = null;
    this.rubber.setLatLngs([]);
    // Not in the same moment: the second click of a double click would still zoom.
    setTimeout(() => this.map.doubleClickZoom.enable(), 0);
    this.root.classList.remove("gz-measuring");
  }

  add(latlng, event) {
    if (!this.state.measuring || event?.detail > 1) return;
    this.points.push(latlng);
    this.draw();
  }

  addMiddle() {
    if (!this.state.measuring) this.begin();
    this.add(this.map.getCenter());
  }

  undo() {
    this.points.pop();
    if (!this.state.measuring) this.begin();
    this.draw();
  }

  press(e) {
    const act = { " ": this.addMiddle, Enter: this.finish, Backspace: this.undo, Escape: this.start }[e.key];
    if (!act || e.target !== this.map.getContainer()) return;
    e.preventDefault();
    e.stopPropagation();
    act.call(this);
  }

  close() {
    this.end();
    this.map.off(this.listeners);
    this.map.getContainer().removeEventListener("keydown", this.keys);
    this.drawn.remove();
    this.rubber.remove();
  }

  // --- what is shown

  draw() {
    const L = window.L;
    const shape = this.area && this.points.length > 2 ? L.polygon : L.polyline;
    const fill = { fill: this.area, fillColor: "#222222", fillOpacity: 0.08 };
    this.drawn.clearLayers();
    this.drawn.addLayer(shape(this.points, { ...CASING, fill: false }));
    this.drawn.addLayer(shape(this.points, { ...LINE, ...fill }));
    for (const point of this.points) this.drawn.addLayer(L.circleMarker(point, VERTEX));
    for (const one of this.kinds.children) one.setAttribute("aria-pressed", String((one.dataset.kind === "area") === this.area));
    this.undoing.disabled = !this.points.length;
    this.finishing.disabled = this.points.length < 2 || !this.state.measuring;
    this.tell(this.points);
  }

  stretch(latlng) {
    if (!this.state.measuring || !this.points.length) return;
    const ends = this.area && this.points.length > 1 ? [this.points.at(-1), latlng, this.points[0]] : [this.points.at(-1), latlng];
    this.rubber.setLatLngs(ends);
  }

  tell(points) {
    const say = (key, values) => word(this.state, key, values);
    const lines = [];
    if (points.length > 1 && !this.area) {
      lines.push(say("measure_length", { d: formatLength(findLength(points)) }));
      if (points.length > 2) lines.push(say("measure_last", { d: formatLength(findLength(points.slice(-2))) }));
    } else if (points.length > 2) {
      const { perimeter, area } = findArea(points);
      lines.push(...describeArea(say, area), say("measure_perimeter", { d: formatLength(perimeter) }));
      if (crossesItself(points)) lines.push(say("measure_crossing"));
    }
    this.result.replaceChildren(...lines.map((line, i) => make(i ? "p" : "b", {}, line)));
  }
}

// --- figures

function findLength(points) {
  const { WGS84 } = window.geodesic.Geodesic;
  return points.reduce((sum, p, i) => sum + (i ? WGS84.Inverse(points[i - 1].lat, points[i - 1].lng, p.lat, p.lng).s12 : 0), 0);
}

function findArea(points) {
  const polygon = window.geodesic.Geodesic.WGS84.Polygon(false);
  for (const { lat, lng } of points) polygon.AddPoint(lat, lng);
  const { perimeter, area } = polygon.Compute(false, true);
  return { perimeter, area: Math.abs(area) };
}

const round = (value, digits) => value.toFixed(digits);
const formatLength = (metres) => (metres < 1000 ? `${round(metres, 1)} m` : `${round(metres / 1000, metres < 1e5 ? 3 : 2)} km`);

function describeArea(say, m2) {
  const a = m2 < 1e5 ? `${round(m2, 0)} m²` : `${round(m2 / 1e6, m2 < 1e8 ? 3 : 2)} km²`;
  const also = say("measure_also", { ha: round(m2 / 1e4, m2 < 1e8 ? 2 : 0), mu: round(m2 / MU_M2, m2 < 1e6 ? 2 : 0) });
  return [say("measure_area", { a }), also];
}

// In plain degrees, which is enough to tell whether two sides cut each other.
function crossesItself(points) {
  const sides = points.map((a, i) => [a, points[(i + 1) % points.length]]);
  return sides.some((one, i) => sides.some((other, j) => j > i + 1 && (i || j < sides.length - 1) && cut(...one, ...other)));
}

const turnOf = (a, b, c) => Math.sign((b.lng - a.lng) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lng - a.lng));
const cut = (a, b, c, d) => turnOf(a, b, c) * turnOf(a, b, d) < 0 && turnOf(c, d, a) * turnOf(c, d, b) < 0;
