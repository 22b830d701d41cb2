"""The files that parcels come in: what they state, and their geometries and labels piece by piece."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
from pyarrow import parquet

from gzmap.errors import ScreenError
from gzmap.sites import build_error, list_files
from gzmap.sites.guards import NEEDED_PARTS
from gzmap.sites.raw import find_name_field
from gzmap.sites.shapefile import BYTEWISE, LDID_AT, READER_ERRORS, require_shape_file
from gzmap.sites.texts import LDIDS, decode, find_encoding, parse_stated

KINDS = {".shp": "Shapefile", ".gpkg": "GeoPackage", ".gdb": "FileGDB", ".parquet": "GeoParquet"}
LONGITUDE_FIRST = "EPSG:4326"
"""What GeoParquet is in where it says nothing of it: OGC:CRS84, the same with the axes in the order of this project."""

SAMPLE = 20_000
"""Rows by which the encoding of a Shapefile's texts is found."""

HEAD_BYTES = 64


@dataclass(frozen=True)
class Source:
    """One layer of a file.

    ``crs`` is whatever the file says, None where it says nothing; ``bounds`` are in it, None where the file does not
    tell them. ``read`` gives tables of ``wkb`` and ``label``, of about as many rows as it is asked for, in the order
    of the file. ``label`` is the field that the labels are from, empty where there is none.
    """

    path: Path
    kind: str
    layer: str
    count: int
    crs: object
    bounds: np.ndarray | None
    label: str
    read: Callable[[int], Iterator[pa.Table]]


