"""What is wrong with the database itself; its data are checked as files are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gzmap.database.connection import telling
from gzmap.database.exchange import require_layout
from gzmap.database.owntables import OWN
from gzmap.database.tables import CONTENT, CORE, LAYERS, LISTS

AGAIN = "import the project again: gzmap db import"


@dataclass(frozen=True)
class Fault:
    """Something wrong with the database. ``severity`` is ``"error"`` or ``"warning"``."""

    code: str
    severity: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


def check_database(engine: Engine) -> tuple[Fault, ...]:
    """Check tables, indexes, triggers and rights.

    Returns
    -------
    tuple
        Errors first; empty when all is well.

    Raises
    ------
    DatabaseError
        If the database cannot be asked, or holds no project.
    """
    with telling(), engine.connect() as connection:
        require_layout(connection)
        found = [*_check_layers(connection), *_check_rights(connection), *_check_readers(connection)]
    return tuple(sorted(found, key=lambda fault: fault.severity))


def _check_layers(connection: Connection) -> Iterator[Fault]:
    inspector = sa.inspect(connection)
    wanted = set(connection.execute(sa.select(LISTS["layers"].c.id)).scalars())
    there = set(inspector.get_table_names(schema=LAYERS))
    for name in sorted(wanted - there):
        yield Fault("table-missing", "error", f"{LAYERS}.{name}", f"the layer has no table; {AGAIN}.")
    for name in sorted(there - wanted):
        message = "is of no layer of the catalogue; drop it, or add the layer."
        yield Fault("table-unknown", "warning", f"{LAYERS}.{name}", message)
    watched = set(connection.execute(sa.text(WATCHED)).scalars())
    for name in [*(f"{LAYERS}.{layer}" for layer in sorted(wanted & there)), *(f"{CORE}.{t.name}" for t in CONTENT)]:
        if name not in watched:
            yield Fault("trigger-missing", "error", name, f"a change there would reach no server; {AGAIN}.")
    indexed = set(connection.execute(sa.text(INDEXED)).scalars())
    for name in sorted(wanted & there):
        if f"{LAYERS}.{name}" not in indexed:
            yield Fault("index-missing", "error", f"{LAYERS}.{name}", f"has no spatial index; {AGAIN}.")


def _check_rights(connection: Connection) -> Iterator[Fault]:
    """Find rights that a server's role should not have."""
    role = connection.execute(sa.text("SELECT current_user")).scalar_one()
    schemas = {"core": CORE, "layers": LAYERS, "own": OWN}
    writable = connection.execute(sa.text(WRITABLE), schemas).scalars().all()
    if writable:
        message = (
            f"may write ({writable[0]} and {len(writable) - 1} more); a server needs only to read: give it a role of "
            "its own with gzmap db import --app ROLE."
        )
        yield Fault("role-writes", "warning", f"role {role}", message)


def _check_readers(connection: Connection) -> Iterator[Fault]:
    may_look = sa.text("SELECT to_regclass(:name) IS NOT NULL AND has_table_privilege(to_regclass(:name), 'SELECT')")
    if not sa.inspect(connection).has_schema(OWN):
        return
    if not connection.execute(sa.text("SELECT has_schema_privilege(:own, 'USAGE')"), {"own": OWN}).scalar():
        return
    if connection.execute(may_look, {"name": f"{OWN}.rights"}).scalar():
        for layer_id, reader in connection.execute(sa.text(ORPHANED)):
            message = f"names the reader {reader!r}, a role that is no more; set its readers anew."
            yield Fault("reader-unknown", "warning", layer_id, message)


WATCHED = """
SELECT n.nspname || '.' || c.relname FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE t.tgname = 'changed' AND t.tgenabled <> 'D'
"""

INDEXED = """
SELECT n.nspname || '.' || c.relname FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am a ON a.oid = x.relam
WHERE a.amname = 'gist' AND i.indisvalid
"""

WRITABLE = """
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname IN (:core, :layers, :own)
AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
ORDER BY 1
"""

ORPHANED = """
SELECT layer_id, reader FROM own.rights
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = reader) ORDER BY 1, 2
"""
