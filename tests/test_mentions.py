from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmap.config import PLAN_DIR
from gzmap.document import Document, parse_document
from gzmap.errors import CatalogError, MentionError
from gzmap.mentions import (
    CONTEXT,
    Mention,
    Toponym,
    build_mention,
    dump_mentions,
    propose_mentions,
    read_mentions,
    read_toponyms,
)
from tests.makers import make_toponym

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
MENTIONS = st.builds(
    Mention,
    **dict.fromkeys(("id", "feature_id", "para_id", "exact", "prefix", "suffix"), TEXT),
    start=st.integers(0, 999),
    end=st.integers(0, 999),
    role=st.sampled_from(["evidence", "mention"]),
    method=st.sampled_from(["manual", "matched"]),
)


def make_document(*paragraphs: str) -> Document:
    return parse_document("第一章 a\n(一)b\n" + "\n".join(paragraphs), {})


def propose(text: str, names: dict, *, toponyms: tuple = (), kept: tuple = ()) -> list[tuple[str, str]]:
    """What is proposed in one paragraph: features and their words, in reading order."""
    found = propose_mentions(make_document(text), names, toponyms, kept=kept)
    return [(m.feature_id, m.exact) for m in sorted(found, key=lambda m: (m.start, m.feature_id))]


@pytest.fixture(scope="module")
def plan(root) -> Document:
    return parse_document((root / PLAN_DIR / "plan.txt").read_bytes().decode("utf-8"), {})


# --- one mention


def test_a_mention_quotes_its_span_with_context():
    (paragraph,) = make_document("统筹山水林田湖草，保育帽峰山与白云湖，建设绿色美丽家园。").paragraphs.values()
    start = paragraph.text.index("帽峰山")
    mention = build_mention("parks.p001", paragraph, (start, start + 3), role="evidence", method="manual")
    assert mention.exact == "帽峰山"
    assert mention.prefix == paragraph.text[:start][-CONTEXT:]
    assert mention.suffix == paragraph.text[start + 3 :][:CONTEXT]
    assert mention.id == f"parks.p001@chp_1__sec_1__para_1:{start}-{start + 3}"
    assert (mention.role, mention.method) == ("evidence", "manual")


@pytest.mark.parametrize("span", [(-1, 2), (2, 2), (3, 2), (0, 99)])
def test_a_span_outside_the_paragraph_is_refused(span):
    paragraph = make_document("保育帽峰山。").paragraphs["chp_1__sec_1__para_1"]
    with pytest.raises(MentionError, match=r"not inside chp_1__sec_1__para_1 \(0 to 6\)"):
        build_mention("parks.p001", paragraph, span)


# --- files


@given(st.lists(MENTIONS, max_size=6))
def test_mentions_come_back_as_written(tmp_path_factory, mentions):
    path = tmp_path_factory.mktemp("m") / "mentions.jsonl"
    text = dump_mentions(mentions)
    path.write_bytes(text.encode())
    back = read_mentions(path)
    assert sorted(map(repr, back)) == sorted(map(repr, mentions))
    assert dump_mentions(back) == text


def test_lines_are_in_reading_order():
    document = make_document(*["保育帽峰山、白云湖。"] * 11)
    paragraphs = list(document.paragraphs.values())
    mentions = [build_mention("a.b", p, span) for p in reversed(paragraphs) for span in ((6, 9), (2, 5))]
    lines = [json.loads(line) for line in dump_mentions(mentions).splitlines()]
    assert [(m["para_id"], m["start"]) for m in lines] == [(p.para_id, s) for p in paragraphs for s in (2, 6)]


def test_headings_stand_before_what_they_head_and_front_matter_before_all():
    document = parse_document("规划\n第一章 甲\n(一)乙\n丙丁", {})
    passages = [document.require_passage(i) for i in document.passages]
    mentions = [build_mention("a.b", p, (0, 1)) for p in reversed(passages)]
    assert [json.loads(x)["para_id"] for x in dump_mentions(mentions).splitlines()] == list(document.passages)


GOOD = asdict(Mention("m", "a.b", "chp_1__sec_1__para_1", 0, 1, "甲", "", "", "evidence", "manual"))


