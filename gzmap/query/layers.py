"""The drawn shapes of layers, made once for each: those of an atlas and of a planner's own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from weakref import WeakKeyDictionary

import geopandas
import numpy as np
import pandas as pd
import shapely

from gzmap.atlas import Atlas
from gzmap.config import DISC_ACCURACY_M, METRIC_CRS, STORAGE_CRS, WIDE_ACCURACY_M
from gzmap.crs import convert_shapes_to_metric
from gzmap.query.shapes import DISTRICTS, EDGE_DEG, PART_ACCURACY, OwnLayer, Shapes, repair


@lru_cache(maxsize=2)
def find_shapes(atlas: Atlas) -> Shapes:
    """Find the drawn shapes of an atlas's districts and plan layers, made once for each."""
    ids = [DISTRICTS, *(e.layer_id for e in atlas.catalog.plan_entries)]
    return Shapes(_join([build_rows(layer_id, atlas.layers[layer_id]) for layer_id in ids if layer_id in atlas.layers]))


@lru_cache(maxsize=64)
def find_layer_shapes(atlas: Atlas, layer_id: str) -> Shapes:
    """Find the drawn shapes of one layer, made once for each.

    Raises
    ------
    NotFoundError, CatalogError
        If there is no such layer, or it is broken.
    """
    return Shapes(_join([build_rows(layer_id, atlas.require_layer(layer_id))]))


_OWN: WeakKeyDictionary[OwnLayer, Shapes] = WeakKeyDictionary()


def find_own_shapes(layer: OwnLayer) -> Shapes:
    """Find the drawn shapes of a planner's own layer, made once for each.

    What a planner brings is taken as exact unless columns ``accuracy_m`` and ``method`` say otherwise, as they do in
    what was exported from here.
    """
    found = _OWN.get(layer)
    if found is None:
        found = _OWN[layer] = Shapes(_join([build_rows(layer.layer_id, layer.frame, own=layer)]), layer.index)
    return found


def _join(layers: Sequence[geopandas.GeoDataFrame]) -> geopandas.GeoDataFrame:
    filled = [layer for layer in layers if len(layer)]
    # Numbers are counted within a layer; the next one goes on where the last ended.
    starts = np.cumsum([0, *(layer["number"].max() + 1 for layer in filled)])
    numbered = [layer.assign(number=layer["number"] + n) for layer, n in zip(filled, starts[:-1], strict=True)]
    return pd.concat(numbered, ignore_index=True) if filled else _nothing()


def _nothing() -> geopandas.GeoDataFrame:
    return build_rows(DISTRICTS, geopandas.GeoDataFrame({"name": []}, geometry=[], crs=STORAGE_CRS))


def build_rows(layer_id: str, layer: geopandas.GeoDataFrame, *, own: OwnLayer | None = None) -> geopandas.GeoDataFrame:
    """Build the rows of `Shapes` for one layer; what is not located, or out of reach of the plane, has none.

    Parameters
    ----------
    layer_id
        The layer's id; ``districts`` are of their own kind.
    layer
        In storage CRS, indexed by feature id.
    own
        The planner's own layer that it is; None for a layer of the atlas.
    """
    is_own = own is not None
    lonlat = layer.geometry.to_numpy()
    plane = own.metric if is_own else convert_shapes_to_metric(shapely.segmentize(lonlat, EDGE_DEG))
    # Bounds are NaN for None and for what is empty, infinite out of reach.
    here = np.isfinite(shapely.bounds(plane)).all(axis=1) if len(plane) else np.zeros(0, dtype=bool)
    located, lonlat = layer[here], repair(lonlat[here])
    plane = plane[here] if is_own else repair(plane[here])
    unknown = 0.0 if is_own else math.inf
    accuracy = pd.to_numeric(_column(located, "accuracy_m", unknown), errors="coerce").fillna(unknown)
    prefix = f"{layer_id}." if is_own else ""
    rows = pd.DataFrame(
        {
            "id": (prefix + located.index.astype(str)).to_numpy(),
            "name": _names(own, here) if is_own else _column(located, "name", "").to_numpy(),
            "layer_id": layer_id,
            "kind": "own" if is_own else "district" if layer_id == DISTRICTS else "feature",
            "category": _texts(located, "category"),
            "status": _texts(located, "status"),
            "accuracy_m": accuracy.to_numpy(dtype=float),
            "schematic": (_column(located, "method", "") == "schematic").to_numpy(dtype=bool),
            "part_acc": _texts(located, PART_ACCURACY),
            "number": np.arange(len(located)),
            "place": np.flatnonzero(here),
            "parts": np.maximum(np.where(_is_dotted(plane), shapely.get_num_geometries(plane), 1), 1),
        }
    )
    rows["lonlat"] = lonlat
    rows["wide"] = rows["accuracy_m"] > WIDE_ACCURACY_M
    whole = geopandas.GeoDataFrame(rows, geometry=plane, crs=METRIC_CRS)
    return _split_points(whole)


def _column(frame: geopandas.GeoDataFrame, name: str, default: object) -> pd.Series:
    return frame[name] if name in frame else pd.Series(default, index=frame.index)


def _texts(frame: geopandas.GeoDataFrame, name: str) -> np.ndarray:
    column = _column(frame, name, "")
    return column.where(column.notna(), "").astype(str).to_numpy(dtype=object)


def _names(own: OwnLayer, here: np.ndarray) -> np.ndarray:
    """Name the features of a planner's own layer; what has no name is called by its id."""
    names = np.array(own.names, dtype=object)[here]
    return np.where(names == "", own.frame.index.astype(str).to_numpy()[here], names)


def _is_dotted(shapes: np.ndarray) -> np.ndarray:
    return shapely.get_dimensions(shapes) == 0


def _split_points(whole: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Give each part of a multi-point its own row, accuracy and disc; areas stay those of the whole feature."""
    dotted = _is_dotted(whole.geometry.to_numpy())
    shapes = whole
    if dotted.any():
        points = whole[dotted].explode(index_parts=False)
        points["accuracy_m"] = [a for row in whole[dotted].itertuples() for a in _part_accuracies(row)]
        shapes = pd.concat([part for part in (whole[~dotted], points) if len(part)])
    is_disc = _is_dotted(shapes.geometry.to_numpy()) & shapes["accuracy_m"].gt(DISC_ACCURACY_M)
    shapes["disc_m"] = shapes["accuracy_m"].where(is_disc & np.isfinite(shapes["accuracy_m"]), 0.0)
    area = shapes.area + math.pi * shapes["disc_m"] ** 2
    shapes["area_m2"] = area.groupby(shapes["number"]).transform("sum")
    return shapes.drop(columns="part_acc").reset_index(drop=True)


def _part_accuracies(row: tuple) -> list[float]:
    """Accuracy of each part of a point feature; the feature's own where the parts have none of their own."""
    stated = [float(a) for a in row.part_acc.split("|") if a.replace(".", "", 1).isdecimal()]
    return stated if len(stated) == row.parts else [row.accuracy_m] * row.parts
