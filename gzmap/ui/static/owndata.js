// A layer of one's own as the worker holds it: flat arrays of Web Mercator coordinates, from 0 to 1 across the world.

export const POINT = 0, LINE = 1, RING = 2;
const KINDS = { Point: POINT, MultiPoint: POINT, LineString: LINE, MultiLineString: LINE, Polygon: RING, MultiPolygon: RING };

// `rings` counts points, lines and rings of areas alike: feature i has those from first[i] to first[i + 1], each of a
// kind, with the vertices from start[ring] to start[ring + 1]; box has four numbers for each feature.
export function pack({ features }) {
  const found = { ids: [], names: [], first: [0], kinds: [], start: [0], xs: [], ys: [], boxes: [] };
  for (const { id, properties, geometry } of features) {
    found.ids.push(id);
    found.names.push(properties.name ?? "");
    const from = found.xs.length;
    add(found, geometry);
    found.first.push(found.kinds.length);
    found.boxes.push(...boxOf(found, from));
  }
  return {
    ids: found.ids, names: found.names, named: found.names.some(Boolean),
    first: Uint32Array.from(found.first), kinds: Uint8Array.from(found.kinds), start: Uint32Array.from(found.start),
    xs: Float64Array.from(found.xs), ys: Float64Array.from(found.ys), boxes: Float64Array.from(found.boxes),
  };
}

function add(found, geometry) {
  if (geometry.geometries) { geometry.geometries.forEach((one) => add(found, one)); return; }
  const kind = KINDS[geometry.type];
  for (const vertices of listRings(geometry)) {
    for (const [lon, lat] of vertices) {
      found.xs.push(lon / 360 + 0.5);
      found.ys.push(0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI));
    }
    found.kinds.push(kind);
    found.start.push(found.xs.length);
  }
}

function listRings({ type, coordinates }) {
  switch (type) {
    case "Point": return [[coordinates]];
    case "MultiPoint": return coordinates.map((one) => [one]);
    case "LineString": return [coordinates];
    case "MultiPolygon": return coordinates.flat();
    default: return coordinates;
  }
}

function boxOf({ xs, ys }, from) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = from; i < xs.length; i += 1) {
    if (xs[i] < box[0]) box[0] = xs[i];
    if (ys[i] < box[1]) box[1] = ys[i];
    if (xs[i] > box[2]) box[2] = xs[i];
    if (ys[i] > box[3]) box[3] = ys[i];
  }
  return box;
}

// A feature's outline as GeoJSON, for the halo around what is selected; null where it is gone.
export function shapeOf(layer, id) {
  const i = layer.ids.indexOf(id);
  if (i < 0) return null;
  const rings = [];
  for (let ring = layer.first[i]; ring < layer.first[i + 1]; ring += 1) {
    const vertices = [];
    for (let v = layer.start[ring]; v < layer.start[ring + 1]; v += 1) {
      const lat = (Math.atan(Math.sinh((0.5 - layer.ys[v]) * 2 * Math.PI)) * 180) / Math.PI;
      vertices.push([(layer.xs[v] - 0.5) * 360, lat]);
    }
    rings.push([layer.kinds[ring], vertices]);
  }
  const of = (kind) => rings.filter(([one]) => one === kind).map(([, vertices]) => vertices);
  const areas = of(RING);
  return {
    type: "GeometryCollection",
    geometries: [
      ...(areas.length ? [{ type: "Polygon", coordinates: areas }] : []),
      ...of(LINE).map((coordinates) => ({ type: "LineString", coordinates })),
      ...of(POINT).map(([coordinates]) => ({ type: "Point", coordinates })),
    ],
  };
}
