"""Figures, relations and own fields of a feature."""

from __future__ import annotations

from pathlib import Path

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import CATALOG_FILE
from gzmap.ui import facts
from gzmap.ui.facts import Piece
from gzmap.ui.words import LANGS
from tests.makers import edit_json, make_feature, make_square
from tests.ui_support import make_shown_project

LINE = {"type": "MultiLineString", "coordinates": [[[113.2, 23.1], [113.4, 23.1]]]}


def build(folder: Path, *features: dict, layer: str = "streams") -> Atlas:
    return read_atlas(make_shown_project(folder, {layer: list(features)}))


def relations(atlas: Atlas, feature_id: str) -> dict[str, list[str]]:
    found = facts.find_relations(atlas, atlas.features[feature_id], "zh")
    return {title: [p.feature_id for p in pieces] for title, pieces in found}


def test_split_ids() -> None:
    assert facts.split_ids("a.b|c.d") == ["a.b", "c.d"]
    assert facts.split_ids("") == facts.split_ids(None) == []
    assert facts.split_ids("|a|") == ["a"]


# --- relations


def test_one_shape_for_two_features_is_told_on_both(tmp_path: Path) -> None:
    own = make_feature("streams.s1", "前航道", LINE, based_on="")
    same = make_feature("streams.s2", "前航道碧道", LINE, based_on="streams.s1")
    atlas = build(tmp_path, own, same)
    assert relations(atlas, "streams.s2") == {"几何同": ["streams.s1"]}
    assert relations(atlas, "streams.s1") == {"同形要素": ["streams.s2"]}


def test_a_shape_put_together_is_told_once_as_a_whole_and_its_parts(tmp_path: Path) -> None:
    parts = [make_feature(f"streams.s{n}", f"段{n}", LINE, based_on="", part_of="streams.s9") for n in (1, 2)]
    whole = make_feature("streams.s9", "江", LINE, based_on="streams.s1|streams.s2", part_of="")
    atlas = build(tmp_path, *parts, whole)
    assert relations(atlas, "streams.s9") == {"几何合成自": ["streams.s1", "streams.s2"]}
    assert relations(atlas, "streams.s1") == {"属": ["streams.s9"]}


def test_a_part_whose_shape_is_not_used_is_told_as_a_part(tmp_path: Path) -> None:
    part = make_feature("streams.s1", "段", LINE, part_of="streams.s9")
    atlas = build(tmp_path, part, make_feature("streams.s9", "江", LINE, part_of=""))
    assert relations(atlas, "streams.s9") == {"包括": ["streams.s1"]}


def test_a_shape_that_goes_into_another_without_being_its_part(tmp_path: Path) -> None:
    one, two = (make_feature(f"streams.s{n}", f"段{n}", LINE, based_on="") for n in (1, 2))
    belt = make_feature("streams.s9", "带", LINE, based_on="streams.s1|streams.s2")
    assert relations(build(tmp_path, one, two, belt), "streams.s1") == {"用于合成": ["streams.s9"]}


def test_relations_to_what_is_not_there_are_left_out(tmp_path: Path) -> None:
    atlas = build(tmp_path, make_feature("streams.s1", "段", LINE, based_on="gone.x", part_of="gone.y"))
    assert relations(atlas, "streams.s1") == {}


def test_a_link_names_the_layer_unless_the_name_does(tmp_path: Path) -> None:
    one = make_feature("streams.s1", "甲", LINE, based_on="")
    two = make_feature("streams.s2", "甲streams", LINE, based_on="streams.s1")
    atlas = build(tmp_path, one, two)
    assert facts.find_relations(atlas, atlas.features["streams.s2"], "zh")[0][1] == [
        Piece("甲（streams）", "streams.s1")
    ]
    assert facts.find_relations(atlas, atlas.features["streams.s1"], "zh")[0][1] == [Piece("甲streams", "streams.s2")]


def test_features_of_the_same_name_are_told_apart_by_their_layers(tmp_path: Path) -> None:
    layers = {
        "streams": [make_feature("streams.s1", "沙湾水道", LINE), make_feature("streams.s2", "东江", LINE)],
        "corridors": [make_feature("corridors.c1", "沙湾水道", LINE)],
    }
    atlas = read_atlas(make_shown_project(tmp_path, layers))
    assert [p.text for p in facts.name_apart(atlas, list(atlas.features.values()), "zh")] == [
        "沙湾水道（streams）",
        "东江",
        "沙湾水道（corridors）",
    ]


