"""The page under its own Content-Security-Policy: everything works, and the browser reports no violation."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Server, Visiting

NOTE = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (e) => {
  window.__violations.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile ?? ""}`);
});
"""
PAGES = ("text", "mine", "districts", "list", "query", "download", "print", "ledger", "data", "help")


def list_violations(page: object) -> list[str]:
    return page.evaluate("window.__violations")


def test_the_map_works_and_breaks_no_rule(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, None)
    one.page.add_init_script(NOTE)
    one.open("/?view=11/23.18/113.30")
    assert "'unsafe-eval'" not in one.page.request.get(shipped.base, headers={"accept": "text/html"}).headers.get(
        "content-security-policy", "'unsafe-eval'"
    )
    one.click_at(113.30, 23.18)
    expect(one.page.locator("[class*=st-key-gz_card]")).to_be_visible()
    one.search("帽峰山")
    one.page.wait_for_timeout(2500)  # tools come when the browser has nothing better to do
    assert list_violations(one.page) == []


@pytest.mark.parametrize("path", PAGES)
def test_every_page_breaks_no_rule(shipped: Server, visit: Visiting, path: str) -> None:
    one = visit(shipped, None)
    one.page.add_init_script(NOTE)
    one.open(f"/{path}")
    assert list_violations(one.page) == []


def test_a_script_that_a_text_brought_in_does_not_run(shipped: Server, visit: Visiting) -> None:
    """The second line of defence: were something not escaped, the browser would still not run it."""
    one = visit(shipped, None)
    one.page.add_init_script(NOTE)
    one.open("/text")
    one.expected = ["Content Security Policy"]
    one.page.evaluate(
        """() => {
             const box = document.createElement("div");
             box.innerHTML = "<img src='data:,x' onerror='window.__hit = 1'>";
             document.body.append(box);
             const tag = document.createElement("script");
             tag.textContent = "window.__hit = 2";
             document.body.append(tag);
           }"""
    )
    one.page.wait_for_timeout(300)
    assert one.page.evaluate("window.__hit ?? null") is None
    assert len(list_violations(one.page)) >= 2


def test_no_other_site_may_frame_the_page(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, None)
    told = one.page.request.get(shipped.base, headers={"accept": "text/html"}).headers
    assert "frame-ancestors 'self'" in told["content-security-policy"]
