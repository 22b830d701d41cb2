"""Layers as files for other people's GIS: Shapefile, GeoPackage, GeoJSON, with their evidence and their limits told."""

from __future__ import annotations

from gzmap.export.delivery import export_bytes, export_layers
from gzmap.export.formats import ENCODINGS, FORMATS, Encoding, Format
from gzmap.export.tables import Column, Table

__all__ = ["ENCODINGS", "FORMATS", "Column", "Encoding", "Format", "Table", "export_bytes", "export_layers"]
