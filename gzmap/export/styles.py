"""Styles of a layer for other people's GIS: SLD and QML, which draw it as the map on the page does."""

from __future__ import annotations

from collections.abc import Mapping

from gzmap.catalog import Entry
from gzmap.export.fields import build_aliases
from gzmap.export.labels import build_labeling
from gzmap.export.qml import build_renderer, dump_style
from gzmap.export.sld import dump_sld
from gzmap.symbols import find_family


def build_sld(entry: Entry, *, geometry_type: str, names: Mapping[str, str]) -> bytes:
    """Write a layer's Styled Layer Descriptor 1.0.

    Parameters
    ----------
    entry
        The layer's line of the catalogue.
    geometry_type
        Type of the geometries in the file, such as ``MultiPolygon``.
    names
        Names of the fields in the file, by our own; a field that is not there keeps its name.

    Returns
    -------
    bytes
        UTF-8; the same for the same input.
    """
    return dump_sld(entry, geometry_type, names)


def build_qml(entry: Entry, *, geometry_type: str, names: Mapping[str, str], aliases: Mapping[str, str]) -> bytes:
    """Write a layer's style for QGIS 3.22 and newer.

    Parameters
    ----------
    entry, geometry_type, names
        As in `build_sld`.
    aliases
        Titles of the fields, by their names in the file.

    Returns
    -------
    bytes
        UTF-8; the same for the same input.
    """
    labeling = build_labeling(entry, names)
    parts = [build_renderer(entry, geometry_type, names), *([] if labeling is None else [labeling])]
    parts.append(build_aliases(aliases))
    return dump_style(parts, labels=labeling is not None, family=find_family(geometry_type))
