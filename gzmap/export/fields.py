"""Fields as QGIS shows them: titles for names, words for codes, long texts on several lines."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from gzmap.catalog import Entry
from gzmap.export.markup import add, build_element
from gzmap.export.tables import Column, Table

ONE_LINE = 60
"""Characters that one line of a form shows; longer texts get several lines."""
ROW_NUMBER = "fid"
"""GDAL's own field of a GeoPackage: a number without meaning."""


def build_aliases(aliases: Mapping[str, str]) -> Element:
    """Build the titles under which QGIS shows fields, by the fields' names in the file."""
    element = build_element("aliases")
    for number, (name, title) in enumerate(aliases.items()):
        add(element, "alias", {"field": name, "index": str(number), "name": title})
    return element


def build_widgets(table: Table, entry: Entry | None, names: Mapping[str, str]) -> Element:
    """Build the way in which forms show the fields of a table.

    Parameters
    ----------
    table
        Under the names of the file.
    entry
        The layer's line of the catalogue, whose titles of categories are shown; None for tables beside the layers.
    names
        Names of the fields in the file, by our own.
    """
    element = build_element("fieldConfiguration")
    _add_widget(element, ROW_NUMBER, "Hidden")
    for column in table.columns:
        if entry and entry.categories and column.name == names.get("category", "category"):
            options = _add_widget(element, column.name, "ValueMap")
            listed = add(options, "Option", {"type": "List", "name": "map"})
            for value, words in entry.categories.items():
                one = add(listed, "Option", {"type": "Map"})
                add(one, "Option", {"type": "QString", "name": words["title"], "value": value})
        elif _is_long(column):
            options = _add_widget(element, column.name, "TextEdit")
            add(options, "Option", {"type": "bool", "name": "IsMultiline", "value": "true"})
    return element


def _add_widget(parent: Element, name: str, kind: str) -> Element:
    widget = add(add(parent, "field", {"name": name}), "editWidget", {"type": kind})
    return add(add(widget, "config"), "Option", {"type": "Map"})


def _is_long(column: Column) -> bool:
    return column.kind == "text" and any(isinstance(v, str) and len(v) > ONE_LINE for v in column.values)
