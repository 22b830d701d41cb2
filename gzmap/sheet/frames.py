"""How a sheet is laid out: paper, map frame, true scale, and where ground lies on paper."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from gzmap.config import HOME_BBOX
from gzmap.crs import convert_from_metric, convert_shapes_to_metric, convert_to_metric
from gzmap.sheet.views import PAPERS, SheetView

ROUND = (
    *(1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2.0, 2.2, 2.5, 2.8, 3.0, 3.5),
    *(4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 8.5, 9.0, 9.5, 10.0),
)
"""First digits of the scale denominators that a sheet may be fitted to."""

LARGEST_SCALE = 2_000
"""Denominator that no fitted sheet goes below: nothing here is known better than some metres."""

FIT_MARGIN = 0.03
"""Part of the frame left free around what it is fitted to."""


@dataclass(frozen=True)
class Layout:
    """The parts of a sheet, in millimetres: title above, map left, a strip right of it, a foot below.

    ``band_mm`` is the width between the map's inner and outer border, which holds the coordinates.
    """

    width_mm: float
    height_mm: float
    margin_mm: float
    title_mm: float
    strip_mm: float
    gap_mm: float
    band_mm: float
    foot_mm: float

    @property
    def map_mm(self) -> tuple[float, float]:
        """Width and height of the map inside its inner border."""
        width = self.width_mm - 2 * self.margin_mm - self.strip_mm - self.gap_mm - 2 * self.band_mm
        height = self.height_mm - 2 * self.margin_mm - self.title_mm - self.foot_mm - 2 * self.band_mm
        return width, height


@dataclass(frozen=True)
class Frame:
    """The map's rectangle on the ground, and its scale.

    ``west_m``, ``north_m`` are the upper left corner in `config.METRIC_CRS`; a metre is ``1000 / scale`` mm on paper,
    which the projection changes by less than 0.15 % in the study area.
    """

    scale: int
    west_m: float
    north_m: float
    width_mm: float
    height_mm: float

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north in `config.METRIC_CRS`."""
        east, south = self.west_m + self.to_ground(self.width_mm), self.north_m - self.to_ground(self.height_mm)
        return self.west_m, south, east, self.north_m

    @property
    def middle_m(self) -> tuple[float, float]:
        """Easting and northing of the middle."""
        west, south, east, north = self.bounds_m
        return (west + east) / 2, (south + north) / 2

    def to_ground(self, length_mm: float) -> float:
        """Give the metres that a length on paper stands for."""
        return length_mm / 1000 * self.scale

    def to_paper(self, length_m: float) -> float:
        """Give the millimetres on paper of a length on the ground."""
        return length_m * 1000 / self.scale

    def draw(self, shapes: np.ndarray) -> np.ndarray:
        """Bring geometries from `config.METRIC_CRS` to paper: millimetres right and down from the upper left corner."""
        factor = 1000 / self.scale
        return shapely.transform(
            shapes, lambda at: np.column_stack([(at[:, 0] - self.west_m) * factor, (self.north_m - at[:, 1]) * factor])
        )


def build_layout(paper: str, *, landscape: bool) -> Layout:
    """Lay out a paper: what stands beside the map is wider where the paper lies on its long side."""
    short, long = PAPERS[paper]
    width, height = (long, short) if landscape else (short, long)
    if paper == "A3":
        return Layout(width, height, 10, 20, 86 if landscape else 62, 5, 5, 15)
    return Layout(width, height, 8, 15, 66 if landscape else 46, 3.5, 4.2, 13.5)


def build_frame(view: SheetView, layout: Layout) -> Frame:
    """Place the map: around the view's middle at its scale, or at the largest round scale that shows all of its bbox.

    A view without bbox and center shows the outlined area with as much again around it, or else the city.
    """
    width, height = layout.map_mm
    if view.center is not None:
        easting, northing = convert_to_metric(*view.center)
        scale = view.scale
    else:
        west, south, east, north = find_bounds_m(view)
        easting, northing = (west + east) / 2, (south + north) / 2
        scale = view.scale or fit_scale(east - west, north - south, layout.map_mm)
    half_width, half_height = (length / 2000 * scale for length in (width, height))
    return Frame(scale, easting - half_width, northing + half_height, width, height)


def find_bounds_m(view: SheetView) -> tuple[float, float, float, float]:
    """Find what the sheet is to show: west, south, east, north in `config.METRIC_CRS`."""
    if view.bbox is None and view.area is not None:
        west, south, east, north = convert_shapes_to_metric(np.array([view.area]))[0].bounds
        around = max(east - west, north - south) / 2
        return west - around, south - around, east + around, north + around
    # The edges of a box in degrees are curves in metres: a few points on them are enough to find the outermost.
    box = shapely.segmentize(shapely.box(*(view.bbox or HOME_BBOX)), 0.1)
    return convert_shapes_to_metric(np.array([box]))[0].bounds


def fit_scale(width_m: float, height_m: float, size_mm: tuple[float, float]) -> int:
    """Give the largest round scale at which a rectangle on the ground fits one on paper, as its denominator."""
    free = 1 - 2 * FIT_MARGIN
    exact = max(LARGEST_SCALE, width_m / (size_mm[0] * free / 1000), height_m / (size_mm[1] * free / 1000))
    tens = 10.0 ** math.floor(math.log10(exact))
    return round(next(digits for digits in ROUND if digits * tens >= exact * (1 - 1e-9)) * tens)


def find_convergence_deg(frame: Frame) -> float:
    """Find by how much true north lies east of grid north in the middle of a map, in degrees.

    Measured on the meridian through the middle, which is what the projection makes of it.
    """
    lon, lat = convert_from_metric(*frame.middle_m)
    (x0, y0), (x1, y1) = (convert_to_metric(lon, lat + step) for step in (-0.01, 0.01))
    return math.degrees(math.atan2(x1 - x0, y1 - y0))
