"""The command that prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from tests import cli_runner
from tests.makers import make_project, write_text
from tests.sheet_readers import count_pages, find_words, read_size, read_text

SITE = {"type": "Polygon", "coordinates": [[[113.24, 23.14], [113.26, 23.14], [113.26, 23.16], [113.24, 23.14]]]}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "项目")


def run(project: Path, *arguments: str, **environment: str) -> Result:
    return cli_runner.run(project, "print", *arguments, **{"GZMAP_REVIEW_NUMBER": "", **environment})


def print_file(project: Path, name: str, *arguments: str, **environment: str) -> tuple[dict, bytes]:
    result = run(project, *arguments, "-o", str(project / name), "--json", **environment)
    assert result.exit_code == 0, result.stderr
    [line] = result.stdout.splitlines()
    return json.loads(line), (project / name).read_bytes()


def test_a_district_is_printed_with_its_name(project: Path) -> None:
    told, pdf = print_file(project, "图.pdf", "--district", "白云区", "--paper", "A3", "--landscape")
    assert told["files"] == [str(project / "图.pdf")]
    assert (told["paper"], told["landscape"], told["remarks"]) == ("A3", True, [])
    assert read_size(pdf) == pytest.approx((420, 297), abs=0.01)
    text = read_text(pdf)
    assert "白云区规划要素图" in text
    assert f"1:{told['scale']}" in text
    assert "无名谷" in text
    assert told["unlocated"] == ["parks.p003"]
    assert "spots.b002" not in told["features"]
    west, south, east, north = told["bounds_m"]
    assert (east - west) / (north - south) > 1


def test_the_scale_is_the_one_asked_for(project: Path) -> None:
    for scale in ("1:50000", "50000", "1：50 000", "１：５００００"):
        told, pdf = print_file(project, "图.pdf", "--center", "113.25,23.15", "--scale", scale)
        assert told["scale"] == 50_000
        assert "1:50000" in read_text(pdf)
        assert told["bounds_m"][2] - told["bounds_m"][0] == pytest.approx(50 * 136.1, rel=0.02)


def test_layers_are_the_named_ones_with_the_base(project: Path) -> None:
    told, pdf = print_file(project, "图.pdf", "--layers", "parks, streams", "--bbox", "113.1,23.0,113.5,23.3")
    assert told["features"] == ["streams.s001", "parks.p001", "parks.p002"]
    assert "districts" in read_text(pdf)
    assert "spots" not in read_text(pdf)
    told, _ = print_file(project, "图.pdf", "--bbox", "113.1,23.0,113.5,23.3")
    assert len(told["features"]) == 5


def test_a_site_is_outlined_and_shown(project: Path) -> None:
    write_text(project / "地块.geojson", json.dumps(SITE))
    told, pdf = print_file(project, "图.pdf", "--site", str(project / "地块.geojson"))
    text = read_text(pdf)
    assert "查询范围" in text
    assert "地块" in text
    assert told["scale"] < 100_000


def test_a_site_that_crosses_itself_is_refused_or_repaired(project: Path) -> None:
    bow = [[113.24, 23.14], [113.26, 23.16], [113.26, 23.14], [113.24, 23.16], [113.24, 23.14]]
    write_text(project / "地块.geojson", json.dumps({"type": "Polygon", "coordinates": [bow]}))
    refused = run(project, "--site", str(project / "地块.geojson"), "-o", str(project / "图.pdf"))
    assert (refused.exit_code, (project / "图.pdf").exists()) == (2, False)
    told, pdf = print_file(project, "图.pdf", "--site", str(project / "地块.geojson"), "--repair")
    assert "查询范围" in read_text(pdf)
    assert told["scale"] < 100_000


def test_an_answer_comes_with_the_sheet(project: Path) -> None:
    write_text(project / "地块.geojson", json.dumps(SITE))
    for named in (("--site", str(project / "地块.geojson")), ("--district", "白云区")):
        _, pdf = print_file(project, "图.pdf", *named, "--answer")
        assert "三区三线" in read_text(pdf)
        assert "查询范围" in read_text(pdf)
        assert "帽峰山" in read_text(pdf, 1)
        assert "是否涉及" in read_text(pdf, 1)


def test_own_layers_are_drawn_and_asked(project: Path, tmp_path: Path) -> None:
    write_text(tmp_path / "own/控规.geojson", json.dumps({**SITE, "crs": None}))
    told, pdf = print_file(project, "图.pdf", "--own", str(tmp_path / "own"), "--district", "白云区", "--answer")
    assert "本单位图层" in read_text(pdf)
    assert "控规" in read_text(pdf)
    assert "本单位图层由使用者提供" in read_text(pdf)
    assert not any(feature_id.startswith("own.") for feature_id in told["features"])


def test_the_look_is_the_one_asked_for(project: Path) -> None:
    told, pdf = print_file(
        project, "图.pdf", "--title", "山水", "--lang", "en", "--cards", "--no-labels", "--select", "parks.p001",
        "--link", "https://a.cn", "--review-number", "粤S（2026）001号", "--bbox", "113.1,23.0,113.5,23.3",
    )  # fmt: skip
    text = read_text(pdf)
    for words in (
        "山水",
        "Legend",
        "Selected:MaofengMountain",
        "Scantoopenthismap",
        "Mapreviewnumber:粤S（2026）001号",
    ):
        assert words in text
    assert count_pages(pdf) > 1
    assert told["remarks"] == []
    assert find_words(pdf, "Map review number")[0] < 40


def test_the_review_number_comes_from_the_environment(project: Path) -> None:
    _, pdf = print_file(project, "图.pdf", "--district", "白云区", GZMAP_REVIEW_NUMBER="粤S（2026）002号")
    assert "审图号：粤S（2026）002号" in read_text(pdf)


def test_pages_of_a_png_are_files(project: Path) -> None:
    told, png = print_file(project, "图.PNG", "--district", "白云区", "--cards", "--dpi", "72")
    assert told["files"] == [str(project / name) for name in ("图.PNG", "图-2.PNG", "图-3.PNG")]
    assert all(Path(path).read_bytes().startswith(b"\x89PNG") for path in told["files"])
    assert png.startswith(b"\x89PNG")


def test_without_json_the_files_are_told(project: Path) -> None:
    result = run(project, "--district", "白云区", "--scale", "1:10000", "-o", str(project / "图.pdf"))
    assert result.exit_code == 0
    assert result.stdout == f"{project / '图.pdf'}\n"
    assert "未能落位 1 处" in result.stderr
    assert "只绘出中部" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--district", "白云"), 3, "did you mean '白云区'"),
        (("--layers", "park"), 3, "did you mean 'parks'"),
        (("--select", "parks.p009"), 3, "parks.p009"),
        (("--scale", "1:12345", "--center", "113.3,23.1"), 2, "is not offered"),
        (("--scale", "klein"), 2, "write fit or one of 1:10000"),
        (("--center", "113.3"), 2, "write lon,lat in degrees"),
        (("--center", "113.3,23.1"), 2, "needs a scale"),
        (("--center", "23.1,113.3", "--scale", "1:50000"), 2, "longitude first"),
        (("--bbox", "113,23,114"), 2, "write west,south,east,north"),
        (("--district", "白云区", "--bbox", "113,23,114,24"), 2, "exclude each other"),
        (("--repair",), 2, "for the file of --site"),
        (("--site-crs", "EPSG:4547"), 2, "for the file of --site"),
        (("--paper", "A5"), 2, "'A5' is not one of 'A4', 'A3'"),
        (("--site", "nichts.geojson"), 2, "nichts.geojson"),
        (("--answer",), 2, "needs an area"),
        (("--fonts", "nirgends"), 2, "nirgends"),
    ],
)
def test_a_bad_request_is_told(project: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    result = run(project, *arguments, "-o", str(project / "图.pdf"))
    assert result.exit_code == code
    assert message in result.stderr
    assert not (project / "图.pdf").exists()


def test_a_file_of_another_kind_is_refused(project: Path) -> None:
    result = run(project, "-o", str(project / "图.jpg"))
    assert result.exit_code == 2
    assert "ends in neither .pdf nor .png" in result.stderr
    result = run(project, "-o", str(project / "nowhere/图.pdf"), "--district", "白云区")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
