"""Names may hold anything: they are shown as text, everywhere, and nothing of them runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e import drafts
from tests.e2e.conftest import Server, Visiting
from tests.e2e.visit import Visit

VIEW = f"view=12/{drafts.LURE[1]}/{drafts.LURE[0]}"


@pytest.fixture
def one(copied: Server, visit: Visiting) -> Visit:
    visited = visit(copied, f"/?{VIEW}")
    yield visited
    visited.page.wait_for_timeout(150)
    assert visited.page.evaluate("() => window.pwned") is None
    assert visited.dialogs == []
    assert visited.page.locator("img[src=x], [onclick], [onerror]").count() == 0
    assert not [a for a in visited.asked if a.endswith("/x")]


def require_text(element: Locator, text: str = drafts.HOSTILE) -> None:
    expect(element).to_have_count(1)
    assert element.text_content() == text
    assert element.locator("*").count() == 0


def test_on_the_map_in_the_card_and_in_the_chooser(one: Visit) -> None:
    lure = (drafts.LURE[0] - 0.005, drafts.LURE[1])
    tip = one.hover_at(*lure)
    expect(tip).to_have_count(1)
    require_text(tip.locator("> div > div"))
    one.click_at(*lure)
    expect(one.card).to_have_attribute("data-feature", "drafts.lure")
    require_text(one.card.locator("h2"))
    expect(one.card.locator("dl")).to_contain_text("<img src=x onerror=")
    one.click_at(drafts.LURE[0] + 0.0075, drafts.LURE[1])
    listed = one.page.locator(".gz-list li a b")
    expect(listed).to_have_count(2)
    require_text(listed.nth(1))
    listed.nth(1).click()
    require_text(one.card.locator("h2"))
    one.turn_to("English")
    require_text(one.card.locator("h2"))


def test_in_search_results_and_the_box_itself(one: Visit) -> None:
    results = one.search("<script>window")
    require_text(results.locator("li a b", has_text="pwned=2").first)
    one.search('"><img src=x onerror=alert(9)>`')
    expect(one.page.locator(".gz-search input")).to_have_value('"><img src=x onerror=alert(9)>`')


def test_in_the_text_the_register_and_the_lists(one: Visit) -> None:
    one.page.locator(".gz-unlocated").click()
    listed = one.page.locator(".gz-list li a b")
    expect(listed.first).to_be_attached()
    require_text(listed.filter(has_text="无处"), drafts.HOSTILE_UNPLACED)
    require_text(one.page.locator(".gz-panel .gz-title", has_text="草稿"), drafts.TITLE)
    one.turn_to("原文")
    titles = one.page.locator("a.gz-mention").evaluate_all("(all) => all.map((a) => a.title)")
    assert drafts.HOSTILE in titles
    require_text(one.page.locator(".gz-chips a", has_text="pwned=2"))
    one.turn_to("数据与方法")
    require_text(one.page.locator("td a", has_text="pwned=2"))
    require_text(one.page.locator("#layer-drafts summary b"), drafts.TITLE)
    one.turn_to("台账")
    require_text(one.page.locator(".gz-accounts .gz-chips a", has_text="pwned=2").first)
    one.turn_to("下载")
    box = one.page.locator(".st-key-gz_layer").get_by_role("combobox")
    box.click()
    box.fill("草稿")
    expect(one.page.get_by_role("option")).to_have_count(1)
    assert one.page.get_by_role("option").text_content().endswith(drafts.TITLE)
