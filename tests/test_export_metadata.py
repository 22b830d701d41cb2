"""ISO 19139 metadata: valid by the schemas, true to the layer, the same each time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pycsw
import pytest
import shapely
from jinja2 import Environment
from lxml import etree
from pygeometa import __version__ as pygeometa_version
from pygeometa.core import validate_mcf
from pygeometa.schemas.iso19139 import ISO19139OutputSchema

from gzmap.atlas import open_atlas
from gzmap.catalog import parse_entry
from gzmap.export import metadata
from gzmap.export.isorecord import SPACES
from gzmap.export.metadata import build_metadata, build_record
from gzmap.export.selection import Selection, build_dataset
from tests.conftest import ROOT
from tests.makers import make_project

if TYPE_CHECKING:
    from gzmap.atlas import Atlas
    from gzmap.export.order import Dataset

SCHEMAS = Path(pycsw.__file__).parent / "plugins/profiles/apiso/schemas/ogc/iso/19139"
CRS = ("EPSG:4326", "EPSG:4490", "EPSG:4547")
SHIPPED = list(open_atlas(ROOT).catalog.entries)


class Local(etree.Resolver):
    """Lets the schemas find each other on disk, and nothing anywhere else."""

    def resolve(self, url: str, public_id: str, context: object) -> object:
        path = Path(url.removeprefix("file://"))
        assert path.is_relative_to(Path(pycsw.__file__).parent), f"the schema asks for {url}"
        return self.resolve_filename(str(path), context)


@pytest.fixture(scope="session", params=["20060504", "20070417"])
def schema(request: pytest.FixtureRequest) -> etree.XMLSchema:
    """The schemas of ISO 19139 with GML 3.2.0, and those of 2007 with GML 3.2.1: a record is to be valid by both."""
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Local())
    return etree.XMLSchema(etree.parse(str(SCHEMAS / request.param / "gmd/gmd.xsd"), parser))


@pytest.fixture(scope="session")
def datasets(atlas: Atlas) -> dict[str, Dataset]:
    # The neighbouring cities reach beyond the zone of 4547.
    chosen = {crs: [i for i in SHIPPED if i != "cities" or crs != "EPSG:4547"] for crs in CRS}
    return {crs: build_dataset(atlas, Selection(layer_ids), crs) for crs, layer_ids in chosen.items()}


def build(dataset: Dataset, layer_id: str, **changed: object) -> etree._Element:
    table = next(t for t in dataset.tables if t.name == layer_id)
    entry = parse_entry({**dataset.entries[layer_id].raw, **changed})
    return etree.fromstring(build_metadata(entry, table, dataset, crs=dataset.crs))


def texts(root: etree._Element, path: str) -> list[str]:
    """Chinese, then English, of every text at a path."""
    return [" ".join(element.itertext()).strip() for element in root.iterfind(path, SPACES)]


@pytest.mark.parametrize("layer_id", SHIPPED)
def test_every_layer_is_valid(schema: etree.XMLSchema, datasets: dict[str, Dataset], layer_id: str) -> None:
    for dataset in datasets.values():
        if layer_id in dataset.entries:
            schema.assertValid(build(dataset, layer_id))


def test_the_schema_finds_what_is_wrong(schema: etree.XMLSchema, datasets: dict[str, Dataset]) -> None:
    root = build(datasets["EPSG:4326"], "waterways")
    root.find(".//gmd:westBoundLongitude/gco:Decimal", SPACES).text = "west"
    assert not schema.validate(root)


def test_hostile_texts_stay_texts(schema: etree.XMLSchema, datasets: dict[str, Dataset]) -> None:
    hostile = "</gco:CharacterString><script>&amp; ]]> \x0b\x00 大㘵沙 𠮷 {{ 7 * 7 }} {% raw %}"
    words = dict.fromkeys(("title", "title_en", "description", "description_en", "licence", "licence_en"), hostile)
    categories = {"a": {"title": hostile, "title_en": hostile}}
    root = build(datasets["EPSG:4326"], "waterways", **words, categories=categories)
    schema.assertValid(root)
    expected = hostile.replace("\x0b", "\ufffd").replace("\x00", "\ufffd")
    title = root.find(".//gmd:identificationInfo//gmd:citation//gmd:title", SPACES)
    assert [e.text for e in title.iter() if e.text and e.text.strip()] == [expected, expected]
    assert not root.findall(".//script")


def test_the_record_is_what_pygeometa_takes(datasets: dict[str, Dataset]) -> None:
    dataset = datasets["EPSG:4547"]
    table = dataset.tables[0]
    entry = dataset.entries[table.name]
    record = build_record(entry, table, dataset, crs="EPSG:4547", bbox=[113.0, 22.5, 114.0, 23.9])
    # Its schema wants a telephone and a fax of every contact, and knows no second language of a lineage, as its
    # template does: these two parts are its template's alone.
    assert validate_mcf({key: value for key, value in record.items() if key != "dataquality"} | {"contact": {}})
    # Its template, compiled once by ourselves, writes what its own function writes.
    ours = metadata._template().render(record=record, pygeometa_version=pygeometa_version)
    assert squeeze(ours) == squeeze(ISO19139OutputSchema().write(record))


def squeeze(xml: str) -> list[tuple]:
    """Elements, attributes and texts without the spaces between them."""
    return [(e.tag, sorted(e.attrib.items()), (e.text or "").strip()) for e in etree.fromstring(xml.encode()).iter()]


def test_the_template_escapes_what_pygeometa_does_not() -> None:
    environment: Environment = metadata._template().environment
    assert environment.autoescape is True


@pytest.mark.parametrize("crs", CRS)
def test_crs_and_extent(datasets: dict[str, Dataset], crs: str) -> None:
    root = build(datasets[crs], "waterways")
    code = f"urn:ogc:def:crs:EPSG::{crs.partition(':')[2]}"
    assert texts(root, ".//gmd:RS_Identifier/gmd:code") == [code]
    assert texts(root, ".//gmd:RS_Identifier/gmd:codeSpace") == ["EPSG"]
    assert root.find(".//gmd:RS_Identifier/gmd:version", SPACES) is None
    edges = [float(text) for text in texts(root, ".//gmd:EX_GeographicBoundingBox//gco:Decimal")]
    west, east, south, north = edges
    derived = datasets[crs].entries["waterways"].raw["derived"]["bbox"]
    assert [west, south, east, north] == pytest.approx(derived, abs=2e-6)


def test_a_layer_without_a_place_has_the_name_of_the_city(datasets: dict[str, Dataset]) -> None:
    root = build(datasets["EPSG:4547"], "unsited")
    assert texts(root, ".//gmd:geographicIdentifier//gmd:code/gco:CharacterString") == ["广东省广州市"]
    assert root.find(".//gmd:EX_GeographicBoundingBox", SPACES) is None
    assert root.find(".//gmd:DQ_AbsoluteExternalPositionalAccuracy", SPACES) is None
    statement = texts(root, ".//gmd:statement/gco:CharacterString")[0]
    assert "没有落位的要素" in statement
    assert root.find(".//gco:Decimal", SPACES) is None


def test_accuracy_methods_and_sources(datasets: dict[str, Dataset]) -> None:
    dataset = datasets["EPSG:4547"]
    root, entry = build(dataset, "waterways"), dataset.entries["waterways"]
    worst = entry.raw["derived"]["worst_accuracy_m"]
    assert texts(root, ".//gmd:DQ_QuantitativeResult//gco:Record") == [f"{worst}"]
    unit = root.find(".//gmd:valueUnit", SPACES)
    assert unit.get("{http://www.w3.org/1999/xlink}href") == "urn:ogc:def:uom:EPSG::9001"
    chinese, english = (
        texts(root, f".//gmd:statement/{path}")[0] for path in ("gco:CharacterString", "gmd:PT_FreeText")
    )
    table = next(t for t in dataset.tables if t.name == "waterways")
    for method in set(table.column("method").values):
        count = list(table.column("method").values).count(method)
        assert f"（{method}）{count} 个" in chinese
        assert f"({method}): {count}" in english
    assert f"最大 {worst} 米" in chinese
    assert "EPSG:4547" in english
    identifiers = texts(root, ".//gmd:LI_Source//gmd:MD_Identifier/gmd:code")
    assert sorted(identifiers) == sorted(entry.sources)
    licences = [text for text in texts(root, ".//gmd:LI_Source/gmd:description") if "许可：" in text]
    assert len(licences) == len(entry.sources)


def test_worst_accuracy_is_of_what_is_delivered(datasets: dict[str, Dataset]) -> None:
    dataset = datasets["EPSG:4326"]
    table = next(t for t in dataset.tables if t.name == "waterways")
    hidden = table.geometries.copy()
    accuracies = list(table.column("accuracy_m").values)
    for row, accuracy in enumerate(accuracies):
        if accuracy == max(accuracies):
            hidden[row] = None
    root = etree.fromstring(
        build_metadata(dataset.entries["waterways"], replace(table, geometries=hidden), dataset, crs=dataset.crs)
    )
    rest = [a for a, geometry in zip(accuracies, hidden, strict=True) if geometry is not None]
    assert texts(root, ".//gmd:DQ_QuantitativeResult//gco:Record") == [f"{max(rest)}"]
    assert max(rest) < max(accuracies)


def test_renamed_fields_are_found(datasets: dict[str, Dataset]) -> None:
    dataset = datasets["EPSG:4326"]
    table = next(t for t in dataset.tables if t.name == "waterways")
    names = {"method": "方法", "accuracy_m": "误差"}
    columns = [replace(c, name=names.get(c.name, c.name), origin=c.name) for c in table.columns]
    entry = dataset.entries["waterways"]
    renamed = build_metadata(entry, replace(table, columns=tuple(columns)), dataset, crs=dataset.crs)
    assert renamed == build_metadata(entry, table, dataset, crs=dataset.crs)


def test_what_must_be_said_is_said(datasets: dict[str, Dataset]) -> None:
    dataset = datasets["EPSG:4326"]
    root = build(dataset, "waterways")
    chinese, english = (
        texts(root, f".//gmd:useLimitation/{path}")[0] for path in ("gco:CharacterString", "gmd:PT_FreeText")
    )
    assert "不作为法定依据" in chinese
    assert "未经地图审核" in chinese
    assert "without legal force" in english
    assert texts(root, ".//gmd:otherConstraints/gco:CharacterString") == [dataset.entries["waterways"].raw["licence"]]
    assert texts(root, "./gmd:fileIdentifier") == ["gzmap.waterways.20250923.4326"]
    assert {"2025-09-23"} == set(texts(root, "./gmd:dateStamp") + texts(root, ".//gmd:identificationInfo//gco:Date"))
    assert texts(root, "./gmd:language") == ["zho"]
    assert root.find(".//gmd:PT_Locale", SPACES).get("id") == "eng"
    assert {e.get("locale") for e in root.iterfind(".//gmd:LocalisedCharacterString", SPACES)} == {"#eng"}
    assert texts(root, ".//gmd:edition/gco:CharacterString")[0].endswith("公开征求意见稿")


def test_a_base_layer_is_no_word_of_the_plan(datasets: dict[str, Dataset]) -> None:
    statement = texts(build(datasets["EPSG:4326"], "districts"), ".//gmd:statement/gco:CharacterString")[0]
    assert statement.startswith("底图")


def test_no_empty_element_and_no_address(datasets: dict[str, Dataset]) -> None:
    root = build(datasets["EPSG:4326"], "waterways")
    linked = {"{http://www.w3.org/1999/xlink}href", "{http://www.isotc211.org/2005/gco}nilReason"}
    empty = [e.tag for e in root.iter() if not len(e) and not e.text and not linked & set(e.attrib)]
    assert empty == []
    assert root.find(".//gmd:contactInfo", SPACES) is None
    assert root.find(".//gmd:distributionInfo", SPACES) is None


def test_same_bytes_each_time(datasets: dict[str, Dataset]) -> None:
    dataset = datasets["EPSG:4547"]
    table = next(t for t in dataset.tables if t.name == "hot_springs")
    first, second = (build_metadata(dataset.entries[table.name], table, dataset, crs="EPSG:4547") for _ in range(2))
    assert first == second
    assert first.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")


def test_a_small_project(schema: etree.XMLSchema, tmp_path: Path) -> None:
    """An edition without English words, a layer without description, a source without licence."""
    dataset = build_dataset(open_atlas(make_project(tmp_path)), Selection(["parks", "spots"]), "EPSG:4547")
    for table in dataset.tables:
        bare = replace(dataset, sources=({"id": "survey"},))
        root = etree.fromstring(build_metadata(dataset.entries[table.name], table, bare, crs="EPSG:4547"))
        schema.assertValid(root)
        assert "许可：未注明" in "".join(root.itertext())
    points = next(t for t in dataset.tables if t.name == "spots")
    assert shapely.get_dimensions(points.geometries[0]) == 0
    assert root.find(".//gmd:MD_GeometricObjectTypeCode", SPACES).text == "point"
