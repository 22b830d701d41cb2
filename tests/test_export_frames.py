"""Any GeoDataFrame can be taken away: what it was is told, what a file cannot hold is refused or moved beside it."""

from __future__ import annotations

import datetime
import decimal
import json
import zipfile

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from gzmap.errors import CRSError, ExportError
from gzmap.export import Choices, Selection, build_dataset, build_frame_dataset, build_order, check_order, export_frame
from gzmap.export.columns import build_column
from gzmap.export.values import Values
from tests.second_client import ogr, read_csv, read_member

POINT = shapely.Point(113.3, 23.1)
SQUARE = shapely.box(113.2, 23.0, 113.3, 23.1)
LINE = shapely.LineString([(113.1, 23.1), (113.2, 23.2)])


def make_frame(geometries=(POINT,), crs="EPSG:4490", **columns) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(columns, geometry=list(geometries), crs=crs)


def build(frame: geopandas.GeoDataFrame, crs: str = "EPSG:4490") -> tuple:
    dataset = build_frame_dataset({"layer": frame}, title="数据", crs=crs)
    return dataset.tables, {loss.code for loss in dataset.losses}


# --- values


def test_values_read_like_a_list():
    values = Values(np.array([1, 2, 3]), np.array([False, True, False]))
    assert list(values) == [1, None, 3] == values
    assert values != [1, 2, 3]
    assert values[1] is None
    assert len(values) == 3
    assert values.take(np.array([2, 1])) == [3, None]
    assert type(values[0]) is int
    assert Values(np.array([1.5, np.nan])) == [1.5, None]
    assert Values(np.array(["2025-01-02", "NaT"], dtype="datetime64[D]")) == ["2025-01-02", None]
    assert Values(np.array([True])).mask is None
    assert repr(Values(np.array(["a"], dtype=object))) == "Values(['a'])"


NAN = float("nan")
NAIVE = datetime.datetime(2025, 1, 1, 8)  # noqa: DTZ001
ZONED = NAIVE.replace(tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("series", "kind", "values", "told"),
    [
        (pd.Series([1, 2]), "integer", [1, 2], False),
        (pd.Series([1, None], dtype="Int64"), "integer", [1, None], False),
        (pd.Series([2**63 + 5], dtype="uint64"), "integer", [2**63 + 5], False),
        (pd.Series([2**70, None], dtype=object), "integer", [2**70, None], False),
        (pd.Series([2**60]), "integer", [2**60], False),
        (pd.Series([1.5, NAN]), "real", [1.5, None], False),
        (pd.Series([1.5, None], dtype=object), "real", [1.5, None], False),
        (pd.Series([np.inf, -np.inf, 1.0]), "real", [None, None, 1.0], True),
        (pd.Series([True, False]), "boolean", [True, False], False),
        (pd.Series([True, None], dtype="boolean"), "boolean", [True, None], False),
        (pd.Series([True, None], dtype=object), "boolean", [True, None], False),
        (pd.Series(["a", None, "㘵"]), "text", ["a", None, "㘵"], False),
        (pd.Series(["a", None], dtype=object), "text", ["a", None], False),
        (pd.Series(["a", "b"], dtype="category"), "text", ["a", "b"], False),
        (pd.Series([1, 2], dtype="category"), "integer", [1, 2], False),
        (pd.Series([None, None], dtype=object), "text", [None, None], False),
        (pd.to_datetime(pd.Series(["2020-01-01", None])), "date", ["2020-01-01", None], False),
        (pd.Series([datetime.date(1, 1, 1), None]), "date", ["0001-01-01", None], False),
        (pd.to_datetime(pd.Series(["2020-01-01T08:00", None])), "datetime", ["2020-01-01T08:00:00", None], False),
        (pd.to_datetime(pd.Series(["2020-01-01T08:00+08:00"])), "datetime", ["2020-01-01T08:00:00+08:00"], False),
        (pd.to_datetime(pd.Series(["2020-01-01T00:00:00.123456"])), "datetime", ["2020-01-01T00:00:00.123"], True),
        (pd.Series([datetime.datetime(9999, 1, 1, 1)]), "datetime", ["9999-01-01T01:00:00"], False),  # noqa: DTZ001
        (pd.Series([[1, "广"], {"a": 1}, b"\x01", None]), "text", ['[1, "广"]', '{"a": 1}', "01", None], True),
        (pd.Series([decimal.Decimal("1.10")]), "text", ["1.10"], True),
        (pd.to_timedelta(pd.Series([1]), unit="h"), "text", ["0 days 01:00:00"], True),
        (pd.Series([1, None], dtype=pd.CategoricalDtype([1, 2])), "integer", [1, None], False),
        (pd.Series([True, None], dtype=pd.CategoricalDtype([True])), "boolean", [True, None], False),
        (pd.Series([0.5, None], dtype="category"), "real", [0.5, None], False),
        (
            pd.Series([ZONED, NAIVE, None], dtype=object),
            "text",
            ["2025-01-01T08:00:00+00:00", "2025-01-01T08:00:00", None],
            True,
        ),
        (
            pd.Series(np.array(["0000-01-01", "NaT"], dtype="datetime64[s]")),
            "text",
            ["0000-01-01T00:00:00", None],
            True,
        ),
    ],
)
def test_every_type_becomes_a_kind(series, kind, values, told):
    column, loss = build_column(series.rename("字段"), "f", layer="t")
    assert column.kind == kind
    assert list(column.values) == values
    assert [type(v) for v in column.values] == [type(v) for v in values]
    assert (column.title, column.origin) == ("字段", "字段")
    assert (loss is not None) == told


