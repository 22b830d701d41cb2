"""Write a table with one of GDAL's drivers."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow
import pyogrio
import shapely
from pyarrow import compute
from pyogrio import raw

from gzmap.errors import ExportError
from gzmap.export.tables import SEPARATOR, Column, Table, find_length, format_text, list_texts
from gzmap.export.values import Values
from gzmap.export.wholeness import require_whole

INT32_LIMIT = 10**9
"""Whole numbers below this fit nine digits, which a DBF and its readers take as a 32-bit integer."""

GEOMETRY = "wkb_geometry"
"""Column of the geometries on the way to GDAL, longer where a field has that name; the format names it in the file."""

ALIAS = "GDAL:OGR:alternative_name"
WIDTH = "GDAL:OGR:width"
"""Keys under which GDAL looks for the title and the width of a field."""

ARROW_TYPES = {
    "text": pyarrow.string(),
    "integer": pyarrow.int64(),
    "real": pyarrow.float64(),
    "date": pyarrow.date32(),
    "boolean": pyarrow.bool_(),
}

NO_WAITING: Mapping[str, str] = {"OGR_SQLITE_SYNCHRONOUS": "OFF", "OGR_SQLITE_JOURNAL": "MEMORY"}
_CLOCK = threading.Lock()


@contextlib.contextmanager
def scratch_settings(day: date) -> Iterator[None]:
    """Let GDAL believe that it is midnight of a day, so that the same input gives the same bytes, and not wait.

    SQLite would wait for the disk several times a table, for seconds in all. That would keep a database whole through
    a loss of power; this one is in a temporary place, and on the disk before it is moved (see `open_target`).

    The settings belong to the process: one export at a time goes through here.
    """
    settings = {"OGR_CURRENT_DATE": f"{day.isoformat()}T00:00:00.000Z", **NO_WAITING}
    with _CLOCK:
        before = {name: pyogrio.get_gdal_config_option(name) for name in settings}
        pyogrio.set_gdal_config_options(settings)
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options(before)


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
        ``dataset`` and ``layer``: creation options of GDAL; ``aliases``: whether the fields' titles go into the file;
        ``codec``: Python's name of the encoding, for a Shapefile whose texts are encoded here; ``widths``:
        the widths in bytes that a field of texts may have, and Python's name of the encoding in which they count.

    Raises
    ------
    ExportError
        If GDAL cannot write it.
    """
    spatial = table.geometries is not None
    codec = options.get("codec", "")
    # GDAL encodes text by text, which takes as long as all the rest: what is encoded already it writes as it is.
    layer = {**options.get("layer", {}), **({"ENCODING": ""} if codec else {})}
    arrow = build_arrow(table, aliases=options.get("aliases", False), codec=codec, widths=options.get("widths"))
    try:
        raw.write_arrow(
            arrow,
            path,
            layer=table.name,
            driver=driver,
            geometry_name=arrow.column_names[-1] if spatial else None,
            geometry_type=table.geometry_type,
            crs=crs if spatial else None,
            encoding=None if codec else encoding,
            dataset_options=dict(options.get("dataset", {})),
            layer_options=layer,
        )
    except RuntimeError as error:  # every error class of pyogrio is one
        raise ExportError(
            f"{table.name} cannot be written as {driver} ({error}); check the free space, or take another format."
        ) from error
    require_whole(table, path, driver)


