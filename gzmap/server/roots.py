"""Which project is served, and which of its files."""

from __future__ import annotations

import os
from pathlib import Path

from gzmap.atlas import Atlas, find_root
from gzmap.errors import NotFoundError

DATA_FOLDERS = ("geodata", "layers")


def find_served_root() -> Path:
    """Find the project folder to serve: ``GZMAP_ROOT``, else the nearest one at or above the working directory."""
    return find_root(Path(os.environ.get("GZMAP_ROOT") or Path.cwd()))


def require_data_file(atlas: Atlas, name: str) -> Path:
    """Find the file behind ``<layer_id>.geojson``; the path comes from the catalogue, never from the request.

    Raises
    ------
    NotFoundError
        If there is no such readable layer, or its file lies outside the data folders (a symbolic link, ``..``).
    """
    layer_id = name.removesuffix(".geojson")
    entry = atlas.catalog.require_entry(layer_id)
    if not name.endswith(".geojson") or layer_id in atlas.broken:
        raise NotFoundError(atlas.broken.get(layer_id, f"Ask for /data/{layer_id}.geojson."))
    path = (atlas.root / entry.path).resolve()
    if not any(path.is_relative_to((atlas.root / folder).resolve()) for folder in DATA_FOLDERS):
        raise NotFoundError(f"The file of layer {layer_id!r} lies outside {' and '.join(DATA_FOLDERS)}/.")
    return path
