"""The frame: header, the line below, messages."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmap.atlas import Atlas
from gzmap.errors import CatalogError, GzmapError
from gzmap.ui import shell
from gzmap.ui.state import Place, move
from tests.ui_support import read, session, small, small_root

__all__ = ["session", "small", "small_root"]
PAGES = ("map", "text", "mine", "districts", "list", "download", "ledger", "data")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, session: SimpleNamespace) -> list[tuple[str, str]]:
    """What was shown as a message, with its kind."""
    shown: list[tuple[str, str]] = []
    fake = SimpleNamespace(
        error=lambda text: shown.append(("error", text)), warning=lambda text: shown.append(("warning", text))
    )
    monkeypatch.setattr(shell, "st", fake)
    return shown


def frame(atlas: Atlas, page: str = "map", **place: object) -> object:
    return read(shell.format_frame(atlas, Place(**place), pages=PAGES, page=page))


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


@pytest.mark.parametrize("page", PAGES)
def test_the_header_leads_to_every_page_and_marks_the_open_one(small: Atlas, page: str) -> None:
    markup = frame(small, page)
    links = [a for a in markup.find("a") if json.loads(a.attrs["data-go"])["kind"] == "page"][1:]
    # Once on the line and once in the menu of small screens.
    titles = ["地图", "原文", "我的区", "各区", "清单", "下载", "台账", "数据与方法"]
    assert [a.text for a in links] == titles * 2
    assert [a.attrs["href"] for a in links] == ["./", *(f"./{name}" for name in PAGES[1:])] * 2
    assert [json.loads(a.attrs["data-go"])["id"] for a in links if a.attrs.get("aria-current") == "page"] == [page] * 2
    [menu] = markup.find("details", cls="gz-menu")
    assert menu.text.strip().startswith("菜单")
    assert menu.text.split()[1] == "".join(titles)


def test_the_search_box_holds_the_query_as_text(small: Atlas) -> None:
    query = "\"><script>alert(1)</script>`'"
    markup = frame(small, query=query)
    [box] = markup.find("input")
    assert box.attrs["value"] == query
    assert box.attrs["maxlength"] == "60"
    assert markup.find("script") == []
    assert markup.find("form")[0].attrs["data-form"] == "search"


def test_the_language_switch_names_the_other_language(small: Atlas) -> None:
    [switch] = frame(small).find("a", cls="gz-lang")
    assert (switch.text, switch.attrs["lang"]) == ("English", "en")
    [switch] = frame(small, lang="en").find("a", cls="gz-lang")
    assert (switch.text, switch.attrs["lang"]) == ("中文", "zh-CN")


def test_the_line_below_says_what_the_map_is_not(small: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GZMAP_REVIEW_NUMBER", raising=False)
    assert frame(small).texts("footer") == [
        "非官方示意图，不作为法定依据"
        "征求意见稿 2025-01-01（正式稿 2025-02-02 另发）"
        "未经地图审核，仅限内部使用，不得公开登载"
    ]
    monkeypatch.setenv("GZMAP_REVIEW_NUMBER", " 粤AS(2026)001号 ")
    [line] = frame(small).texts("footer")
    assert line.endswith("审图号：粤AS(2026)001号")
    assert "未经地图审核" not in line
    monkeypatch.setenv("GZMAP_REVIEW_NUMBER", "  ")
    assert "未经地图审核" in frame(small).texts("footer")[0]


def test_the_line_below_in_english(small: Atlas) -> None:
    lines = shell.describe_standing(small.document.meta, "en", "")
    assert lines == [
        "Unofficial schematic map, without legal force",
        "consultation draft 2025-01-01 (a formal text of 2025-02-02 exists)",
        "Not reviewed by the mapping authority: internal use only, not for publication",
    ]


def test_an_edition_without_a_formal_text_is_named_alone(small: Atlas) -> None:
    meta = {key: value for key, value in small.document.meta.items() if key != "formal"}
    assert shell.describe_standing(meta, "zh", "")[1] == "征求意见稿 2025-01-01"


@given(st.text(max_size=80))
def test_plain_loses_nothing_and_leaves_no_markdown(text: str) -> None:
    escaped = shell.plain(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_{}\[\]()<>#+!|~$:-]", escaped)
    assert re.sub(r"\\([\\`*_{}\[\]()<>#+!|~$:-])", r"\1", escaped) == text


def test_problems_name_unknown_ids_and_broken_layers(small: Atlas, said: list) -> None:
    shell.show_problems(small, Place())
    assert said == []
    shell.show_problems(small, Place(missing=("unknown_feature", "a*b")))
    [(kind, text)] = said
    assert kind == "warning"
    assert unescaped(text) == "没有编号为 a*b 的要素；显示全图。"
    assert "a\\*b" in text


def test_problems_name_each_broken_layer(small_root: object, said: list) -> None:
    from gzmap.atlas import read_atlas

    for name in ("spots", "streams"):
        (small_root / f"layers/{name}.geojson").write_text("{", encoding="utf-8")
    shell.show_problems(read_atlas(small_root), Place(lang="en"))
    assert [kind for kind, _ in said] == ["error", "error"]
    for (_, text), name in zip(said, ("streams", "spots"), strict=True):
        assert f"{name}.geojson: line 1, column 2" in unescaped(text)
        assert "left out" in text


def test_guarded_turns_our_errors_into_a_message(said: list) -> None:
    move(lang="en")

    @shell.guarded
    def render(error: Exception | None) -> None:
        if error:
            raise error

    render(None)
    assert said == []
    render(CatalogError("a_b is broken"))
    assert [(kind, unescaped(text)) for kind, text in said] == [("error", "This could not be done: a_b is broken")]
    with pytest.raises(ZeroDivisionError):
        render(ZeroDivisionError())
    assert render.__name__ == "render"
    assert issubclass(CatalogError, GzmapError)


def test_an_error_that_knows_chinese_says_it_on_a_chinese_page(said: list) -> None:
    @shell.guarded
    def render(error: Exception) -> None:
        raise error

    render(CatalogError("a_b is broken", zh="a_b 坏了"))
    render(CatalogError("c_d is broken"))
    move(lang="en")
    render(CatalogError("a_b is broken", zh="a_b 坏了"))
    assert [unescaped(text) for _, text in said] == [
        "操作未能完成：a_b 坏了",
        "操作未能完成： c_d is broken",
        "This could not be done: a_b is broken",
    ]