# --- geometry


def test_mixed_geometry_is_split_and_told():
    frame = make_frame([POINT, SQUARE, LINE, None, shapely.MultiPoint([(113, 23)])], n=[1, 2, 3, 4, 5])
    tables, codes = build(frame)
    assert [(t.name, t.geometry_type) for t in tables] == [
        ("layer_pt", "MultiPoint"), ("layer_ln", "LineString"), ("layer_py", "Polygon"),
    ]  # fmt: skip
    assert [list(t.column("n").values) for t in tables] == [[1, 4, 5], [3], [2]]
    assert [list(t.ids) for t in tables] == [["1", "4", "5"], ["3"], ["2"]]
    assert tables[0].geometries[1] is None, "what is nowhere goes with the most frequent family"
    assert codes == {"mixed-geometry"}


def test_collections_are_taken_apart():
    nested = shapely.GeometryCollection([POINT, shapely.GeometryCollection([SQUARE, shapely.MultiPoint([(113, 23)])])])
    tables, codes = build(make_frame([nested, SQUARE], n=[1, 2]))
    assert "collection" in codes
    assert [(t.name, list(t.column("n").values)) for t in tables] == [("layer_pt", [1]), ("layer_py", [1, 2])]
    assert shapely.get_num_geometries(tables[0].geometries[0]) == 2
    assert tables[1].geometries[0].equals(SQUARE)
    assert "mixed-geometry" in codes


@pytest.mark.parametrize("empty", [shapely.Point(), shapely.GeometryCollection(), shapely.Polygon()])
def test_empty_geometry_becomes_none_and_is_told(empty):
    tables, codes = build(make_frame([empty, SQUARE]))
    assert list(shapely.is_missing(tables[0].geometries)) == [True, False]
    assert codes == {"empty-geometry"}


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4547"])
def test_heights_are_dropped_and_told(crs):
    tables, codes = build(make_frame([shapely.Point(113.3, 23.1, 9)]), crs)
    assert not shapely.has_z(tables[0].geometries).any()
    assert codes == {"z-dropped"}


def test_a_frame_that_is_nowhere_located_is_written(tmp_path):
    path = export_frame(make_frame([None, None], name=["甲", "乙"]), tmp_path / "a.gpkg", fmt="gpkg", crs="EPSG:4490")
    assert [f["geometry"] for f in ogr(path, "a")["features"]] == [None, None]


def test_an_empty_frame_is_written(tmp_path):
    frame = make_frame([POINT], name=["甲"]).iloc[:0]
    for fmt, name in (("gpkg", "a.gpkg"), ("shp", "a.zip"), ("geojson", "a.geojson")):
        export_frame(frame, tmp_path / name, fmt=fmt)
    assert json.loads((tmp_path / "a.geojson").read_bytes())["features"] == []
    assert ogr(tmp_path / "a.gpkg", "a")["features"] == []


def test_a_ring_is_a_line(tmp_path):
    ring = shapely.LinearRing([(113, 23), (113.1, 23), (113.1, 23.1)])
    path = export_frame(make_frame([ring, shapely.MultiLineString([LINE])]), tmp_path / "a.gpkg", fmt="gpkg")
    assert {f["geometry"]["type"] for f in ogr(path, "a")["features"]} == {"MultiLineString"}


