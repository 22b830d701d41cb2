"""What is drawn, in metres: one row per shape, for questions about points, areas and pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import geopandas
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.config import METRIC_CRS
from gzmap.crs import find_areas_m2, find_lengths_m

DISTRICTS = "districts"
PART_ACCURACY = "part_acc"
"""Property with the accuracy in metres of each part of a MultiPoint, ``|``-separated in the order of the parts."""

TOUCH_M = 0.1
"""What is this near touches: stored coordinates are no finer, and a shared border belongs to both."""

EDGE_DEG = 0.01
"""Edges are divided to this before they go to the plane, where a parallel bends: lines are straight in degrees."""


class BoxIndex(Protocol):
    """A spatial index that follows a layer as it changes."""

    def intersection(self, box: np.ndarray) -> np.ndarray:
        """Find the positions of what meets a box: smallest x, smallest y, largest x, largest y."""


class OwnLayer(Protocol):
    """A layer of the planner's own, as questions need it."""

    layer_id: str
    title: str
    frame: geopandas.GeoDataFrame
    """In storage CRS."""

    metric: np.ndarray
    """The geometries of ``frame`` in `config.METRIC_CRS`, in the same order."""

    names: Sequence[str]
    """The features' names, in the same order, empty where one has none."""

    index: BoxIndex
    """Finds positions in ``frame`` by a box in metres."""


