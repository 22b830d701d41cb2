"""The page 清单: every feature with every place in the text that names it, to be narrowed, sorted and taken away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import markupsafe

from gzmap.atlas import Atlas
from gzmap.query import Claim, Filters, list_claims
from gzmap.query.wanted import (
    KEYS,
    LISTS,
    LOCATED,
    drop_values,
    find_unknown,
    list_known,
    parse_filters,
    parse_order,
    split_values,
    without,
)
from gzmap.ui.cards import describe_category, describe_passage, format_marked, format_template
from gzmap.ui.facts import name_of
from gzmap.ui.ledger import describe_key
from gzmap.ui.params import format_link, read_asked
from gzmap.ui.state import Place
from gzmap.ui.words import Lang, pick, say, say_distance

PAGE_ROWS = 50
"""Rows at once; a browser shows so many without a wait."""

FACETS = ("theme", "layer", "district", "status", "located", "method", "role", "chapter")
"""What can be chosen from a list, in the order of the page."""

COLUMNS = ("name", "layer", "status", "districts", "accuracy_m", "para_id", "role")
"""Columns by which the table is sorted; each is a member of `Claim`."""


@dataclass(frozen=True)
class Wish:
    """What the visitor wants to see: sound parameters, and those that mean nothing here."""

    params: dict[str, str]
    dropped: tuple[str, ...]

    @property
    def filters(self) -> Filters:
        """The filter of the table."""
        return parse_filters(self.params)

    @property
    def order(self) -> tuple[str, ...]:
        """The order of the table."""
        return parse_order(self.params)

    def change(self, **changes: str) -> dict[str, str]:
        """Give the parameters with some changed; the first part of the rows is shown again."""
        changed = {k: v for k, v in self.params.items() if k != "part"} | changes
        return {key: value for key, value in changed.items() if value}


def read_wish(atlas: Atlas, asked: Mapping[str, str]) -> Wish:
    """Read what is asked of the page."""
    unknown = find_unknown(atlas, asked)
    params = drop_values(asked, unknown)
    if "part" in params and not (params["part"].isdecimal() and params["part"].isascii()):
        unknown = (*unknown, ("part", params.pop("part")))
    return Wish(params, tuple(f"{key}={value}" for key, value in unknown))


def format_inventory(atlas: Atlas, place: Place) -> str:
    """Write the page: what can be chosen with how much there is of it, and one part of the rows that fit."""
    lang, wish = place.lang, read_wish(atlas, read_asked("list", place.asked.get("list", {})))
    claims = list_claims(atlas, filters=wish.filters, order=wish.order)
    parts = max(1, -(-len(claims) // PAGE_ROWS))
    part = min(max(int(wish.params.get("part", 1)), 1), parts)
    shown = claims[(part - 1) * PAGE_ROWS : part * PAGE_ROWS]
    asked = wish.change()
    return format_template(
        "inventory.html",
        lang,
        wish=wish,
        facets=[_facet(atlas, key, wish, lang=lang) for key in FACETS],
        chosen=_list_chosen(atlas, wish, lang),
        hidden=[(k, v) for k, v in asked.items() if k != "text"],
        clear=_go({"sort": wish.params.get("sort", "")}),
        heads=[_head(column, wish, lang) for column in COLUMNS],
        rows=[_row(atlas, claim, lang) for claim in shown],
        n=len(claims),
        n_features=len({claim.feature_id for claim in claims}),
        first=(part - 1) * PAGE_ROWS + 1,
        parts=[
            {"n": n, "on": n == part, **_go(wish.change(part=str(n) if n > 1 else ""))} for n in range(1, parts + 1)
        ],
        files={suffix: _format_file(suffix, asked, lang) for suffix in ("xlsx", "csv")},
    )


def _go(asked: Mapping[str, str]) -> dict:
    """Give a link of this page: its address and its event."""
    return {"href": format_link("list", asked), "go": {"kind": "ask", "page": "list", "asked": dict(asked)}}


def _format_file(suffix: str, asked: Mapping[str, str], lang: Lang) -> str:
    """Write the link to the table as a file."""
    params = {key: asked[key] for key in KEYS if key in asked} | ({"lang": lang} if lang != "zh" else {})
    return format_link(f"export/inventory.{suffix}", params)


def _facet(atlas: Atlas, key: str, wish: Wish, *, lang: Lang) -> dict:
    """Describe one list to choose from: every value with its number of rows, were it chosen alone."""
    claims = list_claims(atlas, filters=without(wish.filters, key))
    counts = Counter(value for claim in claims for value in _values(claim, key))
    on = split_values(wish.params.get(key, ""))
    known = tuple(LOCATED) if key == "located" else list_known(atlas)[key]
    choices = []
    for value in known:
        if counts[value] or value in on:
            kept = [v for v in known if (v in on) != (v == value)]
            # Whether it is drawn has two answers: choosing both would ask for nothing.
            chosen = ("" if value in on else value) if key == "located" else ",".join(kept)
            title = describe_value(atlas, key, value, lang=lang)
            choices.append(
                {
                    "id": value,
                    "title": title,
                    "n": counts[value],
                    "on": value in on,
                    **_go(wish.change(**{key: chosen})),
                }
            )
    return {"key": key, "title": say(f"facet_{key}", lang), "choices": choices, "n_on": len(on)}


def _values(claim: Claim, key: str) -> Iterable[str]:
    """Give a row's values of a parameter."""
    if key == "district":
        return claim.districts
    if key == "located":
        return ("yes" if claim.located else "no",)
    return filter(None, (getattr(claim, key),))


