"""The page on a telephone: 390 × 844, touched by fingers."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e import drafts
from tests.e2e.conftest import Server, Visiting
from tests.e2e.visit import Visit

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


def require_no_sideways_scroll(one: Visit) -> None:
    widths = one.page.evaluate("() => [document.scrollingElement.scrollWidth, document.body.scrollWidth, innerWidth]")
    assert max(widths) <= 390


def test_map_card_and_layers_fit_the_hand(copied: Server, visit: Visiting) -> None:
    lon, lat = drafts.VERSIONED
    one = visit(copied, f"/?view=12/{lat}/{lon}", **PHONE)
    require_no_sideways_scroll(one)
    box = one.page.locator(".gz-map").bounding_box()
    assert box["width"] == 390
    assert box["height"] >= 250
    assert box["y"] + box["height"] <= 844
    assert sum(one.count_pixels().values()) > 5_000
    one.page.touchscreen.tap(*one.pixel(lon, lat))
    one.rest()
    expect(one.card).to_have_attribute("data-feature", "drafts.plan")
    card = one.card.bounding_box()
    assert card["y"] >= box["y"] + box["height"]
    expect(one.card.locator("h2")).to_be_in_viewport()
    require_no_sideways_scroll(one)
    panel = one.page.locator(".gz-panel")
    expect(panel).to_be_hidden()
    button = one.page.locator(".gz-open-panel")
    button.tap()
    expect(panel).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    one.page.locator("label[for=gz-waters]").tap()
    assert not one.is_on_map("waterways")
    box, sheet = one.page.locator(".gz-map").bounding_box(), panel.bounding_box()
    assert sheet["y"] > box["y"] + 200, "the map is seen above the layers"
    assert sheet["width"] == 390
    base = panel.locator("#gz-districts")
    base.scroll_into_view_if_needed()
    base.tap()
    assert not one.is_on_map("districts")
    require_no_sideways_scroll(one)
    panel.locator(".gz-close").tap()
    expect(panel).to_be_hidden()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_scrolls_sideways(shipped: Server, visit: Visiting, language: str) -> None:
    one = visit(shipped, f"/?lang={language}", **PHONE)
    titles = (
        ("原文", "我的区", "各区", "清单", "下载", "台账", "数据与方法", "地图")
        if language == "zh"
        else ("Text", "My district", "Districts", "List", "Download", "Ledger", "Data and methods", "Map")
    )
    for title in titles:
        one.turn_to(title)
        require_no_sideways_scroll(one)
    one.search("储能")
    require_no_sideways_scroll(one)
    expect(one.page.locator(".gz-results h2")).to_be_in_viewport()
    for element in (".gz-search input", ".gz-lang"):
        expect(one.page.locator(element)).to_be_in_viewport(ratio=0.9)


def test_the_list_of_what_is_not_located_fits_the_hand(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, **PHONE)
    one.page.locator(".gz-open-panel").tap()
    one.page.locator(".gz-unlocated").tap()
    one.rest()
    expect(one.page.locator(".gz-panel")).to_be_hidden()
    listed = one.page.locator(".gz-nowhere")
    assert listed.bounding_box()["height"] < 3 * 844, "folded by group"
    listed.locator("summary").first.tap()
    expect(listed.locator("li").first).to_be_visible()
    require_no_sideways_scroll(one)
