"""Areas from what was drawn: polygons as they are, lines that close or join, and what is wrong with them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.config import SITE_FEATURES, SITE_VERTICES
from gzmap.sites.problems import Note, build_error, build_note
from gzmap.sites.raw import Raw
from gzmap.sites.remarks import FOUND, REASONS
from gzmap.sites.tangles import require_apart, require_untangled

SAME_AREA = 1e-6
"""Share by which a repair may change an area and still count as having changed nothing."""

FARTHEST = 1e11
"""No coordinate is larger: the earth's circumference in millimetres is less than half of it."""

FLAT = 1e-9
"""Share of its squared perimeter up to which an area is that of points in one line: a strip of a metre by ten
kilometres has twenty thousand times as much."""

POINT, LINE, AREA = 0, 1, 2
COORDINATE = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
NO_HOLES = "DXF"
"""A format that cannot say whether a line inside another is a hole, a building or a second site."""


@dataclass(frozen=True)
class Areas:
    """Valid polygons in the coordinates of the file, the number of the feature of each, and what was noted."""

    shapes: tuple[BaseGeometry, ...]
    owners: tuple[int, ...]
    notes: tuple[Note, ...]


def build_areas(raw: Raw, name: str, *, repair: bool) -> Areas:
    """Make areas of what a file holds.

    Parameters
    ----------
    raw
        As a reader gives it.
    name
        The file's name, for messages.
    repair
        Whether boundaries that cross themselves are repaired instead of refused.

    Returns
    -------
    Areas
        At least one, each valid and with an area. Closed lines count as areas, and where there are neither, so do
        lines that join end to end; points and open lines beside areas are left out and told.

    Raises
    ------
    SiteError
        If there are too many vertices or features, coordinates that are no numbers, no area, or a boundary that is
        wrong, with its place in the coordinates of the file, or too tangled to be worked on.
    """
    if len(raw.parts) > SITE_FEATURES:
        raise build_error("too-many-features", name=name, limit=SITE_FEATURES)
    pieces = [(number, piece) for number, part in enumerate(raw.parts) for piece in _list_pieces(part.geometry)]
    _require_limits([piece for _, piece in pieces], name)
    found = [item for item in pieces if _dimension(item) == AREA]
    lines = [item for item in pieces if _dimension(item) == LINE]
    closed = [(n, shapely.Polygon(shapely.get_coordinates(line))) for n, line in lines if _is_closed(line)]
    open_lines = [(n, line) for n, line in lines if not _is_closed(line)]
    notes = [build_note("lines-closed", count=len(closed))] if closed else []
    if not found and not closed and (joined := _join(open_lines)):
        notes.append(build_note("lines-joined", count=len(open_lines)))
        found, open_lines = joined, []
    counts = Counter(points=sum(_dimension(item) == POINT for item in pieces), lines=len(open_lines))
    if not found and not closed:
        raise _refuse(raw, counts, [line for _, line in open_lines], name=name)
    notes += _tell_left_out(counts)
    require_apart([shape for _, shape in (*found, *closed)], name)
    sound, told = _require_sound([*found, *closed], name, repair=repair)
    if raw.kind == NO_HOLES and _has_nested([shape for _, shape in sound]):
        notes.append(build_note("lines-nested"))
    owners, shapes = zip(*sound, strict=True)
    return Areas(shapes, owners, (*notes, *told))


def _dimension(item: tuple[int, BaseGeometry]) -> int:
    return int(shapely.get_dimensions(item[1]))


def _is_closed(line: BaseGeometry) -> bool:
    return line.is_closed and len(line.coords) > 3


def _list_pieces(shape: BaseGeometry | None) -> list[BaseGeometry]:
    """Take collections apart, down to single points, lines and polygons without heights; empty ones are nothing."""
    if shape is None or shape.is_empty:
        return []
    if shape.geom_type in ("Point", "LineString", "LinearRing", "Polygon"):
        return [shapely.force_2d(shape)]
    return [piece for part in shapely.get_parts(shape) for piece in _list_pieces(part)]


def _require_limits(pieces: list[BaseGeometry], name: str) -> None:
    count = int(shapely.get_num_coordinates(pieces).sum())
    if count > SITE_VERTICES:
        raise build_error("too-many-vertices", name=name, count=count, limit=SITE_VERTICES)
    # NaN is not below anything either.
    if count and not (np.abs(shapely.get_coordinates(pieces)) < FARTHEST).all():
        raise build_error("not-finite", name=name)


def _join(lines: list[tuple[int, BaseGeometry]]) -> list[tuple[int, BaseGeometry]]:
    """Find the areas that lines bound together; none where the lines do not meet."""
    if len(lines) < 2:
        return []
    faces = shapely.get_parts(shapely.polygonize([line for _, line in lines]))
    return [(lines[0][0], shapely.union_all(faces))] if len(faces) else []


