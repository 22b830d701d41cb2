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


def walk(one: Visit, steps: int = 70) -> list[dict]:
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
    for layer_id in ("waterways", "eco_corridors", "biodiversity_hotspots", "energy_parks", "districts", "cities"):
        assert f"gz-{layer_id}" in ids
    assert any("gz-unlocated" in s["cls"] for s in seen)
    assert any('"kind": "paragraph"' in s["go"] for s in seen)
    assert any('"kind": "close"' in s["go"] for s in seen)
    assert any('"kind": "page"' in s["go"] for s in seen)
    assert all(s["shown"] for s in seen if s["tag"] != "BODY")


def test_a_layer_is_switched_and_a_link_followed_by_keyboard(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?feature=waterways.w003")
    one.page.locator("#gz-eco_corridors").focus()
    one.page.keyboard.press("Space")
    assert not one.is_on_map("eco_corridors")
    one.page.locator(".gz-card blockquote footer a").first.focus()
    one.page.keyboard.press("Enter")
    one.rest()
    expect(one.page.locator(".gz-current")).to_be_in_viewport()
    one.page.locator("a.gz-mention.gz-on").first.focus()
    one.page.keyboard.press("Enter")
    one.rest()
    expect(one.card).to_have_attribute("data-feature", "waterways.w003")


def test_controls_have_names(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    assert one.page.get_by_role("searchbox", name="搜索地点或原文").count() == 1
    assert one.page.get_by_role("checkbox", name="河流水道").count() == 1
    assert one.page.get_by_role("slider", name="河流水道: 不透明度").count() == 1
    for name in ("放大", "缩小"):
        assert one.page.get_by_role("button", name=name).count() == 1
    unnamed = one.page.locator("button:visible").evaluate_all(
        "(all) => all.filter((b) => !(b.textContent.trim() || b.ariaLabel)).map((b) => b.outerHTML)"
    )
    assert unnamed == []