@dataclass(frozen=True, eq=False)
class Shapes:
    """What is drawn, one row per shape, each part of a multi-point by itself; geometry in `config.METRIC_CRS`.

    Columns: ``id``, ``name``, ``layer_id``, ``kind`` (``"district"``, ``"feature"`` or ``"own"``), ``category``,
    ``status``, ``accuracy_m`` (infinite where unknown), ``schematic``, ``wide``, ``disc_m`` (drawn radius of a point,
    0 for a pin and for other geometry), ``area_m2`` of the whole feature in the plane, ``lonlat`` (the whole feature
    as stored), ``number`` (the same for the parts of one feature), ``parts`` (how many it has) and
    ``place`` (its position in the layer). ``index`` is that of a planner's own layer.
    """

    frame: geopandas.GeoDataFrame
    index: BoxIndex | None = None

    @cached_property
    def drawn(self) -> geopandas.GeoSeries:
        """Bounding boxes of what is drawn, for its spatial index."""
        return self._boxes(self.frame["disc_m"])

    @cached_property
    def believed(self) -> geopandas.GeoSeries:
        """Bounding boxes of where each thing may truly be; wide things only where they are drawn."""
        return self._boxes(pd.Series(self.slack_m))

    def _boxes(self, margin_m: pd.Series) -> geopandas.GeoSeries:
        bounds = self.frame.bounds.to_numpy()
        grown = bounds + np.outer(margin_m.to_numpy(dtype=float), [-1.0, -1.0, 1.0, 1.0])
        return geopandas.GeoSeries(shapely.box(*grown.T), crs=METRIC_CRS)

    @cached_property
    def parts(self) -> dict[str, np.ndarray]:
        """The columns as plain arrays: a question reads a few cells of each, and arrays give them fastest."""
        return {name: self.frame[name].to_numpy() for name in self.frame.columns}

    @cached_property
    def dimensions(self) -> np.ndarray:
        """Dimension of each row: 0 points, 1 lines, 2 areas."""
        return shapely.get_dimensions(self.parts["geometry"])

    @cached_property
    def slack_m(self) -> np.ndarray:
        """How far from its drawing each row may truly be: its accuracy, for wide things the radius of their disc."""
        return np.where(self.parts["wide"], self.parts["disc_m"], self.parts["accuracy_m"]).astype(float)

    @cached_property
    def is_firm(self) -> np.ndarray:
        """Which rows can be certain at all: neither schematic nor wide."""
        return ~(self.parts["schematic"].astype(bool) | self.parts["wide"].astype(bool))

    def find_rows(self, box: np.ndarray) -> np.ndarray:
        """Find the rows whose believed position may meet a box in metres, ascending; more than those do no harm."""
        if self.index is None:
            return np.sort(self.believed.sindex.query(shapely.box(*box)))
        reach = self.slack_m.max(initial=0.0)
        meets = np.zeros(self.parts["place"].max(initial=-1) + 1, dtype=bool)
        found = self.index.intersection(np.asarray(box) + reach * np.array([-1.0, -1.0, 1.0, 1.0]))
        meets[found[found < len(meets)]] = True
        return np.flatnonzero(meets[self.parts["place"]])

    def measure(self, rows: np.ndarray) -> np.ndarray:
        """Give the length in metres or area in square metres of rows' whole features, ellipsoidal; NaN for points."""
        sizes, is_known = self._sizes
        new = np.unique(rows[~is_known[rows]])
        sizes[new] = measure_shapes(self.parts["lonlat"][new], self.dimensions[new])
        is_known[new] = True
        return sizes[rows]

    @cached_property
    def _sizes(self) -> tuple[np.ndarray, np.ndarray]:
        """Sizes, and which of them are known: of a large layer only those that were asked for."""
        return np.full(len(self), math.nan), np.zeros(len(self), dtype=bool)

    @cached_property
    def is_own(self) -> bool:
        """Whether they are of a planner's own layer."""
        return bool((self.parts["kind"] == "own").any())

    @cached_property
    def groups(self) -> tuple[np.ndarray, list[tuple[str, str]]]:
        """A code of each row, and by code its layer id and status, in the order in which they come."""
        layers, layer_ids = pd.factorize(self.parts["layer_id"])
        statuses, names = pd.factorize(self.parts["status"])
        codes, pairs = pd.factorize(layers * len(names) + statuses)
        return codes, [(str(layer_ids[pair // len(names)]), str(names[pair % len(names)])) for pair in pairs]

    @cached_property
    def _made(self) -> dict[tuple[str, int], BaseGeometry]:
        return {}

    def find_cores(self, rows: np.ndarray) -> np.ndarray:
        """Find what lies deeper inside areas than their accuracy, made once for each; prepared, perhaps empty."""
        return self._find_made("core", rows, lambda row: self.parts["geometry"][row].buffer(-self._accuracy_m(row)))

    def find_edges(self, rows: np.ndarray) -> np.ndarray:
        """Find the boundaries of areas, made once for each; prepared."""
        return self._find_made("edge", rows, lambda row: self.parts["geometry"][row].boundary)

    def _accuracy_m(self, row: int) -> float:
        return float(self.parts["accuracy_m"][row])

    def _find_made(self, what: str, rows: np.ndarray, make: Callable[[int], BaseGeometry]) -> np.ndarray:
        for row in np.unique(rows).tolist():
            if (what, row) not in self._made:
                self._made[what, row] = make(row)
                shapely.prepare(self._made[what, row])
        return np.array([self._made[what, row] for row in rows.tolist()], dtype=object)

    def __len__(self) -> int:
        return len(self.frame)


def measure_shapes(lonlats: np.ndarray, dimensions: np.ndarray) -> np.ndarray:
    """Measure lines in metres and areas in square metres on the ellipsoid.

    Parameters
    ----------
    lonlats
        In storage CRS.
    dimensions
        What is to be measured of each: 1 its length, 2 its area.

    Returns
    -------
    ndarray
        NaN where the dimension is another.
    """
    sizes = np.full(len(lonlats), math.nan)
    for dimension, measure in ((1, find_lengths_m), (2, find_areas_m2)):
        rows = dimensions == dimension
        sizes[rows] = measure(lonlats[rows])
    return sizes


def repair(shapes: np.ndarray) -> np.ndarray:
    """Give geometries that are valid: shipped data is, what planners bring may cross itself."""
    broken = ~shapely.is_valid(shapes)
    if not broken.any():
        return shapes
    mended = shapes.copy()
    mended[broken] = [_keep_dimension(shapely.make_valid(s), shapely.get_dimensions(s)) for s in shapes[broken]]
    return mended


def _keep_dimension(mended: BaseGeometry, dimension: int) -> BaseGeometry:
    """Leave off lines and points that mending an area leaves, unless nothing else is left."""
    same = [p for p in shapely.get_parts(mended) if shapely.get_dimensions(p) == dimension]
    return shapely.union_all(same) if same else mended
