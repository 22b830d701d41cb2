"""What the static edition answers with: markup and tables of every language, by name, written once and for all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from markupsafe import escape

from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.config import DISC_ACCURACY_M, WIDE_ACCURACY_M
from gzmap.publish.search import build_index, list_hits
from gzmap.publish.words import WORDS, say_static
from gzmap.query import count_accounts, find_accounts
from gzmap.ui import cards, ledger, lists, lit, mapdata, mine, plantext, register
from gzmap.ui.citing import describe_citation
from gzmap.ui.params import HERE
from gzmap.ui.shell import describe_standing
from gzmap.ui.state import Place
from gzmap.ui.words import LANGS, Lang, say

PAGES = ("map", "text", "mine", "ledger", "data")
"""Pages of the edition, under the same names as in the app; the others need a server."""

DEGREE_M = 111_320
"""Metres of a degree, near enough to say which of two drawings is the smaller."""

MAP_NAME = "map_edition"
LIKE = "{what}"
"""Stands where the browser puts what was asked for."""


def build_books(atlas: Atlas, *, review_number: str, base: str) -> dict[str, object]:
    """Build everything that the browser asks for beside scripts, styles and layers.

    Parameters
    ----------
    atlas
        What is published.
    review_number
        审图号, empty while there is none.
    base
        Address that the edition will have, for the permanent links in references; empty where it is not known.

    Returns
    -------
    dict
        JSON-ready contents by name, such as ``zh/book``, ``zh/cards/waterways`` and ``search``. In references
        ``{today}`` stands for the day on which they are read.
    """
    books: dict[str, object] = {"search": build_index(atlas)}
    for lang in LANGS:
        parts = {
            "book": _build_book(atlas, lang, review_number),
            "lists": _build_lists(atlas, lang),
            "text": _build_text(atlas, lang, base),
            "ledger": _build_ledger(atlas, lang),
            "data": register.format_register(atlas, lang),
            **_build_mine(atlas, lang),
            **{f"cards/{layer_id}": of for layer_id, of in _build_cards(atlas, lang, base).items()},
        }
        books |= {f"{lang}/{name}": content for name, content in parts.items()}
    return books


def list_carded(atlas: Atlas) -> list[Feature]:
    """List the features that have a card: those of the plan, and the districts."""
    plan = {e.layer_id for e in atlas.catalog.plan_entries} | {ledger.DISTRICTS}
    return [f for f in atlas.features.values() if f.layer_id in plan]


def _build_book(atlas: Atlas, lang: Lang, review_number: str) -> dict:
    """Build what every page of a language needs: frames, the map's description, where features are, words."""
    meta = atlas.document.meta
    lines = describe_standing(meta, lang, review_number)
    # Nobody signs in to files.
    told = {"query": "", "pages": PAGES, "lines": lines, "account": None}
    frames = {page: cards.format_template("frame.html", lang, page=page, **told) for page in PAGES}
    words = {key: say_static(key, lang) for key in WORDS}
    return {
        "frames": frames,
        "map": _build_map(atlas, lang),
        "intro": lists.format_intro(atlas, lang).replace(say("intro", lang), say_static("intro", lang)),
        "features": {f.feature_id: _describe(f, lang) for f in atlas.features.values()},
        "title": say("app", lang),
        "words": words | {k: say(k, lang, id="{id}") for k in ("unknown_feature", "unknown_paragraph")},
    }


def _build_map(atlas: Atlas, lang: Lang) -> dict:
    """Build the map's description; Folium's name of the map, new each time, becomes one that stays."""
    described = mapdata.describe_map(atlas, lang, "")
    drawing = described["drawing"]
    script = drawing["script"].replace(drawing["map_var"], MAP_NAME)
    layers = [layer | {"url": _name_layer(layer)} for layer in described["layers"]]
    named = {"drawing": drawing | {"script": script, "map_var": MAP_NAME}, "layers": layers, "about": lang}
    return described | named


def _name_layer(layer: Mapping) -> str:
    return f"layers/{layer['id']}.json" if layer["url"] else ""


def _describe(feature: Feature, lang: Lang) -> list:
    """Give layer, bbox in degrees (None where nothing is drawn), the districts that a feature is in, and its name."""
    shape = feature.geometry
    bbox = None if shape is None or shape.is_empty else [round(v, 5) for v in shape.bounds]
    within = feature.name if feature.layer_id == ledger.DISTRICTS else str(feature.properties.get("district") or "")
    return [feature.layer_id, bbox, within, cards.name_of(feature, lang)]


