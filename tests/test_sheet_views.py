"""What a view may ask for, and the words and fonts of a sheet."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest
import shapely
import typst

from gzmap.atlas import Atlas
from gzmap.errors import ExportError
from gzmap.sheet import SCALES, TITLE_CHARS, SheetTable, SheetView
from gzmap.sheet.fonts import FAMILIES, find_fonts, require_family
from gzmap.sheet.views import clean_text
from gzmap.sheet.words import LANGS, WORDS, pick, say, say_distance
from tests.conftest import ROOT

SHEET = ROOT / "gzmap/sheet"
# Keys that are put together from a prefix and a value of the data.
BUILT = ("status_", "method_", "sign_")


def view(**members: object) -> SheetView:
    return SheetView(**{"layer_ids": ("districts",), "title": "图", **members})


# --- views


def test_a_plain_view_shows_the_city() -> None:
    assert view().scale is None
    assert view(center=(113.3, 23.1), scale=10_000).middle == (113.3, 23.1)
    assert view(bbox=(113.0, 23.0, 113.2, 23.4)).middle == pytest.approx((113.1, 23.2))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"paper": "A5"}, "Paper 'A5' is not in the list; did you mean 'A4'"),
        ({"lang": "fr"}, "Language 'fr' is not in the list; there are zh, en"),
        ({"scale": 12_345}, "1:12345 is not offered; choose one of 1:10000, "),
        ({"title": "图" * (TITLE_CHARS + 1)}, f"has {TITLE_CHARS + 1} characters; the sheet holds {TITLE_CHARS}"),
        ({"center": (113.3, 23.1)}, "needs a scale and no bbox"),
        ({"center": (113.3, 23.1), "scale": 10_000, "bbox": (113, 23, 114, 24)}, "needs a scale and no bbox"),
        ({"bbox": (114, 23, 113, 24)}, "west below east"),
        ({"bbox": (113, 23, 113, 24)}, "west below east"),
        ({"bbox": (float("nan"), 23, 114, 24)}, "must be finite numbers"),
        ({"center": (23.1, 113.3), "scale": 10_000}, "far from Guangzhou.*longitude first"),
        ({"bbox": (-10, -10, 10, 10)}, "far from Guangzhou"),
        ({"opacity": {"districts": 1.5}}, "opacity of layer 'districts' is 1.5; give 0 to 1"),
        ({"area": shapely.Point(113, 23)}, "The outlined area is a Point; give a polygon"),
        ({"tables": (SheetTable("表", ("a", "b"), (("1",),)),)}, "table '表' has not one cell for each head"),
    ],
)
def test_what_cannot_be_printed_is_told(members: dict, message: str) -> None:
    with pytest.raises(ExportError, match=message):
        view(**members)


@pytest.mark.parametrize("scale", [*SCALES, None])
def test_every_scale_of_the_list_is_taken(scale: int | None) -> None:
    assert view(scale=scale).scale == scale


def test_control_characters_become_spaces() -> None:
    assert clean_text("甲\x00乙\x1f丙\ufffe丁\ud83d戊\r\n己\t庚") == "甲 乙 丙 丁 戊\n己\t庚"


# --- words


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", WORDS)
def test_a_phrase_has_both_languages_with_the_same_values(key: str) -> None:
    zh, en = WORDS[key]
    assert zh.strip()
    assert en.strip()
    assert placeholders(zh) == placeholders(en)


def list_strings() -> set[str]:
    """Every string in the sheet's modules but the list of words, and every word that the template asks for."""
    trees = [ast.parse(p.read_text(encoding="utf-8")) for p in SHEET.glob("*.py") if p.name != "words.py"]
    found = {
        n.value for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }
    own = ast.parse((SHEET / "words.py").read_text(encoding="utf-8"))
    found |= {
        n.args[0].value for n in ast.walk(own) if isinstance(n, ast.Call) and n.args and hasattr(n.args[0], "value")
    }
    template = (SHEET / "templates/sheet.typ").read_text(encoding="utf-8")
    return found | set(re.findall(r"\bw\.(\w+)", template))


def test_no_phrase_is_idle() -> None:
    used = list_strings()
    assert [key for key in WORDS if key not in used and not key.startswith(BUILT)] == []


def test_the_template_is_given_every_word_that_it_asks_for() -> None:
    from gzmap.sheet.compose import WORDS_OF_TEMPLATE

    template = (SHEET / "templates/sheet.typ").read_text(encoding="utf-8")
    assert set(re.findall(r"\bw\.(\w+)", template)) == set(WORDS_OF_TEMPLATE)


def test_every_status_and_method_of_the_data_has_words(atlas: Atlas) -> None:
    found = {
        f"{key}_{f.properties[key]}"
        for f in atlas.features.values()
        for key in ("status", "method")
        if f.properties.get(key)
    }
    assert found
    assert found - set(WORDS) == set()


@pytest.mark.parametrize(
    ("metres", "zh", "en"),
    [(5, "5 米", "5 m"), (999, "999 米", "999 m"), (1500, "1.5 公里", "1.5 km"), (20_000, "20 公里", "20 km")],
)
def test_distances_are_said_in_the_unit_that_fits(metres: float, zh: str, en: str) -> None:
    assert [say_distance(metres, lang) for lang in LANGS] == [zh, en]


def test_a_missing_phrase_fails() -> None:
    with pytest.raises(KeyError):
        say("nothing", "zh")
    assert pick({"title": "图"}, "title", "en") == "图"


# --- fonts


def test_the_system_has_a_chinese_font() -> None:
    fonts, family = find_fonts()
    assert family in FAMILIES
    assert family in fonts.families()


def test_without_a_chinese_font_it_is_told_what_to_install() -> None:
    with pytest.raises(ExportError, match=r"apt-get install fonts-noto-cjk.*pip install.*folder"):
        require_family(["DejaVu Sans", "Liberation Serif"])


def test_names_of_fonts_are_compared_without_case() -> None:
    assert require_family(["simsun", "MICROSOFT YAHEI"]) == "MICROSOFT YAHEI"


def test_a_folder_or_a_package_may_have_the_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = next(f for f in typst.Fonts(include_embedded_fonts=False).fonts() if f.family in FAMILIES and f.path)
    (tmp_path / Path(known.path).name).symlink_to(known.path)
    monkeypatch.setattr("gzmap.sheet.fonts._find_package", lambda: None)
    find_fonts.cache_clear()
    with pytest.raises(ExportError, match="No font with Chinese letters"):
        find_fonts(system=False)
    assert find_fonts(tmp_path, system=False)[1] in FAMILIES
    monkeypatch.setattr("gzmap.sheet.fonts._find_package", lambda: tmp_path)
    assert find_fonts(system=False)[1] in FAMILIES
    find_fonts.cache_clear()
