// Text made by the server (escaped there), in which elements with data-go answer a plain click with one trigger.
// They are real links as well: opened in a new tab or sent to somebody, they lead to the same place.
import { readQuery, readSeen } from "./address.js";

const find = (box, id) => [...box.querySelectorAll("[id]")].find((element) => element.id === id);

function reveal(element) {
  if (element?.tagName === "DETAILS") element.open = true;
  element?.scrollIntoView({ behavior: "smooth" });
}

// Who works through the page by keyboard stays where they are, and what they have unfolded stays open.
function keep(box, change) {
  const name = (element) => element?.closest("[data-keep]")?.dataset.keep;
  const named = (wanted) => [...box.querySelectorAll("[data-keep]")].find((e) => e.dataset.keep === wanted);
  const active = box.contains(document.activeElement) ? name(document.activeElement) : undefined;
  const open = [...box.querySelectorAll("details[data-keep][open]")].map(name);
  change();
  for (const one of open) named(one)?.setAttribute("open", "");
  const element = active && named(active);
  if (element) (element.tagName === "DETAILS" ? element.querySelector("summary") : element).focus({ preventScroll: true });
}

// Menus and lists to choose from: one open at a time, closed by Escape, by a press elsewhere and when a link is followed.
const opened = () => document.querySelectorAll(".gz-linked details[data-alone][open]");
const closeOthers = (inside) => { for (const one of opened()) if (!one.contains(inside)) one.open = false; };
document.addEventListener("toggle", ({ target }) => { if (target.dataset?.alone && target.open) closeOthers(target); }, true);
document.addEventListener("pointerdown", (event) => closeOthers(event.target));
document.addEventListener("keydown", (event) => {
  const one = event.key === "Escape" && event.target.closest?.(".gz-linked details[data-alone][open]");
  if (one) { one.open = false; one.querySelector("summary").focus(); }
});

// A stylesheet beyond that of the frame is fetched with the first page that needs it; until then the page stays unseen.
// Until it is there, nothing has its place: who wants to scroll waits for the promise.
function wear(href, box) {
  if (!href || document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  box.style.visibility = "hidden";
  document.head.append(link);
  return new Promise((resolve) => {
    link.onload = link.onerror = () => { box.style.visibility = ""; resolve(); };
  });
}

const BELOW = 0.75; // of the height of the window: what stands higher is seen without scrolling

function scrollTo(target, isFirst) {
  if (isFirst && target.getBoundingClientRect().top < BELOW * window.innerHeight) return;
  target.scrollIntoView({ block: target.tagName === "H2" ? "start" : "center" }); // what a heading heads is wanted with it
}

export function render({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".gz-linked");
  box.send = (go) => setTriggerValue("go", { ...go, address: readQuery(), seen: readSeen() });
  const worn = wear(data.style, box);
  if (box.html !== data.html) {
    box.html = data.html;
    keep(box, () => { box.innerHTML = data.html; });
  }
  if (!box.listening) {
    box.listening = true;
    box.addEventListener("click", (event) => {
      const target = event.target.closest("[data-go], [data-scroll], [data-do]");
      if (!target || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
      event.preventDefault();
      const menu = target.closest(".gz-menu");
      if (menu) menu.open = false;
      if (target.dataset.do) { import("./acts.js").then(({ act }) => act(target, box)); return; }
      if (target.dataset.scroll) { reveal(find(box, target.dataset.scroll)); return; }
      box.send(JSON.parse(target.dataset.go));
    });
  }
  if (!box.submitting) {
    box.submitting = true;
    box.addEventListener("submit", (event) => {
      event.preventDefault();
      const form = event.target;
      box.send({ kind: form.dataset.form, ...Object.fromEntries(new FormData(form)) });
    });
  }
  if (box.scrolled !== data.scroll_nonce) {
    const isFirst = box.scrolled === undefined;
    box.scrolled = data.scroll_nonce;
    const target = data.scroll_to && find(box, data.scroll_to);
    // The page around may still be growing: scroll once it has been laid out.
    if (target) worn.then(() => requestAnimationFrame(() => scrollTo(target, isFirst)));
  }
}
