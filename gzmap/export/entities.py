"""The entities of a drawing as text of a DXF file: a template each, for a library takes ten times as long.

Source: Autodesk's DXF reference; the order of the tags is that of ezdxf, whose audit the tests ask.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from gzmap.export.lettering import Lettering, letter, write_ids
from gzmap.export.tables import Table
from gzmap.export.titles import find_labels

BATCH = 2000
"""Features whose entities are in memory together."""

POINT, POLYGON = 0, 3
"""GEOS' numbers of types of geometries."""


@dataclass(frozen=True)
class Paper:
    """What the entities of a drawing have in common.

    Attributes
    ----------
    owner
        Handle of the model space.
    handles
        Handles that are free, which each entity takes one of.
    application
        Name under which each entity carries the id of its feature.
    style
        Name of the text style.
    height
        Of the lettering, in units of the drawing.
    """

    owner: str
    handles: itertools.count
    application: str
    style: str
    height: float


def dump_entities(table: Table, layer: str, labels: str, *, paper: Paper) -> Iterator[str]:
    """Write the entities of a table.

    Parameters
    ----------
    table
        As the format holds it; what has no geometry is not drawn.
    layer, labels
        Names of the layers of the geometries and of the names.
    paper
        Of the drawing.

    Yields
    ------
    str
        Tags of whole entities, lines ended by a newline: for each feature its points, lines and rings, then its name.
    """
    rows = np.flatnonzero(~shapely.is_missing(table.geometries))
    ids, names = list(table.ids), find_labels(table)
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        mine = write_ids([ids[row] for row in some.tolist()])
        marks = [f"1001\n{paper.application}\n1000\n{feature_id}\n" for feature_id in mine]
        shapes = table.geometries[some]
        texts = letter([names[row] for row in some.tolist()])
        drawn = _dump_shapes(shapes, layer, paper, marks=marks)
        lettered = _dump_texts(texts, shapely.point_on_surface(shapes), labels, paper=paper)
        yield "".join(f"{a}{b}{m if b else ''}" for a, b, m in zip(drawn, lettered, marks, strict=True))


def _head(kind: str, layer: str, paper: Paper) -> tuple[str, str]:
    """Give what stands before and after the handle of an entity."""
    return f"  0\n{kind}\n  5\n", f"\n330\n{paper.owner}\n100\nAcDbEntity\n  8\n{layer}\n100\n"


def count_entities(table: Table) -> int:
    """Count the handles that the entities of a table take at most: one per point, line and ring, one per name."""
    here = table.geometries[~shapely.is_missing(table.geometries)]
    return len(here) + len(_list_strokes(here)[0])


def _list_strokes(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List the points, lines and rings of features, with the number of their feature and whether they are rings."""
    parts, owners = shapely.get_parts(shapes, return_index=True)
    is_area = shapely.get_type_id(parts) == POLYGON
    rings, of_ring = shapely.get_rings(parts[is_area], return_index=True)
    strokes = np.concatenate([parts[~is_area], rings])
    places = np.concatenate([np.flatnonzero(~is_area), np.flatnonzero(is_area)[of_ring]])
    order = np.argsort(places, kind="stable")
    return strokes[order], owners[places[order]], is_area[places[order]]


def _dump_shapes(shapes: np.ndarray, layer: str, paper: Paper, *, marks: list[str]) -> list[str]:
    """Write points, lines and rings, all of a feature together."""
    strokes, owners, is_ring = _list_strokes(shapes)
    is_point = shapely.get_type_id(strokes) == POINT
    ends = np.cumsum(shapely.get_num_coordinates(strokes)).tolist()
    vertices = [f" 10\n{x!r}\n 20\n{y!r}\n" for x, y in shapely.get_coordinates(strokes).tolist()]
    dumped: list[list[str]] = [[] for _ in shapes]
    point, line = _head("POINT", layer, paper), _head("LWPOLYLINE", layer, paper)
    rows = zip(owners.tolist(), is_point.tolist(), is_ring.tolist(), [0, *ends[:-1]], ends, strict=True)
    for owner, pointed, closed, start, end in rows:
        handle, mark = f"{next(paper.handles):X}", marks[owner]
        if pointed:
            dumped[owner].append(f"{point[0]}{handle}{point[1]}AcDbPoint\n{vertices[start]} 30\n0.0\n{mark}")
        else:
            last = end - 1 if closed else end
            told = f"AcDbPolyline\n 90\n{last - start}\n 70\n{int(closed)}\n"
            dumped[owner].append(f"{line[0]}{handle}{line[1]}{told}{''.join(vertices[start:last])}{mark}")
    return ["".join(some) for some in dumped]


def _dump_texts(texts: list[Lettering | None], places: np.ndarray, layer: str, *, paper: Paper) -> Iterator[str]:
    """Write names, an empty text where there is none."""
    text_head, mtext_head = _head("TEXT", layer, paper), _head("MTEXT", layer, paper)
    for text, (x, y) in zip(texts, shapely.get_coordinates(places).tolist(), strict=True):
        if text is None:
            yield ""
            continue
        handle, place = f"{next(paper.handles):X}", f" 10\n{x!r}\n 20\n{y!r}\n 30\n0.0\n 40\n{paper.height!r}\n"
        words = f"  1\n{text.written}\n  7\n{paper.style}\n"
        if text.is_mtext:  # attached like a TEXT, at its lower left
            yield f"{mtext_head[0]}{handle}{mtext_head[1]}AcDbMText\n{place} 71\n7\n{words}"
        else:
            yield f"{text_head[0]}{handle}{text_head[1]}AcDbText\n{place}{words}100\nAcDbText\n"
