"""The page 清单."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.document import format_display
from gzmap.query import Claim, list_claims
from gzmap.query.wanted import LISTS, list_known, parse_filters, parse_order
from gzmap.ui.facts import name_of
from gzmap.ui.inventory import COLUMNS, FACETS, PAGE_ROWS, describe_value, format_inventory, read_wish
from gzmap.ui.state import Place
from gzmap.ui.words import LANGS
from tests.makers import default_layers
from tests.ui_support import Markup, goes, make_shown_project, read, small, small_root

__all__ = ["small", "small_root"]


def page(atlas: Atlas, lang: str = "zh", **asked: str) -> Markup:
    return read(format_inventory(atlas, Place(lang=lang, asked={"list": asked})))


def listed(markup: Markup) -> list[str]:
    """Feature ids of the rows."""
    return [go["id"] for go in goes(markup) if go["kind"] == "feature"]


def rows_of(atlas: Atlas, **asked: str) -> list[Claim]:
    return list(list_claims(atlas, filters=parse_filters(asked), order=parse_order(asked)))


def go_of(markup: Markup, keep: str) -> dict[str, str]:
    """What the link of that name asks."""
    [link] = [e for e in markup.find("a") if e.attrs.get("data-keep") == keep]
    parts = urlsplit(link.attrs["href"])
    assert parts.path == "./list"
    return dict(parse_qsl(parts.query))


# --- rows


@pytest.mark.parametrize("lang", LANGS)
def test_a_part_has_its_rows_in_order(atlas: Atlas, lang: str) -> None:
    claims = rows_of(atlas)
    for part in (1, 2, -(-len(claims) // PAGE_ROWS)):
        markup = page(atlas, lang=lang, part=str(part))
        shown = claims[(part - 1) * PAGE_ROWS : part * PAGE_ROWS]
        assert listed(markup) == [c.feature_id for c in shown]
        heads = markup.find("th", scope="row")
        names = [name_of(atlas.features[c.feature_id], lang) for c in shown]
        assert [h.text for h in heads] == [f"{n}{c.feature_id}" for n, c in zip(names, shown, strict=True)]
        assert [m.text for m in markup.find("mark")] == [format_display(c.exact) for c in shown if c.exact]


def test_a_row_tells_all_of_a_claim_and_leads_to_map_and_text(small: Atlas) -> None:
    markup = page(small, method="schematic")
    [claim] = rows_of(small, method="schematic")
    entry = small.catalog.entries["parks"]
    assert markup.texts("td") == [
        entry.title + entry.categories["site"]["title"],
        "现状",
        "白云区",
        "示意误差约 300 米",
        "保育帽峰山、白云湖，守护无名谷。第一章 › （一）山 ›",
        "依据",
    ]
    assert [m.text for m in markup.find("mark")] == ["白云湖"]
    kinds = [(g["kind"], g.get("id")) for g in goes(markup) if g["kind"] in ("feature", "paragraph")]
    assert kinds == [("feature", "parks.p002"), ("paragraph", claim.para_id)]


def test_what_is_not_drawn_and_what_no_words_name(tmp_path: Path) -> None:
    layers = default_layers()
    layers["parks"][2]["properties"]["method"] = None
    atlas = read_atlas(make_shown_project(tmp_path, layers))
    markup = page(atlas, text="无名谷")
    assert "未落图" in markup.text
    (tmp_path / "layers/mentions.jsonl").write_text("", encoding="utf-8")
    markup = page(read_atlas(tmp_path))
    assert len(listed(markup)) == 6
    assert markup.find("mark") == []
    assert [g for g in goes(markup) if g["kind"] == "paragraph"] == []


def test_words_that_stand_twice_in_a_passage_are_marked_where_they_are_meant(atlas: Atlas) -> None:
    repeated = [
        c
        for c in rows_of(atlas)
        if c.exact and atlas.document.passages[c.para_id].count(c.exact) > 1 and c.sentence.count(c.exact) == 1
    ]
    assert repeated
    for number, claim in enumerate(rows_of(atlas)):
        if claim in repeated[:5]:
            markup = page(atlas, part=str(number // PAGE_ROWS + 1))
            assert format_display(claim.exact) in [m.text for m in markup.find("mark")]


def test_nothing_that_fits_is_said(atlas: Atlas) -> None:
    markup = page(atlas, text="zzzzqq")
    assert listed(markup) == []
    assert "没有符合条件的行" in markup.text
    assert markup.find("table") == []


# --- choices


@pytest.mark.parametrize("key", FACETS)
def test_a_choice_has_as_many_rows_as_it_says(atlas: Atlas, key: str) -> None:
    markup = page(atlas, status="proposed")
    values = ("yes", "no") if key == "located" else list_known(atlas)[key]
    seen = 0
    for value in values:
        links = [e for e in markup.find("a") if e.attrs.get("data-keep") == f"choice-{key}-{value}"]
        other = {} if key == "status" else {"status": "proposed"}
        wanted = rows_of(atlas, **other, **{key: value})
        if links:
            title = describe_value(atlas, key, value, lang="zh")
            assert " ".join(links[0].text.split()) == f"{title} {len(wanted)}"
            seen += 1
        else:
            assert wanted == []
    assert seen


def test_choices_of_one_list_add_up_and_can_be_taken_back(atlas: Atlas) -> None:
    markup = page(atlas, theme="ecology", sort="name", part="1")
    assert go_of(markup, "choice-theme-waterside") == {"theme": "ecology,waterside", "sort": "name"}
    assert go_of(markup, "choice-theme-ecology") == {"sort": "name"}
    assert go_of(markup, "choice-status-proposed") == {"theme": "ecology", "status": "proposed", "sort": "name"}
    on = [e.attrs["data-keep"] for e in markup.find("a", aria_current="true") if "choice" in e.attrs["data-keep"]]
    assert on == ["choice-theme-ecology"]
    both = page(atlas, theme="ecology,waterside")
    wanted = [c.feature_id for c in rows_of(atlas) if c.theme in ("ecology", "waterside")]
    assert listed(both) == wanted[:PAGE_ROWS]
    assert go_of(both, "choice-theme-ecology") == {"theme": "waterside"}


def test_drawn_or_not_is_one_answer(atlas: Atlas) -> None:
    markup = page(atlas, located="yes")
    assert go_of(markup, "choice-located-no") == {"located": "no"}
    assert go_of(markup, "choice-located-yes") == {}


def test_what_is_chosen_is_told_and_can_be_taken_off_one_by_one(atlas: Atlas) -> None:
    markup = page(atlas, theme="ecology,frame", located="no", text="江", sort="-name")
    [box] = markup.find("p", cls="gz-chosen")
    assert [" ".join(t.split()) for t in box.text.split("×")][:-1] == [
        "主题 生态网络",
        "主题 山水骨架",
        "落位 未落位",
        "含有文字 江",
    ]
    asked = [g["asked"] for g in goes(markup) if g["kind"] == "ask"]
    assert {"located": "no", "text": "江", "theme": "frame", "sort": "-name"} in asked
    assert {"theme": "ecology,frame", "text": "江", "sort": "-name"} in asked
    assert {"sort": "-name"} in asked, "all at once"
    assert page(atlas).find("p", cls="gz-chosen") == []


def test_the_form_keeps_the_other_choices(atlas: Atlas) -> None:
    markup = page(atlas, theme="ecology", text="江", sort="name", part="2")
    [form] = markup.find("form")
    assert (form.attrs["data-form"], form.attrs["action"]) == ("list_form", "./list")
    fields = {e.attrs["name"]: e.attrs["value"] for e in markup.find("input")}
    assert fields == {"theme": "ecology", "sort": "name", "text": "江"}


def test_what_is_unknown_is_left_out_and_named(atlas: Atlas) -> None:
    wish = read_wish(atlas, {"theme": "ecology,<x>", "located": "perhaps", "sort": "size", "part": "-3", "text": "江"})
    assert wish.params == {"theme": "ecology", "text": "江"}
    assert wish.dropped == ("theme=<x>", "sort=size", "located=perhaps", "part=-3")
    markup = page(atlas, theme="<x>")
    assert "网址中的“theme=<x>”读不出来，已略去。" in markup.text
    assert len(listed(markup)) == PAGE_ROWS


@pytest.mark.parametrize("part", ["0", "999", "٣", "１"])
def test_a_part_that_there_is_not_is_the_nearest(atlas: Atlas, part: str) -> None:
    assert listed(page(atlas, part=part))


# --- order and files


@pytest.mark.parametrize("column", COLUMNS)
def test_a_head_sorts_first_up_then_down_then_not(atlas: Atlas, column: str) -> None:
    for asked, state, following in (
        ("", "none", {"sort": column}),
        (column, "ascending", {"sort": f"-{column}"}),
        (f"-{column}", "descending", {}),
    ):
        markup = page(atlas, sort=asked)
        heads = {e.attrs["class"].removeprefix("gz-c-"): e.attrs["aria-sort"] for e in markup.find("th", scope="col")}
        assert heads == dict.fromkeys(COLUMNS, "none") | {column: state}
        assert go_of(markup, f"head-{column}") == go_of(markup, f"sort-{column}") == following
        order = {"sort": asked} if asked else {}
        assert listed(markup) == [c.feature_id for c in rows_of(atlas, **order)[:PAGE_ROWS]]


def test_the_files_hold_what_is_shown_whole(atlas: Atlas) -> None:
    markup = page(atlas, lang="en", theme="ecology", district="白云区", sort="-name", part="2")
    files = [urlsplit(a.attrs["href"]) for a in markup.find("a") if "download" in a.attrs]
    assert [f.path for f in files] == ["./export/inventory.xlsx", "./export/inventory.csv"]
    for file in files:
        assert dict(parse_qsl(file.query)) == {
            **{"theme": "ecology", "district": "白云区", "sort": "-name", "lang": "en"}
        }


def test_parts_lead_through_all_rows(atlas: Atlas) -> None:
    markup = page(atlas, sort="name")
    [nav] = markup.find("nav")
    parts = -(-len(rows_of(atlas)) // PAGE_ROWS)
    assert nav.text == "".join(str(n + 1) for n in range(parts))
    asked = [g["asked"] for g in goes(markup) if g["kind"] == "ask"][-parts:]
    assert asked == [{"sort": "name"}, *({"sort": "name", "part": str(n)} for n in range(2, parts + 1))]


@pytest.mark.parametrize("key", [*LISTS, "located"])
@pytest.mark.parametrize("lang", LANGS)
def test_every_value_has_a_title(atlas: Atlas, key: str, lang: str) -> None:
    values = ("yes", "no") if key == "located" else list_known(atlas)[key]
    titles = [describe_value(atlas, key, value, lang=lang) for value in values]
    assert all(titles)
    assert len(set(titles)) == len(titles)


def test_hostile_names_are_text(tmp_path: Path) -> None:
    layers = default_layers()
    layers["parks"][1]["properties"]["name"] = "<img src=x onerror=alert(1)>`'\""
    atlas = read_atlas(make_shown_project(tmp_path, layers))
    markup = page(atlas, text="<script>alert(1)</script>\"'")
    assert markup.find("script") == []
    assert {e.attrs["value"] for e in markup.find("input", name="text")} == {"<script>alert(1)</script>\"'"}
    markup = page(atlas)
    assert markup.find("img") == []
    assert "<img src=x onerror=alert(1)>`'\"" in markup.text
