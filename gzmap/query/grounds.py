"""The area that a question is about, ready for it; and many areas, each beside the shapes it is compared with."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.crs import convert_shapes_to_metric, find_area_m2, find_areas_m2
from gzmap.query.shapes import EDGE_DEG, TOUCH_M

STEP_M = 10.0
"""Accuracies are rounded up to this, so that an area is shrunk a few times and not for each feature anew."""


@dataclass(frozen=True, eq=False)
class Ground:
    """An area in degrees (``area``) and in the plane of `config.METRIC_CRS` (``plane``, prepared).

    ``inner`` and ``outer`` are ``plane`` shrunk and grown by `shapes.TOUCH_M`: what meets ``inner`` shares ground with
    the area, what ``outer`` covers lies in it.
    """

    area: BaseGeometry
    plane: BaseGeometry
    inner: BaseGeometry
    outer: BaseGeometry
    _shrunk: dict[float, BaseGeometry] = field(default_factory=dict, repr=False)

    @cached_property
    def area_m2(self) -> float:
        """Square metres on the ellipsoid."""
        return find_area_m2(self.area)

    @cached_property
    def edge(self) -> BaseGeometry:
        """The boundary in the plane."""
        edge = self.plane.boundary
        shapely.prepare(edge)
        return edge

    def shrink(self, margin_m: float) -> BaseGeometry:
        """Give what lies deeper inside than a margin, rounded up to `STEP_M`; prepared, perhaps empty."""
        step = math.ceil(margin_m / STEP_M) * STEP_M
        if step not in self._shrunk:
            self._shrunk[step] = self.plane.buffer(-step)
            shapely.prepare(self._shrunk[step])
        return self._shrunk[step]

    # What follows is asked of one area and of many alike: `Grounds` has the same.

    def at(self, _places: np.ndarray) -> Ground:
        """Give the area of some of the shapes that it is compared with: it is the same for all."""
        return self

    def tell_apart(self, numbers: np.ndarray) -> np.ndarray:
        """Give numbers that differ for each feature and area, from those of the features."""
        return numbers

    def meets(self, drawn: np.ndarray, reach_m: np.ndarray | None = None) -> np.ndarray:
        """Tell which shapes touch the area, or lie within some distance of it."""
        return shapely.intersects(self.outer, drawn) if reach_m is None else shapely.dwithin(self.outer, drawn, reach_m)

    def shares(self, drawn: np.ndarray, reach_m: np.ndarray | None = None) -> np.ndarray:
        """Tell which shapes, or discs round points, share ground with the area."""
        return shapely.intersects(self.inner, drawn) if reach_m is None else shapely.dwithin(self.inner, drawn, reach_m)

    def is_in_discs(self, centres: np.ndarray, disc_m: np.ndarray) -> np.ndarray:
        """Tell which discs hold the whole area."""
        corners = shapely.points(shapely.get_coordinates(shapely.convex_hull(self.inner)))
        return shapely.distance(centres[:, None], corners).max(axis=1) <= disc_m

    def is_met_inside(self, margin_m: float, drawn: np.ndarray) -> np.ndarray:
        """Tell which shapes reach deeper into the area than a margin."""
        return shapely.intersects(self.shrink(margin_m), drawn)

    def meets_cores(self, cores: np.ndarray) -> np.ndarray:
        """Tell which cores of features the area reaches."""
        return shapely.intersects(self.plane, cores)


@dataclass(frozen=True, eq=False)
class Areas:
    """Areas in degrees and in metres, one entry for each in every array; members as those of `Ground`.

    ``area_m2`` is ellipsoidal, by `crs.find_areas_m2`: of areas with edges up to 100 m it differs from that of a
    `Ground` by less than 0.01 m² for each edge.
    """

    area: np.ndarray
    plane: np.ndarray
    inner: np.ndarray
    outer: np.ndarray
    area_m2: np.ndarray

    def __len__(self) -> int:
        return len(self.area)


def build_areas(areas: np.ndarray) -> Areas:
    """Make areas ready for questions.

    Parameters
    ----------
    areas
        Valid polygons or multi-polygons in storage CRS, without heights, all within reach of the plane: what
        `ground.require_ground` lets pass but for its last test. ``inner`` is empty for those that are too narrow.
    """
    plane = convert_shapes_to_metric(shapely.segmentize(areas, EDGE_DEG))
    inner, outer = (shapely.buffer(plane, margin, join_style="mitre") for margin in (-TOUCH_M, TOUCH_M))
    return Areas(areas, plane, inner, outer, find_areas_m2(areas))


@dataclass(frozen=True, eq=False)
class Grounds:
    """For each of many shapes the area that it is compared with: the members and questions of `Ground`, as arrays.

    ``owners`` are numbers of ``areas``, ascending. The shapes are taken as the prepared ones, for there are few of
    them and many areas.
    """

    areas: Areas
    owners: np.ndarray

    def at(self, places: np.ndarray) -> Grounds:
        """Give the areas of some of the shapes, by their places or a mask."""
        return replace(self, owners=self.owners[places])

    @property
    def area(self) -> np.ndarray:
        """The areas in degrees."""
        return self.areas.area[self.owners]

    @property
    def plane(self) -> np.ndarray:
        """The areas in metres."""
        return self.areas.plane[self.owners]

    @property
    def inner(self) -> np.ndarray:
        """The areas, shrunk by `shapes.TOUCH_M`."""
        return self.areas.inner[self.owners]

    @property
    def outer(self) -> np.ndarray:
        """The areas, grown by `shapes.TOUCH_M`."""
        return self.areas.outer[self.owners]

    @property
    def area_m2(self) -> np.ndarray:
        """Square metres on the ellipsoid."""
        return self.areas.area_m2[self.owners]

    @property
    def edge(self) -> np.ndarray:
        """The boundaries in the plane."""
        return shapely.boundary(self.plane)

    def tell_apart(self, numbers: np.ndarray) -> np.ndarray:
        """Give numbers that differ for each feature and area, from those of the features."""
        return self.owners * (numbers.max(initial=0) + 1) + numbers

    def meets(self, drawn: np.ndarray, reach_m: np.ndarray | None = None) -> np.ndarray:
        """Tell which shapes touch their area, or lie within some distance of it."""
        return shapely.intersects(drawn, self.outer) if reach_m is None else shapely.dwithin(drawn, self.outer, reach_m)

    def shares(self, drawn: np.ndarray, reach_m: np.ndarray | None = None) -> np.ndarray:
        """Tell which shapes, or discs round points, share ground with their area."""
        return shapely.intersects(drawn, self.inner) if reach_m is None else shapely.dwithin(drawn, self.inner, reach_m)

    def is_in_discs(self, centres: np.ndarray, disc_m: np.ndarray) -> np.ndarray:
        """Tell which discs hold the whole of their area."""
        corners, places = shapely.get_coordinates(shapely.convex_hull(self.inner), return_index=True)
        away = np.hypot(*(corners - shapely.get_coordinates(centres)[places]).T)
        farthest = np.zeros(len(centres))
        np.maximum.at(farthest, places, away)
        return farthest <= disc_m

    def is_met_inside(self, margin_m: float, drawn: np.ndarray) -> np.ndarray:
        """Tell which shapes reach deeper into their area than a margin."""
        step = math.ceil(margin_m / STEP_M) * STEP_M
        found = np.zeros(len(drawn), dtype=bool)
        # Nothing lies that deep in an area that is not twice as wide; most parcels are not, and need no buffer.
        west, south, east, north = shapely.bounds(self.areas.plane).T
        may = np.flatnonzero((np.minimum(east - west, north - south) >= 2 * step)[self.owners])
        wide, places = np.unique(self.owners[may], return_inverse=True)
        shrunk = shapely.buffer(self.areas.plane[wide], -step)
        found[may] = shapely.intersects(drawn[may], shrunk[places])
        return found

    def meets_cores(self, cores: np.ndarray) -> np.ndarray:
        """Tell which cores of features their area reaches."""
        return shapely.intersects(cores, self.plane)
