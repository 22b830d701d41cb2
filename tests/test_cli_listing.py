"""The command that lists, its tables, and the lengths that the check prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gzmap.cli.columns import format_number, format_table, measure_width
from tests.cli_runner import records, run
from tests.makers import default_layers, edit_json, make_feature, make_project, write_text

LINE = {"type": "MultiLineString", "coordinates": [[[113.32, 23.11], [113.32, 23.19]]]}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    stream = make_feature("streams.s001", "东濠涌", LINE, off_km=8.0, diff_note="")
    hidden = make_feature("streams.s002", "无名涌", None, off_km=2000.0, diff_note="全网")
    return make_project(tmp_path / "项目", {**default_layers(), "streams": [stream, hidden]})


# --- columns


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("abc", 3), ("帽峰山", 6), ("（m）", 5), ("km²", 3), ("—", 1), ("e\u0301", 1), ("🌳", 2), ("ｱ", 1)],
)
def test_width_of_a_text(text: str, width: int) -> None:
    assert measure_width(text) == width


def test_columns_stay_in_line() -> None:
    table = format_table(("名", "数", ""), [("山a", "1", "x"), ("a", "22", "")], right=frozenset({1}))
    assert table.split("\n") == ["名   数", "山a   1  x", "a    22"]


def test_a_cell_is_one_line() -> None:
    assert format_table(("a", "b"), [("一\n二\t三", "x")], right=frozenset()) == "a         b\n一 二 三  x"


def test_a_table_may_be_empty() -> None:
    assert format_table(("名称", "a"), [], right=frozenset()) == "名称  a"


def test_a_missing_number_is_a_dash() -> None:
    assert (format_number(None, ".1f"), format_number(0, ".1f"), format_number(-1.26, "+.1f")) == ("—", "0.0", "-1.3")


# --- places


def test_places_lists_all_features(project: Path) -> None:
    first, *middle, last = run(project, "places").stdout.splitlines()
    assert first.split() == ["编号", "名称", "图层", "所在区", "落位"]
    assert [line.split()[0] for line in middle] == [
        *("parks.p001", "parks.p002", "parks.p003"),
        *("streams.s001", "streams.s002", "spots.b001", "spots.b002"),
    ]
    assert middle[0].split() == ["parks.p001", "帽峰山", "parks", "白云区", "是"]
    assert middle[2].split() == ["parks.p003", "无名谷", "parks", "—", "否"]
    assert last == "共 7 个要素，已落位 5 个，未落位 2 个"


def test_places_of_some_layers(project: Path) -> None:
    listed = records(run(project, "places", "--layer", "streams", "--layer", "spots", "--json"))
    assert [p["id"] for p in listed] == ["streams.s001", "streams.s002", "spots.b001", "spots.b002"]
    assert listed[1] == {
        **{"id": "streams.s002", "name": "无名涌", "layer": "streams", "title": "streams"},
        **{"district": "", "located": False},
    }


def test_places_of_no_layer(project: Path) -> None:
    result = run(project, "places", "--layer", "stream")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "streams" in result.stderr


def test_places_of_a_broken_layer_says_so(project: Path) -> None:
    write_text(project / "layers/parks.geojson", "{")
    result = run(project, "places", "--layer", "parks")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "layers/parks.geojson" in result.stderr
    assert run(project, "places").exit_code == 0


def test_report_as_a_table(project: Path) -> None:
    lines = run(project, "places", "--report").stdout.splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines}
    assert rows["编号"] == ["名称", "图层", "方法", "误差(m)", "依据", "图上", "文献", "单位", "相差(%)"]
    assert rows["streams.s001"] == ["东濠涌", "streams", "digitized", "50", "1", "8.9", "8.0", "km", "+10.7"]
    assert rows["streams.s002"] == ["无名涌", "streams", "digitized", "—", "0", "—", "2000.0", "km", "—"]
    assert rows["parks.p001"] == ["帽峰山", "parks", "digitized", "50", "1", "4.54", "—", "km²", "—"]
    assert rows["spots.b001"][-4:] == ["—", "—", "—", "—"]
    # Whatever is in the cells, the last column ends where its title does.
    ends = {measure_width(line) for line in lines[:-1]}
    assert len(ends) == 1


def test_report_as_json(project: Path) -> None:
    first = records(run(project, "places", "--report", "--json", "--layer", "streams"))[0]
    assert first == {
        **{"id": "streams.s001", "name": "东濠涌", "layer": "streams", "title": "streams", "district": ""},
        **{"located": True, "method": "digitized", "accuracy_m": 50, "evidence": 1, "unit": "km"},
        **{"drawn": 8.9, "official": 8.0, "difference_pct": 10.7, "diff_note": ""},
    }


# --- the lengths of `gzmap check`


def test_check_prints_the_lengths_before_its_verdict(project: Path) -> None:
    finding, *_, head, first, second, verdict = run(project, "check").stdout.splitlines()
    assert finding.startswith("error ")
    assert head.split() == ["编号", "名称", "图上(km)", "文献(km)", "相差(%)", "缘由"]
    assert first.split() == ["streams.s001", "东濠涌", "8.9", "8.0", "+10.7"]
    assert second.split() == ["streams.s002", "无名涌", "—", "2000.0", "—", "全网"]
    assert verdict.endswith("errors, 0 warnings")


def test_check_as_json_prints_findings_alone(project: Path) -> None:
    told = [json.loads(line) for line in run(project, "check", "--json").stdout.splitlines()]
    assert {tuple(t) for t in told} == {("code", "severity", "where", "message")}
    assert "length-unexplained" in {t["code"] for t in told}


def test_check_prints_no_empty_table(project: Path) -> None:
    edit_json(
        project / "layers/streams.geojson",
        lambda c: [f["properties"].update(off_km=None) for f in c["features"]],
    )
    assert "图上(km)" not in run(project, "check").stdout


def test_check_of_a_broken_catalogue_prints_no_table(project: Path) -> None:
    write_text(project / "layers/catalog.json", "{")
    result = run(project, "check")
    assert (result.exit_code, "图上(km)" in result.stdout) == (1, False)
    assert "json-invalid" in result.stdout
