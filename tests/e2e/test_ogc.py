"""The pages of the service for GIS programs in the real browser, below everything that the app puts around them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_axe import SIZES, find_faults
from tests.e2e.test_security import NOTE, list_violations

PATHS = {
    "landing": "/ogc",
    "collections": "/ogc/collections",
    "collection": "/ogc/collections/wetlands",
    "schema": "/ogc/collections/wetlands/schema",
    "items": "/ogc/collections/waterways/items",
    "item": "/ogc/collections/wetlands/items/wetlands.t001",
    "english item": "/ogc/collections/wetlands/items/wetlands.t001?f=html&lang=en",
    "api": "/ogc/openapi",
    "conformance": "/ogc/conformance",
}


@pytest.mark.parametrize("size", SIZES)
def test_pages_are_whole_break_no_rule_and_have_no_grave_fault(shipped: Server, visit: Visiting, size: str) -> None:
    one = visit(shipped, None, **SIZES[size])
    one.page.add_init_script(NOTE)
    for path in PATHS.values():
        answer = one.page.goto(shipped.base + path)
        assert answer.status == 200
        # A style that the policy refused would leave the page without its ground.
        assert one.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(247, 246, 242)", path
        assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert list_violations(one.page) == []
        assert find_faults(one) == [], path
        assert not one.page.locator("script").count()


def test_the_download_page_leads_to_the_service(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/download")
    with one.page.expect_popup() as opened:
        one.page.get_by_role("link", name="数据服务（OGC API – Features）").click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("地图数据服务")


def test_links_lead_from_the_service_to_a_feature_and_to_its_card(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, None)
    page = one.page
    page.goto(f"{shipped.base}/ogc")
    page.get_by_role("navigation").get_by_role("link", name="图层").click()
    page.get_by_role("link", name="湿地与岛屿").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("湿地与岛屿")
    page.get_by_role("link", name="要素（3）").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("湿地与岛屿 · 要素")
    page.get_by_role("link", name="海珠湿地").click()
    expect(page.get_by_role("main")).to_contain_text("示意 schematic")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("main")).to_contain_text("2000 m")
    page.get_by_role("link", name="Open on the map").click()
    expect(page.locator("[class*=st-key-gz_card]")).to_contain_text("海珠湿地")


def test_pages_can_be_turned(shipped: Server, visit: Visiting) -> None:
    page = visit(shipped, None).page
    page.goto(f"{shipped.base}/ogc/collections/labels/items?limit=200")
    first = page.locator("tbody th code").all_inner_texts()
    page.get_by_role("link", name="下一页").click()
    page.wait_for_url("**offset=200**")
    second = page.locator("tbody th code").all_inner_texts()
    assert (len(first), len(second), set(first) & set(second)) == (200, 84, set())
    page.get_by_role("link", name="上一页").click()
    page.wait_for_url("**offset=0**")
    assert page.locator("tbody th code").all_inner_texts() == first