def test_a_polygon_of_a_million_vertices_goes_through(tmp_path):
    angles = np.linspace(0, 2 * np.pi, 10**6, endpoint=False)
    frame = make_frame([shapely.Polygon(np.column_stack([113.3 + 0.1 * np.cos(angles), 23.1 + 0.1 * np.sin(angles)]))])
    path = export_frame(frame, tmp_path / "a.zip", fmt="shp", crs="EPSG:4547")
    back = pyogrio.read_dataframe(f"/vsizip/{path}/a.shp")
    assert shapely.get_num_coordinates(back.geometry[0]) == 10**6 + 1


# --- columns


def test_odd_and_double_columns_get_plain_names_and_keep_their_own_as_titles(tmp_path):
    frame = make_frame()
    data = pd.DataFrame([["a", "b", "c", 1, "e"]], columns=["面积", "面积", "`x`;--", 5, "a_very_long_column"])
    frame = geopandas.GeoDataFrame(data, geometry=frame.geometry, crs=frame.crs)
    (table,), codes = build(frame)
    assert [c.name for c in table.columns] == ["mj", "mj_2", "x", "f_5", "a_very_long_column"]
    assert [c.title for c in table.columns] == ["面积", "面积", "`x`;--", "5", "a_very_long_column"]
    assert codes == {"field-name"}
    path = export_frame(frame, tmp_path / "a.zip", fmt="shp", encoding="gbk", names="chinese")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    assert list(ogr(tmp_path / "a.shp")["features"][0]["properties"]) == ["面积", "面积_1", "`x`;--", "5", "a_very_lon"]
    assert {r["origin"] for r in read_csv(path, "字段说明.csv")} >= {"面积", "`x`;--", "a_very_long_column"}


def test_two_columns_of_the_active_name_are_refused_and_a_text_so_called_is_kept():
    frame = make_frame([POINT], n=["x"])
    frame["m"] = geopandas.GeoSeries([SQUARE], crs=frame.crs)
    frame.columns = ["n", "geometry", "geometry"]
    with pytest.raises(ExportError, match=r"'layer' has 2 geometry columns called 'geometry'; rename all but one"):
        build(frame)
    frame = make_frame([POINT], n=["x"])
    frame.columns = ["geometry", "geometry"]
    (table,), _ = build(frame)
    assert [(c.name, list(c.values)) for c in table.columns] == [("geometry", ["x"])]


def test_an_index_called_like_the_geometry_is_kept():
    (table,), _ = build(make_frame([POINT], n=["x"]).set_index(pd.Index(["k"], name="geometry")))
    assert [(c.name, list(c.values)) for c in table.columns] == [("geometry", ["k"]), ("n", ["x"])]


def test_columns_under_several_heads_are_called_by_all_of_them():
    frame = make_frame(n=[1], m=["x"])
    frame.columns = pd.MultiIndex.from_tuples([("甲", "一"), ("甲", ""), ("geometry", "")])
    (table,), _ = build(frame)
    assert [(c.name, c.title) for c in table.columns] == [("jy", "甲_一"), ("j", "甲")]


def test_a_long_name_of_a_layer_is_cut_and_told(tmp_path):
    names = ["x" * 300, "x" * 301, "长" * 300, "a_pt", "a", "😀", ""]
    mixed = make_frame([POINT, LINE], name=["甲", "乙"])
    dataset = build_frame_dataset(dict.fromkeys(names, mixed), title="数据", crs="EPSG:4490")
    found = [table.name for table in dataset.tables]
    assert len({name.lower() for name in found}) == len(found) == 2 * len(names)
    assert {name[:3] for name in found} == {"xxx", "ccc", "a_p", "a_2", "lay"}
    assert max(map(len, found)) <= 63
    told = [loss.layer for loss in dataset.losses if loss.code == "layer-name"]
    assert len(told) == 6
    assert {table.title.removesuffix("（点）").removesuffix("（线）") for table in dataset.tables} == set(names)
    path = export_frame(make_frame(), tmp_path / "a.zip", fmt="shp", layer="长" * 300)
    assert f"{'c' * 60}.shp" in zipfile.ZipFile(path).namelist()


