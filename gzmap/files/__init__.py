"""Text and JSON files: read strictly, written whole or not at all, by one writer at a time."""

from __future__ import annotations

from gzmap.files.reading import dump_json, parse_json, read_bytes, read_json, read_text
from gzmap.files.writing import hold, naming, open_draft, remove_left, replace_file

__all__ = [
    "dump_json",
    "hold",
    "naming",
    "open_draft",
    "parse_json",
    "read_bytes",
    "read_json",
    "read_text",
    "remove_left",
    "replace_file",
]
