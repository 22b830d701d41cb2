// What Folium's script calls as `gz`: layers that fetch their data by URL and draw it by method and accuracy.

const HALO = { color: "#222222", opacity: 0.85, fill: false, interactive: false };
const HALO_PX = 3; // on each side of a line
const UNDER_DASHES = 0.4; // opacity behind a dashed line, for the same reason as around an area
const AROUND = { weight: 8, opacity: 0.4 }; // behind the edge of an area, whose dashes must stay readable
const FADED = 0.13; // of the opacity
const DISC_DASH = "3 5";
const ZOOM_OF_RANK = [0, 9.5, 10.5, 11.5, 12.5, 13.5]; // from which zoom labels of rank 0, 1, 2 … are shown
const SIZES = { 0: 16, 1: 13 }; // px of a label by rank; 12 for all others

export function makeLayers(state) {
  const L = window.L;
  const patterns = new Map();

  // Canvas knows dashes but no hatching: fill 示意 areas with a striped pattern of their own colour.
  const HatchCanvas = L.Canvas.extend({
    _fillStroke(ctx, layer) {
      const o = layer.options;
      if (!(o.fill && o.hatch)) { L.Canvas.prototype._fillStroke.call(this, ctx, layer); return; }
      ctx.globalAlpha = o.fillOpacity;
      ctx.fillStyle = hatch(ctx, o.fillColor || o.color);
      ctx.fill(o.fillRule || "evenodd");
      o.fill = false;
      L.Canvas.prototype._fillStroke.call(this, ctx, layer);
      o.fill = true;
    },
  });
  const renderer = new HatchCanvas({ padding: 0.4, tolerance: 5 });

  function hatch(ctx, color) {
    if (!patterns.has(color)) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 8;
      const t = tile.getContext("2d");
      t.globalAlpha = 0.35;
      t.fillStyle = color;
      t.fillRect(0, 0, 8, 8);
      t.globalAlpha = 1;
      t.strokeStyle = color;
      t.lineWidth = 1.2;
      for (const shift of [-8, 0, 8]) {
        t.beginPath();
        t.moveTo(shift, 8);
        t.lineTo(shift + 8, 0);
        t.stroke();
      }
      patterns.set(color, ctx.createPattern(tile, "repeat"));
    }
    return patterns.get(color);
  }

  // Solid is known, thin is derived, dashed and hatched is 示意: the same signs as in the legend.
  function styleOf(spec, properties) {
    const s = spec.style;
    const schematic = properties.method === "schematic";
    const weight = properties.method === "derived" ? Math.max(1, s.weight * 0.75) : s.weight;
    return {
      renderer,
      color: s.color,
      weight,
      opacity: (s.opacity ?? 1) * (schematic ? 0.85 : 1),
      dashArray: schematic ? `${4 + weight} ${2 + weight}` : s.dash ?? null,
      lineCap: schematic ? "butt" : "round",
      fillColor: s.fill ?? s.color,
      fillOpacity: s.fill_opacity ?? 0.2,
      hatch: Boolean(s.hatch) && schematic,
      interactive: spec.kind === "plan",
      smoothFactor: 1.2,
    };
  }

  // A point is a pin only when it is known to 300 m; otherwise a dashed disc as large as its uncertainty.
  function drawPoint(spec, feature, latlng, part) {
    const p = feature.properties;
    const radius = Number(String(p.part_acc ?? "").split("|")[part]) || p.accuracy_m;
    const style = styleOf(spec, p);
    if (radius > spec.disc_from_m) return L.circle(latlng, { ...style, radius, weight: 1.5, dashArray: DISC_DASH, hatch: true });
    return L.circleMarker(latlng, { ...style, radius: spec.style.radius ?? 6, fillOpacity: 0.9, color: "#ffffff", fillColor: spec.style.color, weight: 1.5 });
  }

  const name = ({ properties: p }) => (state.data.lang === "en" && p.name_en) || p.name;

  const Fetched = {
    load(url) {
      if (url === this.url) return;
      this.url = url;
      if (!url) { this.fill({ features: [] }); return; } // left out since: nothing old may stay on the map
      fetch(url)
        .then((r) => { if (!r.ok) throw new Error(`${r.status} ${url}`); return r.json(); })
        .then((collection) => { if (url === this.url) { this.fill(collection); this.failed = null; } })
        .catch((error) => { if (url === this.url) { this.failed = error.message; this.url = null; } })
        .finally(() => document.dispatchEvent(new CustomEvent("gz-fetched", { detail: this.spec.id })));
    },
  };

  // Names of areas that belong to their layer and come and go with it: layer → labels.
  const named = new Map();

  const toLabel = (feature, lon, lat, rank) => ({ at: L.latLng(lat, lon), feature, rank });

  // The name of an area stands at the centroid of its largest ring, in plain degrees: good enough for a name.
  function labelOfArea(feature) {
    const rings = feature.geometry.coordinates.map((polygon) => centroid(polygon[0])).sort((a, b) => b.area - a.area);
    return toLabel(feature, rings[0].lon, rings[0].lat, 0);
  }

  function centroid(ring) {
    let area = 0, lon = 0, lat = 0;
    for (let i = 1; i < ring.length; i += 1) {
      const cross = ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1];
      area += cross;
      lon += (ring[i - 1][0] + ring[i][0]) * cross;
      lat += (ring[i - 1][1] + ring[i][1]) * cross;
    }
    return { area: Math.abs(area), lon: lon / (3 * area), lat: lat / (3 * area) };
  }

  // What a passage or a search names stays as it is while all else fades; the base map is no claim of the plan.
  let lit = null;
  const faded = (spec, id) => (lit && spec.kind !== "base" && !lit.has(id) ? FADED : 1);

  const UrlLayer = L.GeoJSON.extend({
    ...Fetched,
    initialize(spec) {
      this.spec = spec;
      this.shownOpacity = 1;
      this.byId = new Map();
      L.GeoJSON.prototype.initialize.call(this, null, {
        style: (feature) => styleOf(spec, feature.properties),
        onEachFeature: (feature, layer) => this.byId.set(feature.id, layer),
      });
    },
    fill(collection) {
      this.clearLayers();
      this.byId.clear();
      for (const feature of collection.features) if (feature.geometry) this.addFeature(feature);
      this.setShownOpacity(this.shownOpacity, true);
      if (this.spec.style.label) named.set(this, collection.features.map(labelOfArea));
      performance.mark(`gz-drawn-${this.spec.id}`);
    },
    addFeature(feature) {
      const type = feature.geometry.type;
      if (type !== "Point" && type !== "MultiPoint") { this.addData(feature); return; }
      const points = type === "Point" ? [feature.geometry.coordinates] : feature.geometry.coordinates;
      const group = L.featureGroup(points.map(([lon, lat], i) => Object.assign(drawPoint(this.spec, feature, [lat, lon], i), { feature })));
      group.feature = feature;
      this.byId.set(feature.id, group);
      this.addLayer(group);
    },
    setShownOpacity(value, force) {
      if (value === this.shownOpacity && !force) return;
      this.shownOpacity = value;
      const dim = (layer) => {
        if (layer.eachLayer) { layer.eachLayer(dim); return; }
        const base = styleOf(this.spec, layer.feature.properties);
        const shown = value * faded(this.spec, layer.feature.id);
        const pin = layer instanceof L.CircleMarker && !(layer instanceof L.Circle);
        layer.setStyle({ opacity: base.opacity * shown, fillOpacity: (pin ? 0.9 : base.fillOpacity) * shown });
      };
      this.eachLayer(dim);
    },
    toFront() { this.eachLayer((layer) => layer.bringToFront?.()); },
  });

  // Place names for orientation: as many as fit without touching, the important ones first.
  const LabelLayer = L.Layer.extend({
    ...Fetched,
    initialize(spec) { this.spec = spec; this.labels = []; this.shownOpacity = 1; },
    fill(collection) {
      this.labels = collection.features.filter((f) => f.geometry)
        .map((f) => toLabel(f, ...f.geometry.coordinates, f.properties.rank ?? 5));
      if (this._map) this.place();
    },
    onAdd(map) {
      this.box = L.DomUtil.create("div", "gz-labels", map.getPane("markerPane"));
      this.box.setAttribute("aria-hidden", "true");
      this.setShownOpacity(this.shownOpacity, true);
      this.place();
    },
    onRemove() { this.box.remove(); },
    getEvents() { return { moveend: this.place, zoomstart: () => this.box.replaceChildren() }; },
    place() {
      const map = this._map;
      const most = ZOOM_OF_RANK.filter((zoom) => map.getZoom() >= zoom).length - 1;
      const view = map.getBounds().pad(0.1);
      const taken = [];
      const marks = [];
      const areas = [...named].flatMap(([layer, labels]) => (map.hasLayer(layer) ? labels : []));
      const ordered = [...areas, ...this.labels].sort((a, b) => a.rank - b.rank || (a.feature.id < b.feature.id ? -1 : 1));
      for (const label of ordered) {
        if (label.rank > most || !view.contains(label.at)) continue;
        const at = map.latLngToLayerPoint(label.at);
        const text = name(label.feature);
        const size = SIZES[label.rank] ?? 12;
        const half = (state.data.lang === "en" ? 0.3 : 0.52) * size * text.length;
        const box = [at.x - half - 4, at.y - size * 0.8, at.x + half + 4, at.y + size * 0.8];
        if (taken.some((t) => box[0] < t[2] && t[0] < box[2] && box[1] < t[3] && t[1] < box[3])) continue;
        taken.push(Object.assign(box, { text }));
        const mark = document.createElement("span");
        mark.className = `gz-label gz-label-${label.feature.properties.category ?? "area"}`;
        mark.textContent = text;
        mark.style.fontSize = `${size}px`;
        mark.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px) translate(-50%, -50%)`;
        marks.push(mark);
      }
      this.box.replaceChildren(...marks);
      this.taken = taken; // room and words that the names of plan features leave alone
    },
    setShownOpacity(value) { this.shownOpacity = value; if (this.box) this.box.style.opacity = value; },
    toFront() {},
  });

  // Tiles of an outside service, only when the server has a key for it. They take part in the panel like any layer.
  const TileStack = L.LayerGroup.extend({
    initialize(spec) {
      const options = { attribution: spec.attribution, subdomains: spec.subdomains };
      L.LayerGroup.prototype.initialize.call(this, spec.tiles.map((url) => L.tileLayer(url, options)));
    },
    load() {},
    setShownOpacity(value) { this.eachLayer((layer) => layer.setOpacity(value)); },
    toFront() {},
  });

  function urlLayer(spec) {
    if (spec.tiles) return new TileStack(spec);
    return spec.labels ? new LabelLayer(spec) : new UrlLayer(spec);
  }

  let halo = null;
  let chosen = null;
  let drawn; // id of the feature that the halo is around

  function drawHalo(layer) {
    if (layer.eachLayer) { layer.eachLayer(drawHalo); return; }
    const style = { ...HALO, renderer, weight: layer.options.weight + 2 * HALO_PX };
    if (layer instanceof L.Circle) halo.addLayer(L.circle(layer.getLatLng(), { ...style, ...AROUND, radius: layer.getRadius() }));
    else if (layer instanceof L.CircleMarker) halo.addLayer(L.circleMarker(layer.getLatLng(), { ...style, radius: layer.getRadius() + 2, weight: HALO_PX }));
    else if (layer instanceof L.Polygon) halo.addLayer(L.polygon(layer.getLatLngs(), { ...style, ...AROUND }));
    else halo.addLayer(L.polyline(layer.getLatLngs(), layer.options.dashArray ? { ...style, opacity: UNDER_DASHES } : style));
  }

  function redraw(layers) {
    halo?.remove();
    halo = null;
    const layer = chosen && layers[chosen.layer_id];
    const target = layer?.outlineOf ? layer.outlineOf(chosen.feature_id) : layer?.byId?.get(chosen.feature_id);
    if (!target || !state.map.hasLayer(layer)) return;
    halo = L.featureGroup();
    drawHalo(target);
    halo.addTo(state.map);
    target.bringToFront?.();
  }

  document.addEventListener("gz-fetched", () => {
    if (state.map && state.root) state.root.dispatchEvent(new Event("gz-loaded"));
  });

  return {
    urlLayer,
    light(ids, layers) {
      if (ids?.join() === (lit && [...lit].join())) return;
      lit = ids && new Set(ids);
      for (const layer of Object.values(layers)) {
        if (layer.spec && layer.spec.kind !== "base") layer.setShownOpacity(layer.shownOpacity, true);
      }
    },
    select(selected) { chosen = selected; },
    showSelection(moved) {
      if (!moved && drawn === chosen?.feature_id) return;
      drawn = chosen?.feature_id;
      redraw(state.layers);
    },
    placeLabels() { Object.values(state.layers).forEach((layer) => layer._map && layer.place?.()); },
  };
}
