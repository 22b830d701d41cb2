"""DXF: the geometries on layers, names as text; the attributes stand in a CSV per layer beside the drawing."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gzmap import crs as crs_door
from gzmap.export.entities import Paper, count_entities, dump_entities
from gzmap.export.files import export_zip
from gzmap.export.lettering import CODEC, LABELS, name_layers
from gzmap.export.order import Order
from gzmap.export.sheets import dump_attributes
from gzmap.export.sidefiles import export_side_files
from gzmap.export.tables import Table
from gzmap.symbols import read_colour

if TYPE_CHECKING:
    from ezdxf.document import Drawing

VERSION = "R2004"
"""The last release that keeps texts in a code page. GDAL, and so QGIS, goes by the code page in every release, and
shows Chinese as rubbish in those that are UTF-8."""

STYLE, FONT, FAMILY = "GZMAP", "simsun.ttc", "SimSun"
APPLICATION = "GZMAP"
"""Name under which each entity carries the id of its feature."""

HEIGHTS_PER_EXTENT = 400
"""Heights of a label that the longer side of the drawing holds."""

METRES, NO_UNIT = 6, 0
POINT_SIGN = 34
"""A cross in a circle: a point is a dot otherwise, which nobody sees."""

SEED = re.compile(r"(\$HANDSEED\n  5\n)([0-9A-F]+)")
START = "  0\nSECTION\n  2\nENTITIES\n"
DATES = re.compile(r"(\$TDU?(?:CREATE|UPDATE)\n *40\n)[^\n]*")
_META = threading.Lock()


def export_dxf(order: Order, path: Path) -> None:
    """Write a zip: one drawing, its ``.prj``, a CSV of attributes per layer, the side tables and README.txt.

    The drawing is in GBK; names with other characters are MTEXT, which has an escape for them. Each ring of an area is
    a closed line. Each entity carries the id of its feature as extended data under the name GZMAP, so that the tables
    can be joined. Features without geometry stand in the table only.
    """
    folder = path.with_name("packet")
    folder.mkdir()
    name = order.cut[0].name if len(order.cut) == 1 else "layers"
    with (folder / f"{name}.dxf").open("wb") as file:
        file.writelines(text.replace("\n", "\r\n").encode(CODEC) for text in _dump_drawing(order))
    (folder / f"{name}.prj").write_text(crs_door.dump_wkt(order.crs), encoding="ascii")
    for table in order.cut:
        (folder / f"{table.name}.csv").write_bytes(dump_attributes(table))
    export_side_files(order, folder)
    export_zip(folder, path, order.day)


def _dump_drawing(order: Order) -> Iterator[str]:
    """Write what stands around the entities with the library, and the entities by templates into it."""
    titles = name_layers(order.cut)
    # Imported here: its 0.2 s are to be paid by drawings alone, not by each page and command.
    import ezdxf  # noqa: PLC0415
    from ezdxf.tools import juliandate  # noqa: PLC0415

    with _fixed_meta(ezdxf.options):
        drawing = ezdxf.new(VERSION)
        height = _set_up(drawing, order, titles)
        stream = io.StringIO()
        drawing.write(stream)
    text = DATES.sub(rf"\g<1>{juliandate(datetime.combine(order.day, time()))}", stream.getvalue(), count=4)
    first = int(SEED.search(text)[2], 16)
    free = first + sum(count_entities(table) for table in order.cut)
    head, start, tail = SEED.sub(rf"\g<1>{free:X}", text, count=1).partition(START)
    yield head + start
    paper = Paper(drawing.modelspace().layout_key, itertools.count(first), APPLICATION, STYLE, height)
    for table in order.cut:
        yield from dump_entities(table, titles[table.name], f"{titles[table.name]}{LABELS}", paper=paper)
    yield tail


@contextlib.contextmanager
def _fixed_meta(options: object) -> Iterator[None]:
    """Let the library write no time and no random number of its own; the setting belongs to the process."""
    with _META:
        before = options.write_fixed_meta_data_for_testing
        options.write_fixed_meta_data_for_testing = True
        try:
            yield
        finally:
            options.write_fixed_meta_data_for_testing = before


def _set_up(drawing: Drawing, order: Order, titles: Mapping[str, str]) -> float:
    """Put code page, unit, layers, text style and view into a drawing, and find the height of its labels."""
    drawing.encoding = CODEC
    is_metric = crs_door.dump_projjson(order.crs)["type"] == "ProjectedCRS"
    drawing.header["$INSUNITS"] = METRES if is_metric else NO_UNIT
    drawing.appids.new(APPLICATION)
    drawing.styles.new(STYLE, dxfattribs={"font": FONT}).set_extended_font_data(FAMILY)
    for table in order.cut:
        for name in (titles[table.name], f"{titles[table.name]}{LABELS}"):
            layer = drawing.layers.new(name)
            # What has no colour keeps number 7, which is black on white and white on black.
            if entry := order.dataset.entries.get(table.name):
                layer.rgb = read_colour(entry.style["color"])
    return _set_view(drawing, order.cut)


def _set_view(drawing: Drawing, tables: Sequence[Table]) -> float:
    """Let the drawing open on its whole extent, and find the height of its labels."""
    bounds = np.array([shapely.total_bounds(table.geometries) for table in tables if table.size] or [[np.nan] * 4])
    if np.isnan(bounds).all():
        return 1.0
    west, south = np.nanmin(bounds[:, :2], axis=0).tolist()
    east, north = np.nanmax(bounds[:, 2:], axis=0).tolist()
    size = max(east - west, north - south)
    space = drawing.modelspace()
    drawing.header["$PDMODE"], drawing.header["$PDSIZE"] = POINT_SIGN, size / HEIGHTS_PER_EXTENT
    space.reset_extents((west, south, 0), (east, north, 0))
    drawing.set_modelspace_vport(height=size or 1.0, center=((west + east) / 2, (south + north) / 2))
    return size / HEIGHTS_PER_EXTENT or 1.0
