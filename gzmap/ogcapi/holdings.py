"""A layer as the service holds it: everything that a request may ask for, in memory and made once."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote

import numpy as np
import shapely

from gzmap.atlas import Atlas
from gzmap.catalog import Entry
from gzmap.document import format_display
from gzmap.errors import NotFoundError
from gzmap.ogcapi.systems import CRS84, System, convert_shapes, find_fitting, flip
from gzmap.query.citations import format_place

BASE_MARK = "\0"
"""Stands in the prepared texts where the server's address goes. JSON writes this sign itself only in escaped form."""

KINDS = {"text": "text", "integer": "number", "real": "number", "date": "date"}
"""Kinds of values that filters know, by the types of the catalogue."""

EVIDENCE: Mapping[str, str] = {
    "title": "依据",
    "title_en": "Evidence",
    "type": "text",
    "description": "纲要中使该要素上图的原句，每句一行，前为出处",
}
LINK: Mapping[str, str] = {
    "title": "地图链接",
    "title_en": "On the map",
    "type": "text",
    "description": "在本站地图上打开该要素",
}


@dataclass(frozen=True)
class View:
    """A layer in one system: its geometries, an index of them, and each as GeoJSON in the order of the axes."""

    shapes: np.ndarray = field(repr=False)
    tree: shapely.STRtree = field(repr=False)
    texts: tuple[str, ...] = field(repr=False)


class Holding:
    """One layer of an atlas, read-only and shared by all threads.

    Attributes
    ----------
    atlas, entry
        Where it comes from.
    ids
        Feature ids, in the file's order.
    rows
        The properties of each feature, the evidence with them; all have the same keys.
    fields
        Lines of the catalogue by property, `EVIDENCE` with them. The link to the map is no field: it belongs to a
        server's address.
    """

    def __init__(self, atlas: Atlas, entry: Entry) -> None:
        frame = atlas.require_layer(entry.layer_id)
        known = atlas.catalog.fields_of(entry)
        names = [name for name in frame.columns if name != "geometry"]
        self.atlas, self.entry = atlas, entry
        self.ids = tuple(str(i) for i in frame.index)
        self.fields = {name: known.get(name, {"title": name, "title_en": name, "type": "text"}) for name in names}
        self.fields["evidence"] = EVIDENCE
        self.rows = tuple(self._read_row(feature_id, names) for feature_id in self.ids)
        self._numbers = {feature_id: n for n, feature_id in enumerate(self.ids)}
        self._views: dict[System, View] = {}
        self._lock = threading.Lock()

    def __deepcopy__(self, _memo: dict) -> Holding:
        """Stay one: pygeoapi copies its whole configuration, and nothing here ever changes."""
        return self

    def _read_row(self, feature_id: str, names: list[str]) -> dict:
        properties = self.atlas.features[feature_id].properties
        return {**{name: properties.get(name) for name in names}, "evidence": self._tell_evidence(feature_id)}

    def _tell_evidence(self, feature_id: str) -> str | None:
        """Write the sentences that put a feature on the map, each with its place in the plan; None without any."""
        document = self.atlas.document
        told = {}
        for mention in self.atlas.mentions_by_feature.get(feature_id, ()):
            if mention.role != "evidence" or mention.para_id not in document.passages:
                continue
            passage = document.require_passage(mention.para_id)
            begin, stop = passage.find_sentence(mention.start, mention.end)
            place = format_place(self.atlas, mention.para_id)
            told[f"{place}：{format_display(passage.text[begin:stop]).strip()}"] = None
        return "\n".join(told) or None

    @cached_property
    def systems(self) -> tuple[System, ...]:
        """Systems whose area of use holds the layer."""
        return find_fitting(self.atlas.layers[self.entry.layer_id])

    @cached_property
    def bbox(self) -> list[float] | None:
        """``[west, south, east, north]`` in degrees, None when nothing is located."""
        bounds = self.atlas.layers[self.entry.layer_id].total_bounds
        return None if np.isnan(bounds).any() else [float(value) for value in bounds]

    @cached_property
    def days(self) -> tuple[str, str] | None:
        """First and last day on which a feature was entered (ISO), None when no feature says it."""
        days = [row["entered"] for row in self.rows if row.get("entered")]
        return (min(days), max(days)) if days else None

    def find_kind(self, name: str) -> str | None:
        """Tell what a name means in a filter: ``text``, ``number``, ``date``, ``geometry``; None if it is no field."""
        if name == "geometry":
            return "geometry"
        if name == "id":
            return "text"
        return KINDS.get(self.fields[name].get("type", "text"), "text") if name in self.fields else None

    def find_values(self, name: str) -> list:
        """Give a property of all features, in their order; ``id`` is the feature id."""
        return list(self.ids) if name == "id" else [row[name] for row in self.rows]

    def require_number(self, feature_id: str) -> int:
        """Return the place of a feature in the layer, or raise.

        Raises
        ------
        NotFoundError
            If the layer has no such feature.
        """
        if feature_id not in self._numbers:
            raise NotFoundError.unknown("Feature", feature_id, self.ids, where=f"layer {self.entry.layer_id!r}")
        return self._numbers[feature_id]

    def open_view(self, system: System) -> View:
        """Return the layer in a system, converted when it is asked for first."""
        if system not in self._views:
            with self._lock:
                if system not in self._views:
                    self._views[system] = self._build_view(system)
        return self._views[system]

    def _build_view(self, system: System) -> View:
        shapes = convert_shapes(self.atlas.layers[self.entry.layer_id], system)
        written = shapely.to_geojson(flip(shapes) if system.is_flipped else shapes)
        empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        texts = tuple("null" if gap else text for text, gap in zip(written, empty, strict=True))
        return View(shapes, shapely.STRtree(shapes), texts)

    @cached_property
    def _properties(self) -> tuple[str, ...]:
        """The whole properties of each feature as JSON."""
        return tuple(self._dump_properties(number, None) for number in range(len(self.ids)))

    def _dump_properties(self, number: int, chosen: Collection[str] | None) -> str:
        row = self.rows[number]
        picked = row if chosen is None else {name: row[name] for name in row if name in chosen}
        text = json.dumps(picked, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        if chosen is not None and "map_url" not in chosen:
            return text
        link = f'"map_url":"{BASE_MARK}?feature={quote(self.ids[number], safe="")}"}}'
        return f"{text[:-1]}{',' if picked else ''}{link}"

    @cached_property
    def _heads(self) -> tuple[str, ...]:
        """What each feature begins with, up to its geometry."""
        ids = (json.dumps(feature_id, ensure_ascii=False) for feature_id in self.ids)
        return tuple(f'{{"type":"Feature","id":{feature_id},"geometry":' for feature_id in ids)

    def dump_features(
        self,
        numbers: Iterable[int],
        system: System = CRS84,
        *,
        chosen: Collection[str] | None = None,
        is_bare: bool = False,
    ) -> list[str]:
        """Write features as GeoJSON, with `BASE_MARK` for the server's address.

        Parameters
        ----------
        numbers
            Their places in the layer.
        system
            Of the coordinates, in the order of the system's axes.
        chosen
            Properties to write, None for all.
        is_bare
            Whether the geometries are left out (written as null).
        """
        heads, places = self._heads, () if is_bare else self.open_view(system).texts
        whole = self._properties if chosen is None else ()
        return [
            f"{heads[n]}{'null' if is_bare else places[n]},"
            f'"properties":{whole[n] if chosen is None else self._dump_properties(n, chosen)}}}'
            for n in numbers
        ]
