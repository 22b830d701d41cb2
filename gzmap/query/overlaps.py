"""How drawn shapes lie to an area: relation, certainty and measure, many shapes at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gzmap.query.grounds import Ground, Grounds
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
    metres or square metres on the ellipsoid, NaN for points and 0 where nothing is shared. ``asked`` is the place of
    each entry among the rows that were asked for.
    """

    rows: np.ndarray
    relation: np.ndarray
    sure: np.ndarray
    loose: np.ndarray
    size: np.ndarray
    asked: np.ndarray

    def take(self, order: np.ndarray) -> Lie:
        """Take entries by their numbers."""
        arrays = (self.rows, self.relation, self.sure, self.loose, self.size, self.asked)
        return Lie(*(values[order] for values in arrays))


def find_lie(shapes: Shapes, rows: np.ndarray, ground: Ground | Grounds) -> Lie:
    """Find how shapes lie to an area.

    Parameters
    ----------
    shapes
        What is drawn.
    rows
        Numbers of the rows to look at: all whose believed position may meet the area, more do no harm.
    ground
        The area; or one for each of the rows, those of one area side by side.

    Returns
    -------
    Lie
        Only features that meet the area, in the order of their first row.
    """
    relation = _relate(shapes, rows, ground)
    asked = np.flatnonzero(relation != NONE)
    rows, relation, ground = rows[asked], relation[asked], ground.at(asked)
    sure = _find_sure(shapes, rows, relation, ground=ground)
    loose = _find_loose(shapes, rows, relation, ground=ground)
    numbers = ground.tell_apart(shapes.parts["number"][rows])
    kept, relation, sure, loose = _join_parts(shapes.parts["parts"][rows], numbers, relation, sure=sure, loose=loose)
    rows, ground = rows[kept], ground.at(kept)
    return Lie(rows, relation, sure, loose, _measure(shapes, rows, relation, ground=ground), asked[kept])


def _relate(shapes: Shapes, rows: np.ndarray, ground: Ground | Grounds) -> np.ndarray:
    """Give the number of each shape's relation, `NONE` for what is too far."""
    # What lies well inside is found with the fastest test, so that only what is near the edge needs the others.
    is_clear = shapely.covers(ground.inner, shapes.parts["geometry"][rows]) & (shapes.parts["disc_m"][rows] == 0)
    relation = np.where(is_clear, WITHIN, NONE)
    relation[~is_clear] = _relate_edge(shapes, rows[~is_clear], ground.at(~is_clear))
    return relation


def _relate_edge(shapes: Shapes, rows: np.ndarray, ground: Ground | Grounds) -> np.ndarray:
    drawn, disc = shapes.parts["geometry"][rows], shapes.parts["disc_m"][rows]
    dimensions, is_disc = shapes.dimensions[rows], disc > 0
    relation = np.where(ground.meets(drawn), TOUCHES, NONE)
    relation[is_disc] = np.where(ground.at(is_disc).meets(drawn[is_disc], disc[is_disc]), TOUCHES, NONE)
    apart = np.flatnonzero((relation == NONE) & (shapes.slack_m[rows] > 0))
    relation[apart[ground.at(apart).meets(drawn[apart], shapes.slack_m[rows[apart]])]] = NEAR
    # Wide things count only where they are drawn.
    relation[shapes.parts["wide"][rows]] = NONE
    shares = ground.shares(drawn)
    shares[is_disc] = ground.at(is_disc).shares(drawn[is_disc], disc[is_disc])
    relation[shares] = np.where(dimensions[shares] == 1, CROSSES, OVERLAPS)
    areas, discs = np.flatnonzero(shares & (dimensions == 2)), np.flatnonzero(shares & is_disc)
    relation[areas[_contains(drawn[areas], ground.at(areas))]] = CONTAINS
    relation[discs[ground.at(discs).is_in_discs(drawn[discs], disc[discs])]] = CONTAINS
    lies_inside = shapely.covers(ground.outer, drawn) & (shares | (dimensions == 0) & (relation != NONE))
    inside = np.flatnonzero(lies_inside & is_disc)
    lies_inside[inside] = shapely.distance(ground.at(inside).edge, drawn[inside]) >= disc[inside]
    relation[lies_inside] = WITHIN
    return relation


