"""Printed sheets: a map at a true scale with all that explains it, as vector PDF or PNG."""

from __future__ import annotations

from gzmap.sheet.pictures import Picture, draw_qr
from gzmap.sheet.tables import build_answer_tables
from gzmap.sheet.typeset import FORMATS, PNG_DPI, Sheet, export_sheet
from gzmap.sheet.views import PAPERS, SCALES, TITLE_CHARS, SheetTable, SheetView

__all__ = [
    "FORMATS",
    "PAPERS",
    "PNG_DPI",
    "SCALES",
    "TITLE_CHARS",
    "Picture",
    "Sheet",
    "SheetTable",
    "SheetView",
    "build_answer_tables",
    "draw_qr",
    "export_sheet",
]