@pytest.mark.parametrize(
    ("line", "error", "words"),
    [
        ("{", CatalogError, "line 2: line 1, column 2 is not valid JSON"),
        ("[]", MentionError, "line 2: must be one object with the keys id, feature_id"),
        ('{"id": "m"}', MentionError, "line 2: must be one object with the keys"),
        (json.dumps({**GOOD, "extra": 1}), MentionError, "line 2: must be one object"),
        (json.dumps({**GOOD, "start": "0"}), MentionError, "line 2: 'start' must be of type int; got '0'"),
        (json.dumps({**GOOD, "end": True}), MentionError, "line 2: 'end' must be of type int"),
        (json.dumps({**GOOD, "exact": None}), MentionError, "line 2: 'exact' must be of type str"),
        (json.dumps({**GOOD, "role": "proof"}), MentionError, "line 2: role must be one of"),
        (json.dumps({**GOOD, "method": "guess"}), MentionError, "line 2: role must be one of"),
        ('{"id": "a", "id": "b"}', CatalogError, "line 2: the key 'id' stands twice"),
    ],
)
def test_a_broken_line_is_named(tmp_path, line, error, words):
    path = tmp_path / "mentions.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\n{line}\n\n", encoding="utf-8")
    with pytest.raises(error, match=rf"mentions\.jsonl: {words}"):
        read_mentions(path)


def test_blank_lines_are_skipped(tmp_path):
    path = tmp_path / "mentions.jsonl"
    path.write_text(f"\n{json.dumps(GOOD)}\n\n", encoding="utf-8")
    assert read_mentions(path) == (Mention(**GOOD),)


# --- toponyms


def write_toponyms(folder, *entries):
    path = folder / "toponyms.json"
    path.write_text(json.dumps({"schema": 1, "toponyms": list(entries)}), encoding="utf-8")
    return path


def test_toponyms_are_read(tmp_path):
    entries = (
        make_toponym("三纵五横", feature_ids=["a.b", "a.c"], collective=True),
        make_toponym("珠江", variants=["珠水"], passages={"chp_1": ["a.b"], "chp_2": []}, box="ambiguous", note="泛指"),
    )
    collective, river = read_toponyms(write_toponyms(tmp_path, *entries))
    assert collective == Toponym("三纵五横", ("a.b", "a.c"), collective=True)
    assert (river.words, river.box, river.note) == (("珠江", "珠水"), "ambiguous", "泛指")
    assert [river.find_features(i) for i in ("chp_1", "chp_2", "chp_3")] == [("a.b",), (), ()]
    assert collective.find_features("chp_1") == ("a.b", "a.c")


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"name": ""}, r"toponym '' needs a name \(text\)"),
        ({"name": 3}, r"toponym 3 needs a name"),
        ({"variants": "甲"}, "toponym '甲' needs variants: a list of texts"),
        ({"variants": [""]}, "needs variants"),
        ({"variants": ["乙", "乙"]}, "needs variants"),
        ({"feature_ids": [1]}, "needs feature_ids"),
        ({"passages": []}, "needs passages: an object"),
        ({"passages": {"chp_1": "a.b"}}, "needs passages"),
        ({"box": "lost"}, "has the box 'lost', which is not one of ambiguous, unlocatable, outside, not_place"),
        ({"box": "mapped", "note": "x"}, "has the box 'mapped'"),
        ({"box": None}, "has the box None"),
        ({"box": "outside", "note": " "}, "is by rule outside, and its note does not say why"),
        ({"collective": 1}, "needs collective"),
        ({"note": None}, "needs collective .* and note"),
        ({"extra": 1}, "must be one object with the keys name, variants, feature_ids, passages, box"),
    ],
)
def test_a_broken_toponym_is_named(tmp_path, members, words):
    path = write_toponyms(tmp_path, make_toponym("甲") | members)
    with pytest.raises(MentionError, match=rf"toponyms\.json: toponym .*{words}|toponyms\.json: {words}"):
        read_toponyms(path)


@pytest.mark.parametrize("content", ['{"toponyms": [{"name": "x"}]}', '{"toponyms": [1]}', "{}", '{"toponyms": {}}'])
def test_a_toponym_without_its_keys_is_named(tmp_path, content):
    path = tmp_path / "toponyms.json"
    path.write_text(content)
    with pytest.raises(MentionError, match=r"toponyms\.json: (toponym ('x'|1) must be one object|'toponyms' must be)"):
        read_toponyms(path)


