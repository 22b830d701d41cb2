"""The answers of 查询 as markup: what the plan says about an area, and how two layers lie to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gzmap.atlas import Atlas
from gzmap.config import AREA_TITLE
from gzmap.export.answer_words import (
    CERTAINTIES,
    LOOSE,
    PAIR_RELATIONS,
    PAIR_TITLE,
    RELATIONS,
    STATUSES,
    UNITS,
    list_area_lead,
    list_pair_lead,
)
from gzmap.export.answers import quote_sentence
from gzmap.own import OwnLayer, OwnLayers
from gzmap.query import AreaAnswer, Overlap, Pair, Total
from gzmap.ui.cards import describe_passage, format_template
from gzmap.ui.facts import name_of
from gzmap.ui.ledger import describe_key
from gzmap.ui.words import LANGS, Lang, pick, say, say_area, say_distance

MOST_ROWS = 300
"""Rows of a table that are shown; the workbook has all."""

MOST_PICKS = 200
"""Features that are offered on the map at once."""


def _in(both: tuple[str, str], lang: Lang) -> str:
    return both[LANGS.index(lang)]


@dataclass(frozen=True)
class About:
    """What an answer is about, and who is told.

    ``title`` is what the area is called, ``within`` the id of the district that it is, empty for others;
    ``review_number`` is the 审图号, empty while there is none; ``own`` are the own layers that were asked.
    """

    title: str
    within: str
    review_number: str
    lang: Lang
    own: OwnLayers


@dataclass(frozen=True)
class Telling:
    """How features are told: titles of own layers by id, and boxes of own features by id, in degrees."""

    atlas: Atlas
    lang: Lang
    titles: Mapping[str, str]
    boxes: Mapping[str, list[float]]

    def say_layer(self, layer_id: str) -> str:
        """Give the title of a layer."""
        entry = self.atlas.catalog.entries.get(layer_id)
        return self.titles.get(layer_id, layer_id) if entry is None else pick(dict(entry.raw), "title", self.lang)

    def tell(self, feature_id: str, name: str) -> dict:
        """Name a feature, with what shows it on the map: of the plan its card, of an own layer its place."""
        feature = self.atlas.features.get(feature_id)
        if feature is not None:
            go, href = {"kind": "feature", "id": feature_id}, f"./?feature={feature_id}"
            return {"name": name_of(feature, self.lang), "go": go, "href": href}
        box = self.boxes.get(feature_id)
        go = {"kind": "goto", "bbox": box, "id": feature_id} if box else None
        return {"name": name or "–", "go": go, "href": "./"}


def format_answer(atlas: Atlas, answer: AreaAnswer, about: About) -> str:
    """Write an answer about an area; the plan's words stay Chinese."""
    lang, plan = about.lang, [row for row in answer.rows if not row.own]
    owned = [row for row in answer.rows if row.own]
    lead = list_area_lead(atlas, answer, place=about.title, review_number=about.review_number, lang=lang)
    boxes = _find_boxes(about.own.layers, [row.feature_id for row in owned[:MOST_ROWS]])
    telling = Telling(atlas, lang, answer.own_titles, boxes)
    tables = (
        ("answer_rows", [row for row in plan if not row.wide]),
        ("answer_own", owned),
        ("answer_wide", [row for row in plan if row.wide]),
    )
    sure = sum(row.certainty == "certain" for row in answer.rows)
    return format_template(
        "answer.html",
        lang,
        title=_in(AREA_TITLE, lang),
        about=say("answer_about", lang, place=about.title, size=say_area(answer.area_km2 * 1e6)),
        districts=_comma(lang).join(
            f"{describe_key(atlas, 'district', d.name, lang=lang)} {say_area(d.km2 * 1e6)}" for d in answer.districts
        ),
        counted=say("answer_count", lang, n=len(answer.rows), sure=sure, maybe=len(answer.rows) - sure),
        is_empty=not answer.rows,
        tables=[_table(telling, key, rows) for key, rows in tables if rows],
        is_opened=len(tables[-1][1]) == len(answer.rows),
        totals=[_total(telling, total) for total in answer.totals],
        unlocated=[(i, name_of(atlas.features[i], lang)) for i in answer.unlocated],
        outline=_outline(answer, about.within, [row.feature_id for row in plan if not row.wide][:MOST_PICKS]),
        notes=lead[2:],
    )


def _outline(answer: AreaAnswer, within: str, ids: list[str]) -> dict:
    """Give the event that shows the area on the map with the features that are not known only roughly."""
    if within:
        return {"kind": "together", "ids": ids, "within": within}
    return {"kind": "outline", "ids": ids, "bbox": [round(v, 5) for v in answer.area.bounds]}


def _comma(lang: Lang) -> str:
    return "、" if lang == "zh" else ", "


