"""Pasted coordinates: a point per line, with or without numbers of the corners, in rings that blank lines part."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
import shapely

from gzmap.config import SITE_VERTICES
from gzmap.sites.numbers import find_numbers, format_plain, is_like_coordinates, is_remark
from gzmap.sites.problems import build_error, build_note
from gzmap.sites.raw import Raw, RawPart
from gzmap.sites.rings import Points, build_area, split_rings

WKT = re.compile(
    r"\s*(?:SRID\s*=\s*(\d+)\s*;)?\s*((?:MULTI)?(?:POLYGON|LINESTRING)|GEOMETRYCOLLECTION)\b", re.IGNORECASE
)
BRACKET = re.compile(r"[()]")
LINE_CHARS = 20_000
"""Longest line that is looked at: a whole list of corners, written in one."""

PAIR = re.compile(r"-?[\d.]+,-?[\d.]+(?:,-?[\d.]+)?,?")
TITLE_CHARS = 60
MOST_LINES = 2 * SITE_VERTICES
"""Lines that are read at most: each point may have a blank line behind it."""
MOST_COLUMNS = 4
DEEPEST_WKT = 8
"""Brackets in brackets; an area in a collection has four. GEOS calls itself for each, until the process ends."""

Fits = Callable[[np.ndarray], bool]
"""Tells whether bounds (smallest x, smallest y, largest x, largest y) may lie in Guangzhou, in any order of axes."""


@dataclass
class Block:
    """Lines that belong together: the number of each line and the numbers in it, and the title above them."""

    title: str = ""
    rows: list[tuple[int, list[float]]] = field(default_factory=list)


def parse_pasted(text: str, name: str, *, fits: Fits) -> Raw:
    """Read pasted coordinates.

    Parameters
    ----------
    text
        WKT; or points as ``x,y``, ``J1,x,y``, ``1 x y``, degrees, minutes and seconds, one per line or parted by
        semicolons. A blank line, a line of words or a closed ring ends a ring; a ring inside another is a hole.
    name
        What messages call the text.
    fits
        Tells which columns are the coordinates where a line has more than two numbers.

    Raises
    ------
    SiteError
        If a line cannot be read, there are too many points, or a ring has fewer than three.
    """
    wkt = WKT.match(text)
    if wkt:
        return _parse_wkt(text[wkt.start(2) :], name, crs=f"EPSG:{wkt[1]}" if wkt[1] else "")
    lines = _list_lines(format_plain(_unnest(text)))
    if len(lines) > MOST_LINES:
        raise build_error("too-many-vertices", name=name, count=len(lines), limit=SITE_VERTICES)
    blocks = _read_blocks(lines)
    count = sum(len(block.rows) for block in blocks)
    if count > SITE_VERTICES:
        raise build_error("too-many-vertices", name=name, count=count, limit=SITE_VERTICES)
    if not blocks:
        raise build_error("line-unreadable", number=1, line=text.strip()[:TITLE_CHARS])
    points = _choose_columns(blocks, fits)
    titled = [(block.title, split_rings(ring)) for block, ring in zip(blocks, points, strict=True) if ring]
    return _build(titled, name)


def _build(titled: list[tuple[str, list[Points]]], name: str) -> Raw:
    """Make the parts: a block with a title is one; blocks without are holes of those that they lie in."""
    parts: list[RawPart] = []
    notes = []
    if any(title for title, _ in titled):
        parts = [RawPart(title, build_area(rings, name)) for title, rings in titled]
    else:
        rings = [ring for _, some in titled for ring in some]
        area = build_area(rings, name)
        has_holes = shapely.get_num_interior_rings(shapely.get_parts(area)).sum() > 0
        notes = [build_note("hole-assumed")] if has_holes else []
        parts = [RawPart("", part) for part in shapely.get_parts(area)]
    return Raw("coordinates", tuple(parts), notes=tuple(notes), words=((name, name),), may_assume_degrees=True)


def _parse_wkt(text: str, name: str, *, crs: str) -> Raw:
    depth = accumulate(1 if sign == "(" else -1 for sign in BRACKET.findall(text))
    if max(depth, default=0) > DEEPEST_WKT:
        raise build_error("content-broken", name=name, kind="WKT", reason="((((…")
    try:
        shape = shapely.from_wkt(text.strip().rstrip(";"))
    except (shapely.errors.GEOSException, ValueError) as error:
        raise build_error("content-broken", name=name, kind="WKT", reason=str(error)) from None
    return Raw("WKT", (RawPart("", shape),), crs=crs, may_assume_degrees=True)


def _unnest(text: str) -> str:
    """Give nested JSON lists of numbers, as web maps hand them out, as lines."""
    if not text.lstrip().startswith("["):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return re.sub(r"\]\s*,?", "\n", text.replace("[", " ")).strip()


def _read_blocks(lines: list[tuple[int, str]]) -> list[Block]:
    """Read the lines, each with its number; none of them is passed over that may have been a point."""
    blocks = [Block()]
    for number, line in lines:
        if len(line) > LINE_CHARS:
            raise build_error("line-unreadable", number=number, line=line)
        if is_remark(line):
            continue
        numbers = find_numbers(line)
        if len(numbers) >= 2:
            blocks[-1].rows.append((number, numbers))
        elif is_like_coordinates(line):
            raise build_error("line-unreadable", number=number, line=line.strip())
        else:
            blocks.append(Block(title="" if numbers else line.strip()[:TITLE_CHARS]))
    return _join(blocks)


def _list_lines(text: str) -> list[tuple[int, str]]:
    """List the lines with their numbers. Semicolons end one too; so do blanks where each word is a pair, as in KML."""
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        pieces = [piece for piece in line.split(";") if piece.strip()] or [""]
        words = line.split()
        if len(pieces) == 1 and len(words) >= 3 and all(map(PAIR.fullmatch, words)):
            pieces = words
        lines += [(number, piece) for piece in pieces]
    return lines


def _join(blocks: list[Block]) -> list[Block]:
    """Let a title stand above the block that follows, and take blank lines between single points for nothing."""
    joined: list[Block] = []
    title = ""
    for block in blocks:
        title = block.title or title
        if block.rows:
            joined.append(Block(title, block.rows))
            title = ""
    if len(joined) > 1 and all(len(block.rows) < 3 for block in joined):
        return [Block(joined[0].title, [row for block in joined for row in block.rows])]
    return joined


def _choose_columns(blocks: list[Block], fits: Fits) -> list[Points]:
    """Find which two numbers of each line are the coordinates: those that can lie in Guangzhou, else the likeliest."""
    rows = [row for block in blocks for _, row in block.rows]
    width = min(Counter(map(len, rows)).most_common(1)[0][0], MOST_COLUMNS)
    if width > 2 and len(rows) == 1:
        return [list(zip(rows[0][0::2], rows[0][1::2], strict=False))]
    starts = list(range(width - 1))
    if all(row[0] == int(row[0]) and abs(row[0]) <= 10 * len(rows) for row in rows):
        starts = [*starts[1:], 0]  # the first number looks like the number of a corner
    first = next((s for s in starts if _fits_from(rows, s, fits)), starts[0])
    for number, row in (line for block in blocks for line in block.rows):
        if len(row) < first + 2:
            raise build_error("line-unreadable", number=number, line=" ".join(f"{value:g}" for value in row))
    return [[(row[first], row[first + 1]) for _, row in block.rows] for block in blocks]


def _fits_from(rows: list[list[float]], first: int, fits: Fits) -> bool:
    pairs = np.array([row[first : first + 2] for row in rows if len(row) > first + 1])
    return len(pairs) > 0 and fits(np.array([*pairs.min(axis=0), *pairs.max(axis=0)]))
