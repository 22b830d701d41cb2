"""Copies of what the database holds, as project folders: what is served is always a whole folder of one moment."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
import time
from pathlib import Path

from sqlalchemy.engine import URL

from gzmap.config import CATALOG_FILE
from gzmap.database.exchange import Snapshot
from gzmap.files import hold, naming, open_draft, remove_left, replace_file

log = logging.getLogger(__name__)
KEPT = 3
"""Copies that stay, whatever their age: a request that began with one must find it to its end."""

KEPT_S = 3600
"""Age in seconds below which no copy is taken away."""

DRAFT = ".new-"


class Mirror:
    """The folder of copies of one database.

    A copy is made beside its place and moved there when it is whole, so that several servers may share the folder
    and none sees half a copy. It stays when the server ends: the next one has it when the database is away.

    Parameters
    ----------
    cache
        Folder that holds those of all databases; made where it is missing, for its owner alone.
    url
        Of the database; its password does not matter.
    """

    def __init__(self, cache: Path, url: URL) -> None:
        named = url.set(password=None).render_as_string()
        self.folder = cache / hashlib.sha256(named.encode()).hexdigest()[:16]

    def write(self, snapshot: Snapshot) -> Path:
        """Write a copy, or find the one that is the same.

        Returns
        -------
        Path
            A project folder.

        Raises
        ------
        OSError
            If the disk refuses; nothing half is left then.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self.folder / _name(snapshot)
        if not target.is_dir():
            before = self.find_latest()
            draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=self.folder))
            try:
                with naming(self.folder):
                    for path, content in snapshot.texts.items():
                        if before is None or not _share(before / path, draft / path, content):
                            _write(draft / path, content)
                    _move(draft, target)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        # The one that was used last is the one to begin with.
        os.utime(target)
        self._clear(target)
        return target

    def find_latest(self) -> Path | None:
        """Find the copy that was current last; None where there is none."""
        copies = self._list()
        return copies[0] if copies else None

    def _list(self) -> list[Path]:
        found = [path for path in self.folder.glob("[0-9]*") if (path / CATALOG_FILE).is_file()]
        return sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)

    def _clear(self, current: Path) -> None:
        """Take away old copies, and what a killed server has left."""
        oldest = time.time() - KEPT_S
        for path in [*self._list()[KEPT:], *self.folder.glob(f"{DRAFT}*")]:
            if path != current and path.stat().st_mtime < oldest:
                if path.name.startswith(DRAFT):
                    log.warning("%s: left half-written by a server that was killed; removed.", path)
                shutil.rmtree(path, ignore_errors=True)


def export_project(snapshot: Snapshot, folder: Path) -> tuple[Path, ...]:
    """Write a project's files into a folder; what is there already is left alone, files of the same name replaced.

    Parameters
    ----------
    snapshot
        What the database holds.
    folder
        A project folder, or one that does not exist yet: that is there whole or not at all.

    Returns
    -------
    tuple
        Paths, from the folder, of the files that were written: those whose bytes were others.

    Raises
    ------
    BusyError
        If another process writes the files of this folder.
    OSError
        If the disk refuses. A file is the old one or the new one then, never half of one.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.is_dir():
        # One that was killed just after it had made the folder.
        remove_left(folder.parent)
        with hold(folder, "gzmap db export"):
            return _replace_files(snapshot, folder)
    with open_draft(folder) as inner:
        for path, content in snapshot.texts.items():
            _write(inner / folder.name / path, content)
    return tuple(map(Path, snapshot.texts))


def _replace_files(snapshot: Snapshot, folder: Path) -> tuple[Path, ...]:
    for place in {(folder / path).parent for path in snapshot.texts}:
        place.mkdir(parents=True, exist_ok=True)
        remove_left(place)
    different = [path for path, content in snapshot.texts.items() if not _holds(folder / path, content)]
    for path in different:
        replace_file(folder / path, snapshot.texts[path])
    return tuple(map(Path, different))


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _name(snapshot: Snapshot) -> str:
    digest = hashlib.sha256()
    for path, content in sorted(snapshot.texts.items()):
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return f"{snapshot.version}-{digest.hexdigest()[:16]}"


def _share(before: Path, path: Path, content: bytes) -> bool:
    """Share a file of the copy before if it has this content; tells whether it does.

    Most changes are of one layer, and to have forty files on the disk for certain takes longer than all the rest.
    """
    try:
        if not _holds(before, content):
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(before, path)
    except OSError as error:
        # The other copy was taken away meanwhile, or this disk knows no links: then the file is written.
        log.debug("%s is not shared: %s", before, error)
        return False
    return True


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        # A copy that outlives a power cut must not have empty files.
        os.fsync(file.fileno())


def _move(draft: Path, target: Path) -> None:
    try:
        draft.rename(target)
    except OSError:
        # Another server was faster, with the same bytes; else the disk itself refuses.
        if not target.is_dir():
            raise
