from __future__ import annotations

import io
import socket
import tempfile
from pathlib import Path

import ezdxf
import pyogrio
import pytest
import shapely

from gzmap import crs as crs_door
from gzmap import sites
from gzmap.errors import QueryError, SiteError
from tests.site_makers import (
    CORNERS,
    SQUARE,
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


def codes(site: sites.Site) -> list[str]:
    return [note.code for note in site.notes]


def is_square(site: sites.Site) -> bool:
    """Whether the site is the square, within a centimetre."""
    return shapely.hausdorff_distance(site.geometry, SQUARE) < 1e-7


SHAPE = shapely.to_geojson(SQUARE)
FEATURE = f'{{"type":"Feature","properties":null,"geometry":{SHAPE}}}'
METRES = shapely.Polygon(convert("EPSG:4547"))
NAMED = make_frame(name=["甲"])
PARTS = make_shapefile(NAMED)
LYING_KML = make_kml(make_placemark()).encode("gb18030")
GBK_KML = make_kml(make_placemark(), declaration='<?xml version="1.0" encoding="gbk"?>').encode("gbk")

GOOD = {
    "geojson": (make_geojson(名称="甲"), "a.geojson", "甲", "EPSG:4326"),
    "geojson feature": (FEATURE.encode(), "b.json", "b", "EPSG:4326"),
    "geojson geometry": (SHAPE.encode(), "c.geojson", "c", "EPSG:4326"),
    "geojson 2008": (make_geojson(METRES, crs="urn:ogc:def:crs:EPSG::4547"), "d.json", "d", "EPSG:4547"),
    "geojson 2008 short": (make_geojson(crs="EPSG:4490"), "d.json", "d", "EPSG:4490"),
    "geojson CRS84": (make_geojson(crs="urn:ogc:def:crs:OGC:1.3:CRS84"), "d.json", "d", "EPSG:4326"),
    "geojson in GBK": (make_geojson(名称="白云一号").decode().encode("gbk"), "e.json", "白云一号", "EPSG:4326"),
    "geojson with BOM": (b"\xef\xbb\xbf" + make_geojson(名称="甲"), "e.geojson", "甲", "EPSG:4326"),
    "kml": (make_kml(make_placemark()).encode(), "a.kml", "红线", "EPSG:4326"),
    "kml in GBK": (GBK_KML, "a.kml", "红线", "EPSG:4326"),
    "kml that lies about its encoding": (LYING_KML, "a.kml", "红线", "EPSG:4326"),
    "kml without declaration": (make_kml(make_placemark(), declaration="").encode(), "a.kml", "红线", "EPSG:4326"),
    "kmz": (make_zip({"doc.kml": make_kml(make_placemark()), "a/b.png": b"PNG"}), "a.kmz", "红线", "EPSG:4326"),
    "shapefile": (make_zip(make_shapefile(make_frame(项目名称=["白云一号"]))), "a.zip", "白云一号", "EPSG:4490"),
    "shapefile in 4547": (make_zip(make_shapefile(NAMED.to_crs("EPSG:4547"))), "a.zip", "甲", "EPSG:4547"),
    "shapefile in 4526": (make_zip(make_shapefile(NAMED.to_crs("EPSG:4526"))), "a.zip", "甲", "EPSG:4526"),
    "shapefile in UTM": (make_zip(make_shapefile(NAMED.to_crs("EPSG:32649"))), "a.zip", "甲", "EPSG:32649"),
    "shapefile in a folder": (make_zip({f"资料/{k}": v for k, v in PARTS.items()}), "a.zip", "甲", "EPSG:4490"),
    "shapefile in capitals": (make_zip({k.upper(): v for k, v in PARTS.items()}), "A.ZIP", "甲", "EPSG:4490"),
    "geojson in a zip": (make_zip({"x/甲.geojson": make_geojson(name="甲")}), "a.zip", "甲", "EPSG:4326"),
    "coordinates in a zip": (make_zip({"界址点.txt": lines(CORNERS).encode("gbk")}), "甲.zip", "甲", "EPSG:4326"),
}


@pytest.mark.parametrize(("data", "name", "title", "code"), GOOD.values(), ids=GOOD)
def test_good_files_become_the_site(data, name, title, code):
    site = sites.read_site(data, name)
    assert is_square(site)
    assert (site.title, site.crs, len(site.parts)) == (title, code, 1)
    assert shapely.is_ccw(site.geometry.exterior)


@pytest.mark.parametrize("code", ["EPSG:4547", "EPSG:4526", "EPSG:4546", "EPSG:4508", "EPSG:3857"])
def test_a_drawing_is_read_in_the_crs_that_is_named(code):
    # The 3-degree zone of 111°E gives the numbers of the 6-degree zone, and is not meant for Guangzhou.
    data = make_dxf({"红线": [convert("EPSG:4508" if code == "EPSG:4546" else code)]})
    site = sites.read_site(data, "a.dxf", crs=code)
    assert is_square(site)
    assert (site.title, site.crs) == ("红线", code)
    assert codes(site) == ["left-out"], "the text and the point"


def test_a_path_is_read_and_a_shapefile_with_all_its_parts(tmp_path):
    for name, content in make_shapefile(make_frame(name=["甲"]), stem="红线").items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "a.geojson").write_bytes(make_geojson())
    assert is_square(sites.read_site(tmp_path / "a.geojson"))
    site = sites.read_site(tmp_path / "红线.shp")
    assert is_square(site)
    assert site.title == "甲"