# --- proposals


def test_names_and_aliases_are_found_everywhere():
    names = {"a.m": ["帽峰山", "帽峯山"], "a.b": ["白云湖"]}
    assert propose("帽峰山、白云湖与帽峯山。", names) == [("a.m", "帽峰山"), ("a.b", "白云湖"), ("a.m", "帽峯山")]
    assert propose("没有地名。", names) == []
    assert propose("帽峰山", {}) == []


def test_names_are_words_not_patterns():
    assert propose("白云(湖)。", {"a.b": ["白云(湖)"], "a.c": [".*"]}) == [("a.b", "白云(湖)")]


def test_the_longest_name_wins():
    names = {"a.short": ["流溪河"], "a.long": ["流溪河森林公园"]}
    assert propose("流溪河森林公园在流溪河边。", names) == [("a.long", "流溪河森林公园"), ("a.short", "流溪河")]


def test_a_toponym_without_features_blocks_the_names_inside_it():
    blocked = Toponym("流溪河流域", (), collective=False)
    assert propose("流溪河流域与流溪河。", {"a.l": ["流溪河"]}, toponyms=(blocked,)) == [("a.l", "流溪河")]
    found = propose_mentions(make_document("流溪河流域与流溪河。"), {"a.l": ["流溪河"]}, (blocked,))
    assert [m.start for m in found] == [6]


def test_a_longer_name_wins_over_one_that_begins_earlier():
    names = {"a.short": ["增城西"], "a.long": ["西部生态片区"]}
    assert propose("增城西部生态片区", names) == [("a.long", "西部生态片区")]


def test_variants_mean_what_the_name_means():
    toponym = Toponym("三纵五横", ("a.one",), variants=("三纵", "八廊"))
    assert propose("八廊即三纵五横。", {}, toponyms=(toponym,)) == [("a.one", "八廊"), ("a.one", "三纵五横")]


def test_a_name_may_mean_something_else_in_one_passage():
    first, second, third = (f"chp_1__sec_1__para_{n}" for n in (1, 2, 3))
    toponym = Toponym("珠江", ("w.river",), passages={first: ("w.front", "w.back"), second: ()})
    document = make_document("珠江两岸。", "珠江两岸。", "珠江两岸。")
    found = propose_mentions(document, {"w.part": ["江"], "w.other": ["珠江"]}, (toponym,))
    # Where it means nothing it also blocks the shorter name inside it.
    assert {(m.para_id, m.feature_id) for m in found} == {(first, "w.front"), (first, "w.back"), (third, "w.river")}
    assert second in document.passages


def test_headings_and_front_matter_mention_and_justify_nothing():
    document = parse_document("某山规划\n第一章 青山\n(一)保育某山\n保育某山。", {})
    found = propose_mentions(document, {"a.m": ["某山"]}, ())
    assert {m.para_id: (m.role, m.start, m.exact) for m in found} == {
        "front__line_1": ("mention", 0, "某山"),
        "chp_1__sec_1": ("mention", 5, "某山"),
        "chp_1__sec_1__para_1": ("evidence", 2, "某山"),
    }


def test_a_person_may_take_a_heading_as_evidence():
    document = parse_document("第一章 青山\n(一)保育某山\n保育某山。", {})
    manual = build_mention("a.m", document.require_passage("chp_1__sec_1"), (5, 7), method="manual")
    found = propose_mentions(document, {"a.m": ["某山"]}, (), kept=(manual,))
    assert [m for m in found if m.para_id == "chp_1__sec_1"] == [manual]


def test_a_collective_name_stands_for_each_of_its_features():
    collective = Toponym("三纵五横", ("a.one", "a.two"), collective=True)
    assert propose("建设三纵五横。", {}, toponyms=(collective,)) == [("a.one", "三纵五横"), ("a.two", "三纵五横")]


def test_two_features_of_one_name_are_both_proposed():
    assert propose("白云湖。", {"a.x": ["白云湖"], "b.y": ["白云湖"]}) == [("a.x", "白云湖"), ("b.y", "白云湖")]


