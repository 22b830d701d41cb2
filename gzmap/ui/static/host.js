// Where the page finds what is not in these scripts, and which tools it has an answer for: here from the server.
// The static edition (gzmap/publish) has another file of this name; all others are the same there.
export const assetUrl = (path) => `/assets/${path}`;
export const styleUrl = (name) => new URL(`./${name}`, import.meta.url).href;
export const offers = () => true;
export const coordinatesUrl = (query) => `/coordinates?${query}`;
export const qrUrl = (text) => `/qr.svg?text=${encodeURIComponent(text)}`;
