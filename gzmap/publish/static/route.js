// Which page an address means, and which address a page has: the same as in the app, `./text?para=…`. A single file has one
// path, so there the page is a parameter.
export const PAGES = ["map", "text", "mine", "ledger", "data"];
const BRIDGE = ["view", "layers", "op", "order", "names"];
const OWN = { ledger: ["box", "chapter", "district"], mine: ["district", "place"] };
const LONGEST = 200; // characters of a value: no filter needs more

const root = document.documentElement;
const single = root.hasAttribute("data-single");
const start = new URL(location);
const base = single ? start.pathname : findBase();

function findBase() {
  const page = root.dataset.page;
  const path = start.pathname.replace(/index\.html$/, "");
  return page === "map" ? path : path.replace(new RegExp(`${page}/?$`), "");
}

export function readAddress() {
  const url = new URL(location);
  const query = Object.fromEntries([...url.searchParams].map(([key, value]) => [key, value.slice(0, LONGEST)]));
  const named = single ? query.page : url.pathname.slice(base.length).replace(/index\.html$/, "").replace(/\/$/, "");
  const page = PAGES.includes(named) ? named : "map";
  return { page, query };
}

// The address of a page with what is asked of it; what the map wrote there is carried over.
export function writeAddress(page, params) {
  const url = new URL(location);
  const carried = BRIDGE.filter((key) => url.searchParams.has(key)).map((key) => [key, url.searchParams.get(key)]);
  return address(page, [...Object.entries(params), ...carried]);
}

function address(page, pairs) {
  const all = single && page !== "map" ? [["page", page], ...pairs] : pairs;
  const search = all.filter(([, value]) => value).map(([key, value]) => `${key}=${escape(value)}`).join("&");
  return `${base}${single || page === "map" ? "" : page}${search && "?"}${search}`;
}

const escape = (value) => encodeURIComponent(value).replaceAll("%2C", ",").replaceAll("%2F", "/").replaceAll("%3A", ":");

export const listOwn = (page) => OWN[page] ?? [];

// Links of our markup are relative to the pages of the app; where there is one path they need another form.
export function readdress(box) {
  if (!single) return;
  for (const link of box.querySelectorAll("a[href]")) {
    const href = link.getAttribute("href");
    if (/^(#|[a-z]+:)/i.test(href)) continue;
    const [path, search = ""] = href.replace(/^\.\//, "").split("?");
    const pairs = [...new URLSearchParams(search)];
    link.setAttribute("href", address(PAGES.includes(path) ? path : "map", pairs));
  }
}
