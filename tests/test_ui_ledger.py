"""The page 地名台账."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.document import format_display
from gzmap.query import count_accounts, find_accounts
from gzmap.ui.ledger import describe_chapter, describe_key, format_ledger
from gzmap.ui.state import Place
from gzmap.ui.words import LANGS, say
from tests.makers import default_layers, make_feature, make_square
from tests.ui_support import Markup, goes, make_shown_project, read, small, small_root

__all__ = ["small", "small_root"]


def page(atlas: Atlas, **place: str) -> Markup:
    return read(format_ledger(atlas, Place(**place)))


def rows_of(markup: Markup) -> list[str]:
    return [" ".join(r.text.split()) for r in markup.find("tr")]


def accounts_of(markup: Markup) -> list[str]:
    return [b.text for b in markup.find("b", lang="zh-CN")]


# --- totals and figure


@pytest.mark.parametrize("lang", LANGS)
def test_totals_and_figure_tell_the_numbers_of_the_query(atlas: Atlas, lang: str) -> None:
    markup, totals = page(atlas, lang=lang), count_accounts(atlas)
    [box] = markup.find("dl", cls="gz-totals")
    shown = [box_id for box_id in totals.boxes if box_id != "unaccounted" or totals.boxes[box_id]]
    numbers = [int(n) for n in re.findall(r"(\d+) \d+%", " ".join(box.text.split()))]
    assert numbers == [totals.boxes[b] for b in shown]
    wanted = [
        [describe_key(atlas, key, value, lang=lang), *(of[b] for b in shown), sum(of.values())]
        for key, counts in (("chapter", totals.chapters), ("district", totals.districts))
        for value, of in counts.items()
    ]
    assert [" ".join(map(str, row)) for row in wanted] == [r for r in rows_of(markup) if r[-1].isdigit()]


def test_every_box_has_its_own_pattern_and_its_own_word(atlas: Atlas) -> None:
    markup = page(atlas)
    patterns = {p.attrs["id"].removeprefix("gz-p-") for p in markup.find("pattern")}
    style = (Path(__file__).parent.parent / "gzmap/ui/static/page.css").read_text(encoding="utf-8")
    fills = dict(re.findall(r"\.gz-bar-(\w+) \{ fill: ([^;]+); \}", style))
    assert set(fills) == set(count_accounts(atlas).boxes)
    assert len(set(fills.values())) == len(fills)
    assert {f.removeprefix("url(#gz-p-").removesuffix(")") for f in fills.values() if "url" in f} == patterns


def test_bars_lie_end_to_end_and_the_longest_is_whole(small: Atlas) -> None:
    markup = page(small)
    bars = [r for r in markup.find("rect", cls="gz-bar") if r.attrs["x"].endswith("%")]
    assert bars
    spans = [(float(b.attrs["x"][:-1]), float(b.attrs["width"][:-1])) for b in bars]
    assert max(x + width for x, width in spans) == pytest.approx(100, abs=0.1)
    for (x, width), (following, _) in pairwise(spans):
        assert following == pytest.approx(x + width, abs=0.1) or following == 0
    assert all("aria-hidden" in s.attrs for s in markup.find("svg")), "the numbers stand beside the bars"


def test_what_is_in_no_district_has_numbers_and_no_bar(small: Atlas) -> None:
    markup = page(small)
    assert count_accounts(small).districts["全市"]["not_place"] == 1
    assert "全市 0 0 1 0 1 2" in rows_of(markup)
    bars = [r for r in markup.find("rect", cls="gz-bar-not_place") if r.attrs["x"].endswith("%")]
    assert len(bars) == 1, "that of its chapter"


# --- the list


def test_all_accounts_are_listed_in_reading_order(atlas: Atlas) -> None:
    markup = page(atlas)
    assert accounts_of(markup) == [format_display(a.exact) for a in atlas.accounts]
    marked = markup.texts("mark")
    assert [m for m in marked if m] == [" ".join(format_display(a.exact).split()) for a in atlas.accounts]
    assert f"逐处列出（{len(atlas.accounts)} 处）" in markup.texts("h2")


def test_a_row_says_where_the_words_stand_their_box_and_their_features_or_the_reason(tmp_path: Path) -> None:
    layers = default_layers()
    layers["parks"] = [
        make_feature("parks.p001", "帽峰山", make_square(113.24, 23.14)),
        make_feature("parks.p003", "无名谷", None, notes="只有名字,没有资料"),
    ]
    markup = page(read_atlas(make_shown_project(tmp_path, layers)))
    rows = {r.text.split()[0]: r for r in markup.find("li")}
    drawn, lost = " ".join(rows["帽峰山"].text.split()), " ".join(rows["无名谷"].text.split())
    assert drawn.startswith("帽峰山 已落图 第")
    assert "未能落位 第一章 › （一）山 › 保育帽峰山、白云湖，守护无名谷。" in lost
    assert lost.endswith("无名谷 只有名字，没有资料")
    assert {"kind": "feature", "id": "parks.p001"} in goes(markup)
    assert {"kind": "paragraph", "id": "chp_1__sec_1__para_1"} in goes(markup)


@pytest.mark.parametrize("box", ["mapped", "ambiguous", "unlocatable", "outside", "not_place"])
@pytest.mark.parametrize("chapter", ["", "front", "4", "8"])
def test_the_filter_leaves_what_the_query_leaves(atlas: Atlas, box: str, chapter: str) -> None:
    markup = page(atlas, box=box, chapter=chapter)
    found = find_accounts(atlas, box=box, chapter=chapter or None)
    assert accounts_of(markup) == [format_display(a.exact) for a in found]
    assert bool(markup.find("p", role="status")) == (not found)
    on = [a.text for a in markup.find("a") if a.attrs.get("aria-current")]
    assert on == [say(f"box_{box}", "zh"), describe_chapter(atlas, chapter, "zh") if chapter else "全部", "全部"]


def test_a_choice_keeps_the_other_parts_of_the_filter_and_is_an_address(small: Atlas) -> None:
    markup = page(small, box="mapped", district="白云区")
    for link in markup.find("a"):
        [go] = goes(Markup(f"<a data-go='{link.attrs['data-go']}'></a>"))
        if go["kind"] != "ledger":
            continue
        query = dict(parse_qsl(urlsplit(link.attrs["href"]).query))
        assert query == {key: go[key] for key in ("box", "chapter", "district") if go[key]}
        changed = sum(go[key] != value for key, value in (("box", "mapped"), ("chapter", ""), ("district", "白云区")))
        assert changed <= 1


@pytest.mark.parametrize("lang", LANGS)
def test_every_key_of_the_figure_has_words(atlas: Atlas, lang: str) -> None:
    totals = count_accounts(atlas)
    for key, values in (("box", totals.boxes), ("chapter", totals.chapters), ("district", totals.districts)):
        titles = [describe_key(atlas, key, value, lang=lang) for value in values]
        assert len(set(titles)) == len(titles)
        assert all(titles)


def test_what_is_not_drawn_is_dashed_and_districts_have_their_english_names(small: Atlas) -> None:
    markup = page(small, lang="en")
    assert markup.texts("a", cls="gz-undrawn") == ["无名谷"]
    assert describe_key(small, "district", "白云区", lang="en") == "Baiyun District"
    assert any("Baiyun District" in row for row in rows_of(markup))


def test_hostile_names_are_text(tmp_path: Path) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    layers = default_layers()
    layers["parks"] = [make_feature("parks.p001", "帽峰山", None, notes=hostile, name_en=hostile)]
    markup = page(read_atlas(make_shown_project(tmp_path, layers)), lang="en")
    assert markup.find("img") == []
    assert hostile in markup.text
