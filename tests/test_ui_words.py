"""The words of the interface: both languages complete, none missing, none idle."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from gzmap.atlas import Atlas
from gzmap.ui.words import LANGS, WORDS, pick, say, say_area, say_distance

UI = Path(__file__).parent.parent / "gzmap" / "ui"
# Keys that are put together from a prefix and a value of the data.
BUILT = (
    *("certainty_", "consultation_", "status_", "method_", "crs_", "box_", "by_", "geometry_of"),
    *("where_", "clip_", "scope_", "kind_", "severity_", "step_"),
    *("figure_", "facet_", "located_", "role_", "column_", "cite_"),
    "help_",  # all of them are asked for by test_ui_helping
    "print_",  # choices of the print page, see test_ui_printing
    "tool_",  # said by the scripts of the map: see test_ui_maptools
)
LISTS = ("words.py", "phrases.py", "toolwords.py", "pagewords.py", "sharewords.py", "helpwords.py")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def list_used() -> set[str]:
    source = "".join(p.read_text(encoding="utf-8") for p in UI.rglob("*.py") if p.name not in LISTS)
    templates = "".join(p.read_text(encoding="utf-8") for p in UI.rglob("*.html"))
    return set(re.findall(r"""["']([a-z_0-9]+)["']""", source + templates))


@pytest.mark.parametrize("key", WORDS)
def test_a_phrase_has_both_languages_with_the_same_values(key: str) -> None:
    zh, en = WORDS[key]
    assert zh.strip()
    assert en.strip()
    assert placeholders(zh) == placeholders(en)


def test_every_phrase_is_used_and_every_used_one_exists() -> None:
    used = list_used()
    assert [k for k in WORDS if k not in used and not k.startswith(BUILT)] == []
    asked = set()
    for path in [*UI.rglob("*.py"), *UI.rglob("*.html")]:
        asked |= set(re.findall(r"""(?:\bt|\bsay)\(['"]([a-z_0-9]+)['"]""", path.read_text(encoding="utf-8")))
    assert len(asked) > 30
    assert asked - set(WORDS) == set()


def test_every_status_and_method_of_the_data_has_words(atlas: Atlas) -> None:
    values = {
        f"{key}_{f.properties[key]}"
        for f in atlas.features.values()
        for key in ("status", "method")
        if f.properties.get(key)
    }
    assert values - set(WORDS) == set()
    assert values


def test_say_fills_values_in_the_language() -> None:
    assert say("results", "zh", q="帽峰山") == "“帽峰山”的结果"
    assert say("results", "en", q="{q}") == "Results for “{q}”"
    assert say("map", "en") == "Map"
    assert say("area_many", "zh", "600", "500") == "顶点有 600 个，最多 500 个。"


def test_say_refuses_what_it_does_not_know() -> None:
    with pytest.raises(KeyError):
        say("no such phrase", "zh")
    with pytest.raises(ValueError, match="tuple"):
        say("map", "fr")


@pytest.mark.parametrize(
    ("metres", "zh", "en"),
    [
        (0, "0 米", "0 m"),
        (80, "80 米", "80 m"),
        (999, "999 米", "999 m"),
        (1000, "1 公里", "1 km"),
        (1500, "1.5 公里", "1.5 km"),
        (7500, "7.5 公里", "7.5 km"),
        (10000, "10 公里", "10 km"),
    ],
)
def test_say_distance(metres: float, zh: str, en: str) -> None:
    assert (say_distance(metres, "zh"), say_distance(metres, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("square_metres", "said"),
    [
        (100, "100 m²"),
        (9_999, "9,999 m²"),
        (12_345, "0.0123 km²"),
        (1_234_567, "1.23 km²"),
        (56_040_000, "56.0 km²"),
        (322_400_000, "322 km²"),
        (7_434_400_000, "7,434 km²"),
    ],
)
def test_say_area(square_metres: float, said: str) -> None:
    assert say_area(square_metres) == said.replace(" ", "\u00a0").replace(",", "\u202f")


def test_pick() -> None:
    raw = {"title": "河", "title_en": "River", "note": "无", "note_en": "", "none": None}
    assert [pick(raw, "title", lang) for lang in LANGS] == ["河", "River"]
    assert pick(raw, "note", "en") == "无"
    assert pick(raw, "none", "zh") == pick(raw, "absent", "en") == ""
