"""What was written against what was read back: every difference, told in Chinese; there should be none."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gzmap.export.clients import WKT, Reading, Source
from gzmap.export.files import FORMULA_STARTS
from gzmap.export.formats import Format, require_format
from gzmap.export.tables import Column, Table, format_text

DEGREE_TOLERANCE, METRE_TOLERANCE = 1e-9, 1e-6
"""How far a corner of a feature's bounding box may come back from where it was: 0.1 mm and 1 µm."""

LARGEST_DEGREE = 360

NUMBER_TOLERANCE = 1e-9
"""Relative difference that a number may have, for clients print 15 digits."""

GRIDS: Mapping[str, tuple[float, float]] = {"gdb": (2e-9, 1e-4)}
"""Formats that put coordinates on a grid: its width in degrees and in metres."""

DATE = re.compile(r"\d{4}[-/]\d{2}[-/]\d{2}")

SHOWN = 3
"""Values that one difference lists."""


@dataclass(frozen=True)
class Written:
    """One layer of a written file, and what should be in it: a table as the format holds it.

    ``part`` is the layer of a drawing, whose content all stands in one layer for the client; ``lettering`` are the
    texts there, None where it holds the geometries.
    """

    source: Source
    table: Table
    crs: str
    part: str = ""
    lettering: Sequence[str] | None = None


def match_names(reading: Reading, table: Table) -> Reading:
    """Call a field by our name where a client has its own for it: in KML ``name`` is the feature's ``Name``."""
    ours = {c.name.lower(): c.name for c in table.columns}
    fields = {
        name if name in ours.values() else ours.get(name.lower(), name): values
        for name, values in reading.fields.items()
    }
    return Reading(fields, reading.geometries, reading.crs)


def compare(written: Written, reading: Reading) -> Iterator[str]:
    """Tell, one by one, what came back other than it was written: rows, fields, values, CRS, bounds, vertices."""
    table, fmt = written.table, require_format(written.source.fmt)
    if written.part:
        yield from (_compare_shapes_drawn if written.lettering is None else _compare_lettering)(written, reading)
        return
    sizes = {len(values) for values in reading.fields.values()}
    sizes |= set() if reading.geometries is None else {len(reading.geometries)}
    if sizes - {table.size}:
        yield f"要素数应为 {table.size}，读回 {max(sizes)}"
        return
    wanted, found = [c.name for c in table.columns], list(reading.fields)
    if missing := [name for name in wanted if name not in found]:
        yield f"缺少字段 {'、'.join(missing)}"
    if fmt.driver is not None and (extra := [name for name in found if name not in wanted]):
        yield f"多出字段 {'、'.join(extra)}"
    order = _find_order(table, reading)
    if order is None:
        yield "要素标识与写出的不同"
        return
    for column in table.columns:
        if column.name in reading.fields:
            found_texts = [reading.fields[column.name][row] for row in order]
            yield from _compare_column(column, _undo(found_texts, written.source.fmt))
    if table.geometries is not None:
        yield from _compare_shapes(written, reading, fmt, order=order)


def _undo(texts: Sequence[str], fmt: str) -> Sequence[str]:
    """Take off the apostrophe that stands in a CSV before what a spreadsheet could take for a formula."""
    if fmt != "csv":
        return texts
    return [text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text for text in texts]


def _find_order(table: Table, reading: Reading) -> list[int] | None:
    """Find the row of each feature: formats with an index in space put them in an order of their own."""
    found = reading.fields.get(table.id_field) if table.geometries is not None else None
    if found is None or list(found) == list(table.ids):
        return list(range(table.size))
    rows = {feature_id: row for row, feature_id in enumerate(found)}
    if len(rows) < table.size or any(i not in rows for i in table.ids):
        return None
    return [rows[i] for i in table.ids]


def _compare_column(column: Column, found: Sequence[str]) -> Iterator[str]:
    wanted = ["" if v is None else format_text(v) for v in column.values]
    unequal = [row for row in range(len(wanted)) if not _is_same(wanted[row], found[row], column.kind)]
    if unequal:
        yield f"字段 {column.name} 有 {len(unequal)} 处不同：{_show(unequal, wanted, found)}"


