"""One writer per format; each takes an order that the format can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from gzmap import crs as crs_door
from gzmap.catalog import dump_layer, format_geometry
from gzmap.export.files import dump_csv, export_zip
from gzmap.export.gdal import export_table, fixed_clock
from gzmap.export.limits import build_long_table
from gzmap.export.order import Order
from gzmap.export.readme import build_readme
from gzmap.export.tables import Table, build_field_table, build_table


def export_shapefiles(order: Order, path: Path) -> None:
    """Write a zip of Shapefiles with their side tables and README.txt."""
    folder = path.with_name("packet")
    folder.mkdir()
    prj = crs_door.dump_wkt(order.crs)
    options = {"layer": {"DBF_DATE_LAST_UPDATE": order.day.isoformat()}}
    for table in order.cut:
        file = folder / f"{table.name}.shp"
        export_table(table, file, order.fmt.driver, crs=order.crs, encoding=order.encoding.gdal, options=options)
        # GDAL writes none beside LDID 77, and its own .prj depends on its version.
        file.with_suffix(".cpg").write_text(order.encoding.cpg, encoding="ascii")
        file.with_suffix(".prj").write_text(prj, encoding="ascii")
    _write_side_files(order, folder)
    export_zip(folder, path, order.day)


def export_geopackage(order: Order, path: Path) -> None:
    """Write one GeoPackage 1.3: a table per layer, and the side tables as attribute tables."""
    readme = build_table(
        "readme", "说明", "版本、坐标系、精度与来源",
        heads=(("text", "text", "说明", "Read me"),), rows=[(build_readme(order),)],
    )  # fmt: skip
    with fixed_clock(order.day):
        for table in (*order.cut, *_side_tables(order), readme):
            title = {"IDENTIFIER": f"{table.title} {table.name}", "DESCRIPTION": table.description}
            kind = {"ASPATIAL_VARIANT": "GPKG_ATTRIBUTES"} if table.geometries is None else {"GEOMETRY_NAME": "geom"}
            # The version belongs to the whole file: GDAL takes it with the first table only.
            dataset = {} if path.exists() else {"VERSION": "1.3"}
            export_table(
                table, path, order.fmt.driver, crs=order.crs, encoding="UTF-8",
                options={"dataset": dataset, "layer": {**title, **kind}},
            )  # fmt: skip


def export_geojson(order: Order, path: Path) -> None:
    """Write one layer as GeoJSON, or several as a zip with their side tables and README.txt."""
    if path.suffix == order.fmt.suffix:
        path.write_text(_dump_geojson(order.tables[0]), encoding="utf-8", newline="\n")
        return
    folder = path.with_name("packet")
    folder.mkdir()
    for table in order.tables:
        text = _dump_geojson(table)
        (folder / f"{table.name}{order.fmt.suffix}").write_text(text, encoding="utf-8", newline="\n")
    _write_side_files(order, folder)
    export_zip(folder, path, order.day)


def _dump_geojson(table: Table) -> str:
    columns = {c.name: c.values for c in table.columns if c.name != "id"}
    return dump_layer(
        {
            "id": feature_id,
            "properties": {name: values[row] for name, values in columns.items()},
            "geometry": None if geometry is None else format_geometry(geometry),
        }
        for row, (feature_id, geometry) in enumerate(zip(table.ids, table.geometries, strict=True))
    )


def _side_tables(order: Order) -> tuple[Table, ...]:
    listed = (*order.tables, order.evidence)
    long = (build_long_table(order.long),) if order.long else ()
    return (order.evidence, *long, build_field_table((*listed, *long)))


def _write_side_files(order: Order, folder: Path) -> None:
    for table in _side_tables(order):
        (folder / f"{table.title}.csv").write_bytes(dump_csv(table))
    # Notepad of older Windows needs both the byte order mark and the carriage returns.
    (folder / "README.txt").write_text(build_readme(order), encoding="utf-8-sig", newline="\r\n")


WRITERS: Mapping[str, Callable[[Order, Path], None]] = {
    "shp": export_shapefiles,
    "gpkg": export_geopackage,
    "geojson": export_geojson,
}
