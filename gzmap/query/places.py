"""What lies at a place, said with the certainty that the data allows."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import geopandas
import numpy as np
import pandas as pd
import shapely

from gzmap.atlas import Atlas
from gzmap.config import DISC_ACCURACY_M, METRIC_CRS, STORAGE_CRS, WIDE_ACCURACY_M
from gzmap.crs import convert_to_metric
from gzmap.errors import QueryError

DISTRICTS = "districts"
PART_ACCURACY = "part_acc"
"""Property with the accuracy in metres of each part of a MultiPoint, ``|``-separated in the order of the parts."""

TOUCH_M = 0.1
"""What is this near touches: stored coordinates are no finer, and a shared border belongs to both."""


@dataclass(frozen=True)
class Place:
    """A district or feature, and how it lies to a point.

    ``relation`` is ``"contains"`` or ``"near"``, ``certainty`` ``"certain"`` or ``"possible"``. ``distance_m`` is to
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


@dataclass(frozen=True)
class Shapes:
    """What is drawn, one row per shape, each part of a multi-point by itself; geometry in `config.METRIC_CRS`.

    Columns: ``id``, ``name``, ``layer_id``, ``kind``, ``accuracy_m`` (infinite where unknown), ``schematic``,
    ``wide``, ``disc_m`` (drawn radius of a point, 0 for a pin and for other geometry), ``area_m2`` of the whole
    feature.
    """

    frame: geopandas.GeoDataFrame

    @cached_property
    def drawn(self) -> geopandas.GeoSeries:
        """Bounding boxes of what is drawn, for its spatial index."""
        return self._boxes(self.frame["disc_m"])

    @cached_property
    def believed(self) -> geopandas.GeoSeries:
        """Bounding boxes of where each thing may truly be; wide things only where they are drawn."""
        return self._boxes(self.frame["accuracy_m"].where(~self.frame["wide"], self.frame["disc_m"]))

    def _boxes(self, margin_m: pd.Series) -> geopandas.GeoSeries:
        bounds = self.frame.bounds.to_numpy()
        grown = bounds + np.outer(margin_m.to_numpy(dtype=float), [-1.0, -1.0, 1.0, 1.0])
        return geopandas.GeoSeries(shapely.box(*grown.T), crs=METRIC_CRS)

    @cached_property
    def parts(self) -> dict[str, np.ndarray]:
        """The columns as plain arrays: a question reads a few cells of each, and arrays give them fastest."""
        return {name: self.frame[name].to_numpy() for name in self.frame.columns}


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
    point = _require_point(lon, lat, radius_m=radius_m)
    if point is None:
        return ()
    shapes = _shapes(atlas)
    rows = _near_rows(shapes.believed, point, radius_m)
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
    shapes = _shapes(atlas)
    parts = shapes.parts
    rows = _near_rows(shapes.drawn, point, tolerance_m)
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


def _near_rows(boxes: geopandas.GeoSeries, point: shapely.Point, reach_m: float) -> np.ndarray:
    reach = reach_m + TOUCH_M
    return boxes.sindex.query(shapely.box(point.x - reach, point.y - reach, point.x + reach, point.y + reach))


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


@lru_cache(maxsize=2)
def _shapes(atlas: Atlas) -> Shapes:
    """Return the drawn shapes of an atlas's districts and plan layers in metres, made once for each."""
    ids = [DISTRICTS, *(e.layer_id for e in atlas.catalog.plan_entries)]
    layers = [_layer_shapes(layer_id, atlas.layers[layer_id]) for layer_id in ids if layer_id in atlas.layers]
    filled = [layer for layer in layers if len(layer)]
    frame = pd.concat(filled, ignore_index=True) if filled else _layer_shapes(DISTRICTS, _nothing())
    return Shapes(frame)


def _nothing() -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame({"name": []}, geometry=[], crs=STORAGE_CRS)


def _layer_shapes(layer_id: str, layer: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    located = layer[~(layer.geometry.isna() | layer.geometry.is_empty)]
    accuracy = _column(located, "accuracy_m", math.inf)
    whole = geopandas.GeoDataFrame(
        {
            "id": located.index.astype(str),
            "name": _column(located, "name", ""),
            "layer_id": layer_id,
            "kind": "district" if layer_id == DISTRICTS else "feature",
            "accuracy_m": pd.to_numeric(accuracy, errors="coerce").fillna(math.inf).astype(float),
            "schematic": _column(located, "method", "") == "schematic",
            "part_acc": _column(located, PART_ACCURACY, ""),
        },
        geometry=located.geometry,
        crs=STORAGE_CRS,
    ).to_crs(METRIC_CRS)
    whole["wide"] = whole["accuracy_m"] > WIDE_ACCURACY_M
    return _split_points(whole[np.isfinite(whole.bounds).all(axis=1)])


def _column(frame: geopandas.GeoDataFrame, name: str, default: object) -> pd.Series:
    return frame[name] if name in frame else pd.Series(default, index=frame.index)


def _split_points(whole: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Give each part of a multi-point its own row, accuracy and disc; areas stay those of the whole feature."""
    dotted = whole.geometry.geom_type.isin(["Point", "MultiPoint"])
    points = whole[dotted].explode(index_parts=False)
    points["accuracy_m"] = [a for _, row in whole[dotted].iterrows() for a in _part_accuracies(row)]
    shapes = pd.concat([part for part in (whole[~dotted], points) if len(part)] or [whole])
    is_disc = shapes.geometry.geom_type.eq("Point") & shapes["accuracy_m"].gt(DISC_ACCURACY_M)
    shapes["disc_m"] = shapes["accuracy_m"].where(is_disc & np.isfinite(shapes["accuracy_m"]), 0.0)
    area = shapes.area + math.pi * shapes["disc_m"] ** 2
    shapes["area_m2"] = area.groupby(shapes["id"]).transform("sum")
    return shapes.drop(columns="part_acc").reset_index(drop=True)


def _part_accuracies(row: pd.Series) -> list[float]:
    """Accuracy of each part of a point feature; the feature's own where the parts have none of their own."""
    count = shapely.get_num_geometries(row.geometry)
    stated = [float(a) for a in str(row["part_acc"] or "").split("|") if a.replace(".", "", 1).isdecimal()]
    return stated if len(stated) == count else [row["accuracy_m"]] * count
