"""The page 地名台账: what has become of every place name of the plan, as totals, as a figure, and one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gzmap.atlas import Atlas
from gzmap.document import format_display
from gzmap.ledger import UNACCOUNTED, Account
from gzmap.query import CITYWIDE, OUTSIDE, Totals, count_accounts, find_accounts, find_chapter
from gzmap.ui.cards import describe_passage, format_marked, format_template
from gzmap.ui.facts import name_apart, name_of
from gzmap.ui.state import Place
from gzmap.ui.words import Lang, say

DISTRICTS = "districts"
FILTERS = ("box", "chapter", "district")
"""Keys of the filter: in the address, in the events of the page, and in `Place`."""


def format_ledger(atlas: Atlas, place: Place) -> str:
    """Write the ledger: totals and figure of the whole text, and the accounts that the filter of the address leaves."""
    lang, totals = place.lang, count_accounts(atlas)
    boxes = [box for box in totals.boxes if box != UNACCOUNTED or totals.boxes[box]]
    wanted = {key: getattr(place, key) for key in FILTERS}
    found = find_accounts(atlas, **{key: value or None for key, value in wanted.items()})
    return format_template(
        "ledger.html",
        lang,
        boxes=[{"id": box, "title": say(f"box_{box}", lang), "n": totals.boxes[box]} for box in boxes],
        total=len(atlas.accounts),
        names=len({a.toponym for a in atlas.accounts}),
        charts=[
            _chart(atlas, "chapter", totals.chapters, boxes=boxes, place=place),
            _chart(atlas, "district", totals.districts, boxes=boxes, place=place),
        ],
        filters=_filters(atlas, totals, boxes=boxes, place=place),
        wanted=wanted,
        chapters=_by_chapter(atlas, found, lang),
        n=len(found),
    )


def describe_key(atlas: Atlas, key: str, value: str, *, lang: Lang) -> str:
    """Give the title of a box, a chapter or a district as the ledger names them."""
    if key == "box":
        return say(f"box_{value}", lang)
    if key == "chapter":
        return describe_chapter(atlas, value, lang)
    if value in (CITYWIDE, OUTSIDE):
        return say({CITYWIDE: "citywide", OUTSIDE: "beyond"}[value], lang)
    named = (name_of(f, lang) for f in atlas.features.values() if f.layer_id == DISTRICTS and f.name == value)
    return next(named, value)


def describe_chapter(atlas: Atlas, chapter: str, lang: Lang) -> str:
    """Give a chapter's number as the plan writes it, a word of ours for what stands before the first."""
    if not chapter.isdecimal():
        return say("front_matter", lang)
    return f"第{atlas.document.chapters[int(chapter) - 1].number}章"


def _chart(
    atlas: Atlas, key: str, counts: Mapping[str, Mapping[str, int]], *, boxes: Sequence[str], place: Place
) -> dict:
    """Describe one figure of stacked bars, all to one scale; what is in no district is told in numbers only."""
    barred = {value: sum(of.values()) for value, of in counts.items() if value not in (CITYWIDE, OUTSIDE)}
    longest = max(barred.values(), default=0) or 1
    rows = []
    for value, of in counts.items():
        start, parts = 0.0, []
        for box in boxes:
            width = of[box] / longest * 100 if value in barred else 0.0
            parts.append({"box": box, "n": of[box], "start": round(start, 2), "width": round(width, 2)})
            start += width
        title = describe_key(atlas, key, value, lang=place.lang)
        rows.append({"title": title, "parts": parts, "n": sum(of.values()), "go": _go(place, **{key: value})})
    return {"title": say(f"by_{key}", place.lang), "head": say(key, place.lang), "rows": rows, "key": key}


def _filters(atlas: Atlas, totals: Totals, *, boxes: Sequence[str], place: Place) -> list[dict]:
    """Describe the links that narrow the list: every value of a key, and all of them."""
    values = {"box": boxes, "chapter": totals.chapters, "district": totals.districts}
    return [
        {
            "title": say(key, place.lang),
            "key": key,
            "choices": [
                {"title": say("all", place.lang), "go": _go(place, **{key: ""}), "on": not getattr(place, key)},
                *(
                    {
                        "title": describe_key(atlas, key, value, lang=place.lang),
                        "go": _go(place, **{key: value}),
                        "on": getattr(place, key) == value,
                    }
                    for value in values[key]
                ),
            ],
        }
        for key in FILTERS
    ]


def _go(place: Place, **changes: str) -> dict[str, str]:
    """Give the event that changes one key of the filter and keeps the others."""
    return {"kind": "ledger", **{key: getattr(place, key) for key in FILTERS}, **changes}


def _by_chapter(atlas: Atlas, accounts: Sequence[Account], lang: Lang) -> list[dict]:
    chapters: dict[str, list[dict]] = {}
    for account in accounts:
        chapters.setdefault(find_chapter(account), []).append(_account(atlas, account, lang))
    titles = {str(n): format_display(c.title) for n, c in enumerate(atlas.document.chapters, 1)}
    return [
        {"title": f"{describe_chapter(atlas, key, lang)} {titles.get(key, '')}".strip(), "accounts": of}
        for key, of in chapters.items()
    ]


def _account(atlas: Atlas, account: Account, lang: Lang) -> dict:
    start, end = atlas.document.require_passage(account.passage_id).find_sentence(account.start, account.end)
    sentence = atlas.document.passages[account.passage_id][start:end]
    features = [atlas.features[i] for i in account.feature_ids if i in atlas.features]
    return {
        "exact": format_display(account.exact),
        "toponym": format_display(account.toponym),
        "box": account.box,
        "box_title": say(f"box_{account.box}", lang),
        "sentence": format_marked(sentence, [(account.start - start, account.end - start)]),
        "passage": account.passage_id,
        "where": describe_passage(atlas, account.passage_id, lang),
        "features": name_apart(atlas, features, lang),
        "undrawn": {f.feature_id for f in features if f.geometry is None},
        "reason": account.reason,
    }