def open_source(path: Path, *, layer: str = "", label: str = "") -> Source:
    """Open a file of parcels.

    Raises
    ------
    SiteError
        If it cannot be read or holds no geometry.
    ScreenError
        If it is of a kind that is not read, there is no such layer or field, or the layer must be chosen.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise ScreenError(
            f"{path.name} is no file of parcels that is read; give one of {', '.join(KINDS)}.",
            zh=f"不读取“{path.name}”这种格式；请提供 {'、'.join(KINDS)}。",
        )
    try:
        if kind == "Shapefile":
            _require_parts(path)
        elif not path.exists():
            raise FileNotFoundError(2, "No such file or directory", str(path))
        with warnings.catch_warnings():
            # What GDAL finds odd and reads all the same is looked at afterwards, by its result.
            warnings.simplefilter("ignore")
            found = _open_parquet(path, label) if kind == "GeoParquet" else _open_gdal(path, kind, layer, label=label)
    except OSError as error:
        raise build_error("unreadable", name=path.name, reason=error.strerror or str(error)) from None
    except (*READER_ERRORS, pa.ArrowException) as error:
        if isinstance(error, ScreenError) or type(error).__module__.startswith("gzmap"):
            raise
        reason = str(error).replace(str(path), path.name) or type(error).__name__
        raise build_error("content-broken", name=path.name, kind=kind, reason=reason) from None
    if not found.count:
        raise build_error("own-empty", name=path.name)
    return found


def _require_parts(path: Path) -> None:
    parts = {file.suffix.lower(): file for file in list_files(path)}
    missing = [suffix for suffix in NEEDED_PARTS if suffix not in parts]
    if missing:
        raise build_error("shapefile-part-missing", stem=path.stem, missing="、".join(missing))
    with path.open("rb") as file:
        require_shape_file(file.read(HEAD_BYTES), path.name)


def _choose_label(wanted: str, columns: list[str], name: str) -> str:
    if not wanted:
        return find_name_field(columns)
    if wanted not in columns:
        raise ScreenError(
            f"{name} has no field {wanted!r}; it has {', '.join(columns) or 'none'}.",
            zh=f"“{name}”没有字段“{wanted}”；有：{'、'.join(columns) or '无'}。",
        )
    return wanted


# --- what GDAL reads


def _choose_layer(path: Path, wanted: str) -> str:
    names = [str(name) for name, geometry in pyogrio.list_layers(path) if geometry]
    if not names:
        raise build_error("own-empty", name=path.name)
    if wanted in names or (len(names) == 1 and not wanted):
        return wanted or names[0]
    told = f"there is no layer {wanted!r}" if wanted else f"there are {len(names)} layers"
    told_zh = f"没有图层“{wanted}”" if wanted else f"有 {len(names)} 个图层"
    raise ScreenError(
        f"In {path.name} {told}; choose one with --layer: {', '.join(names)}.",
        zh=f"“{path.name}”中{told_zh}；请用 --layer 选择：{'、'.join(names)}。",
    )


def _open_gdal(path: Path, kind: str, wanted: str, *, label: str) -> Source:
    layer = _choose_layer(path, wanted)
    is_shape = kind == "Shapefile"
    told = {"encoding": BYTEWISE} if is_shape else {}
    info = pyogrio.read_info(path, layer=layer, force_feature_count=True, force_total_bounds=True, **told)
    fields = [str(field) for field in info["fields"]]
    codec = _find_codec(path, fields) if is_shape else ""
    plain = {_decode(field, codec): field for field in fields}
    chosen = _choose_label(label, list(plain), path.name)
    columns = [plain[chosen]] if chosen else []

    def read(size: int) -> Iterator[pa.Table]:
        options = {"ENCODING": BYTEWISE} if is_shape else {}
        with pyogrio.open_arrow(path, layer=layer, columns=columns, batch_size=size, use_pyarrow=True, **options) as (
            meta,
            reader,
        ):
            name = meta["geometry_name"] or "wkb_geometry"
            for batch in reader:
                texts = _list_texts(batch, plain[chosen]) if chosen else [None] * len(batch)
                yield _build_piece(batch[name], [_decode(text, codec) for text in texts])

    bounds = info["total_bounds"]
    known = None if bounds is None else np.array(bounds, dtype=float)
    return Source(path, kind, layer, info["features"], info["crs"], known, chosen, read)


def _list_texts(batch: pa.RecordBatch, name: str) -> list[str | None]:
    return [None if value is None else str(value) for value in batch[name].to_pylist()]


def _build_piece(wkb: pa.Array, labels: list[str | None]) -> pa.Table:
    return pa.table({"wkb": wkb.cast(pa.binary()), "label": pa.array(labels, pa.string())})


def _decode(text: str | None, codec: str) -> str | None:
    return text if text is None or not codec else decode(text.encode("latin-1", errors="replace"), codec)


def _find_codec(path: Path, fields: list[str]) -> str:
    """Find the encoding of a Shapefile by its names and its first rows, whatever it states."""
    files = {file.suffix.lower(): file for file in list_files(path)}
    with files[".dbf"].open("rb") as file:
        head = file.read(HEAD_BYTES)
    said = files[".cpg"].read_text("ascii", errors="ignore") if ".cpg" in files else ""
    stated = [parse_stated(said), LDIDS.get(head[LDID_AT], "") if len(head) > LDID_AT else ""]
    rows = pyogrio.read_dataframe(path, read_geometry=False, max_features=SAMPLE, encoding=BYTEWISE)
    texts = {v for c in rows.columns for v in rows[c].dropna().unique() if isinstance(v, str)}
    samples = [text.encode("latin-1", errors="replace") for text in (*fields, *sorted(texts))]
    return find_encoding(samples, stated).codec


# --- GeoParquet


def _open_parquet(path: Path, label: str) -> Source:
    with parquet.ParquetFile(path) as file:
        geo = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
        count, columns = file.metadata.num_rows, file.schema_arrow.names
    primary = geo.get("primary_column", "")
    told = geo.get("columns", {}).get(primary, {})
    if primary not in columns or told.get("encoding") != "WKB":
        reason = f"geo: {told.get('encoding') or 'no geometry column'}"
        raise build_error("content-broken", name=path.name, kind="GeoParquet", reason=reason)
    chosen = _choose_label(label, [c for c in columns if c != primary], path.name)

    def read(size: int) -> Iterator[pa.Table]:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=size, columns=[primary, *([chosen] if chosen else [])]):
                labels = _list_texts(batch, chosen) if chosen else [None] * len(batch)
                yield _build_piece(batch[primary], labels)

    bbox = told.get("bbox")
    bounds = None if not bbox else np.array(bbox if len(bbox) == 4 else [*bbox[:2], *bbox[3:5]], dtype=float)
    return Source(path, "GeoParquet", "", count, told.get("crs", LONGITUDE_FIRST), bounds, chosen, read)
