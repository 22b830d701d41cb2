"""What the tools on the map are told, and that their scripts say nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import CATALOG_FILE
from gzmap.ui.mapdata import DESCRIBED, build_data, leave_out_told
from gzmap.ui.maptools import describe_tools
from gzmap.ui.state import Place
from gzmap.ui.toolwords import TOOL_WORDS
from gzmap.webmap import ASSETS
from tests.makers import edit_json
from tests.ui_support import small, small_root

__all__ = ["small", "small_root"]
BUILT = ("legend_", "order_", "wind_", "tour_", "own_kind_")
KEYS = [key.removeprefix("tool_") for key in TOOL_WORDS]
SOURCE = "".join(path.read_text(encoding="utf-8") for path in sorted(ASSETS.glob("*.js")))


# --- words


def test_every_phrase_of_the_tools_is_used_by_their_scripts() -> None:
    idle = [key for key in KEYS if not re.search(rf"""["'\s]{key}["':]""", SOURCE) and not key.startswith(BUILT)]
    assert idle == []
    for prefix in BUILT:
        assert f"`{prefix}${{" in SOURCE


def test_every_phrase_that_the_scripts_say_exists() -> None:
    said = set(re.findall(r"""\b(?:word\(state, |word\(this\.state, |say\()"([a-z_0-9]+)\"""", SOURCE))
    assert len(said) > 40
    assert said - set(KEYS) == set()


@pytest.mark.parametrize("key", TOOL_WORDS)
def test_values_of_a_phrase_are_the_same_in_both_languages(key: str) -> None:
    zh, en = TOOL_WORDS[key]
    assert sorted(re.findall(r"\{\w+\}", zh)) == sorted(re.findall(r"\{\w+\}", en))


def test_the_scripts_hold_no_words_of_their_own() -> None:
    """Chinese stands in comments alone, and in the marks between words."""
    for path in sorted(ASSETS.glob("*.js")):
        code = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
        assert re.findall(r"[\u4e00-\u9fff]", code) == [], path.name


# --- presets


def test_presets_are_offered_in_the_language_in_order(small_root: Path) -> None:
    presets = [
        {"id": "green", "title": "绿", "title_en": "Green", "groups": ["parks"]},
        {"id": "wet", "title": "水", "title_en": "Wet", "groups": ["streams", "spots"]},
    ]
    edit_json(small_root / CATALOG_FILE, lambda c: c.update(presets=presets))
    atlas = read_atlas(small_root)
    assert describe_tools(atlas, "zh")["presets"] == [
        {"id": "green", "title": "绿", "groups": ["parks"]},
        {"id": "wet", "title": "水", "groups": ["streams", "spots"]},
    ]
    assert [p["title"] for p in describe_tools(atlas, "en")["presets"]] == ["Green", "Wet"]


def test_a_project_without_presets_offers_none(small: Atlas) -> None:
    assert describe_tools(small, "zh")["presets"] == []


def test_words_and_systems_follow_the_language(small: Atlas) -> None:
    zh, en = describe_tools(small, "zh"), describe_tools(small, "en")
    assert set(zh["words"]) == set(en["words"]) == set(KEYS)
    assert zh["words"]["measure"] == "量测"
    assert en["words"]["metres"] == "{n} m", "values are filled in by the scripts"
    assert zh["systems"]["EPSG:4526"] == "CGCS2000 3 度带 带号 38（EPSG:4526）"


# --- what is sent


def size(data: dict) -> int:
    return len(json.dumps(data, ensure_ascii=False, allow_nan=False).encode())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_first_run_sends_little_and_every_other_next_to_nothing(atlas: Atlas, lang: str) -> None:
    first = build_data(atlas, Place(lang=lang), hidden=False)
    assert size(first) <= 30_000
    later = build_data(atlas, Place(lang=lang, feature="waterways.w003", focus=3), hidden=False)
    assert size(leave_out_told(later, first["about"])) <= 1_000


def test_only_what_is_the_same_on_every_run_is_left_out(small: Atlas) -> None:
    data = build_data(small, Place(), hidden=False)
    other = build_data(small, Place(feature="parks.p001", focus=2), hidden=True)
    same = {key for key in data if data[key] == other[key]}
    assert {*DESCRIBED, "about"} <= same
    left = leave_out_told(other, data["about"])
    assert set(left) == set(other) - set(DESCRIBED)
    assert left["selected"] == {"feature_id": "parks.p001", "layer_id": "parks"}


def test_what_was_not_told_is_sent_whole(small: Atlas, small_root: Path) -> None:
    data = build_data(small, Place(), hidden=False)
    assert leave_out_told(data, "") == data
    english = build_data(small, Place(lang="en"), hidden=False)
    assert leave_out_told(english, data["about"]) == english
    path = small_root / "layers/parks.geojson"
    path.write_bytes(path.read_bytes().replace("白云湖".encode(), "白云池".encode()))
    changed = build_data(read_atlas(small_root), Place(), hidden=False)
    assert leave_out_told(changed, data["about"]) == changed
