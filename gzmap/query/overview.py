"""Every district at a glance (各区一览): what is drawn in it or named for it, by theme, group and layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas
from gzmap.catalog import Entry
from gzmap.crs import find_area_m2
from gzmap.errors import NotFoundError
from gzmap.query.accounts import CITYWIDE, OUTSIDE
from gzmap.query.ground import find_district_area
from gzmap.query.shares import Share, find_district_names, find_shares, measure

WHOLE = "whole"
"""Key of the row that counts every feature once."""

ALL = "all"
"""Key of the scope of all layers."""

KINDS = (ALL, "theme", "group", "layer")


@dataclass(frozen=True)
class Scope:
    """What is counted together: all layers, a theme, a group or a layer. ``kind`` is one of `KINDS`."""

    kind: str
    id: str


@dataclass(frozen=True)
class Tally:
    """Numbers of one place and scope.

    ``ids`` are the features that count there, in catalogue order. ``located`` of them are drawn there, ``schematic``
    of these only as a sketch; for ``named`` their property ``district`` states the place; ``unlocated`` are drawn
    nowhere. ``km`` and ``km2`` add up lines and areas as drawn there, slivers too, measured on the ellipsoid;
    ``net_km`` and ``net_km2`` count what several features share once.
    """

    ids: tuple[str, ...]
    located: int
    named: int
    unlocated: int
    schematic: int
    km: float
    km2: float
    net_km: float
    net_km2: float

    @property
    def features(self) -> int:
        """Number of features."""
        return len(self.ids)


@dataclass(frozen=True)
class Repeats:
    """By how much the places together exceed the whole: features of several districts, lines on shared borders."""

    features: int
    located: int
    unlocated: int
    km: float
    km2: float


@dataclass(frozen=True)
class Overview:
    """Numbers of every place and scope.

    ``places`` are the districts, then `OUTSIDE` and `CITYWIDE`; `WHOLE` has numbers too. ``area_km2`` holds the
    districts' own areas, on the ellipsoid. Scopes are in catalogue order, all layers first, then themes, groups and
    layers; a theme without a layer of the plan is not among them.
    """

    places: tuple[str, ...]
    scopes: tuple[Scope, ...]
    tallies: Mapping[tuple[str, Scope], Tally]
    area_km2: Mapping[str, float]

    def tally(self, place: str, kind: str = ALL, scope_id: str = ALL) -> Tally:
        """Return the numbers of a place, a district's name, `OUTSIDE`, `CITYWIDE` or `WHOLE`, and a scope.

        Raises
        ------
        NotFoundError
            If there is no such place or scope.
        """
        scope = Scope(kind, scope_id)
        if place not in (*self.places, WHOLE):
            raise NotFoundError.unknown("Place", place, self.places, where="the overview")
        if scope not in self.scopes:
            known = [s.id for s in self.scopes if s.kind == kind] or list(KINDS)
            raise NotFoundError.unknown(kind.capitalize(), scope_id, known, where="the overview")
        return self.tallies[place, scope]

    def count_repeats(self, kind: str = ALL, scope_id: str = ALL) -> Repeats:
        """Count by how much the places together exceed the whole, so that sum minus repeats is the whole."""
        whole = self.tally(WHOLE, kind, scope_id)
        each = [self.tally(place, kind, scope_id) for place in self.places]
        return Repeats(
            features=sum(t.features for t in each) - whole.features,
            located=sum(t.located for t in each) - whole.located,
            unlocated=sum(t.unlocated for t in each) - whole.unlocated,
            km=sum(t.km for t in each) - whole.km,
            km2=sum(t.km2 for t in each) - whole.km2,
        )


@lru_cache(maxsize=2)
def count_districts(atlas: Atlas) -> Overview:
    """Count what the plan has in every district; computed once for each atlas.

    A feature of several districts counts in each, with the part that is drawn there; beyond the districts it counts in
    `OUTSIDE`, and in `CITYWIDE` where it is not drawn and named for no district in particular. So the places together
    have more features than the whole, by `Overview.count_repeats`; areas add up, lengths too but for lines on a
    border between districts, which count on both sides.

    Raises
    ------
    NotFoundError, CatalogError
        If there is no layer of districts, or it is broken.
    """
    shares, names = find_shares(atlas), find_district_names(atlas)
    places = (*names, OUTSIDE, CITYWIDE)
    scopes = _list_scopes(atlas)
    held = {scope: [s for s in shares.values() if s.feature.layer_id in ids] for scope, ids in scopes.items()}
    sizes = Sizes()
    tallies = {(place, scope): _count(some, place, sizes) for scope, some in held.items() for place in (*places, WHOLE)}
    areas = {name: find_area_m2(find_district_area(atlas, name)) / 1e6 for name in names}
    return Overview(places, tuple(scopes), tallies, areas)


def _list_scopes(atlas: Atlas) -> dict[Scope, frozenset[str]]:
    """List the scopes with the ids of their layers, in catalogue order."""
    entries = atlas.catalog.plan_entries
    themes = [Scope("theme", theme["id"]) for theme in atlas.catalog.themes]
    groups = [Scope("group", group.group_id) for group in atlas.catalog.groups]
    scopes = [Scope(ALL, ALL), *themes, *groups, *(Scope("layer", e.layer_id) for e in entries)]
    held = {scope: frozenset(e.layer_id for e in entries if _belongs(e, scope)) for scope in scopes}
    return {scope: layer_ids for scope, layer_ids in held.items() if layer_ids or scope.kind == ALL}


def _belongs(entry: Entry, scope: Scope) -> bool:
    return (
        scope.id
        in {ALL: (ALL,), "theme": (entry.theme,), "group": (entry.group,), "layer": (entry.layer_id,)}[scope.kind]
    )


def _count(shares: Sequence[Share], place: str, sizes: Sizes) -> Tally:
    here = [s for s in shares if place == WHOLE or place in s.places]
    located = [s for s in here if (s.drawn if place == WHOLE else place in s.drawn)]
    # Slivers are measured too: so lengths and areas add up.
    lines, areas = (sizes.measure([s for s in shares if s.dimension == d], place, d) for d in (1, 2))
    return Tally(
        ids=tuple(s.feature.feature_id for s in here),
        located=len(located),
        named=sum(bool(s.named) if place == WHOLE else place in s.named for s in here),
        unlocated=sum(s.dimension is None for s in here),
        schematic=sum(s.feature.properties.get("method") == "schematic" for s in located),
        **{"km": lines[0], "net_km": lines[1], "km2": areas[0], "net_km2": areas[1]},
    )


class Sizes:
    """Sizes of what is drawn, measured once: a feature is one of a layer, a group, a theme and of all."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], float] = {}

    def measure(self, shares: Sequence[Share], place: str, dimension: int) -> tuple[float, float]:
        """Measure what is drawn in a place: everything added up, and with what is shared counted once.

        A line that goes back over itself counts once in any case.
        """
        pieces = {s.feature.feature_id: s.whole if place == WHOLE else s.pieces.get(place) for s in shares}
        drawn = {feature_id: piece for feature_id, piece in pieces.items() if piece is not None}
        total = sum(self._measure((place, i), [piece], dimension) for i, piece in drawn.items())
        return total, self._measure((place, *drawn), list(drawn.values()), dimension)

    def _measure(self, key: tuple[str, ...], pieces: list[BaseGeometry], dimension: int) -> float:
        if key not in self._known:
            whole = pieces[0] if len(pieces) == 1 else shapely.union_all(pieces)
            self._known[key] = measure(whole, dimension) or 0.0
        return self._known[key]
