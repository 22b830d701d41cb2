"""A QGIS project that opens a packet's GeoPackage: groups, symbols, titles of fields, and the words behind features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

import shapely

from gzmap import crs as crs_door
from gzmap.catalog import Entry
from gzmap.config import HOME_BBOX
from gzmap.export.census import count_features
from gzmap.export.fields import build_aliases, build_widgets
from gzmap.export.labels import build_labeling
from gzmap.export.markup import add, build_element, dump_xml
from gzmap.export.order import Dataset
from gzmap.export.qml import DOCTYPE, QGIS_VERSION, build_key, build_renderer, quote_field
from gzmap.export.tables import Table
from gzmap.symbols import PAPER, find_family

TABLES_TITLE = "依据与说明"
EVIDENCE = "evidence"
RELATION_TITLE = "规划原文"
NOTICE = "非官方示意，不作为法定依据；未经地图审核。"
GEOMETRIES = {"Point": "Point", "LineString": "Line", "Polygon": "Polygon"}
MARGIN = 0.03
"""Part of the extent that is left free on each side."""
ELLIPSOID = "EPSG:7030"
"""WGS 84: QGIS measures lengths and areas on it."""


def build_project(
    dataset: Dataset,
    layers: Sequence[Table],
    *,
    gpkg_name: str,
    crs: str,
    names: Mapping[str, Mapping[str, str]],
    themes: Sequence[Mapping],
) -> bytes:
    """Write a QGIS 3.22 project.

    Layers stand in groups by theme, drawn in the catalogue's order whatever their group, visible as on the page.

    Parameters
    ----------
    dataset
        What is delivered: the catalogue's entries, the edition, the day, the title.
    layers
        The tables of the GeoPackage as they are named there, the first at the bottom; those without geometry become
        a group of their own.
    gpkg_name
        The GeoPackage's path, as seen from the project.
    crs
        EPSG code of the GeoPackage and the project.
    names
        Names of the fields in the file, by our own, by table.
    themes
        The catalogue's themes, the first at the bottom.

    Returns
    -------
    bytes
        UTF-8; the same for the same input.
    """
    dataset = replace(dataset, crs=crs)
    root = build_element("qgis", {"projectname": dataset.title, "version": QGIS_VERSION})
    add(root, "homePath", {"path": ""})
    add(root, "title", text=dataset.title)
    add(root, "projectCrs").append(_srs(dataset.crs))
    drawn = [table for table in reversed(layers) if table.geometries is not None]
    tables = [*drawn, *(table for table in layers if table.geometries is None)]
    root.append(_tree(dataset, tables, gpkg_name, themes=themes))
    root.append(_relations(tables, names))
    extent = _find_extent(tables, dataset)
    root.append(_canvas(extent, crs))
    listed = add(root, "projectlayers")
    for table in tables:
        listed.append(_layer(table, dataset, gpkg_name, names=names.get(table.name, {})))
    order = add(root, "layerorder")
    for table in drawn:
        add(order, "layer", {"id": find_layer_id(table.name)})
    root.append(_properties())
    root.append(_view(extent, crs))
    root.append(_project_metadata(dataset))
    return dump_xml(root, DOCTYPE)


def find_layer_id(name: str) -> str:
    """Give the id of a table in the project, the same each time."""
    return f"{name}_{build_key('layer', name)[1:-1].replace('-', '_')}"


def _srs(crs: str) -> Element:
    """Write a CRS as QGIS finds it in its own database: by the text, for the code alone gives it no projection."""
    srs = build_element("spatialrefsys")
    add(srs, "wkt", text=crs_door.dump_wkt(crs))
    add(srs, "srid", text=crs.partition(":")[2])
    add(srs, "authid", text=crs)
    return srs


def _find_source(name: str, gpkg_name: str) -> str:
    return f"./{gpkg_name}|layername={name}"


# --- the tree of layers


def _tree(dataset: Dataset, tables: Sequence[Table], gpkg_name: str, *, themes: Sequence[Mapping]) -> Element:
    """Group the layers by theme, the topmost first, and the tables without geometry at the end."""
    root = build_element("layer-tree-group")
    drawn = [table for table in tables if table.geometries is not None]
    for theme in reversed(themes):
        mine = [table for table in drawn if dataset.entries[table.name].theme == theme["id"]]
        group = _group(root, theme["title"]) if mine else None
        for table in mine:
            entry = dataset.entries[table.name]
            _leaf(group, table.name, entry.title, gpkg_name=gpkg_name, visible=entry.visible)
    plain = [table for table in tables if table.geometries is None]
    group = _group(root, TABLES_TITLE) if plain else None
    for table in plain:
        _leaf(group, table.name, table.title, gpkg_name=gpkg_name, visible=True)
    # Groups follow the themes; what lies over what follows the catalogue.
    order = add(root, "custom-order", {"enabled": "1"})
    for table in drawn:
        add(order, "item", text=find_layer_id(table.name))
    return root


def _group(parent: Element, title: str) -> Element:
    return add(parent, "layer-tree-group", {"name": title, "checked": "Qt::Checked", "expanded": "1"})


def _leaf(group: Element, name: str, title: str, *, gpkg_name: str, visible: bool) -> None:
    told = {"id": find_layer_id(name), "name": title, "source": _find_source(name, gpkg_name), "providerKey": "ogr"}
    add(group, "layer-tree-layer", {**told, "checked": "Qt::Checked" if visible else "Qt::Unchecked", "expanded": "0"})


def _relations(tables: Sequence[Table], names: Mapping[str, Mapping[str, str]]) -> Element:
    """Tie each layer to the words behind its features, which then show in the form of a feature."""
    relations = build_element("relations")
    evidence = next((table for table in tables if table.name == EVIDENCE), None)
    for table in tables:
        if evidence is None or table.geometries is None:
            continue
        ends = {"referencingLayer": find_layer_id(EVIDENCE), "referencedLayer": find_layer_id(table.name)}
        told = {"id": f"{table.name}_{EVIDENCE}", "name": RELATION_TITLE, "strength": "Association"}
        relation = add(relations, "relation", {**told, **ends})
        fields = {
            "referencingField": names.get(EVIDENCE, {}).get("feature_id", "feature_id"),
            "referencedField": names.get(table.name, {}).get("id", "id"),
        }
        add(relation, "fieldRef", fields)
    return relations


# --- one layer


def _layer(table: Table, dataset: Dataset, gpkg_name: str, *, names: Mapping[str, str]) -> Element:
    entry = dataset.entries[table.name] if table.geometries is not None else None
    labeling = build_labeling(entry, names) if entry else None
    flat = table.geometry_type if entry else "NoGeometry"
    told = {"geometry": GEOMETRIES[find_family(flat)] if entry else "No geometry", "wkbType": flat, "type": "vector"}
    layer = build_element("maplayer", {**told, "labelsEnabled": "0" if labeling is None else "1", "readOnly": "0"})
    add(layer, "id", text=find_layer_id(table.name))
    add(layer, "datasource", text=_find_source(table.name, gpkg_name))
    add(layer, "layername", text=entry.title if entry else table.title)
    add(layer, "provider", {"encoding": "UTF-8"}, text="ogr")
    layer.append(_layer_metadata(table, entry, dataset))
    if entry:
        add(layer, "srs").append(_srs(dataset.crs))
        layer.append(build_renderer(entry, flat, names))
    if labeling is not None:
        layer.append(labeling)
    layer.append(build_widgets(table, entry, names))
    layer.append(build_aliases({column.name: column.title or column.name for column in table.columns}))
    shown = names.get("name", "name") if entry else names.get("sentence", "sentence")
    if shown in {column.name for column in table.columns}:
        add(layer, "previewExpression", text=quote_field(shown))
    return layer


def _layer_metadata(table: Table, entry: Entry | None, dataset: Dataset) -> Element:
    metadata = build_element("resourceMetadata")
    add(metadata, "identifier", text=table.name)
    add(metadata, "language", text="zh")
    add(metadata, "type", text="dataset")
    add(metadata, "title", text=entry.title if entry else table.title)
    lines = [table.description]
    if entry:
        lines += [entry.raw.get("description_en", ""), f"要素 {table.size} 个，落位 {count_features(table)[0]} 个。"]
    edition = f"{dataset.edition.get('title', '')}，{dataset.edition.get('edition', '')}，{dataset.day.isoformat()}。"
    lines += [edition if dataset.edition else dataset.day.isoformat(), NOTICE]
    add(metadata, "abstract", text="\n".join(line for line in lines if line))
    add(metadata, "rights", text=NOTICE)
    if entry and entry.raw.get("licence"):
        add(metadata, "license", text=entry.raw["licence"])
    add(metadata, "crs").append(_srs(dataset.crs))
    return metadata


# --- the project as a whole


def _canvas(extent: Mapping[str, str], crs: str) -> Element:
    canvas = build_element("mapcanvas", {"name": "theMapCanvas", "annotationsVisible": "1"})
    edges = add(canvas, "extent")
    for name, value in extent.items():
        add(edges, name, text=value)
    add(canvas, "rotation", text="0")
    add(canvas, "destinationsrs").append(_srs(crs))
    return canvas


def _view(extent: Mapping[str, str], crs: str) -> Element:
    """Write the extent that QGIS shows as the whole."""
    settings = build_element("ProjectViewSettings", {"UseProjectScales": "0"})
    add(settings, "DefaultViewExtent", dict(extent)).append(_srs(crs))
    return settings


def _find_extent(tables: Sequence[Table], dataset: Dataset) -> dict[str, str]:
    """Find the extent of what the plan places, with a margin; Guangzhou where nothing is placed."""
    drawn = [table for table in tables if table.geometries is not None]
    planned = [table for table in drawn if dataset.entries[table.name].kind == "plan"]
    for group in (planned, drawn):
        placed = [geometry for table in group for geometry in table.geometries if geometry is not None]
        if placed:
            bounds = shapely.total_bounds(placed)
            break
    else:
        corners = (crs_door.convert_point(*corner, dataset.crs) for corner in (HOME_BBOX[:2], HOME_BBOX[2:]))
        bounds = [number for corner in corners for number in corner]
    west, south, east, north = bounds
    free = MARGIN * max(east - west, north - south)
    edges = {"xmin": west - free, "ymin": south - free, "xmax": east + free, "ymax": north + free}
    return {name: f"{value:.6f}" for name, value in edges.items()}


def _properties() -> Element:
    properties = build_element("properties")
    colours = zip(("Red", "Green", "Blue"), PAPER, strict=True)
    told = {
        "Gui": [(f"CanvasColor{name}Part", "int", str(value)) for name, value in colours],
        "Measure": [("Ellipsoid", "QString", ELLIPSOID)],
        "Paths": [("Absolute", "bool", "false")],
        "SpatialRefSys": [("ProjectionsEnabled", "int", "1")],
    }
    for group, entries in told.items():
        element = add(properties, group)
        for name, kind, value in entries:
            add(element, name, {"type": kind}, text=value)
    return properties


def _project_metadata(dataset: Dataset) -> Element:
    metadata = build_element("projectMetadata")
    add(metadata, "identifier", text=f"gzmap.{dataset.day.isoformat()}")
    add(metadata, "language", text="zh")
    add(metadata, "title", text=dataset.title)
    add(metadata, "abstract", text=NOTICE)
    add(metadata, "creation", text=f"{dataset.day.isoformat()}T00:00:00")
    return metadata
