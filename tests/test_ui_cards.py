"""What the panel says, and that data is never markup."""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import LINK_HOSTS, SOURCES_FILE
from gzmap.document import format_display
from gzmap.errors import NotFoundError
from gzmap.query import find_neighbours
from gzmap.ui import cards, lists
from gzmap.ui.state import Place
from gzmap.ui.words import LANGS
from tests.makers import default_layers, edit_json, make_feature, make_square
from tests.ui_support import goes, make_shown_project, read, small, small_root

__all__ = ["small", "small_root"]
HOSTILE = "<script>alert(1)</script>`${x}`\"'<img src=x onerror=alert(2)>{{ 7*7 }}&amp;</a>"


# --- marked words


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=5))
def test_marking_changes_no_word_and_marks_exactly_the_spans(text: str, pairs: list[tuple[int, int]]) -> None:
    spans = [(min(p), min(max(p), len(text))) for p in pairs if min(p) < len(text)]
    marked = str(cards.format_marked(text, spans))
    pieces = re.split(r"(<mark>|</mark>)", marked)
    shown, inside, flags = "", False, []
    for piece in pieces:
        if piece in ("<mark>", "</mark>"):
            assert inside == (piece == "</mark>")
            inside = piece == "<mark>"
            continue
        plain = html.unescape(piece)
        shown += plain
        flags += [inside] * len(plain)
    assert not inside
    assert shown == format_display(text)
    assert flags == [any(a <= i < b for a, b in spans) for i in range(len(text))]


def test_marking_escapes() -> None:
    assert str(cards.format_marked("<b>&", [(0, 3)])) == "<mark>&lt;b&gt;</mark>&amp;"
    assert str(cards.format_marked("甲乙丙", [(0, 1), (1, 2)])) == "<mark>甲乙</mark>丙"


# --- the card


def test_a_card_says_why_where_and_how_well(small: Atlas) -> None:
    card = read(cards.format_card(small, "parks.p001", "zh"))
    [article] = card.find("article")
    assert article.attrs["data-feature"] == "parks.p001"
    assert card.texts("h2") == ["帽峰山"]
    assert card.texts("p", cls="gz-sub") == ["parks · 地点 · 现状 · 白云区"]
    quotes = card.texts("blockquote")
    assert quotes[0].startswith("“保育帽峰山、白云湖，守护无名谷。”")
    assert card.texts("mark") == ["帽峰山", "帽峰山"]
    assert "第一章 › （一）山" in quotes[0]
    assert card.texts("summary") == ["纲要中还提到 (1)", "引用 GB/T 7714", "按 2015 版写法"]
    assert card.texts("dd")[:2] == ["误差约 50 米", "对照资料人工描绘"]
    assert [g for g in goes(card) if g["kind"] == "feature"] == [
        {"kind": "feature", "id": "parks.p002"},
        {"kind": "feature", "id": "parks.p003"},
    ]
    assert {"kind": "paragraph", "id": "chp_1__sec_1__para_1"} in goes(card)
    assert {"kind": "close"} in goes(card)
    assert {"kind": "back"} not in goes(card)


def test_all_words_of_one_sentence_are_marked_in_one_quote(small: Atlas) -> None:
    card = read(cards.format_card(small, "spots.b001", "zh"))
    assert card.texts("mark") == ["白云区", "新型储能产业园"]
    assert len(card.find("blockquote")) == 1


def test_a_card_in_english_keeps_the_plans_words(small: Atlas) -> None:
    card = read(cards.format_card(small, "parks.p001", "en"))
    assert card.texts("h2") == ["Maofeng Mountain"]
    assert "Why it is here" in card.texts("h3")
    assert "保育帽峰山、白云湖，守护无名谷。" in card.texts("blockquote")[0]
    assert [q.attrs["lang"] for q in card.find("blockquote")] == ["zh-CN", "zh-CN"]


def test_a_card_of_what_is_not_located_says_that_it_is_not_drawn(small: Atlas) -> None:
    card = read(cards.format_card(small, "parks.p003", "zh"))
    assert card.texts("h3")[:2] == ["为什么在这里", "未能落位"]
    assert card.texts("p", cls="gz-reason") == ["纲要与公开资料未给出位置，未落图。"]
    assert card.texts("dt") == ["来源"]


def test_a_card_of_what_is_not_located_says_why(tmp_path: Path) -> None:
    layers = {"parks": [make_feature("parks.p001", "甲", None, notes="只知在白云区,故不落图。")]}
    card = read(cards.format_card(read_atlas(make_shown_project(tmp_path, layers)), "parks.p001", "zh"))
    assert card.texts("p", cls="gz-reason") == ["只知在白云区，故不落图。"]
    assert card.text.count("故不落图") == 1


