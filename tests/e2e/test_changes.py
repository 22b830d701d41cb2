"""Data that changes, breaks and is repaired while people look at it."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from gzmap.catalog import read_layer
from gzmap.files import read_text
from tests.e2e import drafts
from tests.e2e.conftest import Server, Visiting
from tests.e2e.visit import Visit
from tests.makers import write_text

FILE = "layers/drafts.geojson"


def alert(one: Visit) -> Locator:
    return one.page.locator("[data-testid=stAlert]")


def break_layer(server: Server, old: str = '"geometry":', new: str = '"geometry" oops:') -> None:
    text = read_text(server.root / FILE)
    assert old in text
    write_text(server.root / FILE, text.replace(old, new, 1))


def count_drawn(server: Server, layer_id: str) -> int:
    return sum(f["geometry"] is not None for f in read_layer(server.root / f"layers/{layer_id}.geojson"))


def cause_run(one: Visit) -> None:
    """Click where nothing is drawn."""
    one.click_at(113.3, 22.2)


def require_message(one: Visit) -> None:
    expect(alert(one)).to_have_count(1)
    expect(alert(one)).to_contain_text(drafts.PATH.name)
    expect(alert(one)).to_contain_text("line 2")
    expect(alert(one)).to_contain_text("correct the line")
    expect(alert(one)).to_contain_text("已略去")
    assert one.page.locator("[data-testid=stException]").count() == 0
    assert "Traceback" not in one.page.content()


def test_a_change_of_one_token_on_disk_reaches_the_living_map(editable: Server, visit: Visiting) -> None:
    one = visit(editable, "/?view=8/22.9/113.5")
    one.mark_map()
    assert one.held("drafts")["drafts.plan"] == "plan_v1"
    drafts.rename(editable.root, "plan_v1", "plan_v2")
    cause_run(one)
    one.page.wait_for_function(
        "() => window.__gz.state.layers.drafts.byId.get('drafts.plan')?.feature.properties.name === 'plan_v2'"
    )
    assert "plan_v1" not in one.held("drafts").values()
    assert one.is_same_map()
    one.page.evaluate(
        "([lat, lon]) => { window.__gz.map.setView([lat, lon], 12, { animate: false }); }", drafts.VERSIONED[::-1]
    )
    expect(one.hover_at(*drafts.VERSIONED)).to_have_text("plan_v2")
    one.click_at(*drafts.VERSIONED)
    expect(one.card.locator("h2")).to_have_text("plan_v2")


def test_a_reload_after_a_change_shows_the_new_data_only(editable: Server, visit: Visiting) -> None:
    one = visit(editable)
    drafts.rename(editable.root, "plan_v1", "plan_v2")
    one.reload()
    assert one.held("drafts")["drafts.plan"] == "plan_v2"
    assert one.page.evaluate("() => window.__gz.mounts") == 1


def test_a_broken_layer_is_named_with_its_remedy_and_the_others_are_drawn(editable: Server, visit: Visiting) -> None:
    break_layer(editable)
    one = visit(editable)
    require_message(one)
    expect(one.page.locator("#gz-drafts")).to_be_disabled()
    expect(one.page.locator(".gz-row", has=one.page.locator("#gz-drafts")).locator(".gz-row-note")).to_contain_text(
        "drafts.geojson"
    )
    assert len(one.held("waterways")) == count_drawn(editable, "waterways")
    assert len(one.held("eco_corridors")) == count_drawn(editable, "eco_corridors")
    assert sum(one.count_pixels().values()) > 20_000
    for title in ("原文", "下载", "台账", "数据与方法"):
        one.turn_to(title)
        require_message(one)


def test_a_layer_that_breaks_while_it_is_shown(editable: Server, visit: Visiting) -> None:
    one = visit(editable, "/?view=8/22.9/113.5&feature=drafts.plan")
    one.mark_map()
    one.expected += ["/data/drafts.geojson"]
    expect(one.card).to_have_attribute("data-feature", "drafts.plan")
    break_layer(editable)
    one.page.locator(".gz-lang").click()  # a run that keeps the selection
    one.rest()
    assert one.page.locator("[data-testid=stException]").count() == 0
    expect(alert(one).last).to_contain_text("drafts.geojson")
    expect(one.page.locator("#gz-drafts")).to_be_disabled()
    assert not one.is_on_map("drafts") or one.held("drafts") == {}
    assert len(one.held("waterways")) == count_drawn(editable, "waterways")
    assert one.is_same_map()


def test_a_repaired_layer_comes_back(editable: Server, visit: Visiting) -> None:
    before = (editable.root / FILE).read_bytes()
    break_layer(editable)
    one = visit(editable)
    require_message(one)
    (editable.root / FILE).write_bytes(before)
    one.reload()
    expect(alert(one)).to_have_count(0)
    expect(one.page.locator("#gz-drafts")).to_be_enabled()
    assert one.held("drafts")["drafts.plan"] == "plan_v1"


def test_a_selected_feature_that_vanishes_is_named(editable: Server, visit: Visiting) -> None:
    one = visit(editable, "/?feature=drafts.plan")
    drafts.rename(editable.root, "drafts.plan", "drafts.gone")
    one.page.locator(".gz-lang").click()
    one.rest()
    assert one.page.locator("[data-testid=stException]").count() == 0
    expect(alert(one)).to_contain_text("drafts.plan")
    assert len(one.held("waterways")) == count_drawn(editable, "waterways")


def test_a_broken_catalogue_is_named_without_a_stack_trace(editable: Server, visit: Visiting) -> None:
    path = editable.root / "layers/catalog.json"
    write_text(path, read_text(path).replace("{", "{,", 1))
    one = visit(editable, None)
    one.page.goto(editable.base)
    expect(alert(one)).to_contain_text("catalog.json")
    expect(alert(one)).to_contain_text("line 1")
    assert one.page.locator("[data-testid=stException]").count() == 0
