"""Write a table with one of GDAL's drivers."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from pyogrio import raw

from gzmap.errors import ExportError
from gzmap.export.limits import format_text
from gzmap.export.tables import Column, Table

INT32_LIMIT = 10**9
"""Whole numbers below this fit nine digits, which a DBF and its readers take as a 32-bit integer."""

_CLOCK = threading.Lock()


@contextlib.contextmanager
def fixed_clock(day: date) -> Iterator[None]:
    """Let GDAL believe that it is midnight of a day, so that the same input gives the same bytes.

    The setting belongs to the process: one export at a time goes through here.
    """
    name = "OGR_CURRENT_DATE"
    with _CLOCK:
        before = pyogrio.get_gdal_config_option(name)
        pyogrio.set_gdal_config_options({name: f"{day.isoformat()}T00:00:00.000Z"})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({name: before})


def export_table(table: Table, path: Path, driver: str, *, crs: str, encoding: str, options: Mapping) -> None:
    """Write a table as one layer of a file; a file that exists gets one more layer.

    Parameters
    ----------
    table
        Texts, numbers and field names that the format holds (see `gzmap.export.limits`).
    path
        The file.
    driver
        GDAL's name of the format.
    crs
        EPSG code of the geometries.
    encoding
        GDAL's name of the text encoding.
    options
        ``dataset`` and ``layer``: creation options of GDAL.

    Raises
    ------
    ExportError
        If GDAL cannot write it.
    """
    spatial = table.geometries is not None
    arrays = [_array(column) for column in table.columns]
    try:
        raw.write(
            path,
            shapely.to_wkb(table.geometries) if spatial else None,
            [values for values, _ in arrays],
            np.array([column.name for column in table.columns], dtype=object),
            field_mask=[mask for _, mask in arrays],
            layer=table.name,
            driver=driver,
            geometry_type=table.geometry_type,
            crs=crs if spatial else None,
            encoding=encoding,
            dataset_options=dict(options.get("dataset", {})),
            layer_options=dict(options.get("layer", {})),
        )
    except RuntimeError as error:  # every error class of pyogrio is one
        raise ExportError(f"{table.name} cannot be written as {driver} ({error}); check the free space.") from error


def _array(column: Column) -> tuple[np.ndarray, np.ndarray | None]:
    """Give a column as an array of GDAL's kind, and which of its values are null where the kind has no null."""
    values = column.values
    if column.kind == "integer":
        mask = np.array([v is None for v in values], dtype=bool)
        whole = [v or 0 for v in values]
        small = all(abs(v) < INT32_LIMIT for v in whole)
        return np.array(whole, dtype="int32" if small else "int64"), mask
    if column.kind == "real":
        return np.array([np.nan if v is None else v for v in values], dtype="float64"), None
    if column.kind == "date":
        return np.array([v or "NaT" for v in values], dtype="datetime64[D]"), None
    texts = np.empty(len(values), dtype=object)
    texts[:] = [format_text(v) for v in values]
    return texts, None
