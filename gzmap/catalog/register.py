"""The index of layers and the register of sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from shapely.geometry.base import BaseGeometry

from gzmap.config import CATALOG_FILE, SOURCES_FILE
from gzmap.errors import CatalogError, NotFoundError
from gzmap.files import read_json


@dataclass(frozen=True)
class Entry:
    """One layer of the catalogue. ``raw`` is its line as people wrote it, the derived block included."""

    layer_id: str
    kind: str
    path: str
    group: str
    theme: str
    title: str
    title_en: str
    geometry_type: str
    categories: Mapping[str, Mapping[str, str]]
    fields: Mapping[str, Mapping]
    style: Mapping
    visible: bool
    sources: tuple[str, ...]
    raw: Mapping = field(repr=False)


@dataclass(frozen=True)
class Group:
    """Layers that people know as one thing and that differ only in the kind of their geometry.

    ``titles`` has ``title`` and ``title_en``, as a layer's line has; ``entries`` are in drawing order, at least one.
    """

    group_id: str
    theme: str
    titles: Mapping[str, str]
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Preset:
    """A choice of layers that is offered by name: exactly the plan layers of these groups are shown.

    ``titles`` has ``title`` and ``title_en``; a group that no layer belongs to counts for nothing.
    """

    preset_id: str
    titles: Mapping[str, str]
    group_ids: tuple[str, ...]


@dataclass(frozen=True)
class Catalog:
    """All layers in drawing order (first at the bottom), the themes and the sources.

    ``group_titles`` holds ``title`` and ``title_en`` of the groups that have titles of their own, by group id;
    ``presets`` stand in the order in which they are offered.
    """

    themes: tuple[Mapping, ...]
    fields: Mapping[str, Mapping]
    entries: Mapping[str, Entry]
    sources: Mapping[str, Mapping]
    group_titles: Mapping[str, Mapping] = field(default_factory=dict)
    presets: tuple[Preset, ...] = ()

    def require_entry(self, layer_id: str) -> Entry:
        """Return a layer's entry, or raise.

        Raises
        ------
        NotFoundError
            If the catalogue has no such layer.
        """
        if layer_id not in self.entries:
            raise NotFoundError.unknown("Layer", layer_id, self.entries, where=str(CATALOG_FILE))
        return self.entries[layer_id]

    @cached_property
    def plan_entries(self) -> tuple[Entry, ...]:
        """The layers that the plan text stands behind, in drawing order."""
        return tuple(e for e in self.entries.values() if e.kind == "plan")

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups in the order of their topmost layers, the first at the bottom.

        A group without a title of its own takes the title and, in any case, the theme of its topmost layer.
        """
        members: dict[str, list[Entry]] = {}
        for entry in reversed(self.entries.values()):
            members.setdefault(entry.group, []).append(entry)
        return tuple(
            Group(group_id, top.theme, self.group_titles.get(group_id, top.raw), tuple(reversed((top, *others))))
            for group_id, (top, *others) in reversed(members.items())
        )

    def fields_of(self, entry: Entry) -> dict[str, Mapping]:
        """Titles, types and units of a layer's properties: the common ones first, then its own."""
        return {**self.fields, **entry.fields}


@dataclass(frozen=True)
class Feature:
    """One named thing. ``geometry`` is in storage CRS, None when the plan names it and nobody knows where it is."""

    feature_id: str
    layer_id: str
    properties: Mapping
    geometry: BaseGeometry | None = field(repr=False)

    @property
    def name(self) -> str:
        """The Chinese name."""
        return self.properties["name"]

    @property
    def accuracy_m(self) -> float | None:
        """95 % bound in metres, None when there is no geometry."""
        return self.properties.get("accuracy_m")


