"""The inventory (清单): every feature of the plan with every place in the text that names it, as one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gzmap.atlas import Atlas, list_words
from gzmap.errors import QueryError
from gzmap.names import format_key, match_name, parse_name
from gzmap.query.accounts import CITYWIDE, FRONT, OUTSIDE
from gzmap.query.shares import Share, find_district_names, find_shares
from gzmap.query.words import Evidence, find_evidence

STATUSES = ("existing", "building", "proposed")
METHODS = ("official", "digitized", "geocoded", "derived", "schematic")
ROLES = ("evidence", "mention")

SPELT = 0.45
"""Least score by which `match_name` takes a text for pinyin rather than for a slip."""


@dataclass(frozen=True)
class Claim:
    """One feature and one place in the text that names it; a feature that nothing names has one claim without words.

    ``districts`` are those that it is drawn in or names, else `OUTSIDE` or `CITYWIDE`. ``role`` is ``"evidence"`` where
    the words justify the feature and ``"mention"`` where they only name it. ``exact`` stands at ``start`` to ``end``
    (Unicode code points, half open) in the passage ``para_id``, in ``sentence``; ``chapter`` is its number or
    ``front``, ``heading`` and ``section`` the titles. Without words all of these are empty or None.
    """

    feature_id: str
    name: str
    theme: str
    group: str
    layer: str
    category: str
    status: str
    method: str
    accuracy_m: float | None
    located: bool
    districts: tuple[str, ...]
    role: str = ""
    para_id: str = ""
    chapter: str = ""
    heading: str = ""
    section: str = ""
    start: int | None = None
    end: int | None = None
    exact: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Filters:
    """What is wanted of the inventory; what is empty or None asks for nothing.

    Of several values in one member any will do, of several members all must hold. ``districts`` may have `OUTSIDE` and
    `CITYWIDE`, ``chapters`` are numbers or ``front``. ``text`` is looked for in names, aliases and sentences, whatever
    the script or the width; in pinyin or initials in names alone.
    """

    themes: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    chapters: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    located: bool | None = None
    text: str = ""


@lru_cache(maxsize=2)
def find_claims(atlas: Atlas) -> tuple[Claim, ...]:
    """Find all claims; computed once for each atlas.

    Returns
    -------
    tuple
        In catalogue order, then by feature id, evidence before mentions, each in reading order.

    Raises
    ------
    NotFoundError, CatalogError
        If there is no layer of districts, or it is broken.
    """
    return tuple(claim for share in find_shares(atlas).values() for claim in _claims(atlas, share))


def _claims(atlas: Atlas, share: Share) -> Iterable[Claim]:
    feature, entry = share.feature, atlas.entry_of(share.feature)
    said = {key: str(feature.properties.get(key) or "") for key in ("category", "status", "method")}
    own = {
        **{"feature_id": feature.feature_id, "name": feature.name, **said, "accuracy_m": feature.accuracy_m},
        **{"theme": entry.theme, "group": entry.group, "layer": entry.layer_id},
        **{"located": share.dimension is not None, "districts": _find_districts(share)},
    }
    words = find_evidence(atlas, feature.feature_id)
    yield from (Claim(**own, **_said(atlas, word)) for word in words)
    if not words:
        yield Claim(**own)


def _find_districts(share: Share) -> tuple[str, ...]:
    """Find the districts; what also reaches beyond the city is not called outside for that."""
    return tuple(place for place in share.places if place != OUTSIDE) or share.places


def _said(atlas: Atlas, word: Evidence) -> dict:
    chapter, _ = atlas.document.places[word.para_id]
    first, last = word.sentence
    return {
        **{"role": word.role, "para_id": word.para_id, "start": word.start, "end": word.end, "exact": word.exact},
        "chapter": chapter.chapter_id.removeprefix("chp_") if chapter else FRONT,
        **{"heading": word.chapter, "section": word.section},
        "sentence": atlas.document.passages[word.para_id][first:last],
    }


def list_claims(atlas: Atlas, *, filters: Filters | None = None, order: Sequence[str] = ()) -> tuple[Claim, ...]:
    """List the claims that fit, sorted.

    Parameters
    ----------
    atlas
        Whose features and text.
    filters
        What is wanted; everything when None.
    order
        Names of members of `Claim`, the most important first, with ``-`` before one for the other way round. Names are
        sorted by pinyin, places and states in their own order; what is missing comes last. What is equal stays in the
        order of `find_claims`.

    Returns
    -------
    tuple
        Empty when nothing fits.

    Raises
    ------
    QueryError
        If a filter or the order names something that there is not.
    NotFoundError, CatalogError
        If there is no layer of districts, or it is broken.
    """
    wanted = filters or Filters()
    _require_known(atlas, wanted, order)
    claims = [claim for claim in find_claims(atlas) if _fits(claim, wanted)]
    if format_key(wanted.text):
        found = _find_named(atlas, wanted.text)
        claims = [c for c in claims if c.feature_id in found or format_key(wanted.text) in format_key(c.sentence)]
    for name in reversed(order):
        keyed = [(_sort_key(atlas, claim, name.removeprefix("-")), claim) for claim in claims]
        known = [pair for pair in keyed if pair[0] is not None]
        # Sorted backwards, equal ones keep their order as well.
        known.sort(key=lambda pair: pair[0], reverse=name.startswith("-"))
        claims = [claim for _, claim in (*known, *(pair for pair in keyed if pair[0] is None))]
    return tuple(claims)


def _require_known(atlas: Atlas, wanted: Filters, order: Sequence[str]) -> None:
    known: Mapping[str, tuple[str, Iterable[str]]] = {
        "Theme": (wanted.themes, [t["id"] for t in atlas.catalog.themes]),
        "Layer": (wanted.layers, [e.layer_id for e in atlas.catalog.plan_entries]),
        "Status": (wanted.statuses, STATUSES),
        "Method": (wanted.methods, METHODS),
        "District": (wanted.districts, _list_places(atlas)),
        "Chapter": (wanted.chapters, _list_chapters(atlas)),
        "Role": (wanted.roles, ROLES),
        "Column": (tuple(name.removeprefix("-") for name in order), tuple(Claim.__dataclass_fields__)),
    }
    for kind, (values, names) in known.items():
        if missing := [value for value in values if value not in names]:
            raise QueryError(f"{kind} {missing[0]!r} is not in the inventory; there are {', '.join(names)}.")


def _fits(claim: Claim, wanted: Filters) -> bool:
    asked = (
        *((wanted.themes, claim.theme), (wanted.layers, claim.layer), (wanted.statuses, claim.status)),
        *((wanted.methods, claim.method), (wanted.chapters, claim.chapter), (wanted.roles, claim.role)),
    )
    return (
        all(not values or value in values for values, value in asked)
        and (not wanted.districts or bool(set(wanted.districts) & set(claim.districts)))
        and wanted.located in (None, claim.located)
    )


def _find_named(atlas: Atlas, text: str) -> set[str]:
    """Find the features that a text names; Latin letters are read as pinyin too."""
    key, is_spelt = format_key(text), text.isascii()
    found = set()
    for feature_id, share in find_shares(atlas).items():
        words = [*list_words(share.feature.properties), str(share.feature.properties.get("name_en") or "")]
        if any(key in format_key(w) or (is_spelt and match_name(text, parse_name(w)) >= SPELT) for w in words):
            found.add(feature_id)
    return found


def _sort_key(atlas: Atlas, claim: Claim, name: str) -> object:
    """Give what a claim is sorted by, None where it has none."""
    value = getattr(claim, name)
    if name == "districts":
        return tuple(_rank(_list_places(atlas), district) for district in value)
    if value is None or value == "":
        return None
    if name == "name":
        return (*parse_name(value).readings[:1], value)
    if name == "para_id":
        return (_rank(list(atlas.document.passages), value), claim.start)
    ranked = _list_ranks(atlas).get(name)
    return value if ranked is None else _rank(ranked, value)


def _rank(names: Sequence[str], value: str) -> int:
    """Give the place of a value; what is unknown comes after what is known."""
    return names.index(value) if value in names else len(names)


def _list_places(atlas: Atlas) -> tuple[str, ...]:
    return (*find_district_names(atlas), OUTSIDE, CITYWIDE)


def _list_chapters(atlas: Atlas) -> tuple[str, ...]:
    return (FRONT, *(c.chapter_id.removeprefix("chp_") for c in atlas.document.chapters))


def _list_ranks(atlas: Atlas) -> dict[str, Sequence[str]]:
    """List the values that have an order of their own, by member of `Claim`."""
    entries = atlas.catalog.plan_entries
    return {
        **{"status": STATUSES, "method": METHODS, "role": ROLES, "chapter": _list_chapters(atlas)},
        "theme": [theme["id"] for theme in atlas.catalog.themes],
        "group": [entry.group for entry in entries],
        "layer": [entry.layer_id for entry in entries],
    }
