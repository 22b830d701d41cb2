"""Named findings about the data under review, its canonical form, and proposals for what people then decide."""

from __future__ import annotations

from gzmap.checks.canonical import dump_project, format_project
from gzmap.checks.findings import CODES, Finding
from gzmap.checks.measures import Measure, find_lengths
from gzmap.checks.proposals import propose_for
from gzmap.checks.review import check_atlas

__all__ = [
    "CODES",
    "Finding",
    "Measure",
    "check_atlas",
    "dump_project",
    "find_lengths",
    "format_project",
    "propose_for",
]
