// Layers of the planner's own come and go while the page is open; and what a passage or a search lights up.
// Whether they are shown, and how strongly, is kept in this browser and never written to the address.
const KEPT = "gz-own";
const ASK_MS = 800; // after which a page asks anew for what is being read

export function patchOwn(state) {
  const told = new Map(state.data.layers.filter((l) => l.kind === "own" && l.spec).map((l) => [l.id, l]));
  for (const [id, layer] of Object.entries(state.layers)) {
    if (layer.spec?.kind === "own" && JSON.stringify(told.get(id)?.spec) !== JSON.stringify(layer.spec)) {
      layer.remove();
      layer.drop();
      delete state.layers[id];
    }
  }
  if (!told.size && !state.own) return;
  if (!state.own) { begin(state, told); return; }
  for (const [id, { spec }] of told) state.layers[id] ??= state.own.build(spec);
  state.own.patch();
}

// What draws them is fetched only where there are any.
function begin(state, told) {
  state.beginning ??= import("./ownlayer.js").then(({ makeOwn }) => {
    state.own = makeOwn(state);
    patchOwn(state);
  }).catch((error) => {
    for (const layer of told.values()) layer.broken = error.message;
    state.beginning = null; // the next run tries again
  }).finally(() => state.root.dispatchEvent(new Event("gz-loaded")));
}

// --- what is kept

export function readOwn(layers) {
  const kept = readKept();
  return Object.fromEntries(layers.filter((l) => l.kind === "own").map((l) => [l.id, readOne(l, kept[l.id])]));
}

function readOne(layer, kept) {
  const opacity = Number(kept?.opacity ?? 1);
  return { visible: layer.visible && kept?.visible !== false, opacity: opacity >= 0 && opacity <= 1 ? opacity : 1 };
}

function readKept() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    return kept && typeof kept === "object" ? kept : {};
  } catch { return {}; } // a browser that keeps nothing, or what is no text of ours: as at first
}

// Layers that are away at the moment, as when their file is being written, keep what is kept of them.
export function keepOwn(state) {
  const kept = readKept();
  for (const { id, kind, spec } of state.data.layers) {
    if (kind !== "own" || !spec || !state.show[id]) continue;
    const { visible, opacity } = state.show[id];
    if (visible && opacity === 1) delete kept[id];
    else kept[id] = { visible, opacity };
  }
  try { localStorage.setItem(KEPT, JSON.stringify(kept)); } catch { /* it is kept until the page is left */ }
}

// Whoever comes back to this window may have edited a file meanwhile: one run looks.
export function watchOwn(state) {
  window.addEventListener("focus", () => {
    if (!state.data.hidden && state.data.layers.some((l) => l.kind === "own")) state.send({ kind: "look" });
  });
}

// They are still being read: the plan need not wait for them, but somebody must ask again.
export function awaitOwn(state) {
  clearTimeout(state.awaitingOwn);
  if (state.data.own_reading && !state.data.hidden) state.awaitingOwn = setTimeout(() => state.send({ kind: "look" }), ASK_MS);
}

// null where nothing is told apart; ids in one order, so that the same ones are known again.
export const litIds = (data) => (data.lit ? [...data.lit].sort() : null);
