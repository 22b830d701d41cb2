"""The address holds the state: what is reloaded or sent shows the same."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Server, Visiting
from tests.e2e.visit import Visit

ADDRESS = (
    "/?feature=waterways.w004&view=12/23.1500/113.6000&layers=districts,waterways,energy_parks&op=waterways:0.5&lang=en"
)


def require_state(one: Visit) -> None:
    expect(one.card).to_have_attribute("data-feature", "waterways.w004")
    assert one.view() == (12, pytest.approx(23.15, abs=2e-4), pytest.approx(113.6, abs=2e-4))
    assert [i for i in ("districts", "waterways", "energy_parks", "eco_corridors", "labels") if one.is_on_map(i)] == [
        "districts",
        "waterways",
        "energy_parks",
    ]
    row = one.page.locator(".gz-row", has=one.page.locator("#gz-waters"))
    expect(row.locator("input[type=range]")).to_have_value("0.5")
    expect(one.page.locator(".gz-panel h2")).to_contain_text("Layers")
    query = one.query()
    assert (query["feature"], query["lang"], query["op"]) == ("waterways.w004", "en", "waterways:0.5")
    assert query["layers"] == "districts,waterways,energy_parks"
    assert query["view"].startswith("12/23.15")


def test_an_address_restores_the_whole_state(shipped: Server, visit: Visiting) -> None:
    require_state(visit(shipped, ADDRESS))


def test_state_survives_reload_and_page_switches(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, ADDRESS)
    for title in ("Text", "Download", "Ledger", "Data and methods", "Map"):
        one.turn_to(title)
    require_state(one)
    one.reload()
    require_state(one)
    one.turn_to("Text")
    assert one.query()["feature"] == "waterways.w004"
    one.reload()
    expect(one.page.locator(".gz-on").first).to_be_attached()
    one.turn_to("Map")
    require_state(one)


def test_a_change_on_the_map_survives_a_page_switch_and_reload(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    one.drag(-160, 70)
    one.be_still()
    one.page.locator("#gz-eco_corridors").uncheck()
    one.rest()
    view = one.view()
    one.turn_to("下载")
    one.turn_to("地图")
    assert one.view() == pytest.approx(view, abs=2e-4)
    assert not one.is_on_map("eco_corridors")
    one.reload()
    assert one.view() == pytest.approx(view, abs=2e-4)
    assert not one.is_on_map("eco_corridors")


def test_a_search_and_a_paragraph_survive_reload(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    one.search("帽峰山")
    one.reload()
    expect(one.page.locator(".gz-results h2")).to_contain_text("帽峰山")
    expect(one.page.locator(".gz-search input")).to_have_value("帽峰山")
    one = visit(shipped, "/text?para=chp_5__sec_2__para_1")
    expect(one.page.locator("#chp_5__sec_2__para_1")).to_be_in_viewport()
    expect(one.page.locator(".gz-current")).to_have_count(1)


@pytest.mark.parametrize(
    ("address", "named", "of"),
    [
        ("/?feature=waterways.w999", "waterways.w999", "要素"),
        ("/?feature=<img src=x onerror=alert(1)>`*a*", "<img src=x onerror=alert(1)>`*a*", "要素"),
        ("/?para=chp_99__sec_1__para_1", "chp_99__sec_1__para_1", "段落"),
        ("/text?para=nowhere", "nowhere", "段落"),
    ],
)
def test_an_unknown_id_is_named_and_the_map_is_there(
    shipped: Server, visit: Visiting, address: str, named: str, of: str
) -> None:
    one = visit(shipped, address)
    warning = one.page.locator("[data-testid=stAlert]")
    expect(warning).to_have_count(1)
    expect(warning).to_contain_text(named)
    expect(warning).to_contain_text(of)
    if "/text" in address:
        one.turn_to("地图")
    assert one.page.locator(".gz-map").is_visible()
    assert sum(one.count_pixels().values()) > 20_000


@pytest.mark.parametrize(
    "query",
    ["view=99/x/y&layers=,,none&op=a:b,waterways:9", "view=&layers=&op=", "view=NaN/0/0&lang=xx&q=&feature=&para="],
)
def test_a_senseless_address_still_shows_the_map(shipped: Server, visit: Visiting, query: str) -> None:
    one = visit(shipped, f"/?{query}")
    zoom, lat, lon = one.view()
    assert (zoom, lat, lon) == (pytest.approx(9.5, abs=1), pytest.approx(23.25, abs=0.1), pytest.approx(113.5, abs=0.1))
    assert one.page.locator(".gz-map").is_visible()


def test_the_language_of_the_page_is_declared(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    assert one.page.evaluate("document.documentElement.lang") == "zh-CN"
    one.turn_to("English")
    assert one.page.evaluate("document.documentElement.lang") == "en"
    assert one.query()["lang"] == "en"
    one.turn_to("中文")
    assert one.page.evaluate("document.documentElement.lang") == "zh-CN"
    assert "lang" not in one.query()


def test_back_and_forward_in_the_history(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?feature=waterways.w003")
    one.mark_map()
    one.card.locator(".gz-chips a").first.click()
    one.rest()
    second = one.query()["feature"]
    assert second != "waterways.w003"
    one.turn_to("原文")
    for step, feature_id in (("back", second), ("back", "waterways.w003"), ("forward", second)):
        {"back": one.page.go_back, "forward": one.page.go_forward}[step]()
        one.rest()
        expect(one.card).to_have_attribute("data-feature", feature_id)
        assert one.query()["feature"] == feature_id
        assert one.page.locator(".gz-map").is_visible()
    assert one.is_same_map()
