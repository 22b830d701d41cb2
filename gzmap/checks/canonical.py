"""Put all data files of a project into their canonical form."""

from __future__ import annotations

from pathlib import Path

from gzmap.catalog import derive, dump_layer, read_catalog, read_layer
from gzmap.config import CATALOG_FILE, LEDGER_FILE, MENTIONS_FILE, SOURCES_FILE, TOPONYMS_FILE
from gzmap.errors import CatalogError
from gzmap.files import dump_json, hold, read_bytes, read_json, remove_left, replace_file
from gzmap.ledger import dump_ledger, read_ledger
from gzmap.mentions import dump_mentions, read_mentions


def format_project(root: Path, *, write: bool) -> tuple[Path, ...]:
    """Bring every data file into canonical form, the catalogue's derived blocks computed anew.

    Parameters
    ----------
    root
        The folder that holds ``layers/`` and ``geodata/``.
    write
        Whether to write the files that differ; nothing is written when any file is broken.

    Returns
    -------
    tuple
        Paths of the files that differ, from ``root``; empty when all are canonical.

    Raises
    ------
    CatalogError, MentionError, LedgerError
        If a file is broken, or somebody saved one meanwhile; the message names it and the remedy.
    BusyError
        If another process writes the project's files.
    OSError
        If a file cannot be written; it is what it was then.
    """
    if not write:
        return tuple(path for path, (before, after) in _compare(root).items() if before != after)
    with hold(root, "gzmap format"):
        compared = _compare(root)
        for folder in {(root / path).parent for path in compared}:
            remove_left(folder)
        different = tuple(path for path, (before, after) in compared.items() if before != after)
        for path in different:
            before, after = compared[path]
            # An editor knows nothing of our lock: what it saved since must not be lost.
            if read_bytes(root / path) != before:
                raise CatalogError(
                    f"{root / path}: was saved by somebody meanwhile and is left as it is; run this again."
                )
            replace_file(root / path, after)
    return different


def _compare(root: Path) -> dict[Path, tuple[bytes, bytes]]:
    """Give the bytes of every data file as they are and as they should be."""
    # What is there is read first: a file that is saved between the two readings is then no longer as it was.
    before = {path: read_bytes(root / path) for path in list_files(root)}
    return {path: (before[path], text.encode()) for path, text in dump_project(root).items()}


def list_files(root: Path) -> tuple[Path, ...]:
    """List the data files that have a canonical form, as paths from ``root``.

    Raises
    ------
    CatalogError
        If the catalogue is broken.
    """
    layers = (Path(entry.path) for entry in read_catalog(root).entries.values())
    kept = (path for path in (MENTIONS_FILE, LEDGER_FILE) if (root / path).exists())
    return (*layers, CATALOG_FILE, SOURCES_FILE, TOPONYMS_FILE, *kept)


def dump_project(root: Path) -> dict[Path, str]:
    """Give the canonical text of every data file, by path from ``root``.

    Raises
    ------
    CatalogError, MentionError, LedgerError
        As `format_project`.
    """
    wanted = _dump_layers(root)
    for path in (SOURCES_FILE, TOPONYMS_FILE):
        wanted[path] = dump_json(read_json(root / path))
    if (root / MENTIONS_FILE).exists():
        wanted[MENTIONS_FILE] = dump_mentions(read_mentions(root / MENTIONS_FILE))
    if (root / LEDGER_FILE).exists():
        wanted[LEDGER_FILE] = dump_ledger(read_ledger(root / LEDGER_FILE))
    return wanted


def _dump_layers(root: Path) -> dict[Path, str]:
    """Give the canonical text of every layer and of the catalogue with their derived blocks."""
    texts: dict[Path, str] = {}
    raw = read_json(root / CATALOG_FILE)
    entries = read_catalog(root).entries
    for line in raw["layers"]:
        path = Path(entries[line["id"]].path)
        features = read_layer(root / path)
        try:
            texts[path] = dump_layer(features)
            line["derived"] = derive(features, texts[path].encode())
        except CatalogError as error:
            raise CatalogError(f"{root / path}: {error}") from None
    return texts | {CATALOG_FILE: dump_json(raw)}
