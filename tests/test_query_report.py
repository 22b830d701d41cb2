"""The report of plan features in figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from gzmap.atlas import read_atlas
from gzmap.query import FeatureReport, find_report
from tests.makers import default_layers, make_feature, make_points, make_project, make_square, write_text

LINE = {"type": "MultiLineString", "coordinates": [[[113.25, 23.11], [113.25, 23.19]]]}


def report_of(folder: Path, **layers: list[dict]) -> dict[str, FeatureReport]:
    project = make_project(folder, {"districts": default_layers()["districts"], **layers})
    return {report.id: report for report in find_report(read_atlas(project))}


def test_all_plan_features_in_catalogue_order(tmp_path: Path) -> None:
    reports = find_report(read_atlas(make_project(tmp_path)))
    assert [r.id for r in reports] == [
        *("parks.p001", "parks.p002", "parks.p003"),
        *("streams.s001", "spots.b001", "spots.b002"),
    ]
    assert [r.located for r in reports] == [True, True, False, True, True, True]
    # The two places of 帽峰山 are one that justifies it and one that only names it.
    assert [r.evidence for r in reports] == [1, 1, 1, 1, 2, 2]


def test_a_feature_in_figures(tmp_path: Path) -> None:
    lake = make_feature(
        *("parks.p002", "白云湖", make_square(113.21, 23.11)),
        **{"method": "schematic", "accuracy_m": 300, "district": "白云区"},
        **{"area_km2": 4.5, "off_km2": 5.0, "diff_note": "不含堤岸"},
    )
    assert report_of(tmp_path, parks=[lake])["parks.p002"] == FeatureReport(
        **{"id": "parks.p002", "name": "白云湖", "layer": "parks", "title": "parks", "district": "白云区"},
        **{"located": True, "method": "schematic", "accuracy_m": 300, "evidence": 1},
        **{"unit": "km2", "drawn": 4.54, "official": 5.0, "difference_pct": -9.2, "diff_note": "不含堤岸"},
    )


def test_lines_are_measured_in_kilometres(tmp_path: Path) -> None:
    line = make_feature("streams.s001", "东濠涌", LINE, len_km=99.0, off_km=8.0, off_km2=1.0)
    report = report_of(tmp_path, streams=[line])["streams.s001"]
    # What is stated as drawn does not count: it is measured anew.
    assert (report.unit, report.drawn, report.official, report.difference_pct) == ("km", 8.9, 8.0, 10.7)


def test_points_have_the_area_of_documents_alone(tmp_path: Path) -> None:
    spots = [
        make_feature("spots.b001", "园", make_points((113.27, 23.17)), area_km2=3.3),
        make_feature("spots.b002", "区", make_points((113.37, 23.17)), off_km2=10.2, area_km2=None),
        make_feature("spots.b003", "馆", make_points((113.37, 23.17))),
    ]
    reports = report_of(tmp_path, spots=spots)
    assert [(r.drawn, r.official, r.difference_pct) for r in reports.values()] == [
        *((None, 3.3, None), (None, 10.2, None)),
        (None, None, None),
    ]


@pytest.mark.parametrize("official", [None, 0, "x", True])
def test_without_an_official_figure_nothing_differs(tmp_path: Path, official: object) -> None:
    line = make_feature("streams.s001", "东濠涌", LINE, off_km=official)
    assert report_of(tmp_path, streams=[line])["streams.s001"].difference_pct is None


def test_nothing_drawn_is_not_measured(tmp_path: Path) -> None:
    features = [make_feature("streams.s001", "东濠涌", None, off_km=2000.0), make_feature("streams.s002", "涌", LINE)]
    report = report_of(tmp_path, streams=features)["streams.s001"]
    assert (report.located, report.drawn, report.official, report.accuracy_m) == (False, None, 2000.0, None)


def test_a_broken_layer_is_left_out(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    write_text(project / "layers/parks.geojson", "{")
    assert {r.layer for r in find_report(read_atlas(project))} == {"streams", "spots"}


def test_a_project_without_plan_features_has_an_empty_report(tmp_path: Path) -> None:
    assert report_of(tmp_path, parks=[]) == {}
