"""What the panel lists."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import CATALOG_FILE
from gzmap.crs import find_area_m2, find_length_m
from gzmap.ui import lists
from gzmap.ui.areas import parse_area
from gzmap.ui.state import Place
from gzmap.ui.words import LANGS, say
from tests.makers import default_layers, edit_json, make_feature
from tests.ui_support import goes, make_shown_project, read, small, small_root

__all__ = ["small", "small_root"]


@pytest.fixture
def themed(tmp_path: Path) -> Atlas:
    """Parks under one theme, streams and spots under another; two features without place."""
    layers = default_layers()
    layers["spots"] = [*layers["spots"], make_feature("spots.b003", "无处园", None, notes="只知在某区.(甲,乙)")]
    root = make_shown_project(tmp_path, layers)

    def split(catalog: dict) -> None:
        catalog["themes"] = [
            {"id": "water", "title": "水", "title_en": "Water", "color": "#009E73"},
            {"id": "all", "title": "全部", "title_en": "All", "color": "#0072B2"},
        ]
        for entry in catalog["layers"]:
            if entry["id"] in ("streams", "spots"):
                entry |= {"theme": "water", "group": "waters"}
        catalog["groups"] = [{"id": "waters", "title": "水体", "title_en": "Waters"}]

    edit_json(root / CATALOG_FILE, split)
    return read_atlas(root)


# --- by theme


def test_features_are_put_under_themes_and_groups_as_in_the_panel(themed: Atlas) -> None:
    features = [f for f in themed.features.values() if f.layer_id not in ("districts", "labels")]
    themes = lists.group_by_theme(themed, features, "zh")
    assert [(t["title"], t["color"], t["n"]) for t in themes] == [("全部", "#0072B2", 3), ("水", "#009E73", 4)]
    assert [(g["id"], g["title"]) for t in themes for g in t["groups"]] == [("parks", "parks"), ("waters", "水体")]
    assert [f.feature_id for f in themes[1]["groups"][0]["features"]] == [
        "streams.s001",
        "spots.b001",
        "spots.b002",
        "spots.b003",
    ]
    assert lists.group_by_theme(themed, [], "zh") == []
    assert lists.group_by_theme(themed, features, "en")[1]["groups"][0]["title"] == "Waters"


def test_the_introduction_links_every_place_of_the_plan(atlas: Atlas) -> None:
    intro = read(lists.format_intro(atlas, "zh"))
    plan = {f.feature_id for f in atlas.features.values() if atlas.entry_of(f).kind == "plan"}
    assert {g["id"] for g in goes(intro)} == plan
    undrawn = {json.loads(a.attrs["data-go"])["id"] for a in intro.find("a", cls="gz-undrawn")}
    assert undrawn == {i for i in plan if atlas.features[i].geometry is None}


# --- chooser


def test_the_chooser_lists_all_by_theme_and_folds_the_wide_ones(atlas: Atlas) -> None:
    picks = ("waterways.w005", "eco_corridors.c005", "eco_corridors.c003", "biodiversity_hotspots.h001")
    chooser = read(lists.format_chooser(atlas, Place(picks=picks)))
    assert chooser.texts("h2") == ["此处有 4 个要素，请选择"]
    assert [g["id"] for g in goes(chooser) if g["kind"] == "pick"] == list(picks)
    assert chooser.texts("summary") == ["片区层面涉及（具体位置未明确） (2)"]
    [details] = chooser.find("details")
    assert "open" not in details.attrs
    assert chooser.texts("b") == [atlas.features[i].name for i in picks]
    assert all(atlas.features[i].name in details.text for i in picks[2:])
    assert chooser.texts("h4") == ["山水骨架", "生态网络"], "the wide ones are of one theme and need no heading"


def test_the_chooser_brings_a_theme_together_where_its_first_feature_stands(themed: Atlas) -> None:
    picks = ("streams.s001", "parks.p001", "spots.b002")
    chooser = read(lists.format_chooser(themed, Place(picks=picks)))
    assert chooser.texts("h4") == ["水", "全部"]
    assert chooser.texts("b") == ["东濠涌", "黄埔区新型储能产业园", "帽峰山"]


def test_the_chooser_of_one_theme_has_no_headings(small: Atlas) -> None:
    assert read(lists.format_chooser(small, Place(picks=("parks.p001", "spots.b001")))).find("h4") == []


def test_the_chooser_of_wide_ones_only_is_open(atlas: Atlas) -> None:
    [details] = read(
        lists.format_chooser(atlas, Place(picks=("eco_corridors.c003", "biodiversity_hotspots.h001")))
    ).find("details")
    assert "open" in details.attrs


# --- places without a drawing


@pytest.mark.parametrize("lang", LANGS)
def test_an_empty_place_names_its_district(small: Atlas, lang: str) -> None:
    here = read(lists.format_here(small, Place(point=(113.391234567, 23.11, 5.0), lang=lang)))
    assert here.texts("b") == ["黄埔区" if lang == "zh" else "Huangpu District"]
    assert "113.3912, 23.1100" in here.text
    away = read(lists.format_here(small, Place(point=(110.0, 20.0, 5.0), lang=lang)))
    assert away.texts("b") == [say("outside", lang)]


def test_a_border_belongs_to_both_districts(small: Atlas) -> None:
    [names] = read(lists.format_here(small, Place(point=(113.3, 23.15, 5.0)))).texts("b")
    assert sorted(names.split("、")) == ["白云区", "黄埔区"]


def test_what_is_not_located_is_listed_by_group_with_the_reason(themed: Atlas) -> None:
    listed = read(lists.format_unlocated(themed, Place()))
    assert listed.texts("h2") == ["未能落位的地点 (2)"]
    assert listed.texts("h3") == ["全部", "水"]
    assert listed.texts("summary") == ["parks (1)", "水体 (1)"]
    assert listed.texts("b") == ["无名谷", "无处园"]
    assert "只知在某区.（甲，乙）" in listed.text
    assert "纲要与公开资料未给出位置，未落图。" in listed.text
    assert [g for g in goes(listed) if g["kind"] == "feature"] == [
        {"kind": "feature", "id": "parks.p003"},
        {"kind": "feature", "id": "spots.b003"},
    ]


def test_a_long_list_is_folded_but_for_the_group_asked_for(themed: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(**place: str) -> list[str]:
        listed = read(lists.format_unlocated(themed, Place(**place)))
        return [" ".join(d.text.split())[:5] for d in listed.find("details") if "open" in d.attrs]

    assert opened() == ["parks", "水体 (1"]
    monkeypatch.setattr(lists, "FEW", 1)
    assert opened() == []
    assert opened(group="waters") == ["水体 (1"]


# --- results


def test_results_are_grouped_and_lead_on(small: Atlas) -> None:
    results = read(lists.format_results(small, Place(query="帽峰山")))
    assert results.texts("h3") == ["纲要地点 (1)", "地名 (1)", "原文 (2)"]
    assert goes(results)[1:] == [
        {"kind": "light", "id": "found"},
        {"kind": "feature", "id": "parks.p001"},
        {"kind": "label", "id": "labels.l001"},
        {"kind": "paragraph", "id": "chp_1__sec_1__para_1"},
        {"kind": "paragraph", "id": "chp_2__sec_1__para_1"},
    ]
    assert results.texts("mark") == ["帽峰山", "帽峰山"]
    assert read(lists.format_results(small, Place(query="无名谷"))).texts("span")[0] == "地点 · 未落图"


def test_no_result_says_so(small: Atlas) -> None:
    results = read(lists.format_results(small, Place(query="阿房宫")))
    assert results.texts("p", role="status") == ["未收录该地名，请在图上点选。"]
    assert results.find("li") == []


# --- the drawn area


@pytest.mark.parametrize("lang", LANGS)
def test_the_drawn_area_is_measured_on_the_ellipsoid_and_can_be_taken_or_cleared(lang: str) -> None:
    area = shapely.box(113.3, 23.1, 113.4, 23.2)
    markup = read(lists.format_area(Place(lang=lang, area=area)))
    told = dict(zip(markup.texts("dt"), markup.texts("dd"), strict=True))
    assert told[say("area_size", lang)].split()[0] == f"{find_area_m2(area) / 1e6:.0f}" == "113"
    assert told[say("area_perimeter", lang)] == f"{find_length_m(area) / 1000:.2f} km"
    assert told[say("area_points", lang)] == "4"
    assert told[say("area_centre", lang)] == "113.3500, 23.1500"
    assert [go["kind"] for go in goes(markup)] == ["close", "area_ask", "area_take", "area_clear"]
    [link] = [a for a in markup.find("a") if "area_take" in a.attrs["data-go"]]
    assert parse_area(link.attrs["href"].partition("?area=")[2]) == area
    assert not markup.find(role="status")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    "refused",
    [
        ("area_crossing", "113.3500", "23.1500"),
        ("area_many", "600", "500"),
        *(("area_small",), ("area_far",), ("area_senseless",)),
    ],
)
def test_why_a_drawing_is_refused_is_said_in_words(refused: tuple, lang: str) -> None:
    markup = read(lists.format_area(Place(lang=lang, refused=refused)))
    [alert] = markup.texts(role="alert")
    assert alert == say(refused[0], lang, *refused[1:])
    assert all(value in alert for value in refused[1:])
    assert [go["kind"] for go in goes(markup)] == ["close", "area_clear"]


@pytest.mark.parametrize(("shortened", "said"), [(("BFabc", 0.00064), "约 71 米"), (("", 0.0), "存不下")])
def test_what_the_address_does_not_hold_is_said(
    monkeypatch: pytest.MonkeyPatch, shortened: tuple[str, float], said: str
) -> None:
    monkeypatch.setattr(lists, "shorten_area", lambda _: shortened)
    markup = read(lists.format_area(Place(area=shapely.box(113.3, 23.1, 113.4, 23.2))))
    [status] = markup.texts(role="status")
    assert said in status
    [link] = [a.attrs["href"] for a in markup.find("a") if "area_take" in a.attrs["data-go"]]
    assert link == ("./download?area=BFabc" if shortened[0] else "./download")
