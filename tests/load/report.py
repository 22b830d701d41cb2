"""Figures of a load test, and whether they reach the aim."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

AIM = {"click p95 (s)": 2.0, "errors": 0, "MB per closed session": 1.0}


@dataclass(frozen=True)
class Sample:
    """One look at the service: seconds since the start, MB of all processes, open and closed pages, cores used."""

    at_s: float
    rss_mb: float
    sessions: int
    closed: int
    cores: float


def find_quantile(values: Sequence[float], share: float) -> float:
    """Find the value that a share of all values does not exceed; NaN where there is none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def find_slope(pairs: Sequence[tuple[float, float]]) -> float:
    """Find the slope of the straight line nearest to points; NaN where the abscissae do not differ."""
    if len({x for x, _ in pairs}) < 2:
        return float("nan")
    xs, ys = zip(*pairs, strict=True)
    return statistics.linear_regression(xs, ys).slope


def summarize(
    seconds: Mapping[str, Sequence[float]], samples: Sequence[Sample], errors: int, *, settled_s: float
) -> dict:
    """Sum a load test up.

    Parameters
    ----------
    seconds
        By act.
    samples
        In order of time.
    errors
        Their number.
    settled_s
        From when on memory and sessions are looked at: the sessions have all been opened by then.
    """
    settled = [sample for sample in samples if sample.at_s >= settled_s]
    held = [sample.sessions for sample in settled]
    return {
        "sessions held (least)": min(held, default=0),
        "sessions held (median)": statistics.median(held) if held else 0,
        **{
            f"{act} {name} (s)": round(find_quantile(values, share), 3)
            for act, values in sorted(seconds.items())
            for name, share in (("p50", 0.5), ("p95", 0.95))
        },
        "acts": sum(map(len, seconds.values())),
        "errors": errors,
        "closed": samples[-1].closed if samples else 0,
        "MB at the start": round(samples[0].rss_mb, 1) if samples else 0,
        "MB when settled": round(settled[0].rss_mb, 1) if settled else 0,
        "MB at the end": round(samples[-1].rss_mb, 1) if samples else 0,
        "MB per closed session": round(find_slope([(s.closed, s.rss_mb) for s in settled]), 3),
        "MB per minute": round(60 * find_slope([(s.at_s, s.rss_mb) for s in settled]), 3),
        "cores used": round(statistics.fmean(s.cores for s in settled), 2) if settled else 0,
    }


def list_misses(summary: Mapping[str, float]) -> list[str]:
    """List the figures that miss the aim; what could not be measured misses it too."""
    missed = {name: most for name, most in AIM.items() if not summary.get(name, float("nan")) <= most}
    return [f"{name}: {summary.get(name)} (aim {most})" for name, most in missed.items()]


def format_report(summary: Mapping[str, float]) -> str:
    """Write the figures, one a line."""
    width = max(map(len, summary))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in summary.items())
