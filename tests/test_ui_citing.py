"""References on the card and in the text."""

from __future__ import annotations

from datetime import date

import pytest

from gzmap.atlas import Atlas
from gzmap.query import build_citation
from gzmap.query.citations import EDITIONS, NOTES
from gzmap.ui.cards import format_card
from gzmap.ui.citing import describe_citation
from gzmap.ui.plantext import format_text
from gzmap.ui.state import Place
from gzmap.ui.words import LANGS, say
from tests.ui_support import Markup, goes, read, small, small_root

__all__ = ["small", "small_root"]
BASE = "https://plan.example.cn/gz/"
PARA = "chp_1__sec_1__para_1"


def references(markup: Markup) -> list[str]:
    return [p.text for p in markup.find("p", cls="gz-reference-text")]


@pytest.mark.parametrize("lang", LANGS)
def test_a_card_cites_the_feature_and_the_plan_in_both_editions(atlas: Atlas, lang: str) -> None:
    markup = read(format_card(atlas, "waterways.w003", lang, base=BASE))
    link = f"{BASE}?feature=waterways.w003"
    wanted = []
    for edition in reversed(EDITIONS):
        cited = build_citation(atlas, "waterways.w003", accessed=date.today(), link=link, edition=edition)  # noqa: DTZ011
        wanted += [cited.shown.text, cited.plan.text]
    assert references(markup) == wanted
    assert all(link in text for text in wanted)
    [fold] = markup.find("details", cls="gz-cite")
    assert "open" not in fold.attrs
    assert say("cite", lang) in fold.text
    assert [a.attrs["href"] for a in markup.find("a") if a.attrs.get("id", "").startswith("cite-")] == [link]
    assert "第四章（一）第2段" in fold.text


def test_every_copy_button_copies_something_of_the_card(atlas: Atlas) -> None:
    markup = read(format_card(atlas, "waterways.w003", "zh", base=BASE))
    buttons = markup.find("button", data_do="copy")
    assert len(buttons) == 5
    ids = [e.attrs.get("id") for e in markup.elements]
    assert len({b.attrs["data-from"] for b in buttons}) == 5
    for button in buttons:
        assert ids.count(button.attrs["data-from"]) == 1
        assert button.attrs["data-done"] == "已复制"


def test_without_an_address_the_plan_is_cited_at_its_issuers(small: Atlas) -> None:
    markup = read(format_card(small, "parks.p001", "zh"))
    [shown, plan] = references(markup)[:2]
    assert plan.endswith("https://www.gz.gov.cn/.")
    assert "http" not in shown
    assert say("cite_no_path", "zh") in markup.text
    assert markup.find("p", cls="gz-reference-link") == []


def test_a_feature_without_words_cites_itself_alone(small_root: object) -> None:
    from gzmap.atlas import read_atlas

    (small_root / "layers/mentions.jsonl").write_text("", encoding="utf-8")
    cited = describe_citation(read_atlas(small_root), "parks.p001", "zh", base=BASE)
    assert [[r["id"] for r in e["references"]] for e in cited["editions"]] == [["shown"], ["shown"]]


@pytest.mark.parametrize("lang", LANGS)
def test_every_note_has_words(lang: str) -> None:
    assert all(say(f"cite_{note}", lang) for note in NOTES)


# --- the text


def test_every_paragraph_can_be_cited(atlas: Atlas) -> None:
    markup = read(format_text(atlas, Place(), BASE))
    links = [a for a in markup.find("a", cls="gz-cite-link") if a.text == say("cite", "zh")]
    assert [a.attrs["href"] for a in links] == [f"./text?para={p}" for p in atlas.document.paragraphs]
    assert [g["id"] for g in goes(markup) if g["kind"] == "cite"] == list(atlas.document.paragraphs)
    assert markup.find("details", cls="gz-cite") == []


@pytest.mark.parametrize("lang", LANGS)
def test_the_cited_paragraph_shows_its_reference_open(small: Atlas, lang: str) -> None:
    markup = read(format_text(small, Place(lang=lang, para=PARA, cited=PARA), BASE))
    [fold] = markup.find("details", cls="gz-cite")
    assert "open" in fold.attrs
    [newest, older] = references(markup)
    assert f"{BASE}text?para={PARA}" in newest
    assert newest != older
    assert "第一章（一）第1段" in fold.text
    cited = [g["id"] for g in goes(markup) if g["kind"] == "cite"]
    assert PARA not in cited
    assert len(cited) == len(small.document.paragraphs) - 1


def test_hostile_names_are_text(small_root: object) -> None:
    from gzmap.atlas import read_atlas

    path = small_root / "layers/parks.geojson"
    path.write_text(path.read_text("utf-8").replace("帽峰山", "<img src=x onerror=a>"), "utf-8")
    markup = read(format_card(read_atlas(small_root), "parks.p001", "zh", base=BASE))
    assert markup.find("img") == []
    assert "<img src=x onerror=a>" in references(markup)[0]
