"""The link of the map as it is: what it holds, what it leaves out and says so, copied and scanned."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_phone import PHONE, require_no_sideways_scroll
from tests.e2e.visit import Visit

CHROMES_WORDS = "Failed to load resource"
STATE = "/?feature=waterways.w003&view=12/23.11/113.3&layers=districts,waterways&op=waterways:0.5&names=0"


def open_share(one: Visit) -> Locator:
    one.page.locator("[data-tool=share]").click()
    flyout = one.page.locator(".gz-flyout")
    expect(flyout.locator("h2")).to_have_text("分享")
    expect(flyout.locator("#gz-share-link")).not_to_have_value("")
    return flyout


def read_link(one: Visit, address: str, **held: object) -> dict:
    """What the script makes of an address."""
    return one.page.evaluate(
        """async ([address, held]) => {
             const preloads = [...document.querySelectorAll("link[rel=modulepreload]")];
             const { href } = preloads.find((l) => l.href.endsWith("mapview.js"));
             const { readLink } = await import(new URL("./share.js", href).href);
             return readLink(address, held);
           }""",
        [address, held],
    )


def test_the_link_restores_the_whole_state(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, STATE)
    link = open_share(one).locator("#gz-share-link").input_value()
    assert link == one.page.url
    other = visit(shipped, link.removeprefix(shipped.base))
    assert other.view() == one.view()
    assert other.card.get_attribute("data-feature") == "waterways.w003"
    assert other.is_on_map("waterways")
    assert not other.is_on_map("eco_corridors")


def test_the_link_follows_the_map(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, STATE)
    field = open_share(one).locator("#gz-share-link")
    before = field.input_value()
    runs = one.runs
    one.page.evaluate("() => window.__gz.map.setView([23.2, 113.4], 13, { animate: false })")
    expect(field).not_to_have_value(before)
    assert "view=13/23.2000/113.4000" in field.input_value()
    assert one.runs == runs, "no rerun"


def test_the_link_is_copied(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, STATE, permissions=["clipboard-read", "clipboard-write"])
    flyout = open_share(one)
    flyout.get_by_role("button", name="复制链接").click()
    expect(flyout.get_by_role("status")).to_have_text("已复制")
    assert one.page.evaluate("() => navigator.clipboard.readText()") == flyout.locator("#gz-share-link").input_value()


def test_the_code_is_shown_and_a_local_address_is_told(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, STATE)
    flyout = open_share(one)
    code = flyout.get_by_role("img", name="上面链接的二维码")
    expect(code).to_be_visible()
    one.page.wait_for_function("() => window.__gz.state.root.querySelector('.gz-qr').naturalWidth > 0")
    expect(flyout.locator("li")).to_contain_text(["本机地址"])


def test_without_a_code_the_link_is_still_there(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, STATE)
    one.expected.append(CHROMES_WORDS)
    one.page.route("**/qr.svg*", lambda route: route.fulfill(status=503))
    flyout = open_share(one)
    expect(flyout.get_by_text("二维码未能生成")).to_be_visible()


BASE = "https://map.example.cn/"


@pytest.mark.parametrize(
    ("query", "held", "link", "notes"),
    [
        ("", {}, "", []),
        ("?layers=districts,own.red,wetlands", {}, "?layers=districts,wetlands", ["share_no_own"]),
        ("?op=own.red:0.5,wetlands:0.5&order=own.red", {}, "?op=wetlands:0.5&order=", ["share_no_own"]),
        ("?layers=wetlands", {"own": True}, "?layers=wetlands", ["share_no_own"]),
        ("?area=BFabc", {"code": "BFabc"}, "?area=BFabc", []),
        ("?area=BFab", {"code": "BFabcdef"}, "?area=BFab", ["share_simple_area"]),
        ("?q=1", {"code": "BFabc"}, "?q=1", ["share_no_area"]),
        (f"?area={'B' * 1990}&q=1", {"code": "B" * 1990}, "?q=1", ["share_no_area"]),
        (f"?q={'x' * 2000}", {}, f"?q={'x' * 2000}", ["share_long"]),
    ],
)
def test_what_is_left_out_is_said(
    shipped: Server, visit: Visiting, query: str, held: dict, link: str, notes: list
) -> None:
    one = visit(shipped, "/")
    assert read_link(one, BASE + query, **held) == {"link": BASE + link, "notes": notes}


def test_the_map_leads_to_its_print(shipped: Server, visit: Visiting, tmp_path: object) -> None:
    one = visit(shipped, STATE)
    one.page.locator("[data-tool=print]").click()
    sheet = one.page.locator(".gz-printed img")
    expect(sheet).to_be_visible()
    one.rest()
    assert one.query()["layers"] == "districts,waterways"
    expect(one.page.locator(".gz-printed")).to_contain_text("1 个纲要图层")
    expect(one.page.locator(".st-key-gz_print_where").get_by_role("radio", name="地图当前视野")).to_be_checked()
    expect(one.page.locator(".st-key-gz_print_labels").get_by_role("checkbox")).not_to_be_checked()
    for key, begins in (("gz_print_pdf", b"%PDF"), ("gz_print_png", b"\x89PNG")):
        with one.page.expect_download() as started:
            one.page.locator(f".st-key-{key} button").click()
        path = tmp_path / started.value.suggested_filename
        started.value.save_as(path)
        assert path.read_bytes().startswith(begins)


def test_print_and_share_on_a_telephone(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/", **PHONE)
    flyout = open_share(one)
    box = flyout.bounding_box()
    assert box["width"] == 390
    require_no_sideways_scroll(one)
    flyout.locator(".gz-flyout-x").click()
    one.page.locator("[data-tool=print]").click()
    expect(one.page.locator(".gz-printed img")).to_be_visible()
    require_no_sideways_scroll(one)
