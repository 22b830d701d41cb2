"""Rows of the benchmark: samples, medians, ratios, aims, and the table that shows them."""

from __future__ import annotations

import statistics
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

HEAD = ("", "what", "ours", "peer", "peer is", "ours ÷ peer", "aim", "")


@dataclass(frozen=True)
class Aim:
    """What a row should reach.

    ``kind`` is ``"ratio"`` (ours ÷ peer at most ``limit``), ``"less"`` (ours at least ``limit`` times less than the
    peer), ``"most"`` (ours at most ``limit``) or ``"always"`` (every sample of ours is ``limit``).
    """

    kind: str
    limit: float

    def format(self, unit: str) -> str:
        """Say the aim in a few characters."""
        amount = f"{self.limit:g}"
        words = {
            "ratio": f"≤ {amount}×",
            "less": f"≥ {amount}× less",
            "most": f"≤ {amount} {unit}".rstrip(),
            "always": f"always {amount}",
        }
        return words[self.kind]


@dataclass(frozen=True)
class Row:
    """One comparison: samples of ours and of a peer, in one unit (``"ms"``, or ``""`` for counts)."""

    number: int
    what: str
    unit: str
    ours: Sequence[float]
    peer: Sequence[float] = ()
    peer_name: str = ""
    aims: Sequence[Aim] = ()

    @property
    def ratio(self) -> float | None:
        """Ours ÷ peer, of the medians; None without a peer, or where the peer's is 0."""
        peer = statistics.median(self.peer) if self.peer else 0.0
        return statistics.median(self.ours) / peer if peer else None

    def is_met(self, aim: Aim) -> bool:
        """Whether an aim is reached; one that needs a ratio is missed where there is none."""
        if aim.kind == "most":
            return statistics.median(self.ours) <= aim.limit
        if aim.kind == "always":
            return all(sample == aim.limit for sample in self.ours)
        limit = aim.limit if aim.kind == "ratio" else 1 / aim.limit
        return self.ratio is not None and self.ratio <= limit

    def describe(self) -> dict:
        """Give the row as plain data: samples, medians, and each aim with its outcome."""
        return {
            **asdict(self),
            "ours_median": statistics.median(self.ours),
            "peer_median": statistics.median(self.peer) if self.peer else None,
            "ratio": self.ratio,
            "aims": [{**asdict(aim), "met": self.is_met(aim)} for aim in self.aims],
        }


def format_samples(samples: Sequence[float], unit: str) -> str:
    """Show the median, and the range of the samples where they differ."""
    if not samples:
        return "–"
    middle, low, high = statistics.median(samples), min(samples), max(samples)
    spread = "" if low == high else f" ({_number(low)}–{_number(high)})"
    return f"{_number(middle)}{f' {unit}' if unit else ''}{spread}"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def format_ratio(ratio: float | None) -> str:
    """Show a ratio; a small one as the fraction that it is."""
    if ratio is None:
        return "–"
    return f"1/{1 / ratio:.0f}" if 0 < ratio < 0.1 else f"{ratio:.2f}"


def format_table(rows: Iterable[Row]) -> str:
    """Format the rows as one table in plain text, numbers as measured, each aim with its outcome."""
    cells = [HEAD, *map(_cells, rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(c + " " * (w - _width(c)) for c, w in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([lines[0], "-" * max(map(_width, lines)), *lines[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    verdict = "" if not row.aims else "met" if all(map(row.is_met, row.aims)) else "missed"
    return (
        f"({row.number})",
        row.what,
        format_samples(row.ours, row.unit),
        format_samples(row.peer, row.unit),
        row.peer_name or "–",
        format_ratio(row.ratio),
        ", ".join(aim.format(row.unit) for aim in row.aims) or "–",
        verdict,
    )


def _width(text: str) -> int:
    """Columns of a terminal that a text takes: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
