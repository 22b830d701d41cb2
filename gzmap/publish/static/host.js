// Where the static edition has what is not in these scripts: files with a digest in their names, or parts of the one file.
// Tools that would need a server are not offered.
const element = document.getElementById("gz-files");
const absolute = (entry) => [entry[0], new URL(entry[1], document.baseURI).href];
const files = window.gzFiles ?? Object.fromEntries(Object.entries(JSON.parse(element.textContent)).map(absolute));
const LACKING = new Set(["draw", "coords", "print"]);

export const fileUrl = (name) => files[name] ?? "";
export const assetUrl = fileUrl;
export const styleUrl = fileUrl;
export const offers = (tool) => !LACKING.has(tool);
export const coordinatesUrl = () => "";
export const qrUrl = () => "";

const books = {};

// A book is fetched once and kept; one that did not arrive is asked for again.
export function readBook(name) {
  books[name] ??= fetchBook(name).catch((error) => { delete books[name]; throw error; });
  return books[name];
}

async function fetchBook(name) {
  const url = fileUrl(`${name}.bin`);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  const body = await response.arrayBuffer();
  // Some servers take the compression away by themselves.
  const [first, second] = new Uint8Array(body, 0, 2);
  if (first !== 0x1f || second !== 0x8b) return JSON.parse(new TextDecoder().decode(body));
  return new Response(new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}
