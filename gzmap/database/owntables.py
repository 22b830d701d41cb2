"""Tables of the own layers: a list of them, their readers, and one table with a part for each layer."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, JSON
from sqlalchemy.engine import Connection

from gzmap.database.tables import STORAGE_SRID, watch

OWN = "own"
"""Name of the schema."""

META = sa.MetaData(schema=OWN)
LAYER_TABLE = sa.Table(
    "layers",
    META,
    sa.Column("layer_id", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("title", "name_field", "crs")),
    sa.Column("fields", ARRAY(sa.Text), nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("version", sa.Uuid, server_default=sa.func.gen_random_uuid(), nullable=False),
)
RIGHTS = sa.Table(
    "rights",
    META,
    sa.Column("layer_id", sa.Text, sa.ForeignKey(LAYER_TABLE.c.layer_id, ondelete="CASCADE"), primary_key=True),
    sa.Column("reader", sa.Text, primary_key=True),
)
"""Which roles may read which layer."""

FEATURES = sa.Table(
    "features",
    META,
    sa.Column("layer_id", sa.Text, primary_key=True),
    sa.Column("key", sa.BigInteger, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("properties", JSON(none_as_null=True), nullable=False),
    sa.Column("geom", Geometry("GEOMETRY", srid=STORAGE_SRID, spatial_index=False)),
    sa.Column("sound", sa.Boolean, nullable=False),
    postgresql_partition_by="LIST (layer_id)",
)
"""All layers in one; each is a part with a table and a spatial index of its own."""

POLICIES = {
    # Names, not roles: one that was dropped must not make the list unreadable for all.
    "rights": "EXISTS (SELECT FROM pg_roles r WHERE r.rolname = reader AND pg_has_role(r.oid, 'USAGE'))",
    "layers": "layer_id IN (SELECT r.layer_id FROM own.rights r)",
    "features": "layer_id IN (SELECT r.layer_id FROM own.rights r)",
}
"""Which rows a role sees, by table; those of the layers follow from those of the rights."""


def prepare_own(connection: Connection) -> None:
    """Create the tables and their policies where they are not there yet."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(OWN))))
    if sa.inspect(connection).has_schema(OWN):
        return
    connection.execute(sa.schema.CreateSchema(OWN))
    META.create_all(connection)
    # The servers learn of a new layer as they do of a change of the plan's.
    watch(connection, [LAYER_TABLE, RIGHTS])
    for table, rule in POLICIES.items():
        connection.execute(sa.DDL(f"ALTER TABLE {OWN}.{table} ENABLE ROW LEVEL SECURITY"))
        connection.execute(sa.DDL(f"CREATE POLICY readers ON {OWN}.{table} FOR SELECT USING ({rule})"))


def find_partition(layer_id: str) -> str:
    """Give the name of the table of a layer's features: readable, unlike any other, and short enough."""
    slug = layer_id.removeprefix(f"{OWN}.").encode()[:36].decode(errors="ignore")
    return f"f_{slug}_{hashlib.sha256(layer_id.encode()).hexdigest()[:8]}"


def quote_name(connection: Connection, table: str) -> str:
    """Write the name of a table of own layers for a command."""
    return f"{OWN}.{connection.dialect.identifier_preparer.quote(table)}"
