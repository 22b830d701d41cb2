"""Into the database and out of it again: a project's files, all of them in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.schema import CreateTable

from gzmap.catalog import Entry, parse_entry
from gzmap.config import CATALOG_FILE, LEDGER_FILE, MENTIONS_FILE, SOURCES_FILE, TOPONYMS_FILE
from gzmap.database.connection import telling
from gzmap.database.rows import (
    dump_documents,
    dump_table,
    fill_derived,
    find_outside,
    is_inside,
    read_content,
    read_files,
    write_documents,
    write_files,
    write_layer,
)
from gzmap.database.tables import (
    CONTENT,
    CORE,
    GUARD,
    LAYERS,
    LAYOUT,
    META,
    STATES,
    TOUCH,
    VERSION,
    build_layer_table,
    watch,
)
from gzmap.errors import DatabaseError
from gzmap.files import dump_json

CATALOG = CATALOG_FILE.as_posix()
KNOWN = {path.as_posix() for path in (CATALOG_FILE, SOURCES_FILE, TOPONYMS_FILE, MENTIONS_FILE, LEDGER_FILE)}


@dataclass(frozen=True)
class Part:
    """One layer as it was read: the version that changed its table last, its file's bytes, its derived block."""

    changed: int
    body: bytes
    derived: Mapping


@dataclass(frozen=True)
class Snapshot:
    """A project as the database holds it: its version, and the bytes of its files by path.

    ``identity`` is the database's own; ``parts`` are the layers by their ids, for the next reading.
    """

    version: int
    texts: Mapping[str, bytes]
    identity: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict, repr=False)


def import_project(engine: Engine, texts: Mapping[str, bytes], *, expected: int | None = None) -> int:
    """Put a project into the database, in place of what is there; in one transaction, so that nobody sees half.

    Own layers and the rights of roles stay what they are.

    Parameters
    ----------
    engine
        Of a role that owns the tables, or may create them; PostGIS must be installed in the database.
    texts
        The files' canonical bytes by path: catalogue, sources, place names, mentions, ledger, every layer of the
        catalogue, and what is to be kept as it is (the plan).
    expected
        The version that must be there; None for any.

    Returns
    -------
    int
        The version that the database has now.

    Raises
    ------
    DatabaseError
        If it refuses, or another version is there than expected; nothing is changed then.
    CatalogError, MentionError, LedgerError
        If a file is missing or broken.
    """
    entries, fields = _read_entries(read_content(texts, CATALOG))
    if outside := find_outside(entries):
        raise DatabaseError(f"The file of layer {outside[0]!r} lies outside layers/ and geodata/; correct its path.")
    missing = [entry.path for entry in entries if entry.path not in texts]
    if missing:
        raise DatabaseError(f"{missing[0]} is missing in the project; restore the file or its catalogue entry.")
    given = {path: body for path, body in texts.items() if path not in KNOWN | {e.path for e in entries}}
    with telling(), engine.begin() as connection:
        _prepare(connection)
        _require_version(connection, expected)
        for table in CONTENT:
            connection.execute(table.delete())
        write_documents(connection, texts)
        write_files(connection, given)
        _replace_layers(connection, texts, entries=entries, fields=fields)
        # The triggers have raised it with the first change.
        return connection.execute(sa.select(VERSION.c.n)).scalar_one()


def _read_entries(catalog: dict) -> tuple[list[Entry], Mapping[str, Mapping]]:
    return [parse_entry(line) for line in catalog["layers"]], catalog["fields"]


def _prepare(connection: Connection) -> None:
    """Create what is not there yet, and keep everybody else out until this transaction ends."""
    # Before the first look, for two first imports at once would both create the tables.
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(CORE))))
    connection.execute(sa.text("SELECT postgis_lib_version()"))
    for schema in (CORE, LAYERS):
        if not sa.inspect(connection).has_schema(schema):
            connection.execute(sa.schema.CreateSchema(schema))
    is_new = not sa.inspect(connection).has_table(VERSION.name, schema=CORE)
    if not is_new:
        require_layout(connection)
    META.create_all(connection)
    connection.execute(sa.text(f"LOCK TABLE {CORE}.{GUARD.name} IN ACCESS EXCLUSIVE MODE"))
    if is_new:
        connection.execute(VERSION.insert().values(one=True, n=0, changed=sa.func.now(), layout=LAYOUT))
        connection.execute(sa.DDL(TOUCH))
        watch(connection, CONTENT)


def require_layout(connection: Connection) -> int:
    """Return the version that is there.

    Raises
    ------
    DatabaseError
        If the tables are of another program version, or none are filled.
    """
    found = connection.execute(sa.select(VERSION.c.n, VERSION.c.layout)).one_or_none()
    if found is None or found.layout != LAYOUT:
        raise DatabaseError(
            f"The database's tables are of layout {found.layout if found else None}, this program needs {LAYOUT}; "
            "export with the program that filled it, then import with this one into an empty database.",
            zh="数据库的表结构与本程序版本不符；请用原来的程序导出，再用本程序导入到空数据库。",
        )
    return found.n