def read_catalog(root: Path) -> Catalog:
    """Read ``layers/catalog.json`` and ``geodata/sources.json``.

    Raises
    ------
    CatalogError
        If a file is broken or an entry lacks a key.
    """
    raw, sources = read_json(root / CATALOG_FILE), read_json(root / SOURCES_FILE)
    _require(raw, TOP, f"{root / CATALOG_FILE}:", lacks=TOP_LACKS)
    _require(sources, {"sources": list}, f"{root / SOURCES_FILE}:", lacks=TOP_LACKS)
    for number, source in enumerate(sources["sources"], 1):
        _require(source, {"id": str}, f"{root / SOURCES_FILE}: source {number}")
    for number, theme in enumerate(raw["themes"], 1):
        _require(theme, {"id": str, **TITLES}, f"{root / CATALOG_FILE}: theme {number}")
    _require_fields(raw["fields"], f"{root / CATALOG_FILE}:")
    groups, presets = raw.get("groups", []), raw.get("presets", [])
    _require({"groups": groups, "presets": presets}, {"groups": list, "presets": list}, f"{root / CATALOG_FILE}:")
    for number, group in enumerate(groups, 1):
        _require(group, {"id": str, **TITLES}, f"{root / CATALOG_FILE}: group {number}")
    entries = [parse_entry(e) for e in raw["layers"]]
    return Catalog(
        themes=tuple(raw["themes"]),
        fields=raw["fields"],
        entries={e.layer_id: e for e in entries},
        sources={s["id"]: s for s in sources["sources"]},
        group_titles={g["id"]: g for g in groups},
        presets=tuple(map(parse_preset, presets)),
    )


TITLES = {"title": str, "title_en": str}
LACKS = "lacks the key {key!r}; add it"
TOP_LACKS = "a top-level key {key!r} is missing; see layers/schema"
TOP = {"layers": list, "themes": list, "fields": Mapping}
TEXTS = ("id", "kind", "path", "group", "theme", "title", "title_en", "geometry_type")
ENTRY = {
    **dict.fromkeys(TEXTS, str),
    **dict.fromkeys(("categories", "fields", "style"), Mapping),
    **{"visible": bool, "sources": list},
}
WORDS = {str: "a text", list: "a list", Mapping: "an object", bool: "true or false"}


def _require(raw: object, types: Mapping[str, type], where: str, *, lacks: str = LACKS) -> None:
    """Raise where something is no object, lacks a key, or has a value of another type.

    Raises
    ------
    CatalogError
        If so.
    """
    if not isinstance(raw, Mapping):
        raise CatalogError(f"{where} is no object, but {type(raw).__name__}; see layers/schema.")
    for key, kind in types.items():
        if key not in raw:
            raise CatalogError(f"{where} {lacks.format(key=key)}.")
        if not isinstance(raw[key], kind):
            raise CatalogError(f"{where} {key!r} must be {WORDS[kind]}, not {raw[key]!r:.60}; see layers/schema.")


def _require_fields(fields: Mapping, where: str) -> None:
    for name, one in fields.items():
        _require(one, {"type": str}, f"{where} field {name!r}")


def parse_entry(raw: Mapping) -> Entry:
    """Read one catalogue line.

    Raises
    ------
    CatalogError
        If it is no object, or a key is missing or has a value of another type.
    """
    where = f"{CATALOG_FILE}: layer {raw.get('id', '?')!r}" if isinstance(raw, Mapping) else f"{CATALOG_FILE}: a layer"
    _require(raw, ENTRY, where)
    _require_fields(raw["fields"], where)
    for name, category in raw["categories"].items():
        _require(category, {}, f"{where} category {name!r}")
    return Entry(
        layer_id=raw["id"],
        **{k: raw[k] for k in TEXTS[1:]},
        **{k: raw[k] for k in ("categories", "fields", "style", "visible")},
        sources=tuple(raw["sources"]),
        raw=raw,
    )


def parse_preset(raw: Mapping) -> Preset:
    """Read one choice of layers.

    Raises
    ------
    CatalogError
        If it is not an object with ``id``, ``title``, ``title_en`` (text) and ``groups`` (a list of texts).
    """
    if not isinstance(raw, Mapping) or not all(isinstance(raw.get(k), str) for k in ("id", "title", "title_en")):
        raise CatalogError(f"{CATALOG_FILE}: a preset is no object with the texts 'id', 'title' and 'title_en'.")
    groups = raw.get("groups")
    if not isinstance(groups, list) or not all(isinstance(g, str) for g in groups):
        raise CatalogError(f"{CATALOG_FILE}: the 'groups' of preset {raw['id']!r} are no list of group ids.")
    return Preset(raw["id"], {key: raw[key] for key in ("title", "title_en")}, tuple(groups))
