"""What tests of printed sheets share: layers of a planner's own, layers put in the place of shipped ones, a view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas
from gzmap.catalog import parse_entry
from gzmap.crs import convert_shapes_to_metric
from gzmap.own import OwnLayer
from gzmap.sheet import SheetView

LINK = "https://map.example.gov.cn/?view=11/23.1/113.3&layers=waterways"
PURPLE = (123, 45, 142)


def make_own(shapes: Sequence[BaseGeometry | None], *, title: str = "控规用地", **members: object) -> OwnLayer:
    """A layer of the planner's own; ``names`` are the features', ``style`` adds to the style, all else are fields."""
    style = {"color": "#7B2D8E", "weight": 2, "dash": None, "fill_opacity": 0.2, "hatch": False}
    style |= members.pop("style", {})
    names = members.pop("names", [f"地块{n}" for n in range(len(shapes))])
    index = [f"{n:016x}" for n in range(len(shapes))]
    frame = geopandas.GeoDataFrame({"MC": names, **members}, geometry=list(shapes), crs="EPSG:4326", index=index)
    return OwnLayer(
        layer_id=f"own.{title}", title=title, path="a.gpkg", name="", frame=frame,
        metric=convert_shapes_to_metric(frame.geometry.to_numpy()), index=None, crs="EPSG:4326", name_field="MC",
        family="Polygon", style=style, version="0", notes=(),
    )  # fmt: skip


def put_layer(atlas: Atlas, layer_id: str, shapes: Sequence[BaseGeometry], **columns: object) -> Atlas:
    """An atlas whose layer has other features, and the purple style of own layers."""
    count = len(shapes)
    plain = {"name": [f"地块{n}" for n in range(count)], "method": ["digitized"] * count, "accuracy_m": [10] * count}
    index = [f"{layer_id}.x{n}" for n in range(count)]
    frame = geopandas.GeoDataFrame({**plain, **columns}, geometry=list(shapes), crs="EPSG:4326", index=index)
    entry = atlas.catalog.entries[layer_id]
    style = {**make_own([]).style, "hatch": True}
    entries = {**atlas.catalog.entries, layer_id: parse_entry({**entry.raw, "style": style})}
    catalog = replace(atlas.catalog, entries=entries)
    return replace(atlas, catalog=catalog, layers={**atlas.layers, layer_id: frame})


def make_view(atlas: Atlas, **members: object) -> SheetView:
    """A view of what the map shows at first, unless members say otherwise."""
    shown = tuple(e.layer_id for e in atlas.catalog.entries.values() if e.visible)
    return SheetView(**{"layer_ids": shown, "title": "美丽广州规划要素图", **members})
