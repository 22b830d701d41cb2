"""Own layers of a whole bureau (本单位图层): one table for each, and who may read which."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import geopandas
import numpy as np
import psycopg.sql
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gzmap.config import STORAGE_CRS
from gzmap.database.connection import telling
from gzmap.database.grants import find_roles, quote_role, require_roles
from gzmap.database.owntables import (
    FEATURES,
    LAYER_TABLE,
    OWN,
    RIGHTS,
    find_partition,
    prepare_own,
    quote_name,
)
from gzmap.database.tables import STORAGE_SRID
from gzmap.errors import DatabaseError, NotFoundError
from gzmap.own import OwnLayer, build_layer
from gzmap.sites import Layer

REACH_DEG = 0.0001
"""Some ten metres: what an area may touch is read; the question itself then measures."""


@dataclass(frozen=True)
class StoredTitle:
    """What is known of an own layer without its features.

    ``readers`` are roles; only those that may be seen. ``version`` changes whenever the layer is put in anew.
    """

    layer_id: str
    title: str
    count: int
    version: str
    readers: tuple[str, ...]


def import_own(engine: Engine, layer: OwnLayer, *, readers: Sequence[str] = (), replaces: bool = True) -> None:
    """Put an own layer into the database, in place of one with the same id; in one transaction.

    Parameters
    ----------
    engine
        Of a role that owns the tables.
    layer
        With its id and title.
    readers
        Roles that may read it. With none only the owner may.
    replaces
        False to refuse where a layer with this id is there already, also one that somebody puts in at the same time.

    Raises
    ------
    DatabaseError
        If the database refuses or holds no project; nothing is changed then.
    """
    told = {name: getattr(layer, name) for name in ("layer_id", "title", "name_field", "crs", "fields")}
    with telling(), engine.begin() as connection:
        prepare_own(connection)
        if not replaces:
            _require_free(connection, layer.layer_id)
        _drop(connection, layer.layer_id)
        connection.execute(LAYER_TABLE.insert(), {**told, "count": len(layer.frame)})
        table = find_partition(layer.layer_id)
        name = quote_name(connection, table)
        part = f"CREATE TABLE {name} PARTITION OF {OWN}.features FOR VALUES IN ({_quote(layer.layer_id)})"
        connection.execute(_ddl(part))
        driver: psycopg.Connection = connection.connection.driver_connection
        command = psycopg.sql.SQL("COPY {} (layer_id, key, position, properties, geom, sound) FROM STDIN").format(
            psycopg.sql.Identifier(OWN, table)
        )
        with driver.cursor() as cursor, cursor.copy(command) as copy:
            for row in _list_rows(layer):
                copy.write_row(row)
        # After the rows, which is faster; statistics, without which the first question would read everything.
        connection.execute(_ddl(f"CREATE INDEX ON {name} USING gist (geom)"))
        connection.execute(_ddl(f"ANALYZE {name}"))
        _set_readers(connection, layer.layer_id, readers)


def _require_free(connection: Connection, layer_id: str) -> None:
    """Raise where the id is taken; `prepare_own` holds the lock that keeps it free."""
    if connection.execute(sa.select(LAYER_TABLE.c.title).where(LAYER_TABLE.c.layer_id == layer_id)).first():
        raise DatabaseError(
            f"Own layer {layer_id!r} is in the database already; replace it on purpose, or choose another id.",
            zh=f"数据库里已有本单位图层“{layer_id}”；请明确选择替换，或换一个编号。",
        )


def _list_rows(layer: OwnLayer) -> Iterator[tuple]:
    shapes = layer.frame.geometry.to_numpy()
    encoded = shapely.to_wkb(shapely.set_srid(shapes, STORAGE_SRID), hex=True, include_srid=True)
    sound = (shapely.is_valid(shapes) | shapely.is_missing(shapes)).tolist()
    fields = layer.fields
    columns = [layer.frame[field].tolist() for field in fields]
    values = zip(*columns, strict=True) if columns else iter([()] * len(shapes))
    keys = [int(key, 16) for key in layer.frame.index]
    for n, (key, row, shape, is_sound) in enumerate(zip(keys, values, encoded, sound, strict=True)):
        told = {field: _plain(value) for field, value in zip(fields, row, strict=True)}
        yield layer.layer_id, key, n, json.dumps(told, ensure_ascii=False), shape, is_sound


def _plain(value: object) -> object:
    """Give a value as JSON has it: what is none of its kinds, such as a date, as text; what is empty as null."""
    if isinstance(value, list | dict):
        return value
    if value is None or value != value:  # noqa: PLR0124 - only NaN and NaT differ from themselves
        return None
    return value if isinstance(value, bool | int | float | str) else str(value)


def _ddl(command: str) -> sa.DDL:
    return sa.DDL(command.replace("%", "%%"))


def _quote(text: str) -> str:
    """Write a text as SQL does, for commands that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


def drop_own(engine: Engine, layer_id: str) -> None:
    """Take an own layer out of the database.

    Raises
    ------
    NotFoundError
        If there is none of this id.
    DatabaseError
        If the database refuses.
    """
    with telling(), engine.begin() as connection:
        _require_title(connection, layer_id)
        _drop(connection, layer_id)


def _drop(connection: Connection, layer_id: str) -> None:
    connection.execute(_ddl(f"DROP TABLE IF EXISTS {quote_name(connection, find_partition(layer_id))}"))
    connection.execute(LAYER_TABLE.delete().where(LAYER_TABLE.c.layer_id == layer_id))


