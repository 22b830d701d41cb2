"""KML 2.2: a folder per layer, a placemark per feature, in WGS 84 degrees."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.export.markup import clean_text
from gzmap.export.order import Order
from gzmap.export.tables import Column, Table, format_text
from gzmap.export.titles import find_labels, name_by_format

INT32 = 2**31
XML_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'


def export_kml(order: Order, path: Path) -> None:
    """Write one document: names and descriptions for people, the attributes as ExtendedData.

    The description, which programs show as HTML, lists what is known of a feature under the fields' titles, and the
    sentences of the plan that name it. A text keeps its spaces and line ends here, though GDAL trims it on reading.
    """
    titles = name_by_format(order.cut, order.fmt)
    sentences = _gather_sentences(order)
    with path.open("w", encoding="utf-8", newline="\n") as target:
        target.write(f"{XML_HEAD}<name>{_escape(order.dataset.title)}</name>\n")
        for table in order.cut:
            target.writelines(_dump_schema(table))
        for table in order.cut:
            # An id may stand once in a document; those of our layers do.
            marked = table.name in order.dataset.entries
            target.writelines(_dump_folder(table, titles[table.name], sentences, marked=marked))
        target.write("</Document>\n</kml>\n")


def _gather_sentences(order: Order) -> Mapping[str, list[str]]:
    """Gather the sentences behind each feature, each once."""
    found: dict[str, dict[str, None]] = {}
    if order.evidence is not None:
        pairs = zip(*(order.evidence.column(n).values for n in ("feature_id", "sentence")), strict=True)
        for feature_id, sentence in pairs:
            found.setdefault(feature_id, {})[sentence] = None
    return {feature_id: list(told) for feature_id, told in found.items()}


def _escape(value: object) -> str:
    text = html.escape(clean_text(str(value)), quote=False)
    return text.replace("\r", "&#13;")


def _dump_schema(table: Table) -> Iterator[str]:
    yield f"<Schema name={_quote(table.name)} id={_quote(table.name)}>\n"
    for column in table.columns:
        title = f"<displayName>{_escape(column.title)}</displayName>" if column.title else ""
        yield f"<SimpleField type={_quote(_find_type(column))} name={_quote(column.name)}>{title}</SimpleField>\n"
    yield "</Schema>\n"


def _quote(text: str) -> str:
    return quoteattr(clean_text(text))


def _find_type(column: Column) -> str:
    if column.kind == "integer":
        small = all(v is None or -INT32 <= v < INT32 for v in column.values)
        return "int" if small else "double"
    return {"real": "double", "boolean": "bool"}.get(column.kind, "string")


def _dump_folder(table: Table, title: str, sentences: Mapping[str, list[str]], *, marked: bool) -> Iterator[str]:
    yield f"<Folder>\n<name>{_escape(title)}</name>\n"
    if table.description:
        yield f"<description>{_escape(html.escape(table.description))}</description>\n"
    labels = find_labels(table)
    schema = _quote(f"#{table.name}")
    for row, geometry in enumerate(shapely.orient_polygons(table.geometries)):
        values = [(c, _format_value(c.values[row])) for c in table.columns]
        label, words = _format_value(labels[row]), sentences.get(table.ids[row], ())
        # GDAL has a field of its own for the id of a placemark, before that of the attribute.
        mark = f" id={_quote(table.ids[row])}" if marked and XML_ID.fullmatch(table.ids[row]) else ""
        yield f"<Placemark{mark}>\n<name>{_escape(label or '')}</name>\n"
        yield f"<description>{_escape(_describe(values, words))}</description>\n"
        yield f"<ExtendedData><SchemaData schemaUrl={schema}>\n"
        for column, value in values:
            if value is not None:
                yield f"<SimpleData name={_quote(column.name)}>{_escape(value)}</SimpleData>\n"
        yield "</SchemaData></ExtendedData>\n"
        if geometry is not None:
            yield f"{_dump_geometry(geometry)}\n"
        yield "</Placemark>\n"
    yield "</Folder>\n"


def _format_value(value: object) -> str | None:
    if isinstance(value, bool):
        return "1" if value else "0"
    return repr(value) if isinstance(value, (int, float)) else format_text(value)


def _describe(values: list[tuple[Column, str | None]], sentences: list[str]) -> str:
    """Write what is known of a feature as HTML."""
    lines = [f"{html.escape(c.title or c.name)}：{html.escape(v)}" for c, v in values if v]
    lines += [f"原文：{html.escape(s)}" for s in sentences]
    return "<br>".join(lines)


def _dump_geometry(geometry: BaseGeometry) -> str:
    if geometry.geom_type.startswith("Multi"):
        return f"<MultiGeometry>{''.join(_dump_geometry(part) for part in geometry.geoms)}</MultiGeometry>"
    if geometry.geom_type != "Polygon":
        return f"<{geometry.geom_type}>{_dump_coordinates(geometry)}</{geometry.geom_type}>"
    outer = f"<outerBoundaryIs><LinearRing>{_dump_coordinates(geometry.exterior)}</LinearRing></outerBoundaryIs>"
    inner = (
        f"<innerBoundaryIs><LinearRing>{_dump_coordinates(ring)}</LinearRing></innerBoundaryIs>"
        for ring in geometry.interiors
    )
    return f"<Polygon>{outer}{''.join(inner)}</Polygon>"


def _dump_coordinates(geometry: BaseGeometry) -> str:
    pairs = shapely.get_coordinates(geometry).tolist()
    return f"<coordinates>{' '.join(f'{x!r},{y!r}' for x, y in pairs)}</coordinates>"
