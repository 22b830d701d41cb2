"""Any GeoDataFrame as data to deliver, not only the shipped layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

import geopandas
import pandas as pd
from geopandas.array import GeometryDtype

from gzmap import crs as crs_door
from gzmap.errors import CRSError, ExportError
from gzmap.export.columns import build_column
from gzmap.export.families import SUFFIXES, clean_shapes, split_families
from gzmap.export.losses import CHANGED, NOTE, Loss
from gzmap.export.markup import MARK, NOWHERE, clean_text
from gzmap.export.naming import choose_free, format_code
from gzmap.export.order import Dataset
from gzmap.export.tables import Column, Table

FOREIGN_DAY = date(2000, 1, 1)
"""The date that files of data without an edition carry: any fixed one, so that the same input gives the same bytes."""

LAYER_CHARS = 60
"""Longest plain name of a layer: with a folder before it and an end behind it, every system takes it as a file."""


def build_frame_dataset(
    frames: Mapping[str, geopandas.GeoDataFrame], *, title: str, crs: str, day: date = FOREIGN_DAY
) -> Dataset:
    """Take frames as data to deliver.

    Points, lines and areas of one frame become tables ``_pt``, ``_ln`` and ``_py``. Columns get plain ASCII names, the
    original ones stay as titles. An index that geopandas would write becomes a column. Nothing is changed silently:
    `Dataset.losses` tells it.

    Parameters
    ----------
    frames
        By layer name; each with a CRS, none empty of columns and geometry.
    title
        What it is, for README and metadata.
    crs
        EPSG code that the geometries are converted to.
    day
        The date that every file carries.

    Raises
    ------
    CRSError
        If a frame has no CRS, or ``crs`` is unknown, of a datum without an exact transformation, or does not fit.
    ExportError
        If there is no frame, or one has no geometry column.
    """
    if not frames:
        raise ExportError("No layer is given; give at least one GeoDataFrame with its name.")
    losses: list[Loss] = []
    tables: list[Table] = []
    moves: dict[str, crs_door.Transformation] = {}
    taken: set[str] = set()
    for name, frame in frames.items():
        attributes, shapes = _part(str(name), frame)
        source = _require_crs(str(name), shapes)
        code = _name_layer(str(name), taken, losses)
        moves.setdefault(source, crs_door.describe_transformation(source, crs))
        called = _clean_title(str(name), losses, layer=code)
        cleaned = geopandas.GeoDataFrame(geometry=clean_shapes(shapes.to_numpy(), code, losses), crs=shapes.crs)
        geometries = crs_door.convert(cleaned, crs).geometry.to_numpy()
        columns = tuple(_build_columns(code, attributes, losses))
        id_field = next((c.name for c in columns if _is_id(c)), "")
        tables += split_families(Table(code, called, "", columns, geometries, None, id_field), losses)
    return Dataset(
        tables=tuple(tables), evidence=None, entries={}, sources=(), day=day, edition={}, title=clean_text(title),
        crs=crs.upper(), moves=tuple(moves.values()), losses=tuple(losses),
    )  # fmt: skip


def _name_layer(name: str, taken: set[str], losses: list[Loss]) -> str:
    """Give a layer a plain name that its files and tables can have."""
    parts: set[str] = set()
    while not parts or parts & taken:
        code = choose_free(format_code(name, "layer"), taken, limit=LAYER_CHARS)
        # Each family of its geometries may become a layer.
        parts = {f"{code}{suffix}".lower() for suffix in SUFFIXES}
    taken |= parts
    if code != name:
        losses.append(
            Loss(
                "layer-name", NOTE, code, detail=f"图层 {_shorten(name)} 记作 {code}，原名留作标题",
                detail_en=f"layer {_shorten(name)!r} is called {code}, its own name stays as its title",
            )
        )  # fmt: skip
    return code


def _shorten(text: str) -> str:
    return clean_text(text if len(text) <= LAYER_CHARS else f"{text[:LAYER_CHARS]}…")


def _clean_title(text: str, losses: list[Loss], *, layer: str, field: str = "") -> str:
    """Give a title without what XML, in which most formats keep it, cannot hold."""
    clean = clean_text(text)
    if clean != text:
        lost = dict.fromkeys(f"U+{ord(c):04X}" for c in text if clean_text(c) != c)
        losses.append(
            Loss(
                "title", CHANGED, layer, field, detail=f"标题中的 {'、'.join(lost)} 写成 �",
                detail_en=f"{', '.join(lost)} in the title become the mark \ufffd",
            )
        )  # fmt: skip
    return clean


def _part(name: str, frame: geopandas.GeoDataFrame) -> tuple[pd.DataFrame, geopandas.GeoSeries]:
    """Part a frame into its attributes, an index that carries data among them, and its geometries."""
    active = frame.active_geometry_name if isinstance(frame, geopandas.GeoDataFrame) else None
    # Under several heads, the geometry's column is called by the first.
    called = {active, *((c for c in frame.columns if c[0] == active) if frame.columns.nlevels > 1 else ())}
    places = [
        place
        for place, (column, dtype) in enumerate(zip(frame.columns, frame.dtypes, strict=True))
        if active is not None and column in called and isinstance(dtype, GeometryDtype)
    ]
    if not places:
        raise ExportError(f"Layer {name!r} has no geometry column; give a GeoDataFrame with an active geometry.")
    if len(places) > 1:
        raise ExportError(f"Layer {name!r} has {len(places)} geometry columns called {active!r}; rename all but one.")
    plain = pd.DataFrame(frame)
    attributes = plain.iloc[:, [place for place in range(plain.shape[1]) if place != places[0]]]
    if _keeps_index(frame):
        attributes = attributes.reset_index(allow_duplicates=True)
    return attributes, geopandas.GeoSeries(plain.iloc[:, places[0]])


def _require_crs(name: str, shapes: geopandas.GeoSeries) -> str:
    if shapes.crs is None:
        raise CRSError(
            f"Layer {name!r} has no CRS, and a guess could be kilometres wrong; set it with set_crs(), for instance "
            "EPSG:4490 or EPSG:4547."
        )
    return crs_door.require_code(shapes.crs)


def _keeps_index(frame: pd.DataFrame) -> bool:
    """Tell whether an index carries data, by geopandas' own rule for files: it is named, nested or not of integers."""
    index = frame.index
    return index.nlevels > 1 or index.name is not None or index.dtype.kind not in "iu"


def _is_id(column: Column) -> bool:
    if column.name.lower() != "id" or column.kind != "text":
        return False
    values = list(column.values)
    return None not in values and len(set(values)) == len(values)


def _build_columns(code: str, frame: pd.DataFrame, losses: list[Loss]) -> Iterator[Column]:
    taken: set[str] = set()
    for position, name in enumerate(frame.columns):
        original = _format_name(name)
        plain = choose_free(format_code(original), taken)
        column, loss = build_column(frame.iloc[:, position], plain, layer=code)
        if loss is not None:
            losses.append(loss)
        title = _clean_title(original, losses, layer=code, field=plain)
        if plain != original:
            losses.append(
                Loss(
                    "field-name", NOTE, code, plain, detail=f"字段 {title} 记作 {plain}，原名留作标题",
                    detail_en=f"column {title!r} is called {plain}, its own name stays as its title",
                )
            )  # fmt: skip
        yield replace(column, title=title, title_en=title, origin=NOWHERE.sub(MARK, original))


def _format_name(name: object) -> str:
    """Give the name of a column; that of one under several heads is all of them."""
    return "_".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else str(name)
