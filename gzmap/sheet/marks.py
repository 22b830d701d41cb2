"""What is drawn on a sheet: the parts of features inside the map, on paper, each with its sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import geopandas
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas
from gzmap.catalog import Catalog, Entry
from gzmap.config import DISC_ACCURACY_M
from gzmap.crs import convert_shapes_to_metric
from gzmap.own import OwnLayer
from gzmap.sheet.frames import Frame
from gzmap.sheet.views import Lang, SheetView, clean_text
from gzmap.symbols import Rule, build_rules, is_text_only

PX_MM = 0.2
"""Millimetres on paper of a CSS pixel on the page: a sheet is read from nearer than a screen."""

BEYOND_MM = 6.0
"""How far drawing goes on outside the map, so that no edge that was cut shows inside."""

DETAIL_MM = 0.02
"""What is smaller cannot be printed."""

FAMILIES = ("Point", "LineString", "Polygon")
OWN_THEME = "own"
LAST_RANK = 5
"""Of a name for orientation without one."""


@dataclass(frozen=True)
class Mark:
    """One drawn thing; a part of a multi-point by itself.

    ``shape`` is on paper (`Frame.draw`), cut some millimetres outside the map; ``radius_mm`` is that of a pin or disc,
    0 for lines and areas. ``rank`` and ``category`` are those of a name for orientation, ``rule`` is then None.
    """

    feature_id: str
    name: str
    shape: BaseGeometry = field(repr=False)
    rule: Rule | None
    radius_mm: float = 0.0
    rank: int = 0
    category: str = ""


@dataclass(frozen=True)
class SheetLayer:
    """A layer as it is on the sheet: its entry, or what stands for one with a layer of the planner's own."""

    entry: Entry
    opacity: float
    marks: tuple[Mark, ...] = field(repr=False)

    @property
    def is_own(self) -> bool:
        """Whether the planner brought it."""
        return self.entry.theme == OWN_THEME


def find_layers(atlas: Atlas, view: SheetView, frame: Frame) -> tuple[SheetLayer, ...]:
    """Find what is drawn, in drawing order; a layer with nothing inside the map has no marks.

    Raises
    ------
    NotFoundError
        If a layer is not in the catalogue.
    CatalogError
        If a layer's file is broken.
    """
    layers = []
    for layer_id in dict.fromkeys(view.layer_ids):
        entry, table = atlas.catalog.require_entry(layer_id), atlas.require_layer(layer_id)
        shapes = convert_shapes_to_metric(table.geometry.to_numpy())
        marks = _find_marks(_read_rows(table, entry, view.lang), shapes, frame, is_text=is_text_only(entry))
        layers.append(SheetLayer(entry, view.opacity.get(layer_id, 1.0), tuple(marks)))
    for own in view.own:
        entry = describe_own(own)
        marks = _find_marks(_read_own_rows(own, entry), own.metric, frame)
        layers.append(SheetLayer(entry, view.opacity.get(own.layer_id, 1.0), tuple(marks)))
    return tuple(layers)


def order_layers(catalog: Catalog, layers: Sequence[SheetLayer]) -> list[SheetLayer]:
    """Order layers as the page's list has them: by theme, then the topmost first; own layers first, the base last."""
    themes = [theme["id"] for theme in catalog.themes]
    rank = {OWN_THEME: -len(themes)} | {theme: -n for n, theme in enumerate(themes)}
    order = {layer.entry.layer_id: (rank.get(layer.entry.theme, 0), -n) for n, layer in enumerate(layers)}
    return sorted(layers, key=lambda layer: order[layer.entry.layer_id])


def describe_own(own: OwnLayer) -> Entry:
    """Write a layer of the planner's own as a line of the catalogue."""
    texts = dict.fromkeys(("path", "geometry_type"), "")
    titles = dict.fromkeys(("title", "title_en"), clean_text(own.title))
    return Entry(
        layer_id=own.layer_id, kind="own", group=own.layer_id, theme=OWN_THEME, **texts, **titles,
        categories={}, fields={}, style=own.style, visible=True, sources=(), raw=titles,
    )  # fmt: skip


@dataclass(frozen=True)
class _Rows:
    """The columns of a layer as plain lists, which are read cell by cell much faster than a frame.

    ``rules`` holds the layer's rules for points, lines and areas by method and disc.
    """

    ids: list[str]
    names: list[str]
    methods: list[str]
    accuracies_m: list[float]
    parts: list[str]
    ranks: list[int]
    categories: list[str]
    rules: tuple[Mapping, ...]


def _read_rows(table: geopandas.GeoDataFrame, entry: Entry, lang: Lang) -> _Rows:
    def read(name: str, default: object = "") -> pd.Series:
        return table[name] if name in table else pd.Series(default, index=table.index)

    accuracies = pd.to_numeric(read("accuracy_m", 0), errors="coerce").fillna(0)
    names = read("name").where(read("name").map(lambda name: isinstance(name, str)), "")
    english = read("name_en").where(read("name_en").map(lambda name: isinstance(name, str)), "")
    shown = english.where(english != "", names) if lang == "en" else names
    return _Rows(
        ids=[str(feature_id) for feature_id in table.index],
        names=[clean_text(name).replace("\n", " ") for name in shown],
        methods=[m if m in ("derived", "schematic") else "" for m in read("method")],
        accuracies_m=accuracies.astype(float).tolist(),
        parts=[str(part or "") for part in read("part_acc")],
        ranks=pd.to_numeric(read("rank", LAST_RANK), errors="coerce").fillna(LAST_RANK).astype(int).tolist(),
        categories=[str(category or "") for category in read("category")],
        rules=_list_rules(entry),
    )


