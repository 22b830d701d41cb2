"""A project's files as rows, and rows as files again: the same bytes as `gzmap format` writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import PurePosixPath

import shapely
import sqlalchemy as sa
from geoalchemy2.elements import WKBElement
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.engine import Connection, Row

from gzmap.catalog import Entry, derive, dump_layer, parse_geometry
from gzmap.config import CATALOG_FILE, LEDGER_FILE, MENTIONS_FILE, SOURCES_FILE, TOPONYMS_FILE
from gzmap.database.tables import FILES, HEADS, LAYERS, LEDGER, LISTS, MENTIONS, STORAGE_SRID
from gzmap.errors import CatalogError, DatabaseError
from gzmap.files import dump_json, parse_json
from gzmap.ledger import Line, dump_ledger, parse_line
from gzmap.mentions import Mention, dump_mentions, parse_mention

LISTED: Mapping[str, str] = {
    CATALOG_FILE.as_posix(): "layers",
    SOURCES_FILE.as_posix(): "sources",
    TOPONYMS_FILE.as_posix(): "toponyms",
}
"""JSON files, and the list in each whose lines are rows."""

LINED = (MENTIONS_FILE.as_posix(), LEDGER_FILE.as_posix())
"""Files with one row per line."""


def read_content(texts: Mapping[str, bytes], path: str) -> dict:
    """Read one JSON file of a project.

    Raises
    ------
    CatalogError
        If it is missing or broken.
    """
    if path not in texts:
        raise CatalogError(f"{path} is missing in the project; restore it.")
    content = parse_json(texts[path].decode(), path)
    if not isinstance(content, dict):
        raise CatalogError(f"{path}: must be one JSON object, not {type(content).__name__}.")
    return content


def write_documents(connection: Connection, texts: Mapping[str, bytes]) -> None:
    """Write everything but the layers."""
    heads = []
    for path, member in LISTED.items():
        content = read_content(texts, path)
        lines = content[member]
        # The key keeps its place, so that the file comes out in the same order.
        heads.append({"path": path, "body": content | {member: []}})
        rows = [{"position": n, "body": line} for n, line in enumerate(lines)]
        _write(connection, LISTS[member], rows)
    heads += [{"path": path, "body": {}} for path in LINED if path in texts]
    _write(connection, HEADS, heads)
    links = _parse_lines(texts, LINED[0], parse_mention)
    _write(connection, MENTIONS, [asdict(link) for link in links])
    told = _parse_lines(texts, LINED[1], lambda raw, _: parse_line(raw))
    _write(connection, LEDGER, [asdict(line) | {"feature_ids": list(line.feature_ids)} for line in told])


def write_files(connection: Connection, files: Mapping[str, bytes]) -> None:
    """Write what is kept to the byte."""
    _write(connection, FILES, [{"path": path, "content": content} for path, content in sorted(files.items())])


def write_layer(connection: Connection, table: sa.Table, text: bytes) -> None:
    """Write a layer's features, given as the text of its file."""
    features = parse_json(text.decode(), table.name)["features"]
    rows = [
        {
            "id": feature["id"],
            "properties": feature["properties"],
            "geom": _encode(parse_geometry(feature["geometry"], feature["id"])),
        }
        for feature in features
    ]
    _write(connection, table, rows)


def _encode(geometry: shapely.Geometry | None) -> WKBElement | None:
    return None if geometry is None else WKBElement(shapely.to_wkb(geometry), srid=STORAGE_SRID)


def _write(connection: Connection, table: sa.Table, rows: list[dict]) -> None:
    if rows:
        connection.execute(table.insert(), rows)


def _parse_lines(texts: Mapping[str, bytes], path: str, parse: Callable[[object, str], object]) -> list:
    """Parse the lines of a file; ``parse`` takes a line's object and what begins the message of an error."""
    lines = enumerate(texts.get(path, b"").decode().split("\n"), 1)
    placed = ((line, f"{path}: line {number}") for number, line in lines if line)
    return [parse(parse_json(line, where), where) for line, where in placed]


def dump_documents(connection: Connection) -> dict[str, str | dict]:
    """Read everything but layers and given files: texts by path; of JSON files the content, their list filled."""
    heads = {row.path: row.body for row in connection.execute(sa.select(HEADS))}
    missing = [path for path in LISTED if path not in heads]
    if missing:
        raise DatabaseError(
            f"The database holds no {missing[0]}; fill it with `gzmap db import`.",
            zh=f"数据库里没有 {missing[0]}；请用 gzmap db import 导入。",
        )
    found: dict[str, str | dict] = {}
    for path, member in LISTED.items():
        table = LISTS[member]
        lines = connection.execute(sa.select(table.c.body).order_by(table.c.position)).scalars()
        found[path] = heads[path] | {member: list(lines)}
    for path, table, build, dump in (
        (LINED[0], MENTIONS, _build_mention, dump_mentions),
        (LINED[1], LEDGER, _build_line, dump_ledger),
    ):
        if path in heads:
            found[path] = dump(map(build, connection.execute(sa.select(table))))
    return found


def _build_mention(row: Row) -> Mention:
    return Mention(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def _build_line(row: Row) -> Line:
    return Line(**{**row._mapping, "feature_ids": tuple(row.feature_ids)})  # noqa: SLF001 - as above


def read_files(connection: Connection) -> dict[str, bytes]:
    """Read what is kept to the byte, by path."""
    return {row.path: bytes(row.content) for row in connection.execute(sa.select(FILES))}


def dump_table(connection: Connection, name: str) -> tuple[str, dict]:
    """Read a layer: the canonical text of its file, and its derived block for the catalogue."""
    # Without the computed columns, which take longer to describe than to read.
    columns = (sa.column("id", sa.Text), sa.column("properties", JSON), sa.column("geom", sa.LargeBinary))
    table = sa.table(name, *columns, schema=LAYERS)
    shape = sa.func.ST_AsBinary(table.c.geom, type_=sa.LargeBinary)
    features = [
        {"id": feature_id, "properties": properties, "geometry": _decode(geometry)}
        for feature_id, properties, geometry in connection.execute(
            sa.select(table.c.id, table.c.properties, shape).order_by(table.c.id)
        )
    ]
    text = dump_layer(features)
    return text, derive(features, text.encode())


def _decode(encoded: bytes | None) -> dict | None:
    return None if encoded is None else json.loads(shapely.to_geojson(shapely.from_wkb(bytes(encoded))))


def fill_derived(catalog: dict, derived: Mapping[str, dict]) -> str:
    """Write the catalogue with what its layers' tables hold now."""
    for line in catalog["layers"]:
        if line["id"] in derived:
            line["derived"] = derived[line["id"]]
    return dump_json(catalog)


def find_outside(entries: Iterable[Entry]) -> list[str]:
    """Find layers whose file would lie outside the project: a path in a database must lead nowhere else."""
    return [entry.layer_id for entry in entries if not is_inside(entry.path)]


def is_inside(path: str) -> bool:
    """Tell whether a path of a project leads into it."""
    inside = PurePosixPath(path)
    return ".." not in inside.parts and "\0" not in path and inside.parts[:1] in (("layers",), ("geodata",))
