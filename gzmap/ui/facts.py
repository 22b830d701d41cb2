"""What a card says of a feature beyond its words: figures, the features it is drawn from, its layer's own fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.ui.words import Lang, pick, say

COMMON = {
    "name", "name_en", "aliases", "category", "status", "district", "source_id", "method", "accuracy_m", "entered",
    "notes", "parts", "part_acc", "based_on", "part_of", "alt_def", "diff_note",
}  # fmt: skip
"""Properties that have a place of their own on the card."""

MEASURES = (("length", "len_km", "off_km", "km"), ("area", "area_km2", "off_km2", "km²"))
UNITS = {"km2": "km²", "m2": "m²"}


@dataclass(frozen=True)
class Piece:
    """Words on the card; ``feature_id`` is where they lead, empty when nowhere."""

    text: str
    feature_id: str = ""


def name_of(feature: Feature, lang: Lang) -> str:
    """Give a feature's name in a language."""
    return pick(dict(feature.properties), "name", lang)


def split_ids(value: object) -> list[str]:
    """Read a ``|``-separated property; nothing where it is empty."""
    return [one for one in str(value or "").split("|") if one]


def find_relations(atlas: Atlas, feature: Feature, lang: Lang) -> list[tuple[str, list[Piece]]]:
    """Find the features that a feature is drawn from or belongs to, and those that are drawn from it.

    Returns
    -------
    list
        ``(title, features)``; only what there is, each feature as a link named with its layer.
    """
    drawn_from, part_of = (_existing(atlas, feature, field) for field in ("based_on", "part_of"))
    users, parts = (_users(atlas, feature, field) for field in ("based_on", "part_of"))
    alone = [f for f in users if len(split_ids(f.properties["based_on"])) == 1]
    found = {
        "geometry_of" if len(drawn_from) == 1 else "geometry_of_several": drawn_from,
        "geometry_for": alone,
        "geometry_for_several": [f for f in users if f not in alone and f not in part_of],
        "part_of": part_of,
        "has_parts": [f for f in parts if f not in drawn_from],
    }
    return [
        (say(title, lang), [_link(atlas, f, lang) for f in features]) for title, features in found.items() if features
    ]


def _existing(atlas: Atlas, feature: Feature, field: str) -> list[Feature]:
    return [atlas.features[i] for i in split_ids(feature.properties.get(field)) if i in atlas.features]


def _users(atlas: Atlas, feature: Feature, field: str) -> list[Feature]:
    return [f for f in atlas.features.values() if feature.feature_id in split_ids(f.properties.get(field))]


def name_apart(atlas: Atlas, features: Sequence[Feature], lang: Lang) -> list[Piece]:
    """Name features as links, with their layer where two have the same name (a waterway and its corridor)."""
    names = [name_of(f, lang) for f in features]
    return [
        _link(atlas, f, lang) if names.count(name) > 1 else Piece(name, f.feature_id)
        for f, name in zip(features, names, strict=True)
    ]


def _link(atlas: Atlas, feature: Feature, lang: Lang) -> Piece:
    layer = pick(dict(atlas.entry_of(feature).raw), "title", lang)
    name = name_of(feature, lang)
    return Piece(name if layer in name else say("name_in_layer", lang, name=name, layer=layer), feature.feature_id)


def list_measures(atlas: Atlas, feature: Feature, lang: Lang) -> list[tuple[str, str]]:
    """List length and area as drawn beside the figure of the documents, with their difference."""
    listed = []
    for title, *names, unit in _measures_of(atlas, feature):
        drawn, stated = (feature.properties.get(name) for name in names)
        said = []
        if drawn is not None:
            key = "drawn_schematic" if feature.properties.get("method") == "schematic" else "drawn"
            said.append(say(key, lang, n=format_number(drawn), unit=unit))
        if stated is not None:
            said.append(say("stated", lang, n=format_number(stated), unit=unit))
        if drawn is not None and stated:
            said.append(describe_difference(drawn, stated, lang))
        if said:
            listed.append((say(title, lang), " · ".join(said)))
    return listed


def _measures_of(atlas: Atlas, feature: Feature) -> list[tuple[str, str, str, str]]:
    """Find the measures that a layer has both as drawn and as stated; a figure alone is a field like others."""
    own = atlas.entry_of(feature).fields
    return [m for m in MEASURES if m[1] in own and m[2] in own]


def describe_difference(drawn: float, stated: float, lang: Lang) -> str:
    """Say by how much the drawing differs from the documents, in per cent of theirs."""
    percent = round((drawn - stated) / stated * 100)
    return say("same_figure", lang) if percent == 0 else say("difference", lang, n=f"{percent:+d}".replace("-", "−"))


def format_number(value: float) -> str:
    """Write a figure without idle decimals: 30, 8.7."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def list_fields(atlas: Atlas, feature: Feature, lang: Lang) -> list[tuple[str, list[Piece]]]:
    """List the layer's own fields with titles and units, without empty ones and those told elsewhere on the card."""
    fields = atlas.catalog.fields_of(atlas.entry_of(feature))
    told = COMMON | {name for measure in _measures_of(atlas, feature) for name in measure[1:3]}
    listed = []
    for name, value in feature.properties.items():
        if name in fields and name not in told and value not in (None, ""):
            unit = fields[name].get("unit") or ""
            values = split_ids(value) or [str(value)]
            listed.append(
                (pick(dict(fields[name]), "title", lang), [_piece(atlas, one, unit, lang=lang) for one in values])
            )
    return listed


def _piece(atlas: Atlas, one: str, unit: str, *, lang: Lang) -> Piece:
    """Write one value; the id of a feature or a source is told by name."""
    if one in atlas.features:
        return Piece(name_of(atlas.features[one], lang), one)
    if one in atlas.catalog.sources:
        return Piece(pick(dict(atlas.catalog.sources[one]), "title", lang))
    return Piece(f"{one} {UNITS.get(unit, unit)}".strip())
