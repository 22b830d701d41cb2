"""From the words to the map and back."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from gzmap.atlas import Atlas
from tests.e2e.conftest import Server, Visiting

FEATURE = "waterways.w003"


def test_the_whole_plan_is_shown_with_its_contents(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/text")
    expect(one.page.locator(".gz-para")).to_have_count(len(atlas.document.paragraphs))
    assert one.page.locator(".gz-para").evaluate_all("(all) => all.map((p) => p.id)") == list(atlas.document.paragraphs)
    first = next(iter(atlas.document.paragraphs.values()))
    shown = one.page.locator(f"#{first.para_id} > p").first.inner_text()
    assert shown.replace("，", ",").replace("（", "(").replace("）", ")") == first.text
    sections = [s for c in atlas.document.chapters for s in c.sections]
    expect(one.page.locator(".gz-toc a")).to_have_count(len(atlas.document.chapters) + len(sections))
    assert one.page.locator("a.gz-mention").count() >= len({(m.para_id, m.start) for m in atlas.mentions})
    entry = one.page.locator(f".gz-toc a[data-scroll={sections[-1].section_id}]")
    entry.click()
    expect(one.page.locator(f"#{sections[-1].section_id}")).to_be_in_viewport()
    assert one.page.locator(".gz-map").is_hidden()


def test_words_lead_to_the_map_selected_zoomed_and_switched_on(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/text?layers=districts")
    one.mark_map()
    mention = next(m for m in atlas.mentions_by_feature[FEATURE] if m.role == "evidence")
    words = one.page.locator(f"#{mention.para_id} a.gz-mention", has_text=mention.exact).first
    assert FEATURE in json.loads(words.get_attribute("data-go"))["ids"]
    expect(words).to_have_attribute("title", atlas.features[FEATURE].name)
    words.click()
    one.rest()
    expect(one.card).to_have_attribute("data-feature", FEATURE)
    assert one.page.locator(".gz-map").is_visible()
    assert one.is_on_map("waterways")
    assert not one.is_on_map("eco_corridors")
    expect(one.page.locator("#gz-waterways")).to_be_checked()
    expect(one.page.locator("#gz-eco_corridors")).not_to_be_checked()
    assert set(one.query()["layers"].split(",")) == {"districts", "waterways"}
    west, south, east, north = atlas.features[FEATURE].geometry.bounds
    zoom, lat, lon = one.view()
    assert west <= lon <= east
    assert south <= lat <= north
    assert zoom >= 10
    assert one.is_same_map()
    assert one.count_dark_pixels() > 100


def test_words_for_several_places_lead_to_a_choice_of_them(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/text")
    one.page.locator("a.gz-mention", has_text="三纵五横").first.click()
    one.rest()
    expect(one.page.locator(".gz-list h2")).to_contain_text("8")
    named = {f.name for f in atlas.features.values() if f.layer_id == "eco_corridors"}
    assert set(one.page.locator(".gz-list li a b").all_text_contents()) == named


def test_selecting_marks_the_words_in_the_text(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, f"/?feature={FEATURE}")
    one.card.locator("blockquote footer a").first.click()
    one.rest()
    mention = next(m for m in atlas.mentions_by_feature[FEATURE] if m.role == "evidence")
    paragraph = one.page.locator(f"#{mention.para_id}")
    expect(paragraph).to_be_in_viewport()
    expect(paragraph).to_have_class("gz-para gz-current")
    on = one.page.locator(".gz-on").all_text_contents()
    assert len(on) == len({(m.para_id, m.start) for m in atlas.mentions_by_feature[FEATURE]})
    assert set(on) == {m.exact for m in atlas.mentions_by_feature[FEATURE]}
    assert one.query()["para"] == mention.para_id


def test_a_paragraph_names_its_places(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/text")
    para_id, mentions = max(atlas.mentions_by_paragraph.items(), key=lambda item: len({m.feature_id for m in item[1]}))
    chips = one.page.locator(f"#{para_id} .gz-chips a")
    named = list(dict.fromkeys(atlas.features[m.feature_id].name for m in mentions))
    expect(chips).to_have_text(named)
    chips.first.click()
    one.rest()
    expect(one.card.locator("h2")).to_have_text(named[0])


def test_places_of_the_same_paragraph_lead_on(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, f"/?feature={FEATURE}")
    chip = one.card.locator(".gz-chips a").first
    name = chip.inner_text()
    chip.click()
    one.rest()
    expect(one.card.locator("h2")).to_have_text(name)
    assert one.query()["feature"] != FEATURE
