"""What the plan says of a resident's surroundings (我的区): of a district, a place by its name, or a position."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gzmap.atlas import Atlas, list_words
from gzmap.config import DISC_ACCURACY_M, WIDE_ACCURACY_M
from gzmap.errors import NotFoundError, QueryError
from gzmap.names import format_key
from gzmap.query.accounts import DISTRICTS, OUTSIDE
from gzmap.query.places import Place, find_at
from gzmap.query.shares import Share, find_district_names, find_shares
from gzmap.query.text import Hit, find_text
from gzmap.query.words import Evidence, find_evidence

RADIUS_M = 1000.0
"""How far a resident's surroundings reach, where nothing else is asked."""

SCOPES = ("asked", "near", "district", "several", "city")
"""The place asked for itself; what is at or near a position; what concerns the district alone; it and others; all."""

POSITIONS = ("known", "rough", "area", "district", "everywhere", "unknown", "withheld")
"""How well the position is known: within `config.DISC_ACCURACY_M` and no sketch, within `config.WIDE_ACCURACY_M`,
worse; not drawn, but the district is known or it is in all, not known at all, or never to be shown."""

WITHHELD = ("unsited", "sensitive")
"""Layer and category of what is never located."""

CHOICES = 6
"""Greatest number of other places that are offered where a name may mean several."""


@dataclass(frozen=True)
class Quote:
    """A sentence of the plan. ``exact`` are the words in it that name the feature, or what it belongs to."""

    para_id: str
    sentence: str
    exact: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """One thing that the plan says.

    ``scope`` is one of `SCOPES` and ``position`` one of `POSITIONS`; ``schematic`` is True of what is only sketched.
    ``relation``, ``certainty`` and ``distance_m`` are those of `Place` where a position was asked for and the feature
    is at or near it, else empty and None. ``dimension`` is 0 for what is drawn as points, 1 lines, 2 areas, None for
    what is not drawn. ``districts`` are those that it concerns, ``here`` those of them that were asked for, which come
    first. ``extent`` is what is drawn in ``here`` where that is one district, in ``unit`` (``"km"`` or ``"km2"``), None
    for points and where there is no one district. ``written`` is False where no quote has the name itself, but
    something that it belongs to.
    """

    feature_id: str
    name: str
    name_en: str
    theme: str
    layer: str
    category: str
    status: str
    scope: str
    position: str
    schematic: bool
    accuracy_m: float | None
    dimension: int | None
    districts: tuple[str, ...]
    here: tuple[str, ...]
    quotes: tuple[Quote, ...]
    written: bool
    relation: str = ""
    certainty: str = ""
    distance_m: float | None = None
    extent: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class ResidentAnswer:
    """What the plan says of a place.

    ``kind`` is ``"district"``, ``"feature"``, ``"place"`` or ``"position"``; ``title`` is the name of what was found,
    empty for a position. ``lon`` and ``lat`` (degrees, WGS 84) are None where a district or feature was asked for.
    ``districts`` are those it lies in, none outside the city. ``choices`` are other things of a like name.
    ``statements`` are in the order of `SCOPES`, then of the themes, the best known first; each feature stands once.
    """

    kind: str
    title: str
    lon: float | None
    lat: float | None
    districts: tuple[str, ...]
    choices: tuple[Hit, ...]
    statements: tuple[Statement, ...]

    def of(self, scope: str) -> tuple[Statement, ...]:
        """Return the statements of one of `SCOPES`."""
        return tuple(s for s in self.statements if s.scope == scope)


