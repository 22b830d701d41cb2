"""The page 我的区."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.query import find_for_residents, list_plainly, say_basis
from gzmap.query.shares import find_district_names
from gzmap.ui.facts import name_of
from gzmap.ui.mine import Wish, format_mine, read_wish
from gzmap.ui.params import HERE
from gzmap.ui.state import Place
from gzmap.ui.words import LANGS, say
from tests.makers import default_layers
from tests.ui_support import Markup, goes, make_shown_project, read, small, small_root

__all__ = ["small", "small_root"]
BASE = "https://plan.example.cn/"


def page(atlas: Atlas, lang: str = "zh", base: str = BASE, **asked: str) -> Markup:
    return read(format_mine(atlas, Place(lang=lang, asked={"mine": asked}), base))


def squeeze(text: str) -> str:
    return re.sub(r"\s", "", text)


# --- what is asked


@pytest.mark.parametrize(
    ("asked", "wish"),
    [
        ({}, Wish()),
        ({"district": "白云区"}, Wish(district="白云区")),
        ({"district": "白云区", "place": "湖"}, Wish(place="湖")),
        ({"at": "113.26449,23.12951", "place": "湖"}, Wish(point=(113.264, 23.13))),
        ({HERE: "113.2,23.1", "off": "40", "at": "1,2"}, Wish(point=(113.2, 23.1), at_here=True, off_m=40.0)),
        ({HERE: "113.2,23.1", "off": "x"}, Wish(point=(113.2, 23.1), at_here=True)),
        ({"at": "999,23"}, Wish(dropped="999,23")),
        ({"at": "113.2,99"}, Wish(dropped="113.2,99")),
        ({"at": "<b>"}, Wish(dropped="<b>")),
    ],
)
def test_one_thing_is_asked(asked: dict, wish: Wish) -> None:
    assert read_wish(asked) == wish


def test_a_position_is_written_no_finer_than_100_metres() -> None:
    assert Wish(point=(113.2, 23.1)).params == {"at": "113.200,23.100"}
    assert Wish(place="湖").params == {"place": "湖"}
    assert Wish(district="白云区").params == {"district": "白云区"}


# --- the page


@pytest.mark.parametrize("lang", LANGS)
def test_at_first_there_are_only_ways_to_ask(atlas: Atlas, lang: str) -> None:
    markup = page(atlas, lang=lang)
    asked = [g["asked"] for g in goes(markup)]
    assert asked == [{"district": name} for name in find_district_names(atlas)]
    assert markup.find("h2") == []
    [form] = markup.find("form")
    assert form.attrs["data-form"] == "mine_form"
    [locate] = markup.find("button", data_do="locate")
    for key in ("waiting", "refused", "unavailable", "slow", "insecure"):
        assert locate.attrs[f"data-{key}"] == say(f"locate_{key}", lang)
    assert "HTTPS" in markup.text
    assert say_basis(atlas, lang) in markup.text
    assert markup.find("input", id="mine-link") == []


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("asked", [{"district": "白云区"}, {"place": "海珠湿地"}, {"at": "113.264,23.129"}])
def test_everything_is_told_with_its_sentences(atlas: Atlas, lang: str, asked: dict) -> None:
    point = (113.264, 23.129) if "at" in asked else None
    answer = find_for_residents(atlas, district=asked.get("district", ""), place=asked.get("place", ""), point=point)
    groups = list_plainly(atlas, answer, lang)
    markup = page(atlas, lang=lang, **asked)
    items = [i for g in groups for s in g.subjects for i in s.items]
    told = markup.find("li", cls="gz-told")
    assert len(told) == len(items)
    for element, item in zip(told, items, strict=True):
        text = squeeze(element.text)
        assert squeeze(item.headline) in text
        assert all(squeeze(line) in text for line in item.lines)
        assert all(squeeze(sentence) in text for _, sentence in item.quotes)
    assert [h.text.rsplit(" ", 1)[0] for h in markup.find("h3")] == [
        f"{g.title} {say('mine_things', lang, n=g.count)}".rsplit(" ", 1)[0] for g in groups
    ]
    quotes = [g["id"] for g in goes(markup) if g["kind"] == "paragraph"]
    assert quotes == [para_id for i in items for para_id, _ in i.quotes]


def test_what_is_drawn_leads_to_the_map_one_by_one_and_together(atlas: Atlas) -> None:
    markup = page(atlas, district="白云区")
    answer = find_for_residents(atlas, district="白云区")
    drawn = [s.feature_id for s in answer.statements if atlas.features[s.feature_id].geometry is not None]
    assert [g["id"] for g in goes(markup) if g["kind"] == "feature"] == [
        i.feature_id
        for g in list_plainly(atlas, answer, "zh")
        for s in g.subjects
        for i in s.items
        if i.feature_id in drawn
    ]
    [together] = [g for g in goes(markup) if g["kind"] == "together"]
    assert set(together["ids"]) == {s.feature_id for s in answer.statements if s.scope != "city"} & set(drawn)
    assert together["within"] == "districts.440111"
    [link] = [a.attrs["href"] for a in markup.find("a", cls="gz-strong")]
    for feature_id in together["ids"]:
        assert atlas.features[feature_id].layer_id in link


def test_what_concerns_all_is_folded_by_subject(atlas: Atlas) -> None:
    markup = page(atlas, district="白云区")
    folded = markup.find("details", cls="gz-subject")
    assert folded
    assert all("open" not in f.attrs for f in folded)
    assert {f.attrs["data-keep"].split("-")[0] for f in folded} == {"city"}


@pytest.mark.parametrize("lang", LANGS)
def test_the_chosen_district_is_marked_in_list_and_sketch(atlas: Atlas, lang: str) -> None:
    markup = page(atlas, lang=lang, district="白云区")
    on = [e.attrs["data-keep"] for e in markup.find("a", aria_current="true")]
    assert on == ["mine-白云区"]
    [sketch] = markup.find("svg", role="img")
    assert name_of(atlas.features["districts.440111"], lang) in sketch.attrs["aria-label"]
    assert len(markup.find("path", cls="gz-inside")) == 1
    assert markup.find("circle", cls="gz-spot") == []


def test_a_place_of_several_districts_marks_them_all(atlas: Atlas) -> None:
    markup = page(atlas, place="waterways.w003")
    districts = find_for_residents(atlas, place="waterways.w003").districts
    assert len(districts) > 1
    assert len(markup.find("path", cls="gz-inside")) == len(districts)
    assert f"在{'、'.join(districts)}" in markup.text
    assert markup.find("a", aria_current="true") == []
    assert [e.attrs["value"] for e in markup.find("input", id="mine-place")] == [""], "an id is nothing to read"


def test_other_places_of_a_like_name_are_offered(atlas: Atlas) -> None:
    markup = page(atlas, place="白云湖")
    answer = find_for_residents(atlas, place="白云湖")
    assert answer.choices
    asked = [g["asked"] for g in goes(markup) if "place" in g.get("asked", {})]
    assert asked == [{"place": hit.id} for hit in answer.choices]
    assert [e.attrs["value"] for e in markup.find("input", id="mine-place")] == ["白云湖"]
    for hit in answer.choices:
        assert page(atlas, place=hit.id).find("h2")


def test_in_english_places_have_their_english_names(atlas: Atlas) -> None:
    markup = page(atlas, lang="en", place="海珠湿地")
    found = find_for_residents(atlas, place="海珠湿地").of("asked")[0]
    assert markup.texts("h2") == [name_of(atlas.features[found.feature_id], "en")]
    assert "海珠区" not in squeeze(markup.text.split("Did you mean")[0])


# --- a position


def test_a_position_is_told_rounded_and_marked_on_the_sketch(atlas: Atlas) -> None:
    markup = page(atlas, **{HERE: "113.264234,23.129", "off": "40"})
    [title] = markup.texts("h2")
    assert title == "您现在的位置"
    assert "约在东经 113.264°、北纬 23.129°" in markup.text
    assert "在越秀区" in markup.text
    assert len(markup.find("circle", cls="gz-spot")) == 1
    assert say("mine_kept", "zh") in markup.text
    assert "误差约" not in markup.find("header")[0].text


def test_a_rough_position_is_told_to_be_rough(atlas: Atlas) -> None:
    markup = page(atlas, **{HERE: "113.264,23.129", "off": "4200"})
    assert "误差约 4.2 公里" in markup.text


def test_a_shared_position_is_not_said_to_be_kept_out_of_the_address(atlas: Atlas) -> None:
    markup = page(atlas, at="113.264,23.129")
    assert say("mine_kept", "zh") not in markup.text
    assert markup.texts("h2") == ["所选的位置"]


def test_a_link_with_a_position_says_that_it_has_one(atlas: Atlas) -> None:
    here = page(atlas, **{HERE: "113.264,23.129", "off": "4"})
    assert [e.attrs["value"] for e in here.find("input", id="mine-link")] == [f"{BASE}mine?at=113.264,23.129"]
    assert say("share_position", "zh") in here.text
    district = page(atlas, lang="en", district="白云区")
    [link] = [e.attrs["value"] for e in district.find("input", id="mine-link")]
    assert link == f"{BASE}mine?district=%E7%99%BD%E4%BA%91%E5%8C%BA&lang=en"
    assert say("share_position", "en") not in district.text
    assert page(atlas, base="", district="白云区").find("input", id="mine-link") == []


@pytest.mark.parametrize("at", ["112.000,23.000", "0.000,0.000", "113.950,22.280"])
def test_outside_the_city_only_what_concerns_all_is_told(atlas: Atlas, at: str) -> None:
    markup = page(atlas, at=at)
    assert "这里不在广州市内" in markup.text
    assert "关系到全市" in markup.text
    assert len(markup.find("li", cls="gz-told")) > 50


# --- what is not found


@pytest.mark.parametrize("asked", [{"place": "没有这个地方zz"}, {"district": "无区"}, {"at": "x"}])
@pytest.mark.parametrize("lang", LANGS)
def test_what_is_not_found_is_said_in_the_readers_language(atlas: Atlas, lang: str, asked: dict) -> None:
    markup = page(atlas, lang=lang, **asked)
    [message] = markup.find("div", role="status")
    assert say("mine_unknown", lang, what=next(iter(asked.values()))) in message.text
    assert say("mine_unknown_hint", lang) in message.text
    assert markup.find("li", cls="gz-told") == []


def test_hostile_names_are_text(tmp_path: Path) -> None:
    layers = default_layers()
    layers["parks"][1]["properties"]["name"] = "<img src=x onerror=a>`'\""
    atlas = read_atlas(make_shown_project(tmp_path, layers))
    markup = page(atlas, place="<script>alert(1)</script>\"'")
    assert markup.find("script") == []
    markup = page(atlas, district="白云区")
    assert markup.find("img") == []
    assert "<img src=x onerror=a>" in markup.text


def test_a_small_project_has_its_own_districts(small: Atlas) -> None:
    markup = page(small, district="白云区")
    assert [g["asked"] for g in goes(markup) if g["kind"] == "ask"] == [{"district": "白云区"}, {"district": "黄埔区"}]
    assert len(markup.find("li", cls="gz-told")) == 4
