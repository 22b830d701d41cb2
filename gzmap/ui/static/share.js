// The link of the map as it is, to copy, to send, to scan. It is the address that stands above, less what must not or
// cannot travel: layers of one's own, and an outline of too many corners. What is left out is said.
import { qrUrl, styleUrl } from "./host.js";
import { make, word } from "./panel.js";

const MOST = 2000; // characters: some programs cut addresses there
const OWN = /^own\./;
const LISTS = ["layers", "op", "order"];
const LOCAL = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const TOLD_MS = 2500;

// The link, and the keys of what is to be said about it. `code` is the drawn area as it is, `own` whether the map shows
// layers of one's own, which the address does not name in the first place.
export function readLink(address, { code = "", own = false } = {}) {
  const url = new URL(address);
  const notes = own ? ["share_no_own"] : [];
  for (const name of LISTS) {
    const items = (url.searchParams.get(name) ?? "").split(",");
    const kept = items.filter((item) => !OWN.test(item));
    if (kept.length === items.length) continue;
    if (!notes.includes("share_no_own")) notes.push("share_no_own");
    url.searchParams.set(name, kept.join(","));
  }
  write(url);
  if (url.href.length > MOST) { url.searchParams.delete("area"); write(url); }
  const area = url.searchParams.get("area") ?? "";
  if (code && !area) notes.push("share_no_area");
  else if (code && area !== code) notes.push("share_simple_area");
  if (url.href.length > MOST) notes.push("share_long");
  if (LOCAL.test(url.hostname)) notes.push("share_local");
  return { link: url.href, notes };
}

function write(url) {
  url.search = url.search.replaceAll("%2F", "/").replaceAll("%2C", ",").replaceAll("%3A", ":");
}

export function openTool(root, state, body) {
  const style = make("link", { rel: "stylesheet", href: styleUrl("share.css") });
  const field = make("input", { type: "text", readOnly: true, id: "gz-share-link", onfocus: () => field.select() });
  const copied = make("span", { className: "gz-said" });
  copied.setAttribute("role", "status");
  const copy = make("button", { type: "button", className: "gz-small gz-share-copy", onclick: copyLink }, word(state, "share_copy"));
  const send = make("button", { type: "button", className: "gz-small", hidden: !navigator.share, onclick: sendLink }, word(state, "share_send"));
  const notes = make("ul", { className: "gz-share-notes" });
  const picture = make("img", { className: "gz-qr", alt: word(state, "share_qr_alt"), width: 168, height: 168 });
  const failed = make("p", { className: "gz-wrong", hidden: true }, word(state, "share_qr_failed"));
  picture.onerror = () => { picture.hidden = true; failed.hidden = false; };
  picture.onload = () => { picture.hidden = false; failed.hidden = true; };
  const label = make("label", { htmlFor: field.id }, word(state, "share_link"));
  body.append(style, make("p", { className: "gz-told" }, word(state, "share_hint")), label, field,
    make("div", { className: "gz-acts" }, copy, send, copied), notes);
  if (qrUrl("")) body.append(make("h3", {}, word(state, "share_qr")), picture, failed);

  async function copyLink() {
    let done = true;
    try { await navigator.clipboard.writeText(field.value); } catch { field.select(); done = document.execCommand("copy"); }
    copied.textContent = word(state, done ? "copied" : "copy_failed");
    setTimeout(() => { copied.textContent = ""; }, TOLD_MS);
  }

  function sendLink() {
    navigator.share({ title: document.title, url: field.value }).catch((error) => console.info(`share: ${error.message}`));
  }

  function refresh() {
    const { link, notes: keys } = readLink(location.href, {
      code: state.data.area.code,
      own: state.data.layers.some((l) => l.kind === "own" && state.show[l.id]?.visible),
    });
    notes.replaceChildren(...keys.map((key) => make("li", {}, word(state, key, { n: link.length }))));
    if (link === field.value) return;
    field.value = link;
    if (picture.isConnected) picture.src = qrUrl(link);
  }

  // The address is written a moment after the map has moved.
  const later = () => setTimeout(refresh);
  state.map.on("moveend", later);
  root.addEventListener("gz-show", later);
  refresh();
  return {
    patch: later,
    close() {
      state.map.off("moveend", later);
      root.removeEventListener("gz-show", later);
    },
  };
}
