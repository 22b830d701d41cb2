"""Chinese names as people type them."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gzmap.names import NameIndex, convert_simplified, format_char, format_key, match_name, parse_name

# Whatever a person, a form or an attacker may put into a search box.
HOSTILE = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="帽峯山涌冲塱朗𠮷㘵龘`'\"<>&=|\\\0\n\u200b\ufe0f🌳é ü", max_size=40),
    st.sampled_from(
        ["=cmd|' /C calc'!A0", "`" * 300, "<script>alert(1)</script>", "帽" * 300, "🏞️🌳", "\ud800", "ﬁ㎢Ⅳ"]
    ),
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("帽峯山", "帽峰山"),
        ("東濠涌", "东濠涌"),
        ("鍾落潭", "钟落潭"),
        ("ＰＭ２．５", "pm25"),
        (" 帽 峰\u3000山 ", "帽峰山"),
        ("“流溪河”—珠江", "流溪河珠江"),
        ("Màofēng Shān", "maofengshan"),
        ("", ""),
        ("`'\" -", ""),
    ],
)
def test_format_key_folds(typed: str, kept: str) -> None:
    assert format_key(typed) == kept


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("沙涌", "沙冲"),
        ("大塱", "大朗"),
        ("大沥", "大坜"),
        ("大瀝", "大壢"),
        ("沥滘", "沥漖"),
        ("大岗", "大冈"),
        ("大崗", "大岡"),
    ],
)
def test_local_variants_are_one(one: str, other: str) -> None:
    assert format_key(one) == format_key(other)
    assert match_name(one, parse_name(other)) == 1.0


def test_different_names_stay_different() -> None:
    assert len({format_key(n) for n in ("沙涌", "沙河", "大塱", "大沥", "增江", "曾江", "白云山", "白云湖")}) == 8


def test_convert_simplified_keeps_the_length() -> None:
    assert convert_simplified("美麗廣州建設規劃綱要 abc") == "美丽广州建设规划纲要 abc"
    assert convert_simplified("𠮷㘵") == "𠮷㘵"


@given(HOSTILE)
@example("ﬀ")
@example("İ")
@example("㍿")
def test_folding_is_idempotent(text: str) -> None:
    assert format_key(format_key(text)) == format_key(text)


@given(HOSTILE, HOSTILE)
def test_folding_goes_character_by_character(left: str, right: str) -> None:
    assert format_key(left + right) == format_key(left) + format_key(right)


@given(st.characters())
def test_a_folded_character_folds_to_itself(char: str) -> None:
    assert all(format_char(c) == c for c in format_char(char))


@given(HOSTILE, HOSTILE)
def test_matching_never_raises_and_stays_in_range(query: str, name: str) -> None:
    keys = parse_name(name)
    assert 0.0 <= match_name(query, keys) <= 1.0
    assert all(0.0 < score <= 1.0 for _, score in NameIndex((keys,)).find(query))


@given(HOSTILE)
def test_every_name_finds_itself(name: str) -> None:
    expected = 1.0 if format_key(name) else 0.0
    assert match_name(name, parse_name(name)) == expected


def test_keys_of_a_name() -> None:
    keys = parse_name("帽峰山")
    assert keys.text == "帽峰山"
    assert keys.readings == ("maofengshan",)
    assert keys.initials == ("mfs",)
    assert keys.starts == ((0, 3, 7),)


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("沙涌", "shachong"),
        ("沙涌", "shayong"),
        ("番禺区", "panyuqu"),
        ("长洲岛", "changzhoudao"),
        ("沥滘", "lijiao"),
        ("洪奇沥水道", "hongqilishuidao"),
        ("花都", "huadu"),
        ("大埔", "dapu"),
        ("大埔", "dabu"),
        ("车陂涌", "chebeichong"),
        ("吕田镇", "lvtianzhen"),
        ("吕田镇", "lütianzhen"),
        ("吕田镇", "lutianzhen"),
        ("增江", "zengjiang"),
        ("新圩", "xinxu"),
    ],
)
def test_heteronyms_of_guangzhou(name: str, spoken: str) -> None:
    assert match_name(spoken, parse_name(name)) == 0.95


def test_many_readings_stay_few() -> None:
    keys = parse_name("长乐涌大埔长乐涌大埔长乐涌大埔")
    assert 1 < len(keys.readings) <= 16
    assert len(keys.readings) == len(keys.starts)


ORDER = ["帽峰山", "maofengshan", "帽峰", "mfs", "峰山", "maofeng", "maof", "mf", "帽蜂山", "fengshan", "maofengsan"]


def test_better_likeness_scores_higher() -> None:
    keys = parse_name("帽峰山")
    scores = [match_name(query, keys) for query in ORDER]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 8


@pytest.mark.parametrize("query", ["帽风山", "maofengsan", "mofengshan", "maofengshann"])
def test_small_slips_are_forgiven(query: str) -> None:
    assert 0 < match_name(query, parse_name("帽峰山")) <= 0.5


@pytest.mark.parametrize("query", ["白云山", "火星", "mfx", "mao feng x", "帽子", "m山", "?", "越秀区政府"])
def test_other_names_do_not_match(query: str) -> None:
    assert match_name(query, parse_name("帽峰山")) == 0.0


def test_short_slips_are_not_guessed() -> None:
    assert match_name("mgs", parse_name("帽峰山")) == 0.0
    assert match_name("越休", parse_name("越秀山")) == 0.0


NAMES = ("帽峰山", "帽峰山森林公园", "白云山", "东濠涌", "番禺区", "流溪河", "白云区新型储能产业园")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("帽峰山", ["帽峰山", "帽峰山森林公园"]),
        ("mfs", ["帽峰山", "帽峰山森林公园"]),
        ("山", ["帽峰山", "白云山", "帽峰山森林公园"]),
        ("储能", ["白云区新型储能产业园"]),
        ("chuneng", ["白云区新型储能产业园"]),
        ("donghaochong", ["东濠涌"]),
        ("東濠沖", ["东濠涌"]),
        ("liuxihei", ["流溪河"]),
        ("留溪河", ["流溪河"]),
        ("火星基地", []),
        ("g", []),
        ("", []),
    ],
)
def test_index_finds_best_first(query: str, found: list[str]) -> None:
    index = NameIndex(tuple(map(parse_name, NAMES)))
    assert [NAMES[position] for position, _ in index.find(query)] == found


@given(st.lists(HOSTILE, max_size=6), HOSTILE)
def test_index_agrees_with_match_name(names: list[str], query: str) -> None:
    keys = tuple(map(parse_name, names))
    found = NameIndex(keys).find(query)
    assert list(found) == sorted(found, key=lambda hit: (-hit[1], hit[0]))
    assert all(score == match_name(query, keys[position]) for position, score in found)
    exact = {i for i, k in enumerate(keys) if format_key(query) and k.text == format_key(query)}
    assert exact <= {position for position, score in found if score == 1.0}


def test_index_without_names() -> None:
    assert NameIndex(()).find("帽峰山") == ()


def test_twenty_thousand_names_are_found_fast() -> None:
    chance = random.Random(1)
    names = [
        "".join(chance.choices("白云黄埔花都从化番禺南沙石水江村园岗坑涌沥滘塱", k=chance.randint(3, 8)))
        for _ in range(20_000)
    ]
    index = NameIndex(tuple(map(parse_name, [*names, "帽峰山"])))
    index.find("mfs"), index.find("maofengsan")
    started = time.perf_counter()
    assert [position for position, _ in index.find("maofengshan")] == [20_000]
    # Some 2 ms on two cores; the bound only catches a search that looks at every name in Python.
    assert time.perf_counter() - started < 0.05
