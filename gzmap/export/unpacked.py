"""The files of one format as they stand in a packet: unpacked, in a folder of their own, and what should be in them."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gzmap.export.clients import Source
from gzmap.export.comparison import Written
from gzmap.export.formats import FORMATS
from gzmap.export.lettering import LABELS, list_lettering, name_layers
from gzmap.export.order import Order
from gzmap.export.sheets import list_csv_tables, name_sheets
from gzmap.export.sidefiles import build_readme_table, build_side_tables
from gzmap.export.tables import Table
from gzmap.export.titles import name_by_format
from gzmap.export.writers import WRITERS

STEM = "gzmap"
"""Name, without its end, of a file that holds all layers."""

ROOT_FORMATS = ("gpkg",)
"""Formats whose one file stands at the top of the packet."""

MEMBER_SUFFIXES = {"shp": ".shp", "gdb": ".gdb", "dxf": ".dxf"}
"""Ends of the files inside, of formats that are delivered in a zip otherwise."""

ENTITIES = "entities"
"""GDAL's name of the content of a drawing."""


def export_unpacked(order: Order, folder: Path, scratch: Path) -> list[Written]:
    """Write the layers of an order into a packet's folder, without the tables that stand beside all formats there.

    Parameters
    ----------
    order
        What is written.
    folder
        The packet's folder.
    scratch
        An empty folder for the writer.

    Returns
    -------
    list
        What should be found in the files.
    """
    fmt, key, is_many = order.fmt, order.choices.fmt, len(order.cut) > 1
    stem = STEM if is_many or fmt.many_layers else order.cut[0].name
    whole = scratch / f"{stem}{fmt.suffix_many if is_many else fmt.suffix}"
    WRITERS[key](order, whole)
    place = folder if key in ROOT_FORMATS else folder / key
    place.mkdir(exist_ok=True)
    if whole.suffix == ".zip":
        _unpack(whole, place, leave_out={*(f"{t.title}.csv" for t in build_side_tables(order)), "README.txt"})
    else:
        shutil.move(whole, place / whole.name)
    return list(_list_written(order, place, stem))


def _unpack(path: Path, place: Path, *, leave_out: set[str]) -> None:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(place, [name for name in archive.namelist() if name not in leave_out])


def _list_written(order: Order, place: Path, stem: str) -> Iterator[Written]:
    key, fmt = order.choices.fmt, order.fmt
    suffix = MEMBER_SUFFIXES.get(key, fmt.suffix)
    if key == "dxf":
        yield from _list_drawing(order, place)
        return
    tables = list_csv_tables(order) if key == "csv" else order.cut
    names = {"kml": _name_folders, "xlsx": name_sheets}.get(key, _name_plainly)(tables)
    for table in tables:
        file = place / f"{stem if fmt.many_layers else table.name}{suffix}"
        yield Written(Source(key, file, names[table.name]), table, order.crs)
    if key in ("gpkg", "gdb"):
        for table in (*build_side_tables(order), build_readme_table(order)):
            yield Written(Source(key, place / f"{stem}{suffix}", table.name), table, order.crs)


def _list_drawing(order: Order, place: Path) -> Iterator[Written]:
    """Give the drawing once for each layer of shapes and of names, then the tables beside it."""
    drawing = next(place.glob("*.dxf"))
    titles = name_layers(order.cut)
    for table in order.cut:
        source, title = Source("dxf", drawing, ENTITIES), titles[table.name]
        yield Written(source, table, order.crs, part=title)
        yield Written(source, table, order.crs, part=f"{title}{LABELS}", lettering=list_lettering(table))
    for table in order.cut:
        flat = replace(table, geometries=None, keys=None)
        yield Written(Source("csv", place / f"{table.name}.csv", table.name), flat, order.crs)


def _name_folders(tables: tuple[Table, ...]) -> dict[str, str]:
    return name_by_format(tables, FORMATS["kml"])


def _name_plainly(tables: tuple[Table, ...]) -> dict[str, str]:
    return {table.name: table.name for table in tables}
