"""Where the features of the plan lie: in which districts each is drawn, how much of it, which districts name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.crs import find_area_m2, find_length_m
from gzmap.query.accounts import CITYWIDE, DISTRICTS, OUTSIDE
from gzmap.query.ground import find_district_area

FINEST_DEG = 1e-9
"""Lines that go back over themselves within this, a tenth of a millimetre, are one line there."""

LEAST_M = 100.0
"""A line of less than this in a district, or an area of less than its square, is a sliver of inexact borders."""


@dataclass(frozen=True)
class Share:
    """Where one feature of the plan lies.

    ``whole`` is what is drawn of it (storage CRS), a line that goes back over itself once; ``pieces`` holds, by
    district and by `OUTSIDE`, what is drawn there (only of the feature's own ``dimension``: 0 points, 1 lines, 2
    areas), slivers too, so that lengths and areas add up; ``dimension`` is None where nothing is drawn. ``drawn`` are
    the places of more than a sliver, ``named`` the districts that the property ``district`` states, both in the order
    of the layer of districts.
    """

    feature: Feature
    dimension: int | None
    whole: BaseGeometry | None
    pieces: Mapping[str, BaseGeometry]
    drawn: tuple[str, ...]
    named: tuple[str, ...]
    citywide: bool

    @property
    def places(self) -> tuple[str, ...]:
        """Where it counts: each district that it is drawn in or names, `OUTSIDE`, or else `CITYWIDE`; never empty.

        A feature that is not drawn and names no district, or every one, is `CITYWIDE` alone.
        """
        if self.citywide:
            return (CITYWIDE,)
        return tuple(dict.fromkeys((*(p for p in self.drawn if p != OUTSIDE), *self.named, *self.drawn)))

    def measure(self, place: str) -> float | None:
        """Measure what is drawn in a place, on the ellipsoid: km of lines, km² of areas, 0 where there is nothing.

        Returns
        -------
        float or None
            None for points and for what is not drawn.
        """
        return measure(self.pieces.get(place), self.dimension)


def measure(geometry: BaseGeometry | None, dimension: int | None) -> float | None:
    """Measure lines in km or areas in km² on the ellipsoid; None for other dimensions."""
    if dimension == 1:
        return find_length_m(geometry) / 1e3
    return find_area_m2(geometry) / 1e6 if dimension == 2 else None


def find_district_names(atlas: Atlas) -> tuple[str, ...]:
    """Find the names of the districts, in the order of their layer.

    Raises
    ------
    NotFoundError, CatalogError
        If there is no layer of districts, or it is broken.
    """
    return tuple(atlas.require_layer(DISTRICTS)["name"])


@lru_cache(maxsize=2)
def find_district_areas(atlas: Atlas) -> dict[str, BaseGeometry]:
    """Find the outlines of all districts by their names; none where there is no layer of districts, or it is broken."""
    if DISTRICTS not in atlas.layers:
        return {}
    return {name: find_district_area(atlas, name) for name in find_district_names(atlas)}


@lru_cache(maxsize=2)
def find_shares(atlas: Atlas) -> dict[str, Share]:
    """Find where every feature of the plan lies; computed once for each atlas.

    Features are cut by the districts as stored, in degrees: neighbours share their vertices, so that nothing is lost
    or doubled between them. A line on a shared border lies in both.

    Returns
    -------
    dict
        By feature id, in catalogue order, then by id.

    Raises
    ------
    NotFoundError, CatalogError
        If there is no layer of districts, or it is broken.
    """
    outlines = {name: find_district_area(atlas, name) for name in find_district_names(atlas)}
    city = shapely.union_all(list(outlines.values()))
    for outline in (*outlines.values(), city):
        shapely.prepare(outline)
    order = [e.layer_id for e in atlas.catalog.plan_entries]
    planned = [f for f in atlas.features.values() if f.layer_id in order]
    ordered = sorted(planned, key=lambda f: (order.index(f.layer_id), f.feature_id))
    return {f.feature_id: _share(f, outlines, city) for f in ordered}


def _share(feature: Feature, outlines: Mapping[str, BaseGeometry], city: BaseGeometry) -> Share:
    stated = str(feature.properties.get("district") or "").split("|")
    named = tuple(name for name in outlines if name in stated)
    if feature.geometry is None or feature.geometry.is_empty:
        return Share(feature, None, None, {}, (), named, citywide=len(named) in (0, len(outlines)))
    whole = feature.geometry if feature.geometry.is_valid else shapely.make_valid(feature.geometry)
    dimension = int(shapely.get_dimensions(whole))
    if dimension == 1:
        whole = shapely.union_all([whole], grid_size=FINEST_DEG)
    pieces = {n: whole.intersection(o) for n, o in outlines.items() if o.intersects(whole)}
    if not city.covers(whole):
        pieces[OUTSIDE] = whole.difference(city)
    kept = {n: same for n, piece in pieces.items() if (same := _keep(piece, dimension)) is not None}
    drawn = tuple(n for n, piece in kept.items() if _is_more_than_sliver(piece, whole, dimension))
    return Share(feature, dimension, whole, kept, drawn, named, citywide=False)


def _keep(piece: BaseGeometry, dimension: int) -> BaseGeometry | None:
    """Keep the parts of one dimension: where an area only touches a district, the common border is none of it."""
    parts = [p for p in shapely.get_parts(piece) if shapely.get_dimensions(p) == dimension and not p.is_empty]
    return shapely.union_all(parts) if parts else None


def _is_more_than_sliver(piece: BaseGeometry, whole: BaseGeometry, dimension: int) -> bool:
    """Tell whether a piece counts: what is small itself counts where half of it lies."""
    if dimension == 0:
        return True
    find, least = (find_length_m, LEAST_M) if dimension == 1 else (find_area_m2, LEAST_M**2)
    return find(piece) >= min(least, find(whole) / 2)