def find_for_residents(
    atlas: Atlas,
    *,
    district: str = "",
    place: str = "",
    point: tuple[float, float] | None = None,
    radius_m: float = RADIUS_M,
) -> ResidentAnswer:
    """Find what the plan says of a district, of a place by its name, or of a position; exactly one is given.

    Parameters
    ----------
    atlas
        Whose plan.
    district
        Name of a district, with or without 区.
    place
        What a person types (see `find_text`): the likeliest district, feature or label is taken, the others are
        offered. Or the id of one of them.
    point
        Longitude and latitude in decimal degrees (WGS 84), in that order.
    radius_m
        How far "near" reaches around a position, in metres, 0 or more.

    Returns
    -------
    ResidentAnswer
        With everything that concerns the districts found, other districts too or the whole city.

    Raises
    ------
    QueryError
        If not exactly one of the three is given, or the position or radius is none.
    NotFoundError
        If there is no such district, or nothing is called so.
    CatalogError
        If the layer of districts is broken.
    """
    if (bool(district), bool(place.strip()), point is not None).count(True) != 1:
        raise QueryError("Give one of a district, a name of a place, and a position.")
    if point is not None:
        return _answer_position(atlas, "position", point, radius_m=radius_m)
    if district:
        return _answer_district(atlas, district)
    hits = _find_named(atlas, place)
    if not hits:
        raise NotFoundError(f"Nothing here is called {place!r}; choose a district or a position on the map.")
    return replace(_answer_hit(atlas, hits[0], radius_m), choices=tuple(hits[1 : CHOICES + 1]))


def _find_named(atlas: Atlas, place: str) -> list[Hit]:
    """Find what is called so, the likeliest first; the id of a hit finds it alone."""
    if place in atlas.features:
        feature = atlas.features[place]
        named = find_text(atlas, feature.name, limit=len(atlas.features))
        return [hit for hit in named if hit.id == place]
    hits = [hit for hit in find_text(atlas, place, limit=CHOICES * 5) if hit.kind != "paragraph"]
    # What bears the name comes before what bears it as another name: 白云湖 before 白云湖街道.
    return sorted(hits, key=lambda hit: format_key(hit.name) != format_key(place))


def _answer_hit(atlas: Atlas, hit: Hit, radius_m: float) -> ResidentAnswer:
    if hit.layer_id == DISTRICTS:
        return _answer_district(atlas, hit.name)
    if hit.kind == "feature":
        return _answer_feature(atlas, hit.id)
    if hit.lon is None or hit.lat is None:
        raise NotFoundError(f"{hit.name} ({hit.id}) has no position; choose a district or a position on the map.")
    return _answer_position(atlas, "place", (hit.lon, hit.lat), radius_m=radius_m, title=hit.name)


def _answer_district(atlas: Atlas, name: str) -> ResidentAnswer:
    names = find_district_names(atlas)
    meant = next((known for known in names if name in (known, known.removesuffix("区"))), None)
    if meant is None:
        raise NotFoundError.unknown("District", name, names, where="the layer of districts")
    return ResidentAnswer("district", meant, None, None, (meant,), (), _state(atlas, (meant,), {}))


def _answer_feature(atlas: Atlas, feature_id: str) -> ResidentAnswer:
    share = find_shares(atlas)[feature_id]
    districts = () if share.citywide else tuple(p for p in share.places if p != OUTSIDE)
    told = _state(atlas, districts, {feature_id: None})
    return ResidentAnswer("feature", share.feature.name, None, None, districts, (), told)


def _answer_position(
    atlas: Atlas, kind: str, point: tuple[float, float], *, radius_m: float, title: str = ""
) -> ResidentAnswer:
    lon, lat = point
    found = find_at(atlas, lon, lat, radius_m=radius_m)
    around = {p.id: p for p in found if p.kind != "district"}
    inside = {p.name for p in found if p.kind == "district"}
    districts = tuple(name for name in find_district_names(atlas) if name in inside)
    return ResidentAnswer(kind, title, lon, lat, districts, (), _state(atlas, districts, around))


