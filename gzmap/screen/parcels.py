"""Parcels in a file, read in windows: never the whole of it at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pyarrow as pa
import shapely

from gzmap import crs as crs_door
from gzmap.config import SITE_MARGIN_DEG, STORAGE_CRS
from gzmap.errors import ScreenError
from gzmap.screen.sources import Source, open_source
from gzmap.sites import build_error
from gzmap.sites.placing import ask, find_stated, refuse_place, require_known
from gzmap.sites.shapefile import READER_ERRORS
from gzmap.sites.zones import is_fitting, is_meeting

WINDOW = 10_000
"""Parcels of a window: some 50 MB while they are screened, a second of work, a hundred windows of a million."""


@dataclass(frozen=True)
class Window:
    """Parcels that are screened together.

    ``number`` counts windows from 0, ``first`` is the number of the first parcel, from 1. ``wkb`` and ``labels`` have
    an entry for each; ``crs`` is the EPSG code of the coordinates, or ``"GCJ-02"``. With ``repair`` a boundary that
    crosses itself is mended, not refused.
    """

    number: int
    first: int
    wkb: pa.Array
    labels: pa.Array
    crs: str
    repair: bool


@dataclass(frozen=True)
class Parcels:
    """A file of parcels, made sure of; read in ``crs``, in windows of ``window`` parcels."""

    source: Source
    crs: str
    window: int = WINDOW
    repair: bool = False

    @property
    def count(self) -> int:
        """Number of the parcels."""
        return self.source.count

    @property
    def windows(self) -> int:
        """Number of the windows."""
        return -(-self.count // self.window)

    def read_windows(self) -> Iterator[Window]:
        """Read the windows in the order of the file.

        Raises
        ------
        SiteError
            If the file breaks off or cannot be read on.
        ScreenError
            If it holds another number of parcels than it states.
        """
        first = 1
        for number, (wkb, labels) in enumerate(_cut(self.source, self.window)):
            yield Window(number, first, wkb, labels, self.crs, self.repair)
            first += len(wkb)
        if first - 1 != self.count:
            name = self.source.path.name
            raise ScreenError(
                f"{name} states {self.count} parcels and holds {first - 1}; it may be written to just now, or be "
                "broken: export it again.",
                zh=f"“{name}”写明有 {self.count} 宗地块，实有 {first - 1} 宗；可能正被写入或已损坏，请重新导出。",
            )


def open_parcels(
    path: Path, *, layer: str = "", crs: str = "", label: str = "", repair: bool = False, window: int = WINDOW
) -> Parcels:
    """Open a file of parcels, and make sure that it can be screened.

    Parameters
    ----------
    path
        A Shapefile, GeoPackage, File Geodatabase or GeoParquet.
    layer
        Which layer; needed where there are several.
    crs
        EPSG code of the coordinates, or ``"GCJ-02"``; it goes before what the file says.
    label
        Field that tells parcels apart; where empty, the likeliest is taken.
    repair
        Whether boundaries that cross themselves are mended.
    window
        Parcels that are read and screened together.

    Raises
    ------
    SiteError
        If the file cannot be read, has no CRS or one that is not known or puts it far from Guangzhou; the message
        names the file and the remedy, and codes that would fit.
    ScreenError
        If there is no such layer or field, several layers and none chosen, or no parcel.
    """
    source = open_source(path, layer=layer, label=label)
    is_displaced = crs_door.find_alias(crs) == crs_door.GCJ02
    stated = crs or _find_stated(source)
    bounds = _peek(source, window)
    if not stated:
        raise ask(bounds, "crs-missing", name=path.name)
    code = STORAGE_CRS if is_displaced else require_known(stated)
    if len(bounds) and not (is_fitting(bounds, code) or _meets(source.bounds, code)):
        raise refuse_place(bounds, code, path.name)
    return Parcels(source, crs_door.GCJ02 if is_displaced else code, window, repair)


def _find_stated(source: Source) -> str:
    if source.crs is None:
        return ""
    return find_stated(geopandas.GeoDataFrame(geometry=[], crs=source.crs))


def _peek(source: Source, size: int) -> np.ndarray:
    """Give the bounds of each parcel of the first window; those without any are left out."""
    wkb, _ = next(_cut(source, size), (pa.array([], pa.binary()), None))
    bounds = shapely.bounds(shapely.from_wkb(wkb.to_numpy(zero_copy_only=False), on_invalid="ignore"))
    return bounds[np.isfinite(bounds).all(axis=1)]


def _meets(bounds: np.ndarray | None, code: str) -> bool:
    """Tell whether a file as a whole meets Guangzhou: its first parcels may be those of a neighbour."""
    if bounds is None or not np.isfinite(bounds).all():
        return False
    boxes = crs_door.find_boxes(bounds[None, :], code)
    return bool((is_meeting(boxes, margin_deg=SITE_MARGIN_DEG) & (boxes[:, 2] - boxes[:, 0] < 90)).all())


def _cut(source: Source, size: int) -> Iterator[tuple[pa.Array, pa.Array]]:
    """Cut what a reader gives, in pieces as large as it likes, into windows."""
    kept: list[pa.Table] = []
    held = 0
    with contextlib.closing(_read(source, size)) as pieces:
        for piece in pieces:
            kept, held = [*kept, piece], held + len(piece)
            while held >= size:
                whole = pa.concat_tables(kept)
                yield _part(whole[:size])
                kept, held = [whole[size:]], held - size
    if held:
        yield _part(pa.concat_tables(kept))


def _part(table: pa.Table) -> tuple[pa.Array, pa.Array]:
    # Made anew: a slice would be sent about with all that it was cut from.
    wkb, labels = (table[name].combine_chunks() for name in ("wkb", "label"))
    return pa.array(wkb.to_pylist(), pa.binary()), pa.array(labels.to_pylist(), pa.string())


def _read(source: Source, size: int) -> Iterator[pa.Table]:
    try:
        yield from source.read(size)
    except READER_ERRORS as error:
        name = source.path.name
        reason = str(error).replace(str(source.path), name) or type(error).__name__
        raise build_error("content-broken", name=name, kind=source.kind, reason=reason) from None
