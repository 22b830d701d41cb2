"""Names of fields and layers that formats, and systems that unpack them, keep for themselves, lower case."""

from __future__ import annotations

GEODATABASE_WORDS = frozenset().union(
    ["add", "alter", "and", "between", "by", "column", "create", "delete", "drop", "exists", "for", "from", "group"],
    ["in", "insert", "into", "is", "like", "not", "null", "or", "order", "select", "set", "table", "update", "values"],
    ["where"],
)
"""Words of the SQL of a File Geodatabase, to which GDAL would add an underscore, in fields and layers."""

GEODATABASE_FIELDS = GEODATABASE_WORDS | {"objectid", "fid", "shape", "shape_length", "shape_area"}
"""Fields of a File Geodatabase: its own, and the words of its SQL."""

GEODATABASE_STARTS = ("gdb_", "sde_", "delta_")
"""Beginnings of the layers of a geodatabase's own."""

GEOPACKAGE_STARTS = ("gpkg", "sqlite_", "rtree_")
"""Beginnings of the tables of a GeoPackage's own: GDAL and SQLite refuse them."""

KML_FIELDS = frozenset().union(
    ["description", "timestamp", "begin", "end", "altitudemode", "tessellate", "extrude", "visibility", "draworder"],
    ["icon"],
)
"""Members of a placemark, for which GDAL takes attributes of the same name: a text becomes none, a number 0."""

SIDE_TABLES = frozenset({"evidence", "long_text", "field_dictionary", "readme", "wkt_parts", "layer_styles"})
"""Tables that stand beside the layers in one file; QGIS keeps styles in the last."""

ROW_NUMBERS = frozenset({"ogc_fid"})
"""What GDAL takes for the number of a row, not for a field, in formats whose rows have none."""

DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
)
"""Names that no file may have on Windows, whatever its end."""
