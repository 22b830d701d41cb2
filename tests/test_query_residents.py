"""What the plan says of a resident's surroundings, as data and in plain words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.errors import NotFoundError, QueryError
from gzmap.query import find_evidence
from gzmap.query import plain_words as words
from gzmap.query.plainly import find_subject, list_plainly, say_basis, say_length, tell
from gzmap.query.residents import POSITIONS, SCOPES, Quote, Statement, find_for_residents
from gzmap.query.shares import find_district_names, find_shares
from tests.makers import default_layers, edit_json, make_feature, make_project, make_square

BAIYUN, HUANGPU = "白云区", "黄埔区"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    layers = default_layers()
    across = {"type": "MultiLineString", "coordinates": [[[113.25, 23.19], [113.35, 23.19]]]}
    layers["streams"].append(make_feature("streams.s002", "长河", across, status="proposed"))
    return read_atlas(make_project(tmp_path_factory.mktemp("residents"), layers))


def scopes(answer: object) -> dict[str, list[str]]:
    return {scope: [s.feature_id for s in answer.of(scope)] for scope in SCOPES if answer.of(scope)}


def statement_of(answer: object, feature_id: str) -> Statement:
    return next(s for s in answer.statements if s.feature_id == feature_id)


# --- a district


def test_a_district_alone_with_others_and_the_whole_city(small: Atlas) -> None:
    answer = find_for_residents(small, district=BAIYUN)
    assert (answer.kind, answer.title, answer.lon, answer.lat) == ("district", BAIYUN, None, None)
    assert (answer.districts, answer.choices) == ((BAIYUN,), ())
    assert scopes(answer) == {
        "district": ["parks.p001", "parks.p002", "spots.b001"],
        "several": ["streams.s002"],
        "city": ["parks.p003"],
    }


def test_a_statement_in_full(small: Atlas) -> None:
    answer = find_for_residents(small, district=BAIYUN)
    assert statement_of(answer, "parks.p002") == Statement(
        **{"feature_id": "parks.p002", "name": "白云湖", "name_en": "", "theme": "all", "layer": "parks"},
        **{"category": "site", "status": "existing", "scope": "district", "position": "rough", "schematic": True},
        **{"accuracy_m": 300, "dimension": 2, "districts": (BAIYUN,), "here": (BAIYUN,), "written": True},
        quotes=(Quote("chp_1__sec_1__para_1", "保育帽峰山、白云湖,守护无名谷。", ("白云湖",)),),
        **{"extent": pytest.approx(4.54, abs=0.01), "unit": "km2"},
    )


def test_the_district_asked_for_comes_first(small: Atlas) -> None:
    told = statement_of(find_for_residents(small, district=HUANGPU), "streams.s002")
    assert (told.districts, told.here) == ((HUANGPU, BAIYUN), (HUANGPU,))
    assert told.extent == pytest.approx(5.1, abs=0.05)


def test_a_name_in_pieces_is_written(small: Atlas) -> None:
    told = statement_of(find_for_residents(small, district=BAIYUN), "spots.b001")
    assert told.written
    assert told.quotes == (
        Quote(
            "chp_2__sec_1__para_1",
            "高标准建设白云区、黄埔区等新型储能产业园,联通帽峰山。",
            ("白云区", "新型储能产业园"),
        ),
    )


@pytest.mark.parametrize(
    ("properties", "position"),
    [
        ({"accuracy_m": 50}, "known"),
        ({"accuracy_m": 50, "method": "schematic"}, "rough"),
        ({"accuracy_m": 301}, "rough"),
        ({"accuracy_m": 2001}, "area"),
        ({"accuracy_m": None}, "area"),
        ({"geometry": None, "district": BAIYUN}, "district"),
        ({"geometry": None, "district": f"{BAIYUN}|{HUANGPU}"}, "everywhere"),
        ({"geometry": None}, "unknown"),
        ({"geometry": None, "layer": "unsited", "category": "sensitive"}, "withheld"),
    ],
)
def test_how_well_a_position_is_known(tmp_path: Path, properties: dict, position: str) -> None:
    said = dict(properties)
    layer, shape = said.pop("layer", "parks"), said.pop("geometry", make_square(113.22, 23.14))
    layers = {"districts": default_layers()["districts"], layer: [make_feature(f"{layer}.x1", "园", shape, **said)]}
    atlas = read_atlas(make_project(tmp_path, layers, mentions=[]))
    [told] = find_for_residents(atlas, district=BAIYUN).statements
    assert (told.position, told.quotes) == (position, ())
    assert position in POSITIONS


# --- a position


def test_a_position_with_what_is_near(small: Atlas) -> None:
    answer = find_for_residents(small, point=(113.25, 23.15))
    assert (answer.kind, answer.title, answer.lon, answer.lat) == ("position", "", 113.25, 23.15)
    assert answer.districts == (BAIYUN,)
    assert scopes(answer) == {
        "near": ["parks.p001"],
        "district": ["parks.p002", "spots.b001"],
        "several": ["streams.s002"],
        "city": ["parks.p003"],
    }
    near = statement_of(answer, "parks.p001")
    assert (near.relation, near.certainty, near.distance_m) == ("contains", "certain", 0.0)


def test_near_reaches_as_far_as_is_asked(small: Atlas) -> None:
    told = find_for_residents(small, point=(113.25, 23.1648), radius_m=500)
    near = statement_of(told, "parks.p001")
    assert (near.scope, near.relation, near.certainty) == ("near", "near", "possible")
    assert near.distance_m == pytest.approx(532, abs=2)
    assert (
        statement_of(find_for_residents(small, point=(113.25, 23.1648), radius_m=0), "parks.p001").scope == "district"
    )


def test_outside_the_city_only_the_city_is_told(small: Atlas) -> None:
    answer = find_for_residents(small, point=(114.0, 22.6))
    assert (answer.districts, scopes(answer)) == ((), {"city": ["parks.p003"]})


# --- a place by its name


def test_a_place_is_where_its_label_is(small: Atlas) -> None:
    labels = find_for_residents(small, place="labels.l001")
    assert (labels.kind, labels.title, labels.lon, labels.lat) == ("place", "帽峰山", 113.25, 23.15)
    assert labels.of("near")[0].feature_id == "parks.p001"


@pytest.mark.parametrize("typed", ["帽峰山", "mfs", "帽峯山", "parks.p001"])
def test_a_feature_is_told_first(small: Atlas, typed: str) -> None:
    answer = find_for_residents(small, place=typed)
    assert (answer.kind, answer.title, answer.districts) == ("feature", "帽峰山", (BAIYUN,))
    assert [s.feature_id for s in answer.of("asked")] == ["parks.p001"]
    assert ("labels.l001" in [hit.id for hit in answer.choices]) == (typed != "parks.p001")


def test_a_district_may_be_typed(small: Atlas) -> None:
    answer = find_for_residents(small, place="huangpuqu")
    assert (answer.kind, answer.title) == ("district", HUANGPU)
    assert find_for_residents(small, district="黄埔") == find_for_residents(small, district=HUANGPU)


def test_a_feature_that_nobody_has_placed(small: Atlas) -> None:
    answer = find_for_residents(small, place="无名谷")
    assert (answer.kind, answer.districts, scopes(answer)) == ("feature", (), {"asked": ["parks.p003"]})


def test_the_name_itself_comes_before_another_name(tmp_path: Path) -> None:
    layers = default_layers()
    spot = {"type": "Point", "coordinates": [113.35, 23.15]}
    layers["labels"] += [
        make_feature("labels.l002", "石滩街道", spot, aliases="石滩"),
        make_feature("labels.l003", "石滩", spot),
    ]
    answer = find_for_residents(read_atlas(make_project(tmp_path, layers)), place="石滩")
    assert answer.title == "石滩"
    assert [hit.name for hit in answer.choices] == ["石滩街道"]


def test_a_label_without_a_position_says_so(tmp_path: Path) -> None:
    layers = default_layers()
    layers["labels"].append(make_feature("labels.l002", "无处", None))
    with pytest.raises(NotFoundError, match=r"无处 \(labels\.l002\) has no position"):
        find_for_residents(read_atlas(make_project(tmp_path, layers)), place="无处")


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        ({}, QueryError, "Give one of a district"),
        ({"place": " "}, QueryError, "Give one of a district"),
        ({"district": BAIYUN, "place": "山"}, QueryError, "Give one of a district"),
        ({"district": "白云山"}, NotFoundError, r"'白云山'.*did you mean '白云区'"),
        ({"place": "乌有之乡"}, NotFoundError, "'乌有之乡'; choose a district or a position"),
        ({"place": "整治东濠涌和三河六岸"}, NotFoundError, "choose a district"),
        ({"point": (200.0, 23.0)}, QueryError, "longitude"),
        ({"point": (113.0, 23.0), "radius_m": -1.0}, QueryError, "0 or more"),
    ],
)
def test_what_cannot_be_answered(small: Atlas, asked: dict, error: type, told: str) -> None:
    with pytest.raises(error, match=told):
        find_for_residents(small, **asked)


# --- in plain words


def plain(atlas: Atlas, feature_id: str, lang: str = "zh", **asked: object) -> object:
    return tell(atlas, statement_of(find_for_residents(atlas, **asked), feature_id), lang)


def test_groups_and_subjects_hold_every_statement_once(atlas: Atlas) -> None:
    answer = find_for_residents(atlas, district=HUANGPU)
    groups = list_plainly(atlas, answer, "zh")
    told = [item.feature_id for group in groups for subject in group.subjects for item in subject.items]
    assert sorted(told) == sorted(s.feature_id for s in answer.statements)
    assert sum(group.count for group in groups) == len(answer.statements)
    assert [(g.scope, g.title) for g in groups] == [
        *(("district", "黄埔区"), ("several", "黄埔区和其他区"), ("city", "全市"))
    ]
    order = list(words.SUBJECTS)
    for group in groups:
        assert [order.index(s.id) for s in group.subjects] == sorted(order.index(s.id) for s in group.subjects)


STORAGE = "energy_parks.p002"


def test_a_park_that_the_plan_proposes(atlas: Atlas) -> None:
    item = plain(atlas, STORAGE, district=HUANGPU)
    assert item.headline == "规划提出建设黄埔区新型储能产业园：做储能产业的园区。"
    assert item.terms == "“储能”：把电存起来。"
    assert item.position == "只知道大致在哪一带，误差可达 6 公里。图上画的只是示意，不是边界。"
    assert (item.relation, item.extent, item.note) == ("", "", "")
    assert item.quotes == (("chp_2__sec_1__para_2", "高标准建设白云区、黄埔区、花都区等新型储能产业园。"),)
    english = plain(atlas, STORAGE, "en", district=HUANGPU)
    assert english.headline.startswith("The plan proposes Huangpu")
    assert english.position == (
        "Only the general area is known; the position may be off by 6 km. "
        "What the map draws is a sketch, not a boundary."
    )
    assert english.quotes == item.quotes


def test_what_the_plan_does_not_write_is_told(atlas: Atlas) -> None:
    item = plain(atlas, "eco_corridors.c004", district="白云区")
    assert item.headline == "规划提出在白云区、黄埔区建设“北二环”生态廊道：让动物来往、让绿地相连的通道。"
    assert item.note == (
        "规划原文写的是“三纵五横”“区域生态廊道”，没有写出这个名称；名称出自其他公开资料，或是本图归纳的。"
    )


def test_what_is_known_well_is_told_with_its_size(atlas: Atlas) -> None:
    item = plain(atlas, "eco_nodes.n003", place="白云湖")
    assert item.relation == "您选的位置就在里面。"
    assert item.position == "位置比较可靠，误差约 150 米。"
    assert item.extent == "在白云区的面积约 1.8 平方公里。"


def test_a_point_is_somewhere_in_its_disc(atlas: Atlas) -> None:
    item = plain(atlas, "platforms.q004", point=(113.3191, 23.1086))
    assert item.relation == "它可能就在您选的位置一带。"


def test_what_is_never_located_is_told_without_a_place(atlas: Atlas) -> None:
    item = plain(atlas, "unsited.j057", district="越秀区")
    assert item.headline == "规划要求管好饮用水水源保护区。"
    assert item.position == "规划没有写明在哪里；这类地方，本图一律不标位置。"


def test_many_districts_are_told_by_their_number(atlas: Atlas) -> None:
    item = plain(atlas, "waterways.w011", district="黄埔区")
    assert item.headline == "珠江（黄埔区、荔湾区、越秀区等 7 个区）：河道。"
    assert plain(atlas, "blueways.g016", district="黄埔区").headline == (
        "千里碧道（全市各区）：许多条沿水步道连成的网，已经开始建设。"
    )


def test_a_kind_that_the_words_do_not_know_is_called_as_the_catalogue_does(small: Atlas) -> None:
    item = plain(small, "parks.p001", district=BAIYUN)
    assert item.headline == "帽峰山（白云区）：地点，现在已有。"
    assert plain(small, "parks.p001", "en", district=BAIYUN).headline == (
        "Maofeng Mountain (帽峰山) (Baiyun District): Site; it exists today."
    )
    assert find_subject(statement_of(find_for_residents(small, district=BAIYUN), "parks.p001")) == "other"


def test_a_name_without_translation_stands_in_chinese(small: Atlas) -> None:
    item = plain(small, "streams.s002", "en", district=BAIYUN)
    assert item.headline == "The plan proposes 长河 (all districts): Site."


@pytest.mark.parametrize(
    ("metres", "zh", "en"),
    [
        *((0, "0 米", "0 m"), (85.4, "85 米", "85 m"), (887, "890 米", "890 m"), (999, "1 公里", "1 km")),
        *((1000, "1 公里", "1 km"), (1540, "1.5 公里", "1.5 km"), (20000, "20 公里", "20 km")),
    ],
)
def test_distances_are_round(metres: float, zh: str, en: str) -> None:
    assert (say_length(metres, "zh"), say_length(metres, "en")) == (zh, en)


def test_the_edition_is_named(atlas: Atlas, small: Atlas) -> None:
    assert say_basis(atlas, "zh") == (
        "根据2025-09-23的公开征求意见稿整理；正式文本已于2025-12-02印发，内容可能不同。"
        "地图只作示意，不能作为办事的依据。"
    )
    assert say_basis(small, "en") == (
        "Taken from the 征求意见稿 of 2025-01-01. The map is a sketch and no basis for official matters."
    )


# --- the shipped data

JARGON = re.compile("要素|落位|图层|依据|schematic|feature|layer|EPSG|accuracy|geometry|accuracy_m", re.IGNORECASE)


@pytest.mark.parametrize("lang", words.LANGS)
def test_every_feature_of_the_shipped_data_is_told_without_jargon(atlas: Atlas, lang: str) -> None:
    answers = [find_for_residents(atlas, district=name) for name in find_district_names(atlas)]
    seen = {s.feature_id: s for answer in answers for s in answer.statements}
    # Nothing is hidden: all but what lies in other cities is told in some district.
    assert set(find_shares(atlas)) - set(seen) == {"cooperation.d003", "cooperation.d004", "cooperation.d006"}
    for statement in seen.values():
        item = tell(atlas, statement, lang)
        told = " ".join((item.headline, *item.lines))
        assert "{" not in told
        assert not JARGON.search(
            told.replace(statement.name_en, "").replace(statement.name, "").replace("数据要素", "")
        )
        assert item.quotes
        assert find_subject(statement) in words.SUBJECTS
        assert find_subject(statement) != "other"
        assert item.headline.endswith("。" if lang == "zh" else ".")
        if lang == "zh":
            assert not re.search("[a-zA-Z]", told.replace(statement.name, ""))


def test_every_kind_of_the_catalogue_has_words(atlas: Atlas) -> None:
    kinds = [(e.layer_id, c) for e in atlas.catalog.plan_entries for c in e.categories if e.layer_id != words.KINDS]
    assert [k for k in kinds if f"{k[0]}/{k[1]}" not in words.WHAT and k[0] not in words.WHAT] == []
    known = {f"{layer}/{category}" for layer, category in kinds} | {layer for layer, _ in kinds}
    assert set(words.WHAT) <= known
    assert set(words.VERBS) | set(words.NATURAL) | {key.partition("/")[0] for key in words.NAMES} <= known


def test_every_hard_word_stands_in_a_name(atlas: Atlas) -> None:
    names = [share.feature.name for share in find_shares(atlas).values()]
    assert [term for term in words.GLOSSARY if not any(term in name for name in names)] == []


def test_quotes_are_the_evidence(atlas: Atlas) -> None:
    for statement in find_for_residents(atlas, district="南沙区").statements:
        said = {w.exact for w in find_evidence(atlas, statement.feature_id) if w.role == "evidence"}
        assert {word for quote in statement.quotes for word in quote.exact} == said
        for quote in statement.quotes:
            assert quote.sentence in atlas.document.passages[quote.para_id]
            assert all(word in quote.sentence for word in quote.exact)


TRUTH = {
    # By hand, from the property `district` of the layers: alone, and with other districts.
    "越秀区": (
        {"mountains.m003", "waterways.w013"},
        {
            *("spatial_structure.s003", "mountains.m001", "eco_nodes.n001", "waterfronts.v001", "eco_corridors.c005"),
            *("blueways.g003", "waterways.w001", "waterways.w011", "waterways.w014"),
        },
    ),
    "从化区": (
        {"eco_patches.a001", "biodiversity_hotspots.h001", "hot_springs.o001"},
        {
            *("pilot_area.z001", "basins.b001", "border_coop.e002", "bird_fish.f002", "eco_corridors.c001"),
            *("blueways.g001", "waterways.w009"),
        },
    ),
    "花都区": (
        {
            *("eco_patches.a002", "eco_patches.a006", "biodiversity_hotspots.h002", "beautiful_units.l003"),
            "energy_parks.p003",
        },
        {
            *("basins.b001", "border_coop.e001", "border_coop.e002", "border_coop.e005", "bird_fish.f002"),
            *("eco_corridors.c001", "blueways.g001", "waterways.w009"),
        },
    ),
}


@pytest.mark.parametrize("district", TRUTH)
def test_three_districts_by_hand(atlas: Atlas, district: str) -> None:
    answer, (alone, several) = find_for_residents(atlas, district=district), TRUTH[district]
    assert {s.feature_id for s in answer.of("district")} == alone
    assert {s.feature_id for s in answer.of("several")} == several
    assert len(answer.of("city")) == 91


def test_canton_tower_by_hand(atlas: Atlas) -> None:
    """广州塔 stands in 海珠区, south of the front channel, some hundred metres from it."""
    answer = find_for_residents(atlas, point=(113.3191, 23.1086))
    assert answer.districts == ("海珠区",)
    near = {s.feature_id for s in answer.of("near")}
    assert {"waterways.w001", "waterways.w011", "blueways.g003", "blueways.g012"} <= near
    assert "wetlands.t002" not in near


def test_the_project_may_lack_a_formal_text(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    edit_json(project / "geodata/plan/meta.json", lambda meta: meta.update(formal={"issued": "2025-03-01"}))
    assert "2025-03-01" in say_basis(read_atlas(project), "zh")
