"""The list of a packet's files with their checksums, as ``sha256sum -c`` reads it."""

from __future__ import annotations

import hashlib
from pathlib import Path

MANIFEST = "MANIFEST.sha256"


def build_manifest(folder: Path) -> str:
    """List every file of a folder and below, ordered by name: SHA-256, two spaces, the path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return "".join(f"{find_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in files)


def find_digest(path: Path) -> str:
    """Give the SHA-256 of a file in hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
