"""Three steps on the first visit: there once, worked by keyboard, and never before a link that leads somewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_phone import PHONE
from tests.e2e.visit import Visit

SHOWN = "() => window.__gz.state.maptools"
WAIT_MS = 800


def wait_for_tools(one: Visit) -> None:
    one.page.wait_for_function(SHOWN)
    one.page.wait_for_timeout(WAIT_MS)


def test_the_first_visit_has_it_once(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/", tour=True)
    tour = one.page.get_by_role("complementary", name="导览")
    expect(tour).to_contain_text("1 / 3")
    assert one.page.evaluate("() => document.activeElement === document.body"), "it takes no focus"
    tour.get_by_role("button", name="跳过").click()
    expect(tour).to_have_count(0)
    expect(one.page.locator(".gz-tour-ring")).to_have_count(0)
    one.page.goto(shipped.base)
    one.settle()
    wait_for_tools(one)
    expect(tour).to_have_count(0)


def test_it_is_worked_by_keyboard(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/", tour=True)
    tour = one.page.locator(".gz-tour")
    expect(tour).to_be_visible()
    one.page.keyboard.press("Tab")
    expect(tour.get_by_role("button", name="跳过")).to_be_focused()
    one.page.keyboard.press("Tab")
    one.page.keyboard.press("Enter")
    expect(tour).to_contain_text("2 / 3")
    expect(tour.get_by_role("button", name="下一步")).to_be_focused()
    one.page.keyboard.press("Enter")
    expect(tour).to_contain_text("3 / 3")
    tour.get_by_role("button", name="上一步").press("Enter")
    expect(tour).to_contain_text("2 / 3")
    expect(tour.get_by_role("button", name="上一步")).to_be_focused()
    one.page.keyboard.press("Escape")
    expect(tour).to_have_count(0)


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desk", "phone"])
def test_the_ring_is_around_what_is_spoken_of_and_the_map_stays_free(
    shipped: Server, visit: Visiting, size: dict
) -> None:
    one = visit(shipped, "/", tour=True, **size)
    ring = one.page.locator(".gz-tour-ring")
    targets = [".gz-search", ".gz-open-panel" if size else ".gz-panel", ".gz-strip"]
    for selector in targets:
        expect(ring).to_be_visible()
        outer, inner = ring.bounding_box(), one.page.locator(selector).bounding_box()
        assert outer["x"] <= inner["x"]
        assert outer["y"] <= inner["y"]
        assert outer["x"] + outer["width"] >= min(inner["x"] + inner["width"], one.page.viewport_size["width"]) - 1
        one.page.locator(".gz-tour-go").click()
    expect(one.page.locator(".gz-tour")).to_have_count(0)


def test_the_line_below_is_never_covered(shipped: Server, visit: Visiting) -> None:
    for size in ({}, PHONE):
        one = visit(shipped, "/", tour=True, **size)
        one.page.locator(".gz-tour").wait_for()
        box, line = one.page.locator(".gz-tour").bounding_box(), one.page.locator(".gz-footer").bounding_box()
        assert box["y"] + box["height"] <= line["y"]


@pytest.mark.parametrize("path", ["/?feature=waterways.w003", "/?q=湿地", "/?view=12/23.1/113.3", "/help", "/text"])
def test_a_link_that_leads_somewhere_has_none(shipped: Server, visit: Visiting, path: str) -> None:
    one = visit(shipped, path, tour=True)
    wait_for_tools(one)
    expect(one.page.locator(".gz-tour")).to_have_count(0)


def test_help_shows_it_again(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/help")
    one.page.get_by_role("link", name="再看一次导览").click()
    expect(one.page.locator(".gz-tour")).to_be_visible()
    one.settle()
    one.turn_to("原文")
    expect(one.page.locator(".gz-tour")).to_have_count(0)


def test_a_browser_that_keeps_nothing_can_still_dismiss_it(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, None, tour=True)
    one.page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied'); } });")
    one.open("/?lang=en")
    tour = one.page.get_by_role("complementary", name="Tour")
    expect(tour).to_be_visible()
    one.page.keyboard.press("Escape")
    expect(tour).to_have_count(0)
