"""The text format of land surveys (勘测定界界址点坐标): a head, then plots of corners with the number of their ring."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gzmap.config import SITE_FEATURES, SITE_VERTICES
from gzmap.sites.problems import build_error
from gzmap.sites.raw import Raw, RawPart
from gzmap.sites.rings import Points, build_area, split_rings
from gzmap.sites.zones import PREFIX_M, find_zone_code

PLOTS = "[地块坐标]"
RING = re.compile(r"\d{1,6}")
NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,12})?")
FULL_WIDTH = str.maketrans("，＠：＝［］", ",@:=[]")
METRES = {"", "米", "m", "meter", "metre", "meters", "metres"}
NAME_AT, NUMBER_AT = 3, 2
"""Where a plot's line has its name and its number."""


@dataclass
class Plot:
    """One plot: its rings by their number, in order."""

    title: str = ""
    rings: dict[int, Points] = field(default_factory=dict)


def is_survey(text: str) -> bool:
    """Tell whether a text is in this format: it says so, or has plots or corners as only this format has."""
    plain = text.translate(FULL_WIDTH)
    if PLOTS in plain:
        return True
    lines = [line for line in plain.splitlines() if line.strip()][:20]
    return any(_is_plot(line) and line.count(",") >= 3 for line in lines) and any(map(_read_corner, lines))


def parse_survey(text: str, name: str) -> Raw:
    """Read the text of a land survey: northing first, easting second, in metres.

    Returns
    -------
    Raw
        One part per plot, easting first. The CRS is that of the head (坐标系, 几度分带, 带号), empty when it has none.

    Raises
    ------
    SiteError
        If the head names another unit than metres, a line cannot be read, there are too many plots or corners, or a
        ring has fewer than three.
    """
    head, plots = _read(text.translate(FULL_WIDTH))
    unit = head.get("计量单位", "")
    if unit.lower() not in METRES:
        raise build_error("unit-unknown", unit=unit)
    corners = [point for plot in plots for ring in plot.rings.values() for point in ring]
    if len(plots) > SITE_FEATURES:
        raise build_error("too-many-features", name=name, limit=SITE_FEATURES)
    if len(corners) > SITE_VERTICES:
        raise build_error("too-many-vertices", name=name, count=len(corners), limit=SITE_VERTICES)
    parts = [
        RawPart(plot.title, build_area([ring for p in plot.rings.values() for ring in split_rings(p)], name))
        for plot in plots
        if plot.rings
    ]
    crs = _find_crs(head, has_prefix=bool(corners) and all(x >= PREFIX_M for x, _ in corners))
    return Raw("勘测定界", tuple(parts), crs=crs, words=((name, name),))


def _read(text: str) -> tuple[dict[str, str], list[Plot]]:
    head: dict[str, str] = {}
    plots: list[Plot] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        corner = _read_corner(line)
        if corner is not None:
            plots = plots or [Plot()]
            plots[-1].rings.setdefault(corner[0], []).append(corner[1:])
        elif _is_plot(line):
            plots.append(Plot(_find_title(line)))
        elif "=" in line and not plots:
            key, _, value = line.partition("=")
            head[key.strip()] = value.strip()
        elif line.strip() and not line.strip().startswith("["):
            raise build_error("line-unreadable", number=number, line=line.strip())
    return head, plots


def _is_plot(line: str) -> bool:
    return line.rstrip().endswith("@")


def _read_corner(line: str) -> tuple[int, float, float] | None:
    """Read ``J1,1,northing,easting`` as ring, easting and northing; None for any other line."""
    cells = [cell.strip() for cell in line.rstrip(" \t,").split(",")]
    if len(cells) != 4 or not RING.fullmatch(cells[1]) or not all(map(NUMBER.fullmatch, cells[2:])):
        return None
    return int(cells[1]), float(cells[3]), float(cells[2])


def _find_title(line: str) -> str:
    cells = [cell.strip() for cell in line.split(",")]
    return next((cells[at] for at in (NAME_AT, NUMBER_AT) if at < len(cells) and cells[at] not in ("", "@")), "")


def _find_crs(head: dict[str, str], *, has_prefix: bool) -> str:
    """Give the EPSG code that a head describes, or its own words where they describe none."""
    system = head.get("坐标系", "")
    if "2000" not in system:
        return system
    width = re.search(r"[36]", head.get("几度分带", ""))
    zone = re.search(r"\d+", head.get("带号", ""))
    if not width or not zone:
        return ""
    return find_zone_code(int(width[0]), int(zone[0]), has_prefix=has_prefix) or f"{system} {head['带号']}"
