"""The card of a feature of the planner's own layers, and what of them lies under a click."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas
from gzmap.crs import find_area_m2, find_length_m
from gzmap.errors import NotFoundError
from gzmap.own import OwnLayer, OwnLayers
from gzmap.query import Place as Lying
from gzmap.query import find_here
from gzmap.ui.cards import format_template
from gzmap.ui.params import HELD
from gzmap.ui.state import Place
from gzmap.ui.words import LANGS, WORDS, Lang, say, say_area

MOST_PICKS = 20
"""Own features under one click that are offered; the first are those that contain it, the smallest first."""

FEW = 10
"""So many fields stand unfolded."""

KINDS = ("own_point", "own_line", "own_area")
"""What a geometry is, by its dimension: keys of phrases."""


def find_own_at(
    atlas: Atlas, own: OwnLayers, point: tuple[float, float, float], *, layer_ids: Collection[str]
) -> tuple[str, ...]:
    """Find the own features that a click means.

    Parameters
    ----------
    atlas
        Of the project.
    own
        All own layers.
    point
        Longitude and latitude in degrees, and how far off a drawing still counts, in metres.
    layer_ids
        Own layers to look at; others are passed over.

    Returns
    -------
    tuple
        Feature ids: the areas around the point; lines and points within the tolerance; areas that are only near if
        there is nothing else. At most `MOST_PICKS`.
    """
    shown = [layer for layer in own.layers if layer.layer_id in layer_ids]
    if not shown:
        return ()
    lon, lat, tolerance_m = point
    lying = [told.place for told in find_here(atlas, lon, lat, radius_m=tolerance_m, own=shown).own]
    meant = [at for at in lying if at.relation == "contains" or not at.area_m2] or lying
    return tuple(at.id for at in sorted(meant, key=_rank)[:MOST_PICKS])


def _rank(at: Lying) -> tuple[bool, float, float]:
    # What is small is hard to hit otherwise: points and lines come before areas.
    return bool(at.area_m2), at.area_m2, at.distance_m


def find_own(own: OwnLayers, feature_id: str) -> tuple[OwnLayer, str]:
    """Find an own feature's layer and its id within it.

    Raises
    ------
    NotFoundError
        If there is no such feature, or no longer.
    """
    layer_id, _, local_id = feature_id.rpartition(".")
    layer = own.require_layer(layer_id)
    layer.find_properties(local_id)
    return layer, local_id


def name_own(layer: OwnLayer, local_id: str, lang: Lang) -> str:
    """Name an own feature; one without a name by its number in the file."""
    number = layer.frame.index.get_loc(local_id)
    return layer.names[number] or say("own_numbered", lang, n=number + 1)


def list_own_choices(own: OwnLayers, ids: Sequence[str], lang: Lang) -> list[tuple[str, str, list[dict]]]:
    """List own features for the chooser as ``(layer's title, its colour, rows)``; those that are gone are left out."""
    found: dict[str, tuple[str, str, list[dict]]] = {}
    for feature_id in ids:
        try:
            layer, local_id = find_own(own, feature_id)
        except NotFoundError:
            continue
        row = {"id": feature_id, "own": True, "name": name_own(layer, local_id, lang), "layer": layer.title}
        row |= {"certainty": "", "accuracy": say(_kind(layer, local_id), lang)}
        title, colour = layer.title, str(layer.style["color"])
        found.setdefault(layer.layer_id, (title, colour, []))[2].append(row)
    return list(found.values())


def format_own_card(own: OwnLayers, place: Place) -> str:
    """Write the card of the own feature that is chosen; where it is gone meanwhile, that it is."""
    lang = place.lang
    several = len(place.picks) + len(place.own_picks) > 1
    try:
        layer, local_id = find_own(own, place.own)
    except NotFoundError:
        return format_template("owncard.html", lang, gone=True, several=several)
    fields = [(title, _say_value(value)) for title, value in layer.find_properties(local_id).items()]
    geometry = layer.frame.geometry.loc[local_id]
    return format_template(
        "owncard.html",
        lang,
        gone=False,
        several=several,
        id=place.own,
        name=name_own(layer, local_id, lang),
        layer=layer.title,
        colour=layer.style["color"],
        file=layer.path,
        crs=say_crs(layer.crs, lang),
        notes=[(note.zh, note.en)[LANGS.index(lang)] for note in layer.notes],
        measures=_list_measures(layer, local_id, lang),
        fields=fields[:FEW],
        folded=fields[FEW:],
        can_ask=geometry is not None and find_area_m2(geometry) > 0,
    )


def find_own_area(own: OwnLayers, place: Place) -> tuple[BaseGeometry | None, str, str]:
    """Find the area of the own feature that 查询 is asked about, what it is called, and no district.

    Raises
    ------
    NotFoundError
        If there is no such feature, or no longer.
    """
    layer, local_id = find_own(own, place.asked["query"][HELD + "own"])
    name = name_own(layer, local_id, place.lang)
    return layer.find_area(local_id), say("name_in_layer", place.lang, name=name, layer=layer.title), ""


def say_crs(code: str, lang: Lang) -> str:
    """Say as what a file's coordinates were read."""
    return say(f"crs_{code}", lang) if f"crs_{code}" in WORDS else code


def _kind(layer: OwnLayer, local_id: str) -> str:
    geometry = layer.frame.geometry.loc[local_id]
    dimension = 0 if geometry is None or "Point" in geometry.geom_type else 1 if "Line" in geometry.geom_type else 2
    return KINDS[dimension]


def _list_measures(layer: OwnLayer, local_id: str, lang: Lang) -> list[tuple[str, str]]:
    geometry = layer.frame.geometry.loc[local_id]
    if geometry is None:
        return []
    area_m2, length_m = find_area_m2(geometry), find_length_m(geometry)
    listed = []
    if area_m2:
        listed.append((say("area_size", lang), say("area_ellipsoidal", lang, n=say_area(area_m2))))
    if length_m:
        listed.append((say("area_perimeter" if area_m2 else "own_length", lang), _say_length(length_m)))
    centre = geometry.representative_point()
    return [*listed, (say("own_at", lang), f"{centre.x:.5f}, {centre.y:.5f}")]


def _say_length(metres: float) -> str:
    return f"{metres:.1f} m" if metres < 1000 else f"{metres / 1000:.2f} km"


def _say_value(value: object) -> str:
    """Write a value of a file as it is: whole numbers without a point, days without midnight."""
    if value is None:
        return "–"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    return str(value)


def point_out(data: dict, own: OwnLayers, place: Place) -> dict:
    """Tell the bridge which own feature is chosen, and where to look for it; nothing where none is.

    Parameters
    ----------
    data
        What `gzmap.ui.mapdata.build_data` returns.
    own
        All own layers.
    place
        Where the page stands.
    """
    if place.panel != "own":
        return data
    layer_id = place.own.rpartition(".")[0]
    if layer_id not in {layer.layer_id for layer in own.layers}:
        return data
    focus: Mapping | None = data["focus"]
    focus = focus and {**focus, "layer_ids": [*focus["layer_ids"], layer_id]}
    return data | {"selected": {"feature_id": place.own, "layer_id": layer_id}, "focus": focus}
