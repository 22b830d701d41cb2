"""Checks of lengths and areas: what is stated is what is drawn, and a difference from documents is explained.

Lengths are in kilometres and areas in square kilometres, both on the ellipsoid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import shapely

from gzmap.checks.figures import Figure, find_number, read_figures
from gzmap.checks.findings import Finding, build_finding
from gzmap.checks.reading import Project, read_project
from gzmap.crs import find_area_m2, find_length_m

ROUNDING = 0.06
"""Kilometres, or square kilometres: a measure is stated to 0.1 at least, and of coordinates not yet rounded."""

LENGTH_SHARE = 0.10
AREA_SHARE = 0.15
"""Parts of the official figure beyond which a difference needs a note."""


@dataclass(frozen=True)
class Kind:
    """What is measured of the features of one geometry type, and which properties hold it."""

    dimension: int
    unit: str
    drawn: str
    official: str
    share: float


KINDS = {
    "MultiLineString": Kind(1, "km", "len_km", "off_km", LENGTH_SHARE),
    "MultiPolygon": Kind(2, "km2", "area_km2", "off_km2", AREA_SHARE),
}


@dataclass(frozen=True)
class Measure:
    """A line or an area as it is drawn and as a document states it, both in ``unit`` (``"km"`` or ``"km2"``).

    ``drawn`` is None where there is no geometry, ``official`` where no document is known.
    """

    feature_id: str
    name: str
    unit: str
    drawn: float | None
    official: float | None
    diff_note: str

    @property
    def difference_pct(self) -> float | None:
        """Drawn minus official in per cent of the official figure; None where one of them is unknown."""
        return None if self.drawn is None or not self.official else (self.drawn / self.official - 1) * 100


def find_lengths(root: Path) -> tuple[Measure, ...]:
    """Find the lines of the plan layers whose length a document states.

    Returns
    -------
    tuple
        In catalogue order; what cannot be read is not among them.
    """
    figures = read_figures(read_project(root)).values()
    measures = (measure_figure(f) for f in figures if f.layer.is_plan)
    return tuple(m for m in measures if m and m.unit == "km" and m.official)


def measure_figure(figure: Figure) -> Measure | None:
    """Measure a figure of a layer of lines or areas; None for points and for what is not of its layer's type."""
    kind, geometry = KINDS.get(str(figure.layer.entry["geometry_type"])), figure.geometry
    if kind is None or (geometry is not None and shapely.get_dimensions(geometry) != kind.dimension):
        return None
    size = find_length_m(geometry) / 1e3 if kind.dimension == 1 else find_area_m2(geometry) / 1e6
    note = figure.properties.get("diff_note")
    return Measure(
        feature_id=figure.feature_id,
        name=figure.name,
        unit=kind.unit,
        drawn=None if geometry is None else size,
        official=find_number(figure.properties, kind.official),
        diff_note=note if isinstance(note, str) else "",
    )


def check_measures(project: Project) -> Iterator[Finding]:
    """Find lengths and areas that are not what is drawn, or far from what documents state without a word on why.

    A schematic area is no measure of anything: it may differ without a note.
    """
    for figure in read_figures(project).values():
        measure = measure_figure(figure) if figure.layer.is_plan else None
        if measure:
            kind = KINDS[figure.layer.entry["geometry_type"]]
            yield from _check_stated(figure, measure, kind)
            is_free = kind.dimension == 2 and figure.properties.get("method") == "schematic"
            yield from () if is_free else _check_difference(figure, measure, kind)


def _check_stated(figure: Figure, measure: Measure, kind: Kind) -> Iterator[Finding]:
    if kind.drawn not in figure.properties:
        return
    stated, drawn = find_number(figure.properties, kind.drawn), measure.drawn
    if (stated is None) != (drawn is None) or (stated is not None and abs(stated - drawn) > ROUNDING):
        given = "nothing is drawn" if drawn is None else f"the geometry gives {drawn:.2f} {kind.unit}"
        wrong = f"{kind.drawn} is {figure.properties[kind.drawn]!r}, but {given}"
        remedy = "make the layer anew with layers/scripts/make_layers.py"
        yield build_finding("measure-stale", figure.where, wrong, remedy=remedy)


def _check_difference(figure: Figure, measure: Measure, kind: Kind) -> Iterator[Finding]:
    difference = measure.difference_pct
    if difference is not None and abs(difference) > kind.share * 100 and not measure.diff_note.strip():
        wrong = f"{measure.drawn:.1f} {kind.unit} are drawn, documents state {measure.official:g} ({difference:+.0f} %)"
        remedy = "say in diff_note which part is missing or how the document counts; never bend the drawing to a number"
        yield build_finding("length-unexplained", figure.where, wrong, remedy=remedy)
