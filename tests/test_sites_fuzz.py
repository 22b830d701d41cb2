"""Whatever bytes come in: a site comes out, or a `SiteError` in two languages; never anything else."""

from __future__ import annotations

import io
import json
import zipfile

import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gzmap import sites
from gzmap.errors import SiteError
from tests.site_makers import (
    CORNERS,
    convert,
    lines,
    make_dxf,
    make_frame,
    make_geojson,
    make_kml,
    make_placemark,
    make_shapefile,
    make_survey,
    make_zip,
)

PARTS = make_shapefile(make_frame(name=["白云一号"]), stem="a")
CRS = st.sampled_from(["", "EPSG:4490", "EPSG:4547", "EPSG:4526", "GCJ-02", "EPSG:3857"])
SEEDS = {
    "geojson": make_geojson(名称="甲"),
    "kml": make_kml(make_placemark()).encode(),
    "kmz": make_zip({"doc.kml": make_kml(make_placemark())}),
    "zip": make_zip(PARTS),
    "dxf": make_dxf({"红线": [convert("EPSG:4547")]}),
    "survey": make_survey().encode("gbk"),
    "text": lines(CORNERS, "J{n} {x} {y}").encode(),
    "dms": "113°18′00″ 23°06′00″\n113°19′ 23°6′\n113°19′ 23°7′".encode(),
    "wkt": shapely.from_wkt("POLYGON((113.3 23.1,113.4 23.1,113.4 23.2,113.3 23.1))").wkt.encode(),
}
MANY = settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
FEW = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def require_told(error: SiteError) -> SiteError:
    assert error.code
    assert error.zh.isprintable()
    assert error.zh.endswith(error.remedy_zh)
    assert str(error).endswith(error.remedy)
    return error


def read(data: bytes, name: str, crs: str = "") -> sites.Site | SiteError:
    """Read, and make sure that what comes out is what is promised."""
    try:
        site = sites.read_site(data, name, crs=crs)
    except SiteError as error:
        return require_told(error)
    assert site.geometry.is_valid
    assert site.geometry.area > 0
    assert site.geometry.geom_type in ("Polygon", "MultiPolygon")
    west, south, east, north = site.geometry.bounds
    assert 111 <= west < east <= 115
    assert 22 <= south < north <= 26
    assert len(site.parts) >= 1
    return site


@st.composite
def spoilt(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A good file with bytes changed, cut out, doubled or put in."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        span = draw(st.integers(0, 40))
        kind = draw(st.sampled_from(["change", "cut", "double", "insert", "end"]))
        if kind == "change":
            data[at : at + span] = draw(st.binary(min_size=span, max_size=span))
        elif kind == "cut":
            del data[at : at + span]
        elif kind == "double":
            data[at:at] = data[at : at + span]
        elif kind == "insert":
            data[at:at] = draw(st.binary(max_size=40))
        else:
            del data[at:]
    return bytes(data)


@MANY
@given(st.binary(max_size=2000), st.sampled_from([*SEEDS, "", "zip", "shp"]), CRS)
@example(b"PK\x03\x04", "zip", "")
@example(b"{", "geojson", "")
@example(b"<", "kml", "")
@example(b"\xff\xfe", "txt", "")
def test_any_bytes(data, suffix, crs):
    read(data, f"a.{suffix}", crs)


@MANY
@given(spoilt(list(SEEDS.values())), st.sampled_from(list(SEEDS)), CRS)
def test_good_files_spoilt(data, suffix, crs):
    read(data, f"a.{suffix}", crs)


@MANY
@given(st.data(), CRS)
def test_parts_of_a_shapefile_spoilt(data, crs):
    """What is wrong inside an archive gets through to the reader, as a spoilt archive does not."""
    part = data.draw(st.sampled_from(list(PARTS)))
    parts = {**PARTS, part: data.draw(spoilt([PARTS[part]]))}
    read(make_zip(parts), "a.zip", crs)


@MANY
@given(st.text(max_size=300), CRS)
def test_any_text(text, crs):
    try:
        sites.parse_site(text, crs=crs)
    except SiteError as error:
        require_told(error)


COORDINATE_WORDS = st.sampled_from(
    [
        *"0123456789.,;:°'\" \n\t-+eE@[]()",
        "J1",
        "113.3",
        "23.1",
        "450000.5",
        "2556000.5",
        "界址点",
        "度",
        "分",
        "′",
        "″",
        "经度",
        "POLYGON((",
    ]
)


@MANY
@given(st.lists(COORDINATE_WORDS, max_size=60).map("".join), CRS)
def test_any_list_of_numbers(text, crs):
    read(text.encode(), "", crs)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["Polygon", "Feature", "Point"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "coordinates", "features", "geometry", "geometries", "properties", "crs", "name", "id"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@MANY
@given(
    st.dictionaries(st.sampled_from(["type", "features", "geometry", "coordinates", "crs", "properties"]), JSON), CRS
)
@example({"type": "FeatureCollection", "features": [None, 1, {"geometry": {"type": "Polygon", "coordinates": []}}]}, "")
@example({"type": "Polygon", "coordinates": [[[None, 1], [2, 3], [4, 5], [None, 1]]]}, "")
@example({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[]]}, "crs": []}, "")
def test_any_json(content, crs):
    read(json.dumps(content).encode(), "a.geojson", crs)


