// The map on the whole screen: where the browser allows it, else in the whole window. The line below, which says what the
// map is not, stays; header and layers give way, and the card lies over the map once something is selected.
import { styleUrl } from "./host.js";

export function makeFull(root, state) {
  const page = document.documentElement;
  const full = { on: false, tell() {}, toggle, patch };

  function set(on) {
    if (on === full.on) return;
    full.on = on;
    if (on) addStyle();
    root.classList.toggle("gz-full", on);
    page.classList.toggle("gz-full", on);
    if (!on) root.querySelector(".gz-panel").classList.remove("gz-open");
    full.tell(on);
  }

  async function toggle() {
    const on = !full.on;
    set(on);
    if (!on && document.fullscreenElement) await document.exitFullscreen();
    // Some telephones and frames refuse: the window is filled all the same.
    if (on && page.requestFullscreen) await page.requestFullscreen().catch((error) => console.info(`full screen: ${error.message}`));
  }

  // The page of another tab of the header has no map to fill the screen with.
  function patch() {
    if (full.on && state.data.hidden) toggle();
  }

  document.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement) set(false); });
  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape" && full.on && !document.fullscreenElement && !e.defaultPrevented) set(false);
  });
  return full;
}

function addStyle() {
  const href = styleUrl("full.css");
  if (document.querySelector(`link[href="${href}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}
