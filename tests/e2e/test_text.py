"""From the words to the map and back."""

from __future__ import annotations

import json
import re
from collections import Counter

from playwright.sync_api import expect

from gzmap.atlas import Atlas
from gzmap.mentions import Mention
from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_map import names_in

FEATURE = "waterways.w003"


def find_plain(atlas: Atlas) -> Mention:
    """Evidence of a waterway in a paragraph, in words that name nothing else."""
    spans = Counter((m.para_id, m.start) for m in atlas.mentions)
    return next(
        m
        for m in atlas.mentions
        if m.feature_id.startswith("waterways.")
        and m.role == "evidence"
        and "para" in m.para_id
        and spans[m.para_id, m.start] == 1
        and atlas.features[m.feature_id].geometry is not None
    )


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
    mention = find_plain(atlas)
    feature_id = mention.feature_id
    words = one.page.locator(f"#{mention.para_id} a.gz-mention", has_text=re.compile(f"^{mention.exact}$")).first
    assert json.loads(words.get_attribute("data-go"))["ids"] == [feature_id]
    expect(words).to_have_attribute("title", atlas.features[feature_id].name)
    words.click()
    one.rest()
    expect(one.card).to_have_attribute("data-feature", feature_id)
    assert one.page.locator(".gz-map").is_visible()
    assert one.is_on_map("waterways")
    assert not one.is_on_map("eco_corridors")
    expect(one.page.locator("#gz-waters")).to_be_checked()
    expect(one.page.locator("#gz-eco_corridors")).not_to_be_checked()
    assert set(one.query()["layers"].split(",")) == {"districts", "waterways"}
    west, south, east, north = atlas.features[feature_id].geometry.bounds
    zoom, lat, lon = one.view()
    assert west <= lon <= east
    assert south <= lat <= north
    assert zoom >= 9
    assert one.is_same_map()
    assert one.count_dark_pixels() > 100


def test_words_for_several_places_lead_to_a_choice_of_them(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/text")
    one.page.locator("a.gz-mention", has_text="三纵五横").first.click()
    one.rest()
    first = next(m for m in atlas.mentions if m.exact == "三纵五横")
    named = {m.feature_id for m in atlas.mentions if (m.para_id, m.start) == (first.para_id, first.start)}
    assert len(named) >= 8
    expect(one.page.locator(".gz-list h2")).to_contain_text(str(len(named)))
    assert sorted(names_in(one.page.locator(".gz-list"))) == sorted(atlas.features[i].name for i in named)


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
    named_in = {p: atlas.mentions_by_paragraph.get(p, ()) for p in atlas.document.paragraphs}
    para_id, mentions = max(named_in.items(), key=lambda item: len({m.feature_id for m in item[1]}))
    chips = one.page.locator(f"#{para_id} .gz-chips a")
    named = list(dict.fromkeys(m.feature_id for m in mentions))
    expect(chips).to_have_text([re.compile(re.escape(atlas.features[i].name)) for i in named])
    chips.first.click()
    one.rest()
    expect(one.card).to_have_attribute("data-feature", named[0])


def test_places_of_the_same_paragraph_lead_on(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, f"/?feature={FEATURE}")
    chip = one.card.locator(".gz-chips a").first
    name = chip.inner_text()
    chip.click()
    one.rest()
    expect(one.card.locator("h2")).to_have_text(name)
    assert one.query()["feature"] != FEATURE