def set_readers(engine: Engine, layer_id: str, readers: Sequence[str]) -> None:
    """Say which roles may read an own layer, in place of those who could.

    Raises
    ------
    NotFoundError
        If there is no such layer.
    DatabaseError
        If there is no such role, or the database refuses.
    """
    with telling(), engine.begin() as connection:
        _require_title(connection, layer_id)
        _set_readers(connection, layer_id, readers)


def _set_readers(connection: Connection, layer_id: str, readers: Sequence[str]) -> None:
    name = quote_name(connection, find_partition(layer_id))
    before = connection.execute(sa.select(RIGHTS.c.reader).where(RIGHTS.c.layer_id == layer_id)).scalars()
    for role in set(before) & find_roles(connection):
        connection.execute(_ddl(f"REVOKE ALL ON {name} FROM {quote_role(connection, role)}"))
    connection.execute(RIGHTS.delete().where(RIGHTS.c.layer_id == layer_id))
    require_roles(connection, readers)
    for role in dict.fromkeys(readers):
        connection.execute(RIGHTS.insert(), {"layer_id": layer_id, "reader": role})
        # The policy guards the table of all layers; a layer's own table is opened as a whole, for through a policy
        # no question can use the spatial index.
        named = quote_role(connection, role)
        connection.execute(_ddl(f"GRANT USAGE ON SCHEMA {OWN} TO {named}"))
        for table in (name, *(f"{OWN}.{one.name}" for one in (LAYER_TABLE, RIGHTS, FEATURES))):
            connection.execute(_ddl(f"GRANT SELECT ON {table} TO {named}"))


def list_own(engine: Engine) -> tuple[StoredTitle, ...]:
    """List the own layers that the engine's role may read, by title; none where nobody ever put one in.

    Raises
    ------
    DatabaseError
        If the database cannot be asked.
    """
    with telling(), engine.connect() as connection:
        if not _is_open(connection):
            return ()
        readers: dict[str, list[str]] = {}
        for row in connection.execute(sa.select(RIGHTS).order_by(RIGHTS.c.reader)):
            readers.setdefault(row.layer_id, []).append(row.reader)
        rows = connection.execute(sa.select(LAYER_TABLE).order_by(LAYER_TABLE.c.title, LAYER_TABLE.c.layer_id))
        return tuple(
            StoredTitle(
                *(row.layer_id, row.title, row.count, str(row.version)),
                readers=tuple(readers.get(row.layer_id, ())),
            )
            for row in rows
        )


def _is_open(connection: Connection) -> bool:
    """Tell whether there are own layers at all, and this role may look at their list."""
    asked = sa.text(
        "SELECT has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE') "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :own AND c.relname = 'layers'"
    )
    return bool(connection.execute(asked, {"own": OWN}).scalar())


def load_own(engine: Engine, layer_id: str, *, area: shapely.Geometry | None = None) -> OwnLayer:
    """Load an own layer, or of a large one only what lies near an area: the database's index finds that.

    Parameters
    ----------
    engine
        Of a role that may read it.
    layer_id
        Of the layer.
    area
        In storage CRS; None for the whole layer.

    Returns
    -------
    OwnLayer
        Without a style, in the order of the file. With an area: every feature that meets it, and perhaps some within
        ten metres.

    Raises
    ------
    NotFoundError
        If there is no such layer, or the role may not read it.
    DatabaseError
        If the database cannot be asked.
    """
    with telling(), engine.connect() as connection:
        title = _require_title(connection, layer_id)
        table = FEATURES.to_metadata(sa.MetaData(), schema=OWN, name=find_partition(layer_id))
        asked = sa.select(
            *(table.c.key, table.c.properties, sa.func.ST_AsBinary(table.c.geom, type_=sa.LargeBinary))
        ).order_by(table.c.position)
        if area is not None:
            asked = asked.where(_meets(table, area))
        rows = connection.execute(asked).all()
    layer = Layer("", _build_frame(rows, title.fields), title.crs, title.name_field, ())
    keys = np.array([row[0] for row in rows], dtype=np.int64)
    return replace(build_layer(layer, title.title, keys=keys), layer_id=layer_id, title=title.title)


def _meets(table: sa.Table, area: shapely.Geometry) -> sa.ColumnElement[bool]:
    near = shapely.to_wkb(area.buffer(REACH_DEG, quad_segs=2))
    shape = sa.func.ST_GeomFromWKB(sa.literal(near, sa.LargeBinary), STORAGE_SRID)
    # What crosses itself is found by its box alone: relations of such areas may fail.
    meets = sa.or_(sa.not_(table.c.sound), sa.func.ST_Intersects(table.c.geom, shape))
    return sa.and_(table.c.geom.op("&&")(shape), meets)


def _build_frame(rows: Iterable[sa.Row], fields: list[str]) -> geopandas.GeoDataFrame:
    known = list(rows)
    shapes = shapely.from_wkb([None if row[2] is None else bytes(row[2]) for row in known])
    columns = {field: [row[1].get(field) for row in known] for field in fields}
    return geopandas.GeoDataFrame(columns, geometry=np.array(shapes, dtype=object), crs=STORAGE_CRS)


def _require_title(connection: Connection, layer_id: str) -> sa.Row:
    known = {}
    if _is_open(connection):
        known = {row.layer_id: row for row in connection.execute(sa.select(LAYER_TABLE))}
    if layer_id not in known:
        raise NotFoundError.unknown("Own layer", layer_id, known, where="the database, or may not be read")
    return known[layer_id]
