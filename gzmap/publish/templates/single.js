// One file holds all the others: each is unpacked to an address of its own, and then the page starts as anywhere else.
(async () => {
  const packed = JSON.parse(document.getElementById("gz-packed").textContent);
  const files = {};
  await Promise.all(Object.entries(packed).map(async ([name, [kind, text]]) => {
    let blob = new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]);
    if (!name.endsWith(".bin")) blob = await new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).blob();
    files[name] = URL.createObjectURL(new Blob([blob], { type: kind }));
  }));
  window.gzFiles = files;
  const imports = Object.fromEntries(Object.keys(files).filter((n) => /^\w+\.js$/.test(n)).map((n) => [`gz/${n}`, files[n]]));
  const add = (type, more) => document.head.append(Object.assign(document.createElement("script"), { type, ...more }));
  add("importmap", { textContent: JSON.stringify({ imports }) });
  add("module", { src: files["edition.js"] });
})();
