"""What parcels are compared with: the drawn features of the plan and their words, small enough to be sent about."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import geopandas
import pandas as pd
import shapely

from gzmap.atlas import Atlas
from gzmap.config import METRIC_CRS
from gzmap.query import find_evidence
from gzmap.query.layers import find_shapes
from gzmap.query.shapes import Shapes

WORDS = ("id", "name", "layer_id", "category", "status", "paragraphs")
"""Columns of the plan that a result repeats for each feature."""


@dataclass(frozen=True, eq=False)
class Plan:
    """The drawn features of a plan, to be copied to other processes and machines.

    ``columns`` are those of `query.shapes.Shapes` without its geometries, and ``paragraphs``, the ids of the passages
    that name the feature, those that justify it first, ``|``-separated. ``plane`` and ``lonlat`` are the geometries
    as WKB. ``digest`` is the same for the same content.
    """

    columns: pd.DataFrame
    plane: tuple[bytes, ...]
    lonlat: tuple[bytes, ...]
    digest: str

    def open_shapes(self) -> Shapes:
        """Make the shapes, prepared; each thread needs its own, for prepared geometries are not to be shared."""
        frame = self.columns.assign(lonlat=shapely.from_wkb(list(self.lonlat)))
        plane = shapely.from_wkb(list(self.plane))
        shapes = Shapes(geopandas.GeoDataFrame(frame, geometry=plane, crs=METRIC_CRS))
        shapely.prepare(shapes.parts["geometry"])
        return shapes


def build_plan(atlas: Atlas) -> Plan:
    """Build the plan of an atlas: every feature of its plan layers that is drawn."""
    whole = find_shapes(atlas).frame
    features = whole[whole["kind"] == "feature"].reset_index(drop=True)
    paragraphs = {i: "|".join(dict.fromkeys(e.para_id for e in find_evidence(atlas, i))) for i in features["id"]}
    columns = pd.DataFrame(features.drop(columns=["geometry", "lonlat"]))
    columns["paragraphs"] = [paragraphs[i] for i in features["id"]]
    plane, lonlat = (tuple(shapely.to_wkb(features[name].to_numpy()).tolist()) for name in ("geometry", "lonlat"))
    told = columns.to_csv(index=False).encode()
    digest = hashlib.sha256(b"".join((told, *plane, *lonlat))).hexdigest()
    return Plan(columns, plane, lonlat, digest)
