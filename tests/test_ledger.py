"""The ledger: its lines, where names stand, what has become of each, and words that look like names."""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmap.config import LEDGER_FILE, PLAN_DIR
from gzmap.document import Document, parse_document
from gzmap.errors import CatalogError, LedgerError
from gzmap.ledger import (
    BOXES,
    LINE_BOXES,
    SUFFIXES,
    UNACCOUNTED,
    Line,
    build_accounts,
    build_line,
    dump_ledger,
    find_candidates,
    find_occurrences,
    read_ledger,
)

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(str.strip)
LINES = st.builds(
    Line,
    **dict.fromkeys(("id", "para_id", "exact", "reason"), TEXT),
    **dict.fromkeys(("start", "end"), st.integers(0, 999)),
    box=st.sampled_from(LINE_BOXES),
    feature_ids=st.lists(TEXT, max_size=2).map(tuple),
)
DOCUMENT = parse_document("流溪河规划\n第一章 珠江\n(一)治水\n整治流溪河流域、流溪河与珠江。\n建设珠江游。", {})
FIRST, SECOND = "chp_1__sec_1__para_1", "chp_1__sec_1__para_2"


@pytest.fixture(scope="module")
def plan(root) -> Document:
    return parse_document((root / PLAN_DIR / "plan.txt").read_bytes().decode("utf-8"), {})


# --- lines


def test_boxes_are_the_five_of_the_project_and_people_choose_four():
    assert ("mapped", *LINE_BOXES) == BOXES
    assert LINE_BOXES == ("ambiguous", "unlocatable", "outside", "not_place")
    assert UNACCOUNTED not in BOXES


def test_a_line_quotes_its_span():
    passage = DOCUMENT.require_passage(SECOND)
    line = build_line(passage, (2, 5), "not_place", reason="游船项目")
    assert line == Line(f"ledger@{SECOND}:2-5", SECOND, 2, 5, "珠江游", "not_place", (), "游船项目")
    assert build_line(passage, (2, 4), "ambiguous", reason="x", feature_ids=["a.b"]).feature_ids == ("a.b",)


@pytest.mark.parametrize("span", [(-1, 2), (2, 2), (3, 2), (0, 99)])
def test_a_span_outside_the_passage_is_refused(span):
    with pytest.raises(LedgerError, match=rf"not inside {SECOND} \(0 to 6\)"):
        build_line(DOCUMENT.require_passage(SECOND), span, "outside", reason="x")


def test_nobody_says_that_something_is_mapped():
    with pytest.raises(LedgerError, match="'mapped' is not one of ambiguous"):
        build_line(DOCUMENT.require_passage(SECOND), (2, 4), "mapped", reason="x")


@given(st.lists(LINES, max_size=5))
def test_lines_come_back_as_written(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    text = dump_ledger(lines)
    path.write_bytes(text.encode())
    back = read_ledger(path)
    assert sorted(map(repr, back)) == sorted(map(repr, lines))
    assert dump_ledger(back) == text


def test_lines_are_in_reading_order():
    lines = [
        build_line(DOCUMENT.require_passage(i), span, "outside", reason="x")
        for i in DOCUMENT.passages
        for span in ((2, 3), (0, 2))
    ]
    dumped = [json.loads(line) for line in dump_ledger(reversed(lines)).splitlines()]
    assert [(m["para_id"], m["start"]) for m in dumped] == [(i, start) for i in DOCUMENT.passages for start in (0, 2)]


GOOD = asdict(build_line(DOCUMENT.require_passage(SECOND), (2, 5), "not_place", reason="游船项目"))


@pytest.mark.parametrize(
    ("line", "error", "words"),
    [
        ("{", CatalogError, "line 2: line 1, column 2 is not valid JSON"),
        ("[]", LedgerError, "line 2: must be one object with the keys id, para_id"),
        (json.dumps({**GOOD, "extra": 1}), LedgerError, "line 2: must be one object"),
        (json.dumps({**GOOD, "start": "0"}), LedgerError, "line 2: 'start' must be of type int; got '0'"),
        (json.dumps({**GOOD, "end": True}), LedgerError, "line 2: 'end' must be of type int"),
        (json.dumps({**GOOD, "exact": None}), LedgerError, "line 2: 'exact' must be a text that is not empty"),
        (json.dumps({**GOOD, "reason": " "}), LedgerError, "line 2: 'reason' must be a text that is not empty"),
        (json.dumps({**GOOD, "box": "mapped"}), LedgerError, "line 2: box must be one of ambiguous.*got 'mapped'"),
        (json.dumps({**GOOD, "box": ["outside"]}), LedgerError, "line 2: box must be one of"),
        (json.dumps({**GOOD, "feature_ids": "a.b"}), LedgerError, "line 2: 'feature_ids' must be a list of ids"),
        (json.dumps({**GOOD, "feature_ids": [1]}), LedgerError, "line 2: 'feature_ids' must be a list of ids"),
        ('{"id": "a", "id": "b"}', CatalogError, "line 2: the key 'id' stands twice"),
    ],
)
def test_a_broken_line_is_named(tmp_path, line, error, words):
    path = tmp_path / "ledger.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\n{line}\n\n", encoding="utf-8")
    with pytest.raises(error, match=rf"ledger\.jsonl: {words}"):
        read_ledger(path)


