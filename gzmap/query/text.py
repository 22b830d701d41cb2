"""One search box: features, labels and the plan's own words."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.document import Paragraph
from gzmap.errors import QueryError
from gzmap.names import NameIndex, format_char, format_key, parse_name

LABEL_LAYERS = ("districts", "labels", "cities")
"""Base layers whose names are searched beside the plan's features."""

KINDS = ("feature", "label", "paragraph")
LABEL_LOSS = 0.01
"""What a label scores below a feature that is found in the same way; more than `names.WHOLENESS`."""

TITLE_SCORE = 0.6
TEXT_SCORE = 0.5


@dataclass(frozen=True)
class Hit:
    """One thing that a search found. ``name`` is a paragraph's title where ``kind`` is ``"paragraph"``.

    ``lon`` and ``lat`` (degrees, WGS 84) lie on or in the thing; they and ``layer_id`` are None where it has no place.
    ``start`` and ``end`` are the first match inside the paragraph ``para_id``, half open in Unicode code points; both
    are None where only the section's title matches.
    """

    kind: str
    id: str
    name: str
    score: float
    layer_id: str | None = None
    district: str | None = None
    lon: float | None = None
    lat: float | None = None
    para_id: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class FoldedParagraph:
    """A paragraph as it is searched: ``ends[i]`` is where the key of character ``i`` ends in ``key``."""

    paragraph: Paragraph
    title: str
    key: str
    ends: tuple[int, ...]


@dataclass(frozen=True)
class TextIndex:
    """Everything of an atlas that has a name or words. ``owners[i]`` has the name ``names.names[i]``."""

    names: NameIndex
    owners: tuple[Feature, ...]
    plan: frozenset[str]
    paragraphs: tuple[FoldedParagraph, ...]


def find_text(atlas: Atlas, text: str, *, limit: int = 30) -> tuple[Hit, ...]:
    """Find features, labels and paragraphs by what a person types.

    Parameters
    ----------
    text
        A name or part of one in simplified or traditional characters, pinyin or initials; or words of the plan.
    limit
        Greatest number of hits, at least 1.

    Returns
    -------
    tuple
        Best first; at equal scores features before labels before paragraphs, then in catalogue and reading order.
        Empty when nothing matches or ``text`` has nothing to compare.

    Raises
    ------
    QueryError
        If ``limit`` is less than 1.
    """
    if limit < 1:
        raise QueryError(f"limit must be at least 1, not {limit}.")
    index = _index(atlas)
    hits = [*_named(index, text, limit), *_worded(index, format_key(text))]
    return tuple(sorted(hits, key=lambda h: (-h.score, KINDS.index(h.kind)))[:limit])


@lru_cache(maxsize=2)
def _index(atlas: Atlas) -> TextIndex:
    """Return the search index of an atlas, made once for each."""
    plan = [e.layer_id for e in atlas.catalog.plan_entries]
    rank = {layer_id: n for n, layer_id in enumerate((*plan, *LABEL_LAYERS))}
    searched = sorted(
        (f for f in atlas.features.values() if f.layer_id in rank), key=lambda f: (rank[f.layer_id], f.feature_id)
    )
    named = [(word, feature) for feature in searched for word in _words(feature)]
    return TextIndex(
        names=NameIndex(tuple(parse_name(word) for word, _ in named)),
        owners=tuple(feature for _, feature in named),
        plan=frozenset(plan),
        paragraphs=tuple(_fold(p) for p in atlas.document.paragraphs.values()),
    )


def _words(feature: Feature) -> list[str]:
    """Name, aliases and English name of a feature."""
    aliases = str(feature.properties.get("aliases") or "").split("|")
    words = [feature.name, *aliases, str(feature.properties.get("name_en") or "")]
    return [w for w in dict.fromkeys(words) if format_key(w)]


def _fold(paragraph: Paragraph) -> FoldedParagraph:
    pieces = [format_char(c) for c in paragraph.text]
    return FoldedParagraph(paragraph, format_key(paragraph.title), "".join(pieces), tuple(accumulate(map(len, pieces))))


def _named(index: TextIndex, text: str, limit: int) -> list[Hit]:
    """Hits by name, best first: each feature once, with the score of its best name."""
    best: dict[str, tuple[float, Feature]] = {}
    for position, score in index.names.find(text):
        feature = index.owners[position]
        best.setdefault(feature.feature_id, (score - (feature.layer_id not in index.plan) * LABEL_LOSS, feature))
    ranked = sorted(best.values(), key=lambda found: -found[0])
    return [_named_hit(f, score, is_plan=f.layer_id in index.plan) for score, f in ranked[:limit]]


def _named_hit(feature: Feature, score: float, *, is_plan: bool) -> Hit:
    located = feature.geometry is not None and not feature.geometry.is_empty
    inside = feature.geometry.representative_point() if located else None
    return Hit(
        kind="feature" if is_plan else "label",
        id=feature.feature_id,
        name=feature.name,
        score=round(score, 4),
        layer_id=feature.layer_id,
        district=feature.properties.get("district") or None,
        lon=None if inside is None else round(inside.x, 6),
        lat=None if inside is None else round(inside.y, 6),
    )


def _worded(index: TextIndex, key: str) -> list[Hit]:
    """Hits in the plan's words, in reading order."""
    if not key:
        return []
    return [hit for folded in index.paragraphs if (hit := _worded_hit(folded, key))]


def _worded_hit(folded: FoldedParagraph, key: str) -> Hit | None:
    at, titled = folded.key.find(key), key in folded.title
    if at < 0 and not titled:
        return None
    paragraph = folded.paragraph
    return Hit(
        kind="paragraph",
        id=paragraph.para_id,
        name=paragraph.title,
        score=TITLE_SCORE if titled else TEXT_SCORE,
        para_id=paragraph.para_id,
        start=None if at < 0 else bisect_right(folded.ends, at),
        end=None if at < 0 else bisect_right(folded.ends, at + len(key) - 1) + 1,
    )