def _read_own_rows(own: OwnLayer, entry: Entry) -> _Rows:
    """Read a layer of the planner's own, whose fields are whatever they are: all of it is drawn as known."""
    count = len(own.frame)
    return _Rows(
        ids=[f"{own.layer_id}.{local_id}" for local_id in own.frame.index],
        names=[clean_text(name).replace("\n", " ") for name in own.names],
        methods=[""] * count,
        accuracies_m=[0.0] * count,
        parts=[""] * count,
        ranks=[LAST_RANK] * count,
        categories=[""] * count,
        rules=_list_rules(entry),
    )


def _list_rules(entry: Entry) -> tuple[Mapping, ...]:
    return tuple({(r.method, r.disc): r for r in build_rules(entry, family)} for family in FAMILIES)


def _find_marks(rows: _Rows, shapes: np.ndarray, frame: Frame, *, is_text: bool = False) -> Iterator[Mark]:
    """Cut what lies in the map and give each piece its sign."""
    shapes = np.asarray(shapes, dtype=object)
    dimensions = shapely.get_dimensions(shapes)
    found = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    seen = _find_seen(shapes, frame, found & (dimensions > 0))
    cut = shapely.simplify(frame.draw(_cut(shapes[seen], frame)), DETAIL_MM)
    for row, whole in zip(seen.tolist(), cut, strict=True):
        shape = _keep_dimension(whole, dimensions[row])
        if not shape.is_empty:
            rule = rows.rules[dimensions[row]][rows.methods[row], None]
            yield Mark(rows.ids[row], rows.names[row], shape, rule)
    reach_m = max([*rows.accuracies_m, *(a for part in rows.parts for a in _read_numbers(part))], default=0.0)
    for row in _find_seen(shapes, frame, found & (dimensions == 0), beyond_m=reach_m).tolist():
        marks = _draw_points(rows, row, shapes[row], frame=frame, is_text=is_text)
        yield from (mark for mark in marks if _reaches(mark, frame))


def _find_seen(shapes: np.ndarray, frame: Frame, wanted: np.ndarray, *, beyond_m: float = 0.0) -> np.ndarray:
    """Find the rows whose bounding boxes meet the map, or lie at most so far outside."""
    west, south, east, north = frame.bounds_m
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        across = (bounds[:, 0] <= east + beyond_m) & (west - beyond_m <= bounds[:, 2])
        down = (bounds[:, 1] <= north + beyond_m) & (south - beyond_m <= bounds[:, 3])
    return np.flatnonzero(wanted & across & down)


def _cut(shapes: np.ndarray, frame: Frame) -> np.ndarray:
    """Cut shapes some millimetres outside the map; what a planner drew across itself is mended first."""
    beyond = frame.to_ground(BEYOND_MM)
    west, south, east, north = frame.bounds_m
    box = shapely.box(west - beyond, south - beyond, east + beyond, north + beyond)
    shapely.prepare(box)
    crossing = np.flatnonzero(~shapely.covers(box, shapes))
    broken = crossing[~shapely.is_valid(shapes[crossing])]
    cut = shapes.copy()
    cut[broken] = shapely.make_valid(cut[broken])
    cut[crossing] = shapely.intersection(cut[crossing], box)
    return cut


def _keep_dimension(shape: BaseGeometry, dimension: int) -> BaseGeometry:
    """Leave off what cutting and mending left of a lower dimension: points of lines, lines of areas."""
    if shape.geom_type != "GeometryCollection":
        return shape if shapely.get_dimensions(shape) == dimension else shapely.Point()
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == dimension])


def _draw_points(rows: _Rows, row: int, shape: BaseGeometry, *, frame: Frame, is_text: bool) -> Iterator[Mark]:
    """Draw each point as a pin, or as a disc where it is known worse than `DISC_ACCURACY_M`."""
    told = (rows.ids[row], rows.names[row])
    for number, point in enumerate(frame.draw(shapely.get_parts(shape))):
        if is_text:
            yield Mark(*told, point, None, rank=rows.ranks[row], category=rows.categories[row])
            continue
        stated = _read_numbers(rows.parts[row])
        # A part without an accuracy of its own has the feature's.
        accuracy_m = (stated[number] if number < len(stated) else 0) or rows.accuracies_m[row]
        is_disc = accuracy_m > DISC_ACCURACY_M
        rule = rows.rules[0][rows.methods[row], is_disc]
        yield Mark(*told, point, rule, frame.to_paper(accuracy_m) if is_disc else rule.radius_px * PX_MM)


def _read_numbers(part_acc: str) -> list[float]:
    """Read the accuracies of the parts of a point feature; 0 where one is missing."""
    return [float(part) if part.replace(".", "", 1).isdecimal() else 0.0 for part in part_acc.split("|")]


def _reaches(mark: Mark, frame: Frame) -> bool:
    x, y, reach = mark.shape.x, mark.shape.y, mark.radius_mm
    return -reach <= x <= frame.width_mm + reach and -reach <= y <= frame.height_mm + reach
