"""Where the database is, and where copies of it are kept: read from the environment's variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

URL_VARIABLE = "GZMAP_DATABASE_URL"
CACHE_VARIABLE = "GZMAP_CACHE"


@dataclass(frozen=True)
class Settings:
    """The database's address, and the folder of the copies."""

    url: str
    cache: Path


def parse_settings(variables: Mapping[str, str]) -> Settings | None:
    """Read the settings; None where no database is named, and the files are the store.

    Parameters
    ----------
    variables
        Those of the environment. ``GZMAP_CACHE`` names the folder of the copies; without it they are in the user's
        folder for such things.
    """
    url = variables.get(URL_VARIABLE, "").strip()
    if not url:
        return None
    named = variables.get(CACHE_VARIABLE, "").strip()
    usual = Path(variables.get("XDG_CACHE_HOME", "").strip() or Path.home() / ".cache")
    return Settings(url, Path(named) if named else usual / "gzmap")
