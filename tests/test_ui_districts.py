"""The page 各区一览."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.export.overview_table import list_overview_notes
from gzmap.query import WHOLE, Scope, count_districts
from gzmap.query.overview import ALL
from gzmap.ui.districts import FIGURES, STEPS, Wish, find_level, format_districts, format_figure, read_wish
from gzmap.ui.facts import name_of
from gzmap.ui.ledger import describe_key
from gzmap.ui.state import Place
from gzmap.ui.words import LANGS, say
from tests.makers import default_layers
from tests.ui_support import Markup, goes, make_shown_project, read, small, small_root

__all__ = ["small", "small_root"]


def page(atlas: Atlas, lang: str = "zh", **asked: str) -> Markup:
    return read(format_districts(atlas, Place(lang=lang, asked={"districts": asked})))


def rows_of(markup: Markup) -> list[list[str]]:
    """The rows of the first table, as texts of their cells without the bar."""
    text = [" ".join(r.text.split()) for r in markup.find("tr")]
    return [row.split(" ") for row in text]


# --- what is asked


def test_what_is_unknown_asks_for_nothing_and_is_named(atlas: Atlas) -> None:
    overview = count_districts(atlas)
    wish = read_wish(overview, {"figure": "km", "theme": "<b>", "district": "无区"})
    assert wish == Wish("km", Scope(ALL, ALL), "", ("theme=<b>", "district=无区"))
    markup = page(atlas, theme="<b>")
    assert [p.text for p in markup.find("p", role="status")] == ["网址中的“theme=<b>”读不出来，已略去。"]
    assert markup.find("b", role="status") == []


def test_links_keep_what_is_asked_and_leave_out_what_is_usual(atlas: Atlas) -> None:
    wish = read_wish(count_districts(atlas), {"figure": "km", "theme": "ecology", "district": "白云区"})
    assert wish.change() == {"figure": "km", "theme": "ecology", "district": "白云区"}
    assert wish.change(figure="features", theme="") == {"district": "白云区"}


def test_every_link_of_the_page_asks_the_same_as_its_address(atlas: Atlas) -> None:
    markup = page(atlas, figure="km2", theme="ecology", district="南沙区")
    links = [e for e in markup.find("a") if "data-go" in e.attrs]
    told = list(zip(links, goes(markup), strict=True))
    asking = [(link, go) for link, go in told if go["kind"] == "ask"]
    assert len(asking) > 40
    for link, go in asking:
        parts = urlsplit(link.attrs["href"])
        assert (parts.path, dict(parse_qsl(parts.query))) == (f"./{go['page']}", go["asked"])


# --- numbers


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("theme", ["", "ecology", "unsited"])
def test_the_table_has_the_numbers_of_the_query(atlas: Atlas, lang: str, theme: str) -> None:
    overview = count_districts(atlas)
    scope = ("theme", theme) if theme else (ALL, ALL)
    markup = page(atlas, lang=lang, theme=theme)
    table = read_table(markup, "gz-tallies")
    for place in overview.places:
        tally = overview.tally(place, *scope)
        title = describe_key(atlas, "district", place, lang=lang)
        assert table[title] == [format_figure(getattr(tally, key), key) for key in FIGURES], place
    whole, repeats = overview.tally(WHOLE, *scope), overview.count_repeats(*scope)
    assert table[say("whole", lang)] == [format_figure(getattr(whole, key), key) for key in FIGURES]
    assert table[say("repeats", lang)][:2] == [
        format_figure(repeats.features, "features"),
        format_figure(repeats.located, "located"),
    ]


def read_table(markup: Markup, cls: str) -> dict[str, list[str]]:
    """Rows of the table in a box: their head, and the cells that have numbers."""
    rows: dict[str, list[str]] = {}
    inside = name = None
    for element in markup.elements:
        classes = (element.attrs.get("class") or "").split()
        if element.tag in ("div", "section"):
            inside = cls in classes if element.tag == "div" else None
        if inside and element.tag == "th" and element.attrs.get("scope") == "row":
            name = " ".join(element.text.split())
            rows[name] = []
        if inside and name and element.tag == "td" and "gz-bar-cell" not in classes:
            rows[name].append(element.text)
    return rows


def test_counts_and_lengths_are_written_for_people() -> None:
    assert [format_figure(v, "features") for v in (0, 7, 1234)] == ["–", "7", "1\N{NARROW NO-BREAK SPACE}234"]
    assert [format_figure(v, "km") for v in (0.0, 7.04, 1234.56)] == ["–", "7.0", "1\N{NARROW NO-BREAK SPACE}234.6"]
    assert [format_figure(v, "km2") for v in (-1e-12, 1e-12, 0.004, 0.05)] == ["–", "–", "<0.1", "0.1"]


@pytest.mark.parametrize("most", [1, 3, 28, 430.2])
def test_shades_are_equal_steps_and_nothing_has_its_own(most: float) -> None:
    assert find_level(0, most) == find_level(0, 0) == 0
    assert find_level(most, most) == STEPS
    assert find_level(most / 1000, most) == 1
    levels = [find_level(most * n / 100, most) for n in range(101)]
    assert levels == sorted(levels)


@pytest.mark.parametrize("figure", FIGURES)
def test_map_bars_and_legend_show_one_figure(atlas: Atlas, figure: str) -> None:
    overview = count_districts(atlas)
    markup = page(atlas, figure=figure)
    values = {name: getattr(overview.tally(name), figure) for name in overview.area_km2}
    most = max(values.values())
    titles = {t.text.split(" ")[0]: t.text for t in markup.find("title")}
    for name, value in values.items():
        assert titles[name].split(" ")[1] == format_figure(value, figure)
        assert f"gz-q{find_level(value, most)}" in {e.attrs["class"] for e in shapes_of(markup, f"{name} ")}, (
            "the map's shade is that of the value"
        )
    bars = [e for e in markup.find("rect") if str(e.attrs.get("width", "")).endswith("%")]
    assert len(bars) == sum(v > 0 for v in values.values())
    widths = [float(e.attrs["width"].rstrip("%")) for e in bars]
    assert widths == pytest.approx([v / most * 100 for v in values.values() if v > 0], abs=0.01)
    assert [e.attrs["data-keep"] for e in markup.find("a", aria_current="true")][:2] == ["scope-all", f"pick-{figure}"]


def shapes_of(markup: Markup, start: str) -> list:
    """Paths of the links whose label begins so."""
    found, inside = [], False
    for element in markup.elements:
        if element.tag == "a":
            inside = element.attrs.get("aria-label", "").startswith(start)
        if inside and element.tag == "path":
            found.append(element)
    return found


def test_whole_numbers_have_whole_steps(atlas: Atlas) -> None:
    overview = count_districts(atlas)
    most = max(overview.tally(n).features for n in overview.area_km2)
    told = page(atlas).texts("li")
    steps = [t for t in told if re.fullmatch(r"\d+(–\d+)?", t)]
    assert steps[0] == "0"
    assert steps[-1].endswith(f"–{most}")
    numbers = [int(n) for step in steps[1:] for n in step.split("–")]
    assert numbers == sorted(numbers)
    assert numbers[0] == 1


def test_what_is_in_no_district_has_numbers_but_no_bar(atlas: Atlas) -> None:
    markup = page(atlas)
    apart = markup.find("tr", cls="gz-apart")
    assert [" ".join(r.text.split()).split(" ")[0] for r in apart] == ["市外", "全市"]


def test_nothing_at_all_is_no_error(tmp_path: Path) -> None:
    layers = {key: value for key, value in default_layers().items() if key == "districts"}
    atlas = read_atlas(make_shown_project(tmp_path, layers))
    markup = page(atlas, district="白云区", figure="km")
    assert "这里没有所选主题的要素。" in markup.text
    assert markup.find("rect", cls="gz-q4") == []


# --- a chosen district


def test_a_chosen_district_lists_its_groups_with_all_their_features(atlas: Atlas) -> None:
    overview = count_districts(atlas)
    markup = page(atlas, district="白云区")
    assert "白云区" in markup.texts("h2")[0]
    features = [g["id"] for g in goes(markup) if g["kind"] == "feature"]
    assert sorted(features) == sorted(overview.tally("白云区").ids)
    undrawn = {e.text for e in markup.find("a", cls="gz-undrawn")}
    assert undrawn == {name_of(atlas.features[i], "zh") for i in features if atlas.features[i].geometry is None}
    [together] = [g for g in goes(markup) if g["kind"] == "together"]
    assert together["within"] == "districts.440111"
    assert set(together["ids"]) == {i for i in features if atlas.features[i].geometry is not None}


def test_the_theme_narrows_the_chosen_district_and_its_links(atlas: Atlas) -> None:
    overview = count_districts(atlas)
    markup = page(atlas, district="白云区", theme="ecology")
    features = {g["id"] for g in goes(markup) if g["kind"] == "feature"}
    assert features == set(overview.tally("白云区", "theme", "ecology").ids)
    [to_list] = [g["asked"] for g in goes(markup) if g.get("page") == "list"]
    assert to_list == {"district": "白云区", "theme": "ecology"}


def test_a_second_click_lets_the_district_go(atlas: Atlas) -> None:
    markup = page(atlas, district="白云区", figure="km")
    chosen = [e for e in markup.find("a", aria_current="true") if e.attrs.get("data-keep") == "row-白云区"]
    assert [urlsplit(e.attrs["href"]).query for e in chosen] == ["figure=km"]
    assert page(atlas).find("div", cls="gz-chosen-place") == []
    assert say("choose_district", "zh") in page(atlas).text


def test_what_lies_in_no_district_can_be_chosen_too(atlas: Atlas) -> None:
    markup = page(atlas, district="全市")
    assert "全市" in markup.texts("h2")[0]
    assert [g for g in goes(markup) if g["kind"] == "together"] == []
    assert [g for g in goes(markup) if g.get("page") == "mine"] == []


# --- themes side by side, notes, files


def test_the_cross_table_tells_drawn_and_named_of_every_theme(atlas: Atlas) -> None:
    overview = count_districts(atlas)
    themes = [s for s in reversed(overview.scopes) if s.kind == "theme"]
    markup = page(atlas)
    cells = [c.text.split("km")[0].strip() for c in markup.find("td") if c.text.count("/") == 1]
    wanted = [
        f"{t.located} / {t.named}"
        for place in (*overview.places, WHOLE)
        for s in (Scope(ALL, ALL), *themes)
        if (t := overview.tally(place, s.kind, s.id)).located or t.named
    ]
    assert [re.match(r"\d+ / \d+", c)[0] for c in cells] == wanted


@pytest.mark.parametrize("lang", LANGS)
def test_the_totals_are_explained_and_the_table_can_be_taken_away(atlas: Atlas, lang: str) -> None:
    markup = page(atlas, lang=lang)
    [notes] = markup.find("details", cls="gz-notes")
    for note in list_overview_notes(lang):
        assert re.sub(r"\W", "", note)[:40] in re.sub(r"\W", "", notes.text)
    files = [a.attrs["href"] for a in markup.find("a") if "download" in a.attrs]
    query = "?lang=en" if lang == "en" else ""
    assert files == [f"./export/overview.xlsx{query}", f"./export/overview.csv{query}"]


def test_hostile_names_are_text(tmp_path: Path) -> None:
    layers = default_layers()
    layers["parks"][0]["properties"].update(name="<img src=x onerror=alert(1)>`'\"", name_en="")
    layers["districts"][0]["properties"]["name_en"] = "<script>alert(1)</script>"
    layers["districts"][0]["properties"]["name"] = "白云\"'><b>区"
    for feature in layers["parks"]:
        feature["properties"]["district"] = ""
    atlas = read_atlas(make_shown_project(tmp_path, layers))
    for lang in LANGS:
        markup = page(atlas, lang=lang, district="白云\"'><b>区")
        assert markup.find("img") == markup.find("script") == []
        assert "<img src=x onerror=alert(1)>`'\"" in markup.text