def describe_value(atlas: Atlas, key: str, value: str, *, lang: Lang) -> str:
    """Give the title of a value as the page shows it."""
    if key == "theme":
        return pick(next(dict(t) for t in atlas.catalog.themes if t["id"] == value), "title", lang)
    if key == "layer":
        return pick(dict(atlas.catalog.entries[value].raw), "title", lang)
    if key in ("chapter", "district"):
        return describe_key(atlas, key, value, lang=lang)
    return say(f"{key}_{value}", lang)


def _list_chosen(atlas: Atlas, wish: Wish, lang: Lang) -> list[dict]:
    """List what narrows the table, each with the link that takes it away."""
    chosen = [
        {
            "title": say(f"facet_{key}", lang),
            "value": describe_value(atlas, key, value, lang=lang),
            **_go(wish.change(**{key: ",".join(v for v in split_values(wish.params[key]) if v != value)})),
        }
        for key in (*LISTS, "located")
        for value in split_values(wish.params.get(key, ""))
    ]
    text = wish.params.get("text", "")
    return chosen + ([{"title": say("facet_text", lang), "value": text, **_go(wish.change(text=""))}] if text else [])


def _head(column: str, wish: Wish, lang: Lang) -> dict:
    """Describe a head: the first click sorts by it, the second the other way round, the third not at all."""
    order = wish.order
    sort, wanted = "none", column
    if order[:1] == (column,):
        sort, wanted = "ascending", f"-{column}"
    elif order[:1] == (f"-{column}",):
        sort, wanted = "descending", ""
    return {"id": column, "title": say(f"column_{column}", lang), "sort": sort, **_go(wish.change(sort=wanted))}


def _row(atlas: Atlas, claim: Claim, lang: Lang) -> dict:
    """Describe one row."""
    feature = atlas.features[claim.feature_id]
    entry = atlas.catalog.entries[claim.layer]
    theme = next(t for t in atlas.catalog.themes if t["id"] == claim.theme)
    accuracy = "" if claim.accuracy_m is None or not claim.located else say_distance(claim.accuracy_m, lang)
    return {
        "id": claim.feature_id,
        "name": name_of(feature, lang),
        "layer": pick(dict(entry.raw), "title", lang),
        "category": describe_category(atlas, feature, lang),
        "color": theme["color"],
        "status": say(f"status_{claim.status}", lang) if claim.status else "",
        "districts": [describe_key(atlas, "district", d, lang=lang) for d in claim.districts],
        "located": claim.located,
        "method": say(f"method_{claim.method}", lang) if claim.method else "",
        "accuracy": say("within", lang, d=accuracy) if accuracy else "",
        "role": claim.role and say(f"role_{claim.role}", lang),
        "is_evidence": claim.role == "evidence",
        "para": claim.para_id,
        "where": describe_passage(atlas, claim.para_id, lang) if claim.para_id else "",
        "sentence": _mark(atlas, claim) if claim.para_id else "",
    }


def _mark(atlas: Atlas, claim: Claim) -> markupsafe.Markup:
    """Mark the words of a claim in its sentence."""
    first, last = claim.start or 0, claim.end or 0
    start, _ = atlas.document.require_passage(claim.para_id).find_sentence(first, last)
    return format_marked(claim.sentence, [(first - start, last - start)])