def test_nothing_is_written_kept_or_fetched(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("no socket is opened for a site")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(socket, "socket", refuse)
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/a.kml</href></Link></NetworkLink>"
    for data, name, *_ in [*GOOD.values(), (make_kml(make_placemark() + link).encode(), "a.kml")]:
        sites.read_site(data, name)
    sites.read_site(make_dxf({"0": [convert("EPSG:4547")]}), "a.dxf", crs="EPSG:4547")
    assert list(tmp_path.iterdir()) == []
    assert pyogrio.vsi_listtree("/vsimem/") == []


def test_links_of_a_kml_are_told_and_not_followed():
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/a.kml</href></Link></NetworkLink>"
    site = sites.read_site(make_kml(make_placemark() + link).encode(), "a.kml")
    assert codes(site) == ["links-ignored"]


def test_several_features_are_one_site_of_which_one_can_be_chosen():
    site = sites.read_site(make_zip(make_shapefile(make_frame(地块名称=["甲", "乙", ""]), stem="三块")), "a.zip")
    assert (site.title, [part.title for part in site.parts]) == ("三块", ["甲", "乙", ""])
    assert codes(site) == ["several-features"]
    assert site.geometry.geom_type == "MultiPolygon"
    chosen = site.choose(2)
    assert (chosen.title, chosen.notes, len(chosen.parts)) == ("乙", (), 1)
    assert chosen.geometry.equals(site.parts[1].geometry)
    assert site.choose(3).title == "三块", "a part without a name keeps the file's"
    for number in (0, 4):
        with pytest.raises(SiteError) as caught:
            site.choose(number)
        assert caught.value.code == "choice-unknown"


def test_neighbours_are_united_into_one_polygon():
    frame = make_frame(name=["甲", "乙"])
    frame.loc[1, "geometry"] = shapely.affinity.translate(SQUARE, 0.02, 0)
    site = sites.read_site(make_zip(make_shapefile(frame)), "a.zip")
    assert site.geometry.geom_type == "Polygon"
    assert site.geometry.area == pytest.approx(2 * SQUARE.area)


def test_several_files_of_an_archive_are_taken_together_if_in_one_crs():
    first, second = (make_shapefile(make_frame(name=[n]), stem=n) for n in ("甲", "乙"))
    other = make_shapefile(make_frame("EPSG:4547", name=["丙"]), stem="丙")
    site = sites.read_site(make_zip({**first, **second}), "a.zip")
    assert [part.title for part in site.parts] == ["甲", "乙"]
    mixed = sites.read_site(make_zip({**first, **other}), "a.zip")
    assert [part.title for part in mixed.parts] == ["甲"]
    assert "left-out" in codes(mixed)


def test_closed_lines_are_areas_and_what_is_left_out_is_told():
    ring = shapely.LineString([*CORNERS, CORNERS[0]])
    both = shapely.GeometryCollection([ring, shapely.Point(113.3, 23.1), shapely.LineString(CORNERS[:2])])
    site = sites.read_site(make_geojson(both), "a.geojson")
    assert is_square(site)
    assert codes(site) == ["lines-closed", "left-out"]
    assert "1 lines that do not close, 1 points" in site.notes[1].en


def test_lines_that_join_end_to_end_are_an_area():
    edges = shapely.MultiLineString([[a, b] for a, b in zip(CORNERS, (*CORNERS[1:], CORNERS[0]), strict=True)])
    site = sites.read_site(make_geojson(edges), "a.geojson")
    assert is_square(site)
    assert codes(site) == ["lines-joined"]


def test_layers_of_a_drawing_are_parts_and_lines_in_lines_are_no_holes():
    x, y = convert("EPSG:4547")[0]
    inner = [(x + 100, y + 100), (x + 200, y + 100), (x + 200, y + 200), (x + 100, y + 200)]
    site = sites.read_site(make_dxf({"红线": [convert("EPSG:4547")], "建筑": [inner]}), "a.dxf", crs="EPSG:4547")
    assert sorted(part.title for part in site.parts) == ["建筑", "红线"]
    assert is_square(site)
    assert {"lines-nested", "several-features"} <= set(codes(site))


def test_a_stray_line_far_away_is_left_out():
    stray = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)]
    site = sites.read_site(make_dxf({"红线": [convert("EPSG:4547")], "图框": [stray]}), "a.dxf", crs="EPSG:4547")
    assert is_square(site)
    assert "1 areas that are not near Guangzhou" in " ".join(note.en for note in site.notes)


