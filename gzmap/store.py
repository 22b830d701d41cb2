"""Where the data of a running service come from: the shared database where one is named, else a project's folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gzmap.atlas import find_root, open_atlas

if TYPE_CHECKING:
    from gzmap.database import Follower

DATABASE = "GZMAP_DATABASE_URL"


def find_store(variables: Mapping[str, str]) -> Follower | None:
    """Find the database that ``GZMAP_DATABASE_URL`` names; None where the files are the store.

    Parameters
    ----------
    variables
        Of the environment.

    Raises
    ------
    DatabaseError
        If the address is none.
    """
    if not variables.get(DATABASE, "").strip():
        return None
    # Imported here: what speaks to databases takes a while to load, and most projects are files.
    from gzmap.database import follow, parse_settings  # noqa: PLC0415

    return follow(parse_settings(variables), open_atlas)


def find_project(variables: Mapping[str, str]) -> Path:
    """Find the project folder that is served.

    The copy of what the shared database holds; without one the folder that ``GZMAP_ROOT`` names, else the nearest one
    at or above the working directory.

    Parameters
    ----------
    variables
        Of the environment.

    Raises
    ------
    DatabaseError
        If the database cannot be reached and never could be.
    CatalogError
        If there is no project folder.
    """
    store = find_store(variables)
    return store.find_folder() if store is not None else find_root(Path(variables.get("GZMAP_ROOT") or Path.cwd()))