def test_a_card_leads_back_to_the_choice(small: Atlas) -> None:
    card = read(cards.format_card(small, "parks.p001", "zh", picks=("parks.p001", "parks.p002")))
    assert {"kind": "back"} in goes(card)


def test_a_wide_feature_is_said_to_be_wide(tmp_path: Path) -> None:
    layers = {
        "parks": [make_feature("parks.p001", "帽峰山", make_square(113.2, 23.1), accuracy_m=2001, method="schematic")]
    }
    card = read(cards.format_card(read_atlas(make_shown_project(tmp_path, layers)), "parks.p001", "zh"))
    assert card.texts("span", cls="gz-wide") == ["片区层面涉及（具体位置未明确）"]
    assert card.texts("dd")[0].startswith("示意 · 误差约 2 公里，纲要未给出边界")


def test_a_card_tells_the_layers_own_fields_that_are_filled(tmp_path: Path) -> None:
    layers = {
        "parks": [
            make_feature(
                "parks.p001", "甲", make_square(113.2, 23.1), width="30", empty="", nothing=None, parts="东|西"
            )
        ]
    }
    card = read(cards.format_card(read_atlas(make_shown_project(tmp_path, layers)), "parks.p001", "zh"))
    said = dict(zip(card.texts("dt"), card.texts("dd"), strict=True))
    assert said["width"] == "30"
    assert said["组成"] == "东；西"
    assert "empty" not in said
    assert "nothing" not in said


def test_a_card_tells_of_another_definition(tmp_path: Path) -> None:
    layers = {"parks": [make_feature("parks.p001", "甲", make_square(113.2, 23.1), alt_def="或指乙,不指甲")]}
    card = read(cards.format_card(read_atlas(make_shown_project(tmp_path, layers)), "parks.p001", "zh"))
    assert "另一口径" in card.texts("h3")
    assert card.texts("p", cls="gz-alt") == ["或指乙，不指甲"]


def test_a_card_links_the_features_that_it_is_drawn_from(tmp_path: Path) -> None:
    layers = {
        "parks": [make_feature("parks.p001", "甲山", make_square(113.2, 23.1))],
        "nodes": [make_feature("nodes.n001", "甲节点", make_square(113.2, 23.1), based_on="parks.p001")],
    }
    atlas = read_atlas(make_shown_project(tmp_path, layers))
    card = read(cards.format_card(atlas, "nodes.n001", "zh"))
    assert {"kind": "feature", "id": "parks.p001"} in goes(card)
    said = dict(zip(card.texts("dt"), card.texts("dd"), strict=True))
    assert said["几何同"] == "甲山（parks）"
    back = read(cards.format_card(atlas, "parks.p001", "en"))
    said = dict(zip(back.texts("dt"), back.texts("dd"), strict=True))
    assert said["Shape also used by"] == "甲节点 (nodes)"


def test_a_card_says_why_the_figures_differ_beside_them(tmp_path: Path) -> None:
    figures = {"len_km": 33.0, "off_km": 30.0, "diff_note": "多绘一段,至河口。"}
    line = {"type": "MultiLineString", "coordinates": [[[113.2, 23.1], [113.4, 23.1]]]}
    layers = {"parks": [make_feature("parks.p001", "甲", line, **figures)]}
    card = read(cards.format_card(read_atlas(make_shown_project(tmp_path, layers)), "parks.p001", "zh"))
    said = dict(zip(card.texts("dt"), card.texts("dd"), strict=True))
    assert said["长度"] == "图上 33 km · 文献 30 km · 相差 +10%多绘一段，至河口。"
    assert "len_km" not in said


def test_words_in_headings_and_front_matter_say_where_they_stand(small: Atlas) -> None:
    assert cards.describe_passage(small, "chp_1__sec_1__para_1", "zh") == "第一章 › （一）山"
    assert cards.describe_passage(small, "chp_1__sec_2", "zh") == "第一章 › （二）水"
    assert cards.describe_passage(small, "chp_2", "zh") == "第二章 › 章标题"
    assert cards.describe_passage(small, "front__line_1", "zh") == "卷首"


def test_an_unknown_feature_has_no_card(small: Atlas) -> None:
    with pytest.raises(NotFoundError, match=r"parks\.p9"):
        cards.format_card(small, "parks.p9", "zh")


@pytest.mark.parametrize("lang", LANGS)
def test_every_shipped_feature_has_a_card(atlas: Atlas, lang: str) -> None:
    assert len(atlas.features) > 300
    for feature_id, feature in atlas.features.items():
        card = read(cards.format_card(atlas, feature_id, lang))
        assert card.texts("h2") == [" ".join(cards.name_of(feature, lang).split())]
        plan = atlas.entry_of(feature).kind == "plan"
        assert bool(card.find("blockquote")) == plan, feature_id
        marked = "".join(card.texts("mark"))
        assert all(format_display(m.exact) in marked for m in atlas.mentions_by_feature.get(feature_id, ()))
        assert not re.search(r"\b(None|nan|NaN)\b", card.text)


