"""Very many parcels against the plan: in windows, resumable, on several cores or on a Dask cluster."""

from __future__ import annotations

from gzmap.screen.job import SUFFIXES, Progress, Screening, open_screening, require_suffix
from gzmap.screen.parcels import WINDOW, Parcels, open_parcels
from gzmap.screen.plan import Plan, build_plan
from gzmap.screen.running import prepare_processes
from gzmap.screen.summary import LISTED, Met, Problem, Summary
from gzmap.screen.writing import PARCELS, TOUCHED

__all__ = [
    "LISTED",
    "PARCELS",
    "SUFFIXES",
    "TOUCHED",
    "WINDOW",
    "Met",
    "Parcels",
    "Plan",
    "Problem",
    "Progress",
    "Screening",
    "Summary",
    "build_plan",
    "open_parcels",
    "open_screening",
    "prepare_processes",
    "require_suffix",
]
