"""Rights of roles: a server needs to read, and no more."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gzmap.database.connection import REFUSALS, telling
from gzmap.database.tables import CORE, LAYERS
from gzmap.errors import DatabaseError

OWNS = "SELECT bool_and(pg_has_role(nspowner, 'USAGE')) FROM pg_namespace WHERE nspname IN (:core, :layers)"


def grant_app(engine: Engine, role: str) -> None:
    """Give a role what a server needs: to read the project, now and after every import.

    Own layers are not among it: their readers are named one by one, see `gzmap.database.set_readers`.

    Parameters
    ----------
    engine
        Of the role that owns the tables.
    role
        An existing role of the database.

    Raises
    ------
    DatabaseError
        If there is no such role, or the tables are another's.
    """
    with telling(), engine.begin() as connection:
        require_roles(connection, [role])
        # Of who may grant nothing, PostgreSQL only warns.
        if not connection.execute(sa.text(OWNS), {"core": CORE, "layers": LAYERS}).scalar():
            raise DatabaseError(REFUSALS["42501"][0], zh=REFUSALS["42501"][1])
        named = quote_role(connection, role).replace("%", "%%")
        for command in (
            f"GRANT USAGE ON SCHEMA {CORE}, {LAYERS} TO {named}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {CORE}, {LAYERS} TO {named}",
            # An import makes the tables of the layers anew.
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {LAYERS} GRANT SELECT ON TABLES TO {named}",
        ):
            connection.execute(sa.DDL(command))


def require_roles(connection: Connection, names: Iterable[str]) -> None:
    """Make sure that some roles exist; ``public``, which is everybody, is none.

    Raises
    ------
    DatabaseError
        If one does not.
    """
    alive = find_roles(connection)
    for name in names:
        if name not in alive:
            raise DatabaseError(
                f"The database has no role {name!r}; create it, or name another reader.",
                zh=f"数据库里没有角色 {name!r}；请先建立，或指定别的读者。",
            )


def find_roles(connection: Connection) -> set[str]:
    """Find the names of all roles."""
    return set(connection.execute(sa.text("SELECT rolname FROM pg_roles")).scalars())


def quote_role(connection: Connection, name: str) -> str:
    """Write the name of a role for a command, in quotes whatever it is."""
    return connection.dialect.identifier_preparer.quote_identifier(name)
