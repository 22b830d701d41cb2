"""Whole layers of a file on the disk: the planner's own, with all their fields."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import shapely

from gzmap import crs as crs_door
from gzmap.config import OWN_FEATURES, OWN_FILE_BYTES, SITE_MARGIN_DEG, STORAGE_CRS
from gzmap.errors import CRSError
from gzmap.sites.guards import MEGABYTE, NEEDED_PARTS
from gzmap.sites.placing import ask, find_stated, refuse_place, require_known
from gzmap.sites.problems import Note, build_error, build_note
from gzmap.sites.raw import find_name_field
from gzmap.sites.shapefile import READER_ERRORS, read_frame, read_shapefile, require_shape_file
from gzmap.sites.zones import is_meeting, is_within

LAYER_SUFFIXES = (".shp", ".gpkg", ".gdb", ".geojson", ".json")
KINDS = {".shp": "Shapefile", ".gpkg": "GeoPackage", ".gdb": "FileGDB", ".geojson": "GeoJSON", ".json": "GeoJSON"}
HEAD_BYTES = 64
CHINA_BBOX = (70.0, 0.0, 140.0, 56.0)
"""A layer of a planner may cover more than the city, but not other countries' zones."""


@dataclass(frozen=True)
class Layer:
    """One layer of a file. ``frame`` is in storage CRS, with the file's fields; ``crs`` is the EPSG code it was in.

    ``name`` is the layer's own, empty where the file holds one only; ``name_field`` is the field with the features'
    names, empty when none is known to.
    """

    name: str
    frame: geopandas.GeoDataFrame
    crs: str
    name_field: str
    notes: tuple[Note, ...]


def read_layers(path: Path, *, most: int = 0) -> tuple[Layer, ...]:
    """Read the layers with geometry of a Shapefile, GeoPackage, File Geodatabase or GeoJSON.

    Parameters
    ----------
    path
        A file with a suffix of `LAYER_SUFFIXES`, which a person put there: unlike what `read_site` is given, it is
        trusted to be what it seems.
    most
        Most features of a layer; 0 for `config.OWN_FEATURES`, what one machine draws with ease.

    Returns
    -------
    tuple
        At least one layer, in the order of the file.

    Raises
    ------
    SiteError
        If the file is of another kind, too large, broken, or has no layer with geometry; or if a layer has too many
        features, no CRS, one that is not known, or one that puts it far from Guangzhou. The message names the file and
        the remedy.
    """
    suffix, most = path.suffix.lower(), most or OWN_FEATURES
    if path.is_dir() and suffix != ".gdb":
        raise build_error("unreadable", name=path.name, reason="folder")
    if suffix not in LAYER_SUFFIXES:
        raise build_error("own-kind", name=path.name)
    if any("\ud800" <= char <= "\udfff" for char in str(path)):
        raise build_error("own-name", name=path.name)
    try:
        _require_size(path)
        return _read_shape(path, most) if suffix == ".shp" else _read_all(path, KINDS[suffix], most)
    except OSError as error:
        raise build_error("unreadable", name=path.name, reason=error.strerror or str(error)) from None


def list_files(path: Path) -> list[Path]:
    """List the files that make up what a path names: the parts of a Shapefile, the files of a geodatabase."""
    suffix = path.suffix.lower()
    if suffix == ".shp":
        wanted = {*NEEDED_PARTS, ".prj", ".cpg"}
        return sorted(p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() in wanted)
    if path.is_dir():
        return sorted(p for p in path.iterdir() if p.is_file() and not p.name.endswith(".lock"))
    journal = path.with_name(f"{path.name}-wal")
    return [path, journal] if suffix == ".gpkg" and journal.exists() and journal.stat().st_size else [path]


