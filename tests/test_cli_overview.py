"""The commands overview, inventory, mine and cite."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from gzmap.cli.overview import NOTES
from gzmap.query import citations
from tests.cli_runner import records, run
from tests.makers import edit_json, make_project, write_text


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "项目")


# --- overview


def test_overview_counts_the_districts(project: Path) -> None:
    lines = run(project, "overview").stdout.splitlines()
    rows = {line.split()[0]: line.split()[2:] for line in lines[:6]}
    assert rows["区"][:5] == ["要素", "落位", "示意", "写明", "未落位"]
    assert rows["白云区"] == ["3", "3", "1", "1", "—", "—", "—", "9.07", "9.07"]
    assert rows["黄埔区"] == ["2", "2", "—", "—", "—", "8.9", "8.9", "—", "—"]
    assert rows["全市"] == ["1", "—", "—", "—", "1", "—", "—", "—", "—"]
    assert rows["合计（每个要素计一次）"][:2] == ["6", "5"]
    assert lines[6] == "各行之和比合计多 0 个要素、0.0 km：跨区的重复计。"


def test_overview_of_one_district_by_layer(project: Path) -> None:
    lines = run(project, "overview", "--by", "layer", "--district", "黄埔区").stdout.splitlines()
    assert [line.split()[:3] for line in lines[1:4]] == [
        *(["黄埔区", "parks", "—"], ["黄埔区", "streams", "1"], ["黄埔区", "spots", "1"])
    ]


def test_overview_as_json(project: Path) -> None:
    told = records(run(project, "overview", "--json"))
    assert [t["place"] for t in told] == ["白云区", "黄埔区", "市外", "全市", "whole"]
    assert told[1] | {"km": 0, "net_km": 0} == {
        **{"place": "黄埔区", "kind": "all", "id": "all", "features": 2, "ids": ["streams.s001", "spots.b002"]},
        **{"located": 2, "named": 0, "unlocated": 0, "schematic": 0, "km": 0, "km2": 0.0, "net_km": 0, "net_km2": 0.0},
    }
    assert told[1]["km"] == pytest.approx(8.86, abs=0.01)


def test_overview_as_files(project: Path, tmp_path: Path) -> None:
    sheet, plain = tmp_path / "各区.xlsx", tmp_path / "各区.csv"
    assert run(project, "overview", "-o", str(sheet)).stdout == f"{sheet}\n"
    assert openpyxl.load_workbook(sheet).sheetnames == ["全部图层", "主题", "图层组", "图层", "说明"]
    assert openpyxl.load_workbook(sheet).properties.created.date() == date(2025, 1, 1)
    run(project, "overview", "-o", str(plain))
    with plain.open(encoding="utf-8-sig", newline="") as file:
        assert [row["区"] for row in csv.DictReader(file)][:2] == ["白云区", "黄埔区"]


def test_a_plan_without_a_date_is_written_all_the_same(project: Path, tmp_path: Path) -> None:
    edit_json(project / "geodata/plan/meta.json", lambda meta: meta.pop("edition_date"))
    assert run(project, "overview", "-o", str(tmp_path / "a.xlsx")).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("overview", "--district", "白云"), 3, "'白云区'"),
        (("overview", "--by", "street"), 2, "street"),
        (("overview", "-o", "a.pdf"), 2, ".xlsx or .csv"),
        (("inventory", "--layer", "park"), 2, "there are parks"),
        (("inventory", "--sort", "size"), 2, "'size'"),
        (("inventory", "--status", "done"), 2, "done"),
        (("mine",), 2, "Give one of a district"),
        (("mine", "乌有之乡"), 3, "乌有之乡"),
        (("mine", "--district", "白云山"), 3, "did you mean '白云区'"),
        (("mine", "--at", "200", "1"), 2, "longitude"),
        (("cite", "parks.p999"), 3, "did you mean 'parks.p00"),
        (("cite", "parks.p001", "--link", "x"), 2, "is no address"),
        (("cite", "parks.p001", "--accessed", "22.11."), 2, "22.11."),
    ],
)
def test_bad_requests_have_exit_codes(project: Path, arguments: tuple[str, ...], code: int, told: str) -> None:
    result = run(project, *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert told in result.stderr


def test_broken_districts_are_named(project: Path) -> None:
    write_text(project / "geodata/districts.geojson", "{")
    for arguments in (("overview",), ("inventory",), ("mine", "--district", "白云区")):
        result = run(project, *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "districts.geojson" in result.stderr


# --- inventory


def test_inventory_lists_every_mention(project: Path) -> None:
    first, *middle, last = run(project, "inventory").stdout.splitlines()
    assert first.split() == ["编号", "名称", "状态", "方法", "误差(m)", "所在区", "引文类型", "段落", "原文用词"]
    assert [line.split()[0] for line in middle[:3]] == ["parks.p001", "parks.p001", "parks.p002"]
    assert last == "共 9 行，6 个要素。用 -o 清单.xlsx 写出全部 18 列，包括原文句子。"


def test_inventory_filtered_and_sorted(project: Path) -> None:
    asked = ("--layer", "spots", "--layer", "parks", "--located", "--role", "evidence", "--sort", "-accuracy_m")
    told = records(run(project, "inventory", *asked, "--json"))
    assert [(t["feature_id"], t["exact"]) for t in told] == [
        *(("spots.b001", "白云区"), ("spots.b001", "新型储能产业园"), ("parks.p002", "白云湖")),
        *(("spots.b002", "黄埔区"), ("spots.b002", "新型储能产业园"), ("parks.p001", "帽峰山")),
    ]
    assert told[2]["sentence"] == "保育帽峰山、白云湖,守护无名谷。"
    assert [t["feature_id"] for t in records(run(project, "inventory", "--unlocated", "--json"))] == ["parks.p003"]
    assert records(run(project, "inventory", "--text", "没有这个", "--json")) == []


def test_inventory_as_a_workbook(project: Path, tmp_path: Path) -> None:
    path = tmp_path / "清单.xlsx"
    run(project, "inventory", "--district", "黄埔区", "-o", str(path))
    rows = list(openpyxl.load_workbook(path)["清单"].iter_rows(values_only=True))
    assert [row[0] for row in rows] == [
        *("清单", "依据：《某市建设规划》征求意见稿（2025-01-01）。"),
        "非官方示意图，不作为法定依据；未经地图审核，仅限内部使用，不得公开登载。",
        *("编号", "streams.s001", "spots.b002", "spots.b002"),
    ]
    run(project, "inventory", "--review-number", "粤S(2026)1号", "-o", str(path))
    assert openpyxl.load_workbook(path)["清单"]["A3"].value == "非官方示意图，不作为法定依据；审图号：粤S(2026)1号。"


# --- mine


def test_mine_tells_in_plain_words(project: Path) -> None:
    told = run(project, "mine", "--district", "黄埔区").stdout
    assert told.splitlines()[0] == "黄埔区"
    assert "黄埔区（2）  只与黄埔区有关。" in told
    assert "    东濠涌（黄埔区）：地点，现在已有。" in told
    assert "      “统筹三条河涌。" not in told
    assert "      “整治东濠涌和三河六岸，恢复生机。”（chp_1__sec_2__para_1）" in told
    assert told.rstrip().endswith("根据2025-01-01的征求意见稿整理；地图只作示意，不能作为办事的依据。")


def test_mine_of_a_place_and_of_a_position(project: Path) -> None:
    typed = run(project, "mine", "mfs").stdout.splitlines()
    assert (typed[0], typed[2]) == ("帽峰山", "您查的地方（1）")
    told = run(project, "mine", "--at", "113.25", "23.15", "--radius-m", "20", "--lang", "en").stdout
    assert "Here and close by（1）  Within 20 m of the position you chose" in told
    assert "The position you chose is inside." in told


def test_mine_as_json(project: Path) -> None:
    told = records(run(project, "mine", "--district", "白云区", "--json"))
    assert [(t["feature_id"], t["scope"]) for t in told] == [
        *(("parks.p001", "district"), ("parks.p002", "district"), ("spots.b001", "district"), ("parks.p003", "city"))
    ]
    assert told[0]["quotes"][0]["sentence"] == "保育帽峰山、白云湖,守护无名谷。"
    assert told[0]["plain"]["headline"] == "帽峰山（白云区）：地点，现在已有。"


# --- cite


def test_cite_a_feature(project: Path) -> None:
    link = "https://map.example.cn/?feature=parks.p001"
    lines = run(project, "cite", "parks.p001", "--accessed", "2026-11-22", "--link", link).stdout.splitlines()
    assert lines == [
        f"某局. 某市建设规划：征求意见稿[EB/OL]. （2025-01-01）[2026-11-22]. {link}.",
        "  引文位置：第一章（一）第1段（chp_1__sec_1__para_1）",
        "    “保育帽峰山、白云湖，守护无名谷。”",
        f"美丽广州规划地图：帽峰山（parks.p001）[EB/OL]. （2026-11-22）[2026-11-22]. {link}.",
        "  注：责任者不详，按顺序编码制略去；著者—出版年制写“佚名”",
    ]


def test_cite_a_paragraph_today(project: Path) -> None:
    [told] = records(run(project, "cite", "chp_1__sec_1__para_1", "--edition", "2015", "--json"))
    assert told["shown"] is None
    assert told["plan"]["text"].startswith("某局. 某市建设规划: 征求意见稿[EB/OL]. (2025-01-01)[20")
    assert told["plan"]["notes"] == ["no_path"]


def test_the_notes_of_a_citation_may_be_english(project: Path) -> None:
    zh, en = (
        run(project, "cite", "parks.p001", "--accessed", "2026-11-22", "--lang", lang).stdout.splitlines()
        for lang in ("zh", "en")
    )
    assert [line for line in zh if not line.startswith("  ")] == [line for line in en if not line.startswith("  ")]
    assert [line for line in en if line.startswith("  Note: ")] == [
        f"  Note: {NOTES[note][1]}" for note in ("no_path", "no_author", "no_path")
    ]
    assert any(line.startswith("  Place of the words: 第一章") for line in en)
    assert not any("注：" in line for line in en)


def test_a_list_may_be_written_in_english(project: Path, tmp_path: Path) -> None:
    for command, title in (("overview", "Districts at a glance"), ("inventory", "Inventory")):
        path = tmp_path / f"{command}.xlsx"
        assert run(project, command, "-o", str(path), "--lang", "en").exit_code == 0
        assert openpyxl.load_workbook(path).worksheets[0]["A1"].value == title


def test_every_note_has_words() -> None:
    assert set(NOTES) == set(citations.NOTES)
    for zh, en in NOTES.values():
        assert not zh.isascii()
        assert en.replace("“佚名”", "").isascii()
