"""FlatGeobuf and GeoParquet: one file per layer, for the web and for data analysis."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely
from pyarrow import parquet

from gzmap import crs as crs_door
from gzmap.export.gdal import build_arrow, export_table, scratch_settings
from gzmap.export.order import Order
from gzmap.export.sidefiles import export_packed
from gzmap.export.tables import Table

GEOPARQUET = "1.1.0"
PRIMARY = "geometry"


def export_flatgeobuf(order: Order, path: Path) -> None:
    """Write one layer as FlatGeobuf, or several as a zip with their side tables and README.txt."""

    def write(table: Table, stem: Path) -> None:
        # The index puts features near each other in the file; it has no place for one that is nowhere.
        indexed = table.size > 0 and not np.equal(table.geometries, None).any()
        title = {"TITLE": table.title, "DESCRIPTION": table.description}
        layer = {"SPATIAL_INDEX": "YES" if indexed else "NO", **{k: v for k, v in title.items() if v}}
        export_table(
            table, stem.with_name(f"{stem.name}.fgb"), order.fmt.driver, crs=order.crs, encoding="UTF-8",
            options={"layer": layer, "aliases": True},
        )  # fmt: skip

    with scratch_settings(order.day):
        _export_one_or_packed(order, path, write)


def export_geoparquet(order: Order, path: Path) -> None:
    """Write one layer as GeoParquet, or several as a zip with their side tables and README.txt."""
    projjson = crs_door.dump_projjson(order.crs)

    def write(table: Table, stem: Path) -> None:
        arrow = build_arrow(table)
        arrow = arrow.rename_columns([*arrow.column_names[:-1], PRIMARY])
        metadata = {"geo": json.dumps(_describe_geometries(table, projjson), ensure_ascii=False)}
        parquet.write_table(arrow.replace_schema_metadata(metadata), stem.with_name(f"{stem.name}.parquet"))

    _export_one_or_packed(order, path, write)


def _export_one_or_packed(order: Order, path: Path, write: Callable[[Table, Path], None]) -> None:
    if path.suffix == order.fmt.suffix:
        write(order.cut[0], path.with_suffix(""))
    else:
        export_packed(order, path, write)


def _describe_geometries(table: Table, projjson: dict) -> dict:
    """Describe the column of geometries as GeoParquet 1.1 wants it; easting or longitude stands first."""
    located = table.geometries[np.not_equal(table.geometries, None)]
    column = {
        "encoding": "WKB",
        "geometry_types": sorted({g.geom_type for g in located}),
        "crs": projjson,
        "edges": "planar",
    }
    if len(located):
        column["bbox"] = shapely.total_bounds(located).tolist()
    return {"version": GEOPARQUET, "primary_column": PRIMARY, "columns": {PRIMARY: column}}
