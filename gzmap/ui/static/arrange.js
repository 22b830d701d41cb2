// The list of what lies over what: moved by buttons, by arrow keys and by dragging; no rerun.
import { drawOrder, listOrder, moveGroup } from "./order.js";
import { make, patchPanel, word } from "./panel.js";

export function buildList(root, state, box) {
  box.list ?? furnish(root, state, box);
  const { activeElement } = root.getRootNode();
  const held = activeElement?.closest?.(".gz-order-row")?.dataset.group;
  const act = activeElement?.dataset?.act;
  const rows = shownOrder(state);
  box.list.replaceChildren(...rows.map((id, at) => buildRow(root, state, { id, at, rows, said: box.said })));
  box.reset.disabled = !state.order.length;
  box.hint.textContent = word(state, rows.length ? "order_hint" : "order_none");
  if (held) focusRow(box.list, held, act);
}

// What stays while the rows change: a status that is taken out and put back is not read aloud.
function furnish(root, state, box) {
  box.hint = make("p", { className: "gz-told" });
  box.list = make("ol");
  box.reset = make("button", { type: "button", className: "gz-small" }, word(state, "order_reset"));
  box.reset.onclick = () => { state.order = []; changed(root, state); };
  box.said = make("div", { className: "gz-said", role: "status" });
  box.replaceChildren(box.hint, box.list, box.reset, box.said);
}

// Only what is shown can be told apart; what is hidden keeps its place.
function shownOrder(state) {
  const shown = new Set(drawOrder(state).filter((l) => l.kind === "plan" && l.url && state.show[l.id].visible).map((l) => l.group));
  return listOrder(state).filter((id) => shown.has(id));
}

function buildRow(root, state, { id, at, rows, said }) {
  const { title } = state.data.groups.find((g) => g.id === id);
  const go = (to) => place(root, state, { id, to, rows, said, title });
  const button = (act, sign, to) => make("button", {
    type: "button", "data-act": act, disabled: to < 0 || to >= rows.length, ariaLabel: word(state, `order_${act}`, { name: title }),
    title: word(state, `order_${act}`, { name: title }), onclick: () => go(to),
  }, sign);
  const row = make("li", { className: "gz-order-row", draggable: true, "data-group": id },
    make("span", { className: "gz-title" }, title), button("up", "↑", at - 1), button("down", "↓", at + 1));
  row.onkeydown = (e) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[e.key];
    if (!step || at + step < 0 || at + step >= rows.length) return;
    e.preventDefault();
    go(at + step);
  };
  row.ondragstart = (e) => { e.dataTransfer.setData("text/plain", id); e.dataTransfer.effectAllowed = "move"; };
  row.ondragover = (e) => { e.preventDefault(); row.classList.add("gz-over"); };
  row.ondragleave = () => row.classList.remove("gz-over");
  row.ondrop = (e) => {
    e.preventDefault();
    const moved = e.dataTransfer.getData("text/plain");
    const from = state.data.groups.find((g) => g.id === moved);
    if (from && rows.includes(moved)) place(root, state, { id: moved, to: at, rows, said, title: from.title });
  };
  return row;
}

// `to` counts the rows that are seen; between two of them may lie hidden ones.
function place(root, state, { id, to, rows, said, title }) {
  const others = rows.filter((other) => other !== id);
  const all = listOrder(state).filter((other) => other !== id);
  moveGroup(state, id, to < others.length ? all.indexOf(others[to]) : all.indexOf(others[to - 1]) + 1);
  said.textContent = word(state, "order_moved", { name: title, n: to + 1, of: rows.length });
  changed(root, state);
}

function changed(root, state) {
  root.dispatchEvent(new CustomEvent("gz-show", { detail: "order" }));
  patchPanel(root, state);
}

function focusRow(list, id, act) {
  const row = [...list.children].find((one) => one.dataset.group === id);
  const button = row?.querySelector(`[data-act=${act}]`);
  (button && !button.disabled ? button : row?.querySelector("button:not(:disabled)"))?.focus();
}