def _require_version(connection: Connection, expected: int | None) -> None:
    found = connection.execute(sa.select(VERSION.c.n)).scalar_one()
    if expected not in (None, found):
        raise DatabaseError(
            f"The database is at version {found}, not {expected}: somebody changed it since. Export it, take over "
            "what changed, and import again.",
            zh=f"数据库的版本是 {found}，不是 {expected}：其间有人改动过。请先导出、合并改动，再导入。",
        )


def _replace_layers(
    connection: Connection, texts: Mapping[str, bytes], *, entries: list[Entry], fields: Mapping[str, Mapping]
) -> None:
    """Make anew the tables of the layers that changed, for their columns follow the catalogue.

    Rights come from the schema's defaults.
    """
    tables = {entry.layer_id: build_layer_table(entry, {**fields, **entry.fields}) for entry in entries}
    bodies = {entry.layer_id: texts[entry.path] for entry in entries}
    digests = {name: _find_digest(table, bodies[name]) for name, table in tables.items()}
    there = set(sa.inspect(connection).get_table_names(schema=LAYERS))
    known = dict(connection.execute(sa.select(STATES.c.name, STATES.c.digest)).all())
    kept = {name for name in there & set(tables) if known.get(f"{LAYERS}.{name}") == digests[name]}
    quote = connection.dialect.identifier_preparer.quote
    for name in sorted(there - kept):
        connection.execute(sa.DDL(f"DROP TABLE {LAYERS}.{quote(name)}".replace("%", "%%")))
        connection.execute(STATES.delete().where(STATES.c.name == f"{LAYERS}.{name}"))
    for name in [name for name in tables if name not in kept]:
        tables[name].create(connection)
        # First the trigger, so that the rows raise the state; an empty layer raises it as well.
        watch(connection, [tables[name]])
        connection.execute(tables[name].delete())
        write_layer(connection, tables[name], bodies[name])
        is_it = STATES.c.name == f"{LAYERS}.{name}"
        connection.execute(STATES.update().where(is_it).values(digest=digests[name]))


def _find_digest(table: sa.Table, body: bytes) -> str:
    """Find what changes when a layer's features or the columns of its table do."""
    digest = hashlib.sha256(body)
    digest.update(str(CreateTable(table).compile(dialect=postgresql.dialect())).encode())
    return digest.hexdigest()


def read_project(engine: Engine, known: Snapshot | None = None) -> Snapshot:
    """Read a whole project at one moment; an import that is under way is waited for.

    Parameters
    ----------
    engine
        Of a role that may read.
    known
        What was read before: layers that did not change since are taken from it.

    Raises
    ------
    DatabaseError
        If it cannot be read, or holds no project.
    """
    with telling(), engine.connect() as plain:
        connection = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # Before the first SELECT, which fixes the moment.
        connection.execute(sa.text(f"LOCK TABLE {CORE}.{GUARD.name} IN ACCESS SHARE MODE"))
        version = require_layout(connection)
        identity = str(connection.execute(sa.select(VERSION.c.identity)).scalar_one())
        documents, texts = dump_documents(connection), read_files(connection)
        entries, _ = _read_entries(documents[CATALOG])
        before = known.parts if known is not None and known.identity == identity else {}
        parts = _read_parts(connection, [entry.layer_id for entry in entries if is_inside(entry.path)], before)
    texts |= {entry.path: parts[entry.layer_id].body for entry in entries if entry.layer_id in parts}
    derived = {layer_id: dict(part.derived) for layer_id, part in parts.items()}
    documents[CATALOG] = fill_derived(documents[CATALOG], derived)
    for path, content in documents.items():
        texts[path] = (content if isinstance(content, str) else dump_json(content)).encode()
    whole = {path: texts[path] for path in sorted(texts) if is_inside(path)}
    return Snapshot(version, whole, identity=identity, parts=parts)


def _read_parts(connection: Connection, layer_ids: list[str], before: Mapping[str, Part]) -> dict[str, Part]:
    """Read the layers; one without a table is left out, as a layer without its file is."""
    there = set(sa.inspect(connection).get_table_names(schema=LAYERS))
    changed = dict(connection.execute(sa.select(STATES.c.name, STATES.c.n)).all())
    parts = {}
    for layer_id in [layer_id for layer_id in layer_ids if layer_id in there]:
        number = changed.get(f"{LAYERS}.{layer_id}", 0)
        if layer_id in before and before[layer_id].changed == number:
            parts[layer_id] = before[layer_id]
        else:
            text, derived = dump_table(connection, layer_id)
            parts[layer_id] = Part(number, text.encode(), derived)
    return parts
