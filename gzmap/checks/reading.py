"""Read a project's files as they are, collecting what is wrong instead of stopping at it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from gzmap.catalog import parse_entry, parse_geometry
from gzmap.checks.findings import Finding, build_finding
from gzmap.config import CATALOG_FILE, MENTIONS_FILE, PLAN_DIR, SOURCES_FILE, TOPONYMS_FILE
from gzmap.document import Document, parse_document
from gzmap.errors import CatalogError, DocumentError
from gzmap.files import read_text
from gzmap.mentions import METHODS, ROLES, Mention

PLAN_FILE = PLAN_DIR / "plan.txt"
META_FILE = PLAN_DIR / "meta.json"
ENTRY_TYPES: dict[str, type] = {
    **dict.fromkeys(("id", "kind", "path", "group", "theme", "title", "title_en", "geometry_type"), str),
    **dict.fromkeys(("categories", "fields", "style"), dict),
    "visible": bool,
    "sources": list,
}
KINDS = ("base", "plan")
RESTORE = "correct it or take the file from version control"


@dataclass
class File:
    """A file under review: its text, its content as far as it could be read, and what was wrong in reading it."""

    path: str
    text: str = ""
    content: object = None
    findings: list[Finding] = field(default_factory=list)

    def note(self, code: str, spot: str, wrong: str, *, remedy: str) -> None:
        """Add a finding at a spot of this file; the whole file where ``spot`` is empty."""
        where = f"{self.path}: {spot}" if spot else self.path
        self.findings.append(build_finding(code, where, wrong, remedy=remedy))


@dataclass
class Layer:
    """A layer under review. ``features`` are the ones with an id, a name and a geometry member.

    ``is_sound`` is False when the file has something that keeps the canonical form from being computed.
    """

    file: File
    entry: Mapping
    features: list[dict]
    is_sound: bool

    @property
    def is_plan(self) -> bool:
        """Whether the plan text stands behind this layer."""
        return self.entry["kind"] == "plan"


@dataclass
class Project:
    """Everything under review."""

    root: Path
    catalog: File
    sources: File
    toponyms: File
    mentions: File
    meta: File
    layers: list[Layer]
    links: list[tuple[int, Mention]]
    document: Document | None

    @property
    def files(self) -> list[File]:
        """All files that were read, the layers last."""
        known = [self.catalog, self.sources, self.toponyms, self.mentions, self.meta]
        return known + [layer.file for layer in self.layers]


def read_project(root: Path) -> Project:
    """Read everything under review; what is wrong stands in the ``findings`` of each file."""
    catalog, sources, toponyms, meta = (
        read_file(root, path, member)
        for path, member in (
            (CATALOG_FILE, "layers"),
            (SOURCES_FILE, "sources"),
            (TOPONYMS_FILE, "toponyms"),
            (META_FILE, ""),
        )
    )
    mentions = _read_plain(root, MENTIONS_FILE)
    links = list(_parse_links(mentions))
    layers = [_read_layer(root, entry) for entry in _sound_entries(catalog)]
    document = _read_document(root, meta)
    return Project(root, catalog, sources, toponyms, mentions, meta, layers, links, document)


def read_file(root: Path, path: PurePosixPath | Path, member: str) -> File:
    """Read a file that must be one JSON object, whose ``member`` (if any) must be a list of objects."""
    file = _read_plain(root, path)
    if file.findings:
        return file
    try:
        file.content, doubled = _parse_tolerant(file.text)
    except (ValueError, RecursionError) as error:
        file.note("json-invalid", "", f"is not valid JSON ({error})", remedy=RESTORE)
        return file
    for owner, key in doubled:
        file.note(
            "json-duplicate-key", owner, f"the key {key!r} stands twice in one object", remedy="remove one of the two"
        )
    if not isinstance(file.content, dict):
        file.note("json-invalid", "", "is not one JSON object", remedy=RESTORE)
        file.content = {}
    if member and not _is_list_of_objects(file.content.get(member)):
        file.note("json-invalid", "", f"{member!r} is not a list of objects", remedy=RESTORE)
        file.content = {**file.content, member: []}
    return file


def _read_plain(root: Path, path: PurePosixPath | Path) -> File:
    file = File(PurePosixPath(path).as_posix(), content={})
    try:
        file.text = read_text(root / path)
    except CatalogError as error:
        wrong, _, remedy = str(error).removeprefix(f"{root / path}: ").rpartition("; ")
        file.note("json-invalid", "", wrong, remedy=remedy.rstrip("."))
    return file


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _parse_tolerant(text: str) -> tuple[object, list[tuple[str, str]]]:
    """Parse JSON; keys that stand twice are told with the id of the object around them."""
    pending: list[str] = []
    doubled: list[tuple[str, str]] = []

    def keep(pairs: list[tuple[str, object]]) -> dict:
        content = dict(pairs)
        pending.extend(key for key, count in Counter(k for k, _ in pairs).items() if count > 1)
        if isinstance(content.get("id"), str):
            doubled.extend((content["id"], key) for key in pending)
            pending.clear()
        return content

    def refuse(constant: str) -> object:
        raise ValueError(f"{constant} is not a number in JSON")

    content = json.loads(text, object_pairs_hook=keep, parse_constant=refuse)
    return content, doubled + [("", key) for key in pending]


def _sound_entries(catalog: File) -> Iterator[Mapping]:
    """Yield the catalogue entries that are built as they should be; the others are noted."""
    content = catalog.content
    fields, themes = content.get("fields"), content.get("themes")
    if not isinstance(fields, dict) or not all(isinstance(f, dict) for f in fields.values()):
        catalog.note("json-invalid", "", "'fields' is not an object of objects", remedy=RESTORE)
    if not _is_list_of_objects(themes):
        catalog.note("json-invalid", "", "'themes' is not a list of objects", remedy=RESTORE)
        themes = []
    for number, entry in enumerate(content.get("layers", []), 1):
        spot = str(entry.get("id", f"layer {number}"))
        wrong = _entry_fault(entry, [theme.get("id") for theme in themes])
        if wrong:
            catalog.note("json-invalid", spot, wrong, remedy="correct the entry; layers/schema says how it is built")
        else:
            yield entry


def _entry_fault(entry: Mapping, themes: list) -> str | None:
    """Say what is wrong with one catalogue entry; None when nothing is."""
    try:
        parse_entry(entry)
    except (CatalogError, TypeError) as error:
        return str(error).partition(": ")[2].rstrip(".") or str(error)
    mistyped = [f"{k!r} is not of type {t.__name__}" for k, t in ENTRY_TYPES.items() if not isinstance(entry[k], t)]
    return next(iter(mistyped), None) or next(_value_faults(entry, themes), None)


def _value_faults(entry: Mapping, themes: list) -> Iterator[str]:
    if not all(isinstance(v, dict) for key in ("categories", "fields") for v in entry[key].values()):
        yield "'categories' or 'fields' has a value that is no object"
    if not all(isinstance(s, str) for s in entry["sources"]):
        yield "'sources' has a value that is no text"
    if entry["kind"] not in KINDS or entry["theme"] not in themes:
        yield f"the kind {entry['kind']!r} or the theme {entry['theme']!r} is unknown"
    path = PurePosixPath(entry["path"])
    if path.is_absolute() or ".." in path.parts or path.suffix != ".geojson" or "\0" in entry["path"]:
        yield f"the path {entry['path']!r} is not a .geojson file inside the project"


def _read_layer(root: Path, entry: Mapping) -> Layer:
    file = read_file(root, PurePosixPath(entry["path"]), "features")
    if not file.findings and file.content.get("type") != "FeatureCollection":
        file.note("json-invalid", "", "is not a GeoJSON FeatureCollection", remedy=RESTORE)
    features = []
    raw = file.content.get("features", [])
    for number, feature in enumerate(raw, 1):
        wrong = _feature_fault(feature)
        if wrong:
            spot = feature["id"] if isinstance(feature.get("id"), str) else f"feature {number}"
            file.note("json-invalid", spot, wrong, remedy="add or correct it, or remove the feature")
        else:
            features.append(feature)
    return Layer(file, entry, features, is_sound=not file.findings and all(map(_is_dumpable, features)))


def _feature_fault(feature: Mapping) -> str | None:
    """Say what keeps an object from being a feature of ours; None when nothing does."""
    if feature.get("type") != "Feature":
        return "is not a GeoJSON Feature"
    if not isinstance(feature.get("id"), str) or not feature["id"]:
        return "has no id (text)"
    if not isinstance(feature.get("properties"), dict):
        return "has no properties (object)"
    if not isinstance(feature["properties"].get("name"), str):
        return "has no name (text)"
    return None if "geometry" in feature else "has no geometry member (null where not located)"


def _is_dumpable(feature: Mapping) -> bool:
    """Whether the canonical form and the derived block can be computed with this feature."""
    accuracy = feature["properties"].get("accuracy_m")
    if accuracy is not None and not isinstance(accuracy, int | float):
        return False
    try:
        geometry = parse_geometry(feature["geometry"], feature["id"])
    except CatalogError:
        return False
    return geometry is None or not geometry.is_empty


def _parse_links(file: File) -> Iterator[tuple[int, Mention]]:
    """Yield the mentions with their line numbers; lines that are none are noted."""
    for number, line in enumerate(file.text.splitlines(), 1):
        if not line.strip():
            continue
        spot = f"line {number}"
        try:
            raw, doubled = _parse_tolerant(line)
        except (ValueError, RecursionError) as error:
            file.note("json-invalid", spot, f"is not valid JSON ({error})", remedy=RESTORE)
            continue
        for _, key in doubled:
            file.note("json-duplicate-key", spot, f"the key {key!r} stands twice", remedy="remove one of the two")
        wrong = _link_fault(raw)
        if wrong:
            file.note("json-invalid", spot, wrong, remedy=RESTORE)
        else:
            yield number, Mention(**raw)


def _link_fault(raw: object) -> str | None:
    keys = Mention.__dataclass_fields__
    if not isinstance(raw, dict) or set(raw) != set(keys):
        return f"is not one object with the keys {', '.join(keys)}"
    for key in keys:
        wanted = int if key in ("start", "end") else str
        if not isinstance(raw[key], wanted) or isinstance(raw[key], bool):
            return f"{key!r} is not of type {wanted.__name__}"
    if raw["role"] not in ROLES or raw["method"] not in METHODS:
        return f"role is not one of {', '.join(ROLES)}, or method not one of {', '.join(METHODS)}"
    return None


def _read_document(root: Path, meta: File) -> Document | None:
    try:
        return parse_document(read_text(root / PLAN_FILE), meta.content if isinstance(meta.content, dict) else {})
    except (CatalogError, DocumentError) as error:
        plan = str(error).removeprefix(f"{root / PLAN_FILE}: ")
        meta.findings.append(
            build_finding(
                "plan-invalid", PLAN_FILE.as_posix(), plan.rstrip("."), remedy="restore the text that was given"
            )
        )
        return None
