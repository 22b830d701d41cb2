// Which groups of plan layers lie over which: as shipped, until a person moves one.
// `order` in the address names only what lies on top of all others, the topmost first; the rest follows as shipped.

const isPlan = (layer) => layer.kind === "plan" && Boolean(layer.url);

// Groups that can be moved, the topmost first as shipped; the base map stays below.
export const movable = (data) => data.groups.filter((g) => data.layers.some((l) => l.group === g.id && isPlan(l))).map((g) => g.id);

export function readOrder(data) {
  const known = new Set(movable(data));
  const asked = (new URL(location).searchParams.get("order") ?? "").split(",").filter((id) => known.has(id));
  return shorten([...new Set([...asked, ...known])], [...known]);
}

// All groups as they lie now, the topmost first.
export function listOrder(state) {
  const rest = movable(state.data).filter((id) => !state.order.includes(id));
  return [...state.order.filter((id) => movable(state.data).includes(id)), ...rest];
}

// The layers as they are drawn, the lowest first. What was moved is drawn whole; what was not keeps its lines over its areas.
export function drawOrder({ data, order }) {
  if (!order.length) return data.layers;
  const rank = (layer) => (isPlan(layer) ? order.indexOf(layer.group) : -1);
  const moved = order.slice().reverse().flatMap((id) => data.layers.filter((l) => l.group === id && rank(l) >= 0));
  return [...data.layers.filter((l) => rank(l) < 0), ...moved];
}

export function moveGroup(state, id, to) {
  const list = listOrder(state).filter((other) => other !== id);
  list.splice(Math.max(0, Math.min(to, list.length)), 0, id);
  state.order = shorten(list, movable(state.data));
}

// The fewest ids from the top that tell the whole order: what follows them must stand as shipped.
function shorten(list, usual) {
  let end = list.length;
  while (end > 0 && (end === list.length || usual.indexOf(list[end - 1]) < usual.indexOf(list[end]))) end -= 1;
  return list.slice(0, end);
}
