// What the panel and the pages show: markup that was written beforehand in full, less what was not asked for. Names and
// words are only moved here, never written into markup.
import { readBook } from "./host.js";
import { find } from "./search.js";

const QUOTE_BEFORE = 18; // characters shown around the words that were found, as in the app
const QUOTE_AFTER = 30;

const parse = (html) => new DOMParser().parseFromString(html, "text/html").body;
const goOf = (element) => JSON.parse(element.dataset.go);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

// Every text of some elements with its {values} filled in; elsewhere braces may be part of a name.
function fillTexts(box, values, within) {
  for (const element of box.querySelectorAll(within)) fillText(element, values);
  return box;
}

function fillText(box, values) {
  const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (walk.currentNode.data.includes("{")) walk.currentNode.data = fill(walk.currentNode.data, values);
}

function today() {
  const now = new Date();
  const two = (n) => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

// --- the panel beside the map

export async function buildPanel(place, book) {
  const build = { card, chooser, here, unlocated, results }[place.panel];
  const box = build ? await build(place) : document.createElement("div");
  if (!build && !place.lit) box.append(...parse(book.intro).childNodes);
  if (place.lit) {
    const { lit } = await readBook(`${place.lang}/text`);
    const bar = parse(lit[place.lit].html);
    if (build) bar.querySelector(".gz-chips")?.remove(); // the list of places is shown where nothing else is
    box.prepend(...bar.childNodes);
  }
  return box;
}

async function card(place) {
  const cards = await readBook(`${place.lang}/cards/${place.feature.slice(0, place.feature.lastIndexOf("."))}`);
  const box = fillTexts(parse(cards[place.feature]), { today: today() }, ".gz-reference-text");
  if (place.picks.length < 2) box.querySelector(".gz-back")?.remove();
  return box;
}

async function chooser(place) {
  const { chooser: html, rank } = await readBook(`${place.lang}/lists`);
  const box = parse(html);
  const wanted = new Map(place.picks.map((id) => [id, rank.indexOf(id)]));
  const title = box.querySelector("h2");
  title.textContent = title.textContent.replace(/\d+/, place.picks.length);
  const fold = box.querySelector("details");
  const wide = fold ? keepPicks(fold, wanted) : 0;
  const near = keepPicks(box.querySelector("section"), wanted);
  if (!wide) fold?.remove();
  else fold.querySelector("summary").textContent = fold.querySelector("summary").textContent.replace(/\d+/, wide);
  if (fold) fold.open = !near;
  return box;
}

// Leaves the rows that were picked, the smallest first, under the headings of their themes; a single theme needs none.
function keepPicks(box, wanted) {
  const lists = [...box.children].filter((one) => one.tagName === "UL");
  const themes = lists.map((list) => {
    const rows = [...list.children].filter((row) => wanted.has(goOf(row.firstElementChild).id));
    rows.sort((a, b) => wanted.get(goOf(a.firstElementChild).id) - wanted.get(goOf(b.firstElementChild).id));
    const head = list.previousElementSibling?.tagName === "H4" ? list.previousElementSibling : null;
    list.replaceChildren(...rows);
    return { list, head, first: rows.length ? wanted.get(goOf(rows[0].firstElementChild).id) : -1 };
  });
  const kept = themes.filter(({ first }) => first >= 0).sort((a, b) => a.first - b.first);
  for (const { list, head } of themes) { list.remove(); head?.remove(); }
  const folded = box.querySelector(":scope > details");
  for (const { list, head } of kept) box.insertBefore(list, folded).before(...(head && kept.length > 1 ? [head] : []));
  return kept.reduce((sum, { list }) => sum + list.children.length, 0);
}

async function here({ lang, point, within }) {
  const { here: html, outside, districts } = await readBook(`${lang}/lists`);
  const names = within ? districts[within] ?? within : outside;
  return fillTexts(parse(html), { names, lon: point.lon.toFixed(4), lat: point.lat.toFixed(4) }, "p");
}

async function unlocated({ lang, group }) {
  const box = parse((await readBook(`${lang}/lists`)).unlocated);
  for (const fold of box.querySelectorAll("details")) {
    if (group && fold.querySelector("summary").textContent.startsWith(`${group} (`)) fold.open = true;
  }
  return box;
}

async function results({ lang, q }) {
  const [lists, index] = await Promise.all([readBook(`${lang}/lists`), readBook("search")]);
  const hits = find(index, q);
  const box = parse(hits.length ? lists.results : lists.empty);
  box.querySelector(".gz-doing")?.remove();
  const wanted = new Map(hits.map((hit, at) => [hit.id, { ...hit, at }]));
  for (const list of box.querySelectorAll("ul")) {
    const rows = [...list.children].map((row) => [row, wanted.get(goOf(row.firstElementChild).id)]).filter(([, hit]) => hit);
    rows.sort(([, a], [, b]) => a.at - b.at);
    const head = list.previousElementSibling;
    head.textContent = head.textContent.replace(/\d+/, rows.length);
    for (const [row, hit] of rows) quote(row.querySelector("q"), hit);
    list.replaceChildren(...rows.map(([row]) => row));
    if (!rows.length) { head.remove(); list.remove(); }
  }
  return fillTexts(box, { what: q }, "h2");
}

function quote(box, { text, start, end }) {
  if (!box) return;
  if (start === undefined) { box.remove(); return; }
  const chars = [...text];
  const mark = document.createElement("mark");
  mark.textContent = chars.slice(start, end).join("");
  box.replaceChildren("…", chars.slice(Math.max(0, start - QUOTE_BEFORE), start).join(""), mark, chars.slice(end, end + QUOTE_AFTER).join(""), "…");
}

// --- the pages

export async function buildPage(place, book) {
  return { text: buildText, ledger: buildLedger, data: buildData, mine: buildMine }[place.page](place, book);
}

const buildData = async ({ lang }) => parse(await readBook(`${lang}/data`));

async function buildText(place) {
  const { html, cites } = await readBook(`${place.lang}/text`);
  const box = parse(html);
  const at = (id) => [...box.querySelectorAll("[id]")].find((element) => element.id === id);
  if (place.para) at(place.para)?.classList.add("gz-current");
  if (place.feature) {
    for (const link of box.querySelectorAll(".gz-mention")) link.classList.toggle("gz-on", goOf(link).ids.includes(place.feature));
  }
  if (place.cited) {
    const cite = fillTexts(parse(cites[place.cited]), { today: today() }, ".gz-reference-text");
    [...at(place.cited).querySelectorAll(".gz-cite-link")].find((link) => goOf(link).kind === "cite").replaceWith(...cite.childNodes);
  }
  return box;
}

const FILTERS = ["box", "chapter", "district"];

async function buildLedger(place) {
  const { html, accounts, title, empty } = await readBook(`${place.lang}/ledger`);
  const box = parse(html);
  const fits = (account) => FILTERS.every((key) => !place[key] || [account[key]].flat().includes(place[key]));
  const rows = [...box.querySelectorAll(".gz-accounts > li")];
  let n = 0;
  rows.forEach((row, at) => { if (fits(accounts[at])) n += 1; else row.remove(); });
  for (const list of box.querySelectorAll(".gz-accounts")) {
    const head = list.previousElementSibling;
    head.textContent = head.textContent.replace(/\(\d+\)$/, `(${list.children.length})`);
    if (!list.children.length) { head.remove(); list.remove(); }
  }
  box.querySelector("#ledger-list").textContent = fill(title, { n });
  box.querySelectorAll(".gz-filters > [role=group]").forEach((group, at) => refilter(group.querySelectorAll("a"), FILTERS[at], place));
  box.querySelectorAll(".gz-chart tbody").forEach((body, at) => refilter(body.querySelectorAll("th a"), FILTERS[at + 1], place));
  if (!n) {
    const note = document.createElement("p");
    note.setAttribute("role", "status");
    note.textContent = empty;
    box.querySelector(".gz-filters").after(note);
  }
  return box;
}

// A link of the ledger changes one key of the filter and keeps the others.
function refilter(links, key, place) {
  for (const link of links) {
    const value = goOf(link)[key];
    const go = { kind: "ledger", ...Object.fromEntries(FILTERS.map((one) => [one, place[one]])), [key]: value };
    link.dataset.go = JSON.stringify(go);
    const query = FILTERS.filter((one) => go[one]).map((one) => `${one}=${encodeURIComponent(go[one])}`).join("&");
    link.setAttribute("href", `./ledger${query && "?"}${query}`);
    if (!link.closest(".gz-filters")) continue;
    if (value === place[key]) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// The answer for a district; what else was asked for is answered by the district that it is in, and says so.
async function buildMine(place, book) {
  const { html, unknown } = await readBook(`${place.lang}/mine`);
  const { district, place: what } = place.asked;
  const known = (name) => Object.values(book.features).some(([layer, , within]) => layer === "districts" && within === name);
  if (!district && !what) return parse(html);
  const all = known(district) ? [district] : await findDistricts(what, book);
  const within = all.find(known);
  if (!within) {
    const box = fillTexts(parse(unknown), { what: what || district }, "#mine-name");
    box.querySelector("#mine-place").setAttribute("value", what ?? "");
    return box;
  }
  const box = parse(await readBook(`${place.lang}/mine/${within}`));
  if (!what) return box;
  const { districts } = await readBook(`${place.lang}/lists`);
  const note = document.createElement("p");
  note.className = "gz-alt";
  note.setAttribute("role", "status");
  note.textContent = fill(book.words.by_district, {
    what: book.features[what]?.[3] ?? what, district: districts[within], all: all.map((name) => districts[name] ?? name).join(place.lang === "en" ? ", " : "、"),
  });
  box.querySelector("#mine-name").after(note);
  return box;
}

async function findDistricts(what, { features }) {
  const list = (id) => features[id][2].split("|").filter(Boolean);
  if (!what || features[what]) return what ? list(what) : [];
  const hits = find(await readBook("search"), what).filter((hit) => hit.kind !== "paragraph");
  return hits.map((hit) => list(hit.id)).find((names) => names.length) ?? [];
}
