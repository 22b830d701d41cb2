"""How drawn shapes lie to an area: relation, certainty and measure, many shapes at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gzmap.query.ground import Ground
from gzmap.query.shapes import Shapes, measure_shapes

WITHIN, CONTAINS, OVERLAPS, CROSSES, TOUCHES, NEAR, NONE = range(7)
RELATIONS = ("within", "contains", "overlaps", "crosses", "touches", "near")
"""Names of the relations of a feature to an area, by their number; the lower counts where parts differ."""

SHARING = CROSSES
"""Relations up to this share ground with the area."""


@dataclass(frozen=True, eq=False)
class Lie:
    """How features lie to an area, one entry for each feature in every array.

    ``rows`` are rows of the `Shapes`, ``relation`` numbers of `RELATIONS`. ``sure`` is where the feature certainly
    touches the area, ``loose`` where "within" or "contains" may not hold for the whole. ``size`` is what is shared, in
    metres or square metres on the ellipsoid, NaN for points and 0 where nothing is shared.
    """

    rows: np.ndarray
    relation: np.ndarray
    sure: np.ndarray
    loose: np.ndarray
    size: np.ndarray

    def take(self, order: np.ndarray) -> Lie:
        """Take entries by their numbers."""
        return Lie(*(values[order] for values in (self.rows, self.relation, self.sure, self.loose, self.size)))


def find_lie(shapes: Shapes, rows: np.ndarray, ground: Ground) -> Lie:
    """Find how shapes lie to an area.

    Parameters
    ----------
    shapes
        What is drawn.
    rows
        Numbers of the rows to look at: all whose believed position may meet the area, more do no harm.
    ground
        The area.

    Returns
    -------
    Lie
        Only features that meet the area, in the order of their first row.
    """
    relation = _relate(shapes, rows, ground)
    rows, relation = rows[relation != NONE], relation[relation != NONE]
    sure = _find_sure(shapes, rows, relation, ground=ground)
    loose = _find_loose(shapes, rows, relation, ground=ground)
    rows, relation, sure, loose = _join_parts(shapes, rows, relation, sure=sure, loose=loose)
    return Lie(rows, relation, sure, loose, _measure(shapes, rows, relation, ground=ground))


def _relate(shapes: Shapes, rows: np.ndarray, ground: Ground) -> np.ndarray:
    """Give the number of each shape's relation, `NONE` for what is too far."""
    # What lies well inside is found with the fastest test, so that only what is near the edge needs the others.
    is_clear = shapely.covers(ground.inner, shapes.parts["geometry"][rows]) & (shapes.parts["disc_m"][rows] == 0)
    relation = np.where(is_clear, WITHIN, NONE)
    relation[~is_clear] = _relate_edge(shapes, rows[~is_clear], ground)
    return relation


def _relate_edge(shapes: Shapes, rows: np.ndarray, ground: Ground) -> np.ndarray:
    drawn, disc = shapes.parts["geometry"][rows], shapes.parts["disc_m"][rows]
    dimensions, is_disc = shapes.dimensions[rows], disc > 0
    relation = np.where(shapely.intersects(ground.outer, drawn), TOUCHES, NONE)
    relation[is_disc] = np.where(shapely.dwithin(ground.outer, drawn[is_disc], disc[is_disc]), TOUCHES, NONE)
    apart = np.flatnonzero((relation == NONE) & (shapes.slack_m[rows] > 0))
    relation[apart[shapely.dwithin(ground.outer, drawn[apart], shapes.slack_m[rows[apart]])]] = NEAR
    # Wide things count only where they are drawn.
    relation[shapes.parts["wide"][rows]] = NONE
    shares = shapely.intersects(ground.inner, drawn)
    shares[is_disc] = shapely.dwithin(ground.inner, drawn[is_disc], disc[is_disc])
    relation[shares] = np.where(dimensions[shares] == 1, CROSSES, OVERLAPS)
    areas, discs = np.flatnonzero(shares & (dimensions == 2)), np.flatnonzero(shares & is_disc)
    relation[areas[_contains(drawn[areas], ground)]] = CONTAINS
    relation[discs[_disc_contains(drawn[discs], disc[discs], ground)]] = CONTAINS
    lies_inside = shapely.covers(ground.outer, drawn) & (shares | (dimensions == 0) & (relation != NONE))
    inside = np.flatnonzero(lies_inside & is_disc)
    lies_inside[inside] = shapely.distance(ground.edge, drawn[inside]) >= disc[inside]
    relation[lies_inside] = WITHIN
    return relation


