"""Geometries of any kind as layers: cleaned, collections taken apart, one table for points, lines and areas each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from gzmap.errors import ExportError
from gzmap.export.losses import CHANGED, NOTE, Loss
from gzmap.export.tables import Table, take_rows

FAMILY_OF_TYPE = np.array([0, 1, 1, 2, 0, 1, 2, -1])
"""Dimension of each geometry type of GEOS; -1 for a collection."""

POINT, RING, MULTI_TYPES, COLLECTION = 0, 2, 4, 7
"""GEOS' numbers of the types: a point is 0, a ring 2, multi ones are from 4, a collection is 7."""

SUFFIXES = ("_pt", "_ln", "_py")
SINGLE = ("Point", "LineString", "Polygon")
FAMILY_TITLES = ("点", "线", "面")
MULTI_MAKERS = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)

SHOWN = 8
"""Rows that one message lists."""


def clean_shapes(geometries: np.ndarray, layer: str, losses: list[Loss]) -> np.ndarray:
    """Give geometries in the plane, None for empty ones and for points that are nowhere.

    Parameters
    ----------
    geometries
        Of any kind.
    layer
        Name for what is told.
    losses
        Takes what is changed.

    Raises
    ------
    ExportError
        If one has coordinates that are no numbers.
    """
    empty = shapely.is_empty(geometries) | _find_nowhere(geometries, layer)
    cleaned = _drop_empty_parts(_open_rings(geometries), layer, losses)
    if empty.any():
        cleaned = np.where(empty, None, cleaned)
        losses.append(
            Loss(
                "empty-geometry", CHANGED, layer, detail=f"{empty.sum()} 个空几何按无几何处理",
                detail_en=f"{empty.sum()} empty geometries are taken as none",
            )
        )  # fmt: skip
    if (shapely.has_z(cleaned) | shapely.has_m(cleaned)).any():
        cleaned = shapely.force_2d(cleaned)
        told, told_en = "高程（Z）与量测值（M）不保留", "heights (Z) and measures (M) are dropped"
        losses.append(Loss("z-dropped", CHANGED, layer, detail=told, detail_en=told_en))
    return cleaned


def _open_rings(geometries: np.ndarray) -> np.ndarray:
    """Give rings as the lines that every format takes them for; WKT and KML have another word for them."""
    rows = np.flatnonzero(shapely.get_type_id(geometries) == RING)
    if not len(rows):
        return geometries
    opened = geometries.copy()
    coordinates, owners = shapely.get_coordinates(geometries[rows], include_z=True, return_index=True)
    opened[rows] = shapely.linestrings(coordinates, indices=owners)
    return opened


def _drop_empty_parts(geometries: np.ndarray, layer: str, losses: list[Loss]) -> np.ndarray:
    """Take parts that are empty out of geometries with several, for hardly any format writes or reads them."""
    types = shapely.get_type_id(geometries)
    rows = np.flatnonzero((types >= MULTI_TYPES) & (types != COLLECTION) & ~shapely.is_empty(geometries))
    parts, owners = shapely.get_parts(geometries[rows], return_index=True)
    empty = shapely.is_empty(parts)
    if not empty.any():
        return geometries
    losses.append(
        Loss(
            "empty-geometry", CHANGED, layer, detail=f"{empty.sum()} 个空部件不写出",
            detail_en=f"{empty.sum()} empty parts of geometries are left out",
        )
    )  # fmt: skip
    cleaned = geometries.copy()
    for number in set(owners[empty].tolist()):
        row = rows[number]
        cleaned[row] = MULTI_MAKERS[FAMILY_OF_TYPE[types[row]]](parts[(owners == number) & ~empty])
    return cleaned


def _find_nowhere(geometries: np.ndarray, layer: str) -> np.ndarray:
    """Tell which points have no numbers for coordinates, as a table with gaps makes them."""
    nowhere = np.zeros(len(geometries), dtype=bool)
    coordinates, owners = shapely.get_coordinates(geometries, return_index=True)
    broken = np.isnan(coordinates)
    if not broken.any():
        return nowhere
    nowhere[owners[broken.all(axis=1)]] = True
    nowhere &= shapely.get_type_id(geometries) == POINT
    if rows := np.setdiff1d(owners[broken.any(axis=1)], np.flatnonzero(nowhere)).tolist():
        shown = ", ".join(str(row + 1) for row in rows[:SHOWN]) + (" …" if len(rows) > SHOWN else "")
        raise ExportError(
            f"Layer {layer!r} has coordinates that are no numbers, in {len(rows)} of its rows ({shown}); "
            "repair them, or leave these rows without geometry."
        )
    return nowhere