def _require_size(path: Path) -> None:
    size = sum(file.stat().st_size for file in list_files(path))
    if size > OWN_FILE_BYTES:
        facts = {"size_mb": f"{size / MEGABYTE:.0f}", "limit_mb": OWN_FILE_BYTES // MEGABYTE}
        raise build_error("too-large", name=path.name, **facts)
    if not size:
        raise build_error("empty", name=path.name)


def _read_shape(path: Path, most: int) -> tuple[Layer, ...]:
    parts = {file.suffix.lower(): file for file in list_files(path)}
    missing = [suffix for suffix in NEEDED_PARTS if suffix not in parts]
    if missing:
        raise build_error("shapefile-part-missing", stem=path.stem, missing="、".join(missing))
    require_shape_file(_read_head(path), path.name)
    cpg = parts[".cpg"].read_bytes() if ".cpg" in parts else None
    head = _read_head(parts[".dbf"])
    frame, notes = read_shapefile(path, path.name, dbf_head=head, cpg=cpg, max_features=most + 1)
    return (_build_layer(frame, "", path.name, notes=notes, most=most),)


def _read_head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _read_all(path: Path, kind: str, most: int) -> tuple[Layer, ...]:
    # Imported here: GDAL takes a while to load, and who has no own layers does not need it.
    import pyogrio  # noqa: PLC0415

    if kind == "GeoJSON" and not _read_head(path).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        raise build_error("content-broken", name=path.name, kind=kind, reason="{")
    try:
        listed = [(str(name), geometry) for name, geometry in pyogrio.list_layers(path)]
    except READER_ERRORS as error:
        reason = str(error).replace(str(path), path.name)
        raise build_error("content-broken", name=path.name, kind=kind, reason=reason) from None
    names = [name for name, geometry in listed if geometry]
    if not names:
        raise build_error("own-empty", name=path.name)
    layers = []
    for name in names:
        told = path.name if len(names) == 1 else f"{path.name} / {name}"
        frame = read_frame(path, told, kind, max_features=most + 1, layer=name)
        layers.append(_build_layer(frame, name if len(names) > 1 else "", told, notes=[], most=most))
    return tuple(layers)


def _build_layer(frame: geopandas.GeoDataFrame, name: str, told: str, *, notes: list[Note], most: int) -> Layer:
    if len(frame) > most:
        raise build_error("own-too-many", name=told, count=len(frame), limit=most)
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    shapes[shapely.is_empty(shapes)] = None
    frame = frame.set_geometry(geopandas.GeoSeries(shapes, index=frame.index, crs=frame.crs), crs=frame.crs)
    bounds = np.atleast_2d(shapely.total_bounds(shapes))
    stated = find_stated(frame)
    if not stated:
        raise ask(bounds, "crs-missing", name=told)
    code = require_known(stated)
    if not np.isnan(bounds).all() and not _is_here(bounds, code):
        raise refuse_place(bounds, code, told)
    unlocated = int(shapely.is_missing(shapes).sum())
    told_notes = (*notes, *([build_note("own-unlocated", count=unlocated)] if unlocated else []))
    return Layer(name, _convert(frame, code, told), code, _find_name_field(frame), told_notes)


def _is_here(bounds: np.ndarray, code: str) -> bool:
    """Tell whether a layer meets Guangzhou without reaching beyond the country: else its zone or axes are wrong."""
    boxes = crs_door.find_boxes(bounds, code)
    return bool((is_within(boxes, CHINA_BBOX) & is_meeting(boxes, margin_deg=SITE_MARGIN_DEG)).all())


def _convert(frame: geopandas.GeoDataFrame, code: str, name: str) -> geopandas.GeoDataFrame:
    try:
        return crs_door.convert(frame.set_crs(code, allow_override=True), STORAGE_CRS)
    except CRSError as error:
        raise build_error("content-broken", name=name, kind=code, reason=str(error)) from None


def _find_name_field(frame: geopandas.GeoDataFrame) -> str:
    return find_name_field([str(c) for c in frame.columns if c != frame.geometry.name])
