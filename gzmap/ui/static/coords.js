// A point in every system that people here ask for, and the way to a point that they type; both are answered by /coordinates.
import { coordinatesUrl } from "./host.js";
import { make, word } from "./panel.js";

const GCJ02 = "GCJ-02";
const NEAR_ZOOM = 14;

export function openTool(root, state, box) {
  const tool = new Coordinates(state, box);
  tool.start();
  return { close: () => tool.close() };
}

class Coordinates {
  constructor(state, box) {
    Object.assign(this, { state, box, map: state.map });
    this.clicked = (e) => { if (!state.measuring && !state.drawing && !state.pressDrew) this.tell(e.latlng, "coords_click"); };
    this.build();
    this.map.on("click", this.clicked);
  }

  say(key, values) { return word(this.state, key, values); }

  build() {
    const input = make("input", { type: "text", id: "gz-coords-input", autocomplete: "off", spellcheck: false, placeholder: this.say("coords_example"), "aria-describedby": "gz-coords-kinds" });
    const { systems } = this.state.data.tools;
    const option = (value, text) => make("option", { value }, text);
    const select = make("select", { id: "gz-coords-crs" }, option("", this.say("coords_auto")),
      ...["EPSG:4490", "EPSG:4547", "EPSG:4526"].map((code) => option(code, systems[code])), option(GCJ02, this.say("coords_web")));
    const form = make("form", { className: "gz-coords-form" },
      make("label", { htmlFor: "gz-coords-input" }, this.say("coords_input")),
      make("div", {}, input, make("button", { type: "submit", className: "gz-small" }, this.say("coords_go"))),
      make("label", { htmlFor: "gz-coords-crs", className: "gz-coords-crs" }, this.say("coords_crs"), select));
    form.onsubmit = (e) => { e.preventDefault(); this.go(input.value.trim(), select.value); };
    this.wrong = make("p", { className: "gz-wrong", role: "alert", hidden: true });
    this.source = make("h3");
    this.notes = make("div", { className: "gz-notes", role: "status" });
    this.readings = make("dl", { className: "gz-readings" });
    this.said = make("p", { className: "gz-sr", role: "status" });
    const take = make("button", { type: "button", className: "gz-small", onclick: () => this.tell(this.map.getCenter(), "coords_middle") }, this.say("coords_take"));
    this.box.replaceChildren(form, make("p", { className: "gz-told", id: "gz-coords-kinds" }, this.say("coords_kinds")), this.wrong,
      make("div", { className: "gz-coords-head" }, this.source, take), this.notes, this.readings, this.said);
  }

  start() {
    const { clicked } = this.state;
    this.tell(clicked ?? this.map.getCenter(), clicked ? "coords_click" : "coords_middle");
    if (matchMedia("(hover: hover)").matches) this.box.querySelector("input").focus(); // elsewhere a keyboard would rise over the map
  }

  close() {
    this.asking?.abort();
    this.map.off("click", this.clicked);
    this.mark?.remove();
  }

  // --- asking

  tell({ lat, lng }, from) {
    return this.ask(new URLSearchParams({ lon: lng.toFixed(7), lat: lat.toFixed(7) }), from);
  }

  async go(text, crs) {
    if (!text) return;
    const answer = await this.ask(new URLSearchParams({ text, crs }), "coords_typed");
    if (answer) this.map.setView([answer.lat, answer.lon], Math.max(this.map.getZoom(), NEAR_ZOOM), { animate: false });
  }

  async ask(query, from) {
    this.asking?.abort(); // only the newest point is wanted
    const mine = (this.asking = new AbortController());
    try {
      const response = await fetch(coordinatesUrl(query), { signal: mine.signal });
      const answer = await response.json();
      if (!response.ok) throw new Error((this.state.data.lang === "zh" && answer.message_zh) || answer.message);
      this.show(answer, from);
      return answer;
    } catch (error) {
      if (mine.signal.aborted) return null;
      this.wrong.textContent = `${this.say("coords_failed")} ${error.message}`;
      this.wrong.hidden = false;
      return null;
    }
  }

  // --- showing

  show(answer, from) {
    const { lang } = this.state.data;
    this.wrong.hidden = true;
    this.source.textContent = this.say(from);
    const notes = (answer.notes ?? []).map((note) => (lang === "en" ? note.en : note.zh));
    if (from !== "coords_typed") notes.push(this.say("coords_rounded"));
    this.notes.replaceChildren(...notes.map((note) => make("p", { className: "gz-told" }, note)));
    this.readings.replaceChildren(...answer.readings.flatMap((reading) => this.describe(reading)));
    this.point(answer);
  }

  describe(reading) {
    const { crs, x, y, dms } = reading;
    const { systems } = this.state.data.tools;
    const name = crs === GCJ02 ? this.say("coords_gcj02") : systems[crs];
    const head = make("dt", {}, name);
    if (x === null) return [head, make("dd", { className: "gz-dim", title: reading.reason }, this.say("coords_beyond"))];
    const lines = dms
      ? [[this.say("coords_degrees", { x, y }), `${x}, ${y}`], [this.say("coords_dms", { x: dms[0], y: dms[1] }), `${dms[0]}E, ${dms[1]}N`]]
      : [[this.say("coords_plane", { x, y }), `X=${y}, Y=${x}`]];
    const notes = { "EPSG:4490": "coords_same", "EPSG:4547": "coords_axes", "EPSG:4526": "coords_zone" };
    const cells = (crs === GCJ02 ? lines.slice(0, 1) : lines).map(([text, copy]) => make("dd", {}, breakable(text), this.buildCopy(copy, `${name} ${text}`)));
    return [head, ...cells, ...(notes[crs] ? [make("dd", { className: "gz-dim" }, this.say(notes[crs]))] : [])];
  }

  buildCopy(text, what) {
    const button = make("button", { type: "button", className: "gz-copy", ariaLabel: `${this.say("copy")} ${what}`, title: text }, this.say("copy"));
    button.onclick = async () => {
      const done = await copy(text);
      button.textContent = this.say(done ? "copied" : "copy_failed");
      this.said.textContent = `${button.textContent} ${text}`;
      setTimeout(() => { button.textContent = this.say("copy"); }, 1500);
    };
    return button;
  }

  point({ lat, lon }) {
    const L = window.L;
    const icon = L.divIcon({ className: "gz-spot", iconSize: [25, 25] });
    if (this.mark) this.mark.setLatLng([lat, lon]);
    else this.mark = L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(this.map);
  }
}

// A line may break between the two coordinates, and nowhere else.
const breakable = (text) => {
  const [first, second] = text.split(/(?<=[，,])/);
  return make("span", {}, make("span", {}, first), second.startsWith(" ") ? " " : "", make("span", {}, second.trim()));
};

// The clipboard is there only over HTTPS and on this machine; elsewhere the old way is tried.
async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (error) {
      console.info(`clipboard: ${error.message}`);
    }
  }
  const field = Object.assign(document.createElement("textarea"), { value: text });
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
