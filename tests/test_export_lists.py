"""Lists for people as files: read back by other programs, under titles, never a formula."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.errors import ExportError
from gzmap.export.inventory_table import HEADS, build_inventory_table, export_inventory, say_value
from gzmap.export.lists import build_note_table, export_lists, find_edition_day
from gzmap.export.overview_table import (
    build_overview_tables,
    export_overview,
    find_place_title,
    list_overview_notes,
)
from gzmap.export.tables import build_table
from gzmap.query.accounts import CITYWIDE, OUTSIDE
from gzmap.query.inventory import find_claims, list_claims
from gzmap.query.overview import WHOLE, count_districts
from tests.makers import default_layers, edit_json, make_project

DAY = date(2025, 9, 23)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    layers = default_layers()
    layers["parks"][2]["properties"]["name"] = "=1+1"
    return read_atlas(make_project(tmp_path_factory.mktemp("lists"), layers))


def read_csv(path: Path) -> list[dict[str, str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_sheets(path: Path) -> dict[str, list[tuple]]:
    book = openpyxl.load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


# --- the inventory


def test_the_inventory_as_csv(small: Atlas, tmp_path: Path) -> None:
    path = tmp_path / "清单.csv"
    assert export_inventory(small, list_claims(small), path) == path
    rows = read_csv(path)
    assert len(rows) == len(find_claims(small))
    assert rows[0] == {
        **{"编号": "parks.p001", "名称": "帽峰山", "主题": "全部", "图层": "parks", "类别": "地点", "状态": "现状"},
        **{"所在区": "白云区", "落位": "是", "落图方法": "对照资料人工描绘", "误差(m)": "50", "引文类型": "依据"},
        **{"原文用词": "帽峰山", "原文句子": "保育帽峰山、白云湖,守护无名谷。", "章": "山水骨架", "节": "山"},
        **{"段落编号": "chp_1__sec_1__para_1", "起": "7", "止": "10"},
    }
    unplaced = rows[3]
    assert (unplaced["名称"], unplaced["落位"], unplaced["误差(m)"], unplaced["所在区"]) == ("'=1+1", "否", "", "全市")


def test_the_inventory_as_a_workbook_in_english(small: Atlas, tmp_path: Path) -> None:
    path = tmp_path / "inventory.xlsx"
    export_lists((build_inventory_table(small, find_claims(small), lang="en"),), path, title="x", day=DAY, lang="en")
    [(title, rows)] = read_sheets(path).items()
    assert title == "Inventory"
    assert rows[0] == tuple(head[3] for head in HEADS)
    assert rows[1][:6] == ("parks.p001", "帽峰山", "All", "parks", "Site", "existing")
    assert rows[4][1] == "=1+1"
    book = openpyxl.load_workbook(path)
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "n"}


def test_a_value_that_nobody_knows_stands_as_it_is() -> None:
    assert (say_value("building"), say_value("building", "en"), say_value("planned")) == (
        *("在建", "under construction"),
        "planned",
    )


def test_every_value_of_the_shipped_data_has_words(atlas: Atlas) -> None:
    table = build_inventory_table(atlas, find_claims(atlas))
    for name in ("status", "method", "role", "theme", "layer", "category"):
        assert all(not str(value).isascii() for value in table.column(name).values), name


# --- the districts


def test_the_overview_as_csv(atlas: Atlas, tmp_path: Path) -> None:
    overview = count_districts(atlas)
    path = tmp_path / "各区一览.csv"
    assert export_overview(atlas, path) == path
    rows = read_csv(path)
    assert len(rows) == len(overview.scopes) * (len(overview.places) + 2)
    first = {row["区"]: row for row in rows if row["编号"] == "all"}
    assert first["从化区"]["要素"] == "10"
    assert (first["从化区"]["已落位"], first["从化区"]["未落位"]) == ("9", "1")
    whole = first["合计（每个要素计一次）"]
    assert (whole["要素"], whole["已落位"], whole["其中示意"], whole["未落位"]) == ("203", "106", "80", "97")
    # What a reader adds up: the rows, minus the last, are the whole.
    repeats = first["各行之和多出（重复计）"]
    each = [row for name, row in first.items() if row not in (whole, repeats)]
    for column in ("要素", "已落位", "未落位"):
        assert sum(int(row[column]) for row in each) - int(repeats[column]) == int(whole[column])
    for column in ("长度合计(km)", "面积合计(km²)"):
        added = sum(float(row[column]) for row in each) - float(repeats[column])
        assert added == pytest.approx(float(whole[column]), abs=0.06 * len(each))
    assert (repeats["其中示意"], repeats["区的面积(km²)"]) == ("", "")


def test_the_overview_as_a_workbook(atlas: Atlas, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    export_overview(atlas, path)
    sheets = read_sheets(path)
    assert list(sheets) == ["全部图层", "主题", "图层组", "图层", "说明"]
    assert [row[0] for row in sheets["全部图层"][:3]] == [
        "各区一览",
        "依据：《美丽广州建设规划纲要(2025-2035年)》公开征求意见稿（2025-09-23）。广州市人民政府已于 2025-12-02 "
        "印发正式文本，内容可能与本征求意见稿不同；本项目只收录征求意见稿。",
        "非官方示意图，不作为法定依据；未经地图审核，仅限内部使用，不得公开登载。",
    ]
    assert len(sheets["全部图层"]) == 4 + 15
    assert {row[3] for row in sheets["主题"][4:]} >= {"山水骨架", "生态网络"}
    assert [row[0] for row in sheets["说明"][4:]] == list(list_overview_notes())
    again = tmp_path / "b.xlsx"
    export_overview(atlas, again)
    assert again.read_bytes() == path.read_bytes()


def test_the_overview_in_english(atlas: Atlas) -> None:
    tables = build_overview_tables(atlas, count_districts(atlas), lang="en")
    assert [t.title for t in tables] == ["All layers", "Theme", "Group", "Layer", "Notes"]
    assert "Hills and waters" in tables[1].column("scope").values
    assert len(list_overview_notes("en")) == len(list_overview_notes("zh"))
    assert "100 m" in " ".join(list_overview_notes("en"))


@pytest.mark.parametrize(
    ("place", "zh", "en"),
    [
        ("黄埔区", "黄埔区", "黄埔区"),
        (OUTSIDE, "市外", "Outside the city"),
        (CITYWIDE, "全市", "Citywide"),
        (WHOLE, "合计（每个要素计一次）", "Whole (each feature once)"),
    ],
)
def test_places_have_titles(place: str, zh: str, en: str) -> None:
    assert (find_place_title(place), find_place_title(place, "en")) == (zh, en)


# --- files


@pytest.mark.parametrize(("day", "found"), [("2025-09-23", DAY), ("", None), ("九月", None)])
def test_the_day_of_the_edition(tmp_path: Path, day: str, found: date | None) -> None:
    project = make_project(tmp_path)
    edit_json(project / "geodata/plan/meta.json", lambda meta: meta.update(edition_date=day))
    assert find_edition_day(read_atlas(project)) == found


@pytest.mark.parametrize(
    ("name", "count", "told"),
    [
        ("a.txt", 1, r"a\.txt must end in \.xlsx or \.csv; rename it"),
        ("a", 1, "must end in"),
        ("a.csv", 2, r"a\.csv cannot hold 2 tables; choose \.xlsx"),
        ("missing/a.csv", 1, "choose a folder that exists"),
    ],
)
def test_what_cannot_be_written(tmp_path: Path, name: str, count: int, told: str) -> None:
    tables = [build_note_table(["字"])] * count
    with pytest.raises(ExportError, match=told):
        export_lists(tables, tmp_path / name, title="x")
    assert list(tmp_path.iterdir()) == []


def test_a_column_without_a_title_keeps_its_name(tmp_path: Path) -> None:
    table = build_table("t", "表", "", heads=(("plain", "text", "", ""),), rows=[("甲",)])
    export_lists((table,), tmp_path / "a.CSV", title="x")
    assert read_csv(tmp_path / "a.CSV") == [{"plain": "甲"}]


def test_an_empty_list_has_a_head(small: Atlas, tmp_path: Path) -> None:
    export_lists((build_inventory_table(small, ()),), tmp_path / "a.xlsx", title="x")
    [rows] = read_sheets(tmp_path / "a.xlsx").values()
    assert rows == [tuple(head[2] for head in HEADS)]
