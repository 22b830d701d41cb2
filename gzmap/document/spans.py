"""Where words stand in a passage, and in which order passages are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

FRONT = "front__line_"
"""How the id of a line of the front matter begins; its number follows, from 1."""


def find_words(text: str, words: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    """Find every place where one of some words stands, inside other words too.

    Yields
    ------
    tuple
        ``(start, end, word)``, half open in Unicode code points, word by word; an empty word stands nowhere.
    """
    for word in words:
        start = text.find(word) if word else -1
        while start >= 0:
            yield start, start + len(word), word
            start = text.find(word, start + 1)


def find_longest(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Keep the longest span at every place, the first of equal ones; a span that overlaps a kept one goes.

    Returns
    -------
    list
        Disjoint spans in order of their place.
    """
    kept: list[tuple[int, int]] = []
    for start, end in sorted(set(spans), key=lambda s: (s[0] - s[1], s[0])):
        if all(end <= a or b <= start for a, b in kept):
            kept.append((start, end))
    return sorted(kept)


def reading_order(passage_id: str) -> tuple:
    """Give a key that sorts passages as they are read: front matter, then each heading before what it heads."""
    parts = (int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", passage_id))
    return (not passage_id.startswith(FRONT), *parts)
