"""The command that accounts for the place names."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from gzmap.cli.accounts import BOXES
from gzmap.config import BOXES as ALL_BOXES
from gzmap.config import LEDGER_FILE
from gzmap.ledger import UNACCOUNTED
from tests import cli_runner
from tests.cli_runner import records
from tests.makers import edit_json, make_project, make_toponym, write_text


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "项目")


def run(project: Path, *arguments: str, **environment: str) -> Result:
    return cli_runner.run(project, "ledger", *arguments, **environment)


def test_every_box_has_its_chinese_name() -> None:
    assert list(BOXES) == [*ALL_BOXES, UNACCOUNTED]


def test_accounts_are_told_by_chapter_then_totals(project: Path) -> None:
    lines = run(project).stdout.splitlines()
    assert lines[:4] == [
        "第一章 山水骨架",
        "  已落图  帽峰山  [chp_1__sec_1__para_1:7-10]  帽峰山 [parks.p001]",
        "  已落图  白云湖  [chp_1__sec_1__para_1:11-14]  白云湖 [parks.p002]",
        "  未能落位  无名谷  [chp_1__sec_1__para_1:17-20]  无名谷 [parks.p003]",
    ]
    assert "  非具体地点  三河六岸  [chp_1__sec_2__para_1:13-17]  不是地物" in lines
    tail = "白云区新型储能产业园 [spots.b001]、黄埔区新型储能产业园 [spots.b002]"
    assert f"  已落图  新型储能产业园  [chp_2__sec_1__para_1:26-33]  {tail}" in lines
    tables = [line.split() for line in lines]
    assert ["章", *BOXES.values(), "合计"] in tables
    assert ["文前", "—", "—", "—", "—", "—", "—", "—"] in tables
    assert ["第一章", "3", "—", "1", "—", "1", "—", "5"] in tables
    assert ["全文", "7", "—", "1", "—", "1", "—", "9"] in tables
    assert ["区", *BOXES.values(), "合计"] in tables
    assert [row[0] for row in tables[-5:-1]] == ["白云区", "黄埔区", "全市", "市外"]


def test_json_has_one_account_per_line_and_no_totals(project: Path) -> None:
    found = records(run(project, "--json"))
    assert len(found) == 9
    assert found[2] == {
        **{"passage_id": "chp_1__sec_1__para_1", "start": 17, "end": 20, "exact": "无名谷", "toponym": "无名谷"},
        **{"box": "unlocatable", "feature_ids": ["parks.p003"], "reason": "", "by": "feature", "districts": ["全市"]},
    }


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--box", "not_place"], ["三河六岸"]),
        (["--chapter", "2", "--box", "mapped"], ["白云区", "黄埔区", "新型储能产业园", "帽峰山"]),
        (["--chapter", "front"], []),
        (["--district", "白云区", "--chapter", "1"], ["帽峰山", "白云湖"]),
    ],
)
def test_a_part_of_the_ledger(project: Path, arguments: list[str], found: list[str]) -> None:
    assert [a["exact"] for a in records(run(project, "--json", *arguments))] == found


def test_totals_stay_those_of_the_whole(project: Path) -> None:
    told = run(project, "--box", "not_place").stdout
    assert "三河六岸" in told
    assert "帽峰山" not in told
    assert ["全文", "7", "—", "1", "—", "1", "—", "9"] in [line.split() for line in told.splitlines()]


def test_what_nobody_speaks_of_is_told(project: Path) -> None:
    edit_json(project / "layers/toponyms.json", lambda content: content["toponyms"].append(make_toponym("某市")))
    assert run(project, "--box", "unaccounted").stdout.splitlines()[:2] == [
        "文前",
        "  未入账  某市  [front__line_1:0-2]",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--chapter", "9"], "Chapter '9' is not in the ledger; there are front, 1, 2."),
        (["--district", "天河区"], "District '天河区' is not in the ledger"),
        (["--box", "lost"], "'lost' is not one of"),
    ],
)
def test_what_does_not_exist_is_refused(project: Path, arguments: list[str], words: str) -> None:
    result = run(project, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_a_broken_ledger_is_told_with_its_line(project: Path) -> None:
    write_text(project / LEDGER_FILE, "\n{}\n")
    result = run(project)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "ledger.jsonl: line 2: must be one object" in result.stderr
