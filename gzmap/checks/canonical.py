"""Put all data files of a project into their canonical form."""

from __future__ import annotations

from pathlib import Path

from gzmap.catalog import derive, dump_layer, read_catalog, read_layer
from gzmap.config import CATALOG_FILE, LEDGER_FILE, MENTIONS_FILE, SOURCES_FILE, TOPONYMS_FILE
from gzmap.files import dump_json, read_json, read_text
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
        If a file is broken; the message names it and the remedy.
    """
    wanted = _dump_layers(root)
    for path in (SOURCES_FILE, TOPONYMS_FILE):
        wanted[path] = dump_json(read_json(root / path))
    if (root / MENTIONS_FILE).exists():
        wanted[MENTIONS_FILE] = dump_mentions(read_mentions(root / MENTIONS_FILE))
    if (root / LEDGER_FILE).exists():
        wanted[LEDGER_FILE] = dump_ledger(read_ledger(root / LEDGER_FILE))
    different = tuple(path for path, text in wanted.items() if read_text(root / path) != text)
    if write:
        for path in different:
            write_text(root / path, wanted[path])
    return different


def _dump_layers(root: Path) -> dict[Path, str]:
    """Give the canonical text of every layer and of the catalogue with their derived blocks."""
    texts: dict[Path, str] = {}
    raw = read_json(root / CATALOG_FILE)
    entries = read_catalog(root).entries
    for line in raw["layers"]:
        path = Path(entries[line["id"]].path)
        features = read_layer(root / path)
        texts[path] = dump_layer(features)
        line["derived"] = derive(features, texts[path].encode())
    return texts | {CATALOG_FILE: dump_json(raw)}


def write_text(path: Path, text: str) -> None:
    """Write a file as UTF-8, whole or not at all."""
    # A reader, or a crash, must never see half a layer.
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(text.encode())
    draft.replace(path)
