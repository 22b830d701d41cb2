"""The tables: those of every project, one for each layer, and what tells the servers that something changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, JSON, TIMESTAMP
from sqlalchemy.engine import Connection

from gzmap.catalog import Entry
from gzmap.errors import DatabaseError

CORE, LAYERS = "gzmap", "layers"
"""Names of the schemas of what every project has and of the layers."""

CHANNEL = "gzmap"
"""Where a change is told of, by NOTIFY."""

LAYOUT = 1
"""Of these tables; raised when they change, so that a newer program never misreads an older database."""

STORAGE_SRID = 4326
LONGEST_ID = 40
"""Bytes of a layer's id: PostgreSQL cuts names at 63, and an index's name has more than its table's."""

SQL_TYPES: Mapping[str, sa.types.TypeEngine] = {"integer": sa.BigInteger(), "real": sa.Double()}
"""Of columns, by the type of a field in the catalogue; all others are texts."""

META = sa.MetaData(schema=CORE)

GUARD = sa.Table("guard", META, sa.Column("one", sa.Boolean, primary_key=True))
"""Empty; an import locks it, and whoever reads everything waits for that lock before the first look."""

VERSION = sa.Table(
    "version",
    META,
    sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("changed", TIMESTAMP(timezone=True), nullable=False),
    sa.Column("changer", sa.Text),
    sa.Column("layout", sa.Integer, nullable=False),
    sa.Column("identity", sa.Uuid, server_default=sa.func.gen_random_uuid(), nullable=False),
)
"""One row; ``n`` grows by one with every transaction (``changer``) that changes a table here.
``identity`` is this database's own: another one, even under the same address, starts to count anew."""

STATES = sa.Table(
    "states",
    META,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.Text),
)
"""By table: the version that changed it last, and of what was imported, a digest, null once it was edited here."""

FILES = sa.Table(
    "files",
    META,
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
"""What was given and is kept to the byte: the plan's text and what belongs to it."""

HEADS = sa.Table(
    "documents",
    META,
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("body", JSON(none_as_null=True), nullable=False),
)
"""JSON files with one long list, without the list's lines, which are in a table of their own."""


def _build_list(name: str, key: str) -> sa.Table:
    body = sa.literal_column("body", JSON())
    return sa.Table(
        name,
        META,
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("body", JSON(none_as_null=True), nullable=False),
        sa.Column("id", sa.Text, sa.Computed(body[key].astext, persisted=True), index=True),
    )


LISTS: Mapping[str, sa.Table] = {
    "layers": _build_list("catalog", "id"),
    "sources": _build_list("sources", "id"),
    "toponyms": _build_list("toponyms", "name"),
}
"""By the name of the list in its file; ``body`` is a line as people wrote it."""


def _text(name: str, *, index: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=False, index=index)


def _place() -> list[sa.Column]:
    numbers = [sa.Column(name, sa.Integer, nullable=False) for name in ("start", "end")]
    return [_text("para_id", index=True), *numbers, _text("exact", index=True)]


MENTIONS = sa.Table(
    "mentions",
    META,
    *(sa.Column("id", sa.Text, primary_key=True), _text("feature_id", index=True), *_place()),
    *map(_text, ("prefix", "suffix", "role", "method")),
)
LEDGER = sa.Table(
    "ledger",
    META,
    *(sa.Column("id", sa.Text, primary_key=True), *_place(), _text("box")),
    *(sa.Column("feature_ids", ARRAY(sa.Text), nullable=False), _text("reason")),
)
CONTENT = (FILES, HEADS, *LISTS.values(), MENTIONS, LEDGER)
"""Whose every change counts."""

TOUCH = """
CREATE OR REPLACE FUNCTION gzmap.touch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE gzmap.version SET n = n + 1, changed = clock_timestamp(), changer = pg_current_xact_id()::text
    WHERE changer IS DISTINCT FROM pg_current_xact_id()::text;
    INSERT INTO gzmap.states (name, n) SELECT TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, v.n FROM gzmap.version v
    ON CONFLICT (name) DO UPDATE SET n = excluded.n, digest = NULL;
    PERFORM pg_notify('gzmap', '');
    RETURN NULL;
END $$
"""
"""Runs as the owner: who may edit a layer need not be able to write the version."""


def build_layer_table(entry: Entry, fields: Mapping[str, Mapping]) -> sa.Table:
    """Describe the table of a layer.

    Parameters
    ----------
    entry
        Of the catalogue.
    fields
        As `gzmap.catalog.Catalog.fields_of` gives them.

    Returns
    -------
    Table
        ``id``, ``properties`` (as in the file, the order of its keys included), ``geom`` (storage CRS, null where not
        located) and a column for each field, computed from ``properties``, for people who read it with SQL or a GIS.

    Raises
    ------
    DatabaseError
        If the layer's id is too long for the name of a table.
    """
    if len(entry.layer_id.encode()) > LONGEST_ID:
        raise DatabaseError(
            f"The layer id {entry.layer_id!r} is longer than {LONGEST_ID} bytes, too long for a table; shorten it.",
            zh=f"图层编号 {entry.layer_id!r} 超过 {LONGEST_ID} 字节，不能作为表名；请缩短。",
        )
    shape = Geometry(entry.geometry_type.upper(), srid=STORAGE_SRID, spatial_index=True)
    return sa.Table(
        entry.layer_id,
        sa.MetaData(schema=LAYERS),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("properties", JSON(none_as_null=True), nullable=False),
        sa.Column("geom", shape),
        *(
            sa.Column(name, *_compute(name, str(field.get("type"))), index=name in ("name", "category"))
            for name, field in fields.items()
            if name not in ("id", "properties", "geom")
        ),
    )


def _compute(name: str, kind: str) -> tuple[sa.types.TypeEngine, sa.Computed]:
    """Give type and rule of a column that shows one property."""
    told = sa.literal_column("properties", JSON())[name].astext
    if kind not in SQL_TYPES:
        return sa.Text(), sa.Computed(told, persisted=True)
    # By way of a decimal number, for a whole one may be written as 3.0.
    return SQL_TYPES[kind], sa.Computed(sa.cast(sa.cast(told, sa.Numeric), SQL_TYPES[kind]), persisted=True)


def watch(connection: Connection, tables: Iterable[sa.Table]) -> None:
    """Have every change of some tables raise the version and tell the servers."""
    quote = connection.dialect.identifier_preparer.format_table
    for table in tables:
        for command in (
            f"DROP TRIGGER IF EXISTS changed ON {quote(table)}",
            f"CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {quote(table)} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {CORE}.touch()",
        ):
            connection.execute(sa.DDL(command.replace("%", "%%")))