def build_arrow(
    table: Table, *, aliases: bool = False, codec: str = "", widths: tuple[Sequence[int], str] | None = None
) -> pyarrow.Table:
    """Give a table as Arrow, which GDAL takes in a third less time than value by value, to the same bytes.

    Parameters
    ----------
    table
        Any table; its geometries become a last column of WKB, named `GEOMETRY` where no field is.
    aliases
        Whether each field carries its title, as GDAL's metadata.
    codec
        Python's name of the encoding in which texts are given as bytes; UTF-8 when empty.
    widths
        Widths in bytes, ascending, and the encoding in which they count; a field of texts gets the first that holds
        them all. GDAL's own is 80 where that does, which makes a file three times as large as it need be.
    """
    arrays = [_encode(c, codec) if codec and c.kind == "text" else _build_array(c) for c in table.columns]
    fields = [
        pyarrow.field(
            c.name, a.type, metadata=_describe(c, aliases=aliases, width=_find_width(c, a, widths, codec=codec))
        )
        for c, a in zip(table.columns, arrays, strict=True)
    ]
    if table.geometries is not None:
        arrays.append(pyarrow.array(shapely.to_wkb(table.geometries), pyarrow.binary()))
        taken = {c.name.lower() for c in table.columns}
        fields.append(pyarrow.field(next(n for n in _lengthen(GEOMETRY) if n not in taken), pyarrow.binary()))
    return pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields))


def _describe(column: Column, *, aliases: bool, width: int | None) -> dict[str, str]:
    """Give GDAL's metadata of a field."""
    told = {ALIAS: column.title} if aliases and column.title else {}
    return told if width is None else {**told, WIDTH: str(width)}


def _find_width(
    column: Column, array: pyarrow.Array, widths: tuple[Sequence[int], str] | None, *, codec: str
) -> int | None:
    """Find the width of a field of texts, None for other fields."""
    if widths is None or column.kind != "text":
        return None
    steps, counted = widths
    # What is encoded already need not be encoded to be measured.
    is_measured = counted in {codec, "utf-8"}
    longest = (compute.max(compute.binary_length(array)).as_py() if is_measured else find_length(column, counted)) or 0
    return next((width for width in steps if width >= longest), longest)


def _lengthen(name: str) -> Iterator[str]:
    """Give a name, then longer and longer ones."""
    return (f"{name}{'_' * more}" for more in itertools.count())


def _build_array(column: Column) -> pyarrow.Array:
    values = column.values
    if column.kind == "datetime":
        return _build_moments(values)
    if isinstance(values, Values):
        array = pyarrow.array(values.array, ARROW_TYPES[column.kind], mask=values.mask)
    elif column.kind == "text":
        array = pyarrow.array([format_text(v) for v in values], pyarrow.string())
    elif column.kind == "date":
        array = pyarrow.array(np.array([v or "NaT" for v in values], dtype="datetime64[D]"))
    else:
        array = pyarrow.array(values, ARROW_TYPES[column.kind])
    if column.kind == "integer":
        low, high = (limit.as_py() or 0 for limit in compute.min_max(array).values())
        array = array.cast(pyarrow.int32()) if -INT32_LIMIT < low <= high < INT32_LIMIT else array
    return array


def _encode(column: Column, codec: str) -> pyarrow.Array:
    """Encode texts all at once, and give the bytes as if they were UTF-8, which GDAL does not look at."""
    texts = list_texts(column.values)
    encoded = SEPARATOR.join([text or "" for text in texts]).encode(codec).split(SEPARATOR.encode())
    if len(encoded) != len(texts):  # a text holds the separator, or there is none
        encoded = [(text or "").encode(codec) for text in texts]
    if isinstance(column.values, Values):  # knows already what is missing
        mask = column.values.mask
    else:
        mask = np.fromiter((text is None for text in texts), dtype=bool, count=len(texts))
    return pyarrow.array(encoded, pyarrow.binary(), mask=mask).view(pyarrow.string())


def _build_moments(values: Sequence) -> pyarrow.Array:
    """Give times in the one zone that they have, in UTC where they have several, without a zone where none has."""
    moments = [None if v is None else datetime.fromisoformat(v) for v in values]
    zones = {m.utcoffset() for m in moments if m is not None}
    zone = None
    if zones - {None}:
        offset = zones.pop() if len(zones) == 1 else timedelta(0)
        ahead = datetime.fromtimestamp(abs(offset).total_seconds(), UTC)
        zone = f"{'-' if offset < timedelta(0) else '+'}{ahead:%H:%M}"
        moments = [None if m is None else m if m.tzinfo else m.replace(tzinfo=UTC) for m in moments]
    return pyarrow.array(moments, pyarrow.timestamp("ms", tz=zone))
