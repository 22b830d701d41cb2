"""Questions to the ledger: which place names, where, in which box."""

from __future__ import annotations

from pathlib import Path

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import LEDGER_FILE, TOPONYMS_FILE
from gzmap.errors import QueryError
from gzmap.ledger import dump_ledger
from gzmap.query import (
    CITYWIDE,
    OUTSIDE,
    Totals,
    count_accounts,
    find_accounts,
    find_chapter,
    find_districts,
)
from tests.makers import (
    default_layers,
    edit_json,
    make_feature,
    make_line,
    make_project,
    make_square,
    make_toponym,
    name_in_headings,
)

BOXES = ("mapped", "ambiguous", "unlocatable", "outside", "not_place", "unaccounted")


def make_ledger(root: Path) -> Path:
    """Let the list have some names of the default plan, with a line or without."""
    names = [make_toponym(name) for name in ("某市", "山水骨架", "绿色低碳", "河涌", "守护")]
    edit_json(root / TOPONYMS_FILE, lambda content: content["toponyms"].extend(names))
    document = read_atlas(root).document
    lines = [
        make_line(document, "front__line_1", "某市", "not_place"),
        make_line(document, "chp_1", "山水骨架", "outside"),
        make_line(document, "chp_1__sec_2__para_1", "河涌", "ambiguous", feature_ids=["streams.s001", "parks.p001"]),
        make_line(document, "chp_2__sec_1__para_1", "绿色低碳", "unlocatable"),
    ]
    (root / LEDGER_FILE).write_text(dump_ledger(lines), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    layers = default_layers()
    layers["parks"][2]["properties"]["name"] = "黄埔无名谷"
    layers["parks"][2]["properties"]["aliases"] = "无名谷"
    for feature in layers["spots"]:
        feature["properties"]["district"] = feature["properties"]["name"][:3]
    layers["streams"][0]["properties"]["district"] = "黄埔区|白云区"
    return read_atlas(make_ledger(make_project(tmp_path_factory.mktemp("ledger"), layers)))


def words(atlas: Atlas, **asked: object) -> list[str]:
    return [a.exact for a in find_accounts(atlas, **asked)]


def test_all_accounts_in_reading_order(small: Atlas) -> None:
    assert find_accounts(small) == small.accounts
    assert words(small)[:3] == ["某市", "山水骨架", "帽峰山"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"box": "ambiguous"}, ["河涌"]),
        ({"box": "unaccounted"}, ["守护"]),
        ({"chapter": "front"}, ["某市"]),
        ({"chapter": 2}, ["绿色低碳", "白云区", "黄埔区", "新型储能产业园", "帽峰山"]),
        ({"chapter": "2", "box": "unlocatable"}, ["绿色低碳"]),
        ({"district": OUTSIDE}, ["山水骨架"]),
        ({"district": "黄埔区"}, ["河涌", "东濠涌", "黄埔区", "新型储能产业园"]),
        ({"district": "白云区", "chapter": 1}, ["帽峰山", "白云湖", "河涌", "东濠涌"]),
        ({"box": "outside", "chapter": "front"}, []),
    ],
)
def test_accounts_by_box_chapter_and_district(small: Atlas, asked: dict, found: list[str]) -> None:
    assert words(small, **asked) == found


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"box": "lost"}, r"Box 'lost' is not in the ledger; there are mapped, ambiguous"),
        ({"chapter": 3}, r"Chapter '3' is not in the ledger; there are front, 1, 2\."),
        ({"chapter": "一"}, "Chapter '一'"),
        ({"district": "番禺区"}, r"District '番禺区' .* there are 白云区, 黄埔区, 全市, 市外\."),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(small: Atlas, asked: dict, told: str) -> None:
    with pytest.raises(QueryError, match=told):
        find_accounts(small, **asked)


def test_totals_by_box_chapter_and_district(small: Atlas) -> None:
    totals = count_accounts(small)
    assert isinstance(totals, Totals)
    assert totals.boxes == dict(zip(BOXES, (7, 1, 2, 1, 2, 1), strict=True))
    assert list(totals.chapters) == ["front", "1", "2"]
    assert totals.chapters["front"] == dict(zip(BOXES, (0, 0, 0, 0, 1, 0), strict=True))
    assert list(totals.districts) == ["白云区", "黄埔区", CITYWIDE, OUTSIDE]
    assert totals.districts["黄埔区"] == dict(zip(BOXES, (3, 1, 0, 0, 0, 0), strict=True))
    for box in BOXES:
        assert sum(counts[box] for counts in totals.chapters.values()) == totals.boxes[box]
        assert totals.boxes[box] == len(find_accounts(small, box=box))


def test_every_account_counts_where_it_is_found(small: Atlas) -> None:
    totals = count_accounts(small)
    for key, counts in totals.districts.items():
        for box in BOXES:
            assert counts[box] == len(find_accounts(small, box=box, district=key))


def test_headings_belong_to_their_chapter(tmp_path: Path) -> None:
    atlas = read_atlas(name_in_headings(make_project(tmp_path)))
    found = {a.passage_id: find_chapter(a) for a in atlas.accounts if a.exact == "帽峰山"}
    assert {i: found[i] for i in ("front__line_1", "chp_1__sec_1", "chp_2")} == {
        **{"front__line_1": "front", "chp_1__sec_1": "1", "chp_2": "2"},
    }


def test_districts_of_what_is_not_located_are_those_that_the_words_name(tmp_path: Path) -> None:
    layers = {
        "districts": default_layers()["districts"],
        "parks": [
            make_feature("parks.p001", "帽峰山", None),
            make_feature("parks.p002", "白云湖", None),
            make_feature("parks.p003", "无名谷", make_square(114.0, 23.1)),
        ],
    }
    atlas = read_atlas(make_project(tmp_path, layers))
    found = {a.exact: find_districts(atlas, a) for a in atlas.accounts}
    assert found["白云湖"] == ("白云区",)
    assert found["帽峰山"] == found["三河六岸"] == (CITYWIDE,)
    assert found["无名谷"] == (OUTSIDE,), "drawn, and in no district"


def test_without_districts_everything_is_citywide(tmp_path: Path) -> None:
    atlas = read_atlas(make_project(tmp_path, {"parks": [make_feature("parks.p001", "帽峰山", None)]}))
    assert list(count_accounts(atlas).districts) == [CITYWIDE, OUTSIDE]


def test_the_shipped_ledger_adds_up(atlas: Atlas) -> None:
    totals = count_accounts(atlas)
    assert sum(totals.boxes.values()) == len(atlas.accounts)
    assert list(totals.chapters) == ["front", *map(str, range(1, 10))]
    assert len(totals.districts) == 11 + 2
