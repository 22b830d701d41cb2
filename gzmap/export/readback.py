"""Read what was written back with a second client, and compare it with what should be there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import numpy as np
import shapely

from gzmap.errors import ExportError
from gzmap.export.clients import Reading, find_tool, name_client, read_sources, take_part
from gzmap.export.comparison import LARGEST_DEGREE, Written, compare, match_names
from gzmap.export.tables import SEPARATOR


@dataclass(frozen=True)
class LayerReading:
    """What a client found of one layer.

    ``extent`` is west, south, east, north in the file's CRS, empty where nothing is located; ``texts`` holds the
    SHA-256 of all texts by field, ``fields`` the names of all fields; ``differences`` say in Chinese what is not as it
    was written, and there should be none.
    """

    fmt: str
    file: str
    layer: str
    client: str
    features: int
    located: int
    crs: str
    extent: tuple[float, ...]
    fields: tuple[str, ...]
    texts: Mapping[str, str] = field(repr=False)
    differences: tuple[str, ...] = ()


def read_back(written: Sequence[Written], folder: Path, *, root: Path, tool: str | None = None) -> list[LayerReading]:
    """Read layers back, the formats side by side.

    Parameters
    ----------
    written
        What was written.
    folder
        An empty folder for what the client writes.
    root
        The folder that file names are told from.
    tool
        Path of GDAL's ``ogr2ogr``, empty to read with pyogrio; None to look for it.

    Returns
    -------
    list
        One per layer, in the order of ``written``.

    Raises
    ------
    ExportError
        If the client cannot read a layer.
    """
    tool = find_tool() if tool is None else tool
    groups = [list(group) for _, group in groupby(written, key=lambda w: w.source.fmt)]
    places = [folder / str(number) for number in range(len(groups))]

    def read(group: list[Written], place: Path) -> list[LayerReading]:
        place.mkdir()
        sources = list(dict.fromkeys(w.source for w in group))
        found = dict(zip(sources, read_sources(sources, place, tool), strict=True))
        client = name_client(sources[0].fmt, tool)
        return [_examine(w, take_part(found[w.source], w.part), client, root=root) for w in group]

    with ThreadPoolExecutor(max_workers=2) as pool:
        return [reading for readings in pool.map(read, groups, places) for reading in readings]


def require_same(readings: Iterable[LayerReading]) -> None:
    """Raise where something came back other than it was written.

    Raises
    ------
    ExportError
        Naming the first difference.
    """
    differences = [f"{r.file} {r.layer}: {d}" for r in readings for d in r.differences]
    if differences:
        raise ExportError(
            f"Read back, {len(differences)} things are not as they were written: {differences[0]}; nothing is "
            "delivered. Choose another format or encoding, and report this.",
            zh=f"读回后有 {len(differences)} 处与写出的不同：{differences[0]}；没有交付任何文件。"
            "请换格式或编码，并报告此问题。",
        )


def _examine(written: Written, reading: Reading, client: str, *, root: Path) -> LayerReading:
    table = written.table
    reading = match_names(reading, table) if written.source.fmt == "kml" else reading
    shapes = reading.geometries
    located = np.array([]) if shapes is None else shapes[~shapely.is_missing(shapes)]
    sizes = {len(values) for values in reading.fields.values()} | ({len(shapes)} if shapes is not None else set())
    texts = {c.name: c for c in table.columns if c.kind == "text" and c.name in reading.fields}
    return LayerReading(
        fmt=written.source.fmt,
        file=written.source.path.relative_to(root).as_posix(),
        layer=written.part or written.source.layer,
        client=client,
        features=max(sizes, default=0),
        located=len(located),
        crs=reading.crs,
        extent=tuple(round(float(edge), 9) for edge in shapely.total_bounds(located)) if len(located) else (),
        fields=tuple(reading.fields),
        texts={name: find_checksum(reading.fields[name]) for name in texts},
        differences=tuple(compare(written, reading)),
    )


def find_checksum(texts: Iterable[str]) -> str:
    """Give the SHA-256 of all texts of a field, in the order of the features."""
    return hashlib.sha256(SEPARATOR.join(texts).encode("utf-8", "surrogatepass")).hexdigest()


# --- the report


def dump_readings(readings: Sequence[LayerReading]) -> dict:
    """Give the report for machines."""
    return {
        "clients": sorted({r.client for r in readings}),
        "differences": sum(len(r.differences) for r in readings),
        "layers": [
            {
                **{"format": r.fmt, "file": r.file, "layer": r.layer, "client": r.client, "crs": r.crs},
                **{"features": r.features, "located": r.located, "extent": list(r.extent)},
                **{"fields": list(r.fields), "text_sha256": dict(r.texts), "differences": list(r.differences)},
            }
            for r in readings
        ],
    }


def format_readings(readings: Sequence[LayerReading]) -> str:
    """Give the report for people: in Chinese, one line per layer, differences below."""
    clients = "、".join(sorted({r.client for r in readings}))
    count = sum(len(r.differences) for r in readings)
    lines = [
        f"用另一程序读回：{clients}",
        "核对：要素数、字段名、每个字段的全部取值、坐标系、每个要素的范围与顶点数。",
        f"差异：{count or '无'}",
        "",
    ]
    for r in readings:
        extent = " ".join(f"{edge:.9g}" if abs(edge) <= LARGEST_DEGREE else f"{edge:.3f}" for edge in r.extent)
        place = f"，{r.crs or '文件不记坐标系'}，范围 {extent}" if r.extent else ""
        lines.append(f"{r.file} {r.layer}：{r.features} 行，有几何 {r.located}，字段 {len(r.fields)} 个{place}")
        lines += [f"    差异：{difference}" for difference in r.differences]
    return "\n".join(lines) + "\n"
