"""File Geodatabase: every layer and side table in one geodatabase, packed into a zip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gzmap.export.capabilities import Format
from gzmap.export.files import export_zip
from gzmap.export.gdal import INT32_LIMIT, export_table
from gzmap.export.order import Order
from gzmap.export.sidefiles import build_readme_table, build_side_tables
from gzmap.export.tables import Column
from gzmap.export.titles import cut_utf16, name_by_format

PACKED = ".gdb.zip"


def export_geodatabase(order: Order, path: Path) -> None:
    """Write a geodatabase that every ArcGIS from 10 reads, and pack it.

    Dates are midnights and whole numbers of ten digits and more are doubles there: the older types of the format. The
    titles of layers and fields are their aliases. The content is the same each time, the bytes are not.
    """
    folder = path.with_name("packet")
    geodatabase = folder / f"{path.name.removesuffix(PACKED)}.gdb"
    folder.mkdir()
    tables = (*order.cut, *build_side_tables(order), build_readme_table(order))
    titles = name_by_format(tables, order.fmt)
    for table in tables:
        columns = tuple(_fit_column(_fit_name(column, order.fmt)) for column in table.columns)
        export_table(
            replace(table, columns=columns), geodatabase, order.fmt.driver, crs=order.crs, encoding="UTF-8",
            options={"layer": {"LAYER_ALIAS": titles[table.name]}, "aliases": True},
        )  # fmt: skip
    export_zip(folder, path, order.day)


def _fit_name(column: Column, fmt: Format) -> Column:
    """Give a title that is no longer than an alias, and a column of a side table a name that is no word of SQL.

    The names of layers' columns fit already; the dictionary has the whole titles.
    """
    name = f"{column.name}_" if column.name in fmt.reserved_fields else column.name
    return replace(column, name=name, title=cut_utf16(column.title, fmt.field_title_chars))


def _fit_column(column: Column) -> Column:
    """Give the older types in which GDAL would write a column with a warning."""
    if column.kind == "date":
        return _convert(column, "datetime", lambda v: f"{v}T00:00:00")
    if column.kind == "integer" and any(v is not None and abs(v) >= INT32_LIMIT for v in column.values):
        return _convert(column, "real", float)
    return column


def _convert(column: Column, kind: str, form: Callable) -> Column:
    return replace(column, kind=kind, values=[None if v is None else form(v) for v in column.values])
