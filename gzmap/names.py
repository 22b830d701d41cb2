"""Chinese place names as people type them: traditional forms, local variants, pinyin, initials, small slips."""

from __future__ import annotations

import difflib
import itertools
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import opencc

# Characters that Guangzhou's signs and papers use for one another, each folded to the second.
LOCAL_VARIANTS = str.maketrans("冲朗坜漖冈迳凼", "涌塱沥滘岗径氹")

# Readings of characters as place names have them, the likeliest first; other characters read as pypinyin says.
READINGS = {
    "涌": ("chong", "yong"), "番": ("pan", "fan"), "埔": ("pu", "bu"), "滘": ("jiao",), "沥": ("li",),
    "长": ("chang", "zhang"), "朝": ("chao", "zhao"), "乐": ("le", "yue"), "陂": ("bei", "pi", "po"),
    "圩": ("xu", "wei"), "重": ("chong", "zhong"), "行": ("hang", "xing"), "曾": ("zeng", "ceng"),
    "单": ("dan", "shan"), "大": ("da",), "都": ("du", "dou"), "石": ("shi",),
    "厦": ("sha", "xia"), "柏": ("bai", "bo"), "泊": ("bo", "po"), "涡": ("wo", "guo"), "六": ("liu", "lu"),
    "洗": ("xi", "xian"), "冼": ("xian",), "濠": ("hao",), "塱": ("lang",), "氹": ("dang",), "碁": ("qi",),
}  # fmt: skip
MOST_READINGS = 16
"""Readings kept per name, so that a name of many ambiguous characters stays small."""

WHOLENESS = 0.009
"""What a query that covers nearly the whole name scores above one that covers little of it, matched in the same way."""

SMALLEST_PINYIN_PART = 3
"""Letters from which pinyin inside a name counts: ``feng`` finds 帽峰山, ``g`` does not."""

SMALLEST_TYPO_PINYIN = 4
SMALLEST_TYPO_HAN = 3
TYPO_RATIO = 0.75
"""Similarity (`difflib`) from which a misspelt name is still offered."""

TYPO_CANDIDATES = 40
"""Names looked at closely for a misspelt query: those that share most pairs of neighbouring characters."""

END = "\n"


@dataclass(frozen=True)
class NameKeys:
    """What a name can be found by; every part is folded. ``starts`` are the syllables' places in each reading."""

    text: str
    readings: tuple[str, ...]
    initials: tuple[str, ...]
    starts: tuple[tuple[int, ...], ...]


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003ffff" or char == "〇"


def convert_simplified(text: str) -> str:
    """Convert traditional characters to simplified ones, each by itself: the length stays the same."""
    return "".join(_simplified(c) if _is_han(c) else c for c in text)


@lru_cache(maxsize=65536)
def _simplified(char: str) -> str:
    simple = _converter().convert(char)
    return simple if len(simple) == 1 else char


@lru_cache(maxsize=65536)
def format_char(char: str) -> str:
    """Fold one character to what it is compared by: nothing for spaces, marks and punctuation.

    Returns
    -------
    str
        Zero or more characters, each of which folds to itself.
    """
    folded = char
    while True:
        plain = unicodedata.normalize("NFKD", convert_simplified(folded).translate(LOCAL_VARIANTS)).casefold()
        kept = "".join(c for c in plain if unicodedata.category(c)[0] not in "MPZC" and unicodedata.category(c) != "Sk")
        if kept == folded:
            return kept
        folded = kept


def format_key(text: str) -> str:
    """Fold a name: width, case, accents, spaces, punctuation, traditional forms and local variants make no difference.

    Folding goes character by character, so the key of two texts joined is their keys joined, and a key folds to itself.
    """
    return "".join(map(format_char, text))


def parse_name(name: str) -> NameKeys:
    """Compute all keys of a name."""
    text = format_key(name)
    if not text:
        return NameKeys("", (), (), ())
    spoken = tuple(itertools.islice(itertools.product(*_syllables(text)), MOST_READINGS))
    starts = {"".join(r): tuple(itertools.accumulate(map(len, r[:-1]), initial=0)) for r in spoken}
    initials = dict.fromkeys("".join(s[0] for s in r) for r in spoken)
    return NameKeys(text, tuple(starts), tuple(initials), tuple(starts.values()))


def _syllables(text: str) -> list[tuple[str, ...]]:
    """List the readings of each character, the likeliest first; a character that is not Chinese reads as itself."""
    # Imported here: its list of phrases takes a quarter of a second, and most commands and all workers need none.
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    likely = lazy_pinyin(text, errors=list)
    if len(likely) != len(text):
        likely = [lazy_pinyin(c, errors=list)[0] for c in text]
    return [_char_readings(c, r) if _is_han(c) else (c,) for c, r in zip(text, likely, strict=True)]


@lru_cache(maxsize=65536)
def _char_readings(char: str, likely: str) -> tuple[str, ...]:
    """List the readings of one Chinese character; ü is found as v and as u."""
    plain = [format_key(r) or char for r in READINGS.get(char, (likely,))]
    return tuple(dict.fromkeys(spelt for r in plain for spelt in (r, r.replace("v", "u"))))


def match_name(query: str, keys: NameKeys) -> float:
    """Say how well a query names something.

    Parameters
    ----------
    query
        As typed: Chinese characters, pinyin or initials.
    keys
        The name's keys, of `parse_name`.

    Returns
    -------
    float
        1.0 for the name itself, down to 0.0 for no likeness; 0.0 also for a query with nothing to compare.
    """
    folded = format_key(query)
    return (_direct_score(folded, keys) or _typo_score(folded, keys, _query_readings(folded))) if folded else 0.0


