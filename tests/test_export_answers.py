"""Answers about areas and pairs as files: read back by other programs, titled, dated, never a formula."""

from __future__ import annotations

import csv
from pathlib import Path

import geopandas
import openpyxl
import pytest
import shapely

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import AREA_TITLE, STORAGE_CRS
from gzmap.errors import ExportError
from gzmap.export import answer_words
from gzmap.export.answers import (
    DISTRICTS,
    FEATURES,
    PAIRS,
    SENTENCES,
    TOTALS,
    UNLOCATED,
    build_area_tables,
    build_pair_table,
    export_area,
    export_pairs,
)
from gzmap.export.sheets import CELL_CHARS
from gzmap.own import open_own
from gzmap.query import AreaAnswer, find_between, find_evidence, find_in_area
from gzmap.query.between import RELATIONS as PAIR_RELATIONS
from gzmap.query.overlaps import RELATIONS
from tests.makers import default_layers, make_feature, make_project, make_square

AREA = shapely.box(113.2, 23.1, 113.33, 23.2)
FORMULA = '=HYPERLINK("http://x","y")'
LEAD = 6
"""Lines above the heads."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    layers = default_layers()
    layers["parks"][0]["properties"]["name"] = FORMULA
    layers["parks"][2]["properties"].update(district="白云区", notes="-1+1")
    layers["parks"].append(make_feature("parks.p004", "大片", make_square(113.21, 23.11), accuracy_m=9_000))
    return read_atlas(make_project(tmp_path_factory.mktemp("answers"), layers))


@pytest.fixture(scope="module")
def answer(small: Atlas) -> AreaAnswer:
    return find_in_area(small, AREA)


def read_csv(path: Path) -> list[list[str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def read_sheets(path: Path) -> dict[str, list[tuple]]:
    book = openpyxl.load_workbook(path)
    assert not any(cell.data_type == "f" for sheet in book for row in sheet for cell in row)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


# --- areas


def test_an_answer_as_a_workbook(small: Atlas, answer: AreaAnswer, tmp_path: Path) -> None:
    path = tmp_path / "结果.xlsx"
    assert export_area(small, answer, path, place="某地块") == path
    sheets = read_sheets(path)
    assert list(sheets) == ["涉及要素", "纲要原文", "汇总", "所在区", "所在区内未能落位"]
    for rows, heads in zip(sheets.values(), (FEATURES, SENTENCES, TOTALS, DISTRICTS, UNLOCATED), strict=True):
        assert rows[0][0] == AREA_TITLE[0]
        assert rows[1][0].startswith("范围：某地块，")
        assert rows[LEAD] == tuple(head[2] for head in heads)
    assert len(sheets["涉及要素"]) == LEAD + 1 + len(answer.rows)
    assert sheets["所在区"][-1][0] == "黄埔区"
    assert sheets["所在区内未能落位"][-1] == ("parks.p003", "无名谷", "parks", "白云区", "-1+1")


def test_the_title_says_what_the_answer_is_not() -> None:
    assert AREA_TITLE[0] == "纲要涉及内容查询（非规划符合性审查意见，不能替代“三区三线”及法定规划核查）"


def test_a_row_says_how_the_feature_lies(small: Atlas, answer: AreaAnswer) -> None:
    table, sentences, totals, _, _ = build_area_tables(small, answer)
    names = [column.title for column in table.columns]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*(c.values for c in table.columns), strict=True)]
    park, stream = rows[0], rows[1]
    assert {
        key: park[key] for key in ("编号", "名称", "图层", "类别", "状态", "关系", "是否涉及", "精度提示", "误差(m)")
    } == {
        **{"编号": "parks.p001", "名称": FORMULA, "图层": "parks", "类别": "地点", "状态": "现状"},
        **{"关系": "位于范围内", "是否涉及": "确定", "精度提示": "", "误差(m)": 50},
    }
    assert (park["单位"], park["占该要素(%)"], park["来自"]) == ("km²", 100.0, "纲要")
    assert (park["纲要原文"], park["原文位置"]) == ("保育帽峰山、白云湖，守护无名谷。", "山水骨架 › 山")
    assert (stream["编号"], stream["单位"], stream["占范围(%)"]) == ("streams.s001", "km", None)
    notes = {row["编号"]: row["精度提示"] for row in rows}
    assert (notes["parks.p002"], notes["parks.p004"]) == ("示意", "片区层面涉及")
    assert sum(totals.column("count").values) == len(rows)
    assert sentences.column("id").values.count("parks.p001") == len(find_evidence(small, "parks.p001"))


def test_the_same_sentence_stands_once(small: Atlas, answer: AreaAnswer) -> None:
    """Two words of one sentence justify this feature."""
    sentences = build_area_tables(small, answer)[1]
    assert len(find_evidence(small, "spots.b001")) == 2
    assert sentences.column("id").values.count("spots.b001") == 1


def test_what_only_touches_shares_nothing_in_the_table(small: Atlas) -> None:
    table = build_area_tables(small, find_in_area(small, shapely.box(113.26, 23.14, 113.265, 23.16)))[0]
    row = {column.name: column.values[0] for column in table.columns}
    assert (row["relation"], row["certainty"]) == ("紧邻范围", "可能")
    assert (row["measure"], row["unit"], row["share"], row["cover"]) == (None, "", None, None)


def test_an_answer_as_csv_has_the_features_alone(small: Atlas, answer: AreaAnswer, tmp_path: Path) -> None:
    rows = read_csv(export_area(small, answer, tmp_path / "结果.csv"))
    assert [len(row) for row in rows[:LEAD]] == [1] * LEAD
    assert rows[0] == [AREA_TITLE[0]]
    assert rows[LEAD] == [head[2] for head in FEATURES]
    assert [row[0] for row in rows[LEAD + 1 :]] == [row.feature_id for row in answer.rows]
    assert rows[LEAD + 1][1] == f"'{FORMULA}"


def test_the_lines_above_tell_edition_crs_and_what_it_is_not(small: Atlas, answer: AreaAnswer) -> None:
    title, area, edition, measures, certain, unofficial = answer_words.list_area_lead(small, answer, place="甲")
    assert (title, area.startswith("范围：甲，")) == (AREA_TITLE[0], True)
    assert "所在区：白云区 " in area
    assert edition == "依据：《某市建设规划》征求意见稿（2025-01-01）。"
    assert "EPSG:4326" in measures
    assert "EPSG:4547" in measures
    assert "2 km" in certain
    assert unofficial == "非官方示意图，不作为法定依据；未经地图审核，仅限内部使用，不得公开登载。"
    assert answer_words.list_area_lead(small, answer, review_number="粤S（2025）001号")[-1] == (
        "非官方示意图，不作为法定依据；审图号：粤S（2025）001号。"
    )


def test_the_formal_edition_is_named(atlas: Atlas) -> None:
    answer = find_in_area(atlas, AREA)
    assert "2025-12-02" in answer_words.list_area_lead(atlas, answer)[2]
    assert "2025-12-02" in answer_words.list_area_lead(atlas, answer, lang="en")[2]


def test_an_answer_in_english(small: Atlas, answer: AreaAnswer, tmp_path: Path) -> None:
    rows = read_csv(export_area(small, answer, tmp_path / "a.csv", lang="en"))
    assert rows[0] == [AREA_TITLE[1]]
    assert rows[LEAD] == [head[3] for head in FEATURES]
    assert "lies within the area" in rows[LEAD + 1]
    assert rows[5] == [
        "Unofficial sketch, without legal force; map not reviewed, for internal use only, not for publication."
    ]
    sheets = read_sheets(export_area(small, answer, tmp_path / "a.xlsx", lang="en"))
    assert list(sheets) == ["Features", "Words of the plan", "Totals", "Districts", "Not located"]


def test_an_empty_answer_is_a_workbook_too(small: Atlas, tmp_path: Path) -> None:
    nothing = find_in_area(small, shapely.box(112.5, 23.5, 112.51, 23.51))
    (rows,) = read_sheets(export_area(small, nothing, tmp_path / "空.xlsx")).values()
    assert len(rows) == LEAD + 1
    assert "不在广州市各区之内" in rows[1][0]


def test_own_features_stand_under_their_layer_s_title(small: Atlas, tmp_path: Path) -> None:
    folder = tmp_path / "local"
    folder.mkdir()
    names = ["@SUM(1)", "长" * (CELL_CHARS + 10)]
    shapes = [shapely.box(113.245, 23.145, 113.255, 23.155)] * 2
    frame = geopandas.GeoDataFrame({"名称": names}, geometry=shapes, crs=STORAGE_CRS)
    frame.to_file(folder / "红线.geojson", driver="GeoJSON")
    (layer,) = open_own(folder).layers
    answer = find_in_area(small, AREA, own=[layer])
    rows = read_sheets(export_area(small, answer, tmp_path / "own.xlsx"))["涉及要素"]
    own = [row for row in rows[LEAD + 1 :] if row[0].startswith(layer.layer_id)]
    assert {(row[2], row[12 + 1]) for row in own} == {("红线", "本单位图层")}
    assert "".join(row[1] for row in own if row[1].startswith("长")) == names[1]
    (row,) = (row for row in own if row[1].startswith("@"))
    assert row[1] == "@SUM(1)"
    lines = read_csv(export_area(small, answer, tmp_path / "own.csv"))
    assert [line[1] for line in lines if line[1:2] == ["'@SUM(1)"]] == ["'@SUM(1)"]


@pytest.mark.parametrize("name", ["a.txt", "a", "none/a.xlsx"])
def test_bad_targets_are_refused(small: Atlas, answer: AreaAnswer, tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError):
        export_area(small, answer, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_the_same_answer_gives_the_same_bytes(small: Atlas, answer: AreaAnswer, tmp_path: Path) -> None:
    one, two = (export_area(small, answer, tmp_path / f"{n}.xlsx").read_bytes() for n in "ab")
    assert one == two


# --- pairs


def test_pairs_as_files(small: Atlas, tmp_path: Path) -> None:
    lead = answer_words.list_pair_lead(small, ("parks", "districts", "within", 0.0))
    found = find_between(small, "parks", "districts", relation="within")
    (rows,) = read_sheets(export_pairs(small, found, tmp_path / "a.xlsx", lead=lead)).values()
    assert rows[0][0] == answer_words.PAIR_TITLE[0]
    assert "三区三线" in rows[0][0]
    assert rows[1][0] == "A：parks；B：districts；关系：位于其内。"
    assert rows[LEAD] == tuple(head[2] for head in PAIRS)
    first = dict(zip(rows[LEAD], rows[LEAD + 1], strict=True))
    assert (first["A 编号"], first["B 名称"], first["关系"], first["确定性"]) == (
        "parks.p001",
        "白云区",
        "位于其内",
        "确定",
    )
    assert (first["A 名称"], first["单位"], first["占 A(%)"], first["距离(m)"]) == (FORMULA, "km²", 100, 0)
    lines = read_csv(export_pairs(small, found, tmp_path / "a.csv", lead=lead))
    assert lines[LEAD + 1][1] == f"'{FORMULA}"
    assert len(lines) == len(rows) == LEAD + 1 + len(found)


def test_pairs_in_english(small: Atlas, tmp_path: Path) -> None:
    lead = answer_words.list_pair_lead(small, ("parks", "districts", "within", 0.0), lang="en")
    found = find_between(small, "parks", "districts", relation="within")
    (rows,) = read_sheets(export_pairs(small, found, tmp_path / "a.xlsx", lead=lead, lang="en")).values()
    assert rows[0][0] == answer_words.PAIR_TITLE[1]
    assert rows[LEAD] == tuple(head[3] for head in PAIRS)
    assert (rows[LEAD + 1][3], rows[LEAD + 1][7]) == ("lies within", "certain")


def test_the_distance_is_part_of_the_question(small: Atlas) -> None:
    lead = answer_words.list_pair_lead(small, ("a", "b", "near", 1_500.0), lang="zh")
    assert lead[1] == "A：a；B：b；关系：邻近（1500 米以内）。"
    assert answer_words.list_pair_lead(small, ("a", "b", "near", 250.0), lang="en")[1].endswith(
        "is near (within 250 m)."
    )


def test_pairs_that_do_not_meet_share_nothing(small: Atlas) -> None:
    found = find_between(small, "parks.p001", "parks.p002", relation="near", distance_m=9_000)
    table = build_pair_table(small, found, own_titles={}, lang="en")
    row = {column.name: column.values[0] for column in table.columns}
    assert (row["measure"], row["unit"], row["certainty"]) == (None, "", "possible")
    assert row["distance_m"] > 1_000


# --- words


def test_every_relation_has_words_in_two_languages() -> None:
    assert set(answer_words.RELATIONS) == set(RELATIONS)
    assert set(answer_words.PAIR_RELATIONS) == {*PAIR_RELATIONS, "near"}
    tables = (answer_words.RELATIONS, answer_words.PAIR_RELATIONS, answer_words.CERTAINTIES, answer_words.STATUSES)
    for zh, en in (words for table in tables for words in table.values()):
        assert not zh.isascii()
        assert en.isascii()


@pytest.mark.parametrize("heads", [FEATURES, SENTENCES, TOTALS, DISTRICTS, UNLOCATED, PAIRS])
def test_no_two_columns_are_called_the_same(heads: tuple) -> None:
    for position in (0, 2, 3):
        names = [head[position] for head in heads]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(("km2", "text"), [(0.00012, "0.0001 km²"), (0.99996, "1.0000 km²"), (12.345, "12.35 km²")])
def test_small_areas_have_more_decimals(km2: float, text: str) -> None:
    assert answer_words.format_km2(km2) == text