def test_blank_lines_are_skipped_and_a_missing_file_is_named(tmp_path):
    path = tmp_path / "ledger.jsonl"
    with pytest.raises(CatalogError, match="cannot be read"):
        read_ledger(path)
    path.write_text(f"\n{json.dumps(GOOD)}\n\n", encoding="utf-8")
    assert [line.exact for line in read_ledger(path)] == ["珠江游"]


# --- occurrences


def test_the_longest_name_is_found_in_every_passage():
    names = {"流溪河": "流溪河", "流溪河流域": "流溪河流域", "珠江": "珠江", "珠江游": "珠江游"}
    found = [(o.passage_id, o.start, o.exact) for o in find_occurrences(DOCUMENT.passages, names)]
    assert found == [
        ("front__line_1", 0, "流溪河"),
        ("chp_1", 4, "珠江"),
        (FIRST, 2, "流溪河流域"),
        (FIRST, 8, "流溪河"),
        (FIRST, 12, "珠江"),
        (SECOND, 2, "珠江游"),
    ]
    assert find_occurrences(DOCUMENT.passages, {}) == ()


def test_a_variant_is_an_occurrence_of_its_name():
    (found,) = find_occurrences({"p": "粤港澳的湾区"}, {"粤港澳大湾区": "粤港澳大湾区", "湾区": "粤港澳大湾区"})
    assert (found.exact, found.toponym) == ("湾区", "粤港澳大湾区")


