"""Questions to an atlas: by name, by place, by words."""

from __future__ import annotations

from gzmap.query.accounts import (
    CITYWIDE,
    OUTSIDE,
    Totals,
    count_accounts,
    find_accounts,
    find_chapter,
    find_districts,
)
from gzmap.query.places import Place, find_at, find_drawn
from gzmap.query.report import FeatureReport, find_report
from gzmap.query.text import Hit, find_text
from gzmap.query.words import Evidence, find_evidence, find_neighbours, find_unlocated

__all__ = [
    "CITYWIDE",
    "OUTSIDE",
    "Evidence",
    "FeatureReport",
    "Hit",
    "Place",
    "Totals",
    "count_accounts",
    "find_accounts",
    "find_at",
    "find_chapter",
    "find_districts",
    "find_drawn",
    "find_evidence",
    "find_neighbours",
    "find_report",
    "find_text",
    "find_unlocated",
]
