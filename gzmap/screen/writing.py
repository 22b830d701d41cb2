"""The parts of a run as one file: GeoParquet or GeoPackage, whole or not there."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from pyarrow import compute, parquet

from gzmap import crs as crs_door
from gzmap.config import STORAGE_CRS
from gzmap.errors import ScreenError
from gzmap.files import open_draft
from gzmap.screen.touching import SCHEMA

GEOPARQUET = "1.1.0"
GEOMETRY = "geometry"
PARCELS, TOUCHED = "parcels", "touched"
"""Layer of the parcels and table of what they touch, in a GeoPackage; joined by ``parcel``."""

OF_PARCELS = ("parcel", "label", "parcel_m2", "repaired", "problem", "problem_zh", "problem_en", GEOMETRY)

Parts = Callable[[], Iterator[pa.Table]]


def export_parts(parts: Parts, path: Path) -> Path:
    """Write the parts of a run to one file.

    Parameters
    ----------
    parts
        Gives them in the order of the parcels, each time anew.
    path
        Target file, ending in ``.parquet`` (a row for each parcel and feature, with the parcel's geometry) or
        ``.gpkg`` (the layer `PARCELS` and the table `TOUCHED`).

    Raises
    ------
    OSError
        If it cannot be written.
    """
    with open_draft(path) as inner:
        try:
            WRITERS[path.suffix.lower()](parts, inner / path.name)
        except RuntimeError as error:  # as which pyogrio raises what GDAL tells, a full disk too
            raise OSError(errno.EIO, f"{error}".strip() or "GDAL failed", str(path)) from error
    return path


def _export_parquet(parts: Parts, path: Path) -> None:
    bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])
    # Texts and outlines are written as the dictionaries that they are here, but told as plain ones, which all read.
    options = {"compression": "zstd", "store_schema": False, "dictionary_pagesize_limit": 1 << 26}
    with parquet.ParquetWriter(path, SCHEMA, **options) as writer:
        for part in parts():
            writer.write_table(part.unify_dictionaries(), row_group_size=max(len(part), 1))
            bounds = _widen(bounds, part)
        told = {
            "encoding": "WKB",
            "geometry_types": ["MultiPolygon"],
            "crs": crs_door.dump_projjson(STORAGE_CRS),
            "edges": "planar",
            **({"bbox": bounds.tolist()} if np.isfinite(bounds).all() else {}),
        }
        geo = {"version": GEOPARQUET, "primary_column": GEOMETRY, "columns": {GEOMETRY: told}}
        writer.add_key_value_metadata({"geo": json.dumps(geo)})


def _widen(bounds: np.ndarray, part: pa.Table) -> np.ndarray:
    whole = part[GEOMETRY].combine_chunks().dictionary
    found = shapely.total_bounds(shapely.from_wkb(whole.to_numpy(zero_copy_only=False)))
    with np.errstate(invalid="ignore"):
        return np.concatenate([np.fmin(bounds[:2], found[:2]), np.fmax(bounds[2:], found[2:])])


def _export_geopackage(parts: Parts, path: Path) -> None:
    options = {"driver": "GPKG", "crs": STORAGE_CRS, "geometry_name": GEOMETRY}
    layers = (
        (PARCELS, _take_parcels, {"geometry_type": "MultiPolygon"}),
        (TOUCHED, _take_touched, {}),
    )
    for layer, take, more in layers:
        first = take(next(parts()).slice(0, 0))
        batches = (batch for part in parts() for batch in take(part).to_batches())
        reader = pa.RecordBatchReader.from_batches(first.schema, batches)
        told = {**options, **more} if more else {"driver": "GPKG"}
        pyogrio.write_arrow(reader, path, layer=layer, **told)
    _require_rows(parts, path)


def _take_parcels(part: pa.Table) -> pa.Table:
    """Give a row for each parcel, with how many features it touches, and how many of them certainly."""
    number = part["parcel"].to_numpy()
    firsts = np.flatnonzero(np.diff(number, prepend=-1))
    starts = firsts if len(firsts) else np.zeros(0, dtype=int)
    met = np.asarray(part["feature_id"].is_valid())
    sure = np.asarray(compute.fill_null(compute.equal(part["certainty"].cast(pa.string()), "certain"), False))
    counts = [np.add.reduceat(flags.astype(np.int32), starts) if len(starts) else starts for flags in (met, sure)]
    table = _decode(part.select(OF_PARCELS).take(pa.array(firsts)))
    for name, values in zip(("features", "certain"), counts, strict=True):
        table = table.add_column(3, name, pa.array(values, pa.int32()))
    return table


def _take_touched(part: pa.Table) -> pa.Table:
    dropped = [name for name in OF_PARCELS if name not in ("parcel", "label")]
    return _decode(part.filter(part["feature_id"].is_valid()).drop_columns(dropped))


def _decode(table: pa.Table) -> pa.Table:
    plain = [f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in table.schema]
    arrays = [column.cast(kind).combine_chunks() for column, kind in zip(table.columns, plain, strict=True)]
    fields = [
        pa.field(f.name, kind, metadata={"ARROW:extension:name": "geoarrow.wkb"} if f.name == GEOMETRY else None)
        for f, kind in zip(table.schema, plain, strict=True)
    ]
    return pa.table(arrays, schema=pa.schema(fields))


def _require_rows(parts: Parts, path: Path) -> None:
    """Raise where GDAL has not written every row: of a full disk it does not tell."""
    wanted = [0, 0]
    for part in parts():
        wanted[0] += len(compute.unique(part["parcel"]))
        wanted[1] += len(part) - part["feature_id"].null_count
    held = [pyogrio.read_info(path, layer=n, force_feature_count=True)["features"] for n in (PARCELS, TOUCHED)]
    if held != wanted:
        raise ScreenError(
            f"{path.name} holds {held} rows of {wanted}; check the free space of the disk and run it again.",
            zh=f"{path.name} 只写出 {held} 行（应为 {wanted}）；请检查磁盘空间后再次运行。",
        )


WRITERS: dict[str, Callable[[Parts, Path], None]] = {".parquet": _export_parquet, ".gpkg": _export_geopackage}
"""Writers by the end of the file's name."""
