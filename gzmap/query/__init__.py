"""Questions to an atlas: by name, by place, by words."""

from __future__ import annotations

from gzmap.query.places import Place, find_at, find_drawn
from gzmap.query.text import Hit, find_text
from gzmap.query.words import Evidence, find_evidence, find_neighbours, find_unlocated

__all__ = [
    "Evidence",
    "Hit",
    "Place",
    "find_at",
    "find_drawn",
    "find_evidence",
    "find_neighbours",
    "find_text",
    "find_unlocated",
]
