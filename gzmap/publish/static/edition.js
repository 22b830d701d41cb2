// The static edition on the other side of the bridge: what Python answers in the app is answered here. The map, its panel
// and tools, and the text with links are the app's own scripts; this one keeps where the page stands.
import { buildPage, buildPanel } from "./answers.js";
import { fileUrl, readBook } from "./host.js";
import { findUnder } from "./hover.js";
import { render as renderLinked } from "./linked.js";
import { render as renderMap } from "./mapview.js";
import { listOwn, PAGES, readAddress, readdress, writeAddress } from "./route.js";
import { makeStage } from "./stage.js";

const CLICK_PX = 8;
const TOUCH_PX = 16;
const STEP = { next: 1, previous: -1 };
const MARGIN_DEG = 0.01; // about 1 km around a single point

const place = { focus: 0, scroll: 0, filtered: 0, picks: [], group: "", cited: "", asked: {}, bbox: null };
const frameBox = document.getElementById("gz-frame");
const mainBox = document.getElementById("gz-main");
const stage = makeStage(document.getElementById("gz-living"));
let turn = 0;

// --- where the page stands

async function enter() {
  const { page, query } = readAddress();
  const lang = query.lang === "en" ? "en" : "zh";
  const book = await readBook(`${lang}/book`);
  const { lit } = query.para || query.lit ? await readBook(`${lang}/text`) : { lit: {} };
  const feature = query.feature in book.features ? query.feature : "";
  const isPara = !query.para || (await isPassage(lang, query.para));
  const missing = (query.feature && !feature && ["unknown_feature", query.feature]) || (!isPara && ["unknown_paragraph", query.para]) || null;
  const own = Object.fromEntries(listOwn(page).map((key) => [key, query[key] ?? ""]));
  const kept = page === "ledger" ? own : { box: place.box ?? "", chapter: place.chapter ?? "", district: place.district ?? "" };
  Object.assign(place, {
    page, lang, feature, para: isPara ? query.para ?? "" : "", q: query.q ?? "", ...kept, missing,
    lit: query.lit in lit ? query.lit : "", asked: page === "mine" ? own : place.asked, picks: [], group: "",
    panel: hasCard(book, feature) ? "card" : query.q ? "results" : "intro", bbox: null,
    focus: place.focus + (feature ? 1 : 0), scroll: place.scroll + 1,
  });
}

const hasCard = (book, id) => id && book.map.layers.some((l) => l.id === book.features[id][0] && (l.kind === "plan" || l.id === "districts"));

async function isPassage(lang, id) {
  const { html } = await readBook(`${lang}/text`);
  return /^[\w-]+$/.test(id) && html.includes(` id="${id}"`);
}

function params() {
  const { feature, para, q, lit, lang, page, asked } = place;
  const own = page === "mine" ? asked : page === "ledger" ? place : {};
  return { feature, para, q, ...Object.fromEntries(listOwn(page).map((key) => [key, own[key]])), lit, lang: lang === "en" ? "en" : "" };
}

function move(changes) {
  const before = place.page;
  Object.assign(place, { missing: null }, changes);
  const address = writeAddress(place.page, params());
  history[new URL(address, location).href === location.href ? "replaceState" : "pushState"](null, "", address);
  if (before !== place.page) scrollTo(0, 0);
  return show();
}

const showFeature = (id, more = {}) => move({ feature: id, panel: "card", picks: place.picks.includes(id) ? place.picks : [], bbox: null, ...more });
const turnTo = (id) => showFeature(id, { page: "map", focus: place.focus + 1 });

// --- showing

async function show() {
  const mine = ++turn;
  const { lang, page } = place;
  try {
    const book = await readBook(`${lang}/book`);
    if (mine !== turn) return;
    document.title = book.title;
    showFrame(book);
    const isMap = page === "map";
    mainBox.className = isMap ? "st-key-gz_card" : "st-key-gz_page";
    if (isMap || stage.started) showMap(book);
    const box = isMap ? await buildPanel({ ...place }, book) : await buildPage({ ...place }, book);
    if (mine !== turn) return;
    if (place.missing) box.prepend(buildNote(book.words[place.missing[0]].replace("{id}", place.missing[1])));
    readdress(box);
    renderLinked({ data: { html: box.innerHTML, ...findScroll() }, parentElement: mainBox, setTriggerValue: (_name, go) => answer(go) });
  } catch (error) {
    if (mine === turn) fail(error);
  }
}

