"""How drawn shapes lie to each other: distance, within, across; many pairs at once, with what accuracy leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely

from gzmap.errors import QueryError
from gzmap.query.shapes import TOUCH_M, Shapes

MOST_PAIRS = 2_000_000
"""Pairs of shapes that are looked at; more would fill the memory."""

CHUNK = 5_000


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a question between layers: rows of `Shapes`."""

    shapes: Shapes
    rows: np.ndarray
    _made: dict[tuple[int, float], shapely.Geometry] = field(default_factory=dict, repr=False)

    def column(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Give a column of the shapes for some rows."""
        return self.shapes.parts[name][rows]

    @cached_property
    def bodies(self) -> np.ndarray:
        """What is drawn, discs as areas; by row of the shapes, not of the side."""
        drawn, disc = self.shapes.parts["geometry"], self.shapes.parts["disc_m"]
        bodies = drawn.copy()
        bodies[disc > 0] = shapely.buffer(drawn[disc > 0], disc[disc > 0])
        return bodies

    @cached_property
    def has_body(self) -> np.ndarray:
        """Which shapes are lines, areas or discs: a pin crosses nothing."""
        return (self.shapes.dimensions > 0) | (self.shapes.parts["disc_m"] > 0)

    @cached_property
    def has_area(self) -> np.ndarray:
        """Which shapes are areas or discs: something can lie within them."""
        return (self.shapes.dimensions == 2) | (self.shapes.parts["disc_m"] > 0)

    @cached_property
    def pad_m(self) -> np.ndarray:
        """How far from its body each shape may truly be; 0 for discs, which show it, and for wide things."""
        return np.where(self.shapes.parts["disc_m"] > 0, 0.0, self.shapes.slack_m)

    @cached_property
    def edges(self) -> np.ndarray:
        """The boundaries of areas, by row of the shapes; made when asked for, see `find_edges`."""
        return np.full(len(self.shapes), None, dtype=object)

    def find_edges(self, rows: np.ndarray) -> np.ndarray:
        """Find the boundaries of areas, prepared, each made once."""
        new = np.unique(rows)
        new = new[shapely.is_missing(self.edges[new])]
        self.edges[new] = shapely.boundary(self.shapes.parts["geometry"][new])
        shapely.prepare(self.edges[new])
        return self.edges[rows]

    def grow(self, row: int, margin_m: float) -> shapely.Geometry:
        """Give a body grown, or shrunk by a margin below 0; made once, prepared."""
        key = (row, margin_m)
        if key not in self._made:
            self._made[key] = self.bodies[row].buffer(margin_m)
            shapely.prepare(self._made[key])
        return self._made[key]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of rows, ``i`` of side ``a`` and ``j`` of side ``b``, and which of them are certain."""

    a: Side
    b: Side
    i: np.ndarray
    j: np.ndarray
    sure: np.ndarray

    def take(self, chosen: np.ndarray) -> Pairs:
        """Take pairs by a mask or by numbers."""
        return Pairs(self.a, self.b, self.i[chosen], self.j[chosen], self.sure[chosen])

    def swap(self) -> Pairs:
        """Exchange the sides."""
        return Pairs(self.b, self.a, self.j, self.i, self.sure)

    def mark(self, sure: np.ndarray) -> Pairs:
        """Say which are certain; what is schematic or wide never is."""
        firm = self.a.shapes.is_firm[self.i] & self.b.shapes.is_firm[self.j]
        return Pairs(self.a, self.b, self.i, self.j, sure & firm)

    @property
    def accuracy_m(self) -> np.ndarray:
        """Accuracy of both shapes together: each may be off by its own."""
        return self.a.column("accuracy_m", self.i) + self.b.column("accuracy_m", self.j)

    @property
    def distance_m(self) -> np.ndarray:
        """Distance between what is drawn; of a disc, its centre."""
        one, other = self.arrange(*(side.shapes.parts["geometry"] for side in (self.a, self.b)))
        gaps = np.zeros(len(self.i))
        apart = ~shapely.intersects(one, other)
        gaps[apart] = shapely.distance(one[apart], other[apart])
        return gaps

    def arrange(self, of_a: np.ndarray, of_b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the shapes of both sides for symmetric questions: those that come often first, and prepared."""
        few = [np.unique(rows) for rows in (self.i, self.j)]
        sides = [(of_a, self.i, few[0]), (of_b, self.j, few[1])]
        (first, rows, firsts), (second, others, _) = sorted(sides, key=lambda side: len(side[2]))
        shapely.prepare(first[firsts])
        return first[rows], second[others]


def find_candidates(a: Side, b: Side, *, reach_m: float) -> Pairs:
    """Find the pairs whose bounds, as far as each may be off, come within a reach; no feature with itself.

    Raises
    ------
    QueryError
        If there are more than `MOST_PAIRS`.
    """
    boxes = shapely.bounds(a.shapes.believed.to_numpy()[a.rows])
    margin = (reach_m + TOUCH_M) * np.array([-1, -1, 1, 1])
    grown = shapely.box(*(boxes + margin).T)
    is_asked = np.zeros(len(b.shapes), dtype=bool)
    is_asked[b.rows] = True
    found, total = [], 0
    for start in range(0, len(grown), CHUNK):
        i, j = b.shapes.believed.sindex.query(grown[start : start + CHUNK])
        i, j = a.rows[i[is_asked[j]] + start], j[is_asked[j]]
        is_other = a.column("id", i) != b.column("id", j)
        found.append(np.array([i[is_other], j[is_other]], dtype=int))
        total += len(i)
        if total > MOST_PAIRS:
            raise QueryError(
                f"More than {MOST_PAIRS} pairs come into question; ask with a shorter distance, or for one feature."
            )
    i, j = np.concatenate([np.zeros((2, 0), dtype=int), *found], axis=1)
    return Pairs(a, b, i, j, np.zeros(len(i), dtype=bool))


def find_close(pairs: Pairs, distance_m: float) -> Pairs:
    """Find the pairs that are no farther apart than a distance, or may be."""
    slack = pairs.a.shapes.slack_m[pairs.i] + pairs.b.shapes.slack_m[pairs.j]
    drawn = pairs.arrange(*(side.shapes.parts["geometry"] for side in (pairs.a, pairs.b)))
    pairs = pairs.take(shapely.dwithin(*drawn, distance_m + slack + TOUCH_M))
    gaps = pairs.distance_m
    sure = gaps + pairs.accuracy_m <= distance_m + TOUCH_M
    met = np.flatnonzero((gaps == 0) & ~sure)
    sure[met] = _find_sharing(pairs.take(met))
    return pairs.mark(sure)


def find_inside(pairs: Pairs) -> Pairs:
    """Find the pairs whose first shape lies wholly in the second, or may."""
    pairs = pairs.take(pairs.b.has_area[pairs.j])
    a, b = pairs.a, pairs.b
    # A disc is a place somewhere in it: where its centre may lie inside, the place may. Wide ones count as drawn.
    inner = a.column("geometry", pairs.i)
    slack = np.where(a.column("wide", pairs.i), 0.0, a.shapes.slack_m[pairs.i])
    margin = slack + b.pad_m[pairs.j] + TOUCH_M
    may = _fits(inner, b.bodies[pairs.j], margin)
    may[may] = _covers(b, pairs.j[may], margin[may], others=inner[may])
    pairs, inner = pairs.take(may), inner[may]
    is_area = pairs.b.shapes.dimensions[pairs.j] == 2
    sure = is_area & (pairs.accuracy_m == 0)
    inexact = np.flatnonzero(is_area & ~sure)
    sure[inexact] = _lies_deep(pairs.take(inexact), inner[inexact], pairs.accuracy_m[inexact])
    return pairs.mark(sure)


def _fits(inner: np.ndarray, outer: np.ndarray, margin_m: np.ndarray) -> np.ndarray:
    """Tell whose bounds lie in the grown bounds of the other: quick, and few are left."""
    small, large = shapely.bounds(inner), shapely.bounds(outer)
    margin = margin_m[:, None]
    return (small[:, :2] >= large[:, :2] - margin).all(axis=1) & (small[:, 2:] <= large[:, 2:] + margin).all(axis=1)


def _covers(side: Side, rows: np.ndarray, margin_m: np.ndarray, *, others: np.ndarray) -> np.ndarray:
    """Tell which others lie in a body that is grown by a margin."""
    keys, owners = np.unique(np.stack([rows, margin_m], axis=1), axis=0, return_inverse=True)
    grown = np.array([side.grow(int(row), margin) for row, margin in keys.tolist()], dtype=object)
    return shapely.covers(grown[owners.ravel()], others) if len(rows) else np.zeros(0, dtype=bool)


def _lies_deep(pairs: Pairs, inner: np.ndarray, margin_m: np.ndarray) -> np.ndarray:
    """Tell which shapes lie in the other's area farther from its edge than a margin."""
    outer = pairs.b.column("geometry", pairs.j)
    shapely.prepare(pairs.b.shapes.parts["geometry"][np.unique(pairs.j)])
    return shapely.covers(outer, inner) & ~shapely.dwithin(pairs.b.find_edges(pairs.j), inner, margin_m)


def find_crossing(pairs: Pairs) -> Pairs:
    """Find the pairs that share ground, or may, without that one certainly lies in the other."""
    pairs = pairs.take(pairs.a.has_body[pairs.i] & pairs.b.has_body[pairs.j])
    a, b, pad = pairs.a, pairs.b, pairs.a.pad_m[pairs.i] + pairs.b.pad_m[pairs.j]
    bodies = a.bodies[pairs.i], b.bodies[pairs.j]
    may = shapely.dwithin(*pairs.arrange(a.bodies, b.bodies), pad)
    exact = np.flatnonzero(may & (pad == 0))
    may[exact] = [_share(*bodies_) for bodies_ in zip(bodies[0][exact], bodies[1][exact], strict=True)]
    for some, (inner, outer) in ((pairs, bodies), (pairs.swap(), bodies[::-1])):
        on = np.flatnonzero(may & some.b.has_area[some.j])
        may[on] = ~_is_inside(some.take(on), inner[on], outer[on], pad_m=pad[on])
    return _mark_crossing(pairs.take(may))


def _share(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    """Tell whether two bodies share more than a border of exact coordinates."""
    areas = [body for body in (one, other) if shapely.get_dimensions(body) == 2]
    if not areas:
        return bool(shapely.intersects(one, other) and not shapely.touches(one, other))
    rest = one if areas[-1] is other else other
    return bool(shapely.intersects(areas[-1].buffer(-TOUCH_M), rest))


def _is_inside(pairs: Pairs, inner: np.ndarray, outer: np.ndarray, *, pad_m: np.ndarray) -> np.ndarray:
    """Tell which bodies lie in the other so deep that they cannot reach over its edge."""
    inside = _fits(inner, outer, np.full(len(inner), TOUCH_M))
    exact, rest = np.flatnonzero(inside & (pad_m == 0)), np.flatnonzero(inside & (pad_m > 0))
    inside[exact] = _covers(pairs.b, pairs.j[exact], np.full(len(exact), TOUCH_M), others=inner[exact])
    in_area = rest[pairs.b.shapes.dimensions[pairs.j[rest]] == 2]
    in_disc = np.setdiff1d(rest, in_area)
    inside[in_area] = _lies_deep(pairs.take(in_area), inner[in_area], pad_m[in_area])
    inside[in_disc] = _covers(pairs.b, pairs.j[in_disc], -pad_m[in_disc], others=inner[in_disc])
    return inside


def _mark_crossing(pairs: Pairs) -> Pairs:
    """Say which cross certainly: they share ground, and each reaches out of the other, farther than they may be off."""
    is_extended = (pairs.a.shapes.dimensions[pairs.i] > 0) & (pairs.b.shapes.dimensions[pairs.j] > 0)
    firm = pairs.a.shapes.is_firm[pairs.i] & pairs.b.shapes.is_firm[pairs.j]
    on = np.flatnonzero(firm & is_extended & (pairs.distance_m == 0))
    on = on[_find_sharing(pairs.take(on))]
    sure = np.zeros(len(pairs.i), dtype=bool)
    sure[on] = True
    for some in (pairs.take(on), pairs.take(on).swap()):
        inner = some.a.column("geometry", some.i)
        sure[on] &= ~_covers(some.b, some.j, some.accuracy_m + TOUCH_M, others=inner)
    return pairs.mark(sure)


def _find_sharing(pairs: Pairs) -> np.ndarray:
    """Tell which pairs share ground whatever their accuracy: one reaches deeper than it into the area of the other."""
    rows = zip(pairs.i.tolist(), pairs.j.tolist(), np.maximum(pairs.accuracy_m, TOUCH_M).tolist(), strict=True)
    drawn = pairs.a.shapes.parts["geometry"], pairs.b.shapes.parts["geometry"]
    tests = (
        _reaches(pairs.b, j, margin, other=drawn[0][i]) or _reaches(pairs.a, i, margin, other=drawn[1][j])
        for i, j, margin in rows
    )
    return np.fromiter(tests, dtype=bool, count=len(pairs.i))


def _reaches(side: Side, row: int, margin_m: float, *, other: shapely.Geometry) -> bool:
    """Tell whether something reaches deeper into an area than a margin."""
    if side.shapes.dimensions[row] < 2 or not np.isfinite(margin_m):
        return False
    return bool(side.grow(row, -margin_m).intersects(other))