def split_families(table: Table, losses: list[Loss]) -> Iterator[Table]:
    """Split a table into one per family; what has no geometry goes with the most frequent family."""
    rows, geometries = np.arange(table.size), table.geometries
    types = shapely.get_type_id(geometries)
    is_collection = types == COLLECTION
    if is_collection.any():
        told = f"{is_collection.sum()} 个几何集合按类型拆开", f"{is_collection.sum()} collections are taken apart"
        losses.append(Loss("collection", NOTE, table.name, detail=told[0], detail_en=told[1]))
        rows, geometries = _open_collections(geometries, is_collection)
        types = shapely.get_type_id(geometries)
    families = np.where(types < 0, -1, FAMILY_OF_TYPE[types])
    present = [f for f in range(3) if (families == f).any()]
    main = max(present, key=lambda f: int((families == f).sum()), default=0)
    families = np.where(types < 0, main, families)
    if len(present) > 1:
        told = "、".join(f"{FAMILY_TITLES[f]} {int((families == f).sum())}" for f in present)
        losses.append(
            Loss(
                "mixed-geometry", CHANGED, table.name, detail=f"点线面混合，按类型分为几个图层：{told}",
                detail_en="points, lines and areas are split into layers: "
                + ", ".join(f"{table.name}{SUFFIXES[f]} {int((families == f).sum())}" for f in present),
            )
        )  # fmt: skip
    for family in present or [main]:
        chosen = np.flatnonzero(families == family)
        yield _build_family(table, rows[chosen], geometries[chosen], family=family, split=len(present) > 1)


def _open_collections(geometries: np.ndarray, is_collection: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take collections apart: one row per family of each."""
    rows, parts = [np.flatnonzero(~is_collection)], [geometries[~is_collection]]
    for row in np.flatnonzero(is_collection).tolist():
        single = shapely.get_parts(geometries[row])
        while (shapely.get_type_id(single) >= MULTI_TYPES).any():
            single = shapely.get_parts(single)
        single = single[~shapely.is_empty(single)]
        families = FAMILY_OF_TYPE[shapely.get_type_id(single)]
        made = [MULTI_MAKERS[f](single[families == f]) for f in sorted(set(families.tolist()))]
        rows.append(np.full(len(made), row))
        parts.append(np.array(made, dtype=object))
    order = np.argsort(np.concatenate(rows), kind="stable")
    return np.concatenate(rows)[order], np.concatenate(parts)[order]


def _build_family(table: Table, rows: np.ndarray, geometries: np.ndarray, *, family: int, split: bool) -> Table:
    """Build the table of one family: all single, or all multi where one is."""
    types = shapely.get_type_id(geometries)
    is_multi = types >= MULTI_TYPES
    kind = SINGLE[family]
    if is_multi.any():
        single = np.flatnonzero((types >= 0) & ~is_multi)
        geometries = geometries.copy()
        geometries[single] = MULTI_MAKERS[family](geometries[single], indices=np.arange(len(single)))
        kind = f"Multi{kind}"
    whole = np.array_equal(rows, np.arange(table.size))
    part = table if whole else take_rows(_drop_geometries(table), rows)
    suffix, title = (SUFFIXES[family], f"（{FAMILY_TITLES[family]}）") if split else ("", "")
    return Table(
        f"{table.name}{suffix}", f"{table.title}{title}", table.description, part.columns, geometries, kind,
        table.id_field, None if whole else [str(n + 1) for n in rows.tolist()],
    )  # fmt: skip


def _drop_geometries(table: Table) -> Table:
    """Give a table without its geometries, so that rows can be taken from its columns."""
    return Table(table.name, table.title, table.description, table.columns, None, None, table.id_field)