def _refuse(raw: Raw, counts: Counter, lines: list[BaseGeometry], *, name: str) -> Exception:
    found = [key for key in ("lines", "points") if counts[key]] or ["nothing"]
    words = [tuple(text.format(count=counts[key]) for text in FOUND[key]) for key in found]
    gap = {"gap": "", "gap_zh": ""}
    if len(lines) == 1 and len(lines[0].coords) > 2:
        start, end = lines[0].coords[0], lines[0].coords[-1]
        size = shapely.Point(start).distance(shapely.Point(end))
        gap = {"gap": f"; its ends are {size:.6g} units apart", "gap_zh": f"（首尾相距 {size:.6g} 个坐标单位）"}
    if "blocks-ignored" in [note.code for note in raw.notes]:
        gap = {"gap": "; explode the drawing's blocks first, lines in them were not read", "gap_zh": "（图块须先炸开）"}
    told = {"found_zh": "、".join(zh for zh, _ in words), "found": ", ".join(en for _, en in words)}
    return build_error("no-area", name=name, **told, **gap)


def _tell_left_out(counts: Counter) -> list[Note]:
    words = [tuple(text.format(count=counts[k]) for text in FOUND[k]) for k in ("lines", "points") if counts[k]]
    if not words:
        return []
    return [build_note("left-out", what_zh="、".join(zh for zh, _ in words), what=", ".join(en for _, en in words))]


def _require_sound(
    found: list[tuple[int, BaseGeometry]], name: str, *, repair: bool
) -> tuple[list[tuple[int, BaseGeometry]], list[Note]]:
    """Give valid areas, and what was put in order; those without any area are left out.

    Raises
    ------
    SiteError
        If a boundary crosses itself and is not to be repaired, or nothing has an area.
    """
    sound, notes = [], {}
    for number, shape in found:
        mended, note = (shape, None) if shape.is_valid else _mend(shape, name, repair=repair)
        if note is not None:
            notes.setdefault(note.code, note)
        if mended.area > FLAT * mended.length**2:
            sound.append((number, mended))
    if not sound:
        zh, en = FOUND["flat"]
        raise build_error("no-area", name=name, found=en, found_zh=zh, gap="", gap_zh="")
    return sound, list(notes.values())


def _mend(shape: BaseGeometry, name: str, *, repair: bool) -> tuple[BaseGeometry, Note | None]:
    """Put a ring in order that only touches itself, repair or refuse one that crosses itself.

    The area of a ring that crosses itself is not what its parts have together, so that a repair changes it; where it
    changes nothing, the ring only touches itself or runs back along itself.
    """
    require_untangled([shape], name)
    reason, _, place = shapely.is_valid_reason(shape).partition("[")
    at = ", ".join(f"{float(number):.12g}" for number in COORDINATE.findall(place)[:2])
    mended = _keep_areas(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    if abs(mended.area - shape.area) <= SAME_AREA * mended.area:
        return mended, build_note("ring-touching", at=at) if mended.area else None
    if not repair:
        zh, en = REASONS.get(reason.strip(), (reason.strip(), reason.strip()))
        raise build_error("self-intersecting", name=name, reason=en, reason_zh=zh, at=at)
    require_untangled([shape], name, is_repaired=True)
    # The rule of odd and even, as a pen would fill it, keeps both wings of a bow tie.
    mended = _keep_areas(shapely.make_valid(shape, method="linework"))
    change = 100 * abs(mended.area - shape.area) / mended.area if mended.area else 0
    return mended, build_note("repaired", change_percent=f"{change:.3g}" if change < 1 else round(change))


def _has_nested(shapes: list[BaseGeometry]) -> bool:
    inner, outer = shapely.STRtree(shapes).query(shapes, predicate="within")
    return bool((inner != outer).any())


def unite_areas(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    """Make one area of several, rings in the order of RFC 7946: a Polygon where it is one, else a MultiPolygon."""
    whole = shapes[0] if len(shapes) == 1 else shapely.union_all(list(shapes))
    pieces = [piece for piece in _list_pieces(whole) if piece.geom_type == "Polygon"]
    return shapely.orient_polygons(pieces[0] if len(pieces) == 1 else shapely.MultiPolygon(pieces))


def _keep_areas(shape: BaseGeometry) -> BaseGeometry:
    """Keep the areas of a shape, without the lines and points that a repair leaves."""
    return shapely.MultiPolygon([piece for piece in _list_pieces(shape) if piece.geom_type == "Polygon"])