def _state(atlas: Atlas, districts: tuple[str, ...], around: dict[str, Place | None]) -> tuple[Statement, ...]:
    """State all that concerns some districts; what is around, by feature id, comes first, None for what was asked."""
    shares = find_shares(atlas)
    themes = [theme["id"] for theme in atlas.catalog.themes]
    stated = [
        _describe(atlas, shares[i], scope="near" if p else "asked", districts=districts, place=p)
        for i, p in around.items()
    ]
    for feature_id, share in shares.items():
        scope = _find_scope(share, districts)
        if scope and feature_id not in around:
            stated.append(_describe(atlas, share, scope=scope, districts=districts))
    return tuple(
        sorted(
            stated,
            # What is near keeps its own order: the surest and smallest first.
            key=lambda s: (SCOPES.index(s.scope), s.scope != "near" and (themes.index(s.theme), _order_position(s))),
        )
    )


def _order_position(statement: Statement) -> int:
    return POSITIONS.index(statement.position)


def _find_scope(share: Share, districts: tuple[str, ...]) -> str:
    """Find the scope of a feature for some districts; empty where it concerns none of them."""
    if share.citywide:
        return "city"
    concerned = {place for place in share.places if place != OUTSIDE}
    if not concerned & set(districts):
        return ""
    return "district" if concerned <= set(districts) else "several"


def _describe(
    atlas: Atlas, share: Share, *, scope: str, districts: tuple[str, ...], place: Place | None = None
) -> Statement:
    feature, entry = share.feature, atlas.entry_of(share.feature)
    words = [word for word in find_evidence(atlas, feature.feature_id) if word.role == "evidence"]
    said = {key: str(feature.properties.get(key) or "") for key in ("name_en", "category", "status")}
    near = {} if place is None else {k: getattr(place, k) for k in ("relation", "certainty", "distance_m")}
    concerned = share.named if share.citywide else tuple(p for p in share.places if p != OUTSIDE)
    here = tuple(name for name in concerned if name in districts)
    concerned = (*here, *(name for name in concerned if name not in here))
    extent = share.measure(here[0]) if len(here) == 1 else None
    return Statement(
        **{"feature_id": feature.feature_id, "name": feature.name, **said, "scope": scope},
        **{"theme": entry.theme, "layer": entry.layer_id, "position": _find_position(share)},
        schematic=feature.properties.get("method") == "schematic",
        **{"accuracy_m": feature.accuracy_m, "dimension": share.dimension},
        **{"districts": concerned, "here": here},
        quotes=_quote(atlas, words),
        written=_is_written(atlas, share, words),
        **near,
        extent=extent or None,
        unit=("" if not extent else "km" if share.dimension == 1 else "km2"),
    )


def _find_position(share: Share) -> str:
    feature = share.feature
    if share.dimension is None:
        if (feature.layer_id, feature.properties.get("category")) == WITHHELD:
            return "withheld"
        return "district" if not share.citywide else "everywhere" if share.named else "unknown"
    accuracy = feature.accuracy_m
    if accuracy is None or accuracy > WIDE_ACCURACY_M:
        return "area"
    is_sketch = feature.properties.get("method") == "schematic"
    return "rough" if is_sketch or accuracy > DISC_ACCURACY_M else "known"


def _quote(atlas: Atlas, words: Iterable[Evidence]) -> tuple[Quote, ...]:
    """Give each sentence once, with the words that count in it."""
    found: dict[tuple[str, int, int], list[str]] = {}
    for word in words:
        found.setdefault((word.para_id, *word.sentence), []).append(word.exact)
    return tuple(
        Quote(para_id, atlas.document.passages[para_id][start:end], tuple(dict.fromkeys(exact)))
        for (para_id, start, end), exact in found.items()
    )


def _is_written(atlas: Atlas, share: Share, words: Iterable[Evidence]) -> bool:
    """Tell whether the plan writes the name: in one piece, or in pieces that joined have it (黄埔区…储能产业园)."""
    pieces: dict[str, str] = {}
    for word in words:
        pieces[word.para_id] = pieces.get(word.para_id, "") + word.exact
    names = list_words(share.feature.properties)
    texts = [text for para_id, joined in pieces.items() for text in (atlas.document.passages[para_id], joined)]
    return not pieces or any(name in text for name in names for text in texts)
