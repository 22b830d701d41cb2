"""One point that a person types: degrees, with minutes and seconds or without, or metres of a zone of CGCS2000."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely

from gzmap.config import STORAGE_CRS
from gzmap.crs import describe_crs
from gzmap.sites.numbers import find_numbers, format_plain
from gzmap.sites.placing import place
from gzmap.sites.problems import FACT_CHARS, Note, build_error
from gzmap.sites.zones import flip, is_fitting

DEGREES = "EPSG:4490"
POINT_CRS = (DEGREES, "EPSG:4547", "EPSG:4526")
"""What a point is tried in when nobody says its CRS."""

LONGEST = 400
"""Characters of a text that is read as one point."""

SIDES = re.compile(r"[东北经纬NEne]")
NOTES = {
    "east-first": ("按东坐标（经度）在前读取。", "Read with the easting (longitude) first."),
    "crs-by-place": ("按 {crs}（{name}）读取，点位才在广州。", "Read as {crs} ({name}), for so it lies in Guangzhou."),
    "first-point": ("有不止一个点，只取第一个。", "There is more than one point; the first was taken."),
}


@dataclass(frozen=True)
class Spot:
    """A point in storage CRS, the CRS that it was read in, and what a person should know of the reading."""

    lon: float
    lat: float
    crs: str
    notes: tuple[Note, ...]


def parse_point(text: str, *, crs: str = "") -> Spot:
    """Read one point.

    Where the CRS or the order of the axes is not said, the reading that lies in Guangzhou is taken, and told.

    Parameters
    ----------
    text
        Such as ``113.2644, 23.1291``, ``23°07′44.8″N 113°15′51.8″E``, ``X=2559024.74 Y=424654.89``.
    crs
        EPSG code, or ``"GCJ-02"``; empty to try `POINT_CRS`.

    Raises
    ------
    SiteError
        If there are no two numbers, or they lie elsewhere than in Guangzhou or near it.
    """
    plain = " ".join(format_plain(text[:LONGEST]).replace(";", " ").split())
    numbers = find_numbers(plain)
    if len(numbers) < 2 or len(text) > LONGEST:
        raise build_error("line-unreadable", number=1, line=plain[:FACT_CHARS])
    pairs = _list_pairs(numbers)
    found = [] if crs else [(pair, code) for pair in pairs for code in POINT_CRS if _fits(pair, code)]
    pair, code = found[0] if found else (pairs[0], crs)
    notes = []
    if code not in (crs, DEGREES):
        notes.append(_say("crs-by-place", crs=code, name=describe_crs(code)))
    if len({other for other, _ in found}) > 1:
        notes.append(_say("first-point"))
    if found and code == DEGREES:
        code = ""  # nobody said so: the note on what was assumed is due
    elif not code and max(map(abs, pair)) <= 180:
        code = STORAGE_CRS  # degrees that lie elsewhere have a place, which the message then names
    placed = place([shapely.Point(pair)], "", stated="", chosen=code, may_assume_degrees=True)
    notes += placed.notes
    if not SIDES.search(plain) and not any(note.code == "axes-swapped" for note in placed.notes):
        notes.append(_say("east-first"))
    point = placed.shapes[0]
    return Spot(point.x, point.y, placed.crs, tuple(notes))


def _list_pairs(numbers: Sequence[float]) -> list[tuple[float, float]]:
    """List what may be the two coordinates: neighbours, or six numbers as degrees, minutes and seconds twice."""
    pairs = list(pairwise(numbers))
    if len(numbers) == 6 and all(0 <= n < 60 for i in (1, 2, 4, 5) for n in [numbers[i]]):
        first, second = (numbers[i] + numbers[i + 1] / 60 + numbers[i + 2] / 3600 for i in (0, 3))
        pairs = [(first, second), *pairs]
    return pairs


def _fits(pair: tuple[float, float], code: str) -> bool:
    bounds = np.array([[*pair, *pair]])
    return is_fitting(bounds, code) or is_fitting(flip(bounds), code)


def _say(code: str, **facts: str) -> Note:
    zh, en = NOTES[code]
    return Note(code, zh.format(**facts), en.format(**facts))
