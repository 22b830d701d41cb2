"""What a run found, in numbers: for the terminal and the workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

LISTED = 10_000
"""Parcels with a problem that are listed one by one; the others are only counted."""

COLUMNS = ["parcel", "label", "feature_id", "certainty", "overlap_m2", "overlap_m"]
PROBLEMS = ["parcel", "label", "problem", "problem_zh", "problem_en"]


class Problem(NamedTuple):
    """A parcel that was not screened, and why."""

    parcel: int
    label: str | None
    code: str
    zh: str
    en: str


@dataclass
class Met:
    """A feature of the plan: by how many parcels it is met, by how many certainly, and what they share with it."""

    parcels: int = 0
    certain: int = 0
    overlap_m2: float = 0.0
    overlap_m: float = 0.0


@dataclass
class Summary:
    """Numbers of a run; ``parcels`` are ``touched``, ``untouched``, or of ``problems`` by code."""

    parcels: int = 0
    rows: int = 0
    touched: int = 0
    certain: int = 0
    repaired: int = 0
    features: dict[str, Met] = field(default_factory=dict)
    problems: Counter[str] = field(default_factory=Counter)
    listed: list[Problem] = field(default_factory=list)

    @property
    def untouched(self) -> int:
        """Parcels that were screened and touch nothing."""
        return self.parcels - self.touched - self.problems.total()


def build_summary(parts: Iterable[pa.Table]) -> Summary:
    """Add up the parts of a run, in the order of the parcels: the sums are the same each time, to the last bit."""
    summary = Summary()
    for part in parts:
        frame = part.select(COLUMNS).to_pandas()
        met = frame[frame["feature_id"].notna()]
        summary.parcels += frame["parcel"].nunique()
        summary.rows += len(met)
        summary.touched += met["parcel"].nunique()
        summary.certain += met.loc[met["certainty"] == "certain", "parcel"].nunique()
        _add_features(summary, met)
        _add_problems(summary, part)
    summary.features = dict(sorted(summary.features.items()))
    return summary


def _add_features(summary: Summary, met: pd.DataFrame) -> None:
    groups = met.assign(sure=met["certainty"] == "certain").groupby("feature_id", observed=True)
    sums = groups.agg(
        parcels=("parcel", "size"),
        certain=("sure", "sum"),
        overlap_m2=("overlap_m2", "sum"),
        overlap_m=("overlap_m", "sum"),
    )
    for feature_id, row in zip(sums.index, sums.to_dict("records"), strict=True):
        found = summary.features.setdefault(str(feature_id), Met())
        found.parcels += int(row["parcels"])
        found.certain += int(row["certain"])
        found.overlap_m2 += float(row["overlap_m2"])
        found.overlap_m += float(row["overlap_m"])


def _add_problems(summary: Summary, part: pa.Table) -> None:
    summary.repaired += len(part.filter(part["repaired"])["parcel"].unique())
    rows = part.filter(part["problem"].is_valid()).select(PROBLEMS).to_pylist()
    summary.problems.update(row["problem"] for row in rows)
    summary.listed += [Problem(*row.values()) for row in rows[: LISTED - len(summary.listed)]]
