// Where the map lives: the same elements as in the app (gzmap/ui/bridge.py), in a shadow root with its own styles.
import { styleUrl } from "./host.js";
import { make } from "./panel.js";

export function makeStage(host) {
  const root = host.attachShadow({ mode: "open" });
  const styles = ["leaflet/leaflet.css", "mapview.css"].map((name) => make("link", { rel: "stylesheet", href: styleUrl(name) }));
  const div = (className, more = {}, ...children) => make("div", { className, ...more }, ...children);
  const message = div("gz-message", { role: "alert", hidden: true });
  const open = make("button", { type: "button", className: "gz-open-panel", "aria-expanded": "false" });
  const stage = div("gz-stage", {}, div("gz-map"), div("gz-cross", { "aria-hidden": "true" }), div("gz-tools"), open, div("gz-readout", { "aria-hidden": "true" }), message);
  root.append(...styles, div("gz-root gz-hidden", {}, make("nav", { className: "gz-panel" }), stage));
  return { root, started: false };
}
