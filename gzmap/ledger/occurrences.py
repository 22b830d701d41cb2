"""Where the place names of the list stand in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gzmap.document import find_longest, find_words


@dataclass(frozen=True)
class Occurrence:
    """One place where a place name stands; ``toponym`` is the name in the list, ``exact`` what the text has."""

    passage_id: str
    start: int
    end: int
    exact: str
    toponym: str


def find_occurrences(passages: Mapping[str, str], names: Mapping[str, str]) -> tuple[Occurrence, ...]:
    """Find every occurrence of the place names, the longest at each place.

    Parameters
    ----------
    passages
        Text by passage id.
    names
        What to look for (names and variants), with the name in the list that each of them stands for.

    Returns
    -------
    tuple
        In the order of ``passages``, then of place; occurrences do not overlap.
    """
    return tuple(
        Occurrence(passage_id, start, end, text[start:end], names[text[start:end]])
        for passage_id, text in passages.items()
        for start, end in find_longest((start, end) for start, end, _ in find_words(text, names))
    )
