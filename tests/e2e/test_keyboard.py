"""Everything can be reached and worked without a mouse."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Server, Visiting
from tests.e2e.visit import Visit

FOCUSED = """() => {
  let e = document.activeElement;
  while (e && e.shadowRoot && e.shadowRoot.activeElement) e = e.shadowRoot.activeElement;
  const shown = e.getClientRects().length > 0;
  return { id: e.id, tag: e.tagName, cls: e.className.toString(), name: e.name ?? "", go: e.dataset?.go ?? "", shown };
}"""


def walk(one: Visit, steps: int = 200) -> list[dict]:
    """Press Tab until the focus comes round, and tell what had it."""
    seen = []
    for _ in range(steps):
        one.page.keyboard.press("Tab")
        seen.append(one.page.evaluate(FOCUSED))
        if len(seen) > 5 and seen[-1]["tag"] == "BODY":
            break
    return seen


def test_tab_reaches_search_layers_and_card(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?feature=waterways.w003")
    seen = walk(one)
    ids = [s["id"] for s in seen]
    assert any(s["tag"] == "INPUT" and s["name"] == "q" for s in seen)
    for layer_id in (
        "theme-frame",
        "waters",
        "eco_corridors",
        "biodiversity_hotspots",
        "energy_parks",
        "districts",
        "cities",
    ):
        assert f"gz-{layer_id}" in ids, layer_id
    assert any("gz-unlocated" in s["cls"] for s in seen)
    assert any('"kind": "paragraph"' in s["go"] for s in seen)
    assert any('"kind": "close"' in s["go"] for s in seen)
    assert any('"kind": "page"' in s["go"] for s in seen)
    assert all(s["shown"] for s in seen if s["tag"] != "BODY")


def test_a_layer_is_switched_and_a_link_followed_by_keyboard(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?feature=waterways.w003")
    before = one.is_on_map("biodiversity_hotspots")
    one.page.locator("#gz-biodiversity_hotspots").focus()
    one.page.keyboard.press("Space")
    assert one.is_on_map("biodiversity_hotspots") != before
    one.page.locator(".gz-card blockquote footer a").first.focus()
    one.page.keyboard.press("Enter")
    one.rest()
    expect(one.page.locator(".gz-current")).to_be_in_viewport()
    words = one.page.locator("a.gz-mention.gz-on").first
    named = one.go_of(words)["ids"]
    words.focus()
    one.page.keyboard.press("Enter")
    one.rest()
    expect(one.page.locator(".gz-card, .gz-list").first).to_be_visible()
    assert "waterways.w003" in named
    assert one.page.locator(".gz-map").is_visible()


def test_a_theme_is_unfolded_and_switched_by_keyboard(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    theme = one.page.locator(".gz-theme", has=one.page.locator("#gz-theme-cooperation"))
    row = theme.locator("#gz-cooperation")
    expect(row).to_be_hidden()
    theme.locator("summary").focus()
    one.page.keyboard.press("Enter")
    expect(row).to_be_visible()
    one.page.locator("#gz-theme-cooperation").focus()
    one.page.keyboard.press("Space")
    expect(row).to_be_checked()
    assert one.is_on_map("border_coop")


def test_controls_have_names(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    assert one.page.get_by_role("searchbox", name="搜索地点或原文").count() == 1
    assert one.page.get_by_role("checkbox", name="河流水道与流域").count() == 1
    assert one.page.get_by_role("slider", name="河流水道与流域: 不透明度").count() == 1
    for name in ("放大", "缩小"):
        assert one.page.get_by_role("button", name=name).count() == 1
    unnamed = one.page.locator("button:visible").evaluate_all(
        "(all) => all.filter((b) => !(b.textContent.trim() || b.ariaLabel)).map((b) => b.outerHTML)"
    )
    assert unnamed == []
