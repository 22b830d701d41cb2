"""References on the card and in the text, copied in the browser."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Server, Visiting

PARA = "chp_4__sec_1__para_2"
CLIPBOARD = ["clipboard-read", "clipboard-write"]


def test_a_card_is_cited_with_its_permanent_link(shipped: Server, visit: Visiting, atlas: object) -> None:
    one = visit(shipped, "/?feature=waterways.w003", permissions=CLIPBOARD)
    fold = one.card.locator(".gz-cite")
    expect(fold.locator(".gz-reference-text").first).to_be_hidden()
    fold.locator("summary").first.click()
    text = fold.locator(".gz-reference-text").first
    expect(text).to_be_visible()
    before = one.reruns_asked
    button = fold.get_by_role("button", name="复制 引用图上的要素").first
    button.click()
    expect(button).to_have_text("已复制")
    copied = one.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == text.text_content()
    link = f"{shipped.base}/?feature=waterways.w003"
    assert link in copied
    assert "[EB/OL]" in copied
    assert one.reruns_asked == before, "copying asks nothing of the server"
    other = visit(shipped, fold.locator(".gz-reference-link a").get_attribute("href").removeprefix(shipped.base))
    expect(other.card).to_have_attribute("data-feature", "waterways.w003")


def test_a_paragraph_is_cited_where_it_stands(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/text", permissions=CLIPBOARD)
    paragraph = one.page.locator(f"#{PARA}")
    paragraph.scroll_into_view_if_needed()
    before = paragraph.bounding_box()["y"]
    paragraph.get_by_role("link", name="引用", exact=True).click()
    one.rest()
    assert one.query()["para"] == PARA
    assert abs(paragraph.bounding_box()["y"] - before) < 3, "the page stays where it is"
    expect(paragraph.locator(".gz-reference-text").first).to_contain_text(f"{shipped.base}/text?para={PARA}")
    expect(paragraph).to_contain_text("第四章（一）第2段")
    paragraph.get_by_role("button", name="复制 永久链接").click()
    one.page.wait_for_timeout(100)
    link = one.page.evaluate("() => navigator.clipboard.readText()")
    assert link == f"{shipped.base}/text?para={PARA}"
    other = visit(shipped, link.removeprefix(shipped.base))
    expect(other.page.locator(f"#{PARA}")).to_be_in_viewport()


def test_without_a_clipboard_the_text_is_copied_the_old_way_or_left_selected(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?feature=waterways.w003")
    one.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    one.page.evaluate("() => { document.execCommand = () => false; }")
    fold = one.card.locator(".gz-cite")
    fold.locator("summary").first.click()
    button = fold.get_by_role("button", name="复制 引用图上的要素").first
    button.click()
    expect(button).to_have_text("未能复制，请手动选取")
    selected = one.page.evaluate("() => String(getSelection())")
    assert "waterways.w003" in selected


def test_the_reference_is_reached_by_keyboard(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, f"/text?para={PARA}", permissions=CLIPBOARD)
    link = one.page.locator(f"#{PARA}").get_by_role("link", name="引用", exact=True)
    link.focus()
    one.page.keyboard.press("Enter")
    one.rest()
    expect(one.page.locator(f"#{PARA} .gz-cite > summary")).to_be_focused()
    one.page.keyboard.press("Tab")
    one.page.keyboard.press("Enter")
    expect(one.page.locator(f"#{PARA} .gz-cite button").first).to_have_text("已复制")
