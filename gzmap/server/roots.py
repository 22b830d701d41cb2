"""Which project is served, and which of its files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gzmap import store
from gzmap.atlas import Atlas
from gzmap.errors import NotFoundError

if TYPE_CHECKING:
    from gzmap.database import Follower

DATA_FOLDERS = ("geodata", "layers")


def find_store() -> Follower | None:
    """Find the shared database that is served, as `gzmap.store.find_store`."""
    return store.find_store(os.environ)


def find_served_root() -> Path:
    """Find the project folder to serve, as `gzmap.store.find_project`."""
    return store.find_project(os.environ)


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


def describe_store() -> dict:
    """Describe how it stands with the database, JSON-ready; empty where the files are the store.

    Returns
    -------
    dict
        ``database`` with ``status`` (``"ok"``, ``"away"``, or ``"refused"`` where a newer version cannot be opened),
        the ``version`` that is served (0: a copy kept from before the start) and, when away, ``since`` (UTC).
    """
    shared = find_store()
    if shared is None:
        return {}
    standing = shared.standing
    status = "away" if standing.away_since else "refused" if standing.refused else "ok"
    since = {"since": standing.away_since.isoformat(timespec="seconds")} if standing.away_since else {}
    return {"database": {"status": status, "version": standing.version, **since}}
