"""Signs that coordinates are those of a web map. Numbers alone never tell; nothing is shifted without being asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap import crs as crs_door
from gzmap.sites.problems import Note, build_note

GCJ_WORDS = re.compile(
    r"高德|腾讯地图|火星坐标|火星|gcj[\s_-]?0?2|gaode|autonavi|tencent|(?<![a-z])a-?map(?![a-z])", re.IGNORECASE
)
BD_WORDS = re.compile(r"百度|(?<![a-z])bd[\s_-]?0?9(?!\d)|(?<![a-z])baidu", re.IGNORECASE)
POINTS = 500
FEWEST_POINTS = 8
SMALLEST_SITE_M = 1000
"""Diagonal of the smallest site whose edge is compared: a smaller one lies beside some line by chance."""

FAR_M, NEAR_M = 200, 60
"""Median distance of the corners from an outline before, and of nine in ten of them after, that make a sign. The
displacement is some 550 m here; 60 m is what the taking back and two drawings of one edge may differ by."""

MOST = 0.9


def find_hints(words: Sequence[tuple[str, str]]) -> list[Note]:
    """Find names of web maps in what a file says of itself.

    Parameters
    ----------
    words
        Texts by where they stand: file name, title, description, fields.

    Returns
    -------
    list
        At most one note on GCJ-02 and one on BD-09, naming the word and where it stands.
    """
    notes = []
    for pattern, code in ((GCJ_WORDS, "gcj02-suspected"), (BD_WORDS, "bd09-suspected")):
        found = ((where, match[0]) for where, text in words if (match := pattern.search(text)))
        notes += [build_note(code, where=where, word=word) for where, word in list(found)[:1]]
    return notes


def find_better_fit(site: BaseGeometry, outlines: Mapping[str, BaseGeometry]) -> Note | None:
    """Find an outline that a site's edge runs along only when the site is taken for GCJ-02.

    Parameters
    ----------
    site
        In storage CRS, as it was read.
    outlines
        Areas in storage CRS by name, such as districts or planning units: edges that sites often share.

    Returns
    -------
    Note or None
        What to tell the person, who alone can know; None for small sites and where nothing points to it.
    """
    corners = shapely.get_coordinates(site)
    corners = corners[:: max(1, len(corners) // POINTS)]
    if len(np.unique(corners, axis=0)) < FEWEST_POINTS or not outlines:
        return None
    before = crs_door.convert_shapes_to_metric(shapely.points(corners))
    if np.hypot(*np.ptp(shapely.get_coordinates(before), axis=0)) < SMALLEST_SITE_M:
        return None
    after = crs_door.convert_shapes_to_metric(shapely.points(*crs_door.convert_from_gcj02(*corners.T)))
    for name, outline in outlines.items():
        edge = shapely.boundary(crs_door.convert_shapes_to_metric(np.array([outline])))[0]
        shapely.prepare(edge)
        far, near = shapely.distance(before, edge), shapely.distance(after, edge)
        if np.median(far) >= FAR_M and np.quantile(near, MOST) <= NEAR_M:
            return build_note(
                "gcj02-fits", outline=name, before_m=round(float(np.median(far))), after_m=round(float(np.median(near)))
            )
    return None
