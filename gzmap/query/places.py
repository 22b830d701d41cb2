"""What lies at a place, said with the certainty that the data allows."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import shapely

from gzmap.atlas import Atlas
from gzmap.crs import convert_to_metric
from gzmap.errors import QueryError
from gzmap.query.layers import find_shapes
from gzmap.query.shapes import TOUCH_M, Shapes


@dataclass(frozen=True)
class Place:
    """A district or feature, and how it lies to a point.

    ``kind`` is ``"district"``, ``"feature"`` or, of a planner's own layer, ``"own"``. ``relation`` is ``"contains"`` or
    ``"near"``, ``certainty`` ``"certain"`` or ``"possible"``. ``distance_m`` is to
    the stated position (the centre of a disc), 0 where ``relation`` is ``"contains"``; ``area_m2`` is the drawn area,
    0 for lines and pins. ``wide`` features are known only roughly (`config.WIDE_ACCURACY_M`).
    """

    kind: str
    id: str
    name: str
    relation: str
    certainty: str
    distance_m: float
    wide: bool
    area_m2: float


def find_at(atlas: Atlas, lon: float, lat: float, *, radius_m: float = 0.0) -> tuple[Place, ...]:
    """Find the districts and plan features at a point.

    Planar, in `config.METRIC_CRS`. Certain and possible follow from each feature's accuracy; a schematic feature is
    never certain, and a point drawn as a disc contains what is inside it, possibly. Wide features are told only where
    their drawn shape contains the point. Districts are told only where they contain it.

    Parameters
    ----------
    lon, lat
        Decimal degrees (WGS 84), in that order.
    radius_m
        How far "near" reaches, in metres, 0 or more.

    Returns
    -------
    tuple
        Smallest and most certain first: wide features last, then certain before possible, then by drawn area,
        distance and id. Empty when nothing is there.

    Raises
    ------
    QueryError
        If a number is not finite, the point is outside WGS 84 bounds or the radius is negative.
    """
    return find_around(find_shapes(atlas), lon, lat, radius_m=radius_m)


def find_around(shapes: Shapes, lon: float, lat: float, *, radius_m: float) -> tuple[Place, ...]:
    """Find what lies at a point among some shapes; everything else is as in `find_at`."""
    point = _require_point(lon, lat, radius_m=radius_m)
    if point is None:
        return ()
    rows = shapes.find_rows(_surround(point, radius_m))
    found = [p for r in rows if (p := _judge(shapes.parts, int(r), point, radius_m=radius_m))]
    return _ordered(p for p in found if p.relation == "contains" or not (p.wide or p.kind == "district"))


def find_drawn(
    atlas: Atlas, lon: float, lat: float, *, tolerance_m: float, layer_ids: Collection[str] | None = None
) -> tuple[Place, ...]:
    """Find the plan features that are drawn at a point, as a click means it.

    Parameters
    ----------
    lon, lat
        Decimal degrees (WGS 84), in that order.
    tolerance_m
        How far from a drawn polygon, disc, line or pin still counts, in metres, 0 or more.
    layer_ids
        Layers to look at; all plan layers when None. Base layers among them are passed over.

    Returns
    -------
    tuple
        In the order of `find_at`. ``near`` means within the tolerance of the drawing only.

    Raises
    ------
    QueryError
        As `find_at`.
    NotFoundError
        If a layer id is not in the catalogue.
    """
    for layer_id in layer_ids or ():
        atlas.catalog.require_entry(layer_id)
    point = _require_point(lon, lat, tolerance_m=tolerance_m)
    if point is None:
        return ()
    shapes = find_shapes(atlas)
    parts = shapes.parts
    rows = shapes.drawn.sindex.query(shapely.box(*_surround(point, tolerance_m)))
    gaps = shapely.distance(parts["geometry"][rows], point) - parts["disc_m"][rows]
    drawn = rows[(gaps <= tolerance_m) & (parts["kind"][rows] == "feature")]
    wanted = [int(r) for r in drawn if layer_ids is None or parts["layer_id"][r] in layer_ids]
    return _ordered(_judge(parts, r, point, radius_m=tolerance_m) or _place(parts, r, point) for r in wanted)


def _require_point(lon: float, lat: float, **reach: float) -> shapely.Point | None:
    """Return the point in metres; None where the planar CRS does not reach, far from anything that is drawn."""
    [(reach_name, reach_m)] = reach.items()
    if not all(map(math.isfinite, (lon, lat, reach_m))):
        raise QueryError(f"lon, lat and {reach_name} must be finite numbers, not {lon}, {lat} and {reach_m}.")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise QueryError(f"{lon}, {lat} is not a longitude and latitude (-180 to 180, -90 to 90, longitude first).")
    if reach_m < 0:
        raise QueryError(f"{reach_name} must be 0 or more metres, not {reach_m}.")
    easting, northing = convert_to_metric(lon, lat)
    return shapely.Point(easting, northing) if math.isfinite(easting) and math.isfinite(northing) else None


def _surround(point: shapely.Point, reach_m: float) -> np.ndarray:
    reach = reach_m + TOUCH_M
    return np.array([point.x - reach, point.y - reach, point.x + reach, point.y + reach])


def _judge(parts: dict[str, np.ndarray], row: int, point: shapely.Point, *, radius_m: float) -> Place | None:
    """Say how one shape lies to a point; None when it is too far."""
    geometry, accuracy, disc = (parts[k][row] for k in ("geometry", "accuracy_m", "disc_m"))
    distance = geometry.distance(point)
    if disc and distance <= disc:
        return _place(parts, row, point, relation="contains")
    if distance <= TOUCH_M and shapely.get_dimensions(geometry) == 2:
        sure = geometry.boundary.distance(point) > accuracy
        return _place(parts, row, point, relation="contains", sure=sure)
    if distance <= radius_m + accuracy:
        return _place(parts, row, point, sure=distance + accuracy <= radius_m)
    return None


def _place(
    parts: dict[str, np.ndarray], row: int, point: shapely.Point, *, relation: str = "near", sure: bool = False
) -> Place:
    certain = sure and not parts["schematic"][row] and not parts["wide"][row]
    return Place(
        kind=parts["kind"][row],
        id=parts["id"][row],
        name=parts["name"][row],
        relation=relation,
        certainty="certain" if certain else "possible",
        distance_m=0.0 if relation == "contains" else round(float(parts["geometry"][row].distance(point)), 1),
        wide=bool(parts["wide"][row]),
        area_m2=float(parts["area_m2"][row]),
    )


def _ordered(places: Iterable[Place]) -> tuple[Place, ...]:
    """Order places, each feature once with what its best part says."""
    ordered = sorted(places, key=lambda p: (p.wide, p.certainty != "certain", p.area_m2, p.distance_m, p.id))
    best: dict[str, Place] = {}
    for place in ordered:
        best.setdefault(place.id, place)
    return tuple(best.values())
