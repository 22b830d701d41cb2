// The tools on the map: a strip of buttons, one flyout (on a phone a sheet) for the tool that is open, and what each needs
// to know. Every tool is fetched when it is first opened; none of them causes a run on the server.
import { makeFull } from "./full.js";
import { offers, styleUrl } from "./host.js";
import { makeNames } from "./names.js";
import { drawn, make, word } from "./panel.js";

const TOOLS = {
  twin: () => import("./twin.js"),
  legend: () => import("./legend.js"),
  measure: () => import("./measure.js"),
  coords: () => import("./coords.js"),
  share: () => import("./share.js"),
};
const BESIDE = new Set(["twin", "coords"]); // tall: beside the map and not over it, so that what is in view is seen
const ICONS = {
  twin: "M7 4h11M7 10h11M7 16h11M2.5 4h1M2.5 10h1M2.5 16h1",
  legend: "M2 3h6v5H2zM11.5 5.5h7M2 12.5h6v5H2zM11.5 15h7",
  measure: "M1.5 13.5 13.5 1.5l5 5-12 12zM5 10l2 2M8 7l3 3M11 4l2 2",
  coords: "M10 1v5M10 14v5M1 10h5M14 10h5M10 9.5v1M9.5 10h1",
  share: "M15 6.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM5 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM15 18.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM7.2 8.8 12.8 5.2M7.2 11.2 12.8 14.8",
  print: "M5.5 7V2h9v5M5.5 15H2V7h16v8h-3.5M5.5 12h9v6.5h-9z",
  full: "M2 7V2h5M13 2h5v5M18 13v5h-5M7 18H2v-5",
};

export function makeTools(root, state) {
  const stage = root.querySelector(".gz-stage");
  const style = make("link", { rel: "stylesheet", href: styleUrl("maptools.css") });
  const note = make("p", { className: "gz-sr", id: "gz-map-note" });
  state.map.getContainer().setAttribute("aria-describedby", note.id);
  const strip = make("div", { className: "gz-strip", role: "group" });
  const box = make("section", { className: "gz-flyout", id: "gz-flyout", hidden: true, tabIndex: -1 });
  style.onload = () => stage.append(note, strip, box); // not before they look like anything
  stage.append(style);
  const full = makeFull(root, state);
  const names = makeNames(root, state);
  let current = null; // { name, tool } of what is open
  let lang;

  // On a phone the layers are a sheet in the same place.
  const layers = root.querySelector(".gz-open-panel");
  layers.addEventListener("click", close);
  state.map.on("click", (e) => { state.clicked = e.latlng; });

  function build() {
    lang = state.data.lang;
    note.textContent = word(state, "map_note");
    strip.setAttribute("aria-label", word(state, "tools"));
    strip.replaceChildren(
      ...Object.keys(TOOLS).filter(offers).map((name) => button(name, { "aria-expanded": "false", "aria-controls": "gz-flyout", onclick: () => toggle(name) })),
      ...["print"].filter(offers).map((name) => button(name, { onclick: () => document.querySelector('.gz-nav a[href="./print"]').click() })),
      button("full", { "aria-pressed": "false", onclick: () => full.toggle() }),
    );
    full.tell = (on) => {
      const one = strip.querySelector("[data-tool=full]");
      one.setAttribute("aria-pressed", String(on));
      one.lastChild.textContent = word(state, on ? "full_leave" : "full");
    };
    full.tell(full.on);
  }

  function button(name, more) {
    const icon = drawn("svg", { viewBox: "0 0 20 20", width: 18, height: 18, "aria-hidden": "true" });
    icon.append(drawn("path", { d: ICONS[name], fill: "none", stroke: "currentColor", "stroke-width": 1.5 }));
    const title = word(state, name);
    const shown = name === "twin" ? word(state, "twin_short") : title;
    return make("button", { type: "button", className: "gz-strip-button", "data-tool": name, title, ...(shown === title ? {} : { ariaLabel: title }), ...more }, icon, make("span", {}, shown));
  }

  async function toggle(name) {
    const wanted = current?.name !== name;
    close();
    if (wanted) await open(name);
  }

  async function open(name) {
    const mine = (current = { name, tool: null });
    if (layers.getAttribute("aria-expanded") === "true") layers.onclick();
    mark(name, true);
    stage.classList.toggle("gz-beside", BESIDE.has(name));
    const body = make("div", { className: `gz-flyout-body gz-${name}` });
    const x = make("button", { type: "button", className: "gz-flyout-x", ariaLabel: word(state, "close"), onclick: leave }, "×");
    box.setAttribute("aria-label", word(state, name));
    box.replaceChildren(make("h2", {}, word(state, name)), x, body);
    box.hidden = false;
    try {
      const { openTool } = await TOOLS[name]();
      if (current !== mine) return; // another one was opened meanwhile
      mine.tool = await openTool(root, state, body, { close: leave });
      if (current !== mine) mine.tool.close();
    } catch (error) {
      body.replaceChildren(make("p", { className: "gz-wrong", role: "alert" }, `${word(state, "load_failed")} ${error.message}`));
    }
  }

  function close() {
    if (!current) return;
    mark(current.name, false);
    current.tool?.close();
    current = null;
    stage.classList.remove("gz-beside");
    box.hidden = true;
    box.replaceChildren();
  }

  // Closed by a person inside the flyout: the focus goes back to where it came from.
  function leave() {
    const name = current?.name;
    close();
    strip.querySelector(`[data-tool=${name}]`)?.focus();
  }

  const mark = (name, on) => strip.querySelector(`[data-tool=${name}]`)?.setAttribute("aria-expanded", String(on));

  box.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    e.stopPropagation();
    leave();
  });

  build();
  return {
    names,
    patch() {
      if (lang !== state.data.lang) {
        const before = current?.name;
        close();
        build();
        if (before) open(before);
      }
      full.patch();
      names.patch();
      current?.tool?.patch?.();
    },
  };
}
