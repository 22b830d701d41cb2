"""What the plan says about an area: features, their relation and certainty, what they share, the words behind them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas
from gzmap.query.ground import Ground, require_ground
from gzmap.query.layers import find_own_shapes, find_shapes
from gzmap.query.overlaps import RELATIONS, Lie, find_lie
from gzmap.query.shapes import OwnLayer, Shapes
from gzmap.query.words import Evidence, find_evidence, find_unlocated

UNITS = ("", "km", "km2")
DIVISORS = (1.0, 1e3, 1e6)
DECIMALS = 6
"""Of shares, km and km²: a millimetre, a square metre."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """One feature and an area.

    ``relation`` is as drawn: ``within`` (the feature lies in the area), ``contains`` (the area lies in it),
    ``overlaps`` (an area or disc, partly), ``crosses`` (a line, partly), ``touches``, or ``near`` (apart, but no
    farther than its accuracy). ``certainty`` says whether the area is met at all: ``certain`` where the feature
    reaches farther into the area, or the area into the feature, than its accuracy; what is schematic or wide is
    ``possible``.
    ``loose`` is True where "within" or "contains" may not hold for the whole: an edge is nearer than the accuracy.

    ``measure`` is what is shared, in ``unit``: ``km2`` of areas, ``km`` of lines, ellipsoidal; None (and ``""``) of
    points. ``share`` is the part of the feature that lies in the area, ``cover`` the part of the area that lies in the
    feature, both from 0 to 1; None where there is no such part. ``wide`` features are less accurate than
    `config.WIDE_ACCURACY_M`. ``own`` features are of the planner's own layers and have no ``evidence``.
    """

    feature_id: str
    layer_id: str
    name: str
    category: str
    status: str
    relation: str
    certainty: str
    wide: bool
    measure: float | None
    unit: str
    share: float | None
    cover: float | None
    own: bool
    evidence: tuple[Evidence, ...]
    loose: bool = False


class DistrictShare(NamedTuple):
    """A district, how much of the area lies in it (km²), and which part of the area that is."""

    name: str
    km2: float
    share: float


@dataclass(frozen=True)
class Total:
    """Features of one layer and status: how many, how many of them certain and wide, what they share with the area.

    ``km2`` and ``km`` add up; what several features cover counts several times. Layers of areas have km² only, of
    lines km only, of points neither: 0 then.
    """

    layer_id: str
    status: str
    count: int
    certain: int
    wide: int
    km2: float
    km: float
    own: bool


@dataclass(frozen=True, eq=False)
class Finds:
    """The features of some shapes that meet an area, in the order of the answer; rows are made of them when read."""

    shapes: Shapes
    lie: Lie
    area_m2: float

    def count(self) -> tuple[Total, ...]:
        """Count by layer and status."""
        lie, shapes = self.lie, self.shapes
        codes, groups = shapes.groups
        keys = codes[lie.rows]
        dimensions, sizes = shapes.dimensions[lie.rows], np.nan_to_num(lie.size)
        weights = (
            *(np.ones(len(keys)), lie.sure, shapes.parts["wide"][lie.rows]),
            *(np.where(dimensions == 2, sizes / 1e6, 0), np.where(dimensions == 1, sizes / 1e3, 0)),
        )
        sums = np.transpose([np.bincount(keys, weights=w, minlength=len(groups)) for w in weights])
        is_own = shapes.is_own
        return tuple(
            Total(*group, int(count), int(sure), int(wide), round(km2, DECIMALS), round(km, DECIMALS), is_own)
            for group, (count, sure, wide, km2, km) in zip(groups, sums.tolist(), strict=True)
            if count
        )

    def list_rows(self, atlas: Atlas) -> list[Overlap]:
        """Make the rows."""
        rows, lie, is_own = self.lie.rows, self.lie, self.shapes.is_own
        parts, dimensions = self.shapes.parts, self.shapes.dimensions[rows]
        whole = self.shapes.measure(rows)
        with np.errstate(invalid="ignore", divide="ignore"):
            # Stored numbers are rounded: what is shared may come out a trifle larger than the whole.
            share = np.minimum(np.where(whole > 0, lie.size / whole, np.nan), 1)
            cover = np.minimum(np.where(dimensions == 2, lie.size / self.area_m2, np.nan), 1)
        ids = parts["id"][rows].tolist()
        return list(
            map(
                Overlap,
                ids,
                *(parts[name][rows].tolist() for name in ("layer_id", "name", "category", "status")),
                [RELATIONS[number] for number in lie.relation.tolist()],
                ["certain" if sure else "possible" for sure in lie.sure.tolist()],
                parts["wide"][rows].tolist(),
                _list_numbers(lie.size / np.array(DIVISORS)[dimensions]),
                [UNITS[dimension] for dimension in dimensions.tolist()],
                _list_numbers(share),
                _list_numbers(cover),
                [is_own] * len(rows),
                [()] * len(rows) if is_own else [find_evidence(atlas, i) for i in ids],
                lie.loose.tolist(),
            )
        )


def _list_numbers(numbers: np.ndarray) -> list[float | None]:
    return [None if math.isnan(n) else n for n in np.round(numbers, DECIMALS).tolist()]


@dataclass(frozen=True, eq=False)
class AreaAnswer:
    """What the plan says about an area (storage CRS).

    ``districts`` are those that share ground with it, in the order of their layer. ``unlocated`` are features that
    nobody has placed and that name one of these districts, in catalogue order. ``totals`` are in the order of the
    layers, those of the planner's own last; ``own_titles`` are these layers' titles by their ids.
    """

    area: BaseGeometry
    area_km2: float
    districts: tuple[DistrictShare, ...]
    unlocated: tuple[str, ...]
    totals: tuple[Total, ...]
    own_titles: Mapping[str, str]
    atlas: Atlas = field(repr=False)
    finds: tuple[Finds, ...] = field(repr=False)

    @cached_property
    def rows(self) -> tuple[Overlap, ...]:
        """The features, made when they are first read, for there may be a hundred thousand.

        Those of the plan come before the planner's own; among either, wide ones last and certain ones first, then in
        the order of the layers and of the features in them.
        """
        return tuple(row for finds in self.finds for row in finds.list_rows(self.atlas))

    @property
    def count(self) -> int:
        """Number of the rows, without making them."""
        return sum(len(finds.lie.rows) for finds in self.finds)


def find_in_area(atlas: Atlas, area: BaseGeometry, *, own: Sequence[OwnLayer] = ()) -> AreaAnswer:
    """Find what the plan says about an area.

    Planar, in `config.METRIC_CRS`; lengths and areas on the ellipsoid. Wide features count only where they are drawn;
    a point drawn as a disc is possible where the area meets the disc.

    Parameters
    ----------
    atlas
        Whose plan layers are asked.
    area
        A polygon or multi-polygon in storage CRS.
    own
        The planner's own layers to ask as well.

    Returns
    -------
    AreaAnswer
        Without rows when nothing is there.

    Raises
    ------
    QueryError
        If the area cannot be asked about: see `ground.require_ground`.
    """
    ground = require_ground(area)
    shapes = find_shapes(atlas)
    rows = shapes.find_rows(np.array(ground.outer.bounds))
    kinds = shapes.parts["kind"][rows]
    districts = _share_districts(shapes, rows[kinds == "district"], ground)
    finds = [_find(shapes, rows[kinds == "feature"], ground)]
    finds += [_find(s, s.find_rows(np.array(ground.outer.bounds)), ground) for s in map(find_own_shapes, own)]
    return AreaAnswer(
        area=ground.area,
        area_km2=round(ground.area_m2 / 1e6, DECIMALS),
        districts=districts,
        unlocated=_find_unlocated(atlas, {d.name for d in districts}),
        own_titles={layer.layer_id: layer.title for layer in own},
        totals=tuple(total for found in finds for total in found.count()),
        atlas=atlas,
        finds=tuple(finds),
    )


def _find(shapes: Shapes, rows: np.ndarray, ground: Ground) -> Finds:
    lie = find_lie(shapes, rows, ground)
    order = np.lexsort((shapes.parts["number"][lie.rows], ~lie.sure, shapes.parts["wide"][lie.rows]))
    return Finds(shapes, lie.take(order), ground.area_m2)


def _share_districts(shapes: Shapes, rows: np.ndarray, ground: Ground) -> tuple[DistrictShare, ...]:
    lie = find_lie(shapes, rows, ground)
    names = shapes.parts["name"][lie.rows]
    return tuple(
        DistrictShare(str(name), round(size / 1e6, DECIMALS), round(min(size / ground.area_m2, 1), DECIMALS))
        for name, size in zip(names, lie.size.tolist(), strict=True)
        if size > 0
    )


def _find_unlocated(atlas: Atlas, districts: set[str]) -> tuple[str, ...]:
    return tuple(i for i, named in _list_unlocated(atlas) if named & districts)


@lru_cache(maxsize=2)
def _list_unlocated(atlas: Atlas) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple(
        (f.feature_id, frozenset(str(f.properties.get("district") or "").split("|"))) for f in find_unlocated(atlas)
    )
