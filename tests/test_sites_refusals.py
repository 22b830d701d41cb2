"""Bad files: each gets its own words in both languages, with a remedy, and nothing else happens."""

from __future__ import annotations

import io
import re
import string
import zipfile

import ezdxf
import pytest
import shapely

from gzmap import sites
from gzmap.config import (
    SITE_ARCHIVE_FILES,
    SITE_BYTES,
    SITE_FEATURES,
    SITE_TEXT_BYTES,
    SITE_UNPACKED_BYTES,
    SITE_VERTICES,
)
from gzmap.errors import SiteError
from gzmap.sites import messages, remarks
from gzmap.sites.problems import FACT_CHARS, build_error, build_note, format_fact
from tests.conftest import ROOT
from tests.site_makers import (
    CORNERS,
    SQUARE,
    convert,
    lines,
    make_dxf,
    make_frame,
    make_geojson,
    make_kml,
    make_nested_blocks,
    make_placemark,
    make_shapefile,
    make_zip,
)

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def refuse(data: bytes, name: str = "site", **options: object) -> SiteError:
    with pytest.raises(SiteError) as caught:
        sites.read_site(data, name, **options)
    return caught.value


def spoil(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def cut_shapefile(**parts: bytes) -> bytes:
    members = make_shapefile(make_frame(name=["甲"]), stem="a")
    return make_zip({**members, **{f"a.{suffix}": content for suffix, content in parts.items()}})


PARTS = make_shapefile(make_frame(name=["甲"]))
METRES = make_frame("EPSG:4547", name=["甲"])
BOW = shapely.Polygon([CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3]])
CUSTOM = "+proj=tmerc +lon_0=113.2833 +k=1 +x_0=50000 +ellps=GRS80 +units=m"
VRT = b"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>a.csv</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
ENTITY = '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
BLANK_KML = make_kml(make_placemark()).replace("113.3,", "113.3" + " " * 4_000_000)
LAUGHS = '<!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
RING = [(113.3 + 0.01 * n / SITE_VERTICES, 23.1) for n in range(SITE_VERTICES)]


def frame_in(crs: object) -> bytes:
    return make_zip(make_shapefile(METRES.set_crs(crs, allow_override=True)))


