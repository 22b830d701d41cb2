// Three steps for the first visit, beside the map and never over what was asked for: a link that leads somewhere shows none.
// It takes no focus, is the first thing that Tab reaches, and goes for good with Escape or its button.
import { styleUrl } from "./host.js";
import { make, word } from "./panel.js";

const KEY = "gz-tour";
const ASKED = "tour"; // ?tour=1 shows it again
const KEPT = new Set(["lang", ASKED]); // parameters that lead nowhere
const RING_PX = 4;
const TARGETS = [
  () => document.querySelector(".gz-search"),
  (root) => [".gz-panel", ".gz-open-panel"].map((one) => root.querySelector(one)).find((one) => one?.getClientRects().length),
  (root) => root.querySelector(".gz-strip"),
];

// A browser that keeps nothing shows the tour each time; that is better than failing.
const remembered = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
const remember = () => { try { localStorage.setItem(KEY, "1"); } catch { /* see above */ } };

export function isWanted(address, path) {
  const url = new URL(address);
  if (url.searchParams.has(ASKED)) return true;
  return !remembered() && url.pathname === path && [...url.searchParams.keys()].every((name) => KEPT.has(name));
}

export function offerTour(root, state) {
  const [came] = performance.getEntriesByType("navigation");
  if (state.data.hidden || !isWanted(came?.name ?? location.href, location.pathname)) return;
  show(root, state);
}

function show(root, state) {
  const style = make("link", { rel: "stylesheet", href: styleUrl("tour.css") });
  const box = make("aside", { className: "gz-tour" });
  const ring = make("div", { className: "gz-tour-ring" });
  let step = 0;
  style.onload = () => { document.body.prepend(box, ring); draw(); };
  document.head.append(style);

  function draw(focus = "") {
    const of = TARGETS.length;
    const told = make("p", { id: "gz-tour-told" }, word(state, `tour_${step + 1}`));
    told.setAttribute("role", "status");
    const count = make("span", { className: "gz-tour-count" }, word(state, "tour_step", { n: step + 1, of }));
    const back = button("back", () => { step -= 1; draw("back"); });
    const next = step < of - 1 ? button("next", () => { step += 1; draw("next"); }) : button("end", end);
    next.classList.add("gz-tour-go");
    back.hidden = !step;
    box.setAttribute("aria-label", word(state, "tour"));
    box.replaceChildren(told, make("div", {}, count, button("skip", end), back, next));
    if (focus) (focus === "back" && step ? back : next).focus();
    place();
  }

  const button = (name, onclick) => make("button", { type: "button", className: `gz-tour-${name}`, onclick }, word(state, `tour_${name}`));

  function place() {
    const target = TARGETS[step](root)?.getBoundingClientRect();
    ring.hidden = !target;
    if (!target) return;
    const [left, top] = [target.left, target.top].map((px) => Math.max(0, px - RING_PX));
    const width = Math.min(innerWidth, target.right + RING_PX) - left;
    const height = Math.min(innerHeight, target.bottom + RING_PX) - top;
    Object.assign(ring.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  }

  function end() {
    remember();
    box.remove();
    ring.remove();
    removeEventListener("resize", place);
    document.removeEventListener("keydown", onKey);
    watch.disconnect();
  }

  const onKey = (event) => { if (event.key === "Escape" && !event.defaultPrevented) end(); };
  document.addEventListener("keydown", onKey);
  addEventListener("resize", place);
  // On another page there is nothing to point at.
  const watch = new MutationObserver(() => { if (state.data.hidden) end(); });
  watch.observe(root, { attributes: true, attributeFilter: ["class"] });
}
