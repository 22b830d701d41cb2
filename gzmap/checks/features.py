"""Checks of what features say: ids, properties, categories, sources, accuracy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from gzmap.checks.findings import Finding, build_finding
from gzmap.checks.reading import Layer, Project
from gzmap.config import SOURCES_FILE

ID_PATTERN = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9_]+")
PROPERTY_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,9}")
STATUSES = ("existing", "building", "proposed")
METHODS = ("official", "digitized", "geocoded", "derived", "schematic")
CLOSED_LISTS = {"status": STATUSES, "method": METHODS}
DISTRICTS = "districts"


def check_ids(project: Project) -> Iterator[Finding]:
    """Find ids that are not unique in the whole project or do not begin with their layer's id."""
    seen: dict[str, str] = {}
    for layer in project.layers:
        for feature in layer.features:
            feature_id, where = feature["id"], spot(layer, feature)
            if feature_id in seen:
                wrong = f"the id {feature_id!r} is also in {seen[feature_id]}"
                yield build_finding("id-duplicate", where, wrong, remedy="give the later feature a new id")
            seen.setdefault(feature_id, layer.file.path)
            if not ID_PATTERN.fullmatch(feature_id) or feature_id.partition(".")[0] != layer.entry["id"]:
                wrong = f"the id {feature_id!r} is not {layer.entry['id']}.<local id> of small letters, digits and _"
                yield build_finding("id-pattern", where, wrong, remedy="rename it, in the mentions too")
    for path, ids in _listed_ids(project):
        doubled = sorted({i for i in ids if ids.count(i) > 1})
        for name in doubled:
            yield build_finding(
                "id-duplicate", f"{path}: {name}", "this id stands twice", remedy="remove or rename one"
            )


def _listed_ids(project: Project) -> Iterator[tuple[str, list[str]]]:
    yield project.catalog.path, [str(e.get("id")) for e in project.catalog.content.get("layers", [])]
    yield project.sources.path, [str(s.get("id")) for s in project.sources.content.get("sources", [])]
    yield project.mentions.path, [m.id for _, m in project.links]


def spot(layer: Layer, feature: Mapping) -> str:
    """Say where a feature stands: file and id."""
    return f"{layer.file.path}: {feature['id']}"


def known_fields(project: Project, layer: Layer) -> dict[str, Mapping]:
    """Give the catalogue's description of each property of a layer, the common ones first."""
    common = project.catalog.content.get("fields")
    return {**(common if isinstance(common, dict) else {}), **layer.entry["fields"]}


def check_properties(project: Project) -> Iterator[Finding]:
    """Find properties that the catalogue lacks, that a Shapefile would cut, or whose value is not of their type."""
    districts = {f["properties"]["name"] for y in project.layers if y.entry["id"] == DISTRICTS for f in y.features}
    for layer in project.layers:
        fields = known_fields(project, layer)
        required = list(fields) if layer.is_plan else [n for n in ("name", "source_id") if n in fields]
        for feature in layer.features:
            where, properties = spot(layer, feature), feature["properties"]
            for name in required:
                if name not in properties:
                    remedy = "add it; null or empty where nothing is known"
                    yield build_finding("property-name", where, f"the property {name!r} is missing", remedy=remedy)
            for name, value in properties.items():
                yield from _check_property(where, name, value, field=fields.get(name))
            yield from _check_districts(where, properties.get("district"), districts)


