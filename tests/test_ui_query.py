"""The page 查询, what lights up, what is near: pure parts, and the page as Streamlit runs it."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import shapely

from gzmap.atlas import Atlas
from gzmap.config import AREA_TITLE
from gzmap.export.answer_words import list_pair_lead
from gzmap.own import OwnLayers
from gzmap.query import find_between, find_district_area, find_in_area
from gzmap.ui import answers
from gzmap.ui.answers import About, format_answer, format_pairs, format_part
from gzmap.ui.areas import MOST_POINTS
from gzmap.ui.bringing import build_outline
from gzmap.ui.events import answer_go
from gzmap.ui.inquiry import FARTHEST_M, read_distance
from gzmap.ui.lit import find_lit, format_lit, list_lit
from gzmap.ui.nearby import format_nearby
from gzmap.ui.ownmap import add_own, describe_own
from gzmap.ui.plantext import format_text
from gzmap.ui.state import FOUND, Place, current, format_address, move
from gzmap.ui.takeaway import make_pairs_sheet, make_sheet
from gzmap.ui.words import LANGS, say
from gzmap.webmap import open_own_of
from tests.conftest import ROOT
from tests.sheet_readers import read_text
from tests.test_app import component, markup, messages, start
from tests.test_own_access import write_own
from tests.ui_support import goes, read, session, small, small_root

__all__ = ["session", "small", "small_root"]
PARA = "chp_4__sec_3__para_1"
NONE = OwnLayers(Path(), (), ())


def about(lang: str = "zh", own: OwnLayers = NONE, title: str = "黄埔区") -> About:
    return About(title, "", "", lang, own)


# --- the answer about an area


@pytest.mark.parametrize("lang", LANGS)
def test_an_answer_has_title_totals_and_every_row_a_way_to_the_map(atlas: Atlas, lang: str) -> None:
    answer = find_in_area(atlas, find_district_area(atlas, "黄埔区"))
    page = read(format_answer(atlas, answer, about(lang)))
    assert page.texts("h2") == [AREA_TITLE[LANGS.index(lang)]]
    shown = [g["id"] for g in goes(page) if g["kind"] == "feature"]
    assert shown == [*(row.feature_id for row in answer.rows), *answer.unlocated]
    folded = [row for row in answer.rows if row.wide]
    assert folded, "the district has features that are known only roughly"
    assert say("answer_wide", lang, n=len(folded)) in page.texts("summary")
    assert sum(total.count for total in answer.totals) == len(answer.rows)
    words = [g["id"] for g in goes(page) if g["kind"] == "paragraph"]
    assert words == [row.evidence[0].para_id for row in answer.rows if row.evidence]


def test_what_the_area_is_called_is_escaped(atlas: Atlas) -> None:
    answer = find_in_area(atlas, find_district_area(atlas, "黄埔区"))
    html = format_answer(atlas, answer, about(title="<img src=x onerror=alert(1)>"))
    assert "<img" not in html
    assert "&lt;img" in html


def test_own_features_stand_apart_and_long_tables_are_cut(
    small: Atlas, small_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MOST_ROWS", 3)
    write_own(small_root, [f"地块{n}" for n in range(8)])
    own = open_own_of(small)
    answer = find_in_area(small, shapely.box(113.19, 23.09, 113.9, 23.12), own=own.layers)
    page = read(format_answer(small, answer, about(own=own)))
    assert say("answer_own", "zh", n=8) in page.texts("h3")
    assert say("answer_cut", "zh", shown=3, n=8) in page.text
    boxes = [g["bbox"] for g in goes(page) if g["kind"] == "goto"]
    assert len(boxes) == 3
    assert all(west < east and south < north for west, south, east, north in boxes)


def test_parts_are_told_as_percentages() -> None:
    assert [format_part(p) for p in (None, 0.0, 0.00004, 0.25, 1.0)] == ["–", "0.0%", "<0.1%", "25.0%", "100.0%"]


def test_pairs_name_both_sides(atlas: Atlas) -> None:
    pairs = find_between(atlas, "eco_corridors", "黄埔区", relation="crosses")
    page = read(format_pairs(atlas, pairs, question=("生态廊道", "黄埔区", "crosses", 0.0), own=NONE, lang="zh"))
    assert len(page.find("tr")) == len(pairs) + 1 > 1
    assert say("pair_count", "zh", n=len(pairs), sure=sum(p.certainty == "certain" for p in pairs)) in page.text


@pytest.mark.parametrize(
    ("text", "metres"),
    [("500", 500), ("", 0), ("x", 0), ("nan", 0), ("-3", 0), ("1e99", FARTHEST_M), ("inf", FARTHEST_M)],
)
def test_a_distance_is_read_or_nothing(text: str, metres: float) -> None:
    assert read_distance(text) == metres


def test_a_sheet_of_an_answer_is_a_pdf(atlas: Atlas) -> None:
    answer = find_in_area(atlas, find_district_area(atlas, "越秀区"))
    assert make_sheet(atlas, answer, about(title="越秀区")).startswith(b"%PDF")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_sheet_of_pairs_is_a_pdf_with_its_table(atlas: Atlas, lang: str) -> None:
    question = ("eco_corridors", "黄埔区", "crosses", 0.0)
    pairs = find_between(atlas, *question[:2], relation="crosses")
    lead = list_pair_lead(atlas, question, lang=lang)
    pdf = make_pairs_sheet(atlas, pairs, about(lang=lang), lead=lead)
    text = read_text(pdf, 1)
    assert {"zh": "三区三线", "en": "threezones"}[lang] in text
    assert pairs[0].a_name in text
    assert text.count("黄埔区") > len(pairs)


# --- the outline of what was brought


def test_a_small_outline_is_the_area_itself() -> None:
    outline, remark = build_outline(shapely.box(113.2, 23.1, 113.3, 23.2))
    assert outline.equals(shapely.box(113.2, 23.1, 113.3, 23.2))
    assert remark == ("", 0)


def test_a_large_outline_is_simplified_and_it_is_said() -> None:
    disc = shapely.Point(113.3, 23.1).buffer(0.1, quad_segs=1000)
    outline, (key, n) = build_outline(disc)
    assert key == "outline_simple"
    assert n == shapely.get_num_coordinates(outline) - 1 <= MOST_POINTS
    assert shapely.hausdorff_distance(outline, disc) < 0.001


def test_of_several_parts_the_largest_is_shown_and_it_is_said() -> None:
    parts = shapely.MultiPolygon([shapely.box(113, 23, 113.1, 23.1), shapely.box(113.3, 23.1, 113.31, 23.11)])
    outline, (key, _) = build_outline(parts)
    assert outline.equals(parts.geoms[0])
    assert key == "outline_part"


def test_an_area_far_away_has_no_outline() -> None:
    assert build_outline(shapely.box(10, 50, 11, 51)) == (None, ("outline_none", 0))


def test_what_was_brought_is_in_no_address(session: SimpleNamespace) -> None:
    area = shapely.box(113.2, 23.1, 113.3, 23.2)
    move(area=area)
    assert "area" in format_address("map")
    move(brought=True)
    assert "area" not in format_address("map")


def test_own_layers_are_in_no_address(session: SimpleNamespace, small: Atlas) -> None:
    answer_go(small)({"kind": "query_form", "of": "layers", "a": "own.hongxian", "b": "parks", "relation": "crosses"})
    assert current().asked["query"] == {"of": "layers", "b": "parks", "relation": "crosses", "held_a": "own.hongxian"}
    assert "own." not in json.dumps(format_address("query"))


# --- what lights up


def test_a_passage_lights_up_what_it_names(atlas: Atlas, session: SimpleNamespace) -> None:
    answer_go(atlas)({"kind": "light", "id": PARA})
    place = current()
    found = find_lit(atlas, place)
    named = {m.feature_id for m in atlas.mentions_by_paragraph[PARA]}
    assert set(found.drawn) | set(found.undrawn) == named & set(atlas.features)
    assert all(atlas.features[i].geometry is not None for i in found.drawn)
    assert list_lit(atlas, place) == list(place.picks) == list(found.drawn)
    assert format_address("map")["lit"] == PARA
    page = read(format_lit(atlas, place))
    assert [g["id"] for g in goes(page) if g["kind"] == "feature"] == [*found.drawn, *found.undrawn]


def test_next_and_previous_go_round(atlas: Atlas, session: SimpleNamespace) -> None:
    answer_go(atlas)({"kind": "light", "id": PARA})
    drawn = find_lit(atlas, current()).drawn
    seen = []
    for _ in range(len(drawn) + 1):
        answer_go(atlas)({"kind": "light_step", "by": "next"})
        seen.append(current().feature)
    assert seen == [*drawn, drawn[0]]
    answer_go(atlas)({"kind": "light_step", "by": "previous"})
    assert current().feature == drawn[-1]
    answer_go(atlas)({"kind": "light_off"})
    assert list_lit(atlas, current()) is None
    assert format_lit(atlas, current()) == ""


def test_a_search_lights_up_what_it_found(atlas: Atlas) -> None:
    place = Place(query="海珠湿地", lit=FOUND)
    names = {atlas.features[i].name for i in find_lit(atlas, place).drawn}
    assert "海珠湿地" in names


def test_a_passage_with_nothing_drawn_fades_nothing_and_names_what_is_not_located(atlas: Atlas) -> None:
    bare = next(
        para_id
        for para_id, mentions in atlas.mentions_by_paragraph.items()
        if mentions and all(atlas.features[m.feature_id].geometry is None for m in mentions)
    )
    place = Place(lit=bare)
    assert find_lit(atlas, place).undrawn
    assert list_lit(atlas, place) is None
    page = read(format_lit(atlas, place))
    assert [g["id"] for g in goes(page) if g["kind"] == "feature"] == list(find_lit(atlas, place).undrawn)
    text = format_text(atlas, Place())
    assert f"?lit={PARA}" in text
    assert f"?lit={bare}" not in text


def test_an_unknown_passage_lights_up_nothing(atlas: Atlas, session: SimpleNamespace) -> None:
    answer_go(atlas)({"kind": "light", "id": "chp_99"})
    assert current().lit == ""


# --- what is near


def test_a_click_tells_what_is_near(atlas: Atlas) -> None:
    lon, lat = 113.3205, 23.1318
    page = read(format_nearby(atlas, Place(panel="here", point=(lon, lat, 20.0))))
    near = [g["id"] for g in goes(page)]
    assert near
    assert "m" in page.text or "公里" in page.text
    assert format_nearby(atlas, Place(panel="intro", point=(lon, lat, 20.0))) == ""
    assert format_nearby(atlas, Place(panel="card", feature=near[0])) == ""


def test_what_is_near_does_not_repeat_what_was_clicked(atlas: Atlas) -> None:
    bounds = atlas.features["waterways.w003"].geometry.representative_point()
    place = Place(panel="card", feature="waterways.w003", picks=("waterways.w003",), point=(bounds.x, bounds.y, 20.0))
    assert "waterways.w003" not in [g["id"] for g in goes(read(format_nearby(atlas, place)))]


# --- own layers in the panel


@pytest.mark.parametrize("lang", LANGS)
def test_own_layers_are_a_theme_and_broken_files_are_named(small: Atlas, small_root: Path, lang: str) -> None:
    write_own(small_root, ["甲"])
    (small_root / "local" / "坏.geojson").write_text('{"type": "Fea', "utf-8")
    told = describe_own(open_own_of(small), lang)
    assert [theme["title"] for theme in told["themes"]] == [say("own_layers", lang)]
    good, broken = sorted(told["layers"], key=lambda one: bool(one["broken"]))
    assert good["url"].startswith("/own/own.hongxian.geojson?v=")
    assert "坏.geojson" in broken["broken"]
    assert "spec" not in broken
    data = add_own({"layers": [], "groups": [], "themes": [], "about": "x"}, open_own_of(small), lang)
    assert data["about"] != "x"


def test_the_page_is_told_that_own_layers_are_still_being_read(small: Atlas) -> None:
    reading = OwnLayers(small.root / "local", (), (), is_reading=True)
    assert add_own({"layers": []}, reading, "zh") == {"layers": [], "own_reading": True}


def test_without_own_layers_nothing_is_added(small: Atlas) -> None:
    data = {"layers": [], "groups": [], "themes": [], "about": "x"}
    assert add_own(data, open_own_of(small), "zh") is data


# --- the page as Streamlit runs it


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("of", ["drawn", "district", "file", "coords", "layers"])
def test_the_page_in_every_state(monkeypatch: pytest.MonkeyPatch, of: str, lang: str) -> None:
    app = start(ROOT, monkeypatch, "query", lang=lang, of=of)
    assert not app.exception
    assert messages(app) == []
    page = markup(app, "gz_query")
    assert [a.text for a in page.find("a", aria_current="true")] == [say(f"of_{of}", lang)]


def test_a_district_is_asked_by_the_address(monkeypatch: pytest.MonkeyPatch, atlas: Atlas) -> None:
    app = start(ROOT, monkeypatch, "query", of="district", district="黄埔区")
    assert not app.exception
    assert "黄埔区" in markup(app, "gz_answer").text
    app = start(ROOT, monkeypatch, "query", of="district", district="没有区")
    assert not app.exception
    assert any("没有区" in m for m in messages(app))


def test_pairs_are_asked_by_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    app = start(ROOT, monkeypatch, "query", of="layers", a="eco_corridors", b="黄埔区", relation="crosses")
    assert len(markup(app, "gz_answer").find("tr")) > 1
    app = start(ROOT, monkeypatch, "query", of="layers", a="nothing", b="黄埔区", relation="crosses")
    assert not app.exception
    assert any("nothing" in m for m in messages(app))


def test_pasted_coordinates_are_answered_or_refused_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    app = start(ROOT, monkeypatch, "query", of="coords")
    app.text_area[0].set_value("113.45 23.15\n113.46 23.15")
    app.button(key="FormSubmitter:gz_site_form-查询").click().run()
    assert not app.exception
    assert any("界址点" in m for m in messages(app))
    app.text_area[0].set_value("113.45 23.15\n113.46 23.15\n113.46 23.16\n113.45 23.16")
    app.button(key="FormSubmitter:gz_site_form-查询").click().run()
    assert messages(app) == []
    assert AREA_TITLE[0] in markup(app, "gz_answer").text
    assert "area" not in app.query_params
    assert component(app, "gz_map")["area"]["code"]
    app.button(key="gz_site_forget").click().run()
    assert component(app, "gz_map")["area"]["code"] == ""
