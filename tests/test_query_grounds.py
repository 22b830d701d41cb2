"""Many areas at once answer as each of them alone: the same features, relations, certainty and measures."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gzmap.atlas import Atlas
from gzmap.query import find_in_area
from gzmap.query.area import DECIMALS
from gzmap.query.grounds import Grounds, build_areas
from gzmap.query.layers import find_shapes
from gzmap.query.overlaps import RELATIONS, find_lie
from gzmap.query.shapes import Shapes
from tests.parcel_makers import make_shapes

COUNT = 400


@pytest.fixture(scope="module")
def shapes(atlas: Atlas) -> Shapes:
    frame = find_shapes(atlas).frame
    return Shapes(frame[frame["kind"] == "feature"].reset_index(drop=True))


def ask_all(shapes: Shapes, areas: np.ndarray) -> list[dict[str, tuple]]:
    """What `find_lie` tells of each area, by feature, when all are asked at once."""
    made = build_areas(areas)
    owners, rows = shapes.believed.sindex.query(made.outer, sort=True)
    lie = find_lie(shapes, rows, Grounds(made, owners))
    found: list[dict[str, tuple]] = [{} for _ in areas]
    for place, row, *told in zip(owners[lie.asked], lie.rows, lie.relation, lie.sure, lie.loose, lie.size, strict=True):
        relation, sure, loose, size = told
        feature_id = shapes.parts["id"][row]
        assert feature_id not in found[place], "the parts of a feature are one entry"
        certainty = "certain" if sure else "possible"
        found[place][feature_id] = (RELATIONS[relation], certainty, bool(loose), float(size))
    return found


def test_many_areas_answer_as_each_alone(atlas: Atlas, shapes: Shapes) -> None:
    areas = make_shapes(COUNT)
    together = ask_all(shapes, areas)
    seen = set()
    for area, found in zip(areas, together, strict=True):
        alone = find_in_area(atlas, area).rows
        assert {r.feature_id: (r.relation, r.certainty, r.loose) for r in alone} == {
            feature_id: told[:3] for feature_id, told in found.items()
        }
        seen |= {(r.relation, r.certainty) for r in alone}
        for row in alone:
            size = found[row.feature_id][3]
            if row.measure is None:
                assert np.isnan(size)
            else:
                unit = 1e6 if row.unit == "km2" else 1e3
                # An answer is rounded; and of a whole area its edges are geodesics.
                assert size == pytest.approx(row.measure * unit, rel=2e-6, abs=0.6 * 10**-DECIMALS * unit)
    # The areas are such that every relation comes up, and both certainties.
    assert {relation for relation, _ in seen} >= {"within", "contains", "overlaps", "crosses", "near"}
    assert {certainty for _, certainty in seen} == {"certain", "possible"}


def test_an_answer_does_not_depend_on_its_neighbours(shapes: Shapes) -> None:
    areas = make_shapes(120, seed=2)
    together = ask_all(shapes, areas)
    alone = [found for area in areas for found in ask_all(shapes, np.array([area]))]
    # As text: what has no measure is NaN, which equals nothing.
    assert list(map(str, together)) == list(map(str, alone))
    assert sum(map(len, together)) > len(areas)


def test_what_is_too_narrow_for_a_margin_is_not_reached_inside() -> None:
    areas = build_areas(np.array([shapely.box(113.3, 23.1, 113.301, 23.101), shapely.box(113.3, 23.1, 113.4, 23.2)]))
    grounds = Grounds(areas, np.array([0, 1]))
    whole = shapely.box(*shapely.total_bounds(areas.plane))
    assert grounds.is_met_inside(100.0, np.array([whole, whole])).tolist() == [False, True]


def test_areas_are_measured_on_the_ellipsoid(atlas: Atlas) -> None:
    areas = make_shapes(50, seed=3)
    alone = [find_in_area(atlas, area).area_km2 * 1e6 for area in areas]
    assert build_areas(areas).area_m2 == pytest.approx(alone, rel=2e-6, abs=0.6)
