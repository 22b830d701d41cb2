"""The whole plan as a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import PLAN_DIR
from gzmap.document import format_display
from gzmap.mentions import Mention
from gzmap.ui.plantext import find_runs, format_text
from gzmap.ui.state import Place
from gzmap.ui.words import LANGS
from tests.makers import name_in_headings
from tests.ui_support import read, small, small_root

__all__ = ["small", "small_root"]


def mention(feature_id: str, text: str, start: int, end: int) -> Mention:
    return Mention("m", feature_id, "p", start, end, text[start:end], "", "", "evidence", "manual")


SPANS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30), st.integers(0, 30)), max_size=6)


@given(st.text(alphabet="珠江,()。𠮷<&`1", max_size=30), SPANS)
def test_runs_give_back_the_text_and_name_each_character_rightly(text: str, spans: list) -> None:
    sound = [(i, min(a, b), max(a, b)) for i, a, b in spans if min(a, b) < max(a, b) <= len(text)]
    runs = find_runs(text, [mention(i, text, a, b) for i, a, b in sound])
    assert "".join(piece for piece, _ in runs) == format_display(text)
    assert all(piece for piece, _ in runs)
    at = 0
    for piece, ids in runs:
        for position in range(at, at + len(piece)):
            assert set(ids) == {i for i, a, b in sound if a <= position < b}
        assert len(ids) == len(set(ids))
        at += len(piece)


def test_a_mention_that_does_not_match_marks_nothing() -> None:
    text = "珠江西航道"
    wrong = Mention("m", "a", "p", 0, 2, "东江", "", "", "evidence", "manual")
    outside = Mention("m", "a", "p", 3, 9, "航道", "", "", "evidence", "manual")
    assert find_runs(text, [wrong, outside]) == [(text, ())]
    assert find_runs("", []) == []


@pytest.mark.parametrize("lang", LANGS)
def test_the_whole_plan_is_there_in_order(atlas: Atlas, lang: str) -> None:
    page = read(format_text(atlas, Place(lang=lang)))
    paragraphs = page.find("div", cls="gz-para")
    assert [p.attrs["id"] for p in paragraphs] == list(atlas.document.paragraphs)
    for shown, paragraph in zip(paragraphs, atlas.document.paragraphs.values(), strict=True):
        assert shown.text.split("\n")[1].strip() == format_display(paragraph.text).strip()
    shown = {e.attrs["id"]: e.text for e in page.elements if "id" in e.attrs and e not in paragraphs}
    others = {i: format_display(t) for i, t in atlas.document.passages.items() if i not in atlas.document.paragraphs}
    assert list(shown.items()) == list(others.items())
    chapters = atlas.document.chapters
    assert [e.attrs["data-scroll"] for e in page.find("a") if "data-scroll" in e.attrs] == [
        i for c in chapters for i in (c.chapter_id, *(s.section_id for s in c.sections))
    ]
    assert page.texts("a")[: 1 + len(chapters[0].sections)] == [
        format_display(part.heading) for part in (chapters[0], *chapters[0].sections)
    ]
    assert page.find("article")[0].attrs["lang"] == "zh-CN"
    ids = [e.attrs["id"] for e in page.elements if "id" in e.attrs]
    assert ids == list(atlas.document.passages)


def test_every_mention_is_a_link_that_names_its_features(atlas: Atlas) -> None:
    page = read(format_text(atlas, Place()))
    linked: dict[str, str] = {}
    for link in page.find("a", cls="gz-mention"):
        ids = json.loads(link.attrs["data-go"])["ids"]
        assert link.attrs["title"] == "、".join(atlas.features[i].name for i in ids)
        assert link.attrs["href"] == f"./?feature={ids[0]}"
        for feature_id in ids:
            linked[feature_id] = linked.get(feature_id, "") + link.text
    said = {i: "".join(format_display(m.exact) for m in found) for i, found in atlas.mentions_by_feature.items()}
    assert linked == said


def test_the_selected_features_words_and_the_current_paragraph_stand_out(small: Atlas) -> None:
    page = read(format_text(small, Place(feature="parks.p001", para="chp_1__sec_2__para_1")))
    assert page.texts("a", cls="gz-on") == ["帽峰山", "帽峰山"]
    assert [p.attrs["id"] for p in page.find(cls="gz-current")] == ["chp_1__sec_2__para_1"]
    plain = read(format_text(small, Place()))
    assert plain.find(cls="gz-on") == plain.find(cls="gz-current") == []


def test_a_paragraph_names_its_places_once(small: Atlas) -> None:
    page = read(format_text(small, Place()))
    [chips] = [p for p in page.find("p", cls="gz-chips") if "储能" in p.text]
    assert " ".join(chips.text.split()) == "本段地点白云区新型储能产业园黄埔区新型储能产业园帽峰山"


def test_words_for_two_features_name_both(small: Atlas) -> None:
    page = read(format_text(small, Place()))
    [tail] = [a for a in page.find("a", cls="gz-mention") if a.text == "新型储能产业园"]
    assert json.loads(tail.attrs["data-go"]) == {"kind": "features", "ids": ["spots.b001", "spots.b002"]}


def test_mentions_of_features_that_are_gone_are_plain_words(small_root: Path) -> None:
    (small_root / "layers/spots.geojson").write_text("{", encoding="utf-8")
    page = read(format_text(read_atlas(small_root), Place()))
    assert page.texts("a", cls="gz-mention") == ["帽峰山", "白云湖", "无名谷", "东濠涌", "帽峰山"]


# --- headings and front matter


def test_words_of_headings_are_links_as_those_of_paragraphs(small_root: Path) -> None:
    atlas = read_atlas(name_in_headings(small_root))
    page = read(format_text(atlas, Place(feature="parks.p001", para="chp_1__sec_1")))
    for tag, passage_id in (("h1", "front__line_1"), ("h3", "chp_1__sec_1"), ("h2", "chp_2")):
        (heading,) = [e for e in page.find(tag) if e.attrs.get("id") == passage_id]
        assert heading.text == format_display(atlas.document.passages[passage_id])
    links = [a for a in page.find("a", cls="gz-mention") if a.text == "帽峰山"]
    assert len(links) == len(page.find("a", cls="gz-on")) == 5
    assert {json.loads(a.attrs["data-go"])["ids"][0] for a in links} == {"parks.p001"}
    assert [e.attrs["id"] for e in page.find(cls="gz-current")] == ["chp_1__sec_1"]


def test_a_text_without_front_matter_has_its_title(small_root: Path) -> None:
    plan = small_root / PLAN_DIR / "plan.txt"
    plan.write_text(plan.read_text(encoding="utf-8").removeprefix("某市建设规划\n\n"), encoding="utf-8")
    page = read(format_text(read_atlas(small_root), Place()))
    assert page.texts("h1") == ["某市建设规划"]
    assert "id" not in page.find("h1")[0].attrs
