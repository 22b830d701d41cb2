"""One box for places and words."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gzmap.atlas import Atlas
from tests.e2e.conftest import Server, Visiting

HILL = "biodiversity_hotspots.h005"


def test_four_ways_to_write_a_name_find_it_first(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    for typed in ("帽峰山", "maofengshan", "mfs", "帽峯山"):
        results = one.search(typed)
        first = results.locator("li a").first
        assert one.go_of(first) == {"kind": "feature", "id": HILL}, typed
        expect(first.locator("b")).to_have_text("帽峰山")
    first.click()
    one.rest()
    expect(one.card).to_have_attribute("data-feature", HILL)
    zoom, lat, lon = one.view()
    assert (zoom, lat, lon) == (pytest.approx(12, abs=2), pytest.approx(23.3, abs=0.1), pytest.approx(113.45, abs=0.15))


def test_words_find_the_paragraph_and_the_three_parks(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    results = one.search("储能")
    found = [one.go_of(link) for link in results.locator("li a").all()]
    parks = [f"energy_parks.p00{n}" for n in (1, 2, 3)]
    assert sorted(g["id"] for g in found if g["kind"] == "feature") == parks
    texts = [g["id"] for g in found if g["kind"] == "paragraph"]
    assert texts == [p.para_id for p in atlas.document.paragraphs.values() if "储能" in p.text]
    expect(results.locator("q mark").first).to_have_text("储能")
    results.locator("li a", has=one.page.locator("q")).first.click()
    one.rest()
    expect(one.page.locator(f"#{texts[0]}")).to_be_in_viewport()
    assert one.page.locator(".gz-map").is_hidden()


def test_an_unknown_name_is_said_to_be_unknown(shipped: Server, visit: Visiting) -> None:
    results = visit(shipped).search("阿房宫")
    expect(results.get_by_role("status")).to_have_text("未收录该地名，请在图上点选。")
    expect(results.locator("li")).to_have_count(0)


def test_a_label_moves_the_map_and_is_no_place_of_the_plan(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    label = next(f for f in atlas.features.values() if f.layer_id == "labels" and f.name == "太平镇")
    link = one.search(label.name).locator("li a", has_text=label.name).first
    assert one.go_of(link)["kind"] == "label"
    link.click()
    one.rest()
    zoom, lat, lon = one.view()
    assert (lat, lon) == (pytest.approx(label.geometry.y, abs=0.005), pytest.approx(label.geometry.x, abs=0.005))
    assert zoom > 11
    expect(one.card).to_have_count(0)


def test_a_search_from_another_page_comes_to_the_map(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/text")
    one.mark_map()
    expect(one.search("帽峰山").locator("li a b").first).to_have_text("帽峰山")
    assert one.page.locator(".gz-map").is_visible()
    assert one.is_same_map()
    one.page.locator(".gz-results .gz-x").click()
    one.rest()
    expect(one.page.locator(".gz-search input")).to_have_value("")
    assert "q" not in one.query()
