"""What layers there are, where they come from, and the one way to read and write their files."""

from __future__ import annotations

from gzmap.catalog.layers import derive, dump_layer, format_geometry, load_layer, parse_geometry, read_layer
from gzmap.catalog.register import Catalog, Entry, Feature, Group, Preset, parse_entry, parse_preset, read_catalog

__all__ = [
    "Catalog",
    "Entry",
    "Feature",
    "Group",
    "Preset",
    "derive",
    "dump_layer",
    "format_geometry",
    "load_layer",
    "parse_entry",
    "parse_geometry",
    "parse_preset",
    "read_catalog",
    "read_layer",
]
