"""The QGIS project: every layer in its group, one source of truth for ids, no path and no hour of this machine."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
import pytest

from gzmap import crs as crs_door
from gzmap.atlas import open_atlas
from gzmap.config import HOME_BBOX
from gzmap.export.qgis import MARGIN, NOTICE, TABLES_TITLE, build_project, find_layer_id
from gzmap.export.selection import Selection, build_dataset
from gzmap.export.tables import Table, build_table
from tests.makers import make_project

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from gzmap.atlas import Atlas
    from gzmap.export.order import Dataset

README = build_table("readme", "说明", "版本", heads=(("text", "text", "说明", "Read me"),), rows=[("x",)])
NAMES = {
    "waterways": {"id": "标识", "name": "名称", "method": "方法"},
    "evidence": {"feature_id": "要素标识", "sentence": "句"},
}


@pytest.fixture(scope="session")
def dataset(atlas: Atlas) -> Dataset:
    # The neighbouring cities reach beyond the zone of 4547.
    return build_dataset(atlas, Selection([i for i in atlas.catalog.entries if i != "cities"]), "EPSG:4547")


def list_tables(dataset: Dataset) -> list[Table]:
    return [*dataset.tables, dataset.evidence, README]


def build(dataset: Dataset, atlas: Atlas, **changed: object) -> Element:
    told = {"gpkg_name": "gzmap.gpkg", "crs": dataset.crs, "names": {}, "themes": atlas.catalog.themes}
    layers = changed.pop("layers", None) or list_tables(dataset)
    return ElementTree.fromstring(build_project(dataset, layers, **{**told, **changed}))


@pytest.fixture(scope="session")
def project(dataset: Dataset, atlas: Atlas) -> Element:
    return build(dataset, atlas)


def find_layer(root: Element, name: str) -> Element:
    return next(e for e in root.iter("maplayer") if e.findtext("id") == find_layer_id(name))


# --- the whole


def test_title_crs_and_notice(project: Element, dataset: Dataset) -> None:
    assert project.get("version").startswith("3.22")
    assert project.get("projectname") == project.findtext("title") == dataset.title
    assert project.findtext("projectCrs/spatialrefsys/authid") == "EPSG:4547"
    # QGIS reads the CRS of a project only when it may reproject, and makes one of the text, not of the code.
    assert project.findtext("properties/SpatialRefSys/ProjectionsEnabled") == "1"
    assert project.findtext("projectCrs/spatialrefsys/wkt") == crs_door.dump_wkt("EPSG:4547")
    assert project.findtext("projectMetadata/abstract") == NOTICE
    assert "不作为法定依据" in NOTICE


def test_paths_are_relative(project: Element) -> None:
    assert project.findtext("properties/Paths/Absolute") == "false"
    sources = [e.findtext("datasource") for e in project.iter("maplayer")]
    sources += [e.get("source") for e in project.iter("layer-tree-layer")]
    assert all(re.fullmatch(r"\./gzmap\.gpkg\|layername=[a-z_]+", source) for source in sources)


def test_nothing_of_this_machine(dataset: Dataset, atlas: Atlas) -> None:
    told = {"gpkg_name": "gzmap.gpkg", "crs": dataset.crs, "names": {}, "themes": atlas.catalog.themes}
    first, second = (build_project(dataset, list_tables(dataset), **told) for _ in range(2))
    assert first == second
    text = first.decode()
    assert set(re.findall(r"\b20\d\d-\d\d-\d\dT[\d:]+", text)) == {"2025-09-23T00:00:00"}
    assert "saveUser" not in text
    assert str(Path.home()) not in text


def test_every_id_is_one_layer(project: Element, dataset: Dataset) -> None:
    layers = [e.findtext("id") for e in project.iter("maplayer")]
    assert len(set(layers)) == len(layers) == len(list_tables(dataset))
    assert sorted(e.get("id") for e in project.iter("layer-tree-layer")) == sorted(layers)
    drawn = [find_layer_id(table.name) for table in reversed(dataset.tables)]
    assert [e.text for e in project.iter("item")] == drawn
    assert [e.get("id") for e in project.findall("layerorder/layer")] == drawn
    assert project.find("layer-tree-group/custom-order").get("enabled") == "1"
    keys = [e.get("key") for e in project.iter() if e.get("key")]
    assert len(set(keys)) == len(keys)


def test_groups_are_the_themes(project: Element, dataset: Dataset, atlas: Atlas) -> None:
    groups = project.findall("layer-tree-group/layer-tree-group")
    titles = [theme["title"] for theme in reversed(atlas.catalog.themes)]
    assert [group.get("name") for group in groups] == [*titles, TABLES_TITLE]
    inside = {group.get("name"): [leaf.get("name") for leaf in group] for group in groups}
    for theme in atlas.catalog.themes:
        mine = [dataset.entries[t.name].title for t in dataset.tables if dataset.entries[t.name].theme == theme["id"]]
        assert inside[theme["title"]] == mine[::-1]
    assert inside[TABLES_TITLE] == ["依据", "说明"]


def test_what_is_seen_is_what_the_page_shows(project: Element, dataset: Dataset) -> None:
    leaves = {leaf.get("id"): leaf.get("checked") for leaf in project.iter("layer-tree-layer")}
    for name, entry in dataset.entries.items():
        assert leaves[find_layer_id(name)] == ("Qt::Checked" if entry.visible else "Qt::Unchecked")


def test_a_theme_without_layers_has_no_group(dataset: Dataset, atlas: Atlas) -> None:
    few = [t for t in dataset.tables if t.name in ("waterways", "hot_springs")]
    root = build(dataset, atlas, layers=few)
    names = [e.get("name") for e in root.findall("layer-tree-group/layer-tree-group")]
    assert names == ["山水骨架", "县镇村"]
    assert root.find("relations").findall("relation") == []


# --- one layer


def test_layers_have_their_symbols_and_titles(project: Element, dataset: Dataset) -> None:
    kinds = {"Point": "Point", "LineString": "Line", "Polygon": "Polygon"}
    for table in dataset.tables:
        layer = find_layer(project, table.name)
        assert layer.get("geometry") == kinds[table.geometry_type.removeprefix("Multi")]
        assert layer.get("wkbType") == table.geometry_type
        assert layer.findtext("layername") == dataset.entries[table.name].title
        assert layer.findtext("srs/spatialrefsys/authid") == "EPSG:4547"
        assert layer.find("renderer-v2").get("type") == ("nullSymbol" if table.name == "labels" else "RuleRenderer")
        aliases = {e.get("field"): e.get("name") for e in layer.iter("alias")}
        assert aliases == {column.name: column.title for column in table.columns}
        assert (layer.find("labeling") is not None) == (layer.get("labelsEnabled") == "1")
    assert find_layer(project, "districts").get("labelsEnabled") == "1"


def test_tables_without_geometry(project: Element) -> None:
    evidence = find_layer(project, "evidence")
    assert (evidence.get("geometry"), evidence.get("wkbType")) == ("No geometry", "NoGeometry")
    assert evidence.find("renderer-v2") is None
    assert evidence.find("srs") is None
    assert evidence.findtext("previewExpression") == '"sentence"'
    assert find_layer(project, "readme").find("previewExpression") is None


def test_layer_metadata(project: Element, dataset: Dataset) -> None:
    told = find_layer(project, "energy_parks").find("resourceMetadata")
    entry = dataset.entries["energy_parks"]
    abstract = told.findtext("abstract")
    assert entry.raw["description"] in abstract
    assert entry.raw["description_en"] in abstract
    assert "要素 3 个，落位 2 个" in abstract
    assert "公开征求意见稿，2025-09-23" in abstract
    assert NOTICE in abstract
    assert told.findtext("license") == entry.raw["licence"]


def test_forms_show_words_for_codes_and_long_texts_whole(project: Element, dataset: Dataset) -> None:
    layer, entry = find_layer(project, "waterways"), dataset.entries["waterways"]
    widgets = {e.get("name"): e.find("editWidget") for e in layer.find("fieldConfiguration")}
    assert widgets["fid"].get("type") == "Hidden"
    assert widgets["category"].get("type") == "ValueMap"
    told = [(o.get("value"), o.get("name")) for o in widgets["category"].iter("Option") if o.get("value")]
    assert told == [(value, words["title"]) for value, words in entry.categories.items()]
    assert widgets["notes"].get("type") == "TextEdit"
    assert widgets["notes"].find(".//Option[@name='IsMultiline']").get("value") == "true"
    assert not {"name", "accuracy_m", "district"} & set(widgets)
    sentences = {e.get("name") for e in find_layer(project, "evidence").find("fieldConfiguration")}
    assert sentences == {"fid", "sentence"}


# --- relations


def test_every_layer_leads_to_its_words(project: Element, dataset: Dataset) -> None:
    relations = project.findall("relations/relation")
    assert len({r.get("id") for r in relations}) == len(relations)
    referenced = [r.get("referencedLayer") for r in relations]
    assert referenced == [find_layer_id(t.name) for t in reversed(dataset.tables)]
    assert {r.get("referencingLayer") for r in relations} == {find_layer_id("evidence")}
    fields = {tuple(r.find("fieldRef").attrib.values()) for r in relations}
    assert fields == {("feature_id", "id")}


def test_renamed_fields_are_followed(dataset: Dataset, atlas: Atlas) -> None:
    def rename(table: Table) -> Table:
        names = NAMES.get(table.name, {})
        columns = tuple(replace(c, name=names.get(c.name, c.name), origin=c.name) for c in table.columns)
        return replace(table, columns=columns)

    root = build(dataset, atlas, layers=[rename(t) for t in list_tables(dataset)], names=NAMES)
    relation = next(r for r in root.iter("relation") if r.get("referencedLayer") == find_layer_id("waterways"))
    assert relation.find("fieldRef").attrib == {"referencingField": "要素标识", "referencedField": "标识"}
    layer = find_layer(root, "waterways")
    assert {e.get("field"): e.get("name") for e in layer.iter("alias")}["名称"] == "名称"
    assert all('"方法"' in rule.get("filter") for rule in layer.iter("rule"))
    assert layer.findtext("previewExpression") == '"名称"'
    assert find_layer(root, "evidence").findtext("previewExpression") == '"句"'


# --- the extent


def read_extent(root: Element) -> list[float]:
    canvas = [float(root.findtext(f"mapcanvas/extent/{edge}")) for edge in ("xmin", "ymin", "xmax", "ymax")]
    view = root.find("ProjectViewSettings/DefaultViewExtent")
    assert [float(view.get(edge)) for edge in ("xmin", "ymin", "xmax", "ymax")] == canvas
    assert root.findtext("mapcanvas/destinationsrs/spatialrefsys/authid") == view.findtext("spatialrefsys/authid")
    return canvas


def test_the_extent_is_of_what_the_plan_places(project: Element, dataset: Dataset) -> None:
    placed = [
        geometry.bounds
        for table in dataset.tables
        if dataset.entries[table.name].kind == "plan"
        for geometry in table.geometries
        if geometry is not None
    ]
    west, south, east, north = (
        f(edge) for f, edge in zip((min, min, max, max), zip(*placed, strict=True), strict=True)
    )
    free = MARGIN * max(east - west, north - south)
    assert read_extent(project) == pytest.approx([west - free, south - free, east + free, north + free], abs=1e-5)


def test_the_extent_of_base_layers_alone(dataset: Dataset, atlas: Atlas) -> None:
    districts = [t for t in dataset.tables if t.name == "districts"]
    bounds = np.array([g.bounds for g in districts[0].geometries])
    west, _, east, _ = read_extent(build(dataset, atlas, layers=districts))
    assert west < bounds[:, 0].min()
    assert east > bounds[:, 2].max()


def test_the_extent_where_nothing_is_placed(dataset: Dataset, atlas: Atlas) -> None:
    west, south, east, north = read_extent(
        build(dataset, atlas, layers=[t for t in dataset.tables if t.name == "unsited"])
    )
    for corner in (HOME_BBOX[:2], HOME_BBOX[2:]):
        x, y = crs_door.convert_point(*corner, "EPSG:4547")
        assert west < x < east
        assert south < y < north


# --- other projects


def test_hostile_titles_stay_titles(dataset: Dataset, atlas: Atlas) -> None:
    hostile = "</title><script>\"'&`\x00大㘵沙𠮷"
    table = next(t for t in dataset.tables if t.name == "waterways")
    table = replace(table, columns=tuple(replace(c, title=hostile) for c in table.columns), description=hostile)
    root = build(replace(dataset, title=hostile), atlas, layers=[table])
    safe = hostile.replace("\x00", "\ufffd")
    assert root.findtext("title") == safe
    assert {e.get("name") for e in root.iter("alias")} == {safe}
    assert not list(root.iter("script"))


def test_a_small_project(tmp_path: Path) -> None:
    atlas = open_atlas(make_project(tmp_path))
    dataset = build_dataset(atlas, Selection(["districts", "parks", "spots"]), "EPSG:4326")
    root = build(dataset, atlas)
    assert [e.get("name") for e in root.findall("layer-tree-group/layer-tree-group")] == ["全部", TABLES_TITLE]
    assert len(root.findall("relations/relation")) == 3