# --- sources


def test_only_known_hosts_are_linked(atlas: Atlas) -> None:
    links = set()
    for feature_id in atlas.features:
        markup = read(cards.format_card(atlas, feature_id, "zh"))
        links |= {e.attrs["href"] for e in markup.find("a") if "://" in e.attrs.get("href", "")}
    for url in links:
        assert urlsplit(url).scheme in ("http", "https"), "some offices answer without TLS only"
        assert any(
            urlsplit(url).hostname == h.lstrip(".") or urlsplit(url).hostname.endswith("." + h.lstrip("."))
            for h in LINK_HOSTS
        ), url


def test_second_hand_and_memory_are_said_without_a_link(small_root: Path) -> None:
    def add(register: dict) -> None:
        like = register["sources"][0]
        register["sources"].append(like | {"id": "blog", "title": "博客", "kind": "secondary", "url": None})
        register["sources"].append(like | {"id": "mind", "title": "记忆", "kind": "memory", "url": None})

    edit_json(small_root / SOURCES_FILE, add)
    atlas = read_atlas(small_root)
    told = cards.describe_sources(atlas, "survey|blog|mind|lost", "zh")
    assert [s["title"] for s in told] == ["测绘", "博客", "记忆", "lost"]
    assert [s["url"] for s in told] == ["https://www.gz.gov.cn/a", None, None, None]
    assert [s["caution"] for s in told] == ["", "二手来源，待核实", "无文献，凭记忆，待核实", "二手来源，待核实"]
    assert cards.describe_sources(atlas, "", "zh") == []


# --- hostile names


@pytest.mark.parametrize("lang", LANGS)
def test_hostile_names_are_text_everywhere(tmp_path: Path, lang: str) -> None:
    hostile = make_feature(
        "parks.p001",
        HOSTILE,
        make_square(113.24, 23.14),
        **dict.fromkeys(
            ("name_en", "aliases", "category", "district", "source_id", "notes", "parts", "extra", "alt_def"), HOSTILE
        ),
    )
    layers = default_layers() | {"parks": [hostile, make_feature("parks.p002", HOSTILE, None, notes=HOSTILE)]}
    atlas = read_atlas(make_shown_project(tmp_path, layers))
    place = Place(picks=("parks.p001", "parks.p002"), query=HOSTILE, lang=lang, point=(113.39, 23.11, 1.0))
    written = [
        cards.format_card(atlas, "parks.p001", lang),
        lists.format_chooser(atlas, place),
        lists.format_results(atlas, place),
        lists.format_unlocated(atlas, place),
        lists.format_here(atlas, place),
    ]
    allowed = {
        "article",
        "header",
        "button",
        "h2",
        "h3",
        "p",
        "dl",
        "dt",
        "dd",
        "div",
        "em",
        "section",
        "ul",
        "li",
        "a",
        "b",
        "span",
    }
    allowed |= {"details", "summary", "blockquote", "footer", "mark", "q", "h4", "svg", "rect"}
    for one in written:
        markup = read(one)
        assert {e.tag for e in markup.elements} <= allowed
        assert not any(name.startswith("on") for e in markup.elements for name in e.attrs)
    assert read(written[0]).texts("h2") == [HOSTILE]
    assert read(written[0]).texts("p", cls="gz-alt") == [HOSTILE]
    assert read(written[1]).texts("b") == [HOSTILE, HOSTILE]
    assert HOSTILE in read(written[2]).texts("h2")[0]
    assert read(written[3]).texts("b") == [HOSTILE]


def test_a_template_refuses_a_value_it_was_not_given() -> None:
    with pytest.raises(Exception, match="n"):
        cards.format_template("chooser.html", "zh", near=[], wide=[], n_wide=0)


def test_only_chinese_texts_get_chinese_punctuation() -> None:
    template = "{{ text|zh }}"
    shown = [cards._templates().from_string(template).render(text=t) for t in ("甲,乙(丙)", "first, second (third)")]
    assert shown == ["甲，乙（丙）", "first, second (third)"]


def test_of_many_neighbours_the_first_stand_there_and_the_others_are_folded(atlas: Atlas) -> None:
    others = find_neighbours(atlas, "eco_corridors.c001")
    card = cards.format_card(atlas, "eco_corridors.c001", "zh")
    shown, folded = card.split('<details class="gz-more">')
    assert shown.count('href="?feature=') >= 12
    assert f"其余 {len(others) - 12} 处" in folded
    assert all(f"?feature={f.feature_id}" in card for f in others)
