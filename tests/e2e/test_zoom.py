"""A page at 400 %, which is a window of 320 pixels: nothing is lost, nothing scrolls sideways; the focus is seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gzmap.ui.helping import TRIED_CHROMIUM
from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_axe import PATHS
from tests.e2e.visit import Visit

# 1280 × 1024 at 400 %: what WCAG 1.4.10 asks for.
ZOOMED = {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 4}
NARROW = {"viewport": {"width": 320, "height": 640}}
WIDE = """() => {
  const inside = (e) => { for (let p = e.parentElement; p; p = p.parentElement) {
    const style = getComputedStyle(p);
    if (/auto|scroll|hidden|clip/.test(style.overflowX) && p !== document.body && p !== document.documentElement
        && p.getBoundingClientRect().right <= innerWidth + 1) return true; } return false; };
  return [...document.querySelectorAll("body *")].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && box.height && box.right > innerWidth + 2 && !inside(e)
      && getComputedStyle(e).visibility !== "hidden" && !e.closest("svg");
  }).slice(0, 5).map((e) => e.outerHTML.slice(0, 120));
}"""
# What has the focus, and how it and what is around it look: a box of Streamlit's shows the focus of the field inside it
# or of the sign beside it, what is drawn by its own edge.
LOOK = """() => {
  const look = (all) => all.map((n) => { const s = getComputedStyle(n);
    return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.strokeWidth, s.stroke].join(); }).join("|");
  const before = window.__focused && { before: window.__look, after: look(window.__near), html: window.__html };
  let e = document.activeElement;
  while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
  window.__focused = e && e !== document.body && e.isConnected;
  if (window.__focused) {
    const near = [e, ...e.querySelectorAll("path"), ...(e.parentElement?.children ?? [])];
    for (let p = e.parentElement, n = 0; p && n < 5; p = p.parentElement, n += 1) near.push(p);
    window.__near = near;
    window.__look = look(near);
    window.__html = e.outerHTML.slice(0, 140);
  }
  return before;
}"""


def find_unseen_focus(one: Visit, steps: int = 45) -> list[str]:
    """What has the focus on the way of the Tab key and does not show it."""
    found = []
    for _ in range(steps):
        one.page.keyboard.press("Tab")
        told = one.page.evaluate(LOOK)
        if told and told["before"] == told["after"]:
            found.append(told["html"])
    return found


@pytest.mark.parametrize("name", PATHS)
def test_nothing_is_lost_at_400_percent(shipped: Server, visit: Visiting, name: str) -> None:
    one = visit(shipped, PATHS[name], **NARROW)
    assert one.page.evaluate("() => document.scrollingElement.scrollWidth") <= 320
    assert one.page.evaluate(WIDE) == []
    expect(one.page.locator(".gz-search input")).to_be_visible()
    expect(one.page.locator(".gz-menu summary")).to_be_visible()


def test_the_text_can_be_read_in_the_lowest_window(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/help", **ZOOMED)
    assert one.page.evaluate("() => document.scrollingElement.scrollWidth") <= 320
    last = one.page.locator("#help-standing")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    one.page.locator(".gz-menu summary").click()
    link = one.page.locator(".gz-menu nav a").last
    link.scroll_into_view_if_needed()
    expect(link).to_be_in_viewport()


@pytest.mark.parametrize("name", ["card", "text", "mine", "districts", "list", "download", "print", "ledger", "help"])
def test_the_focus_is_seen(shipped: Server, visit: Visiting, name: str) -> None:
    one = visit(shipped, PATHS[name])
    assert find_unseen_focus(one) == []


def test_the_language_of_the_page_is_told(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/")
    assert one.page.evaluate("() => document.documentElement.lang") == "zh-CN"
    expect(one.page.locator(".gz-lang")).to_have_attribute("lang", "en")
    one.page.locator(".gz-lang").click()
    one.page.wait_for_function("() => document.documentElement.lang === 'en'")
    expect(one.page.locator(".gz-lang")).to_have_attribute("lang", "zh-CN")


def test_the_browser_that_the_help_names_is_no_newer_than_this_one(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/help")
    expect(one.page.locator(".gz-help")).to_contain_text(f"Chromium {TRIED_CHROMIUM}")
    assert int(one.page.context.browser.version.split(".")[0]) >= int(TRIED_CHROMIUM)
