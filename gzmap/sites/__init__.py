"""What a person brings to ask about: read, made sure of, told in Chinese and English, and never kept."""

from __future__ import annotations

from gzmap.errors import SiteError
from gzmap.sites.layers import LAYER_SUFFIXES, Layer, list_files, read_layers
from gzmap.sites.placing import SITE_CRS
from gzmap.sites.point import Spot, parse_point
from gzmap.sites.problems import Note, build_error, build_note
from gzmap.sites.reading import Part, Site, parse_site, read_site

__all__ = [
    "LAYER_SUFFIXES",
    "SITE_CRS",
    "Layer",
    "Note",
    "Part",
    "Site",
    "SiteError",
    "Spot",
    "build_error",
    "build_note",
    "list_files",
    "parse_point",
    "parse_site",
    "read_layers",
    "read_site",
]
