"""The layer panel: groups, themes, all at once; what is switched, what is fetched, what the address says."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import Locator, expect

from gzmap.atlas import Atlas
from tests.e2e.conftest import Server, Visiting
from tests.e2e.visit import Visit


def theme(one: Visit, theme_id: str) -> Locator:
    return one.page.locator(".gz-theme", has=one.page.locator(f"#gz-theme-{theme_id}"))


def asked(one: Visit, layer_id: str) -> bool:
    return f"/data/{layer_id}.geojson" in one.asked


def drawn_layers(atlas: Atlas) -> set[str]:
    plan = {e.layer_id for e in atlas.catalog.plan_entries}
    return {i for i in plan if atlas.layers[i].geometry.notna().any()}


def test_the_panel_has_a_row_for_each_group_and_no_more(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    titles = one.page.locator(".gz-panel .gz-row .gz-title").all_text_contents()
    assert sorted(titles) == sorted(g.titles["title"] for g in atlas.catalog.groups)
    assert max(Counter(titles).values()) == 1
    heads = one.page.locator(".gz-theme summary .gz-title").all_text_contents()
    assert heads == [t["title"] for t in reversed(atlas.catalog.themes)]


def test_a_group_counts_all_its_layers(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    frames = [atlas.layers[i] for i in ("waterways", "basins")]
    located, total = sum(int(f.geometry.notna().sum()) for f in frames), sum(map(len, frames))
    assert located < total
    row = one.page.locator("label[for=gz-waters]")
    expect(row.locator(".gz-count")).to_have_text(f"{located} / {total}")


def test_a_group_switches_and_dims_all_its_layers_without_a_run(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?layers=districts")
    runs = one.runs
    theme(one, "cooperation").locator("summary").click()
    row = one.page.locator(".gz-row", has=one.page.locator("#gz-cooperation"))
    assert row.locator("svg g").count() == 2, "a sign for the areas and one for the borders"
    one.page.locator("#gz-cooperation").check()
    one.settle()
    assert one.is_on_map("cooperation")
    assert one.is_on_map("border_coop")
    row.hover()
    row.locator("input[type=range]").fill("0.4")
    assert set(one.query()["op"].split(",")) == {"cooperation:0.4", "border_coop:0.4"}
    one.page.locator("#gz-cooperation").uncheck()
    assert not one.is_on_map("cooperation")
    assert not one.is_on_map("border_coop")
    assert one.runs == runs


def test_a_group_of_which_one_layer_is_shown_is_half_ticked(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?layers=districts,border_coop")
    box = one.page.locator("#gz-cooperation")
    half = "(e) => e.indeterminate && !e.checked"
    assert box.evaluate(half)
    assert one.page.locator("#gz-theme-cooperation").evaluate(half)
    box.click()
    assert one.is_on_map("cooperation")
    assert not box.evaluate(half)
    expect(one.page.locator("#gz-theme-cooperation")).to_be_checked()


def test_themes_without_a_shown_layer_start_folded(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/?layers=districts,eco_nodes")
    for head in atlas.catalog.themes:
        fold = theme(one, head["id"]).locator("details")
        assert (fold.get_attribute("open") is not None) == (head["id"] in ("base", "ecology")), head["id"]
    groups = [g for g in atlas.catalog.groups if g.theme == "ecology"]
    expect(theme(one, "ecology").locator("summary .gz-count")).to_have_text(f"1 / {len(groups)}")


def test_a_fold_stays_as_it_was_put_when_the_language_changes(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    theme(one, "frame").locator("summary").click()
    theme(one, "structure").locator("summary").click()
    one.turn_to("English")
    assert theme(one, "frame").locator("details").get_attribute("open") is None
    assert theme(one, "structure").locator("details").get_attribute("open") is not None


def test_a_theme_switches_all_its_groups(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    runs = one.runs
    members = {e.layer_id for e in atlas.catalog.plan_entries if e.theme == "ecology"} & drawn_layers(atlas)
    box = one.page.locator("#gz-theme-ecology")
    box.check()
    one.settle()
    assert all(one.is_on_map(i) for i in members)
    box.uncheck()
    assert not any(one.is_on_map(i) for i in members)
    expect(theme(one, "ecology").locator("summary .gz-count")).to_have_text(r"0 / 5")
    assert one.is_on_map("waterways")
    assert one.runs == runs


def test_all_none_and_the_default(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    runs, frames = one.runs, one.frames
    button = lambda name: one.page.get_by_role("button", name=name)  # noqa: E731
    first = {i for i in drawn_layers(atlas) if one.is_on_map(i)}
    assert "layers" not in one.query()
    button("全部显示").click()
    one.settle()
    assert {i for i in drawn_layers(atlas) if one.is_on_map(i)} == drawn_layers(atlas)
    assert drawn_layers(atlas) <= set(one.query()["layers"].split(","))
    button("全部隐藏").click()
    assert not any(one.is_on_map(i) for i in drawn_layers(atlas))
    assert one.is_on_map("districts"), "the base map is no claim of the plan and stays"
    button("默认").click()
    assert {i for i in drawn_layers(atlas) if one.is_on_map(i)} == first
    assert "layers" not in one.query()
    assert (one.runs, one.frames) == (runs, frames)


def test_a_layer_is_fetched_when_it_is_first_shown(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    hidden = [i for i in drawn_layers(atlas) if not atlas.catalog.entries[i].visible]
    assert hidden
    assert not any(asked(one, i) for i in hidden)
    one.page.get_by_role("button", name="全部显示").click()
    one.settle()
    assert all(asked(one, i) for i in hidden)
    empty = {e.layer_id for e in atlas.catalog.plan_entries} - drawn_layers(atlas)
    assert empty
    assert not any(asked(one, i) for i in empty), "there is nothing of it to draw"


def test_a_group_with_nothing_to_draw_leads_to_its_list(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    theme_row = one.page.locator(".gz-theme", has_text="未指明位置").locator("summary")
    theme_row.first.click()
    assert one.page.locator("#gz-unsited").count() == 0
    one.page.locator(".gz-listed", has_text="未指明位置的设施").click()
    one.rest()
    opened = one.page.locator(".gz-nowhere details[open]")
    expect(opened).to_have_count(1)
    expect(opened.locator("li")).to_have_count(len(atlas.layers["unsited"]))


@pytest.mark.parametrize("layers", ["waterways,energy_parks", "none", "districts,bird_fish,flyways"])
def test_what_is_shown_survives_a_reload(shipped: Server, visit: Visiting, atlas: Atlas, layers: str) -> None:
    one = visit(shipped, f"/?layers={layers}")
    for _ in range(2):
        shown = {i for i in drawn_layers(atlas) if one.is_on_map(i)}
        assert shown == set(layers.split(",")) & drawn_layers(atlas)
        one.reload()
