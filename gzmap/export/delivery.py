"""Take layers away: to a file, or to bytes for a download."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas

from gzmap.atlas import Atlas
from gzmap.config import STORAGE_CRS
from gzmap.errors import ExportError
from gzmap.export.frames import build_frame_dataset
from gzmap.export.order import Choices, Order, build_order
from gzmap.export.selection import Selection, build_dataset
from gzmap.export.targets import open_target
from gzmap.export.writers import WRITERS

if TYPE_CHECKING:
    from gzmap.export.progress import Progress


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
    choices = Choices(fmt, crs, encoding)
    dataset = build_dataset(atlas, Selection(tuple(layer_ids)), choices.crs)
    return export_order(build_order(dataset, choices), path)


def export_order(order: Order, path: Path, progress: Progress | None = None) -> Path:
    """Write an order to one file; it is whole or not there.

    Parameters
    ----------
    order
        What is written.
    path
        Target file, in a folder that exists; its end must be the format's.
    progress
        Told before and after; may raise to cancel, and nothing is left behind then.

    Returns
    -------
    Path
        The path as given.

    Raises
    ------
    ExportError
        If the target cannot be written or has the wrong end.
    """
    require_suffix(order, path)
    if progress is not None:
        progress.step(0, 1, path.name)
    with open_target(path) as folder:
        WRITERS[order.choices.fmt](order, folder / path.name)
        if progress is not None:
            progress.step(1, 1, path.name)
    return path


def export_frame(
    frame: geopandas.GeoDataFrame, path: Path, *, layer: str = "", progress: Progress | None = None, **choices: object
) -> Path:
    """Write any GeoDataFrame to one file, with the same checks as the shipped layers.

    Parameters
    ----------
    frame
        With a CRS; geometries may be mixed or missing, columns may have any names and types.
    path
        Target file, in a folder that exists; its end must be the format's.
    layer
        Name of the layer; the file's when empty.
    progress
        As in `export_order`.
    **choices
        Members of `Choices`: ``fmt``, ``crs``, ``encoding``, ``names``, ``fixes`` and the others.

    Returns
    -------
    Path
        The path as given.

    Raises
    ------
    ExportError
        If the format cannot hold the data without a loss that was not accepted, or the target cannot be written.
    CRSError
        If the frame has no CRS, or the CRS asked for is unknown or does not fit.
    """
    chosen = Choices(**choices)
    name = layer or path.name.partition(".")[0]
    dataset = build_frame_dataset({name: frame}, title=name, crs=chosen.crs)
    return export_order(build_order(dataset, chosen), path, progress)


def require_suffix(order: Order, path: Path) -> None:
    """Raise where a file's name does not end as its format wants.

    Raises
    ------
    ExportError
        If so.
    """
    fmt, count = order.fmt, len(order.tables)
    suffixes = (fmt.suffix_many,) if count > 1 else (fmt.suffix, fmt.suffix_many)
    if not path.name.endswith(suffixes):
        allowed = " or ".join(dict.fromkeys(suffixes))
        raise ExportError(
            f"{path.name} must end in {allowed} to hold {count} layer(s) as {order.choices.fmt}; rename it."
        )