def _is_same(wanted: str, found: str, kind: str) -> bool:
    if wanted == found:
        return True
    if kind in ("integer", "real") and wanted and found:
        return math.isclose(float(wanted), float(found), rel_tol=NUMBER_TOLERANCE)
    if kind == "date" or (kind == "text" and DATE.fullmatch(found)):
        # Clients take a text that is a date for a date, and write dates with strokes.
        return wanted == found.replace("/", "-")[:10]
    if kind == "datetime":
        return wanted[:19] == found.replace("/", "-").replace(" ", "T")[:19]
    if kind == "boolean":
        return wanted.lower() in ({"1": "true", "0": "false"}.get(found), found.lower())
    return wanted[:1] in ("[", "{") and _is_same_json(wanted, found)


def _compare_shapes_drawn(written: Written, reading: Reading) -> Iterator[str]:
    """Compare what is drawn on one layer of a drawing: a piece per point, line and ring."""
    shapes, found = written.table.geometries, reading.geometries
    parts = shapely.get_parts(shapes[~shapely.is_missing(shapes)])
    count = sum(1 + max(0, int(rings)) for rings in shapely.get_num_interior_rings(parts))
    if count != len(found):
        yield f"图形应有 {count} 个，读回 {len(found)} 个"
        return
    if count and np.abs(shapely.total_bounds(parts) - shapely.total_bounds(found)).max() > METRE_TOLERANCE:
        yield "范围不同"


def _compare_lettering(written: Written, reading: Reading) -> Iterator[str]:
    """Compare the texts on one layer of a drawing, in their order."""
    wanted, found = list(written.lettering), list(reading.fields["Text"])
    if len(wanted) != len(found):
        yield f"注记应有 {len(wanted)} 条，读回 {len(found)} 条"
    elif unequal := [row for row in range(len(wanted)) if wanted[row] != found[row]]:
        yield f"注记有 {len(unequal)} 处不同：{_show(unequal, wanted, found)}"


def _show(rows: Sequence[int], wanted: Sequence[str], found: Sequence[str]) -> str:
    return "；".join(f"第 {row + 1} 行应为 {wanted[row]!r}，读回 {found[row]!r}" for row in rows[:SHOWN])


def _is_same_json(wanted: str, found: str) -> bool:
    """Compare lists and objects by content, for clients put their spaces as they like."""
    try:
        return json.loads(wanted) == json.loads(found)
    except ValueError:
        return False


def _compare_shapes(written: Written, reading: Reading, fmt: Format, *, order: Sequence[int]) -> Iterator[str]:
    shapes = written.table.geometries
    if reading.geometries is None:
        if any(shape is not None for shape in shapes):
            yield "读不到几何"
        return
    if fmt.states_crs and reading.crs != written.crs:
        yield f"坐标系应为 {written.crs}，读回 {reading.crs or '没有'}"
    found = reading.geometries[list(order)]
    if written.source.fmt == "xlsx":
        # What is too long for a cell stands in parts on a sheet of its own, which is not put together here.
        whole = np.array([not reading.fields[WKT][row].startswith("（") for row in order])
        shapes, found = shapes[whole], found[whole]
    missing, lost = shapely.is_missing(shapes), shapely.is_missing(found) | shapely.is_empty(found)
    if not np.array_equal(missing, lost):
        yield f"无几何的要素应有 {int(missing.sum())} 个，读回 {int(lost.sum())} 个"
        return
    here = ~missing
    if not here.any():
        return
    wanted_bounds, found_bounds = shapely.bounds(shapes[here]), shapely.bounds(found[here])
    tolerances = GRIDS.get(written.source.fmt, (DEGREE_TOLERANCE, METRE_TOLERANCE))
    tolerance = tolerances[int(np.abs(wanted_bounds).max() > LARGEST_DEGREE)]
    tolerance += 0 if fmt.decimals is None else 10.0**-fmt.decimals
    off = np.abs(wanted_bounds - found_bounds).max(axis=1)
    if (off > tolerance).any():
        yield f"{int((off > tolerance).sum())} 个要素的范围不同，最多相差 {off.max():.9g}"
    counts = shapely.get_num_coordinates(shapes[here]) != shapely.get_num_coordinates(found[here])
    if counts.any():
        yield f"{int(counts.sum())} 个要素的顶点数不同"
