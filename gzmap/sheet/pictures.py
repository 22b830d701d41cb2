"""The pictures of a sheet as SVG: the map with its border, where it lies in the city, the QR code."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import segno
import shapely
from segno import DataOverflowError
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas
from gzmap.config import HOME_BBOX
from gzmap.crs import convert_shapes_to_metric
from gzmap.sheet.drawing import INK, build_path, colour_of, draw_layers, draw_outline, element, number
from gzmap.sheet.frames import Frame
from gzmap.sheet.grids import GRID_COLOUR, draw_border, draw_grid, wrap_svg
from gzmap.sheet.labels import draw_labels
from gzmap.sheet.marks import BEYOND_MM, SheetLayer
from gzmap.sheet.views import SheetView
from gzmap.symbols import PAPER, WHITE

LOCATOR_SHARE = 0.55
"""A sheet that covers more of the city than this needs no picture of where it lies."""
SMALLEST_BOX_MM = 1.6

MODULE_MM, QUIET = 0.36, 4
"""Size of a square of the QR code, which a telephone can read from paper, and the free squares around it."""
LARGEST_QR_MM = 46.0


@dataclass(frozen=True)
class Picture:
    """An SVG of a size in millimetres."""

    svg: str
    width_mm: float
    height_mm: float


def draw_map(layers: tuple[SheetLayer, ...], view: SheetView, frame: Frame, *, band_mm: float, font: str) -> Picture:
    """Draw the map with grid, names, what was asked about, and its border."""
    w, h = frame.width_mm, frame.height_mm
    below, above = draw_layers(layers, view.selected)
    inside = [
        element("rect", x=0, y=0, width=number(w), height=number(h), fill=colour_of(PAPER)),
        below,
        draw_grid(frame),
        above,
    ]
    if view.area is not None:
        inside.append(draw_outline(cut_area(view.area, frame)))
    if view.labels:
        inside.append(draw_labels(layers, frame, selected=view.selected))
    clip = f'<clipPath id="map">{element("rect", x=0, y=0, width=number(w), height=number(h))}</clipPath>'
    content = f'{clip}<g clip-path="url(#map)">{"".join(inside)}</g>{draw_border(frame, band_mm)}'
    size = (w + 2 * band_mm, h + 2 * band_mm)
    return Picture(wrap_svg(content, size_mm=size, origin_mm=(-band_mm, -band_mm), font=font), *size)


def cut_area(area: BaseGeometry, frame: Frame) -> BaseGeometry:
    """Bring the outlined area to paper, cut far enough outside that its cut edges do not show; empty if it is off."""
    shape = frame.draw(convert_shapes_to_metric(np.array([area])))[0]
    box = shapely.box(-BEYOND_MM, -BEYOND_MM, frame.width_mm + BEYOND_MM, frame.height_mm + BEYOND_MM)
    return shapely.intersection(shapely.make_valid(shape), box)


def draw_locator(atlas: Atlas, frame: Frame, width_mm: float, *, font: str) -> Picture | None:
    """Draw the city's districts and the sheet's rectangle; None where the sheet shows most of the city.

    Parameters
    ----------
    atlas, frame
        Where the districts are, and the sheet.
    width_mm
        Of the picture.
    font
        Family of the letters.
    """
    table = atlas.layers.get("districts")
    home = shapely.box(*convert_shapes_to_metric(np.array([shapely.box(*HOME_BBOX)]))[0].bounds)
    sheet = shapely.box(*frame.bounds_m)
    if table is None or sheet.intersection(home).area > LOCATOR_SHARE * home.area:
        return None
    west, south, east, north = sheet.union(home).bounds
    small = Frame(
        round((east - west) / width_mm * 1000), west, north, width_mm, (north - south) / (east - west) * width_mm
    )
    districts = shapely.simplify(small.draw(convert_shapes_to_metric(table.geometry.to_numpy())), 0.1)
    line = {"stroke": colour_of(GRID_COLOUR), "stroke_width": 0.12, "fill": colour_of(WHITE)}
    drawn = [element("path", d=build_path(shape), fill_rule="evenodd", **line) for shape in districts]
    x, y, x1, y1 = small.draw(np.array([sheet]))[0].bounds
    grown = [max(0.0, SMALLEST_BOX_MM - length) / 2 for length in (x1 - x, y1 - y)]
    at = {"x": number(x - grown[0]), "y": number(y - grown[1])}
    size = {"width": number(x1 - x + 2 * grown[0]), "height": number(y1 - y + 2 * grown[1])}
    ink = colour_of(INK)
    drawn.append(element("rect", **at, **size, fill=ink, fill_opacity=0.12, stroke=ink, stroke_width=0.35))
    svg = wrap_svg("".join(drawn), size_mm=(width_mm, small.height_mm), font=font)
    return Picture(svg, width_mm, small.height_mm)


def draw_qr(text: str) -> Picture | None:
    """Draw a QR code, larger the more there is in it; None where it would not fit on a sheet.

    Parameters
    ----------
    text
        Not empty.
    """
    try:
        code = segno.make(text, error="l", boost_error=True, micro=False)
    except DataOverflowError:
        return None
    count = code.symbol_size(scale=1, border=QUIET)[0]
    size = count * MODULE_MM
    if size > LARGEST_QR_MM * 1.5:
        return None
    out = io.BytesIO()
    code.save(out, kind="svg", border=QUIET, xmldecl=False, svgns=True, nl=False, unit=None, omitsize=True)
    side = min(max(size, 20.0), LARGEST_QR_MM)
    return Picture(out.getvalue().decode("utf-8"), side, side)