// Where a page is to be shown from: the passage of the address, or what was last asked for.
function findScroll() {
  const { page, para, scroll, filtered } = place;
  if (page === "text") return { scroll_to: para, scroll_nonce: `text${scroll}` };
  return { scroll_to: filtered ? { ledger: "ledger-list", mine: "mine-name" }[page] ?? "" : "", scroll_nonce: `${page}${filtered}` };
}

function showFrame(book) {
  const frame = new DOMParser().parseFromString(book.frames[place.page], "text/html").body;
  frame.querySelector(".gz-search input").setAttribute("value", place.q);
  readdress(frame);
  renderLinked({ data: { html: frame.innerHTML, scroll_to: "", scroll_nonce: 0 }, parentElement: frameBox, setTriggerValue: (_name, go) => answer(go) });
}

function buildNote(text) {
  const note = document.createElement("p");
  note.className = "gz-alt";
  note.setAttribute("role", "alert");
  note.textContent = text;
  return note;
}

async function fail(error) {
  console.info(`${error.message}`);
  const words = await readBook(`${place.lang}/book`).then((book) => book.words.book_failed, () => "");
  mainBox.firstElementChild.replaceChildren(buildNote(`${words} ${error.message}`));
  mainBox.firstElementChild.html = null;
}

function showMap(book) {
  const layers = book.map.layers.map((layer) => ({ ...layer, url: layer.url && fileUrl(layer.url) }));
  const wanted = (place.feature ? [place.feature] : place.picks).filter((id) => book.features[id]);
  const boxes = wanted.map((id) => book.features[id][1]).filter(Boolean);
  const focus = place.focus && { nonce: place.focus, bbox: place.bbox ?? surround(boxes), layer_ids: [...new Set(wanted.map((id) => book.features[id][0]))] };
  const data = {
    ...book.map, layers, focus: focus || null, hidden: place.page !== "map", lit: place.lit ? place.litIds ?? [] : null,
    selected: place.feature ? { feature_id: place.feature, layer_id: book.features[place.feature][0] } : null,
    area: { code: "", size: "", number: 0, refused: false },
  };
  stage.started = true;
  renderMap({ data, parentElement: stage.root, setTriggerValue: (_name, event) => answerMap(event, book) });
}

function surround(boxes) {
  if (!boxes.length) return null;
  const of = (at, pick) => pick(...boxes.map((box) => box[at]));
  return [of(0, Math.min), of(1, Math.min), of(2, Math.max), of(3, Math.max)];
}

// --- answering the map

function answerMap(event, book) {
  if (event.kind === "click") click(event);
  else if (event.kind === "feature") showFeature(event.id);
  else if (event.kind === "unlocated") {
    const group = book.map.groups.find((one) => one.id === event.group)?.title ?? "";
    move({ panel: "unlocated", group, feature: "", picks: [] });
  }
}

async function click({ lon, lat }) {
  const { map, state } = window.__gz;
  const at = map.latLngToLayerPoint([lat, lon]);
  const { rank } = await readBook(`${place.lang}/lists`);
  const picks = [...new Set(findDrawn(state, at))].sort((a, b) => rank.indexOf(a) - rank.indexOf(b));
  const within = findDistrict(state, lon, lat);
  if (picks.length === 1) showFeature(picks[0], { picks, point: { lon, lat }, within });
  else move({ picks, point: { lon, lat }, within, feature: "", panel: picks.length ? "chooser" : "here" });
}

// What Leaflet finds under the pointer, as far around it as the app looks.
function findDrawn(state, at) {
  const renderers = new Set();
  const collect = (layer) => { if (layer.eachLayer) layer.eachLayer(collect); else if (layer.options.renderer) renderers.add(layer.options.renderer); };
  for (const layer of Object.values(state.layers)) if (layer._map && layer.byId) layer.eachLayer(collect);
  const reach = matchMedia("(pointer: coarse)").matches ? TOUCH_PX : CLICK_PX;
  const before = [...renderers].map((one) => [one, one.options.tolerance]);
  for (const one of renderers) one.options.tolerance = reach;
  try {
    return findUnder(state, at).map(({ id }) => id);
  } finally {
    for (const [one, tolerance] of before) one.options.tolerance = tolerance;
  }
}

