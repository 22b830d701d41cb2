"""The inventory: every feature with every place in the text that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.errors import QueryError
from gzmap.query import find_evidence
from gzmap.query.accounts import CITYWIDE, OUTSIDE
from gzmap.query.inventory import Claim, Filters, find_claims, list_claims
from gzmap.query.shares import find_shares
from tests.makers import default_layers, make_feature, make_project, make_square, name_in_headings


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    layers = default_layers()
    layers["parks"][1]["properties"].update(status="proposed", aliases="云湖公园")
    layers["parks"].append(make_feature("parks.p004", "邻市园", make_square(113.5, 23.1), accuracy_m=90))
    return read_atlas(make_project(tmp_path_factory.mktemp("inventory"), layers))


def rows(atlas: Atlas, *order: str, **wanted: object) -> list[tuple[str, str]]:
    return [(c.feature_id, c.exact) for c in list_claims(atlas, filters=Filters(**wanted), order=order)]


def ids(atlas: Atlas, *order: str, **wanted: object) -> list[str]:
    return list(dict.fromkeys(feature_id for feature_id, _ in rows(atlas, *order, **wanted)))


ALL = [
    *(("parks.p001", "帽峰山"), ("parks.p001", "帽峰山"), ("parks.p002", "白云湖"), ("parks.p003", "无名谷")),
    *(("parks.p004", ""), ("streams.s001", "东濠涌"), ("spots.b001", "白云区"), ("spots.b001", "新型储能产业园")),
    *(("spots.b002", "黄埔区"), ("spots.b002", "新型储能产业园")),
]


def test_every_feature_with_every_mention_in_catalogue_order(small: Atlas) -> None:
    assert rows(small) == ALL
    assert [c.role for c in list_claims(small)[:2]] == ["evidence", "mention"]


def test_a_claim_in_full(small: Atlas) -> None:
    assert find_claims(small)[2] == Claim(
        **{"feature_id": "parks.p002", "name": "白云湖", "theme": "all", "group": "parks", "layer": "parks"},
        **{"category": "site", "status": "proposed", "method": "schematic", "accuracy_m": 300, "located": True},
        **{"districts": ("白云区",), "role": "evidence", "para_id": "chp_1__sec_1__para_1", "chapter": "1"},
        **{"heading": "山水骨架", "section": "山", "start": 11, "end": 14, "exact": "白云湖"},
        sentence="保育帽峰山、白云湖,守护无名谷。",
    )


def test_without_words_there_is_one_claim_without_words(small: Atlas) -> None:
    [claim] = list_claims(small, filters=Filters(text="邻市园"))
    assert (claim.role, claim.para_id, claim.start, claim.sentence, claim.districts) == ("", "", None, "", (OUTSIDE,))


def test_headings_and_front_matter_are_claims_too(tmp_path: Path) -> None:
    atlas = read_atlas(name_in_headings(make_project(tmp_path)))
    named = [c for c in find_claims(atlas) if c.feature_id == "parks.p001"]
    assert [(c.role, c.para_id, c.chapter) for c in named] == [
        ("evidence", "chp_1__sec_1__para_1", "1"),
        *(("mention", "front__line_1", "front"), ("mention", "chp_1__sec_1", "1"), ("mention", "chp_2", "2")),
        ("mention", "chp_2__sec_1__para_1", "2"),
    ]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"themes": ("all",)}, ["parks.p001", "parks.p002", "parks.p003", "parks.p004", "streams.s001"]),
        ({"layers": ("streams", "spots")}, ["streams.s001", "spots.b001", "spots.b002"]),
        ({"statuses": ("proposed",)}, ["parks.p002"]),
        ({"methods": ("schematic",), "statuses": ("existing",)}, []),
        ({"districts": ("黄埔区",)}, ["streams.s001", "spots.b002"]),
        ({"districts": (OUTSIDE, CITYWIDE)}, ["parks.p003", "parks.p004"]),
        ({"located": False}, ["parks.p003"]),
        ({"chapters": ("2",)}, ["parks.p001", "spots.b001", "spots.b002"]),
        ({"roles": ("mention",)}, ["parks.p001"]),
        ({"chapters": ("front",)}, []),
        # names, aliases, other scripts, pinyin and initials; the words of the plan
        ({"text": "帽峯山"}, ["parks.p001", "parks.p002", "parks.p003", "spots.b001", "spots.b002"]),
        ({"text": "云湖公园"}, ["parks.p002"]),
        ({"text": "baiyunhu"}, ["parks.p002"]),
        ({"text": "Maofeng"}, ["parks.p001"]),
        ({"text": "河岸"}, []),
        ({"text": "三河六岸"}, ["streams.s001"]),
        ({"text": " ，"}, ["parks.p001", "parks.p002", "parks.p003", "parks.p004", "streams.s001"]),
        ({"text": "儲能", "districts": ("白云区",)}, ["parks.p001", "spots.b001"]),
    ],
)
def test_filters(small: Atlas, wanted: dict, found: list[str]) -> None:
    assert ids(small, **wanted)[: max(len(found), 1)] == found


def test_a_sentence_is_found_row_by_row(small: Atlas) -> None:
    # 帽峰山 is named in two sentences, but only one of them speaks of 储能.
    assert rows(small, text="储能", layers=("parks",)) == [("parks.p001", "帽峰山")]
    assert list_claims(small, filters=Filters(text="储能", layers=("parks",)))[0].role == "mention"


@pytest.mark.parametrize(
    ("order", "found"),
    [
        # by pinyin: baiyunhu, baiyunqu…, donghaochong, huangpu…, linshiyuan, maofengshan, wuminggu
        (
            ("name",),
            ["parks.p002", "spots.b001", "streams.s001", "spots.b002", "parks.p004", "parks.p001", "parks.p003"],
        ),
        (
            ("-accuracy_m",),
            ["spots.b001", "parks.p002", "streams.s001", "spots.b002", "parks.p004", "parks.p001", "parks.p003"],
        ),
        (
            ("accuracy_m",),
            ["parks.p001", "parks.p004", "spots.b002", "streams.s001", "parks.p002", "spots.b001", "parks.p003"],
        ),
        (
            ("-status", "feature_id"),
            ["parks.p002", "parks.p001", "parks.p003", "parks.p004", "spots.b001", "spots.b002", "streams.s001"],
        ),
        (
            ("districts", "-layer"),
            ["spots.b001", "parks.p001", "parks.p002", "spots.b002", "streams.s001", "parks.p004", "parks.p003"],
        ),
    ],
)
def test_sorted(small: Atlas, order: tuple[str, ...], found: list[str]) -> None:
    assert ids(small, *order) == found


def test_sorting_keeps_the_order_of_what_is_equal_both_ways(small: Atlas) -> None:
    assert rows(small, "theme") == rows(small, "-theme") == ALL
    backwards = [c.para_id for c in list_claims(small, order=("-para_id",))]
    assert backwards[0] == "chp_2__sec_1__para_1"
    assert backwards[-2:] == ["chp_1__sec_1__para_1", ""]


def test_a_status_that_nobody_knows_is_sorted_last(tmp_path: Path) -> None:
    layers = default_layers()
    layers["parks"][0]["properties"]["status"] = "planned"
    assert ids(read_atlas(make_project(tmp_path, layers)), "status")[-1] == "parks.p001"


@pytest.mark.parametrize(
    ("wanted", "order", "told"),
    [
        ({"layers": ("districts",)}, (), r"Layer 'districts' .* there are parks, streams, spots\."),
        ({"themes": ("water",)}, (), r"Theme 'water' .* there are all\."),
        ({"statuses": ("done",)}, (), "Status 'done' .* existing, building, proposed"),
        ({"methods": ("guess",)}, (), "Method 'guess'"),
        ({"districts": ("番禺区",)}, (), "District '番禺区' .* 白云区, 黄埔区, 市外, 全市"),
        ({"chapters": ("9",)}, (), r"Chapter '9' .* front, 1, 2\."),
        ({"roles": ("proof",)}, (), "Role 'proof'"),
        ({}, ("-size",), "Column 'size' .* feature_id, name"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(
    small: Atlas, wanted: dict, order: tuple[str, ...], told: str
) -> None:
    with pytest.raises(QueryError, match=told):
        list_claims(small, filters=Filters(**wanted), order=order)


# --- the shipped data


def test_the_shipped_inventory_is_complete(atlas: Atlas) -> None:
    claims = find_claims(atlas)
    assert len(claims) == sum(len(find_evidence(atlas, i)) for i in find_shares(atlas)) == len(atlas.mentions)
    assert list(dict.fromkeys(c.feature_id for c in claims)) == list(find_shares(atlas))
    for claim in claims:
        text = atlas.document.passages[claim.para_id]
        assert text[claim.start : claim.end] == claim.exact != ""
        assert claim.exact in claim.sentence
        assert claim.sentence in text


TRUTH = {
    # By hand from the layers: features of the district, all located, and rows in the text.
    "越秀区": 11,
    "从化区": 10,
    "花都区": 13,
}


@pytest.mark.parametrize("district", TRUTH)
def test_three_districts_of_the_shipped_inventory(atlas: Atlas, district: str) -> None:
    assert len(ids(atlas, districts=(district,))) == TRUTH[district]


def test_the_storage_parks_of_the_shipped_inventory(atlas: Atlas) -> None:
    claims = list_claims(atlas, filters=Filters(layers=("energy_parks",)), order=("name",))
    assert [(c.name, c.exact, c.located) for c in claims] == [
        *(("白云区新型储能产业园", "白云区", True), ("白云区新型储能产业园", "新型储能产业园", True)),
        *(("花都区新型储能产业园", "花都区", False), ("花都区新型储能产业园", "新型储能产业园", False)),
        *(("黄埔区新型储能产业园", "黄埔区", True), ("黄埔区新型储能产业园", "新型储能产业园", True)),
    ]
    assert {c.sentence for c in claims} == {"高标准建设白云区、黄埔区、花都区等新型储能产业园。"}
