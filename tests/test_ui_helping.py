"""The help page: all of it in both languages, its pictures there and small, its links inside."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from gzmap.atlas import Atlas
from gzmap.ui.helping import SECTIONS, TRIED_CHROMIUM, format_help
from gzmap.ui.helpwords import HELP_WORDS
from gzmap.ui.words import LANGS, Lang, say
from tests.screenshots import PICTURES, SIZES, shrink
from tests.ui_support import read

MOST_BYTES = 220_000


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_says_everything(atlas: Atlas, lang: Lang) -> None:
    text = read(format_help(atlas, lang)).text
    for key in HELP_WORDS:
        assert say(key, lang, version=TRIED_CHROMIUM) in text, key
    assert f"Chromium {TRIED_CHROMIUM}" in text
    assert say("unreviewed", lang) in text


@pytest.mark.parametrize("lang", LANGS)
def test_links_within_lead_somewhere(atlas: Atlas, lang: Lang) -> None:
    html = format_help(atlas, lang)
    assert set(re.findall(r'data-scroll="([^"]+)"', html)) == {f"help-{s}" for s in SECTIONS}
    for one in re.findall(r'data-scroll="([^"]+)"', html):
        assert f'<h2 id="{one}"' in html


def test_every_picture_of_the_page_is_there(atlas: Atlas, root: Path) -> None:
    shown = re.findall(r"/assets/help/([^\"]+)", format_help(atlas, "zh"))
    assert len(shown) >= 5
    assert {name for name in shown if not (root / "docs" / "img" / name).is_file()} == set()


def test_the_pictures_are_those_of_the_script_and_small(root: Path) -> None:
    folder = root / "docs" / "img"
    assert {p.name for p in folder.glob("*.png")} == {f"{name}-{width}.png" for name in PICTURES for width in SIZES}
    for path in folder.glob("*.png"):
        png = path.read_bytes()
        assert len(png) < MOST_BYTES, path.name
        assert struct.unpack(">I", png[16:20])[0] == int(path.stem.rpartition("-")[2])


def test_a_picture_keeps_its_size_and_gets_a_palette() -> None:
    import io

    from PIL import Image

    before = io.BytesIO()
    Image.effect_noise((64, 32), 90).convert("RGB").save(before, "PNG")
    with Image.open(io.BytesIO(shrink(before.getvalue()))) as after:
        assert (after.size, after.mode) == ((64, 32), "P")
