"""PostgreSQL with PostGIS as the store that several servers share; the only door to SQLAlchemy and psycopg."""

from __future__ import annotations

from gzmap.database.connection import Engine, find_role, open_engine
from gzmap.database.exchange import Snapshot, import_project, read_project
from gzmap.database.following import Follower, Standing, fetch, follow
from gzmap.database.grants import grant_app
from gzmap.database.mirror import Mirror, export_project
from gzmap.database.own import StoredTitle, drop_own, import_own, list_own, load_own, set_readers
from gzmap.database.review import Fault, check_database
from gzmap.database.settings import Settings, parse_settings
from gzmap.database.shelf import Shelf

__all__ = [
    "Engine",
    "Fault",
    "Follower",
    "Mirror",
    "Settings",
    "Shelf",
    "Snapshot",
    "Standing",
    "StoredTitle",
    "check_database",
    "drop_own",
    "export_project",
    "fetch",
    "find_role",
    "follow",
    "grant_app",
    "import_own",
    "import_project",
    "list_own",
    "load_own",
    "open_engine",
    "parse_settings",
    "read_project",
    "set_readers",
]
