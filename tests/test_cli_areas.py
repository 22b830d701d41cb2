"""The commands that ask about areas, pairs and points, with layers of the planner's own."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import openpyxl
import pytest
import shapely

from gzmap.atlas import open_atlas
from gzmap.config import AREA_TITLE, STORAGE_CRS
from gzmap.crs import convert_to_gcj02
from gzmap.export.answer_words import PAIR_TITLE
from gzmap.query import find_district_areas
from tests.cli_runner import records, run
from tests.makers import default_layers, make_feature, make_project, make_square, write_text

SITE = shapely.box(113.245, 23.145, 113.255, 23.155)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    layers = default_layers()
    layers["parks"][2]["properties"]["district"] = "白云区"
    layers["parks"].append(make_feature("parks.p004", "大片", make_square(113.24, 23.14), accuracy_m=9_000))
    return make_project(tmp_path / "项目", layers)


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """Return a folder of own layers: plots around the site, and a file that is none."""
    folder = tmp_path / "local"
    folder.mkdir()
    shapes = [SITE.buffer(-0.001), shapely.box(113.26, 23.15, 113.262, 23.152)]
    frame = geopandas.GeoDataFrame({"名称": ["甲地块", "乙地块"]}, geometry=shapes, crs=STORAGE_CRS)
    frame.to_file(folder / "红线.gpkg")
    write_text(folder / "坏.geojson", "{")
    return folder


def write_site(folder: Path, shape: shapely.Geometry = SITE) -> Path:
    path = folder / "地块.geojson"
    geopandas.GeoDataFrame({"name": ["某地块"]}, geometry=[shape], crs=STORAGE_CRS).to_file(path, driver="GeoJSON")
    return path


# --- area


@pytest.mark.parametrize(
    "way",
    [["--bbox", "113.245,23.145,113.255,23.155"], ["--circle", "113.25,23.15,300"], ["--circle", "113.25，23.15，300"]],
)
def test_an_area_in_words(project: Path, way: list[str]) -> None:
    lines = run(project, "area", *way).stdout.splitlines()
    assert lines[0] == AREA_TITLE[0]
    assert "所在区：白云区 " in lines[1]
    rows = {line.split()[0]: line.split() for line in lines if line.startswith("parks.")}
    assert rows["parks.p001"][1:4] == ["帽峰山", "包含整个范围", "确定"]
    assert rows["parks.p004"][1:4] == ["大片", "包含整个范围（边缘在误差范围内）", "可能"]
    folded = lines.index("片区层面涉及（误差大，具体位置未明确）：")
    assert lines.index(next(line for line in lines if line.startswith("parks.p004"))) > folded
    assert "所在区内未能落位：无名谷 [parks.p003]" in lines
    assert lines[-1].startswith("共 2 个要素，确定涉及 1 个。")


def test_an_area_as_json(project: Path) -> None:
    head, park, wide = records(run(project, "area", "--district", "白云区", "--json"))[:3]
    assert (head["kind"], head["title"], head["place"]) == ("area", AREA_TITLE[0], "白云区")
    assert [d["name"] for d in head["districts"]] == ["白云区"]
    assert head["unlocated"] == ["parks.p003"]
    assert head["edition"] == {"title": "某市建设规划", "edition": "征求意见稿", "edition_date": "2025-01-01"}
    assert {t["layer_id"] for t in head["totals"]} == {"parks", "spots"}
    assert (park["kind"], park["feature_id"], park["relation"], park["certainty"]) == (
        "feature", "parks.p001", "within", "certain",
    )  # fmt: skip
    assert park["evidence"][0]["text"] == "保育帽峰山、白云湖，守护无名谷。"
    assert wide["feature_id"] != park["feature_id"]


def test_a_site_from_a_file(project: Path, tmp_path: Path) -> None:
    head, *rows = records(run(project, "area", str(write_site(tmp_path)), "--json"))
    assert head["place"] == "某地块"
    assert [row["feature_id"] for row in rows] == ["parks.p001", "parks.p004"]


def test_the_crs_of_a_file_may_be_named(project: Path, tmp_path: Path) -> None:
    path = tmp_path / "地块.txt"
    frame = geopandas.GeoSeries([SITE], crs=STORAGE_CRS).to_crs("EPSG:4547")
    write_text(path, "\n".join(f"{x:.3f},{y:.3f}" for x, y in frame.iloc[0].exterior.coords))
    _, *rows = records(run(project, "area", str(path), "--crs", "EPSG:4547", "--json"))
    assert [row["feature_id"] for row in rows] == ["parks.p001", "parks.p004"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "Name one area"),
        (["--district", "白云区", "--circle", "113.25,23.15,300"], 2, "Name one area"),
        (["--district", "火星"], 3, "there are 白云区"),
        (["--district", "白云区", "--crs", "EPSG:4547"], 2, "for a FILE"),
        (["--district", "白云区", "--repair"], 2, "for a FILE"),
        (["--bbox", "1,2,3,4"], 2, "outside of what is mapped"),
        (["--bbox", "113.3,23,113.2,24"], 2, "113.3,23,113.2,24"),
        (["--bbox", "1,2,3"], 2, "--bbox"),
        (["--circle", "113.25,23.15"], 2, "--circle"),
        (["--circle", "113.25,23.15,x"], 2, "--circle"),
        (["--circle", "113.25,23.15,-5"], 2, "radius"),
        (["--circle", "nan,23.15,5"], 2, "circle"),
        (["none.geojson"], 2, "none.geojson"),
        (["--district", "白云区", "-o", "a.txt"], 2, "a.txt"),
        (["--district", "白云区", "--own", "none"], 2, "none"),
    ],
    ids=str,
)
def test_bad_requests(project: Path, arguments: list[str], code: int, message: str) -> None:
    result = run(project, "area", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr


def test_a_site_that_crosses_itself_is_refused_with_its_remedy(project: Path, tmp_path: Path) -> None:
    bow = shapely.Polygon([(113.24, 23.14), (113.26, 23.16), (113.26, 23.14), (113.24, 23.16)])
    result = run(project, "area", str(write_site(tmp_path, bow)))
    assert (result.exit_code, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert line.endswith("(--repair)")


def test_a_site_without_a_crs_is_refused_with_the_option_that_helps(project: Path, tmp_path: Path) -> None:
    path = tmp_path / "地块.txt"
    frame = geopandas.GeoSeries([SITE], crs=STORAGE_CRS).to_crs("EPSG:4547")
    write_text(path, "\n".join(f"{x:.3f},{y:.3f}" for x, y in frame.iloc[0].exterior.coords))
    for locale, ending in (("C", "(--crs EPSG:4547)"), ("zh_CN", "（--crs EPSG:4547）")):
        result = run(project, "area", str(path), LC_ALL=locale)
        assert result.exit_code == 2
        assert result.stderr.strip().endswith(ending)
    result = run(project, "print", "--site", str(path), "-o", str(tmp_path / "a.pdf"))
    assert result.exit_code == 2
    assert result.stderr.strip().endswith("(--site-crs EPSG:4547)")


def test_a_site_that_crosses_itself_may_be_repaired(project: Path, tmp_path: Path) -> None:
    bow = shapely.Polygon([(113.24, 23.14), (113.26, 23.16), (113.26, 23.14), (113.24, 23.16)])
    result = run(project, "area", str(write_site(tmp_path, bow)), "--repair", "--json")
    assert [one["feature_id"] for one in records(result)[1:]] == ["parks.p001", "parks.p004"]
    assert result.stderr.startswith("提示：")
    assert "修复" in result.stderr


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"LC_ALL": "zh_CN.UTF-8"}, "错误："),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "C"}, "错误："),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN.UTF-8"}, "错误："),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "Error: "),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}, "Error: "),
    ],
    ids=str,
)
def test_errors_speak_the_language_of_the_locale(
    project: Path, tmp_path: Path, environment: dict[str, str], message: str
) -> None:
    bow = shapely.Polygon([(113.24, 23.14), (113.26, 23.16), (113.26, 23.14), (113.24, 23.16)])
    result = run(project, "area", str(write_site(tmp_path, bow)), **environment)
    [line] = result.stderr.splitlines()
    assert line.startswith(message)
    assert ("自相交" in line) is (message == "错误：")
    assert run(project, "area", "--district", "火星", **environment).exit_code == 3


def test_an_error_without_chinese_words_stays_english(project: Path) -> None:
    result = run(project, "area", "--district", "白云区", "-o", "a.txt", LC_ALL="zh_CN.UTF-8")
    assert result.exit_code == 2
    assert result.stderr.startswith("错误：a.txt")


def test_nothing_there_is_no_error(project: Path) -> None:
    result = run(project, "area", "--circle", "112.5,23.5,300")
    assert result.exit_code == 0
    assert "范围内没有已收录的要素" in result.stdout
    assert "不在广州市各区之内" in result.stdout


def test_an_area_as_a_file(project: Path, tmp_path: Path) -> None:
    path = tmp_path / "结果.xlsx"
    result = run(project, "area", "--district", "白云", "-o", str(path), GZMAP_REVIEW_NUMBER="粤S001")
    assert result.stdout == f"{path}\n"
    lines = [row[0] for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)]
    assert lines[0] == AREA_TITLE[0]
    assert lines[1].startswith("范围：白云，")
    assert "审图号：粤S001" in lines[5]


def test_files_may_be_english(project: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    run(project, "area", "--district", "白云", "-o", str(path), "--lang", "en")
    assert openpyxl.load_workbook(path).worksheets[0]["A1"].value == AREA_TITLE[1]
    run(project, "between", "parks", "白云区", "--relation", "within", "-o", str(path), "--lang", "en")
    assert openpyxl.load_workbook(path).worksheets[0]["A1"].value == PAIR_TITLE[1]


def test_own_layers_take_part_and_broken_files_are_told(project: Path, local: Path) -> None:
    result = run(project, "area", "--circle", "113.25,23.15,900", "--own", str(local))
    assert result.exit_code == 0
    assert "坏.geojson" in result.stderr
    lines = result.stdout.splitlines()
    below = lines[lines.index("本单位图层：") :]
    assert any("甲地块" in line and "位于范围内" in line and "确定" in line for line in below)
    assert not any("乙地块" in line for line in lines)


def test_a_site_that_shares_an_edge_only_as_gcj02_is_told(project: Path, tmp_path: Path) -> None:
    outline = shapely.segmentize(find_district_areas(open_atlas(project))["白云区"], 0.005)
    shifted = shapely.transform(outline, lambda xy: np.column_stack(convert_to_gcj02(*xy.T)))
    path = write_site(tmp_path, shifted)
    assert "坐标可能是 GCJ-02" in run(project, "area", str(path)).stderr
    assert "坐标可能是" not in run(project, "area", str(path), "--crs", "GCJ-02").stderr
    assert "坐标可能是" not in run(project, "area", str(write_site(tmp_path, outline))).stderr


# --- between


def test_pairs_in_words(project: Path) -> None:
    lines = run(project, "between", "parks", "白云区", "--relation", "within").stdout.splitlines()
    assert lines[0] == PAIR_TITLE[0]
    assert lines[2].split() == [
        "parks.p001",
        "帽峰山",
        "位于其内",
        "districts.440111",
        "白云区",
        "确定",
        "0",
        "4.54",
        "km²",
    ]
    assert "可能（片区层面）" in lines[-2]
    assert lines[-1] == "共 3 对，确定 1 对，其余可能。"


def test_pairs_as_json_and_as_a_file(project: Path, tmp_path: Path) -> None:
    asked = ["between", "parks", "streams", "--relation", "near", "--distance-m", "7000"]
    found = records(run(project, *asked, "--json"))
    assert [(p["a_id"], p["b_id"], p["certainty"]) for p in found] == [
        ("parks.p001", "streams.s001", "certain"),
        ("parks.p004", "streams.s001", "possible"),
    ]
    path = tmp_path / "对.csv"
    assert run(project, *asked, "-o", str(path)).stdout == f"{path}\n"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == PAIR_TITLE[0]
    assert lines[1].startswith("A：parks；B：streams；关系：邻近（7000 米以内）。")
    assert len(lines) == 7 + len(found)


def test_pairs_with_own_layers(project: Path, local: Path) -> None:
    found = records(
        run(project, "between", "own.hongxian", "parks", "--relation", "within", "--own", str(local), "--json")
    )
    assert {(p["a_name"], p["b_id"]) for p in found} == {("甲地块", "parks.p001"), ("甲地块", "parks.p004")}


def test_no_pairs_is_no_error(project: Path) -> None:
    result = run(project, "between", "spots", "streams", "--relation", "crosses")
    assert (result.exit_code, "没有符合条件的要素" in result.stdout) == (0, True)
    assert run(project, "between", "spots", "streams", "--relation", "crosses", "--json").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["park", "streams", "--relation", "near"], 3, "did you mean 'parks'"),
        (["parks", "streams"], 2, "--relation"),
        (["parks", "streams", "--relation", "touches"], 2, "touches"),
        (["parks", "--relation", "near"], 2, "'B'"),
        (["parks", "streams", "--relation", "near", "--distance-m", "-1"], 2, "distance_m"),
        (["parks", "streams", "--relation", "within", "--distance-m", "5"], 2, "near only"),
    ],
    ids=str,
)
def test_bad_questions(project: Path, arguments: list[str], code: int, message: str) -> None:
    result = run(project, "between", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr


# --- at


def test_a_point_with_its_sentences(project: Path) -> None:
    lines = run(project, "at", "113.25", "23.15", "--sentences").stdout.splitlines()
    assert lines[0].startswith("要素  帽峰山")
    assert lines[1].startswith("  为什么在这里：保育【帽峰山】、白云湖")
    first, *_ = records(run(project, "at", "113.25", "23.15", "--sentences", "--json"))
    assert first["layer"] == "parks"
    assert [w["role"] for w in first["evidence"]] == ["evidence", "mention"]
    assert first["evidence"][0]["text"] == "保育帽峰山、白云湖，守护无名谷。"


def test_a_point_with_own_layers(project: Path, local: Path) -> None:
    last = run(project, "at", "113.25", "23.15", "--own", str(local)).stdout.splitlines()[-1]
    assert last.startswith("本单位  甲地块  [own.")
    assert last.endswith("在其范围内（确定）")
