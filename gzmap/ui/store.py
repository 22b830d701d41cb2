"""The shared database, as the page sees it: which data it shows, and what it says when the database is away."""

from __future__ import annotations

import os
from datetime import timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from gzmap import store
from gzmap.ui.words import Lang, say

if TYPE_CHECKING:
    from gzmap.database import Follower

CHINA = timezone(timedelta(hours=8))


def find_store() -> Follower | None:
    """Find the shared database that is shown, as `gzmap.store.find_store`."""
    return store.find_store(os.environ)


def find_shown_root() -> Path:
    """Find the project folder to show, as `gzmap.store.find_project`."""
    return store.find_project(os.environ)


def describe_store(lang: Lang) -> list[str]:
    """Say that the database is away, or that its newest version cannot be shown; nothing when all is well."""
    shared = find_store()
    if shared is None:
        return []
    standing = shared.standing
    if standing.away_since is not None:
        since = standing.away_since.astimezone(CHINA).strftime("%m-%d %H:%M")
        return [say("database_away", lang, since=since)]
    return [say("database_refused", lang)] if standing.refused else []
