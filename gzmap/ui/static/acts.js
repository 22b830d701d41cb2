// What buttons in our markup do in the browser alone: copy, print, ask for the position. Fetched with the first press.
// Every word comes with the button, from Python.

const DECIMALS = 3; // of degrees, about 100 m: nothing finer leaves this browser
const PATIENCE_MS = 15000;
const FRESH_MS = 60000;
const TOLD_MS = 2500;
const FAILURES = { 1: "refused", 2: "unavailable", 3: "slow" }; // codes of GeolocationPositionError

export function act(button, box) {
  ({ copy, print, locate })[button.dataset.do]?.(button, box);
}

async function copy(button, box) {
  const field = box.querySelector(`#${CSS.escape(button.dataset.from)}`);
  const text = field.value ?? field.textContent;
  const label = (button.label ??= button.textContent);
  button.textContent = await write(text, field) ? button.dataset.done : button.dataset.failed;
  setTimeout(() => { button.textContent = label; }, TOLD_MS);
}

// The clipboard is there on HTTPS and on this machine only; elsewhere the old way, and else the text is left selected.
async function write(text, field) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (field.select) field.select();
    else getSelection().selectAllChildren(field);
    return document.execCommand("copy");
  }
}

// What is folded would be missing on paper.
function print(_button, box) {
  const folded = [...box.querySelectorAll("details:not([open], .gz-share)")];
  for (const one of folded) one.open = true;
  addEventListener("afterprint", () => { for (const one of folded) one.open = false; }, { once: true });
  window.print();
}

function locate(button, box) {
  const note = box.querySelector(`#${CSS.escape(button.dataset.note)}`);
  const tell = (key) => { note.textContent = key ? button.dataset[key] : ""; };
  if (!window.isSecureContext || !navigator.geolocation) { tell("insecure"); return; }
  tell("waiting");
  button.disabled = true;
  const done = (key) => { button.disabled = false; tell(key); };
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      done("");
      const at = [coords.longitude, coords.latitude].map((degrees) => degrees.toFixed(DECIMALS)).join();
      box.send({ kind: "position", at, off: String(Math.round(coords.accuracy ?? 0)) });
    },
    (error) => done(FAILURES[error.code] ?? "unavailable"),
    { enableHighAccuracy: false, timeout: PATIENCE_MS, maximumAge: FRESH_MS },
  );
}
