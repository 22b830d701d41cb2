"""The list twin of the map: the same places, in words, following the map."""

from __future__ import annotations

import math
import re

import pytest
from playwright.sync_api import Locator, expect

from gzmap.atlas import Atlas
from gzmap.query import find_unlocated
from tests.e2e import drafts
from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_maptools import open_tool, tool
from tests.e2e.test_phone import PHONE
from tests.e2e.visit import Visit

WHERE = re.compile(r"^(地图中心(在其范围内)?|[东西]?[南北]?( \d+(\.\d)? (米|公里)))(，示意)?$")


def ids(twin: Locator) -> list[str]:
    return twin.locator(".gz-place").evaluate_all("(all) => all.map((e) => e.dataset.id)")


def look_at(one: Visit, lon: float, lat: float, zoom: float = 13) -> None:
    one.page.evaluate(
        "([lat, lon, zoom]) => { window.__gz.map.setView([lat, lon], zoom, { animate: false }); }", [lat, lon, zoom]
    )
    one.page.wait_for_timeout(120)


def test_the_list_holds_what_is_in_view_by_theme_nearest_first(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    runs, frames = one.runs, one.frames
    twin = open_tool(one, "twin")
    shown = {
        f.feature_id
        for e in atlas.catalog.plan_entries
        if e.visible
        for f in atlas.features.values()
        if f.layer_id == e.layer_id and f.geometry is not None
    }
    assert set(ids(twin)) == shown, "the whole city is in view"
    expect(twin).to_contain_text(f"{len(shown)} 处")
    themes = twin.locator("h3").all_text_contents()
    titles = [t["title"] for t in reversed(atlas.catalog.themes)]
    assert [re.sub(r"\d+$", "", t) for t in themes] == [t for t in titles if any(h.startswith(t) for h in themes)]
    for text in twin.locator(".gz-where").all_text_contents():
        assert WHERE.match(text), text
    distances = twin.locator("ul").first.locator(".gz-where").all_text_contents()
    metres = [float(n) * (1000 if "公里" in t else 1) for t in distances for n in re.findall(r"[\d.]+", t)[:1]]
    assert metres == sorted(metres)
    missing = twin.get_by_role("button", name=f"未能落位 {len(find_unlocated(atlas))} 处")
    expect(missing).to_be_visible()
    assert (one.runs, one.frames) == (runs, frames)
    missing.click()
    one.rest()
    expect(one.page.locator(".gz-list h2")).to_contain_text("未能落位的地点")


def test_the_list_follows_the_map_and_the_layers_without_a_run(copied: Server, visit: Visiting) -> None:
    one = visit(copied, "/?layers=drafts")
    twin = open_tool(one, "twin")
    runs, frames = one.runs, one.frames
    look_at(one, *drafts.NEST)
    assert {"drafts.small", "drafts.big", "drafts.wide"} <= set(ids(twin))
    assert "drafts.plan" not in ids(twin)
    expect(twin.locator("[data-id='drafts.big'] .gz-where")).to_have_text(re.compile("^地图中心在其范围内"))
    look_at(one, 113.9, 23.9)
    expect(twin).to_contain_text("视野内没有所示图层的地点")
    look_at(one, *drafts.NEST)
    one.page.get_by_role("button", name="全部隐藏").click()
    expect(twin.locator(".gz-place")).to_have_count(0)
    expect(twin.locator("[role=status]")).to_have_text("视野内 0 处地点")
    assert (one.runs, one.frames) == (runs, frames)


@pytest.mark.parametrize(
    ("east", "north", "direction"),
    [(0, 1, "南"), (1, 1, "西南"), (1, 0, "西"), (-1, -1, "东北"), (0, -1, "北"), (-1, 0, "东"), (-1, 1, "东南")],
)
def test_direction_and_distance_are_told_from_the_centre(
    copied: Server, visit: Visiting, east: int, north: int, direction: str
) -> None:
    """The map looks two kilometres beside a small area: it lies the other way."""
    one = visit(copied, "/?layers=drafts")
    twin = open_tool(one, "twin")
    lon, lat = drafts.VERSIONED
    look_at(one, lon + east * 0.0196, lat + north * 0.0181, 13.5)
    where = twin.locator("[data-id='drafts.plan'] .gz-where").text_content()
    told = re.match(r"(\S+) ([\d.]+) (公里|米)", where)
    assert told, where
    assert told[1] == direction
    away = float(told[2]) * (1 if told[3] == "公里" else 0.001)
    # To the edge of the area, which is 0.01 degrees from its middle.
    assert away == pytest.approx(math.hypot(east * (2 - 1.02), north * (2 - 1.11)), abs=0.15)


def test_a_place_is_chosen_by_keyboard_like_a_click_on_the_map(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    twin = open_tool(one, "twin")
    view, runs, asked = one.view(), one.runs, one.reruns_asked
    listed = ids(twin)
    first = twin.locator(".gz-place").first
    expect(first).to_be_focused()
    for key, place in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("End", -1), ("Home", 0), ("ArrowDown", 1)):
        one.page.keyboard.press(key)
        expect(twin.locator(f"[data-id='{listed[place]}']")).to_be_focused()
    assert twin.locator("[tabindex='0']").count() == 1, "one stop for the Tab key"
    one.page.keyboard.press("Enter")
    one.rest()
    expect(one.card).to_have_attribute("data-feature", listed[1])
    assert (one.runs, one.reruns_asked) == (runs + 1, asked + 1)
    assert one.query()["feature"] == listed[1]
    assert one.view() == pytest.approx(view, abs=1e-6), "the map stays where it is"
    chosen = twin.locator(f"[data-id='{listed[1]}']")
    expect(chosen).to_have_attribute("aria-current", "true")
    expect(chosen).to_be_focused()
    one.page.keyboard.press("ArrowDown")
    expect(twin.locator(f"[data-id='{listed[2]}']")).to_be_focused()


def test_the_focus_stays_while_the_map_moves(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    twin = open_tool(one, "twin")
    chosen = twin.locator("[data-id='waterways.w003']")
    chosen.focus()
    one.page.evaluate("() => { window.__gz.map.panBy([8, 5], { animate: false }); }")
    one.page.wait_for_timeout(150)
    expect(chosen).to_be_focused()


def test_a_row_says_more_to_who_does_not_see_the_map(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/?layers=waterways,blueways,eco_corridors&feature=waterways.w003")
    twin = open_tool(one, "twin")
    row = twin.locator("[data-id='waterways.w003']")
    heard = row.locator(".gz-sr")
    expect(heard).to_contain_text("已选中")
    expect(heard).to_contain_text("图层 河流水道与流域")
    expect(heard).to_contain_text(re.compile("误差约 .*(米|公里)"))
    feature = next(
        f
        for f in atlas.features.values()
        if f.layer_id == "blueways" and f.geometry is not None and str(f.properties["based_on"]).startswith("waterways")
    )
    base = atlas.features[feature.properties["based_on"].split("|")[0]]
    expect(twin.locator(f"[data-id='{feature.feature_id}'] .gz-sr")).to_contain_text(f"几何同 {base.name}")


def test_on_a_telephone_the_list_gives_way_to_the_card(copied: Server, visit: Visiting) -> None:
    lon, lat = drafts.VERSIONED
    one = visit(copied, f"/?view=13/{lat}/{lon}&layers=drafts", **PHONE)
    expect(tool(one, "twin")).to_be_visible()
    tool(one, "twin").tap()
    row = one.page.locator(".gz-place[data-id='drafts.plan']")
    expect(row).to_be_visible()
    assert row.bounding_box()["height"] >= 44
    row.tap()
    one.rest()
    expect(one.page.locator(".gz-flyout")).to_be_hidden()
    expect(one.card).to_have_attribute("data-feature", "drafts.plan")
    expect(one.card.locator("h2")).to_be_in_viewport()


def test_a_hostile_name_stays_text_in_list_and_names(copied: Server, visit: Visiting) -> None:
    one = visit(copied, "/?layers=drafts")
    twin = open_tool(one, "twin")
    assert twin.locator("img, script").count() == 0
    assert set(twin.locator(".gz-place b").all_text_contents()) <= set(one.held("drafts").values())
    expect(one.page.locator(".gz-names img, .gz-names script")).to_have_count(0)
