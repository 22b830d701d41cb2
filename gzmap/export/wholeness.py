"""Whether a file that GDAL wrote is whole: it does not tell a write that fails at the end."""

from __future__ import annotations

import contextlib
import sqlite3
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import pyogrio

from gzmap.errors import ExportError
from gzmap.export.tables import Table

SHAPE_HEAD, INDEX_ENTRY = 100, 8
"""Bytes of the head of a .shp and a .shx, and of an entry of the latter."""

END_OF_DBF = 1
"""Bytes after the last row of a .dbf."""

RTREE = "gpkg_rtree_index"


def require_whole(table: Table, path: Path, driver: str) -> None:
    """Raise where a file does not hold all that was written.

    Parameters
    ----------
    table
        What was written.
    path
        The file.
    driver
        GDAL's name of the format.

    Raises
    ------
    ExportError
        If so, or it cannot be read at all.
    """
    try:
        is_whole = CHECKS.get(driver, _counts)(table, path)
    except (OSError, RuntimeError, sqlite3.Error, struct.error):  # every error class of pyogrio is a RuntimeError
        is_whole = False
    if not is_whole:
        raise ExportError(
            f"{table.name} was not written whole as {driver}; check the free space of the disk.",
            zh=f"{table.name} 没有写完整（{driver}）；请检查磁盘空间。",
        )


def _is_whole_shapefile(table: Table, path: Path) -> bool:
    """Compare the sizes that the heads of the files state with their real sizes."""
    dbf, shx = path.with_suffix(".dbf"), path.with_suffix(".shx")
    rows, head, row = struct.unpack("<4xIHH", _read_head(dbf, 12))
    words, index_words = (struct.unpack(">24xI", _read_head(file, 28))[0] for file in (path, shx))
    sizes = {path: 2 * words, shx: 2 * index_words, dbf: head + rows * row + END_OF_DBF}
    is_counted = rows == table.size and sizes[shx] == SHAPE_HEAD + INDEX_ENTRY * table.size
    return is_counted and all(file.stat().st_size == size for file, size in sizes.items())


def _read_head(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _is_whole_geopackage(table: Table, path: Path) -> bool:
    """Count the rows, and look for the index in space, which GDAL leaves out without a word."""
    quoted = table.name.replace('"', '""')
    with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
        (rows,) = file.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()  # noqa: S608
        told = "SELECT count(*) FROM gpkg_extensions WHERE table_name = ? AND extension_name = ?"
        indexed = table.geometries is None or file.execute(told, (table.name, RTREE)).fetchone()[0] == 1
    return rows == table.size and indexed


def _counts(table: Table, path: Path) -> bool:
    layer = table.name if path.suffix == ".gdb" else None
    return pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"] == table.size


CHECKS: Mapping[str, Callable[[Table, Path], bool]] = {
    "ESRI Shapefile": _is_whole_shapefile,
    "GPKG": _is_whole_geopackage,
}
"""Checks by GDAL's name of the format; the others count."""
