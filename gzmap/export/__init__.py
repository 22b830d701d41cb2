"""Layers as files for other people's GIS, with their evidence and with everything told that a file cannot hold."""

from __future__ import annotations

from gzmap.export.delivery import export_frame, export_layers, export_order
from gzmap.export.encodings import ENCODINGS, Encoding
from gzmap.export.formats import FORMATS, Format
from gzmap.export.frames import build_frame_dataset
from gzmap.export.losses import Loss
from gzmap.export.naming import SCHEMES
from gzmap.export.order import Choices, Dataset, Order, build_order
from gzmap.export.preflight import check_order
from gzmap.export.selection import Selection, build_dataset
from gzmap.export.tables import Column, Table

__all__ = [
    "ENCODINGS",
    "FORMATS",
    "SCHEMES",
    "Choices",
    "Column",
    "Dataset",
    "Encoding",
    "Format",
    "Loss",
    "Order",
    "Selection",
    "Table",
    "build_dataset",
    "build_frame_dataset",
    "build_order",
    "check_order",
    "export_frame",
    "export_layers",
    "export_order",
]