def _contains(drawn: np.ndarray, ground: Ground) -> np.ndarray:
    """Tell which areas contain the ground; only those are tried whose bounds do."""
    bounds, inner = shapely.bounds(drawn), ground.inner.bounds
    may = (bounds[:, :2] <= inner[:2]).all(axis=1) & (bounds[:, 2:] >= inner[2:]).all(axis=1)
    may[may] = shapely.covers(drawn[may], ground.inner)
    return may


def _disc_contains(centres: np.ndarray, disc_m: np.ndarray, ground: Ground) -> np.ndarray:
    corners = shapely.points(shapely.get_coordinates(shapely.convex_hull(ground.inner)))
    return shapely.distance(centres[:, None], corners).max(axis=1) <= disc_m


def _find_sure(shapes: Shapes, rows: np.ndarray, relation: np.ndarray, *, ground: Ground) -> np.ndarray:
    """Tell which shapes certainly touch the area: they reach deeper into it than their accuracy, or it into them."""
    drawn, accuracy = shapes.parts["geometry"][rows], shapes.parts["accuracy_m"][rows]
    may = (relation <= SHARING) & shapes.is_firm[rows]
    sure = may & (accuracy == 0)
    may &= accuracy > 0
    for margin in np.unique(accuracy[may]):
        on = may & (accuracy == margin)
        sure[on] = shapely.intersects(ground.shrink(float(margin)), drawn[on])
    deep = np.flatnonzero(may & ~sure & (shapes.dimensions[rows] == 2))
    sure[deep] = [ground.plane.intersects(shapes.find_core(int(row))) for row in rows[deep]]
    return sure


def _find_loose(shapes: Shapes, rows: np.ndarray, relation: np.ndarray, *, ground: Ground) -> np.ndarray:
    """Tell where the whole may reach over the edge that it lies within, or that lies within it."""
    drawn, accuracy = shapes.parts["geometry"][rows], shapes.parts["accuracy_m"][rows]
    whole = relation <= CONTAINS
    # How far the place in a disc extends nobody knows.
    is_open = ~shapes.is_firm[rows] | ((relation == CONTAINS) & (shapes.dimensions[rows] == 0))
    loose = whole & is_open
    firm = whole & ~is_open & (accuracy > 0)
    inside = np.flatnonzero(firm & (relation == WITHIN))
    loose[inside] = shapely.dwithin(ground.edge, drawn[inside], accuracy[inside])
    around = np.flatnonzero(firm & (relation == CONTAINS))
    loose[around] = shapely.dwithin(shapely.boundary(drawn[around]), ground.plane, accuracy[around])
    return loose


def _join_parts(
    shapes: Shapes, rows: np.ndarray, relation: np.ndarray, *, sure: np.ndarray, loose: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Make one entry of the parts of each multi-point: within if all are, else overlapping if one shares ground."""
    numbers, counts = shapes.parts["number"][rows], shapes.parts["parts"][rows]
    if not (counts > 1).any():
        return rows, relation, sure, loose
    _, firsts, owners = np.unique(numbers, return_index=True, return_inverse=True)
    is_within = np.bincount(owners, weights=relation == WITHIN) == counts[firsts]
    best = np.full(len(firsts), NONE)
    is_part = (counts > 1) & (relation == WITHIN)
    np.minimum.at(best, owners, np.where(is_part, OVERLAPS, relation))
    best[is_within] = WITHIN
    any_sure, any_loose = (np.bincount(owners, weights=flag) > 0 for flag in (sure, loose))
    order = np.argsort(firsts)
    any_loose &= best <= CONTAINS
    return tuple(values[order] for values in (rows[firsts], best, any_sure, any_loose))


def _measure(shapes: Shapes, rows: np.ndarray, relation: np.ndarray, *, ground: Ground) -> np.ndarray:
    """Measure what each feature shares with the area."""
    dimensions = shapes.dimensions[rows]
    size = np.where(dimensions == 0, np.nan, 0.0)
    whole = (relation == WITHIN) & (dimensions > 0)
    size[whole] = shapes.measure(rows[whole])
    size[(relation == CONTAINS) & (dimensions == 2)] = ground.area_m2
    partly = np.flatnonzero(((relation == OVERLAPS) | (relation == CROSSES)) & (dimensions > 0))
    cut = shapely.intersection(shapes.parts["lonlat"][rows[partly]], ground.area)
    size[partly] = measure_shapes(cut, dimensions[partly])
    return size