def _check_property(where: str, name: str, value: object, *, field: object) -> Iterator[Finding]:
    if not PROPERTY_PATTERN.fullmatch(name):
        remedy = "rename it: small letters, digits and _, at most 10 in all, or a Shapefile would cut it"
        yield build_finding("property-name", where, f"the property name {name!r} is not exportable", remedy=remedy)
    if not isinstance(field, dict):
        remedy = "describe it in the layer's fields in layers/catalog.json, or remove it"
        yield build_finding("property-name", where, f"the property {name!r} is not in the catalogue", remedy=remedy)
        return
    wanted = field.get("type")
    if not _fits(value, wanted) or (name == "name" and not str(value).strip()):
        remedy = f"write it as {wanted}"
        yield build_finding("property-value", where, f"{name} is {value!r}, not {wanted}", remedy=remedy)
    elif name in CLOSED_LISTS and value not in CLOSED_LISTS[name]:
        remedy = f"write one of {', '.join(CLOSED_LISTS[name])}"
        yield build_finding("property-value", where, f"{name} is {value!r}", remedy=remedy)


def _fits(value: object, wanted: object) -> bool:
    """Whether a value is of a catalogue type; numbers may be null."""
    if wanted == "integer":
        return value is None or (isinstance(value, int) and not isinstance(value, bool))
    if wanted == "real":
        return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    return isinstance(value, str) and (wanted != "date" or _is_date(value))


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _check_districts(where: str, named: object, districts: set[str]) -> Iterator[Finding]:
    for name in split_list(named):
        if districts and name not in districts:
            remedy = "write names of geodata/districts.geojson, separated by |"
            yield build_finding("property-value", where, f"district names {name!r}, which is none", remedy=remedy)


def split_list(value: object) -> list[str]:
    """Split a ``|``-separated property; empty for anything that is no text."""
    return value.split("|") if isinstance(value, str) and value else []


def check_categories(project: Project) -> Iterator[Finding]:
    """Find categories that are not in the closed list of the layer; a base layer may have no list."""
    for layer in project.layers:
        known = layer.entry["categories"]
        for feature in layer.features if known or layer.is_plan else ():
            category = feature["properties"].get("category")
            if not isinstance(category, str) or category not in known:
                remedy = f"write one of {', '.join(known) or '(the list is empty)'}, or add it to layers/catalog.json"
                yield build_finding(
                    "category-unknown", spot(layer, feature), f"the category {category!r} is unknown", remedy=remedy
                )


def check_sources(project: Project) -> Iterator[Finding]:
    """Find features and layers that name no source of the register."""
    known = {s.get("id") for s in project.sources.content.get("sources", []) if isinstance(s.get("id"), str)}
    for layer in project.layers:
        entry_spot = f"{project.catalog.path}: {layer.entry['id']}"
        yield from _check_named(entry_spot, layer.entry["sources"], known)
        named: list[str] = []
        for feature in layer.features:
            own = split_list(feature["properties"].get("source_id"))
            yield from _check_named(spot(layer, feature), own, known)
            named += own
        for name in dict.fromkeys(s for s in named if s in known and s not in layer.entry["sources"]):
            remedy = "add it to the layer's sources, and see whether its licence changes the layer's"
            yield build_finding("source-unknown", entry_spot, f"its features name the source {name!r}", remedy=remedy)


def _check_named(where: str, named: Iterable[str], known: set[str]) -> Iterator[Finding]:
    listed = list(named)
    if not listed:
        yield build_finding("source-unknown", where, "names no source", remedy=f"name one of {SOURCES_FILE.as_posix()}")
    for name in listed:
        if name not in known:
            remedy = f"correct it, or add the source to {SOURCES_FILE.as_posix()}"
            yield build_finding("source-unknown", where, f"the source {name!r} is unknown", remedy=remedy)


def check_accuracy(project: Project) -> Iterator[Finding]:
    """Find located features that do not say how far off they may be, in metres."""
    for layer in project.layers:
        for feature in layer.features:
            accuracy = feature["properties"].get("accuracy_m")
            stated = isinstance(accuracy, int | float) and not isinstance(accuracy, bool) and accuracy > 0
            if feature["geometry"] is not None and not stated:
                remedy = "write a 95 % bound in metres: at least twice a one-sigma guess"
                yield build_finding(
                    "accuracy-missing", spot(layer, feature), f"accuracy_m is {accuracy!r}", remedy=remedy
                )
