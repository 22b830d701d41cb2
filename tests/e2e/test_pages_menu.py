"""From page to page: the links on the line, and the menu where there is no room for them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from gzmap.ui.words import say
from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_phone import PHONE, require_no_sideways_scroll

PAGES = ("map", "text", "mine", "districts", "list", "download", "ledger", "data")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_at_1400_pixels_the_pages_stand_on_one_line(shipped: Server, visit: Visiting, language: str) -> None:
    one = visit(shipped, f"/list?lang={language}", viewport={"width": 1400, "height": 900})
    nav = one.page.locator(".gz-nav")
    expect(one.page.locator(".gz-menu")).to_be_hidden()
    links = [nav.get_by_role("link", name=say(page, language), exact=True) for page in PAGES]
    boxes = [link.bounding_box() for link in links]
    assert len({round(box["y"]) for box in boxes}) == 1
    language_link = one.page.locator(".gz-lang").bounding_box()
    assert language_link["x"] + language_link["width"] <= 1400 - 8
    assert one.page.locator(".gz-search").bounding_box()["width"] >= 150
    assert all(a["x"] + a["width"] <= b["x"] for a, b in pairwise(boxes))
    expect(links[PAGES.index("list")]).to_have_attribute("aria-current", "page")
    assert one.page.evaluate("() => document.scrollingElement.scrollWidth") <= 1400


@pytest.mark.parametrize("width", [390, 768, 1000])
def test_a_menu_has_the_pages_where_the_line_is_short(shipped: Server, visit: Visiting, width: int) -> None:
    one = visit(shipped, "/mine", viewport={"width": width, "height": 844})
    expect(one.page.locator(".gz-nav")).to_be_hidden()
    menu = one.page.locator(".gz-menu")
    menu.locator("summary").click()
    current = menu.get_by_role("link", name="我的区", exact=True)
    expect(current).to_have_attribute("aria-current", "page")
    for page in PAGES:
        expect(menu.get_by_role("link", name=say(page, "zh"), exact=True)).to_be_in_viewport(ratio=1)
    menu.get_by_role("link", name="清单", exact=True).click()
    one.rest()
    assert one.page.url.endswith("/list")
    expect(menu).not_to_have_attribute("open", "")
    expect(one.page.locator(".gz-inventory")).to_be_visible()


def test_the_menu_is_worked_by_keyboard(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/list", **PHONE)
    menu, summary = one.page.locator(".gz-menu"), one.page.locator(".gz-menu > summary")
    summary.focus()
    one.page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    one.page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()
    one.page.keyboard.press("Enter")
    for _ in range(PAGES.index("districts") + 1):
        one.page.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="各区", exact=True)).to_be_focused()
    one.page.keyboard.press("Enter")
    one.rest()
    expect(one.page.locator(".gz-districts")).to_be_visible()
    require_no_sideways_scroll(one)


def test_a_press_elsewhere_closes_the_menu(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/list", **PHONE)
    one.page.locator(".gz-menu > summary").tap()
    expect(one.page.locator(".gz-menu nav")).to_be_visible()
    one.page.touchscreen.tap(60, 700)
    expect(one.page.locator(".gz-menu nav")).to_be_hidden()


def test_back_and_forward_lead_through_pages_with_what_they_were_asked(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/list?theme=ecology")
    one.turn_to("各区")
    one.page.locator(".gz-tallies").get_by_role("link", name="白云区", exact=True).click()
    one.rest()
    one.turn_to("地图")
    assert "theme" not in one.query()
    assert "district" not in one.query()
    one.page.go_back()
    one.rest()
    expect(one.page.locator("#chosen-place h2")).to_contain_text("白云区")
    assert one.query()["district"] == "白云区"
    one.page.go_back()
    one.rest()
    expect(one.page.locator("#chosen-place h2")).to_have_count(0)
    one.page.go_back()
    one.rest()
    expect(one.page.locator(".gz-chosen")).to_contain_text("生态网络")
    one.page.go_forward()
    one.rest()
    one.page.go_forward()
    one.rest()
    expect(one.page.locator("#chosen-place h2")).to_contain_text("白云区")
    one.turn_to("清单")
    expect(one.page.locator(".gz-chosen")).to_contain_text("生态网络")
    assert one.page.evaluate("() => window.__gz.mounts") == 1, "the map lives on"
