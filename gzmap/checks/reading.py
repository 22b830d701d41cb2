"""Read a project's files as they are, collecting what is wrong instead of stopping at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from gzmap.atlas import account_for, list_words
from gzmap.catalog import parse_entry, parse_geometry, parse_preset
from gzmap.checks.content import RESTORE, File, is_list_of_objects, read_file, read_plain
from gzmap.checks.findings import build_finding
from gzmap.checks.records import parse_ledger, parse_links, parse_toponyms
from gzmap.config import CATALOG_FILE, LEDGER_FILE, MENTIONS_FILE, PLAN_DIR, SOURCES_FILE, TOPONYMS_FILE
from gzmap.document import Document, parse_document
from gzmap.errors import CatalogError, DocumentError
from gzmap.files import read_text
from gzmap.ledger import Account, Line
from gzmap.mentions import Mention, Toponym

PLAN_FILE = PLAN_DIR / "plan.txt"
META_FILE = PLAN_DIR / "meta.json"
ENTRY_TYPES: dict[str, type] = {
    **dict.fromkeys(("id", "kind", "path", "group", "theme", "title", "title_en", "geometry_type"), str),
    **dict.fromkeys(("categories", "fields", "style"), dict),
    "visible": bool,
    "sources": list,
}
KINDS = ("base", "plan")


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
    ledger: File
    meta: File
    layers: list[Layer]
    places: list[Toponym]
    links: list[tuple[int, Mention]]
    lines: list[tuple[int, Line]]
    document: Document | None

    @property
    def files(self) -> list[File]:
        """All files that were read, the layers last."""
        known = [self.catalog, self.sources, self.toponyms, self.mentions, self.ledger, self.meta]
        return known + [layer.file for layer in self.layers]

    @cached_property
    def _feature_ids(self) -> frozenset[str]:
        return frozenset(f["id"] for layer in self.layers for f in layer.features)

    def knows(self, feature_id: str) -> bool:
        """Whether a feature exists, or may: a layer that cannot be read says nothing about its features."""
        silent = tuple(f"{y.entry['id']}." for y in self.layers if y.file.findings)
        return feature_id in self._feature_ids or feature_id.startswith(silent)

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        """What has become of every place name in the text; empty where there is no text.

        A mention of a layer that cannot be read counts: nobody knows that its feature is not drawn.
        """
        if not self.document:
            return ()
        return account_for(
            self.document,
            self.places,
            [mention for _, mention in self.links],
            ledger=[line for _, line in self.lines],
            features={
                f["id"]: (
                    list_words(f["properties"]),
                    None if f["geometry"] else str(f["properties"].get("notes") or ""),
                )
                for layer in self.layers
                if layer.is_plan
                for f in layer.features
            },
        )


def _words_of(feature: Mapping) -> tuple[tuple[str, ...], str | None]:
    """Give the words of a feature, and why it is not drawn (None when it is)."""
    properties = feature["properties"]
    return list_words(properties), None if feature["geometry"] else str(properties.get("notes") or "")


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
    mentions, ledger = read_plain(root, MENTIONS_FILE), read_plain(root, LEDGER_FILE)
    entries = list(_sound_entries(catalog))
    _note_presets(catalog)
    return Project(
        root,
        **{"catalog": catalog, "sources": sources, "toponyms": toponyms, "meta": meta},
        mentions=mentions,
        ledger=ledger,
        layers=[_read_layer(root, entry) for entry in entries],
        places=list(parse_toponyms(toponyms)),
        links=list(parse_links(mentions)),
        lines=list(parse_ledger(ledger)),
        document=_read_document(root, meta),
    )


def _sound_entries(catalog: File) -> Iterator[Mapping]:
    """Yield the catalogue entries that are built as they should be; the others are noted."""
    content = catalog.content
    fields, themes = content.get("fields"), content.get("themes")
    if not isinstance(fields, dict) or not all(isinstance(f, dict) for f in fields.values()):
        catalog.note("json-invalid", "", "'fields' is not an object of objects", remedy=RESTORE)
    if not is_list_of_objects(themes):
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


def _note_presets(catalog: File) -> None:
    """Note the presets that are built wrongly, stand twice, or name a group that no plan layer belongs to."""
    # An entry that is wrong in itself has been noted; its group is there all the same.
    groups = {str(e.get("group")) for e in catalog.content.get("layers", []) if e.get("kind") != "base"}
    remedy = "correct the preset; layers/schema/catalog.schema.json says how it is built"
    seen: set[str] = set()
    presets = catalog.content.get("presets", [])
    if not is_list_of_objects(presets):
        catalog.note("json-invalid", "", "'presets' is not a list of objects", remedy=RESTORE)
        return
    for number, raw in enumerate(presets, 1):
        try:
            preset = parse_preset(raw)
        except CatalogError as error:
            catalog.note("json-invalid", f"preset {number}", str(error).partition(": ")[2].rstrip("."), remedy=remedy)
            continue
        unknown = [g for g in preset.group_ids if g not in groups]
        if unknown or preset.preset_id in seen:
            wrong = f"names {', '.join(unknown)}, which no plan layer is of" if unknown else "has an id used before"
            catalog.note("json-invalid", f"preset {preset.preset_id}", wrong, remedy=remedy)
        seen.add(preset.preset_id)


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
