"""The map on the page: it draws, it answers clicks, it lives on, and it asks nothing of the server meanwhile."""

from __future__ import annotations

import re

import pytest
import shapely
from playwright.sync_api import Locator, expect

from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.query import find_unlocated
from tests.e2e import drafts
from tests.e2e.conftest import Server, Visiting

PAGES = ("地图", "原文", "下载", "台账", "数据与方法")
EMPTY = (113.672, 23.202)
"""A place in 增城区 with no plan feature within 7 km."""


def at(lon: float, lat: float, zoom: float = 12, **more: str) -> str:
    return "/?" + "&".join([f"view={zoom}/{lat}/{lon}", *(f"{k}={v}" for k, v in more.items())])


def find_lonely_place(atlas: Atlas, feature_id: str, *, clear_deg: float = 0.02) -> tuple[float, float]:
    """A vertex or inner point of a feature with nothing else of the plan near."""
    plan = {e.layer_id for e in atlas.catalog.plan_entries}
    others = [
        f
        for f in atlas.features.values()
        if f.layer_id in plan and f.feature_id != feature_id and f.geometry is not None
    ]
    reach = [f.geometry.buffer(_disc_deg(f)) for f in others]
    geometry = atlas.features[feature_id].geometry
    for x, y in [geometry.representative_point().coords[0], *shapely.get_coordinates(geometry).tolist()]:
        if all(g.distance(shapely.Point(x, y)) > clear_deg for g in reach):
            return x, y
    raise AssertionError(f"{feature_id} lies nowhere alone")


def _disc_deg(feature: Feature) -> float:
    return (feature.accuracy_m or 0) / 100_000 if "Point" in feature.geometry.geom_type else 0.0


def shown_by_itself(atlas: Atlas) -> set[str]:
    """Ids of the layers that are shown at first and have something to draw."""
    entries = atlas.catalog.entries.values()
    return {e.layer_id for e in entries if e.visible and atlas.layers[e.layer_id].geometry.notna().any()}


def names_in(box: Locator) -> list[str]:
    return box.locator("li a b").all_text_contents()


# --- drawing


