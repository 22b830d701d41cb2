"""A team's own file as data to deliver: any vector file that GDAL reads."""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import replace
from pathlib import Path

import geopandas
import pyogrio

from gzmap import crs as crs_door
from gzmap.errors import CRSError, ExportError
from gzmap.export.frames import build_frame_dataset
from gzmap.export.losses import CHANGED, NOTE, Loss
from gzmap.export.markup import clean_text
from gzmap.export.order import Dataset

SHAPEFILE, UNSTATED = "ESRI Shapefile", "ISO-8859-1"
"""GDAL's name of the format, and the encoding that it takes for one that says none."""

LIKELY = ("utf-8", "gbk", "iso-8859-1")
SHOWN = 12
"""Characters of a text that a message shows."""


def read_frames(
    path: Path, *, layer: str = "", encoding: str = "", crs: str = ""
) -> tuple[dict[str, geopandas.GeoDataFrame], list[str]]:
    """Read the layers of a file.

    Parameters
    ----------
    path
        A file or folder that GDAL reads, zips included.
    layer
        The layer to take; all with a geometry when empty.
    encoding
        Encoding of its texts, where the file says none or the wrong one.
    crs
        EPSG code of its coordinates, where the file says none.

    Returns
    -------
    tuple
        Frames by layer name, and the names of the tables without geometry, which are not read.

    Raises
    ------
    ExportError
        If the file does not exist, cannot be read, has no such layer, or no layer with a geometry.
    CRSError
        If a layer has no CRS and none is given, or the code is unknown.
    """
    if not path.exists():
        raise ExportError(f"{path} does not exist; correct the path.")
    kinds = _list_layers(path)
    if layer and layer not in kinds:
        raise ExportError.unknown("Layer", layer, kinds, where=str(path))
    chosen = [name for name in kinds if name == layer] if layer else [name for name, kind in kinds.items() if kind]
    frames = {name: _read_layer(path, name, encoding=encoding, crs=crs) for name in chosen}
    if not frames:
        raise ExportError(f"{path} has no layer with a geometry; a table of coordinates must become points first.")
    return frames, [name for name in kinds if name not in frames and not layer]


def read_dataset(path: Path, *, to: str, layer: str = "", encoding: str = "", crs: str = "") -> Dataset:
    """Read a file as data to deliver in a CRS.

    Parameters
    ----------
    path, layer, encoding, crs
        As in `read_frames`.
    to
        EPSG code that the geometries are converted to.

    Raises
    ------
    ExportError, CRSError
        As `read_frames` and `build_frame_dataset`.
    """
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        frames, left_out = read_frames(path, layer=layer, encoding=encoding, crs=crs)
    dataset = build_frame_dataset(frames, title=path.stem, crs=to)
    messages = dict.fromkeys(clean_text(str(warning.message)) for warning in warned)
    told = [Loss("input", NOTE, detail=f"读取时的提示：{text}", detail_en=f"on reading: {text}") for text in messages]
    told += [
        Loss(
            "table-left-out", CHANGED, name, detail="没有几何的表，不写出",
            detail_en="is a table without geometry and is left out",
        )
        for name in left_out
    ]  # fmt: skip
    return replace(dataset, losses=(*told, *dataset.losses))


def _list_layers(path: Path) -> dict[str, str]:
    """List the layers of a file with their type of geometry, empty where they have none."""
    try:
        return {str(name): str(kind or "") for name, kind in pyogrio.list_layers(path)}
    except RuntimeError as error:  # every error class of pyogrio is one
        raise ExportError(
            f"{path} cannot be read ({error}); give a vector file such as .shp, .gpkg or .geojson."
        ) from error


def _read_layer(path: Path, name: str, *, encoding: str, crs: str) -> geopandas.GeoDataFrame:
    try:
        frame = geopandas.read_file(path, layer=name, engine="pyogrio", **({"encoding": encoding} if encoding else {}))
    except (UnicodeError, LookupError) as error:
        raise ExportError(
            f"The texts of layer {name!r} in {path} are not {encoding or 'in the encoding that the file says'} "
            f"({error}); name the right one with --input-encoding, for instance gbk."
        ) from error
    except (RuntimeError, ValueError) as error:
        raise ExportError(f"Layer {name!r} of {path} cannot be read ({error}); repair the file.") from error
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise ExportError(f"Layer {name!r} of {path} has no geometry; name another with --layer.")
    if not encoding:
        _require_stated_encoding(path, name, frame)
    if frame.crs is None:
        if not crs:
            raise CRSError(
                f"Layer {name!r} of {path} does not say its CRS, and a guess could be kilometres wrong; name it with "
                "--input-crs, for instance EPSG:4490 or EPSG:4547."
            )
        frame = frame.set_crs(crs_door.describe_crs(crs) and crs)
    return frame


def _require_stated_encoding(path: Path, name: str, frame: geopandas.GeoDataFrame) -> None:
    """Raise where the texts of a Shapefile were read in the encoding that GDAL takes when none is stated.

    Raises
    ------
    ExportError
        If so: Chinese reads as garbage then, and would be written as such.
    """
    is_stated = any(cpg.exists() for cpg in (path.with_suffix(".cpg"), path / f"{name}.cpg"))
    told = pyogrio.read_info(path, layer=name)
    if is_stated or told["driver"] != SHAPEFILE or told["encoding"] != UNSTATED:
        return
    values = (v for column in frame.select_dtypes(["object", "str"]) for v in frame[column] if isinstance(v, str))
    odd = next((text for text in (*map(str, frame.columns), *values) if not text.isascii()), "")
    if odd:
        raise ExportError(
            f"The texts of layer {name!r} in {path} do not say their encoding, and are not all ASCII; name it with "
            f"--input-encoding: {_list_readings(odd)}."
        )


def _list_readings(text: str) -> str:
    """List what a text, read byte by byte, says in the likely encodings."""
    raw = text.encode(UNSTATED, "replace")
    readings = {}
    for encoding in LIKELY:
        with contextlib.suppress(UnicodeDecodeError):
            readings[encoding] = raw.decode(encoding)[:SHOWN]
    return " or ".join(f"in {encoding} one of them is {reading!r}" for encoding, reading in readings.items())
