// Runs before the page's own scripts and notes when something was first seen, in milliseconds since the navigation.
// What is seen is timed at the next animation frame, when a canvas has been painted too: the same for ours and peers.
(() => {
  if (window !== window.top) return; // a component's frame is watched from here: one clock for all
  const seen = (window.bench = { first: {}, pressed: null, expected: null, answered: null });
  const note = (name) => requestAnimationFrame(() => { seen.first[name] ??= performance.now(); });

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.name.startsWith("gz-drawn-")) note(entry.name);
  }).observe({ type: "mark", buffered: true });

  const visible = ({ selector, text }) => [...document.querySelectorAll(selector)]
    .some((element) => element.getClientRects().length && (text === null || element.textContent === text));

  const look = (where) => {
    if (seen.first.text === undefined && document.querySelector('[data-testid="stMarkdownContainer"] p')) note("text");
    if (seen.first.path === undefined && where.querySelector("path.leaflet-interactive")) note("path");
    if (seen.pressed !== null && seen.expected && visible(seen.expected)) {
      const from = seen.pressed;
      seen.pressed = seen.expected = null;
      requestAnimationFrame(() => { seen.answered = performance.now() - from; });
    }
  };
  const watch = (where) => {
    const changes = { childList: true, subtree: true, characterData: true, attributes: where === document };
    new MutationObserver(() => look(where)).observe(where, changes);
    look(where);
  };
  watch(document);
  const watchFrame = ({ target }) => { if (target.tagName === "IFRAME" && target.contentDocument) watch(target.contentDocument); };
  document.addEventListener("load", watchFrame, { capture: true });
  window.addEventListener("pointerup", (event) => { seen.pressed = event.timeStamp; }, { capture: true });
})();