def test_a_site_drawn_in_one_block_is_read():
    drawing = ezdxf.new("R2004")
    (x, y), *_ = points = convert("EPSG:4547")
    drawing.blocks.new("红线图").add_lwpolyline([(e - x, n - y) for e, n in points], close=True)
    drawing.modelspace().add_blockref("红线图", (x, y))
    stream = io.StringIO()
    drawing.write(stream)
    assert is_square(sites.read_site(stream.getvalue().encode("gbk", errors="replace"), "a.dxf", crs="EPSG:4547"))


def test_heights_are_dropped():
    high = shapely.force_3d(SQUARE, 12)
    assert not sites.read_site(make_geojson(high), "a.geojson").geometry.has_z


def test_holes_stay():
    hole = shapely.Polygon(CORNERS, [shapely.box(113.305, 23.105, 113.31, 23.11).exterior.coords])
    kml = make_placemark().replace(
        "</outerBoundaryIs>",
        "</outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>113.305,23.105 113.31,23.105 113.31,23.11 "
        "113.305,23.11 113.305,23.105</coordinates></LinearRing></innerBoundaryIs>",
    )
    for data, name in ((make_geojson(hole), "a.geojson"), (make_kml(kml).encode(), "a.kml")):
        assert sites.read_site(data, name).geometry.equals(hole)


def test_a_ring_that_only_touches_itself_is_put_in_order():
    banana = shapely.Polygon(
        [(113.3, 23.1), (113.32, 23.1), (113.31, 23.11), (113.32, 23.12), (113.3, 23.12), (113.31, 23.11)]
    )
    assert not banana.is_valid
    site = sites.read_site(make_geojson(banana), "a.geojson")
    assert site.geometry.is_valid
    assert site.geometry.area == pytest.approx(banana.area)
    assert codes(site) == ["ring-touching"]


def test_a_boundary_that_crosses_itself_is_repaired_only_when_asked():
    bow = shapely.Polygon([CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3]])
    with pytest.raises(SiteError) as caught:
        sites.read_site(make_geojson(bow), "a.geojson")
    assert caught.value.code == "self-intersecting"
    assert "113.31, 23.11" in caught.value.zh
    site = sites.read_site(make_geojson(bow), "a.geojson", repair=True)
    assert site.geometry.is_valid
    assert site.geometry.area == pytest.approx(SQUARE.area / 2)
    assert codes(site) == ["repaired"]


def test_a_site_partly_outside_is_told():
    wide = shapely.box(113.9, 23.1, 114.8, 23.2)
    site = sites.read_site(make_geojson(wide), "a.geojson")
    assert codes(site) == ["partly-outside"]


def test_pasted_geojson_and_kml_are_read_too():
    assert is_square(sites.parse_site(make_geojson().decode()))
    assert is_square(sites.parse_site(make_kml(make_placemark())))
    assert sites.parse_site(make_survey()).title == "地块甲"


def test_a_site_error_is_a_query_error_in_two_languages():
    with pytest.raises(QueryError) as caught:
        sites.read_site(b"", "空.zip")
    error = caught.value
    assert isinstance(error, SiteError)
    assert error.code == "empty"
    assert str(error) == f"空.zip is empty. {error.remedy}"
    assert error.zh == f"“空.zip”是空的。{error.remedy_zh}"


@pytest.mark.parametrize("code", sites.SITE_CRS)
def test_every_offered_crs_is_read(code):
    displaced = [crs_door.convert_to_gcj02(lon, lat) for lon, lat in CORNERS]
    site = sites.parse_site(lines(displaced if code == crs_door.GCJ02 else convert(code)), crs=code)
    assert is_square(site)
    assert site.crs == code


def test_folders_and_missing_files_are_refused(tmp_path: Path):
    for path, code in ((tmp_path, "kind-unknown"), (tmp_path / "none.kml", "unreadable")):
        with pytest.raises(SiteError) as caught:
            sites.read_site(path)
        assert caught.value.code == code