def test_proposals_are_evidence_found_by_matching():
    (mention,) = propose_mentions(make_document("帽峰山。"), {"a.m": ["帽峰山"]}, ())
    assert (mention.role, mention.method) == ("evidence", "matched")


PARKS = {f"parks.p{n}": [f"{name}新型储能产业园"] for n, name in enumerate(("白云区", "黄埔区", "花都区"))}


def test_members_of_an_enumeration_get_their_words_and_the_tail(plan):
    found = propose_mentions(plan, PARKS, ())
    assert {m.para_id for m in found} == {"chp_2__sec_1__para_2"}
    for feature_id, (name,) in PARKS.items():
        words = [m.exact for m in sorted(found, key=lambda m: m.start) if m.feature_id == feature_id]
        assert words == [name[:3], "新型储能产业园"]


def test_five_hotspots_are_found_in_the_plan_by_name_and_by_long_name(plan):
    short = ["从化北部", "花都北部", "增城北部", "增城西部", "帽峰山"]
    names = {f"h.h{n}": [name, f"{name}生物多样性热点区域"] for n, name in enumerate(short)}
    found = [m for m in propose_mentions(plan, names, ()) if m.para_id == "chp_4__sec_3__para_1"]
    for n, name in enumerate(short):
        words = [m.exact for m in sorted(found, key=lambda m: m.start) if m.feature_id == f"h.h{n}"]
        assert words[0] == name
        assert words[1:] == ["生物多样性热点区域"]


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("建设甲东区、乙西区等产业园区。", "ab"),
        ("建设甲东区、乙西区两大产业园区。", "ab"),
        ("建设甲东区、乙西区三大产业园区。", "ab"),
        ("建设甲东区和产业园区。", ""),
        ("建设甲东区、乙西区。产业园区。", ""),
        ("建设甲东区、丙南区、乙西区等产业园区。", "ab"),
    ],
)
def test_enumerations(text, members):
    names = {"p.a": ["甲东区产业园区"], "p.b": ["乙西区产业园区"]}
    found = {feature_id[-1] for feature_id, words in propose(text, names) if words == "产业园区"}
    assert found == set(members)


def test_a_last_member_with_its_full_name_keeps_it_whole():
    names = {"p.a": ["甲东区产业园区"], "p.b": ["乙西区产业园区"]}
    assert propose("建设甲东区、乙西区产业园区。", names) == [("p.a", "甲东区"), ("p.b", "乙西区产业园区")]


def test_manual_mentions_are_kept_as_they_are():
    document = make_document("保育帽峰山、白云湖。")
    (paragraph,) = document.paragraphs.values()
    manual = replace(build_mention("a.m", paragraph, (2, 4), role="mention", method="manual"), exact="帽峰")
    old = build_mention("a.gone", paragraph, (0, 2))
    found = propose_mentions(document, {"a.m": ["帽峰山"], "a.b": ["白云湖"]}, (), kept=(manual, old))
    assert manual in found
    assert [m for m in found if m.feature_id == "a.m"] == [manual]
    assert old not in found, "matched mentions are made anew"
    assert [m.exact for m in found if m.feature_id == "a.b"] == ["白云湖"]


def test_a_manual_mention_does_not_block_other_features():
    document = make_document("保育帽峰山。")
    (paragraph,) = document.paragraphs.values()
    manual = build_mention("a.m", paragraph, (2, 5), method="manual")
    found = propose_mentions(document, {"b.m": ["帽峰山"]}, (), kept=(manual,))
    assert {m.feature_id for m in found} == {"a.m", "b.m"}


def test_proposing_twice_changes_nothing(plan):
    names = {"a.m": ["帽峰山"], **PARKS}
    once = propose_mentions(plan, names, ())
    assert dump_mentions(propose_mentions(plan, names, (), kept=once)) == dump_mentions(once)


@given(
    st.lists(st.text("甲乙丙、等大五(.*", min_size=1, max_size=8), max_size=4),
    st.text("甲乙丙、等大五。(.*", max_size=40),
)
def test_every_proposal_quotes_the_text(words, text):
    names = {f"a.f{n}": [word] for n, word in enumerate(words)}
    document = make_document(f"甲{text}")
    for mention in propose_mentions(document, names, ()):
        assert document.passages[mention.para_id][mention.start : mention.end] == mention.exact != ""
