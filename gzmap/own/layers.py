"""The planner's own layers, as they are now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.errors import NotFoundError
from gzmap.own.index import LayerIndex
from gzmap.sites import Note


@dataclass(frozen=True, eq=False)
class OwnLayer:
    """One layer of the planner's own (本单位图层). It never leaves the machine.

    ``layer_id`` is ``own.<slug>``; a feature's id is ``<layer_id>.<index of frame>``, which is its content, so that an
    edit of another feature leaves it what it was. ``frame`` is in storage CRS with the file's fields; ``metric`` are
    its geometries in `config.METRIC_CRS`, in the same order, put right where they cross themselves, None where there
    is none; ``index`` finds rows by boxes in metres. ``style`` has the members of a style in ``layers/catalog.json``.
    ``path`` is the file's, below the folder; ``name`` is the layer's within it, empty where it is the only one.
    ``crs`` is the EPSG code that it was in. ``family`` is ``"Polygon"``, ``"LineString"`` or ``"Point"``: what most
    features are. ``version`` changes with the content.
    """

    layer_id: str
    title: str
    path: str
    name: str
    frame: geopandas.GeoDataFrame
    metric: np.ndarray
    index: LayerIndex
    crs: str
    name_field: str
    family: str
    style: Mapping[str, object]
    version: str
    notes: tuple[Note, ...]

    @cached_property
    def names(self) -> list[str]:
        """The features' names, in the order of the frame; empty where one has none."""
        if not self.name_field:
            return [""] * len(self.frame)
        column = self.frame[self.name_field]
        return column.where(column.notna(), "").astype(str).str.strip().tolist()

    @property
    def fields(self) -> list[str]:
        """The file's fields, in its order."""
        return [str(column) for column in self.frame.columns if column != self.frame.geometry.name]

    @property
    def located(self) -> int:
        """How many features have a geometry."""
        return int(self.frame.geometry.notna().sum())

    def find_area(self, local_id: str) -> BaseGeometry | None:
        """Return the area of one feature in storage CRS, put right where it crosses itself; None where it has none.

        Parameters
        ----------
        local_id
            The last part of its id.

        Raises
        ------
        NotFoundError
            As `find_properties`.
        """
        self.find_properties(local_id)
        geometry = self.frame.geometry.loc[local_id]
        if geometry is None or shapely.get_dimensions(geometry) < 2:
            return None
        sound = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
        return shapely.union_all([part for part in shapely.get_parts(sound) if shapely.get_dimensions(part) == 2])

    def find_properties(self, local_id: str) -> dict[str, object]:
        """Return the fields of one feature, empty ones as None.

        Parameters
        ----------
        local_id
            The last part of its id.

        Raises
        ------
        NotFoundError
            If the layer has no such feature, or no longer.
        """
        if local_id not in self.frame.index:
            raise NotFoundError(
                f"{local_id!r} is not in {self.path}, or no longer, as an edited one gets a new id: choose anew."
            )
        row = self.frame.loc[local_id].drop(self.frame.geometry.name)
        return {str(column): _plain(value) for column, value in row.items()}


def _plain(value: object) -> object:
    """Give a cell as Python's own number, text or date; None where there is nothing."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if pd.api.types.is_scalar(value) and pd.isna(value) else value


@dataclass(frozen=True)
class Broken:
    """A file of the folder that cannot be read: its path below the folder, the problem's code, and what to do."""

    path: str
    code: str
    zh: str
    en: str


@dataclass(frozen=True, eq=False)
class OwnLayers:
    """All layers of the planner's own as they are now, in the order of their files; and the files that are broken.

    ``is_reading`` is whether they are those of before, because the folder is being read at this moment.
    """

    folder: Path
    layers: tuple[OwnLayer, ...]
    broken: tuple[Broken, ...]
    is_reading: bool = False

    def require_layer(self, layer_id: str) -> OwnLayer:
        """Return a layer.

        Raises
        ------
        NotFoundError
            If there is none of this id.
        """
        known = {layer.layer_id: layer for layer in self.layers}
        if layer_id not in known:
            raise NotFoundError.unknown("Layer", layer_id, known, where="the folder of own layers")
        return known[layer_id]
