"""Take layers away: to a file, or to bytes for a download."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from gzmap.atlas import Atlas
from gzmap.config import STORAGE_CRS
from gzmap.errors import ExportError
from gzmap.export.files import open_target
from gzmap.export.formats import require_format
from gzmap.export.order import build_order
from gzmap.export.writers import WRITERS


def export_layers(
    atlas: Atlas,
    layer_ids: Sequence[str],
    path: Path,
    *,
    fmt: str,
    crs: str = STORAGE_CRS,
    encoding: str = "utf-8",
) -> Path:
    """Write layers to one file.

    A Shapefile is always a zip, with the data dictionary, the evidence and README.txt beside it; a GeoPackage holds
    all of these as tables; several layers as GeoJSON are a zip too. Features without geometry are kept. The same
    input gives the same bytes. The file is whole or not there: an older one is replaced at the end.

    Parameters
    ----------
    atlas
        Where the layers are.
    layer_ids
        Plan or base layers, at least one; one named twice counts once.
    path
        Target file, in a folder that exists; its end must be the format's.
    fmt
        A key of `FORMATS`: ``shp``, ``gpkg`` or ``geojson``.
    crs
        EPSG code; coordinates are written easting or longitude first.
    encoding
        A key of `ENCODINGS`, for the attribute table of Shapefiles: ``utf-8`` or ``gbk``.

    Returns
    -------
    Path
        The path as given.

    Raises
    ------
    ExportError
        If no layer is named, the target cannot be written or has the wrong end, or the format cannot hold the data.
    NotFoundError, CatalogError
        If a layer does not exist or is broken.
    CRSError
        If the CRS is unknown, of another datum, or its area of use does not hold the data.
    """
    order = build_order(atlas, layer_ids, format_name=fmt, crs=crs, encoding_name=encoding)
    suffixes = (order.fmt.suffix_many,) if len(order.tables) > 1 else (order.fmt.suffix, order.fmt.suffix_many)
    if path.suffix not in suffixes:
        allowed = " or ".join(dict.fromkeys(suffixes))
        raise ExportError(
            f"{path.name} must end in {allowed} to hold {len(order.tables)} layer(s) as {fmt}; rename it."
        )
    with open_target(path) as folder:
        WRITERS[fmt](order, folder / path.name)
    return path


def export_bytes(
    atlas: Atlas, layer_ids: Sequence[str], *, fmt: str, crs: str = STORAGE_CRS, encoding: str = "utf-8"
) -> tuple[bytes, str]:
    """Write layers to memory.

    Parameters
    ----------
    atlas, layer_ids, fmt, crs, encoding
        As in `export_layers`.

    Returns
    -------
    tuple
        The bytes, and an ASCII file name such as ``gzmap_waterways_4490.zip``.

    Raises
    ------
    ExportError, NotFoundError, CatalogError, CRSError
        As `export_layers`.
    """
    chosen = list(dict.fromkeys(layer_ids))
    limits = require_format(fmt)
    suffix = limits.suffix if len(chosen) == 1 else limits.suffix_many
    layers = chosen[0] if len(chosen) == 1 else f"{len(chosen)}_layers"
    parts = ["gzmap", layers, crs.rpartition(":")[2]]
    parts += [encoding.lower()] if encoding.lower() != "utf-8" else []
    parts += [fmt] if suffix == ".zip" and not limits.packed else []
    with tempfile.TemporaryDirectory(prefix="gzmap-") as folder:
        path = export_layers(atlas, chosen, Path(folder) / f"gzmap{suffix}", fmt=fmt, crs=crs, encoding=encoding)
        return path.read_bytes(), f"{'_'.join(parts)}{suffix}"
