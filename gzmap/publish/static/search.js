// The search of the app (gzmap/names.py, gzmap/query/text.py) over the keys that were written beforehand: names in simplified
// or traditional characters, pinyin, initials; words of the plan. Only misspellings are left to people.
const WHOLENESS = 0.009;
const SMALLEST_PINYIN_PART = 3;
const LABEL_LOSS = 0.01;
const TITLE_SCORE = 0.6;
const TEXT_SCORE = 0.5;
const MOST = 30;
const KINDS = ["feature", "label", "paragraph"];
const NO_MATTER = /[\p{M}\p{P}\p{Z}\p{C}\p{Sk}]/gu;

export function foldChar(char, fold) {
  let folded = char;
  for (;;) {
    const plain = [...folded].map((c) => fold[c] ?? c).join("").normalize("NFKD").toLowerCase().replaceAll("ß", "ss");
    const kept = plain.replace(NO_MATTER, "");
    if (kept === folded) return kept;
    folded = kept;
  }
}

export const foldKey = (text, fold) => [...text].map((c) => foldChar(c, fold)).join("");

const count = (text) => [...text].length;

export function scoreName(query, [, text, readings, initials, starts]) {
  const share = Math.min(1, count(query) / Math.max(1, count(text)));
  if (query === text) return 1;
  if (readings.includes(query)) return 0.95;
  if (text.startsWith(query)) return 0.85 + WHOLENESS * share;
  if (initials.includes(query)) return 0.8;
  if (text.includes(query)) return 0.7 + WHOLENESS * share;
  return scorePinyin(query, readings, { initials, starts });
}

function scorePinyin(query, readings, { initials, starts }) {
  const size = count(query);
  for (const [i, reading] of readings.entries()) {
    if (reading.startsWith(query)) return (starts[i].includes(size) ? 0.65 : 0.6) + (WHOLENESS * size) / count(reading);
  }
  if (initials.some((one) => one.startsWith(query))) return 0.55;
  if (size < SMALLEST_PINYIN_PART) return 0;
  const at = readings.findIndex((reading, i) => starts[i].some((start) => reading.startsWith(query, start)));
  return at < 0 ? 0 : 0.45 + (WHOLENESS * size) / count(readings[at]);
}

// Best first: { kind, id, score } and, for a paragraph whose words match, `start` and `end` in code points.
export function find(index, text) {
  const query = foldKey(text, index.fold);
  if (!query) return [];
  const hits = [...findNamed(index, query), ...findWorded(index, query)];
  return hits.sort((a, b) => b.score - a.score || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)).slice(0, MOST);
}

function findNamed({ names, owners }, query) {
  const best = new Map();
  for (const name of names) {
    const score = scoreName(query, name);
    if (score && score > (best.get(name[0]) ?? 0)) best.set(name[0], score);
  }
  const ranked = [...best].map(([at, score]) => ({ at, score, lessened: score - (owners[at][1] ? 0 : LABEL_LOSS) }));
  ranked.sort((a, b) => b.lessened - a.lessened || b.score - a.score || a.at - b.at);
  return ranked.map(({ at, lessened }) => {
    const [id, isPlan] = owners[at];
    return { kind: isPlan ? "feature" : "label", id, score: Number(lessened.toFixed(4)) };
  });
}

function findWorded({ paragraphs, fold }, query) {
  return paragraphs.flatMap(([id, title, text]) => {
    const isTitled = title.includes(query);
    const span = findSpan(text, query, fold);
    if (!span && !isTitled) return [];
    return [{ kind: "paragraph", id, score: isTitled ? TITLE_SCORE : TEXT_SCORE, text, ...span }];
  });
}

function findSpan(text, query, fold) {
  const ends = [];
  let key = "";
  for (const char of text) { key += foldChar(char, fold); ends.push(key.length); }
  const at = key.indexOf(query);
  if (at < 0) return null;
  const last = at + query.length - 1;
  return { start: ends.findIndex((end) => end > at), end: ends.findIndex((end) => end > last) + 1 };
}