# --- measures


@pytest.mark.parametrize(
    ("drawn", "stated", "said"),
    [
        (33.0, 30.0, "图上 33 km · 文献 30 km · 相差 +10%"),
        (27.0, 30.0, "图上 27 km · 文献 30 km · 相差 −10%"),
        (30.1, 30.0, "图上 30.1 km · 文献 30 km · 相差不到 1%"),
        (30.0, None, "图上 30 km"),
        (None, 2000.0, "文献 2000 km"),
    ],
)
def test_a_length_stands_beside_the_documents(tmp_path: Path, drawn: float, stated: float, said: str) -> None:
    atlas = build(tmp_path, make_feature("streams.s1", "甲", LINE, len_km=drawn, off_km=stated, diff_note=""))
    assert facts.list_measures(atlas, atlas.features["streams.s1"], "zh") == [("长度", said)]


def test_a_feature_without_figures_has_no_measure(tmp_path: Path) -> None:
    atlas = build(tmp_path, make_feature("streams.s1", "甲", LINE, len_km=None, off_km=None, diff_note=""))
    assert facts.list_measures(atlas, atlas.features["streams.s1"], "zh") == []


def test_the_area_of_a_schematic_figure_is_said_to_be_one(tmp_path: Path) -> None:
    figures = {"area_km2": 8.7, "off_km2": 8.69, "diff_note": "", "method": "schematic"}
    atlas = build(tmp_path, make_feature("parks.p1", "甲", make_square(113.2, 23.1), **figures), layer="parks")
    [(title, said)] = facts.list_measures(atlas, atlas.features["parks.p1"], "en")
    assert title == "Area"
    assert said == "8.7 km² as drawn (schematic) · 8.69 km² in documents · within 1% of the documents"


def test_a_figure_without_its_counterpart_is_a_field(tmp_path: Path) -> None:
    atlas = build(tmp_path, make_feature("spots.b1", "甲", make_square(113.2, 23.1), off_km2="12"), layer="spots")
    feature = atlas.features["spots.b1"]
    assert facts.list_measures(atlas, feature, "zh") == []
    assert facts.list_fields(atlas, feature, "zh") == [("off_km2", [Piece("12")])]


def test_format_number() -> None:
    assert [facts.format_number(n) for n in (30, 30.0, 8.7, 0.25, 1234.5)] == ["30", "30", "8.7", "0.25", "1234.5"]


# --- own fields


def test_own_fields_are_told_with_unit_and_empty_ones_are_not(tmp_path: Path) -> None:
    own = {"class": "江", "width": 30, "pair": "甲|乙", "nodes": "", "nothing": None}
    root = make_shown_project(tmp_path, {"streams": [make_feature("streams.s1", "甲", LINE, **own)]})

    def add_unit(catalog: dict) -> None:
        [entry] = catalog["layers"]
        entry["fields"]["width"] |= {"title": "宽", "title_en": "Width", "unit": "m2"}

    edit_json(root / CATALOG_FILE, add_unit)
    atlas = read_atlas(root)
    told = facts.list_fields(atlas, atlas.features["streams.s1"], "zh")
    assert told == [("class", [Piece("江")]), ("宽", [Piece("30 m²")]), ("pair", [Piece("甲"), Piece("乙")])]


def test_ids_in_a_field_are_told_by_name(tmp_path: Path) -> None:
    own = {"nodes": "streams.s2|白云湖", "area_src": "survey"}
    atlas = build(tmp_path, make_feature("streams.s1", "甲", LINE, **own), make_feature("streams.s2", "乙", LINE))
    told = dict(facts.list_fields(atlas, atlas.features["streams.s1"], "zh"))
    assert told == {"nodes": [Piece("乙", "streams.s2"), Piece("白云湖")], "area_src": [Piece("测绘")]}


@pytest.mark.parametrize("lang", LANGS)
def test_no_card_of_ours_shows_a_raw_id_or_an_empty_field(atlas: Atlas, lang: str) -> None:
    for feature in atlas.features.values():
        for title, pieces in facts.list_fields(atlas, feature, lang):
            assert title
            assert all(p.text.strip() for p in pieces)
            assert not {p.text for p in pieces} & (set(atlas.features) | set(atlas.catalog.sources))
