"""The page 我的区 in the browser, with and without leave to know where the visitor is."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gzmap.atlas import Atlas
from gzmap.query import find_for_residents
from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_phone import PHONE, require_no_sideways_scroll

YUEXIU = {"latitude": 23.1290567, "longitude": 113.2643219, "accuracy": 35}
ROUGH = {"latitude": 23.129, "longitude": 113.264, "accuracy": 5200}
FAR = {"latitude": 22.5431, "longitude": 114.0579, "accuracy": 20}


def test_a_district_is_chosen_by_a_large_button(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/mine")
    buttons = one.page.locator(".gz-eleven a")
    expect(buttons).to_have_count(11)
    for number in range(11):
        box = buttons.nth(number).bounding_box()
        assert min(box["width"], box["height"]) >= 44
    buttons.filter(has_text="白云区").click()
    one.rest()
    assert one.query() == {"district": "白云区"}
    expect(one.page.locator("#mine-name")).to_have_text("白云区")
    expect(one.page.locator("#mine-name")).to_be_in_viewport()
    told = one.page.locator(".gz-told")
    expect(told).to_have_count(len(find_for_residents(atlas, district="白云区").statements))
    expect(told.first.locator("blockquote")).to_be_visible()
    size = one.page.locator(".gz-headline").first.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")
    assert size >= 17


def test_a_place_is_typed_and_another_of_its_name_chosen(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/mine")
    box = one.page.locator("#mine-place")
    box.fill("白云湖")
    box.press("Enter")
    one.rest()
    assert one.query() == {"place": "白云湖"}
    expect(one.page.locator("#mine-name")).to_have_text("白云湖")
    expect(box).to_have_value("白云湖")
    other = find_for_residents(atlas, place="白云湖").choices[0]
    one.page.locator(".gz-meant a").first.click()
    one.rest()
    assert one.query() == {"place": other.id}
    expect(one.page.locator("#mine-name")).to_have_text(other.name)


def test_a_name_that_is_not_held_is_told_kindly(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/mine")
    one.page.locator("#mine-place").fill("没有这个地方zz")
    one.page.locator(".gz-ask form button").click()
    one.rest()
    expect(one.page.get_by_text("没有找到“没有这个地方zz”。")).to_be_in_viewport()
    expect(one.page.locator(".gz-told")).to_have_count(0)


def test_the_position_is_used_with_leave_rounded_and_kept_out_of_the_address(
    shipped: Server, visit: Visiting, atlas: Atlas
) -> None:
    one = visit(shipped, "/mine", permissions=["geolocation"], geolocation=YUEXIU)
    sent: list[str] = []
    one.page.on("request", lambda request: sent.append(request.url))
    one.page.get_by_role("button", name="用我现在的位置").click()
    one.rest()
    expect(one.page.locator("#mine-name")).to_have_text("您现在的位置")
    expect(one.page.locator(".gz-said-here header")).to_contain_text("约在东经 113.264°、北纬 23.129°")
    expect(one.page.locator(".gz-said-here header")).to_contain_text("在越秀区")
    expect(one.page.locator(".gz-spot")).to_be_visible()
    wanted = find_for_residents(atlas, point=(113.264, 23.129))
    expect(one.page.locator(".gz-told")).to_have_count(len(wanted.statements))
    assert one.query() == {}
    assert not any("113.26" in url for url in sent)
    # Still there after a look at the map, and still not in the address.
    one.turn_to("地图")
    one.turn_to("我的区")
    expect(one.page.locator("#mine-name")).to_have_text("您现在的位置")
    assert not any(key in one.query() for key in ("at", "here", "off"))
    one.reload()
    expect(one.page.locator("#mine-name")).to_have_count(0)


def test_nothing_finer_than_100_metres_leaves_the_browser(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, None, permissions=["geolocation"], geolocation=YUEXIU)
    frames: list[bytes] = []

    def note(payload: bytes | str) -> None:
        frames.append(payload if isinstance(payload, bytes) else payload.encode())

    one.page.on("websocket", lambda socket: socket.on("framesent", note))
    one.open("/mine")
    one.page.get_by_role("button", name="用我现在的位置").click()
    one.rest()
    everything = b"".join(frames)
    assert b"113.264,23.129" in everything
    for fine in (b"113.2643", b"23.12905"):
        assert fine not in everything


def test_the_link_with_the_position_is_made_when_it_is_shared(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/mine", permissions=["geolocation", "clipboard-read", "clipboard-write"], geolocation=YUEXIU)
    one.page.get_by_role("button", name="用我现在的位置").click()
    one.rest()
    one.page.locator(".gz-share summary").click()
    expect(one.page.locator(".gz-share")).to_contain_text("这个链接里有您的大致位置")
    button = one.page.locator(".gz-copy-line button")
    button.click()
    expect(button).to_have_text("已复制")
    link = one.page.evaluate("() => navigator.clipboard.readText()")
    assert link == f"{shipped.base}/mine?at=113.264,23.129"
    other = visit(shipped, link.removeprefix(shipped.base))
    expect(other.page.locator("#mine-name")).to_have_text("所选的位置")
    expect(other.page.locator(".gz-said-here header")).to_contain_text("在越秀区")


def test_a_position_that_is_refused_is_told_and_asks_nothing(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/mine", permissions=[], geolocation=YUEXIU)
    before = one.reruns_asked
    one.page.get_by_role("button", name="用我现在的位置").click()
    expect(one.page.locator("#mine-note")).to_contain_text("浏览器未获允许使用位置")
    expect(one.page.get_by_role("button", name="用我现在的位置")).to_be_enabled()
    assert one.reruns_asked == before


@pytest.mark.parametrize(("code", "said"), [(2, "浏览器无法确定现在的位置"), (3, "还没有获取到位置")])
def test_a_position_that_is_not_known_is_told(shipped: Server, visit: Visiting, code: int, said: str) -> None:
    one = visit(shipped, "/mine")
    one.page.evaluate(
        "(code) => { navigator.geolocation.getCurrentPosition = (_, fail) => setTimeout(() => fail({ code }), 50); }",
        code,
    )
    one.page.get_by_role("button", name="用我现在的位置").click()
    expect(one.page.locator("#mine-note")).to_contain_text(said)


def test_without_https_it_is_said_that_it_takes_https(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/mine")
    one.page.evaluate("() => Object.defineProperty(window, 'isSecureContext', { value: false })")
    one.page.get_by_role("button", name="用我现在的位置").click()
    expect(one.page.locator("#mine-note")).to_contain_text("不是 HTTPS")


def test_a_rough_position_and_one_outside_the_city_are_told(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/mine", permissions=["geolocation"], geolocation=ROUGH)
    one.page.get_by_role("button", name="用我现在的位置").click()
    one.rest()
    expect(one.page.locator(".gz-said-here header")).to_contain_text("误差约 5.2 公里")
    one = visit(shipped, "/mine", permissions=["geolocation"], geolocation=FAR)
    one.page.get_by_role("button", name="用我现在的位置").click()
    one.rest()
    expect(one.page.locator(".gz-said-here header")).to_contain_text("不在广州市内")


def test_what_is_told_leads_to_the_map_and_the_text(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/mine?district=海珠区")
    link = one.page.locator(".gz-see").first
    wanted = one.go_of(link)["id"]
    link.click()
    one.rest()
    expect(one.card).to_have_attribute("data-feature", wanted)
    one.turn_to("我的区")
    one.page.get_by_role("link", name="在图上看这").click()
    one.rest()
    one.be_still()
    west, south, east, north = atlas.layers["districts"].geometry["districts.440105"].bounds
    _, lat, lon = one.view()
    assert west < lon < east
    assert south < lat < north
    assert one.page.locator(".gz-list li a").count() > 5
    one.turn_to("我的区")
    quote = one.page.locator(".gz-told blockquote a").first
    para = one.go_of(quote)["id"]
    quote.click()
    one.rest()
    expect(one.page.locator(f"#{para}")).to_be_in_viewport()


def test_what_concerns_the_whole_city_is_unfolded_by_keyboard(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/mine?district=海珠区")
    fold = one.page.locator(".gz-subject").first
    expect(fold.locator(".gz-told").first).to_be_hidden()
    fold.locator("summary").focus()
    one.page.keyboard.press("Enter")
    expect(fold.locator(".gz-told").first).to_be_visible()


def test_on_paper_everything_is_unfolded_and_the_rest_left_out(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/mine?district=越秀区")
    folded = "document.querySelectorAll('.gz-subject:not([open])').length"
    one.page.evaluate(f"() => {{ window.print = () => {{ window.folded = {folded}; }}; }}")
    one.page.get_by_role("button", name="打印").click()
    one.page.wait_for_function("() => window.folded === 0")
    one.page.emulate_media(media="print")
    for hidden in (".gz-header", ".gz-ask", ".gz-ways"):
        expect(one.page.locator(hidden).first).to_be_hidden()
    expect(one.page.locator(".gz-told").last).to_be_visible()
    assert one.page.pdf(format="A4").startswith(b"%PDF")
    one.page.emulate_media(media="screen")
    one.page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert one.page.locator(".gz-subject[open]").count() == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_on_a_phone_it_is_read_and_worked_by_hand(shipped: Server, visit: Visiting, language: str) -> None:
    one = visit(shipped, f"/mine?lang={language}", **PHONE)
    require_no_sideways_scroll(one)
    one.page.locator(".gz-eleven a").nth(8).tap()
    one.rest()
    expect(one.page.locator("#mine-name")).to_be_in_viewport()
    require_no_sideways_scroll(one)
    for part in (".gz-ways a", ".gz-ways button", ".gz-locate", ".gz-or form button"):
        assert one.page.locator(part).first.bounding_box()["height"] >= 40
