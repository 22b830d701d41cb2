"""What GDAL's plain writing leaves out of a GeoPackage: titles of columns, and relations to the side tables.

Sources: OGC 12-128r15, annex F.9 (schema), and OGC 18-000 (related tables).
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from gzmap.errors import ExportError
from gzmap.export.tables import Table

PAGES = {
    "gpkg_schema": "http://www.geopackage.org/spec121/#extension_schema",
    "gpkg_related_tables": "http://www.geopackage.org/18-000.html",
}
"""What the standards want to stand beside the names of these extensions."""

DATA_COLUMNS = """
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
 description TEXT, mime_type TEXT, constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
 CONSTRAINT gdc_tn UNIQUE (table_name, name))
"""
RELATIONS = """
CREATE TABLE gpkgext_relations (id INTEGER PRIMARY KEY AUTOINCREMENT, base_table_name TEXT NOT NULL,
 base_primary_column TEXT NOT NULL DEFAULT 'id', related_table_name TEXT NOT NULL,
 related_primary_column TEXT NOT NULL DEFAULT 'id', relation_name TEXT NOT NULL,
 mapping_table_name TEXT NOT NULL UNIQUE)
"""
EXTENSIONS = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
 definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))
"""


def export_relations(path: Path, layers: Sequence[Table], sides: Sequence[Table]) -> None:
    """Add titles of columns and relations from features to the rows beside them to a GeoPackage that is written.

    Parameters
    ----------
    path
        The GeoPackage; its tables have ``fid`` from 1 in the order of the rows.
    layers
        Tables of features.
    sides
        Tables without geometry; those with a column ``feature_id`` are related.

    Raises
    ------
    ExportError
        If the file cannot be written.
    """
    try:
        with contextlib.closing(sqlite3.connect(path)) as file, file:
            # As in `scratch_settings`: the file is still in a temporary place.
            file.execute("PRAGMA synchronous = OFF")
            file.execute("PRAGMA journal_mode = MEMORY")
            file.execute(EXTENSIONS)
            _write_titles(file, (*layers, *sides))
            _write_relations(file, layers, [t for t in sides if any(c.name == "feature_id" for c in t.columns)])
    except sqlite3.Error as error:
        raise ExportError(f"{path.name} cannot be completed ({error}); check the free space.") from error


def _write_titles(file: sqlite3.Connection, tables: Iterable[Table]) -> None:
    """Write titles and descriptions; a title that stands twice in a table is no other name of its column."""
    file.execute(DATA_COLUMNS)
    for name in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        _register(file, name, "gpkg_schema")
    file.execute(
        "CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, "
        "value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT, "
        "CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))"
    )
    for table in tables:
        titles = [c.title for c in table.columns]
        rows = [
            (table.name, c.name, c.title if titles.count(c.title) == 1 and c.title else None, c.title, c.description)
            for c in table.columns
        ]
        file.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description) VALUES (?, ?, ?, ?, ?)",
            rows,
        )


def _write_relations(file: sqlite3.Connection, layers: Sequence[Table], sides: Sequence[Table]) -> None:
    """Relate features to the rows beside them, in one table of pairs for each."""
    if not sides:
        return
    file.execute(RELATIONS)
    _register(file, "gpkgext_relations", "gpkg_related_tables")
    for layer in layers:
        fids = {feature_id: row for row, feature_id in enumerate(layer.ids, 1)}
        for side in sides:
            owners = side.column("feature_id").values
            pairs = [(fids[owner], row) for row, owner in enumerate(owners, 1) if owner in fids]
            if pairs:
                _write_pairs(file, layer.name, side.name, pairs=pairs)


def _write_pairs(file: sqlite3.Connection, base: str, related: str, *, pairs: list[tuple[int, int]]) -> None:
    mapping = f"{base}_{related}"
    quoted = mapping.replace('"', '""')
    file.execute(f'CREATE TABLE "{quoted}" (base_id INTEGER NOT NULL, related_id INTEGER NOT NULL)')
    file.executemany(f'INSERT INTO "{quoted}" VALUES (?, ?)', pairs)  # noqa: S608
    _register(file, mapping, "gpkg_related_tables")
    file.execute(
        "INSERT INTO gpkgext_relations (base_table_name, base_primary_column, related_table_name, "
        "related_primary_column, relation_name, mapping_table_name) VALUES (?, 'fid', ?, 'fid', 'attributes', ?)",
        (base, related, mapping),
    )


def _register(file: sqlite3.Connection, table: str, extension: str) -> None:
    page = PAGES[extension]
    file.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')", (table, extension, page))