KML_TAGS = ("Placemark", "Polygon", "outerBoundaryIs", "LinearRing", "coordinates", "Point", "LineString", "name")
KML_WORDS = st.sampled_from(
    [
        *(f"<{tag}>" for tag in KML_TAGS),
        *(f"</{tag}>" for tag in KML_TAGS),
        *("113.3,23.1 ", "113.4,23.1,0 ", "113.4,23.2 ", "nan,1 ", "x", ",", "红线"),
        *("<!-- a -->", "<?b?>", "&amp;", "&x;", "<![CDATA[113,23]]>"),
    ]
)


@MANY
@given(st.lists(KML_WORDS, max_size=30).map("".join), CRS)
@example("<Placemark><Polygon><outerBoundaryIs/></Polygon></Placemark>", "")
@example("<Placemark><LineString><coordinates>1</coordinates></LineString></Placemark>", "")
def test_any_kml(body, crs):
    read(make_kml(body).encode(), "a.kml", crs)


DXF_WORDS = st.sampled_from(
    [
        *(
            "0",
            "2",
            "5",
            "8",
            "10",
            "20",
            "40",
            "42",
            "70",
            "90",
            "100",
            "-1",
            "1e9",
            "nan",
            "9999999999",
            "LWPOLYLINE",
        ),
        *(
            "INSERT",
            "BLOCK",
            "ENDBLK",
            "ENDSEC",
            "SECTION",
            "ENTITIES",
            "BLOCKS",
            "HATCH",
            "SPLINE",
            "VERTEX",
            "SEQEND",
            "EOF",
        ),
        *("450000.5", "2556000.5", "CIRCLE", "POLYLINE", "红线", "*U1", ""),
    ]
)


@FEW
@given(st.lists(DXF_WORDS, max_size=80), CRS)
@example(["0", "CIRCLE", "0", "ENDBLK"], "")
def test_any_dxf(words, crs):
    head = ["0", "SECTION", "2", "ENTITIES"]
    read("\n".join([*head, *words, ""]).encode("gbk"), "a.dxf", crs)


@FEW
@given(st.lists(st.tuples(st.text(max_size=20), st.binary(max_size=50)), max_size=6))
def test_any_archive(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, (name, content) in enumerate(members):
            archive.writestr(
                zipfile.ZipInfo(f"{number}{name}".encode("utf-8", "replace").decode().replace("\0", "")), content
            )
    read(stream.getvalue(), "a.zip")


@FEW
@given(
    st.lists(st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)), min_size=3, max_size=12),
    CRS,
    st.booleans(),
)
def test_any_ring(points, crs, repair):
    try:
        site = sites.read_site(shapely.Polygon(points).wkt.encode(), "", crs=crs, repair=repair)
    except SiteError as error:
        require_told(error)
    else:
        assert site.geometry.is_valid


RING = st.lists(st.tuples(st.floats(113.2, 113.4), st.floats(23.0, 23.2)), min_size=3, max_size=9, unique=True)


@MANY
@given(RING)
def test_repaired_rings_are_valid_and_cover_what_the_line_encloses(points):
    data = lines(points, "{x!r},{y!r}").encode()
    try:
        whole = sites.read_site(data)
    except SiteError as error:
        if error.code != "self-intersecting":
            return
        whole = sites.read_site(data, repair=True)
        assert "repaired" in [note.code for note in whole.notes]
    enclosed = shapely.union_all(shapely.get_parts(shapely.polygonize([shapely.node(shapely.LinearRing(points))])))
    assert whole.geometry.is_valid
    assert shapely.difference(whole.geometry, enclosed.buffer(1e-9)).area < 1e-12


def test_memory_of_gdal_is_empty_after_all_this():
    assert pyogrio.vsi_listtree("/vsimem/") == []


@pytest.mark.parametrize("suffix", SEEDS)
def test_the_seeds_are_good(suffix):
    outcome = read(SEEDS[suffix], f"a.{suffix}" if suffix in ("zip", "kmz", "kml", "dxf", "geojson") else "", "")
    assert isinstance(outcome, sites.Site) or outcome.code == "crs-missing"
