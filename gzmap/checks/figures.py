"""Features as the checks of relations and measures see them: what is broken is left to the checks that tell it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import geopandas
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.catalog import parse_geometry
from gzmap.checks.features import spot
from gzmap.checks.reading import Layer, Project
from gzmap.config import METRIC_CRS, STORAGE_CRS, STUDY_BBOX
from gzmap.errors import CatalogError

STEP_M = 100.0
"""A figure's edge is looked at every so many metres."""


@dataclass(frozen=True)
class Figure:
    """A feature whose geometry is None or can be measured, in storage CRS."""

    feature_id: str
    where: str
    layer: Layer = field(repr=False)
    properties: Mapping = field(repr=False)
    geometry: BaseGeometry | None = field(repr=False)

    @cached_property
    def shape(self) -> BaseGeometry:
        """The geometry in `config.METRIC_CRS`; empty where there is none."""
        if self.geometry is None:
            return shapely.GeometryCollection()
        return geopandas.GeoSeries([self.geometry], crs=STORAGE_CRS).to_crs(METRIC_CRS).iloc[0]

    @property
    def name(self) -> str:
        """The Chinese name."""
        return self.properties["name"]

    @property
    def accuracy_m(self) -> float:
        """How far off it may be, in metres; 0 where it does not say."""
        return find_number(self.properties, "accuracy_m") or 0.0


def read_figures(project: Project) -> dict[str, Figure]:
    """Read all features, base and plan, by their id in the order of the catalogue.

    Left out is what is not valid, empty or outside the study area, and the later of two features with one id.
    """
    figures: dict[str, Figure] = {}
    for layer in project.layers:
        for feature in layer.features:
            try:
                geometry = parse_geometry(feature["geometry"], feature["id"])
            except CatalogError:
                continue  # the checks of geometry tell it
            if geometry is None or _is_measurable(geometry):
                figure = Figure(feature["id"], spot(layer, feature), layer, feature["properties"], geometry)
                figures.setdefault(feature["id"], figure)
    return figures


def _is_measurable(geometry: BaseGeometry) -> bool:
    study = shapely.box(*STUDY_BBOX)
    return not geometry.is_empty and geometry.is_valid and study.covers(shapely.box(*geometry.bounds))


def find_number(properties: Mapping, name: str) -> float | None:
    """Find a number among properties; None for anything else."""
    value = properties.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def farthest_m(shape: BaseGeometry, others: BaseGeometry) -> float:
    """Measure how far a figure reaches from others, along its edge every `STEP_M`; both in `config.METRIC_CRS`.

    Returns
    -------
    float
        Metres; 0 where one of them is empty.
    """
    if shape.is_empty or others.is_empty:
        return 0.0
    edge = shapely.get_coordinates(shapely.segmentize(shape, STEP_M))
    shapely.prepare(others)
    outside = shapely.points(edge)[~shapely.covers(others, shapely.points(edge))]
    return float(shapely.distance(outside, others).max(initial=0.0))
