"""One writer per format; each takes an order that the format can hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from gzmap import crs as crs_door
from gzmap.catalog import dump_layer, format_geometry
from gzmap.export.columnar import export_flatgeobuf, export_geoparquet
from gzmap.export.dxf import export_dxf
from gzmap.export.gdal import export_table, scratch_settings
from gzmap.export.gdb import export_geodatabase
from gzmap.export.kml import export_kml
from gzmap.export.order import Order
from gzmap.export.relations import export_relations
from gzmap.export.sheets import export_csv, export_xlsx
from gzmap.export.sidefiles import build_readme_table, build_side_tables, export_packed
from gzmap.export.tables import Table

TEXT_WIDTHS = (10, 20, 50, 100, 254)
"""Widths of text fields in a DBF, in bytes: round ones, so that people can edit a text without meeting its end."""

LDID_AT = 29
"""Where the language driver id, which names the encoding, stands in a DBF."""


def export_shapefiles(order: Order, path: Path) -> None:
    """Write a zip of Shapefiles with their side tables and README.txt."""
    prj = crs_door.dump_wkt(order.crs)
    options = {"layer": {"DBF_DATE_LAST_UPDATE": order.day.isoformat()}, "widths": (TEXT_WIDTHS, order.encoding.codec)}
    encoding = order.encoding

    def write(table: Table, stem: Path) -> None:
        file = stem.with_name(f"{stem.name}.shp")
        # Names of fields GDAL must encode itself.
        by_us = encoding.codec != "utf-8" and all(c.name.isascii() for c in table.columns)
        chosen = {**options, "codec": encoding.codec} if by_us else options
        export_table(table, file, order.fmt.driver, crs=order.crs, encoding=encoding.gdal, options=chosen)
        _mark_encoding(file.with_suffix(".dbf"), encoding.ldid)
        # GDAL writes none beside LDID 77, and its own .prj depends on its version.
        file.with_suffix(".cpg").write_text(encoding.cpg, encoding="ascii")
        file.with_suffix(".prj").write_text(prj, encoding="ascii")

    export_packed(order, path, write)


def _mark_encoding(dbf: Path, ldid: int) -> None:
    with dbf.open("r+b") as file:
        file.seek(LDID_AT)
        file.write(bytes([ldid]))


def export_geopackage(order: Order, path: Path) -> None:
    """Write one GeoPackage 1.3: a table per layer, and the side tables as attribute tables."""
    sides = build_side_tables(order)
    with scratch_settings(order.day):
        for table in (*order.cut, *sides, build_readme_table(order)):
            title = {"IDENTIFIER": f"{table.title} {table.name}", "DESCRIPTION": table.description}
            kind = {"ASPATIAL_VARIANT": "GPKG_ATTRIBUTES"} if table.geometries is None else {"GEOMETRY_NAME": "geom"}
            # The version belongs to the whole file: GDAL takes it with the first table only.
            dataset = {} if path.exists() else {"VERSION": "1.3", "DATETIME_FORMAT": "UTC"}
            export_table(
                table, path, order.fmt.driver, crs=order.crs, encoding="UTF-8",
                options={"dataset": dataset, "layer": {**title, **kind}},
            )  # fmt: skip
    export_relations(path, order.cut, sides)


def export_geojson(order: Order, path: Path) -> None:
    """Write one layer as GeoJSON, or several as a zip with their side tables and README.txt."""

    def write(table: Table, stem: Path) -> None:
        text = _dump_geojson(table, is_ours=table.name in order.dataset.entries)
        stem.with_name(f"{stem.name}.geojson").write_text(text, encoding="utf-8", newline="\n")

    if path.suffix == order.fmt.suffix:
        write(order.cut[0], path.with_suffix(""))
    else:
        export_packed(order, path, write)


def _dump_geojson(table: Table, *, is_ours: bool) -> str:
    """Write the canonical form of a layer; rows of a foreign frame stay in their order."""
    # A feature's id is its member `id`; who renamed the column wants to see it among the properties too.
    columns = {c.name: c.values for c in table.columns if c.name != table.id_field or c.origin != c.name}
    features = (
        {
            "type": "Feature",
            "id": feature_id,
            "properties": {name: values[row] for name, values in columns.items()},
            "geometry": None if geometry is None else format_geometry(geometry),
        }
        for row, (feature_id, geometry) in enumerate(zip(table.ids, table.geometries, strict=True))
    )
    if is_ours:
        return dump_layer(features)
    lines = (json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


WRITERS: Mapping[str, Callable[[Order, Path], None]] = {
    "shp": export_shapefiles,
    "gpkg": export_geopackage,
    "gdb": export_geodatabase,
    "geojson": export_geojson,
    "kml": export_kml,
    "dxf": export_dxf,
    "csv": export_csv,
    "xlsx": export_xlsx,
    "fgb": export_flatgeobuf,
    "parquet": export_geoparquet,
}
