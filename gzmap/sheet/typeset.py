"""The sheet as a file: set by typst from the template, as PDF or as pictures."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path

import typst

from gzmap.atlas import Atlas
from gzmap.errors import ExportError
from gzmap.sheet.compose import Draft, build_draft
from gzmap.sheet.fonts import find_fonts
from gzmap.sheet.views import SheetView

TEMPLATE = Path(__file__).parent / "templates" / "sheet.typ"
FORMATS = ("pdf", "png")
PNG_DPI = 200


@dataclass(frozen=True)
class Sheet:
    """A printed sheet.

    ``pages`` holds the whole PDF as its one member, or one PNG for each page, the map first. ``scale`` is the
    denominator, ``bounds_m`` the map's west, south, east, north in `config.METRIC_CRS`. ``shown`` and ``unlocated``
    are ids of the plan's features that are drawn, and that belong to the map's layers and have no place. ``remarks``
    are what the user should know, as ``(code, words)``.
    """

    pages: tuple[bytes, ...] = field(repr=False)
    fmt: str
    scale: int
    bounds_m: tuple[float, float, float, float]
    shown: tuple[str, ...]
    unlocated: tuple[str, ...]
    remarks: tuple[tuple[str, str], ...]


def export_sheet(
    atlas: Atlas, view: SheetView, *, fmt: str = "pdf", font_folder: Path | None = None, dpi: int = PNG_DPI
) -> Sheet:
    """Print a view.

    The same view of the same data gives the same bytes: the only date is that of the plan's edition.

    Parameters
    ----------
    atlas
        The data.
    view
        What to show.
    fmt
        ``"pdf"`` (vectors, text that can be selected) or ``"png"``.
    font_folder
        Folder with fonts to look in besides the system's.
    dpi
        Dots per inch of PNGs, which say so themselves and so print at the true scale.

    Raises
    ------
    ExportError
        If the format is not known, no font with Chinese letters is installed, or the sheet cannot be set.
    NotFoundError
        If a layer or the selected feature is not there.
    CatalogError
        If a layer's file is broken.
    """
    if fmt not in FORMATS:
        raise ExportError.unknown("Format", fmt, FORMATS, where="the list")
    fonts, family = find_fonts(font_folder)
    draft = build_draft(atlas, view, family)
    pages = _set(draft, fonts, fmt, dpi=dpi)
    return Sheet(pages, fmt, draft.frame.scale, draft.frame.bounds_m, draft.shown, draft.unlocated, draft.remarks)


@lru_cache(maxsize=1)
def _read_template() -> bytes:
    return TEMPLATE.read_bytes()


def _set(draft: Draft, fonts: typst.Fonts, fmt: str, *, dpi: int) -> tuple[bytes, ...]:
    try:
        made = typst.compile(
            _read_template(),
            format=fmt,
            ppi=dpi,
            font_paths=fonts,
            sys_inputs={"sheet": json.dumps(draft.content, ensure_ascii=False)},
            timestamp=datetime.combine(draft.day, time(), tzinfo=UTC),
        )
    except typst.TypstError as error:
        raise ExportError(f"The sheet cannot be set ({error.message}); leave out what was added last.") from error
    pages = (made,) if isinstance(made, bytes) else tuple(made)
    return tuple(_stamp_resolution(page, dpi) for page in pages) if fmt == "png" else pages


def _stamp_resolution(png: bytes, dpi: int) -> bytes:
    """Write the resolution into a PNG, behind its header, so that programs print it in its true size."""
    header_end = 8 + 25
    body = b"pHYs" + struct.pack(">IIB", *[round(dpi / 0.0254)] * 2, 1)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:header_end] + chunk + png[header_end:]