def test_a_second_geometry_column_becomes_text():
    frame = make_frame([POINT])
    frame["at"] = geopandas.GeoSeries([POINT], crs=frame.crs)
    (table,), codes = build(frame)
    assert list(table.column("at").values) == ["POINT (113.3 23.1)"]
    assert codes == {"type"}


@pytest.mark.parametrize(
    ("index", "columns"),
    [
        (None, ["n"]),
        (pd.Index([5, 6]), ["n"]),
        (pd.Index([5, 6], name="号"), ["h", "n"]),
        (pd.Index(["a", "b"]), ["index", "n"]),
        (pd.MultiIndex.from_tuples([(1, "a"), (2, "b")], names=["i", "n"]), ["i", "n", "n_2"]),
    ],
)
def test_an_index_that_carries_data_is_kept(index, columns):
    frame = make_frame([POINT, POINT], n=[1, 2])
    frame = frame if index is None else frame.set_index(index)
    assert [c.name for c in build(frame)[0][0].columns] == columns


def test_a_shipped_layer_keeps_its_ids(atlas, tmp_path):
    frame = atlas.layers["mountains"]
    path = export_frame(frame, tmp_path / "hills.geojson", fmt="geojson")
    features = json.loads(path.read_bytes())["features"]
    assert [f["id"] for f in features] == list(frame.index)


def test_rows_keep_their_order_in_geojson(tmp_path):
    path = export_frame(make_frame([POINT] * 12, n=range(12)), tmp_path / "a.geojson", fmt="geojson")
    features = json.loads(path.read_bytes())["features"]
    assert [(f["id"], f["properties"]["n"]) for f in features] == [(str(n + 1), n) for n in range(12)]


# --- what is refused, and what is then done


def test_a_frame_without_crs_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(CRSError, match=r"'a' has no CRS.*set_crs"):
        export_frame(make_frame(crs=None), tmp_path / "a.gpkg", fmt="gpkg")
    assert not list(tmp_path.iterdir())


def test_what_is_no_geodataframe_is_refused(tmp_path):
    for thing in (pd.DataFrame({"a": [1]}), geopandas.GeoDataFrame({"a": [1]})):
        with pytest.raises(ExportError, match="no geometry column"):
            export_frame(thing, tmp_path / "a.gpkg", fmt="gpkg")
    with pytest.raises(ExportError, match="No layer is given"):
        build_frame_dataset({}, title="", crs="EPSG:4490")


def test_a_frame_whose_crs_is_wrong_is_refused(tmp_path):
    degrees_called_metres = make_frame([POINT], crs="EPSG:4547")
    with pytest.raises(CRSError, match="far from where that CRS is used"):
        export_frame(degrees_called_metres, tmp_path / "a.gpkg", fmt="gpkg")
    northing_first = make_frame([shapely.Point(2555783.93, 428285.96)], crs="EPSG:4547")
    with pytest.raises(CRSError, match="easting or longitude first"):
        export_frame(northing_first, tmp_path / "a.gpkg", fmt="gpkg")


def test_our_own_shapefile_reads_back_as_a_frame_with_its_code(tmp_path):
    """The .prj is Esri's, which names no code."""
    path = export_frame(make_frame(name=["甲"]), tmp_path / "a.zip", fmt="shp", crs="EPSG:4547", encoding="gbk")
    frame = geopandas.read_file(f"/vsizip/{path}/a.shp")
    (table,), _ = build(frame, "EPSG:4526")
    assert shapely.get_x(table.geometries[0]) == pytest.approx(38428285.956, abs=0.002)


@pytest.mark.parametrize("value", [2**60, -(2**60)])
def test_large_numbers_are_refused_then_written_as_text(tmp_path, value):
    frame = make_frame([POINT, POINT], n=[1, value])
    with pytest.raises(ExportError, match=rf"2: n is {value}, too large"):
        export_frame(frame, tmp_path / "a.zip", fmt="shp")
    path = export_frame(frame, tmp_path / "a.zip", fmt="shp", fixes={"integers-as-text"})
    assert pyogrio.read_dataframe(f"/vsizip/{path}/a.shp")["n"].tolist() == ["1", str(value)]


