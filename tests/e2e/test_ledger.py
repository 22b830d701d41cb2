"""The pages 地名台账 and 数据与方法, and the links between features."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from gzmap.atlas import Atlas
from gzmap.document import format_display
from gzmap.query import count_accounts, find_accounts
from tests.e2e.conftest import Server, Visiting
from tests.e2e.visit import Visit


def listed(one: Visit) -> list[str]:
    return one.page.locator(".gz-accounts li b").all_text_contents()


def choose(one: Visit, name: str) -> None:
    one.page.locator(".gz-filters").get_by_role("link", name=name, exact=True).click()
    one.rest()


def test_every_place_name_of_the_text_is_listed(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/ledger")
    assert listed(one) == [format_display(a.exact) for a in atlas.accounts]
    for box, n in count_accounts(atlas).boxes.items():
        if box != "unaccounted":
            expect(one.page.locator(f".gz-totals div:has(.gz-bar-{box}) dd")).to_contain_text(re.compile(rf"^{n} "))
    bars = one.page.locator(".gz-bar-cell rect")
    assert bars.count() > 20
    assert min(bars.evaluate_all("(all) => all.map((r) => r.getBoundingClientRect().width)")) > 0


def test_the_filter_is_part_of_the_address_and_of_its_history(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    one.turn_to("台账")
    choose(one, "未能落位")
    choose(one, "第四章")
    assert (one.query()["box"], one.query()["chapter"]) == ("unlocatable", "4")
    wanted = [format_display(a.exact) for a in find_accounts(atlas, box="unlocatable", chapter=4)]
    assert listed(one) == wanted
    expect(one.page.locator("#ledger-list")).to_be_in_viewport()
    one.reload()
    assert listed(one) == wanted
    one.page.go_back()
    one.rest()
    assert "chapter" not in one.query()
    assert listed(one) == [format_display(a.exact) for a in find_accounts(atlas, box="unlocatable")]
    other = visit(shipped, "/ledger?chapter=front&box=senseless")
    assert listed(other) == [format_display(a.exact) for a in find_accounts(atlas, chapter="front")]


def test_the_figure_leads_to_a_chapter_and_a_district(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/ledger")
    one.page.locator(".gz-chart").nth(1).get_by_role("link", name="南沙区").click()
    one.rest()
    assert one.query()["district"] == "南沙区"
    assert listed(one) == [format_display(a.exact) for a in find_accounts(atlas, district="南沙区")]


def test_a_row_leads_to_the_map_and_to_the_text(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    account = next(
        a for a in atlas.accounts if a.box == "mapped" and len(a.feature_ids) == 1 and "para" in a.passage_id
    )
    one = visit(shipped, "/ledger?box=mapped")
    row = one.page.locator(".gz-accounts li").nth(find_accounts(atlas, box="mapped").index(account))
    expect(row.locator("mark")).to_have_text(format_display(account.exact))
    row.locator(".gz-chips a").click()
    one.rest()
    expect(one.card).to_have_attribute("data-feature", account.feature_ids[0])
    assert one.is_on_map(account.feature_ids[0].split(".")[0])
    one.turn_to("台账")
    assert one.query()["box"] == "mapped"
    row.locator("p > a").first.click()
    one.rest()
    expect(one.page.locator(f"#{account.passage_id}")).to_be_in_viewport()


def test_the_ledger_is_worked_by_keyboard(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/ledger")
    one.page.get_by_role("group", name="去向").get_by_role("link", name="市外").focus()
    one.page.keyboard.press("Enter")
    one.rest()
    assert one.query()["box"] == "outside"
    expect(one.page.locator(".gz-accounts li")).to_have_count(count_accounts(atlas).boxes["outside"])


# --- data and methods


def test_the_overview_leads_to_a_layer_and_opens_it(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/data")
    folds = one.page.locator("details.gz-layer[id]")
    expect(folds).to_have_count(len(atlas.layers))
    assert one.page.locator("details.gz-layer[open]").count() == 0
    one.page.locator(".gz-overview").get_by_role("link", name="河流水道", exact=True).click()
    fold = one.page.locator("#layer-waterways")
    expect(fold).to_have_attribute("open", "")
    expect(fold.locator("table")).to_be_in_viewport()
    fold.get_by_role("link", name=atlas.features["waterways.w004"].name).click()
    one.rest()
    expect(one.card).to_have_attribute("data-feature", "waterways.w004")


# --- from feature to feature


def test_a_card_leads_to_the_feature_whose_shape_it_has(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    feature = next(f for f in atlas.features.values() if f.properties.get("based_on") in atlas.features)
    other = atlas.features[feature.properties["based_on"]]
    one = visit(shipped, f"/?feature={feature.feature_id}")
    one.card.locator("dd a", has_text=other.name).first.click()
    one.rest()
    expect(one.card).to_have_attribute("data-feature", other.feature_id)
    assert one.is_on_map(other.layer_id)
    expect(one.card.locator("dd a", has_text=feature.name).first).to_be_attached()