def _contains(drawn: np.ndarray, ground: Ground | Grounds) -> np.ndarray:
    """Tell which areas contain the ground; only those are tried whose bounds do."""
    bounds, inner = shapely.bounds(drawn), shapely.bounds(ground.inner)
    may = (bounds[:, :2] <= inner[..., :2]).all(axis=1) & (bounds[:, 2:] >= inner[..., 2:]).all(axis=1)
    may[may] = shapely.covers(drawn[may], ground.at(may).inner)
    return may


def _find_sure(shapes: Shapes, rows: np.ndarray, relation: np.ndarray, *, ground: Ground | Grounds) -> np.ndarray:
    """Tell which shapes certainly touch the area: they reach deeper into it than their accuracy, or it into them."""
    drawn, accuracy = shapes.parts["geometry"][rows], shapes.parts["accuracy_m"][rows]
    may = (relation <= SHARING) & shapes.is_firm[rows]
    sure = may & (accuracy == 0)
    may &= accuracy > 0
    for margin in np.unique(accuracy[may]):
        on = may & (accuracy == margin)
        sure[on] = ground.at(on).is_met_inside(float(margin), drawn[on])
    deep = np.flatnonzero(may & ~sure & (shapes.dimensions[rows] == 2))
    sure[deep] = ground.at(deep).meets_cores(shapes.find_cores(rows[deep]))
    return sure


def _find_loose(shapes: Shapes, rows: np.ndarray, relation: np.ndarray, *, ground: Ground | Grounds) -> np.ndarray:
    """Tell where the whole may reach over the edge that it lies within, or that lies within it."""
    drawn, accuracy = shapes.parts["geometry"][rows], shapes.parts["accuracy_m"][rows]
    whole = relation <= CONTAINS
    # How far the place in a disc extends nobody knows.
    is_open = ~shapes.is_firm[rows] | ((relation == CONTAINS) & (shapes.dimensions[rows] == 0))
    loose = whole & is_open
    firm = whole & ~is_open & (accuracy > 0)
    inside = np.flatnonzero(firm & (relation == WITHIN))
    loose[inside] = shapely.dwithin(ground.at(inside).edge, drawn[inside], accuracy[inside])
    around = np.flatnonzero(firm & (relation == CONTAINS))
    loose[around] = shapely.dwithin(shapes.find_edges(rows[around]), ground.at(around).plane, accuracy[around])
    return loose


def _join_parts(
    counts: np.ndarray, numbers: np.ndarray, relation: np.ndarray, *, sure: np.ndarray, loose: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Make one entry of the parts of each multi-point: within if all are, else overlapping if one shares ground.

    ``numbers`` are the same for the parts of one feature, ``counts`` how many it has. The first array that is returned
    holds the place of each entry's first part.
    """
    if not (counts > 1).any():
        return np.arange(len(numbers)), relation, sure, loose
    _, firsts, owners = np.unique(numbers, return_index=True, return_inverse=True)
    is_within = np.bincount(owners, weights=relation == WITHIN) == counts[firsts]
    best = np.full(len(firsts), NONE)
    is_part = (counts > 1) & (relation == WITHIN)
    np.minimum.at(best, owners, np.where(is_part, OVERLAPS, relation))
    best[is_within] = WITHIN
    any_sure, any_loose = (np.bincount(owners, weights=flag) > 0 for flag in (sure, loose))
    order = np.argsort(firsts)
    any_loose &= best <= CONTAINS
    return tuple(values[order] for values in (firsts, best, any_sure, any_loose))


def _measure(shapes: Shapes, rows: np.ndarray, relation: np.ndarray, *, ground: Ground | Grounds) -> np.ndarray:
    """Measure what each feature shares with the area."""
    dimensions = shapes.dimensions[rows]
    size = np.where(dimensions == 0, np.nan, 0.0)
    whole = (relation == WITHIN) & (dimensions > 0)
    size[whole] = shapes.measure(rows[whole])
    around = np.flatnonzero((relation == CONTAINS) & (dimensions == 2))
    size[around] = ground.at(around).area_m2
    partly = np.flatnonzero(((relation == OVERLAPS) | (relation == CROSSES)) & (dimensions > 0))
    cut = shapely.intersection(shapes.parts["lonlat"][rows[partly]], ground.at(partly).area)
    size[partly] = measure_shapes(cut, dimensions[partly])
    return size
