"""OpenStreetMap land polygons out of the roaring-landmask package, read in plain Python.

The package carries its polygons as xz archives inside its compiled module. The one wanted here is the WKB MultiPolygon
with the most parts (OpenStreetMap; the smaller one is GSHHG).
"""

from __future__ import annotations

import hashlib
import importlib.util
import lzma
import re
import struct
from functools import cache
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

PACKAGE = "roaring_landmask"
XZ_MAGIC = b"\xfd7zXZ\x00"
WKB_MULTIPOLYGON = b"\x01\x06\x00\x00\x00"


def module_path() -> Path:
    """Path of the package's compiled module.

    Raises
    ------
    ModuleNotFoundError
        If roaring-landmask is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("roaring-landmask is needed to make the sea; install the dev requirements")
    return next(Path(spec.submodule_search_locations[0]).glob("*.so"))


def _part_count(archive: bytes) -> int:
    head = lzma.LZMADecompressor().decompress(archive, max_length=9)
    return struct.unpack("<I", head[5:9])[0] if head.startswith(WKB_MULTIPOLYGON) else 0


@cache
def read_wkb() -> bytes:
    """WKB of the OpenStreetMap land polygons (about 150 MB)."""
    data = memoryview(module_path().read_bytes())
    counts = {}
    for match in re.finditer(re.escape(XZ_MAGIC), data):
        try:
            counts[match.start()] = _part_count(bytes(data[match.start() : match.start() + 1_000_000]))
        except lzma.LZMAError:
            continue  # the six magic bytes can also occur in code
    best = max(counts, key=counts.__getitem__)
    return lzma.LZMADecompressor().decompress(data[best:])


def archive_sha256() -> str:
    """Hash of the unpacked land polygons."""
    return hashlib.sha256(read_wkb()).hexdigest()


def read_land(window: BaseGeometry) -> BaseGeometry:
    """Land within a window, WGS 84 degrees."""
    parts = shapely.get_parts(shapely.from_wkb(read_wkb()))
    west, south, east, north = window.bounds
    bounds = shapely.bounds(parts)
    near = (bounds[:, 0] < east) & (bounds[:, 2] > west) & (bounds[:, 1] < north) & (bounds[:, 3] > south)
    return shapely.union_all(shapely.make_valid(parts[near])).intersection(window)
