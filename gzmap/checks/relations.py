"""Checks of what features are to one another: based on, part of, lying over one another, reaching out of the city."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, product

import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.checks.features import DISTRICTS, split_list
from gzmap.checks.figures import Figure, farthest_m, read_figures
from gzmap.checks.findings import Finding, build_finding
from gzmap.checks.reading import Project

RELATIONS = {"based_on": "based-on", "part_of": "part-of"}
"""Properties that name other features, and the code of what is wrong with them."""

TOGETHER_M = 30.0
"""Two lines nearer than this run as one."""

CITY = (DISTRICTS, "water_sea")
GROUNDS = {"": CITY, "cooperation": (*CITY, "cities")}
"""Base layers on which the features of a theme lie: those of co-operation also in the neighbouring cities."""

Figures = dict[str, Figure]


def check_relations(project: Project) -> Iterator[Finding]:
    """Find features that are not to one another, or to the city, what they say or must be."""
    figures = read_figures(project)
    planned = [f for f in figures.values() if f.layer.is_plan]
    yield from _check_named(project, planned)
    for figure in planned:
        yield from _check_based_on(figure, figures)
        yield from _check_part_of(figure, figures)
    yield from _check_overlaps(planned)
    yield from _check_city(planned, figures)


def _check_named(project: Project, planned: list[Figure]) -> Iterator[Finding]:
    """Find named features that do not exist, and features that name themselves."""
    known = {f["id"] for layer in project.layers for f in layer.features}
    # A layer that cannot be read says nothing about which of its features exist.
    silent = tuple(f"{y.entry['id']}." for y in project.layers if y.file.findings)
    for figure, (key, code) in product(planned, RELATIONS.items()):
        for other in split_list(figure.properties.get(key)):
            if other == figure.feature_id:
                yield build_finding(code, figure.where, f"{key} names the feature itself", remedy="remove it")
            elif other not in known and not other.startswith(silent):
                wrong = f"{key} names {other!r}, which does not exist"
                yield build_finding(code, figure.where, wrong, remedy="correct or remove the id")


def _check_based_on(figure: Figure, figures: Figures) -> Iterator[Finding]:
    """Find out whether a figure is exactly what it is based on: all parts in whatever order, or areas made one."""
    named = split_list(figure.properties.get("based_on"))
    if not named or figure.feature_id in named or not all(other in figures for other in named):
        return
    bases = [figures[other] for other in named]
    if _parts(figure) != sum(map(_parts, bases), Counter()) and not _is_union(figure, bases):
        wrong = f"the geometry is not that of {' and '.join(named)}"
        remedy = "make the layer anew with layers/scripts/make_layers.py, or empty based_on"
        yield build_finding("based-on", figure.where, wrong, remedy=remedy)


def _parts(figure: Figure) -> Counter:
    parts = shapely.get_parts(shapely.force_2d(figure.geometry)) if figure.geometry is not None else []
    return Counter(shapely.to_wkb(shapely.normalize(part)) for part in parts)


def _is_union(figure: Figure, bases: list[Figure]) -> bool:
    """Whether a figure is the ground of several areas: neighbours side by side would be no valid geometry."""
    areas = [f.geometry for f in (figure, *bases) if f.geometry is not None and shapely.get_dimensions(f.geometry) == 2]
    return len(areas) == len(bases) + 1 > 2 and areas[0].equals(shapely.union_all(areas[1:]))


def _check_part_of(figure: Figure, figures: Figures) -> Iterator[Finding]:
    """Find out whether a part lies within its whole, as far as the whole's accuracy can tell."""
    for other in split_list(figure.properties.get("part_of")):
        whole = figures.get(other)
        if whole is not None and (reach := farthest_m(figure.shape, whole.shape)) > whole.accuracy_m:
            wrong = f"it reaches {reach:.0f} m out of {other}, which is known to {whole.accuracy_m:g} m"
            remedy = "redraw one of the two, or empty part_of"
            yield build_finding("part-of", figure.where, wrong, remedy=remedy)


def _check_overlaps(planned: list[Figure]) -> Iterator[Finding]:
    """Find two features of one layer in the same place that do not say how they belong together."""
    for one, other in combinations([f for f in planned if f.geometry is not None], 2):
        if one.layer is other.layer and not _are_related(one, other):
            slack = one.accuracy_m + other.accuracy_m
            if _overlap(one.shape, other.shape, slack_m=slack):
                wrong = f"it lies over {other.feature_id} ({other.name}), beyond both accuracies ({slack:g} m together)"
                remedy = "redraw one of the two, or say in part_of or based_on how they belong together"
                yield build_finding("overlap", one.where, wrong, remedy=remedy)


def _overlap(one: BaseGeometry, other: BaseGeometry, *, slack_m: float) -> bool:
    """Whether two figures in metres lie over one another, farther than the sum of their accuracies can explain.

    Areas do where their common ground is wider than that sum: two outlines of one border may be off that far. Lines do
    where they run nearer than `TOGETHER_M` for longer than that sum and than half of the shorter line: two lines of a
    network may share a reach. Points never do.
    """
    dimension = min(shapely.get_dimensions(one), shapely.get_dimensions(other))
    if dimension == 1 and one.dwithin(other, TOGETHER_M):
        together = one.intersection(other.buffer(TOGETHER_M)).length
        return together > max(slack_m, min(one.length, other.length) / 2)
    if dimension == 2 and one.intersects(other):
        common = one.intersection(other)
        west, south, east, north = common.bounds
        return min(east - west, north - south) > slack_m and not common.buffer(-slack_m / 2).is_empty
    return False


def _are_related(one: Figure, other: Figure) -> bool:
    """Whether one is part of or based on the other, or both are based on a third."""
    ones, others = ({i for key in RELATIONS for i in split_list(f.properties.get(key))} for f in (one, other))
    bases = [set(split_list(f.properties.get("based_on"))) for f in (one, other)]
    return other.feature_id in ones or one.feature_id in others or bool(bases[0] & bases[1])


def _check_city(planned: list[Figure], figures: Figures) -> Iterator[Finding]:
    """Find features that reach out of the city, or out of the ground that their theme has, beyond their accuracy."""
    grounds = {theme: _ground(figures, layers) for theme, layers in GROUNDS.items()}
    for figure in planned:
        ground = grounds.get(str(figure.layer.entry["theme"]), grounds[""])
        reach = farthest_m(figure.shape, ground)
        if reach > figure.accuracy_m:
            wrong = f"it reaches {reach:.0f} m out of the city, and is known to {figure.accuracy_m:g} m"
            yield build_finding(
                "leaves-city", figure.where, wrong, remedy="cut it at the border or correct its accuracy"
            )


def _ground(figures: Figures, layer_ids: tuple[str, ...]) -> BaseGeometry:
    return shapely.union_all([f.shape for f in figures.values() if f.layer.entry["id"] in layer_ids])
