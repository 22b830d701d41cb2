"""The print page as Streamlit runs it: preview, choices, files, and what is said where it cannot be."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gzmap.atlas import Atlas
from gzmap.sheet import SheetView, typeset
from gzmap.sheet.fonts import require_family
from gzmap.ui import printing
from tests.test_app import component, messages, start

PNG = b"\x89PNG"


def show(root: Path, monkeypatch: pytest.MonkeyPatch, **query: str) -> AppTest:
    app = start(root, monkeypatch, "print", **query)
    assert not app.exception
    return app


def read_picture(app: AppTest) -> bytes:
    html = component(app, "gz_print")["html"]
    return base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])


def test_the_page_shows_the_sheet_in_both_languages(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = set()
    for lang, words in (("zh", "图幅中的图层"), ("en", "Layers on the sheet")):
        app = show(root, monkeypatch, lang=lang, view="11/23.12/113.35")
        assert messages(app) == []
        html = component(app, "gz_print")["html"]
        assert words in html
        pictures.add(read_picture(app))
    assert len(pictures) == 2
    assert all(picture.startswith(PNG) for picture in pictures)


def test_a_choice_changes_the_sheet(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = show(root, monkeypatch, view="11/23.12/113.35")
    before = read_picture(app)
    app.radio("gz_print_paper").set_value(("A3", True)).run()
    lying = read_picture(app)
    width, height = (int.from_bytes(lying[at : at + 4]) for at in (16, 20))
    assert (width, height) == pytest.approx(
        (420 / 25.4 * printing.PREVIEW_DPI, 297 / 25.4 * printing.PREVIEW_DPI), abs=2
    )
    assert lying != before
    app.selectbox("gz_print_scale").set_value(50_000).run()
    html = component(app, "gz_print")["html"]
    assert "1:50\N{NARROW NO-BREAK SPACE}000" in html
    app.checkbox("gz_print_cards").check().run()
    assert "共 " in component(app, "gz_print")["html"]
    assert messages(app) == []


def test_a_district_and_its_title(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = show(root, monkeypatch)
    assert app.radio("gz_print_where").value == "city"
    app.radio("gz_print_where").set_value("district").run()
    app.selectbox("gz_print_district").set_value("黄埔区").run()
    assert app.text_input("gz_print_title").placeholder == "黄埔区规划要素图"
    assert messages(app) == []


def test_a_hostile_title_is_only_printed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = show(root, monkeypatch)
    app.text_input("gz_print_title").set_value("<script>#let x = 1</script>").run()
    assert messages(app) == []
    assert "<script>" not in component(app, "gz_print")["html"]


def test_without_a_chinese_font_the_page_says_what_to_install(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeset, "find_fonts", lambda _folder: require_family(["Comic Sans"]))
    app = show(root, monkeypatch)
    [told] = messages(app)
    assert "fonts-noto-cjk" in told
    assert "中文字体" in told
    english = show(root, monkeypatch, lang="en")
    assert "fonts-noto-cjk" in messages(english)[0]


def test_pages_of_a_picture_come_in_one_file(atlas: Atlas) -> None:
    view = SheetView(("districts", "wetlands"), "图", cards=True)
    packed = printing.build_png(atlas, view)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert len(archive.namelist()) > 1
        assert all(archive.read(name).startswith(PNG) for name in archive.namelist())
    assert packed == printing.build_png(atlas, view)
    assert printing.build_png(atlas, SheetView(("districts",), "图")).startswith(PNG)