def test_numbers_beyond_a_dbf_are_refused_or_told(tmp_path):
    with pytest.raises(ExportError, match="too large"):
        export_frame(make_frame(n=[1e300]), tmp_path / "a.zip", fmt="shp")
    path = export_frame(make_frame(n=[1e300]), tmp_path / "a.zip", fmt="shp", fixes={"reals-as-text"})
    assert pyogrio.read_dataframe(f"/vsizip/{path}/a.shp")["n"].tolist() == ["1e+300"]
    dataset = build_frame_dataset({"a": make_frame(n=[1e-12])}, title="", crs="EPSG:4490")
    assert "decimals" in {loss.code for loss in check_order(dataset, Choices("shp", "EPSG:4490"))}


def test_long_texts_of_a_frame_are_kept_beside_by_row_number(tmp_path):
    path = export_frame(make_frame([POINT, POINT], x=["短", "长" * 300]), tmp_path / "a.zip", fmt="shp")
    assert read_csv(path, "长文本.csv") == [{"feature_id": "2", "field": "x", "text": "长" * 300}]
    assert pyogrio.read_dataframe(f"/vsizip/{path}/a.shp")["row_id"].tolist() == ["1", "2"]
    assert "依据.csv" not in zipfile.ZipFile(path).namelist()
    assert "EPSG:4326" in read_member(path, "README.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
def test_texts_come_back_in_every_encoding_whatever_stands_in_them(tmp_path, encoding):
    texts = ["甲\x1f乙", None, "a\nb", "广" * 127, "z" * 254, "'\"`;--", "（）—…", "a" * 90]
    frame = make_frame([POINT] * len(texts), n=texts)
    path = export_frame(frame, tmp_path / "a.zip", fmt="shp", encoding=encoding)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    kept = [t and ("广" * 84 if encoding == "utf-8" and t.startswith("广") else t) for t in texts]
    assert [f["properties"]["n"] for f in ogr(tmp_path / "a.shp")["features"]] == kept


def test_data_may_stay_in_a_datum_that_nothing_leads_out_of(tmp_path):
    frame = make_frame(crs="EPSG:4610", n=[1])
    path = export_frame(frame, tmp_path / "a.zip", fmt="shp", crs="EPSG:4610")
    assert "Xian" in read_member(path, "a.prj")
    with pytest.raises(CRSError, match="another datum"):
        export_frame(frame, tmp_path / "b.zip", fmt="shp", crs="EPSG:4490")


def test_more_fields_than_a_dbf_holds_are_refused(tmp_path):
    frame = make_frame(**{f"c{n}": [n] for n in range(256)})
    with pytest.raises(ExportError, match="256 fields; Shapefile"):
        export_frame(frame, tmp_path / "a.zip", fmt="shp")


def test_types_come_back_from_a_geopackage(tmp_path):
    frame = make_frame(
        [POINT, POINT],
        b=pd.array([True, None], dtype="boolean"),
        t=pd.to_datetime(["2020-01-01T08:00:00.250+08:00", None]),
        d=pd.to_datetime(["2020-01-01", None]),
        i=pd.array([2**60, None], dtype="Int64"),
        r=[0.1, np.nan],
    )
    path = export_frame(frame, tmp_path / "a.gpkg", fmt="gpkg")
    first, second = (f["properties"] for f in ogr(path, "a")["features"])
    assert first["b"] is True
    assert first["t"].startswith("2020/01/01 00:00:00.25") or first["t"].startswith("2020-01-01T00:00:00.25")
    assert (first["i"], first["r"]) == (2**60, 0.1)
    assert first["d"].replace("/", "-") == "2020-01-01"
    assert set(second.values()) == {None}


def test_the_same_frame_gives_the_same_bytes(tmp_path):
    frame = make_frame([POINT, SQUARE], name=["甲", None], t=pd.to_datetime(["2020-01-01T08:00"] * 2))
    for fmt, suffix in (("shp", ".zip"), ("gpkg", ".gpkg"), ("geojson", ".zip")):
        made = []
        for number in range(2):
            (tmp_path / str(number)).mkdir(exist_ok=True)
            made.append(export_frame(frame, tmp_path / f"{number}/a{suffix}", fmt=fmt).read_bytes())
        assert made[0] == made[1]


def test_data_of_a_dataset_must_be_in_the_crs_of_the_choices(atlas):
    dataset = build_dataset(atlas, Selection(("mountains",)), "EPSG:4490")
    with pytest.raises(ExportError, match="build the dataset in it"):
        build_order(dataset, Choices("gpkg", "EPSG:4547"))