def test_a_session_over_all_pages_asks_no_other_host(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    for title in (*PAGES, "地图"):
        one.turn_to(title)
    one.turn_to("English")
    for title in ("Text", "Download", "Ledger", "Data and methods", "Map"):
        one.turn_to(title)
    one.drag(200, 90)
    one.page.mouse.wheel(0, -400)
    one.click_at(*EMPTY)
    assert one.foreign == []
    asked = {a.removeprefix("/data/").removesuffix(".geojson") for a in one.asked if a.startswith("/data/")}
    assert asked == shown_by_itself(atlas), "the layers that are shown, and no other"
    assert "/assets/leaflet/leaflet.js" in one.asked


def test_the_browser_cannot_reach_other_hosts_and_tries_are_counted(shipped: Server, visit: Visiting) -> None:
    # Without the page's own policy, which would keep the tries from being made.
    one = visit(shipped, bypass_csp=True)
    failed = one.page.evaluate(
        """() => Promise.all(["http://cdn.jsdelivr.net/x.js", "https://192.0.2.1/y"].map(
             (u) => fetch(u, { mode: "no-cors" }).then(() => "reached", () => "blocked")))"""
    )
    assert failed == ["blocked", "blocked"]
    assert len(one.foreign) == 2
    one.foreign.clear()
    one.expected.append("ERR_")


def test_the_map_draws_every_layer(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    one.page.get_by_role("button", name="全部显示").click()
    one.settle()
    for entry in atlas.catalog.plan_entries:
        located = {
            f.feature_id: f.name
            for f in atlas.features.values()
            if f.layer_id == entry.layer_id and f.geometry is not None
        }
        assert one.held(entry.layer_id) == located
    labels = one.page.locator(".gz-label").all_text_contents()
    assert len(labels) >= 5
    painted = one.count_pixels()
    assert sum(painted.values()) > 20_000
    assert len([colour for colour, count in painted.items() if count > 50]) >= 4


def test_a_layer_is_drawn_in_its_own_colour(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    painted = visit(shipped, "/?layers=waterways").count_pixels()
    colour = atlas.catalog.entries["waterways"].style["color"]
    key = ",".join(str(int(colour[i : i + 2], 16) >> 5) for i in (1, 3, 5))
    assert painted.get(key, 0) > 200
    assert painted[key] == max(painted.values())


def test_nothing_is_drawn_when_all_layers_are_off(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?layers=none")
    assert sum(one.count_pixels().values()) == 0
    assert one.page.locator(".gz-label").count() == 0


# --- clicks


@pytest.mark.parametrize("feature_id", ["waterways.w004", "waterways.w009", "eco_corridors.c006"])
def test_click_shows_the_words_that_put_it_there(
    shipped: Server, visit: Visiting, atlas: Atlas, feature_id: str
) -> None:
    feature = atlas.features[feature_id]
    layer = feature.layer_id
    lon, lat = find_lonely_place_among(atlas, feature_id)
    one = visit(shipped, at(lon, lat, 13, layers=layer))
    one.click_at(lon, lat)
    expect(one.card).to_have_attribute("data-feature", feature_id)
    expect(one.card.locator("h2")).to_have_text(feature.name)
    marked = "".join(one.card.locator("blockquote mark").all_text_contents())
    wanted = [m for m in atlas.mentions_by_feature[feature_id] if m.role == "evidence"]
    assert all(m.exact.replace(",", "，") in marked for m in wanted)
    expect(one.card).to_contain_text("为什么在这里")
    expect(one.card.locator("dl")).to_contain_text("误差")
    assert one.query()["feature"] == feature_id
    chapter, section = atlas.document.places[wanted[0].para_id]
    expect(one.card.locator("blockquote footer").first).to_contain_text(f"第{chapter.number}章 › （{section.number}）")


def find_lonely_place_among(atlas: Atlas, feature_id: str) -> tuple[float, float]:
    """A vertex of a feature with nothing else of its own layer near."""
    layer_id = atlas.features[feature_id].layer_id
    others = [
        f.geometry
        for f in atlas.features.values()
        if f.layer_id == layer_id and f.feature_id != feature_id and f.geometry
    ]
    for x, y in shapely.get_coordinates(atlas.features[feature_id].geometry).tolist():
        if all(g.distance(shapely.Point(x, y)) > 0.02 for g in others):
            return x, y
    raise AssertionError(f"{feature_id} lies nowhere alone")


def test_click_selects_outlines_and_brings_to_front(copied: Server, visit: Visiting) -> None:
    one = visit(copied, at(*drafts.VERSIONED, 12, layers="drafts"))
    before = one.count_dark_pixels()
    one.click_at(*drafts.VERSIONED)
    expect(one.card).to_have_attribute("data-feature", "drafts.plan")
    assert one.count_dark_pixels() > before + 200
    assert one.page.evaluate(
        """() => {
             const layer = window.__gz.state.layers.drafts.byId.get('drafts.plan');
             return layer.options.renderer._drawLast.layer === layer;
           }"""
    )
    one.page.locator(".gz-x").click()
    one.rest()
    expect(one.card).to_have_count(0)
    assert one.count_dark_pixels() == before
    assert "feature" not in one.query()


def test_several_features_under_a_click_are_listed_small_and_certain_first(copied: Server, visit: Visiting) -> None:
    one = visit(copied, at(*drafts.NEST, 13))
    one.click_at(*drafts.NEST)
    chooser = one.page.locator(".gz-list")
    expect(chooser.locator("h2")).to_contain_text("4")
    assert names_in(chooser) == ["小块", "大片", "示意块", "宽泛片"]
    folded = chooser.locator("details")
    expect(folded.locator("summary")).to_have_text(re.compile("片区层面涉及（具体位置未明确）.*1"))
    assert names_in(folded) == ["宽泛片"]
    expect(folded.get_by_text("宽泛片")).to_be_hidden()
    chooser.get_by_text("大片").click()
    expect(one.card).to_have_attribute("data-feature", "drafts.big")
    one.card.locator(".gz-back").click()
    expect(one.page.locator(".gz-list h2")).to_contain_text("4")
    folded.locator("summary").click()
    folded.get_by_text("宽泛片").click()
    expect(one.card).to_have_attribute("data-feature", "drafts.wide")
    expect(one.card.locator("dl")).to_contain_text("3 公里")


def test_layers_that_are_off_are_not_found_by_a_click(copied: Server, visit: Visiting) -> None:
    one = visit(copied, at(*drafts.NEST, 13, layers="districts,waterways"))
    one.click_at(*drafts.NEST)
    expect(one.page.locator(".gz-list h2")).to_have_text("此处没有已落图的纲要地点")


def test_click_on_nothing_says_so_and_names_the_district(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, at(*EMPTY, 13))
    one.click_at(*EMPTY)
    here = one.page.locator(".gz-list").first
    expect(here.locator("h2")).to_have_text("此处没有已落图的纲要地点")
    expect(here).to_contain_text("此处位于 增城区")
    expect(here).to_contain_text(re.compile(r"113\.67\d\d, 23\.20\d\d"))


def test_hover_shows_the_name(copied: Server, visit: Visiting) -> None:
    one = visit(copied, at(*drafts.VERSIONED, 13))
    expect(one.hover_at(*drafts.VERSIONED)).to_have_text("plan_v1")
    x, y = one.pixel(*drafts.VERSIONED)
    one.page.mouse.move(x + 350, y)
    expect(one.page.locator(".leaflet-tooltip")).to_have_count(0)


def test_hover_names_all_that_lies_there_topmost_first(copied: Server, visit: Visiting) -> None:
    one = visit(copied, at(*drafts.NEST, 13))
    names = one.hover_at(*drafts.NEST).locator("> div > div")
    expect(names).to_have_count(4)
    assert set(names.all_text_contents()) == {"小块", "大片", "示意块", "宽泛片"}
    # The small ones are left first: the names follow the pointer.
    expect(one.hover_at(drafts.NEST[0] + 0.01, drafts.NEST[1]).locator("> div > div")).to_have_count(2)


def test_what_is_not_located_is_counted_listed_and_not_drawn(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    missing = find_unlocated(atlas)
    one = visit(shipped)
    button = one.page.locator(".gz-unlocated")
    expect(button).to_have_text(f"未能落位 {len(missing)} 处 ▸")
    button.click()
    listed = one.page.locator(".gz-list")
    expect(listed.locator("li a b")).to_have_count(len(missing))
    assert set(names_in(listed)) == {f.name for f in missing}
    fold = listed.locator("details", has_text=atlas.features["energy_parks.p003"].name)
    expect(fold.locator("li").first).to_be_hidden()
    fold.locator("summary").click()
    before = one.view()
    fold.locator("li a", has_text=atlas.features["energy_parks.p003"].name).click()
    expect(one.card).to_have_attribute("data-feature", "energy_parks.p003")
    expect(one.card).to_contain_text("未能落位")
    expect(one.card.locator(".gz-reason")).to_contain_text("花都区")
    assert "energy_parks.p003" not in one.held("energy_parks")
    assert one.view() == pytest.approx(before, abs=1e-4)


# --- one living map, and what it costs


def test_pan_and_zoom_cause_no_run_a_click_causes_one(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, at(*EMPTY, 11))
    runs, asked, frames = one.runs, one.reruns_asked, one.frames
    before = one.view()
    for step in ((150, 60), (-90, 40), (-60, -100)):
        one.drag(*step)
        one.be_still()
    one.page.mouse.wheel(0, -300)
    one.be_still()
    one.page.locator(".leaflet-control-zoom-out").click()
    one.be_still()
    one.rest()
    assert one.view() != pytest.approx(before, abs=1e-6)
    assert (one.runs, one.reruns_asked, one.frames) == (runs, asked, frames)
    assert one.query()["view"].startswith(f"{one.view()[0]:g}/")
    one.page.evaluate("([lat, lon]) => { window.__gz.map.setView([lat, lon], 12, { animate: false }); }", EMPTY[::-1])
    one.click_at(*EMPTY)
    expect(one.page.locator(".gz-list h2")).to_have_text("此处没有已落图的纲要地点")
    assert (one.runs, one.reruns_asked) == (runs + 1, asked + 1)


def test_toggles_and_opacity_cause_no_run_and_show_at_once(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    one.mark_map()
    runs, frames = one.runs, one.frames
    assert one.is_on_map("waterways")
    one.page.locator("#gz-waters").uncheck()
    assert not one.is_on_map("waterways")
    one.page.locator("#gz-cities").check()
    assert one.is_on_map("cities")
    row = one.page.locator(".gz-row", has=one.page.locator("#gz-eco_corridors"))
    row.hover()
    row.locator("input[type=range]").fill("0.3")
    one.rest()
    opacity = (
        "() => Math.max(...[...window.__gz.state.layers.eco_corridors.byId.values()].map((l) => l.options.opacity))"
    )
    assert one.page.evaluate(opacity) <= 0.3
    assert one.query()["op"] == "eco_corridors:0.3"
    shown = one.query()["layers"].split(",")
    assert "waterways" not in shown
    assert "cities" in shown
    assert (one.runs, one.frames) == (runs, frames)
    assert one.is_same_map()


def test_one_map_lives_through_pages_selection_and_language(copied: Server, visit: Visiting) -> None:
    one = visit(copied, at(*drafts.VERSIONED, 12))
    one.mark_map()
    one.page.locator("#gz-waters").uncheck()
    one.click_at(*drafts.VERSIONED)
    expect(one.card).to_have_attribute("data-feature", "drafts.plan")
    view = one.view()
    for title in ("原文", "下载", "台账", "数据与方法", "地图"):
        one.turn_to(title)
        assert one.is_same_map(), title
        assert one.page.locator(".gz-map").is_visible() == (title == "地图")
    expect(one.card).to_have_attribute("data-feature", "drafts.plan")
    assert one.view() == pytest.approx(view, abs=1e-3)
    assert not one.is_on_map("waterways")
    one.turn_to("English")
    expect(one.page.locator(".gz-panel h2")).to_contain_text("Layers")
    assert one.is_same_map()
    assert one.page.locator("iframe").count() == 0


def test_the_line_below_says_what_the_map_is_not(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    for title in PAGES:
        one.turn_to(title)
        footer = one.page.locator(".gz-footer")
        expect(footer).to_contain_text("非官方示意图，不作为法定依据")
        expect(footer).to_contain_text("公开征求意见稿 2025-09-23")
        expect(footer).to_contain_text("未经地图审核，仅限内部使用，不得公开登载")