def _table(telling: Telling, key: str, rows: Sequence[Overlap]) -> dict:
    shown, lang = rows[:MOST_ROWS], telling.lang
    return {
        "title": say(key, lang, n=len(rows)),
        "id": key,
        "folded": key == "answer_wide",
        "rows": [_row(telling, row) for row in shown],
        "cut": say("answer_cut", lang, shown=len(shown), n=len(rows)) if len(shown) < len(rows) else "",
    }


def _row(telling: Telling, row: Overlap) -> dict:
    lang, atlas = telling.lang, telling.atlas
    entry = atlas.catalog.entries.get(row.layer_id)
    told = row.evidence[0] if row.evidence else None
    return {
        **telling.tell(row.feature_id, row.name),
        "color": entry.style.get("color", "") if entry else "",
        "layer": telling.say_layer(row.layer_id),
        "status": _in(STATUSES[row.status], lang) if row.status in STATUSES else "",
        "relation": _in(RELATIONS[row.relation], lang) + (_in(LOOSE, lang) if row.loose else ""),
        "shared": format_shared(row),
        "parts": " / ".join((format_part(row.share), format_part(row.cover))) if row.measure else "",
        "certainty": row.certainty,
        "sure": _in(CERTAINTIES[row.certainty], lang),
        "sentence": quote_sentence(atlas, told) if told else "",
        "para": told.para_id if told else "",
        "where": describe_passage(atlas, told.para_id, lang) if told else "",
    }


def _find_boxes(layers: Sequence[OwnLayer], ids: Sequence[str]) -> dict[str, list[float]]:
    """Find where features of own layers are, in degrees."""
    boxes = {}
    known = {layer.layer_id: layer for layer in layers}
    for feature_id in ids:
        layer_id, _, local_id = feature_id.rpartition(".")
        layer = known.get(layer_id)
        if layer is not None and local_id in layer.frame.index:
            boxes[feature_id] = [round(v, 6) for v in layer.frame.geometry.loc[local_id].bounds]
    return boxes


def _total(telling: Telling, total: Total) -> dict:
    sizes = [f"{total.km2:,.2f} km²" if total.km2 else "", f"{total.km:,.1f} km" if total.km else ""]
    return {
        "layer": telling.say_layer(total.layer_id),
        "status": _in(STATUSES[total.status], telling.lang) if total.status in STATUSES else "",
        "count": total.count,
        "sure": total.certain,
        "size": " ".join(filter(None, sizes)),
    }


def format_shared(row: Overlap | Pair) -> str:
    """Write what is shared, in km² or km; small areas in m²; empty where nothing is."""
    if not row.measure:
        return ""
    return say_area(row.measure * 1e6) if row.unit == "km2" else f"{row.measure:,.2f} {UNITS[row.unit]}"


def format_part(part: float | None) -> str:
    """Write a part as a percentage; a dash where there is none."""
    if part is None:
        return "–"
    return f"{100 * part:.1f}%" if part >= 0.001 or not part else "<0.1%"


def format_pairs(
    atlas: Atlas, pairs: Sequence[Pair], *, question: tuple[str, str, str, float], own: OwnLayers, lang: Lang
) -> str:
    """Write pairs of features; ``question`` is what `find_between` was asked, with titles for A and B."""
    shown = pairs[:MOST_ROWS]
    boxes = _find_boxes(own.layers, [i for pair in shown for i in (pair.a_id, pair.b_id)])
    telling = Telling(atlas, lang, {layer.layer_id: layer.title for layer in own.layers}, boxes)
    ids = list(dict.fromkeys(i for pair in pairs for i in (pair.a_id, pair.b_id) if i in atlas.features))
    sure = sum(pair.certainty == "certain" for pair in pairs)
    about, *notes = list_pair_lead(atlas, question, lang=lang)[1:]
    return format_template(
        "pairs.html",
        lang,
        title=_in(PAIR_TITLE, lang),
        about=about,
        counted=say("pair_count", lang, n=len(pairs), sure=sure),
        rows=[_pair(telling, pair) for pair in shown],
        cut=say("answer_cut", lang, shown=len(shown), n=len(pairs)) if len(shown) < len(pairs) else "",
        outline={"kind": "features", "ids": ids[:MOST_PICKS]},
        n_drawn=min(len(ids), MOST_PICKS),
        notes=notes,
    )


def _pair(telling: Telling, pair: Pair) -> dict:
    lang = telling.lang
    return {
        "a": telling.tell(pair.a_id, pair.a_name) | {"layer": telling.say_layer(pair.a_layer)},
        "b": telling.tell(pair.b_id, pair.b_name) | {"layer": telling.say_layer(pair.b_layer)},
        "relation": _in(PAIR_RELATIONS[pair.relation], lang),
        "certainty": pair.certainty,
        "sure": _in(CERTAINTIES[pair.certainty], lang),
        "wide": pair.wide,
        "distance": say_distance(pair.distance_m, lang) if pair.distance_m else "",
        "shared": format_shared(pair),
    }
