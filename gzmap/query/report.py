"""What is known of each plan feature: method, accuracy, evidence, its size as drawn and as documents state it."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.crs import find_area_m2, find_length_m
from gzmap.query.words import find_evidence

DIMENSIONS = {"MultiPoint": 0, "MultiLineString": 1, "MultiPolygon": 2}
DECIMALS = {1: 1, 2: 2}
OFFICIAL = {0: ("off_km2", "area_km2"), 1: ("off_km",), 2: ("off_km2",)}
"""Properties with the figure of a document, by dimension; any area that a point states is a document's."""


@dataclass(frozen=True)
class FeatureReport:
    """One plan feature in figures.

    ``layer`` is the layer's id, ``title`` its Chinese title; ``accuracy_m`` is None where nothing is drawn;
    ``evidence`` counts the places in the plan that justify the feature. ``drawn`` is measured on the ellipsoid and
    ``official`` is the figure of a document, both in ``unit`` (``"km"`` for lines, ``"km2"`` for areas and points),
    None where there is none; ``difference_pct`` is the drawn minus the official figure in per cent of the latter.
    """

    id: str
    name: str
    layer: str
    title: str
    district: str
    located: bool
    method: str
    accuracy_m: float | None
    evidence: int
    unit: str
    drawn: float | None
    official: float | None
    difference_pct: float | None
    diff_note: str


def find_report(atlas: Atlas) -> tuple[FeatureReport, ...]:
    """Report every feature of the plan layers.

    Returns
    -------
    tuple
        In catalogue order, then by id; features of layers that cannot be read are not among them. Empty when no plan
        layer has a feature.
    """
    order = [e.layer_id for e in atlas.catalog.plan_entries]
    planned = [f for f in atlas.features.values() if f.layer_id in order]
    return tuple(_report(atlas, f) for f in sorted(planned, key=lambda f: (order.index(f.layer_id), f.feature_id)))


def _report(atlas: Atlas, feature: Feature) -> FeatureReport:
    entry, said = atlas.entry_of(feature), feature.properties
    dimension = DIMENSIONS.get(entry.geometry_type, 0)
    drawn = _measure(feature, dimension)
    official = next((n for key in OFFICIAL[dimension] if (n := _number(said.get(key))) is not None), None)
    return FeatureReport(
        id=feature.feature_id,
        name=feature.name,
        layer=feature.layer_id,
        title=entry.title,
        district=str(said.get("district") or ""),
        located=_is_located(feature),
        method=str(said.get("method") or ""),
        accuracy_m=_number(said.get("accuracy_m")),
        evidence=sum(e.role == "evidence" for e in find_evidence(atlas, feature.feature_id)),
        unit="km" if dimension == 1 else "km2",
        drawn=None if drawn is None else round(drawn, DECIMALS[dimension]),
        official=official,
        difference_pct=None if drawn is None or not official else round((drawn / official - 1) * 100, 1),
        diff_note=str(said.get("diff_note") or ""),
    )


def _is_located(feature: Feature) -> bool:
    return feature.geometry is not None and not feature.geometry.is_empty


def _measure(feature: Feature, dimension: int) -> float | None:
    """Measure a line in kilometres, an area in square kilometres; None for points and for nothing."""
    if not dimension or not _is_located(feature) or shapely.get_dimensions(feature.geometry) != dimension:
        return None
    return find_length_m(feature.geometry) / 1e3 if dimension == 1 else find_area_m2(feature.geometry) / 1e6


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
