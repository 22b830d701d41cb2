from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from gzmap.config import PLAN_DIR
from gzmap.document import (
    CHAPTER,
    NUMERALS,
    SECTION,
    Document,
    Paragraph,
    find_longest,
    find_words,
    format_display,
    parse_document,
    parse_numeral,
    reading_order,
)
from gzmap.errors import DocumentError, NotFoundError

SMALL = "规划\n\n第一章 目标\n\n(一)总体\n\n先立后破。再行推进!其余照旧。\n\n第二章 山水\n(一)山\n青山常在"
LINE = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=40)
BLANK = st.integers(1, 3).map("\n".__mul__)


@pytest.fixture(scope="module")
def plan(root) -> Document:
    text = (root / PLAN_DIR / "plan.txt").read_bytes().decode("utf-8")
    return parse_document(text, json.loads((root / PLAN_DIR / "meta.json").read_text(encoding="utf-8")))


def numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else NUMERALS[tens - 1] + "十"
    return head + (NUMERALS[ones - 1] if ones else "")


@st.composite
def documents(draw) -> str:
    """Any text that has the structure: headings in sequence, paragraphs and separators of any kind."""
    body = LINE.filter(lambda line: not CHAPTER.fullmatch(line) and not SECTION.fullmatch(line))
    title = LINE.filter(lambda line: not line[0].isspace() and "\r" not in line)
    parts = [draw(body.filter(lambda line: line.strip())) + draw(BLANK)] if draw(st.booleans()) else []
    for chapter in range(1, draw(st.integers(1, 3)) + 1):
        parts.append(f"第{numeral(chapter)}章 {draw(title)}{draw(BLANK)}")
        for section in range(1, draw(st.integers(0, 3)) + 1):
            parts.append(f"({numeral(section)}){draw(title)}{draw(BLANK)}")
            parts += [draw(body) + draw(BLANK) for _ in range(draw(st.integers(0, 3)))]
    text = "".join(parts)
    return text.rstrip("\n") if draw(st.booleans()) else text


# --- the law


def test_the_plan_concatenates_back_to_its_bytes(plan, root):
    assert plan.dump().encode() == (root / PLAN_DIR / "plan.txt").read_bytes()


@given(documents())
@example(SMALL)
@example("第一章 a\n(一)b\n \n\u2028\n")
@example("\n\n第一章 a\n(一)b\r\nc\r\n")
def test_every_document_concatenates_back(text):
    document = parse_document(text, {})
    assert document.dump() == text
    for paragraph in document.paragraphs.values():
        assert "\n" not in paragraph.text
        assert paragraph.text in text


@given(documents())
def test_sentences_cover_every_paragraph_without_gap(text):
    for paragraph in parse_document(text, {}).paragraphs.values():
        edges = [0, *(end for _, end in paragraph.sentences)]
        assert [start for start, _ in paragraph.sentences] == edges[:-1]
        assert edges[-1] == len(paragraph.text)


# --- the plan


def test_the_plan_has_its_chapters_sections_and_paragraphs(plan):
    assert len(plan.chapters) == 9
    assert sum(len(c.sections) for c in plan.chapters) == 28
    assert len(plan.paragraphs) == 60


def test_ids_are_places_in_the_hierarchy(plan):
    assert plan.require_paragraph("chp_4__sec_3__para_1").text.startswith("建设岭南地区生物多样性保护引领区。")
    chapter, section = plan.places["chp_4__sec_3__para_1"]
    assert (chapter.chapter_id, section.section_id) == ("chp_4", "chp_4__sec_3")
    assert (chapter.number, section.number) == ("四", "三")


def test_a_short_first_sentence_is_the_title(plan):
    for para_id, paragraph in plan.paragraphs.items():
        lead = paragraph.text.partition("。")[0]
        expected = lead if "。" in paragraph.text and len(lead) <= 30 else plan.places[para_id][1].title
        assert paragraph.title == expected
    assert plan.paragraphs["chp_4__sec_3__para_1"].title == "建设岭南地区生物多样性保护引领区"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("短句。后文。", "短句"),
        ("长" * 30 + "。", "长" * 30),
        ("长" * 31 + "。", "节名"),
        ("没有句号", "节名"),
        ("。", "节名"),
    ],
)
def test_title_rule(line, title):
    (paragraph,) = parse_document(f"第一章 章名\n(一)节名\n{line}", {}).paragraphs.values()
    assert paragraph.title == title