function findDistrict(state, lon, lat) {
  const inside = ({ feature }) => feature.geometry.coordinates.some((rings) => rings.reduce((odd, ring) => odd !== crosses(ring, lon, lat), false));
  return [...(state.layers.districts?.byId?.values() ?? [])].find(inside)?.feature.properties.name ?? "";
}

function crosses(ring, lon, lat) {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [a, b] = [ring[j], ring[i]];
    if ((a[1] > lat) !== (b[1] > lat) && lon < a[0] + ((lat - a[1]) / (b[1] - a[1])) * (b[0] - a[0])) odd = !odd;
  }
  return odd;
}

// --- answering the links of header, panel and pages

const CLEARED = { feature: "", panel: "intro", picks: [] };

function answer(go) {
  const answers = {
    close: () => move({ ...CLEARED, q: "" }),
    page: () => move({ page: PAGES.includes(go.id) ? go.id : "map" }),
    language: () => move({ lang: place.lang === "en" ? "zh" : "en" }),
    search: () => move({ ...CLEARED, q: go.q.trim(), panel: go.q.trim() ? "results" : "intro", page: "map" }),
    back: () => move({ feature: "", panel: "chooser" }),
    pick: () => showFeature(go.id),
    feature: () => turnTo(go.id),
    features: () => (go.ids.length === 1 ? turnTo(go.ids[0]) : choose(go.ids)),
    label: () => toLabel(go.id),
    ledger: () => move({ page: "ledger", box: go.box, chapter: go.chapter, district: go.district, filtered: place.filtered + 1 }),
    paragraph: () => move({ page: "text", para: go.id, scroll: place.scroll + 1 }),
    cite: () => move({ para: go.id, cited: go.id }),
    ask: () => askMine(go.asked),
    mine_form: () => askMine({ place: go.place.trim() }),
    position: () => askPosition(go.at),
    together: () => choose(go.ids, go.within),
    light: () => light(go.id),
    light_step: () => stepLit(STEP[go.by] ?? 1),
    light_off: () => move({ lit: "", litIds: [] }),
  };
  return answers[go.kind]?.();
}

const askMine = (asked) => move({ page: "mine", asked, filtered: place.filtered + 1 });

async function choose(ids, within = "") {
  const { features } = await readBook(`${place.lang}/book`);
  return move({ picks: ids, feature: "", panel: ids.length ? "chooser" : "intro", bbox: features[within]?.[1] ?? null, focus: place.focus + 1, page: "map" });
}

async function toLabel(id) {
  const { features } = await readBook(`${place.lang}/book`);
  const [west, south, east, north] = features[id][1];
  const margin = west === east ? MARGIN_DEG : 0;
  return move({ feature: "", picks: [], bbox: [west - margin, south - margin, east + margin, north + margin], focus: place.focus + 1, page: "map" });
}

// A position does not leave this page: it is only looked up in which district it lies.
async function askPosition(at) {
  const [lon, lat] = at.split(",").map(Number);
  const response = await fetch(fileUrl("layers/districts.json"));
  const { features } = await response.json();
  const byId = new Map(features.map((feature) => [feature.id, { feature }]));
  const district = findDistrict({ layers: { districts: { byId } } }, lon, lat);
  return askMine(district ? { district } : { place: at });
}

// --- what is lit up

async function light(id) {
  const { lit } = await readBook(`${place.lang}/text`);
  if (!lit[id]) return;
  await move({ lit: id, litIds: lit[id].ids, para: id, feature: "", picks: lit[id].ids, panel: "intro", bbox: null, focus: place.focus + 1, page: "map" });
}

function stepLit(by) {
  const ids = place.litIds ?? [];
  if (!ids.length) return;
  const at = ids.indexOf(place.feature);
  turnTo(at < 0 ? ids.at(by > 0 ? 0 : -1) : ids[(at + by + ids.length) % ids.length]);
}

async function follow() {
  try {
    await enter();
    if (place.lit) place.litIds = (await readBook(`${place.lang}/text`)).lit[place.lit].ids;
  } catch (error) { fail(error); return; }
  history.replaceState(history.state, "", writeAddress(place.page, params()));
  await show();
}

window.addEventListener("popstate", follow);
follow();
