"""Following the database: a change is there within a second, an outage is told and outlived."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gzmap.database.connection import GONE, open_engine, telling
from gzmap.database.exchange import Snapshot, read_project
from gzmap.database.mirror import Mirror
from gzmap.database.settings import Settings
from gzmap.database.shelf import Shelf
from gzmap.database.tables import CHANNEL, VERSION
from gzmap.errors import DatabaseAwayError, DatabaseError, GzmapError

log = logging.getLogger(__name__)

LOOK_S = 0.5
"""How often the version is looked at where no word comes: some proxies in between do not pass LISTEN on."""

RETRY_S = 1.0
FIRST_S = 20.0
"""Longest wait for the first answer of the database."""


@dataclass(frozen=True)
class Standing:
    """How it stands with the database.

    ``version`` is that of the data that are served, 0 while nothing has been read since the start. ``away_since`` is
    when the database went away (UTC), None while it is there. ``refused`` says why a newer version is not taken; empty
    when what is served is what the database holds.
    """

    version: int = 0
    away_since: datetime | None = None
    refused: str = ""


class Follower:
    """Keeps a copy of the database's project that is never older than a second, while the database is there.

    A thread of its own listens and reads; nobody who asks for the data ever waits for the database, but for the first.

    Parameters
    ----------
    engine, mirror
        Where to read, and where to keep what was read.
    probe
        Opens a project folder, or raises a `GzmapError`: a version that cannot be opened is not taken.
    """

    def __init__(self, engine: Engine, mirror: Mirror, probe: Callable[[Path], object]) -> None:
        self._engine, self._mirror, self._probe = engine, mirror, probe
        self._shelf = Shelf(engine)
        self._folder: Path | None = None
        self._seen = ("", 0)
        self._read: Snapshot | None = None
        self._error = DatabaseError()
        self._standing = Standing()
        self._settled, self._stop, self._begin = threading.Event(), threading.Event(), threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def engine(self) -> Engine:
        """For questions to the database itself."""
        return self._engine

    @property
    def shelf(self) -> Shelf:
        """The bureau's own layers."""
        return self._shelf

    @property
    def standing(self) -> Standing:
        """How it stands now."""
        return self._standing

    def find_folder(self) -> Path:
        """Find the project folder to serve now: the last whole one, also while the database is away.

        Raises
        ------
        DatabaseError
            If nothing has ever been read.
        """
        with self._begin:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="gzmap-database", daemon=True)
                self._thread.start()
        self._settled.wait(FIRST_S)
        folder = self._folder
        if folder is None:
            raise self._error if str(self._error) else DatabaseAwayError(GONE[0], zh=GONE[1])
        return folder

    def close(self) -> None:
        """Stop following; the copies stay."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._engine.dispose()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with telling(), self._engine.connect() as plain:
                    self._listen(plain.execution_options(isolation_level="AUTOCOMMIT"))
            except DatabaseError as error:
                self._note(error)
            except Exception as error:
                # A thread that ends silently would serve old data for ever.
                log.exception("following the database failed")
                self._note(DatabaseError(f"The database cannot be followed ({error}); see the log."))
            self._stop.wait(RETRY_S)

    def _listen(self, connection: Connection) -> None:
        driver: psycopg.Connection = connection.connection.driver_connection
        driver.execute(f"LISTEN {CHANNEL}")
        while not self._stop.is_set():
            row = connection.execute(sa.select(VERSION.c.n, VERSION.c.identity)).one()
            found = (str(row.identity), row.n)
            if found != self._seen:
                self._take(found)
            elif self._standing.away_since is not None:
                log.warning("the database is there again, at version %s", row.n)
                self._standing = replace(self._standing, away_since=None)
            for _ in driver.notifies(timeout=LOOK_S, stop_after=1):
                break

    def _take(self, found: tuple[str, int]) -> None:
        """Read what is there; what cannot be opened or kept is told, and the last good copy stays."""
        self._shelf.refresh()
        try:
            snapshot = read_project(self._engine, self._read)
            found = snapshot.identity, snapshot.version
            folder = self._mirror.write(snapshot)
            self._probe(folder)
        except DatabaseError:
            raise
        except GzmapError as error:
            # The same version would not open the next time either: the next change is waited for.
            self._seen = found
            self._refuse(found[1], str(error))
        except OSError as error:
            # A full disk may be emptied: the same version is tried again.
            self._refuse(found[1], f"the copy cannot be written ({error.strerror}); make room for it")
        else:
            self._seen, self._read, self._folder = found, snapshot, folder
            self._standing = Standing(version=snapshot.version)
        self._settled.set()

    def _refuse(self, version: int, reason: str) -> None:
        if self._standing.refused != reason:
            log.error("version %s of the database is not taken: %s", version, reason)
        self._error = DatabaseError(f"What the database holds cannot be opened: {reason}")
        self._folder = self._folder or self._find_kept()
        self._standing = replace(self._standing, away_since=None, refused=reason)

    def _find_kept(self) -> Path | None:
        """Find the copy of an earlier start, if it can be opened."""
        latest = self._mirror.find_latest()
        if latest is None:
            return None
        try:
            self._probe(latest)
        except GzmapError as error:
            log.error("the kept copy cannot be opened: %s", error)
            return None
        return latest

    def _note(self, error: DatabaseError) -> None:
        self._error = error
        self._folder = self._folder or self._find_kept()
        if self._standing.away_since is None:
            log.error("the database is away: %s", error)
            self._standing = replace(self._standing, away_since=datetime.now(UTC))
        self._settled.set()


_FOLLOWERS: dict[Settings, Follower] = {}
_LOCK = threading.Lock()


def follow(settings: Settings, probe: Callable[[Path], object]) -> Follower:
    """Follow a database; one follower for each in a process.

    Parameters
    ----------
    settings
        Its address, and where copies are kept.
    probe
        As for `Follower`.

    Raises
    ------
    DatabaseError
        If the address is none.
    """
    with _LOCK:
        if settings not in _FOLLOWERS:
            engine = open_engine(settings.url)
            _FOLLOWERS[settings] = Follower(engine, Mirror(settings.cache, engine.url), probe)
        return _FOLLOWERS[settings]


def fetch(settings: Settings) -> Path:
    """Read the database once, for a command that ends after its answer.

    Returns
    -------
    Path
        A project folder with what the database holds now.

    Raises
    ------
    DatabaseError
        If it cannot be read.
    OSError
        If the copy cannot be written.
    """
    engine = open_engine(settings.url)
    try:
        return Mirror(settings.cache, engine.url).write(read_project(engine))
    finally:
        engine.dispose()
