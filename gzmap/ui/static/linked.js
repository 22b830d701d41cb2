// Text made by the server (escaped there), in which elements with data-go answer a plain click with one trigger.
// They are real links as well: opened in a new tab or sent to somebody, they lead to the same place.
import { readQuery, readSeen } from "./address.js";

const find = (box, id) => [...box.querySelectorAll("[id]")].find((element) => element.id === id);

function reveal(element) {
  if (element?.tagName === "DETAILS") element.open = true;
  element?.scrollIntoView({ behavior: "smooth" });
}

export function render({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".gz-linked");
  box.send = (go) => setTriggerValue("go", { ...go, address: readQuery(), seen: readSeen() });
  if (box.html !== data.html) {
    box.html = data.html;
    box.innerHTML = data.html;
  }
  if (!box.listening) {
    box.listening = true;
    box.addEventListener("click", (event) => {
      const target = event.target.closest("[data-go], [data-scroll]");
      if (!target || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
      event.preventDefault();
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
  if (data.scroll_to && box.scrolled !== data.scroll_nonce) {
    box.scrolled = data.scroll_nonce;
    const target = find(box, data.scroll_to);
    // The page around may still be growing: scroll once it has been laid out.
    const block = target?.tagName === "H2" ? "start" : "center"; // what a heading heads is wanted with it
    if (target) requestAnimationFrame(() => target.scrollIntoView({ block }));
  }
}