BAD = {
    # not what it seems
    "empty": (b"", "a.zip", "empty"),
    "blanks": (b" \n ", "a.txt", "empty"),
    "zeros": (bytes(200), "a.bin", "kind-unknown"),
    "rar": (b"Rar!\x1a\x07", "a.zip", "kind-unknown"),
    "7z": (b"7z\xbc\xaf\x27\x1c", "a.7z", "kind-unknown"),
    "gzip": (b"\x1f\x8b\x08", "a.gz", "kind-unknown"),
    "dwg": (b"AC1032", "a.dwg", "kind-unknown"),
    "binary dxf": (b"AutoCAD Binary DXF\r\n\x1a\x00", "a.dxf", "kind-unknown"),
    "gpkg": (b"SQLite format 3\x00", "a.gpkg", "kind-unknown"),
    "lone shp": (PARTS["地块.shp"], "a.shp", "kind-unknown"),
    "pdf": (b"%PDF-1.7", "a.pdf", "kind-unknown"),
    "png": (b"\x89PNG\r\n", "a.png", "kind-unknown"),
    "old word": (b"\xd0\xcf\x11\xe0", "a.doc", "kind-unknown"),
    "new word": (make_zip({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}), "a.docx", "kind-unknown"),
    "html": (b"<html></html>", "a.kml", "kind-unknown"),
    "topojson": (b'{"type":"Topology"}', "a.json", "kind-unknown"),
    "json number": (b'{"type":5}', "a.json", "kind-unknown"),
    "text as zip": ("这不是压缩包".encode(), "a.zip", "suffix-wrong"),
    "text as dxf": (b"hello", "a.dxf", "suffix-wrong"),
    "over the limit": (b" " + b"1" * SITE_BYTES, "a.txt", "too-large"),
    # archives
    "cut zip": (make_zip(PARTS)[:-30], "a.zip", "zip-broken"),
    "head of a zip": (b"PK\x03\x04abc", "a.zip", "zip-broken"),
    "spoilt zip": (spoil(make_zip({"a.kml": make_kml(make_placemark())}), 60), "a.zip", "zip-broken"),
    "upwards": (make_zip({"../a.kml": make_kml(make_placemark())}), "a.zip", "zip-path"),
    "upwards inside": (make_zip({"a/../../b.kml": make_kml(make_placemark())}), "a.zip", "zip-path"),
    "upwards for Windows": (make_zip({"a\\..\\..\\b.kml": make_kml(make_placemark())}), "a.zip", "zip-path"),
    "absolute": (make_zip({"/etc/a.kml": make_kml(make_placemark())}), "a.zip", "zip-path"),
    "drive": (make_zip({"C:\\a.kml": make_kml(make_placemark())}), "a.zip", "zip-path"),
    "bomb": (make_zip({"a.shp": bytes(SITE_UNPACKED_BYTES + 1)}), "a.zip", "zip-bomb"),
    "bomb in pieces": (make_zip({f"{n}.dbf": bytes(SITE_UNPACKED_BYTES // 3) for n in range(4)}), "a.zip", "zip-bomb"),
    "many files": (make_zip({f"{n}.txt": "" for n in range(SITE_ARCHIVE_FILES + 1)}), "a.zip", "zip-many"),
    "nothing to read": (make_zip({"说明.docx": b"x"}), "a.zip", "zip-nothing"),
    "zip in a zip": (make_zip({"a.kml": make_zip({"doc.kml": make_kml(make_placemark())})}), "a.zip", "zip-nothing"),
    "no dbf": (make_zip(PARTS, drop=[".dbf"]), "a.zip", "shapefile-part-missing"),
    "no shx": (make_zip(PARTS, drop=[".shx"]), "a.zip", "shapefile-part-missing"),
    "only dbf": (make_zip({"a.dbf": PARTS["地块.dbf"]}), "a.zip", "shapefile-part-missing"),
    # broken content
    "json cut": (make_geojson()[:-20], "a.geojson", "content-broken"),
    "json nested without end": (b'{"a":' * 100_000, "a.json", "content-broken"),
    "json of a huge number": (b'{"a":' + b"9" * 5000 + b"}", "a.json", "content-broken"),
    "json coordinates": (b'{"type":"Polygon","coordinates":[[[1,2],[3]]]}', "a.json", "content-broken"),
    "kml cut": (make_kml(make_placemark())[:-30].encode(), "a.kml", "content-broken"),
    "kml coordinates": (make_kml(make_placemark()).replace("113.3,", "x,").encode(), "a.kml", "content-broken"),
    "kml with entity": (make_kml(make_placemark(), declaration=ENTITY).encode(), "a.kml", "xml-doctype"),
    "kml laughs": (make_kml(make_placemark(), declaration=LAUGHS).encode(), "a.kml", "xml-doctype"),
    "shp disguised": (cut_shapefile(shp=VRT), "a.zip", "content-broken"),
    "shp of noise": (cut_shapefile(shp=PARTS["地块.shp"][:100] + bytes(range(256))), "a.zip", None),
    "dxf disguised": (b"999\n" + VRT + b"\n0\nSECTION\n" + VRT, "a.dxf", "kind-unknown"),
    "dxf cut": (make_dxf({"0": [convert("EPSG:4547")]})[:3000], "a.dxf", None),
    # amounts
    "many features": (
        b'{"type":"FeatureCollection","features":[' + b'{"type":"Feature","geometry":null},' * SITE_FEATURES
        + b'{"type":"Feature","geometry":null}]}', "a.json", "too-many-features",
    ),
    "many vertices": (make_geojson(shapely.Polygon([*RING, (113.3, 23.2)])), "a.json", "too-many-vertices"),
    "long text": (b"1,1\n" * (SITE_TEXT_BYTES // 4 + 1), "a.txt", "too-large"),
    "many lines": (b"1,1\n" * (SITE_TEXT_BYTES // 4), "a.txt", "too-many-vertices"),
    "many blanks": (b"1" + b" " * (SITE_TEXT_BYTES - 2), "a.txt", "line-unreadable"),
    "many figures": (b"1" * SITE_TEXT_BYTES, "a.txt", "line-unreadable"),
    "many dots": (b"1." * (SITE_TEXT_BYTES // 2), "a.txt", "line-unreadable"),
    "many commas": (b"," * SITE_TEXT_BYTES, "a.txt", "line-unreadable"),
    "many pairs": (b"1,1 " * (SITE_TEXT_BYTES // 4), "a.txt", "too-many-vertices"),
    "many at signs": (b"@ " * (SITE_TEXT_BYTES // 2), "a.txt", "line-unreadable"),
    "blanks in a kml": (BLANK_KML.encode(), "a.kml", "content-broken"),
    "many pasted points": ("\n".join(["113.3,23.1"] * (SITE_VERTICES + 1)).encode(), "a.txt", "too-many-vertices"),
    # coordinates
    "no prj": (make_zip(PARTS, drop=[".prj"]), "a.zip", "crs-missing"),
    "no prj in metres": (make_zip(make_shapefile(METRES), drop=[".prj"]), "a.zip", "crs-missing"),
    "drawing": (make_dxf({"0": [convert("EPSG:4547")]}), "a.dxf", "crs-missing"),
    "wrong zone": (frame_in("EPSG:4548"), "a.zip", "outside"),
    "wrong zone with prefix": (frame_in("EPSG:4527"), "a.zip", "outside"),
    "metres as degrees": (make_geojson(shapely.Polygon(convert("EPSG:4547"))), "a.json", "outside"),
    "degrees as metres": (make_geojson(crs="EPSG:4547"), "a.json", "outside"),
    "another city": (make_geojson(shapely.box(116.3, 39.9, 116.4, 40.0)), "a.json", "outside"),
    "Xian 1980": (frame_in("EPSG:2383"), "a.zip", "crs-local"),
    "Beijing 1954": (frame_in("EPSG:2435"), "a.zip", "crs-local"),
    "a system of its own": (frame_in(CUSTOM), "a.zip", "crs-unknown"),
    "crs member of no sense": (make_geojson(crs="banana"), "a.json", "crs-unknown"),
    "crs member as a link": (make_geojson(crs={"type": "link", "properties": {}}), "a.json", "crs-unknown"),
    "infinite": (make_kml(make_placemark()).replace("113.3,", "1e999,").encode(), "a.kml", "not-finite"),
    # geometry
    "bow tie": (make_geojson(BOW), "a.json", "self-intersecting"),
    "point": (make_geojson(shapely.Point(113.3, 23.1)), "a.json", "no-area"),
    "open line": (make_geojson(shapely.LineString(CORNERS)), "a.json", "no-area"),
    "no feature": (b'{"type":"FeatureCollection","features":[]}', "a.json", "no-area"),
    "flat": (make_geojson(shapely.Polygon([CORNERS[0], CORNERS[1], CORNERS[0]])), "a.json", "no-area"),
    "kml of two points": (make_kml(make_placemark(points=CORNERS[:2])).encode(), "a.kml", "too-few-points"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "name", "code"), BAD.values(), ids=BAD)
def test_every_bad_file_gets_its_words(data, name, code):
    error = refuse(data, name)
    assert code in (None, error.code)
    assert CHINESE.search(error.zh)
    assert error.zh.endswith(error.remedy_zh)
    assert str(error).endswith(error.remedy)
    assert "{" not in error.zh + str(error)
    assert not CHINESE.search(str(error).replace("说明", "").replace("地块", "")), "English for who reads English"


@pytest.mark.parametrize(
    ("data", "name", "suggested"),
    [
        (make_zip(PARTS, drop=[".prj"]), "a.zip", ("EPSG:4490",)),
        (make_zip(make_shapefile(METRES), drop=[".prj"]), "a.zip", ("EPSG:4547",)),
        (make_dxf({"0": [convert("EPSG:4526")]}), "a.dxf", ("EPSG:4526",)),
        (frame_in("EPSG:4548"), "a.zip", ("EPSG:4547",)),
        (frame_in("EPSG:4527"), "a.zip", ("EPSG:4547",)),
        (make_geojson(shapely.Polygon(convert("EPSG:4547"))), "a.json", ("EPSG:4547",)),
        (make_geojson(crs="EPSG:4547"), "a.json", ("EPSG:4490",)),
        (make_geojson(shapely.box(116.3, 39.9, 116.4, 40.0)), "a.json", ()),
    ],
)
def test_what_is_suggested_works(data, name, suggested):
    error = refuse(data, name)
    assert error.suggestions == suggested
    for code in suggested:
        assert code in error.zh
        assert code in str(error)
        site = sites.read_site(data, name, crs=code)
        assert shapely.hausdorff_distance(site.geometry, SQUARE) < 1e-7


def test_millimetres_are_recognised():
    ring = [(1000 * x, 1000 * y) for x, y in convert("EPSG:4547")]
    error = refuse(make_dxf({"0": [ring]}), "a.dxf")
    assert "毫米" in error.zh
    assert "millimetres" in str(error)


def test_blocks_within_blocks_are_not_opened_and_that_is_told():
    error = refuse(make_nested_blocks(30), "a.dxf")
    assert error.code == "no-area"
    assert "炸开" in error.zh
    assert "explode" in str(error)


def test_a_block_of_blocks_by_the_million_is_over_the_limit():
    drawing = ezdxf.new("R2004")
    drawing.blocks.new("B").add_lwpolyline([(0, 0), (5, 0), (5, 5)], close=True)
    grid = {"row_count": 2000, "column_count": 2000, "row_spacing": 9, "column_spacing": 9}
    drawing.modelspace().add_blockref("B", (400_000, 2_500_000), dxfattribs=grid)
    stream = io.StringIO()
    drawing.write(stream)
    assert refuse(stream.getvalue().encode("gbk"), "a.dxf").code == "too-many-features"


def test_a_password_is_named():
    data = bytearray(make_zip({"a.kml": make_kml(make_placemark())}))
    # The flag stands in the local head and in the central list.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refuse(bytes(data), "a.zip").code == "zip-encrypted"


def test_a_compression_that_is_not_known_is_named():
    data = bytearray(make_zip({"a.kml": make_kml(make_placemark())}))
    data[8] = 99
    data[data.index(b"PK\x01\x02") + 10] = 99
    assert refuse(bytes(data), "a.zip").code == "zip-broken"


def test_a_member_without_a_name_is_passed_over():
    data = make_zip({"a.kml": make_kml(make_placemark())})
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(zipfile.ZipInfo(""), "x")
    assert sites.read_site(stream.getvalue(), "a.zip").geometry == sites.read_site(data, "a.zip").geometry


def test_a_size_that_an_archive_claims_is_not_believed():
    data = bytearray(make_zip({"a.shp": bytes(SITE_UNPACKED_BYTES + 1)}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    assert refuse(bytes(data), "a.zip").code in ("zip-bomb", "zip-broken")


def test_an_entity_is_not_opened():
    text = make_kml("<Placemark><name>&x;</name></Placemark>", declaration=ENTITY)
    error = refuse(text.encode(), "a.kml")
    assert error.code == "xml-doctype"


@pytest.mark.parametrize(
    ("crs", "code"),
    [
        ("BD-09", "bd09"),
        ("百度坐标", "bd09"),
        ("西安80", "crs-local"),
        ("北京54", "crs-local"),
        ("广州2000", "crs-local"),
        ("EPSG:2383", "crs-local"),
        ("EPSG:4610", "crs-local"),
        ("EPSG:99999", "crs-unknown"),
        ("EPSG:5773", "crs-unknown"),
        ("banana", "crs-unknown"),
    ],
)
def test_a_crs_that_cannot_be_used_is_named(crs, code):
    error = refuse(lines(CORNERS).encode(), crs=crs)
    assert error.code == code
    assert code == "bd09" or crs in error.zh


def test_gcj02_is_for_degrees_only():
    error = refuse(lines(convert("EPSG:4547")).encode(), crs="GCJ-02")
    assert (error.code, error.suggestions) == ("gcj02-not-degrees", ("EPSG:4547",))


def test_what_a_person_says_goes_before_what_a_file_says():
    for data in (frame_in("EPSG:4548"), frame_in("EPSG:2383"), frame_in(CUSTOM)):
        site = sites.read_site(data, "a.zip", crs="EPSG:4547")
        assert shapely.hausdorff_distance(site.geometry, SQUARE) < 1e-7
        assert [note.code for note in site.notes] == ["crs-overridden"]


# --- the words


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", messages.ERRORS)
def test_every_error_is_told_whole_in_both_languages(code):
    (zh, en), (remedy_zh, remedy) = messages.ERRORS[code]
    for chinese, english in ((zh, en), (remedy_zh, remedy)):
        assert CHINESE.search(chinese) or chinese == "{advice_zh}"
        assert not CHINESE.search(english)
        assert {f.removesuffix("_zh") for f in fields(chinese)} == fields(english)
        assert chinese.endswith(("。", "{advice_zh}"))
        assert english.endswith((".", "{advice}"))
    facts = {name: name for name in fields(zh) | fields(en) | fields(remedy_zh) | fields(remedy)}
    assert build_error(code, **facts).code == code


@pytest.mark.parametrize("code", remarks.NOTES)
def test_every_note_is_told_in_both_languages(code):
    zh, en = remarks.NOTES[code]
    assert CHINESE.search(zh)
    assert not CHINESE.search(en)
    assert {f.removesuffix("_zh") for f in fields(zh)} == fields(en)
    assert build_note(code, **{name: name for name in fields(zh) | fields(en)}).code == code


@pytest.mark.parametrize("table", [remarks.ADVICE, remarks.REASONS, remarks.FOUND, remarks.GUESSES], ids=str)
def test_the_pieces_of_messages_are_in_both_languages(table):
    for key, (zh, en) in table.items():
        assert bool(CHINESE.search(zh)) == bool(zh), key
        assert not CHINESE.search(en), key
        assert fields(zh) == fields(en)


def test_every_code_is_used():
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "gzmap").rglob("*.py")))
    for code in (*messages.ERRORS, *remarks.NOTES):
        assert source.count(f'"{code}"') > 1, f"{code} is in the words and nowhere else"


def test_what_others_wrote_is_cut_and_freed_of_control_characters():
    assert format_fact("a\x00b\nc\u202ed") == "a b c d"
    assert format_fact("长" * 500) == "长" * FACT_CHARS + "…"
    error = refuse(b"\x00", "a\x1b[31m\n" + "x" * 500)
    assert "\n" not in str(error)
    assert "\x1b" not in error.zh
