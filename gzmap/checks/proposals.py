"""Propose the mentions of a project's features."""

from __future__ import annotations

from pathlib import Path

from gzmap.atlas import list_words
from gzmap.catalog import read_catalog, read_layer
from gzmap.config import MENTIONS_FILE, PLAN_DIR, TOPONYMS_FILE
from gzmap.document import parse_document
from gzmap.files import read_json, read_text
from gzmap.mentions import dump_mentions, propose_mentions, read_mentions, read_toponyms


def propose_for(root: Path) -> str:
    """Propose the mentions of all plan features from their names and aliases and from the toponyms.

    Parameters
    ----------
    root
        The folder that holds ``layers/`` and ``geodata/``.

    Returns
    -------
    str
        Text of ``layers/mentions.jsonl`` in canonical form; what people decided (``method`` ``manual``) is kept.

    Raises
    ------
    CatalogError, DocumentError, MentionError
        If a file that this needs is broken.
    """
    document = parse_document(read_text(root / PLAN_DIR / "plan.txt"), read_json(root / PLAN_DIR / "meta.json"))
    features = [f for e in read_catalog(root).plan_entries for f in read_layer(root / e.path)]
    names = {f["id"]: list_words(f["properties"]) for f in features}
    kept = read_mentions(root / MENTIONS_FILE) if (root / MENTIONS_FILE).exists() else ()
    return dump_mentions(propose_mentions(document, names, read_toponyms(root / TOPONYMS_FILE), kept=kept))
