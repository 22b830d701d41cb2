"""What measures a map: kilometre grid, border with coordinates, scale bar."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import escape

from gzmap.crs import convert_from_metric
from gzmap.sheet.drawing import INK, colour_of, element, number
from gzmap.sheet.frames import Frame
from gzmap.symbols import Colour

GRID_MM = 20.0
"""Least distance of two lines of the kilometre grid."""
GRID_STEPS_KM = (0.5, 1, 2, 5, 10, 20, 50)
GRID_COLOUR: Colour = (120, 118, 110)
CORNER_MM = 19.0
"""Room at a corner that its longitude and latitude take."""
BORDER_MM, OUTER_MM = 0.18, 0.55
COORDINATE_MM = 2.0
"""Size of the numbers in the border."""

BAR_MM = 62.0
"""Longest scale bar."""


@dataclass(frozen=True)
class Bar:
    """A scale bar of ``count`` pieces: ``step_mm`` long on paper, ``step_m`` on the ground."""

    step_mm: float
    step_m: float
    count: int


def find_grid_km(frame: Frame) -> float:
    """Find the interval of the kilometre grid: the smallest that leaves room between two lines."""
    return next((km for km in GRID_STEPS_KM if frame.to_paper(km * 1000) >= GRID_MM), GRID_STEPS_KM[-1])


def list_grid(frame: Frame) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """List the lines of the kilometre grid as ``(kilometres, millimetres on paper)``: eastings, northings."""
    step_m = find_grid_km(frame) * 1000
    west, south, east, north = frame.bounds_m

    def between(low: float, high: float) -> Iterator[float]:
        for count in range(math.ceil(low / step_m), math.floor(high / step_m) + 1):
            yield count * step_m

    eastings = [(m / 1000, frame.to_paper(m - west)) for m in between(west, east)]
    return eastings, [(m / 1000, frame.to_paper(north - m)) for m in between(south, north)]


def draw_grid(frame: Frame) -> str:
    """Draw the kilometre grid inside the map, fine enough to be read through."""
    eastings, northings = list_grid(frame)
    path = "".join(f"M{number(x)} 0V{number(frame.height_mm)}" for _, x in eastings)
    path += "".join(f"M0 {number(y)}H{number(frame.width_mm)}" for _, y in northings)
    return element("path", d=path, fill="none", stroke=colour_of(GRID_COLOUR), stroke_width=0.1, stroke_opacity=0.35)


def draw_border(frame: Frame, band_mm: float) -> str:
    """Draw the map's double border with the coordinates between: of the grid, and of the four corners.

    Drawn around the map's own rectangle, so that it reaches ``band_mm`` beyond it on each side.
    """
    w, h, band = frame.width_mm, frame.height_mm, band_mm
    inset = OUTER_MM / 2
    line = {"fill": "none", "stroke": colour_of(INK)}
    drawn = [element("rect", x=0, y=0, width=number(w), height=number(h), stroke_width=BORDER_MM, **line)]
    at = {"x": number(inset - band), "y": number(inset - band)}
    size = {"width": number(w + 2 * band - OUTER_MM), "height": number(h + 2 * band - OUTER_MM)}
    drawn.append(element("rect", **at, **size, stroke_width=OUTER_MM, **line))
    middle = (band - OUTER_MM) / 2
    eastings, northings = list_grid(frame)
    ticks = []
    for km, x in eastings:
        ticks.append(f"M{number(x)} 0v{number(-1)}M{number(x)} {number(h)}v1")
        if CORNER_MM < x < w - CORNER_MM:
            drawn += [write(f"{km:g}", x, -middle), write(f"{km:g}", x, h + middle)]
    for km, y in northings:
        ticks.append(f"M0 {number(y)}h-1M{number(w)} {number(y)}h1")
        if CORNER_MM < y < h - CORNER_MM:
            drawn += [write(f"{km:g}", -middle, y, turn=-90), write(f"{km:g}", w + middle, y, turn=-90)]
    drawn.append(element("path", d="".join(ticks), stroke_width=0.12, **line))
    return "".join([*drawn, *_write_corners(frame, middle)])


def _write_corners(frame: Frame, middle: float) -> Iterator[str]:
    west, south, east, north = frame.bounds_m
    w, h, pad = frame.width_mm, frame.height_mm, 0.6
    for x_m, y_m, x, y in ((west, north, 0, 0), (east, north, w, 0), (west, south, 0, h), (east, south, w, h)):
        lon, lat = convert_from_metric(x_m, y_m)
        is_left, is_top = x == 0, y == 0
        across = (x + pad, "start") if is_left else (x - pad, "end")
        yield write(format_angle(lon), across[0], y - middle if is_top else y + middle, anchor=across[1])
        along = (y + pad, "end") if is_top else (y - pad, "start")
        yield write(format_angle(lat), x - middle if is_left else x + middle, along[0], anchor=along[1], turn=-90)


def write(text: str, x: float, y: float, *, anchor: str = "middle", turn: float = 0) -> str:
    """Write a small number whose middle line is at ``y``; turned around its anchor."""
    about = f' transform="rotate({turn:g} {number(x)} {number(y)})"' if turn else ""
    return (
        f'<text x="{number(x)}" y="{number(y + 0.36 * COORDINATE_MM)}" font-size="{COORDINATE_MM}" '
        f'text-anchor="{anchor}" fill="{colour_of(INK)}"{about}>{escape(text)}</text>'
    )


def format_angle(degrees: float) -> str:
    """Write degrees, minutes and seconds: 113°15′20″."""
    seconds = round(abs(degrees) * 3600)
    return f"{seconds // 3600}°{seconds // 60 % 60:02d}′{seconds % 60:02d}″"


def find_bar(scale: int, *, longest_mm: float = BAR_MM) -> Bar:
    """Find the scale bar of a scale: four or five round pieces, as long as there is room."""
    best = None
    for exponent in range(0, 6):
        for digit in (1, 2, 2.5, 5):
            step_m = digit * 10**exponent
            for count in (4, 5):
                length_mm = count * step_m * 1000 / scale
                if length_mm <= longest_mm and (best is None or length_mm > best.step_mm * best.count):
                    best = Bar(step_m * 1000 / scale, step_m, count)
    return best


def wrap_svg(content: str, *, size_mm: tuple[float, float], origin_mm: tuple[float, float] = (0, 0), font: str) -> str:
    """Make a picture in millimetres whose upper left corner is ``origin_mm``."""
    x, y, width, height = (number(v) for v in (*origin_mm, *size_mm))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="{x} {y} {width} {height}" font-family="{escape(font)}">{content}</svg>'
    )