def _build_lists(atlas: Atlas, lang: Lang) -> dict:
    """Build the lists of the panel in full: the browser takes away what was not asked for."""
    ranked = sorted((f for f in list_carded(atlas) if f.geometry is not None), key=_rank)
    place = Place(lang=lang, picks=tuple(f.feature_id for f in ranked))
    return {
        "chooser": lists.format_chooser(atlas, place),
        "rank": [f.feature_id for f in ranked],
        "unlocated": lists.format_unlocated(atlas, Place(lang=lang)),
        "results": lists.format_hits(atlas, list_hits(atlas), LIKE, lang=lang),
        "empty": lists.format_hits(atlas, (), LIKE, lang=lang),
        "here": cards.format_template("here.html", lang, names="{names}", lon="{lon}", lat="{lat}"),
        "outside": say("outside", lang),
        "districts": {
            f.name: cards.name_of(f, lang) for f in atlas.features.values() if f.layer_id == ledger.DISTRICTS
        },
    }


def _rank(feature: Feature) -> tuple:
    """Order what lies under a click as the app does: wide ones last, the smaller drawing first."""
    accuracy = feature.accuracy_m or 0
    is_disc = feature.geometry.area == 0 and accuracy > DISC_ACCURACY_M
    size = (accuracy / DEGREE_M) ** 2 * 3 if is_disc else feature.geometry.area
    return (accuracy > WIDE_ACCURACY_M, size, feature.feature_id)


def _build_text(atlas: Atlas, lang: Lang, base: str) -> dict:
    """Build the plan, the reference of every paragraph, and what each passage lights up on the map."""
    passages = atlas.document.passages
    named = {i: lit.find_lit(atlas, Place(lang=lang, lit=i)) for i in passages if i in atlas.mentions_by_paragraph}
    return {
        "html": plantext.format_text(atlas, Place(lang=lang)),
        "cites": {
            i: _date(
                cards.format_template(
                    "cited.html", lang, citation=describe_citation(atlas, i, lang, base=base, opened=True)
                )
            )
            for i in atlas.document.paragraphs
        },
        "lit": {
            i: {"ids": found.drawn, "html": lit.format_lit(atlas, Place(lang=lang, lit=i))}
            for i, found in named.items()
            if found.drawn or found.undrawn
        },
    }


def _date(html: str) -> str:
    """Leave open the day on which something is cited."""
    return html.replace(f"[{date.today().isoformat()}]", "[{today}]")  # noqa: DTZ011 - as `describe_citation` writes it


def _build_ledger(atlas: Atlas, lang: Lang) -> dict:
    """Build the ledger unfiltered, with what each account is filtered by, in the order of the page."""
    totals = count_accounts(atlas)
    of_district = {d: {id(a) for a in find_accounts(atlas, district=d)} for d in totals.districts}
    accounts = find_accounts(atlas)
    return {
        "html": ledger.format_ledger(atlas, Place(lang=lang)),
        "accounts": [
            {
                "box": account.box,
                "chapter": ledger.find_chapter(account),
                "district": [d for d, ids in of_district.items() if id(account) in ids],
            }
            for account in accounts
        ],
        "title": say("ledger_list", lang, n="{n}"),
        "empty": say("ledger_empty", lang),
    }


def _build_mine(atlas: Atlas, lang: Lang) -> dict[str, object]:
    """Build 我的区: without a question, for something unknown, and for every district."""

    def ask(**asked: str) -> str:
        html = mine.format_mine(atlas, Place(lang=lang, asked={"mine": asked}))
        # There is no server that the reader's position could be sent to.
        return html.replace(escape(say("locate_fine", lang)), escape(say_static("locate_fine", lang)))

    districts = [f.name for f in atlas.features.values() if f.layer_id == ledger.DISTRICTS]
    return {
        "mine": {"html": ask(), "unknown": ask(place=LIKE), "here": HERE},
        **{f"mine/{name}": ask(district=name) for name in districts},
    }


def _build_cards(atlas: Atlas, lang: Lang, base: str) -> dict[str, dict[str, str]]:
    """Build all cards by layer; each has the way back to the chooser, which the browser takes away where none was."""
    by_layer: dict[str, dict[str, str]] = {}
    for feature in list_carded(atlas):
        html = cards.format_card(atlas, feature.feature_id, lang, picks=("", ""), base=base)
        by_layer.setdefault(feature.layer_id, {})[feature.feature_id] = _date(html)
    return by_layer