@given(st.text("甲乙丙", max_size=30), st.sets(st.text("甲乙丙", min_size=1, max_size=4), max_size=5))
def test_occurrences_quote_the_text_and_do_not_overlap(text, words):
    found = find_occurrences({"p": text}, {word: word for word in words})
    assert all(text[o.start : o.end] == o.exact in words for o in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert bool(found) == any(word in text for word in words)


# --- accounts

NAMES = {name: name for name in ("流溪河", "流溪河流域", "珠江", "珠江游")}


def claim(feature_id: str, para_id: str, start: int, end: int) -> SimpleNamespace:
    exact = DOCUMENT.passages[para_id][start:end]
    return SimpleNamespace(feature_id=feature_id, para_id=para_id, start=start, end=end, exact=exact)


def account(claims=(), lines=(), rules=None, unplaced=None) -> dict:
    occurrences = find_occurrences(DOCUMENT.passages, NAMES)
    accounts = build_accounts(occurrences, claims, lines, rules=rules or {}, unplaced=unplaced or {})
    assert [(a.passage_id, a.start) for a in accounts][:2] == [("front__line_1", 0), ("chp_1", 4)]
    return {(a.passage_id, a.exact): a for a in accounts}


def test_what_nobody_speaks_of_is_unaccounted():
    assert {(a.box, a.by, a.reason) for a in account().values()} == {(UNACCOUNTED, "", "")}


def test_the_first_that_applies_decides():
    rules = {"流溪河": ("ambiguous", "泛指"), "珠江": ("ambiguous", "泛指"), "珠江游": ("not_place", "项目")}
    line = build_line(DOCUMENT.require_passage(FIRST), (12, 14), "outside", reason="市外", feature_ids=["w.a"])
    claims = [claim("w.liuxi", FIRST, 8, 11), claim("w.basin", FIRST, 2, 7), claim("w.pearl", "chp_1", 4, 6)]
    found = account(claims, [line], rules, {"w.basin": "流域界没有资料。"})
    assert {key: (a.box, a.by, a.feature_ids, a.reason) for key, a in found.items()} == {
        ("front__line_1", "流溪河"): ("ambiguous", "rule", (), "泛指"),
        ("chp_1", "珠江"): ("mapped", "mention", ("w.pearl",), ""),
        (FIRST, "流溪河流域"): ("unlocatable", "feature", ("w.basin",), "流域界没有资料。"),
        (FIRST, "流溪河"): ("mapped", "mention", ("w.liuxi",), ""),
        (FIRST, "珠江"): ("outside", "line", ("w.a",), "市外"),
        (SECOND, "珠江游"): ("not_place", "rule", (), "项目"),
    }


def test_one_drawn_feature_is_enough_to_be_mapped():
    claims = [claim("w.a", FIRST, 8, 11), claim("w.b", FIRST, 8, 11)]
    both = account(claims, unplaced={"w.a": "无。", "w.b": "无。"})[FIRST, "流溪河"]
    assert (both.box, both.feature_ids, both.reason) == ("unlocatable", ("w.a", "w.b"), "无。")
    assert account(claims, unplaced={"w.a": "无。"})[FIRST, "流溪河"].box == "mapped"


def test_a_longer_mention_covers_and_one_of_just_these_words_decides():
    around = claim("w.all", FIRST, 0, 16)
    found = account([around, claim("w.liuxi", FIRST, 8, 11)])
    assert found[FIRST, "流溪河"].feature_ids == ("w.liuxi",)
    assert found[FIRST, "珠江"].feature_ids == ("w.all",)
    assert account([claim("w.part", FIRST, 8, 10)])[FIRST, "流溪河"].box == UNACCOUNTED


def test_what_only_a_mention_marks_is_an_occurrence_too():
    found = account([claim("p.park", SECOND, 0, 2), claim("p.part", SECOND, 0, 1)])
    marked = found[SECOND, "建设"]
    assert (marked.toponym, marked.box, marked.feature_ids) == ("建设", "mapped", ("p.park",))
    assert (SECOND, "建") not in found


def test_a_line_beside_an_occurrence_does_not_count():
    line = build_line(DOCUMENT.require_passage(FIRST), (8, 10), "outside", reason="x")
    assert account(lines=[line])[FIRST, "流溪河"].box == UNACCOUNTED


# --- candidates


def candidates(text: str, *listed: str) -> list[str]:
    found = find_occurrences({"p": text}, {name: name for name in listed})
    return [c.exact for c in find_candidates({"p": text}, found)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("开展南沙湿地、海鸥岛、海珠湿地等关键节点修复", ["南沙湿地", "海鸥岛", "海珠湿地"]),
        ("深化南沙新区与东莞滨海湾新区、中山翠亨新区", ["南沙新区", "东莞滨海湾新区", "中山翠亨新区"]),
        ("推动环南昆山-罗浮山县镇村引领区(广州)建设", ["环南昆山-罗浮山县镇村引领区"]),
        ("高水平建设国际一流华南国家植物园", ["华南国家植物园"]),
        ("打造美丽广州都市圈", ["广州都市圈"]),
        ("整治东濠涌和三条河涌", ["东濠涌"]),
        ("深入推动白云区美丽健康产业园建设", ["白云区美丽健康产业园"]),
        ("加强对沼泽湿地、湖泊湿地、河流湿地、滨海湿地等自然湿地的保护", []),
        ("打造“区域-组团-社区”三级生态廊道,塑造“溪-涌-河-江-海”多层次碧道网络", []),
        ("统筹“海洋-海岛-海岸”立体保护,建设美丽海湾", []),
        ("全面提升都市圈、岛屿、重点产业园区、城市公园与自然保护区", []),
        ("没有地名", []),
        ("", []),
    ],
)
def test_words_that_end_like_place_names(text, names):
    assert candidates(text) == names


def test_what_is_listed_is_no_candidate():
    assert candidates("保育南沙湿地与海珠湿地", "南沙湿地") == ["海珠湿地"]
    assert candidates("建设广州特色千里碧道", "千里碧道") == []
    assert candidates("保育帽峰山片区", "帽峰山") == ["帽峰山片区"], "the ending is in no name of the list"


def test_every_suffix_is_found_and_the_plan_gives_few(plan):
    for suffix in SUFFIXES:
        assert candidates(f"建设某甲{suffix}。") == [f"某甲{suffix}"]
    found = {c.exact for c in find_candidates(plan.passages, ())}
    assert {"流溪河流域", "粤港澳大湾区", "南粤古驿道", "虎门水道", "从化温泉总部集聚区"} <= found
    assert len(found) < 45


@given(st.text("".join(SUFFIXES) + "建设的甲乙-、。", max_size=60))
def test_candidates_quote_the_text_and_do_not_overlap(text):
    found = find_candidates({"p": text}, ())
    assert all(text[c.start : c.end] == c.exact and c.exact.endswith(SUFFIXES) for c in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


# --- what is shipped


def test_the_shipped_ledger_is_canonical(root):
    path = root / LEDGER_FILE
    assert dump_ledger(read_ledger(path)) == path.read_text(encoding="utf-8")