def test_an_unknown_paragraph_is_named(plan):
    with pytest.raises(NotFoundError, match=r"'chp_4__sec_3__para_9'.*did you mean"):
        plan.require_paragraph("chp_4__sec_3__para_9")


def test_front_matter_and_meta_are_kept():
    document = parse_document(SMALL, {"edition": "征求意见稿"})
    assert document.front == "规划\n\n"
    assert document.meta == {"edition": "征求意见稿"}
    assert [c.title for c in document.chapters] == ["目标", "山水"]


# --- passages


def test_passages_are_front_matter_headings_and_paragraphs_in_reading_order():
    document = parse_document("\n" + SMALL.replace("规划", "规划 \n  \n某局"), {})
    assert document.passages == {
        "front__line_1": "规划 ",
        "front__line_2": "某局",
        "chp_1": "第一章 目标",
        "chp_1__sec_1": "(一)总体",
        "chp_1__sec_1__para_1": "先立后破。再行推进!其余照旧。",
        "chp_2": "第二章 山水",
        "chp_2__sec_1": "(一)山",
        "chp_2__sec_1__para_1": "青山常在",
    }
    chapters = {i: chapter and chapter.title for i, (chapter, _) in document.places.items()}
    assert list(chapters) == list(document.passages)
    assert [chapters[i] for i in ("front__line_2", "chp_1", "chp_2__sec_1")] == [None, "目标", "山水"]
    assert document.places["chp_2"][1] is None
    assert document.places["chp_2__sec_1"][1].title == "山"


@given(documents())
def test_every_passage_is_a_line_of_the_text_in_its_order(text):
    document = parse_document(text, {})
    lines = iter(text.split("\n"))
    for passage in document.passages.values():
        assert passage in lines
    assert [i for i in document.passages if i in document.paragraphs] == list(document.paragraphs)
    assert sorted(document.passages, key=reading_order) == list(document.passages)


def test_the_plan_has_101_passages(plan):
    assert len(plan.passages) == 4 + 9 + 28 + 60
    assert plan.passages["front__line_3"] == "广州市生态环境局"
    assert plan.passages["chp_4"] == "第四章 打造“新青山新六脉”生态品牌,建设美丽山水花城"
    assert plan.passages["chp_8__sec_2"] == "(二)推动南沙新区领跑湾区美丽建设"


def test_a_passage_is_required_by_its_id(plan):
    heading = plan.require_passage("chp_8__sec_2")
    assert (heading.para_id, heading.text) == ("chp_8__sec_2", plan.passages["chp_8__sec_2"])
    assert isinstance(plan.require_passage("chp_8__sec_2__para_1"), Paragraph)
    with pytest.raises(NotFoundError, match=r"Passage 'chp_8__sec_9' is not in the plan; did you mean"):
        plan.require_passage("chp_8__sec_9")
    with pytest.raises(NotFoundError, match="Paragraph 'chp_8__sec_2'"):
        plan.require_paragraph("chp_8__sec_2")


def test_a_heading_is_one_sentence():
    document = parse_document("第一章 先立。后破\n(一)b\n", {})
    heading = document.require_passage("chp_1")
    assert heading.find_sentence(4, 5) == (0, len("第一章 先立。后破"))
    assert heading.find_sentence(50, 60) == (50, 60)


def test_reading_order_counts_and_puts_headings_first():
    wanted = [
        *("front__line_2", "front__line_10", "chp_2", "chp_2__sec_1", "chp_2__sec_1__para_2"),
        *("chp_2__sec_1__para_10", "chp_2__sec_2", "chp_10"),
    ]
    assert sorted(sorted(wanted), key=reading_order) == wanted


