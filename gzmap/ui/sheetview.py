"""What the page prints: the map as the visitor has it, turned into the view of a sheet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import shapely

from gzmap.atlas import Atlas
from gzmap.catalog import Entry
from gzmap.export import Selection
from gzmap.export.selection import find_region
from gzmap.own import OwnLayer
from gzmap.sheet import SheetView
from gzmap.ui.areas import shorten_area
from gzmap.ui.links import TILE_PX, WINDOW_PX, format_permalink
from gzmap.ui.state import Place

WHERES = ("view", "city", "district", "area")


@dataclass(frozen=True)
class SheetWish:
    """What a visitor chose: ``where`` is one of `WHERES`, ``scale`` a denominator or None to fit.

    ``own`` are the planner's own layers, for who sits at the machine that holds them.
    """

    where: str = "view"
    district: str = ""
    paper: str = "A4"
    landscape: bool = False
    scale: int | None = None
    title: str = ""
    labels: bool = True
    cards: bool = False
    qr: bool = True
    own: tuple[OwnLayer, ...] = ()


@dataclass(frozen=True)
class Shown:
    """What the map shows, as its part of the address tells: layers from below, and the opacity of some."""

    layer_ids: tuple[str, ...]
    opacity: Mapping[str, float] = field(default_factory=dict)


def find_shown(atlas: Atlas, carried: Mapping[str, str]) -> Shown:
    """Read which layers the map shows, lowest first, and how dense they are.

    Parameters
    ----------
    atlas
        The data; ids that it does not know are left out, as the map does.
    carried
        The part of the address that the map writes.
    """
    asked = carried["layers"].split(",") if "layers" in carried else None
    entries = [e for e in atlas.catalog.entries.values() if e.layer_id in atlas.layers]
    shown = {e.layer_id for e in entries if (e.visible if asked is None else e.layer_id in asked)}
    ids = tuple(e.layer_id for e in _put_in_order(entries, carried.get("order", "")) if e.layer_id in shown)
    return Shown(ids, {i: value for i, value in _read_opacity(carried.get("op", "")).items() if i in shown})


def _put_in_order(entries: list[Entry], order: str) -> list[Entry]:
    """Put layers as the visitor stacked them: the named groups, the topmost first, over the others as shipped."""
    named = list(dict.fromkeys(group for group in order.split(",") if group))
    # What is not named follows below in the catalogue's order; the base map lies below all.
    moved = [e for group in reversed(named) for e in entries if e.group == group and e.kind == "plan"]
    return [e for e in entries if e not in moved] + moved


def _read_opacity(text: str) -> dict[str, float]:
    found = {}
    for item in text.split(","):
        layer_id, _, value = item.partition(":")
        try:
            number = float(value)
        except ValueError:
            continue
        if 0 <= number <= 1:
            found[layer_id] = number
    return found


def find_view_bbox(place: Place) -> tuple[float, float, float, float] | None:
    """Find what the map shows, ``(west, south, east, north)`` in degrees; None where that is not known.

    A link that was opened here tells only the middle and the zoom: then it is what a map on a desk would show.
    """
    if place.seen is not None:
        return place.seen
    try:
        zoom, lat, lon = map(float, place.carried.get("view", "").split("/"))
    except ValueError:
        return None
    if not (all(map(math.isfinite, (zoom, lat, lon))) and 0 <= zoom <= 22 and abs(lat) <= 85 and abs(lon) <= 180):
        return None
    per_pixel = 360 / TILE_PX / 2**zoom
    half_lon, half_lat = (per_pixel * px / 2 for px in WINDOW_PX)
    half_lat *= math.cos(math.radians(lat))
    return lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat


def list_wheres(place: Place) -> tuple[str, ...]:
    """List what a sheet may show now, the likeliest first."""
    able = {"area": place.area is not None, "view": find_view_bbox(place) is not None}
    first = ("area",) if able["area"] else ()
    return (*first, *(where for where in WHERES if where not in first and able.get(where, True)))


def format_place_link(base: str, place: Place) -> str:
    """Write the permanent link of the map as it is; empty where the server's own address is not known."""
    own = {
        "feature": place.feature,
        "q": place.query,
        "area": shorten_area(place.area)[0] if place.area else "",
        "lang": place.lang if place.lang != "zh" else "",
    }
    return format_permalink(base, "map", own | place.carried)


def build_view(atlas: Atlas, place: Place, wish: SheetWish, *, base: str = "", number: str = "") -> SheetView:
    """Build the view of a sheet.

    Parameters
    ----------
    atlas, place
        The data, and where the page stands.
    wish
        What was chosen.
    base
        Address of this server for the QR code; empty where it is not known.
    number
        审图号; empty while there is none.

    Raises
    ------
    ExportError, NotFoundError
        If the sheet cannot be made so; the message says what can.
    """
    shown = find_shown(atlas, place.carried)
    bbox, area = _find_bounds(atlas, place, wish)
    return SheetView(
        shown.layer_ids,
        wish.title,
        bbox=bbox,
        area=area,
        opacity=shown.opacity,
        scale=wish.scale,
        paper=wish.paper,
        landscape=wish.landscape,
        selected=place.feature,
        cards=wish.cards,
        labels=wish.labels,
        lang=place.lang,
        permalink=format_place_link(base, place) if wish.qr else "",
        review_number=number,
        own=wish.own,
    )


def _find_bounds(
    atlas: Atlas, place: Place, wish: SheetWish
) -> tuple[tuple[float, float, float, float] | None, shapely.Polygon | None]:
    """Find the bounds of the sheet, and the outline drawn on it: what was drawn on the map is on its print."""
    if wish.where == "district":
        return find_region(atlas, Selection((), district=wish.district)).bounds, place.area
    if wish.where == "area" and place.area is not None:
        return place.area.bounds, place.area
    return (find_view_bbox(place) if wish.where == "view" else None), place.area