def _direct_score(query: str, keys: NameKeys) -> float:
    """Score a folded query that is part of the name's text, pinyin or initials."""
    share = min(1.0, len(query) / max(1, len(keys.text)))
    if query == keys.text:
        return 1.0
    if query in keys.readings:
        return 0.95
    if keys.text.startswith(query):
        return 0.85 + WHOLENESS * share
    if query in keys.initials:
        return 0.8
    if query in keys.text:
        return 0.7 + WHOLENESS * share
    return _pinyin_score(query, keys)


def _pinyin_score(query: str, keys: NameKeys) -> float:
    for reading, starts in zip(keys.readings, keys.starts, strict=True):
        if reading.startswith(query):
            return (0.65 if len(query) in starts else 0.6) + WHOLENESS * len(query) / len(reading)
    if any(i.startswith(query) for i in keys.initials):
        return 0.55
    if len(query) >= SMALLEST_PINYIN_PART:
        for reading, starts in zip(keys.readings, keys.starts, strict=True):
            if any(reading.startswith(query, s) for s in starts):
                return 0.45 + WHOLENESS * len(query) / len(reading)
    return 0.0


@lru_cache(maxsize=1024)
def _query_readings(query: str) -> tuple[str, ...]:
    """Read a folded query of Chinese characters aloud, to find a name written with others of the same sound."""
    return parse_name(query).readings if len(query) >= 2 and all(map(_is_han, query)) else ()


def _typo_score(query: str, keys: NameKeys, sounds: Sequence[str]) -> float:
    """Score a misspelt folded query: other characters of the same sound, or a small slip in a long enough query."""
    if any(sound in keys.readings for sound in sounds):
        return 0.5
    if len(query) < (SMALLEST_TYPO_HAN if any(map(_is_han, query)) else SMALLEST_TYPO_PINYIN):
        return 0.0
    names = (keys.text,) if any(map(_is_han, query)) else (keys.text, *keys.readings)
    best = max((_likeness(query, name) for name in names), default=0.0)
    return 0.4 * best if best >= TYPO_RATIO else 0.0


def _likeness(query: str, name: str) -> float:
    matcher = difflib.SequenceMatcher(None, name, query, autojunk=False)
    if matcher.real_quick_ratio() < TYPO_RATIO or matcher.quick_ratio() < TYPO_RATIO:
        return 0.0
    return matcher.ratio()


@dataclass(frozen=True)
class NameIndex:
    """Names that are searched together; scanning their joined keys finds the few that are worth a score."""

    names: tuple[NameKeys, ...]

    def find(self, query: str) -> tuple[tuple[int, float], ...]:
        """Find the names that a query may mean.

        Returns
        -------
        tuple
            ``(position in names, score)``, best first; empty when nothing is like the query. Misspellings are looked
            at only when nothing matches directly.
        """
        folded = format_key(query)
        if not folded:
            return ()
        scores = {i: s for i in self._candidates(folded) if (s := _direct_score(folded, self.names[i]))}
        if not scores:
            sounds = _query_readings(folded)
            near = (*(i for s in sounds for i in self._containing(f"{END}{s}{END}")), *self._alike(folded))
            scores = {i: s for i in near if (s := _typo_score(folded, self.names[i], sounds))}
        return tuple(sorted(scores.items(), key=lambda hit: (-hit[1], hit[0])))

    def _candidates(self, folded: str) -> Iterator[int]:
        yield from self._containing(END + folded)
        if len(folded) >= SMALLEST_PINYIN_PART or any(map(_is_han, folded)):
            yield from self._containing(folded)

    def _containing(self, part: str) -> Iterator[int]:
        """Yield the positions of the names with this part in one of their keys, each once, in order."""
        blob, ends, owners = self._blob
        at = blob.find(part)
        while at >= 0:
            key = bisect_right(ends, at)
            owner = owners[key]
            yield owner
            while key < len(owners) and owners[key] == owner:
                key += 1
            at = blob.find(part, ends[key - 1] - 1) if key < len(owners) else -1

    @cached_property
    def _blob(self) -> tuple[str, list[int], list[int]]:
        """All keys joined by `END`, where each ends, and whose it is."""
        keys = [(k, i) for i, n in enumerate(self.names) for k in (n.text, *n.readings, *n.initials)]
        blob = END + "".join(k + END for k, _ in keys)
        return blob, list(itertools.accumulate(len(k) + 1 for k, _ in keys)), [i for _, i in keys]

    def _alike(self, folded: str) -> list[int]:
        """List the names that share most pairs of neighbouring characters with the query."""
        found = [self._pairs[p] for p in _pairs(folded) if p in self._pairs]
        if not found:
            return []
        shared = np.bincount(np.concatenate(found), minlength=len(self.names)) / self._sizes
        best = np.argsort(-shared, kind="stable")[:TYPO_CANDIDATES]
        return [int(i) for i in best if shared[i] > 0]

    @cached_property
    def _pairs(self) -> dict[str, np.ndarray]:
        lists: dict[str, list[int]] = {}
        for i, name in enumerate(self.names):
            for pair in {p for key in (name.text, *name.readings[:1]) for p in _pairs(key)}:
                lists.setdefault(pair, []).append(i)
        return {pair: np.array(positions) for pair, positions in lists.items()}

    @cached_property
    def _sizes(self) -> np.ndarray:
        """Square roots of the lengths, which keep long names from winning by their mere number of pairs."""
        return np.sqrt([max(1, len(n.readings[0]) if n.readings else 1) for n in self.names])


def _pairs(key: str) -> set[str]:
    return {key[i : i + 2] for i in range(len(key) - 1)}