# --- words in a passage


def test_words_are_found_at_every_place_and_inside_one_another():
    assert sorted(find_words("流溪河流域与流溪河", ["流溪河", "河流", "", "无"])) == [
        (0, 3, "流溪河"),
        (2, 4, "河流"),
        (6, 9, "流溪河"),
    ]
    assert [start for start, _, _ in find_words("区区区", ["区区"])] == [0, 1]


@pytest.mark.parametrize(
    ("spans", "kept"),
    [
        ([], []),
        ([(0, 3), (0, 5), (6, 9)], [(0, 5), (6, 9)]),
        ([(0, 2), (1, 4)], [(1, 4)]),
        ([(0, 2), (2, 4), (0, 2)], [(0, 2), (2, 4)]),
        ([(2, 4), (1, 3)], [(1, 3)]),
    ],
)
def test_the_longest_span_is_kept_at_every_place(spans, kept):
    assert find_longest(spans) == kept


SPANS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)).map(lambda s: (s[0], s[0] + s[1])), max_size=12)


@given(SPANS)
def test_kept_spans_are_disjoint_and_every_other_gave_way_to_a_longer_one(spans):
    kept = find_longest(spans)
    assert all(a[1] <= b[0] for a, b in pairwise(kept))
    for start, end in spans:
        rivals = [b - a for a, b in kept if a < end and start < b]
        assert (start, end) in kept or max(rivals) >= end - start


# --- sentences


def test_sentences_end_with_their_mark_and_closing_quotes():
    text = "他说“好。”真的？！是的。完"
    (paragraph,) = parse_document(f"第一章 a\n(一)b\n{text}", {}).paragraphs.values()
    assert [text[a:b] for a, b in paragraph.sentences] == ["他说“好。”", "真的？！", "是的。", "完"]


@pytest.mark.parametrize(
    ("span", "sentence"),
    [((0, 1), (0, 5)), ((4, 5), (0, 5)), ((5, 6), (5, 10)), ((4, 6), (0, 10)), ((6, 8), (5, 10)), ((50, 60), (50, 60))],
)
def test_the_sentence_of_a_span(span, sentence):
    (paragraph,) = parse_document("第一章 a\n(一)b\n先立后破。再行推进。", {}).paragraphs.values()
    assert paragraph.find_sentence(*span) == sentence


# --- numerals


@pytest.mark.parametrize("number", range(1, 100))
def test_numerals_are_read(number):
    assert parse_numeral(numeral(number)) == number


@given(st.text(NUMERALS + "百零a", max_size=4))
def test_nothing_else_is_a_numeral(text):
    assume(text not in {numeral(n) for n in range(1, 100)} and text != "一十" and not text.startswith("一十"))
    with pytest.raises(DocumentError, match="not a Chinese numeral"):
        parse_numeral(text)


# --- broken structure


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no chapter heading"),
        ("只有文字。\n", "no chapter heading"),
        ("第二章 山水\n", "Line 1 .*二, but 1 is next"),
        ("第一章 a\n(一)b\nc\n\n第三章 d\n", "Line 5 .*三, but 2 is next"),
        ("第一章 a\n(二)b\n", "Line 2 .*二, but 1 is next"),
        ("第一章 a\n文字\n", "Line 2 .*before the first section"),
        ("第一二章 a\n", "not a Chinese numeral"),
    ],
)
def test_broken_structure_names_the_line(text, words):
    with pytest.raises(DocumentError, match=words):
        parse_document(text, {})


# --- display


def test_display_sets_chinese_punctuation():
    assert format_display("建设(一期),共1,000处,约3,5。") == "建设（一期），共1,000处，约3,5。"


@given(st.text())
def test_display_keeps_every_offset(text):
    shown = format_display(text)
    assert len(shown) == len(text)
    assert all(a == b or a in ",()" for a, b in zip(text, shown, strict=True))


def test_display_of_the_plan_has_no_ascii_brackets(plan):
    for paragraph in plan.paragraphs.values():
        assert not set("()") & set(format_display(paragraph.text))
