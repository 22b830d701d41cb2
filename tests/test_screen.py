"""Many parcels against the plan: the rule of an answer about one area, files in and out, faults, resumption."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely
from pyarrow import parquet

from gzmap.atlas import Atlas
from gzmap.config import SITE_VERTICES, STORAGE_CRS
from gzmap.crs import convert_to_gcj02
from gzmap.errors import ScreenError, SiteError
from gzmap.query import find_in_area
from gzmap.screen import Plan, build_plan, open_parcels, open_screening
from gzmap.screen.desk import answer, settle
from gzmap.screen.job import describe_job
from gzmap.screen.journal import open_journal
from gzmap.screen.parcels import _cut
from gzmap.screen.touching import SCHEMA
from tests.parcel_makers import (
    SUFFIXES,
    Quiet,
    make_parcels,
    make_shapes,
    read_geo,
    screen,
    screen_frame,
    write_parcels,
)

COUNT = 150
SQUARE = shapely.box(113.3, 23.1, 113.301, 23.101)
BOW = shapely.Polygon([(113.3, 23.1), (113.302, 23.102), (113.302, 23.1), (113.3, 23.102)])


@pytest.fixture(scope="module")
def plan(atlas: Atlas) -> Plan:
    return build_plan(atlas)


@pytest.fixture(scope="module")
def parcels() -> geopandas.GeoDataFrame:
    return make_parcels(COUNT)


def frame_of(*shapes: object, crs: str | None = STORAGE_CRS) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame({"名称": [f"P{n}" for n in range(len(shapes))]}, geometry=list(shapes), crs=crs)


# --- the plan


def test_a_plan_is_the_same_for_the_same_atlas(atlas: Atlas, plan: Plan) -> None:
    again = build_plan(atlas)
    assert again.digest == plan.digest
    assert len(plan.plane) == len(plan.lonlat) == len(plan.columns) > 50
    assert set(plan.columns["kind"]) == {"feature"}


def test_a_plan_keeps_its_shapes_to_the_last_bit(atlas: Atlas, plan: Plan) -> None:
    from gzmap.query.layers import find_shapes

    whole = find_shapes(atlas).frame
    shipped = whole[whole["kind"] == "feature"].geometry.to_numpy()
    assert shapely.equals_identical(plan.open_shapes().parts["geometry"], shipped).all()
    assert shapely.is_prepared(plan.open_shapes().parts["geometry"]).all()


# --- the rule


def test_every_parcel_is_told_what_an_answer_about_it_tells(
    atlas: Atlas, plan: Plan, parcels: geopandas.GeoDataFrame, tmp_path: Path
) -> None:
    found = screen_frame(plan, parcels, tmp_path, window=40)
    assert found["parcel"].is_monotonic_increasing
    assert found["parcel"].unique().tolist() == list(range(1, COUNT + 1))
    shapes = found.drop_duplicates("parcel").geometry
    for number, shape in zip(range(1, COUNT + 1), shapes, strict=True):
        rows = found[found["parcel"] == number]
        answer = find_in_area(atlas, shape)
        if not answer.rows:
            assert rows["feature_id"].isna().all()
            assert len(rows) == 1
            continue
        # The same rows in the same order.
        assert rows["feature_id"].tolist() == [r.feature_id for r in answer.rows]
        for name in ("name", "layer_id", "category", "status", "relation", "certainty", "loose", "wide"):
            column = "layer" if name == "layer_id" else name
            assert rows[column].tolist() == [getattr(r, name) for r in answer.rows], column
        paragraphs = ["|".join(dict.fromkeys(e.para_id for e in r.evidence)) for r in answer.rows]
        assert rows["paragraphs"].tolist() == paragraphs
        for row, said in zip(rows.itertuples(), answer.rows, strict=True):
            unit = {"km2": 1e6, "km": 1e3}.get(said.unit)
            measured = row.overlap_m2 if said.unit == "km2" else row.overlap_m
            if unit is None:
                assert np.isnan(row.overlap_m2)
                assert np.isnan(row.overlap_m)
            else:
                assert measured == pytest.approx(said.measure * unit, rel=2e-6, abs=0.6e-6 * unit + 0.006)
            for part, told in ((row.share_pct, said.share), (row.cover_pct, said.cover)):
                assert np.isnan(part) if told is None else part == pytest.approx(100 * told, abs=2e-4)


def test_the_size_of_a_window_changes_nothing(plan: Plan, parcels: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    results = []
    for window in (1, 7, COUNT, 10_000):
        (tmp_path / str(window)).mkdir()
        results.append(screen_frame(plan, parcels.head(40), tmp_path / str(window), window=window))
    for result in results[1:]:
        pd.testing.assert_frame_equal(pd.DataFrame(result), pd.DataFrame(results[0]))


def test_a_worker_without_the_plan_says_so(plan: Plan, parcels: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    opened = open_parcels(write_parcels(parcels, tmp_path / "a.gpkg"))
    settle(plan)
    with pytest.raises(ScreenError, match="another"):
        answer("0" * 64, next(opened.read_windows()))


# --- files in


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:4490"])
def test_every_format_gives_the_same(
    plan: Plan, parcels: geopandas.GeoDataFrame, tmp_path: Path, *, suffix: str, crs: str
) -> None:
    source = write_parcels(parcels.head(30).to_crs(crs), tmp_path / f"地块{suffix}")
    opened = open_parcels(source)
    assert (opened.count, opened.crs, opened.source.label) == (30, crs, "地块编号")
    found = screen(plan, opened, tmp_path / "结果.parquet")
    expected = screen_frame(plan, parcels.head(30), tmp_path)
    assert found["label"].unique().tolist() == [f"GZ{n:06d}" for n in range(30)]
    keys = ["parcel", "feature_id", "relation", "certainty"]
    pd.testing.assert_frame_equal(pd.DataFrame(found[keys]), pd.DataFrame(expected[keys]))
    np.testing.assert_allclose(found["overlap_m2"], expected["overlap_m2"], atol=0.05)


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_chinese_in_a_shapefile_is_read_whatever_its_encoding(tmp_path: Path, encoding: str) -> None:
    frame = frame_of(SQUARE).assign(名称="白云湖畔地块")
    source = write_parcels(frame, tmp_path / "a.shp", encoding=encoding)
    source.with_suffix(".cpg").unlink()
    window = next(open_parcels(source, label="名称").read_windows())
    assert window.labels.to_pylist() == ["白云湖畔地块"]


def test_windows_are_cut_as_asked_however_the_file_is_stored(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"n": range(25)}, geometry=[SQUARE] * 25, crs=STORAGE_CRS)
    source = write_parcels(frame, tmp_path / "a.parquet", row_group_size=4)
    windows = list(open_parcels(source, label="n", window=10).read_windows())
    assert [(w.number, w.first, len(w.wkb)) for w in windows] == [(0, 1, 10), (1, 11, 10), (2, 21, 5)]
    assert [label for w in windows for label in w.labels.to_pylist()] == [str(n) for n in range(25)]
    assert [len(wkb) for wkb, _ in _cut(open_parcels(source).source, 7)] == [7, 7, 7, 4]


def test_geoparquet_without_a_crs_is_longitude_first(tmp_path: Path) -> None:
    source = write_parcels(frame_of(SQUARE), tmp_path / "a.parquet")
    table = parquet.read_table(source)
    geo = json.loads(table.schema.metadata[b"geo"])
    del geo["columns"]["geometry"]["crs"]
    parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), source)
    assert open_parcels(source).crs == "EPSG:4326"
    geo["columns"]["geometry"]["crs"] = None
    parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), source)
    with pytest.raises(SiteError, match="coordinate reference system") as refused:
        open_parcels(source)
    assert refused.value.code == "crs-missing"


def test_gcj02_is_taken_back(plan: Plan, tmp_path: Path) -> None:
    moved = shapely.transform(SQUARE, convert_to_gcj02, interleaved=False)
    found = screen_frame(plan, frame_of(moved), tmp_path, crs="GCJ-02")
    assert found.geometry.iloc[0].hausdorff_distance(SQUARE) < 1e-4
    assert found.geometry.iloc[0].hausdorff_distance(moved) > 2e-3


# --- honest errors


@pytest.mark.parametrize("suffix", [".shp", ".gpkg"])
def test_a_missing_crs_is_asked_for_with_those_that_fit(tmp_path: Path, suffix: str) -> None:
    frame = frame_of(SQUARE).to_crs("EPSG:4547")
    source = write_parcels(frame.set_crs(None, allow_override=True), tmp_path / f"a{suffix}")
    with pytest.raises(SiteError, match="a\\.") as refused:
        open_parcels(source)
    assert refused.value.code == "crs-missing"
    assert refused.value.suggestions[0] == "EPSG:4547"
    assert open_parcels(source, crs="EPSG:4547").crs == "EPSG:4547"


def test_a_wrong_zone_is_told_with_the_right_one(tmp_path: Path) -> None:
    frame = frame_of(SQUARE).to_crs("EPSG:4547").set_crs("EPSG:4549", allow_override=True)
    with pytest.raises(SiteError, match="EPSG:4549") as refused:
        open_parcels(write_parcels(frame, tmp_path / "a.gpkg"))
    assert refused.value.code == "outside"
    assert "EPSG:4547" in refused.value.suggestions
    assert refused.value.zh


@pytest.mark.parametrize(("crs", "code"), [("EPSG:2383", "crs-local"), ("EPSG:1", "crs-unknown"), ("BD-09", "bd09")])
def test_a_crs_that_cannot_be_taken_is_refused(tmp_path: Path, crs: str, code: str) -> None:
    with pytest.raises(SiteError) as refused:
        open_parcels(write_parcels(frame_of(SQUARE), tmp_path / "a.gpkg"), crs=crs)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.gpkg", b"", "a.gpkg is not a valid"),
        ("a.gpkg", b"SQLite format 3\x00" + bytes(200), "a.gpkg is not a valid"),
        ("a.parquet", b"PAR1" + bytes(40), "a.parquet is not a valid"),
        ("a.shp", b"\x00\x00\x27\x0a" + bytes(96), "dbf"),
        ("a.dwg", b"AC1018", "a.dwg is no file of parcels"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises((SiteError, ScreenError), match=message) as refused:
        open_parcels(path)
    assert refused.value.zh
    assert str(tmp_path) not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for name in ("没有.gpkg", "没有.gdb", "没有.parquet"):
        with pytest.raises(SiteError, match="没有"):
            open_parcels(tmp_path / name)


def test_parquet_without_geometry_is_refused(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    with pytest.raises(SiteError, match="no geometry column"):
        open_parcels(tmp_path / "a.parquet")


def test_an_empty_layer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="geometry"):
        open_parcels(write_parcels(frame_of(SQUARE).head(0), tmp_path / "a.parquet"))


def test_several_layers_must_be_chosen_from(tmp_path: Path) -> None:
    for layer in ("现状", "规划"):
        write_parcels(frame_of(SQUARE), tmp_path / "a.gpkg", layer=layer)
    with pytest.raises(ScreenError, match="--layer: 现状, 规划"):
        open_parcels(tmp_path / "a.gpkg")
    with pytest.raises(ScreenError, match="no layer '别的'"):
        open_parcels(tmp_path / "a.gpkg", layer="别的")
    assert open_parcels(tmp_path / "a.gpkg", layer="规划").source.layer == "规划"


def test_an_unknown_field_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ScreenError, match="no field '编号'; it has 名称"):
        open_parcels(write_parcels(frame_of(SQUARE), tmp_path / "a.gpkg"), label="编号")


FAULTS = {
    "area-empty": None,
    "area-kind": shapely.Point(113.3, 23.1),
    "area-crossing": BOW,
    "area-narrow": shapely.box(113.3, 23.1, 113.3000001, 23.101),
    "area-far": shapely.box(121.4, 31.2, 121.5, 31.3),
    "area-large": shapely.box(100, 10, 120, 30),
    "area-flipped": shapely.box(23.1, 113.3, 23.2, 113.4),
    "area-degrees": shapely.box(400000, 2500000, 400100, 2500100),
    "area-infinite": shapely.transform(SQUARE, lambda points: np.where(points == 23.101, np.inf, points)),
    "area-vertices": shapely.segmentize(SQUARE, 0.004 / (SITE_VERTICES + 8)),
}


def test_a_faulty_parcel_is_told_and_the_others_are_screened(plan: Plan, tmp_path: Path) -> None:
    shapes = [shape for fault in FAULTS.values() for shape in (SQUARE, fault)]
    found = screen_frame(plan, frame_of(*shapes, SQUARE, SQUARE), tmp_path, window=6)
    told = found.dropna(subset="problem")
    assert told["problem"].tolist() == list(FAULTS)
    assert told["parcel"].tolist() == list(range(2, 2 * len(FAULTS) + 1, 2))
    assert (told["problem_zh"].str.len() > 5).all()
    assert (told["problem_en"].str.contains("area")).all()
    assert told["feature_id"].isna().all()
    sound = found[found["problem"].isna()]
    assert sound["parcel"].nunique() == len(FAULTS) + 2
    counts = sound.groupby("parcel")["feature_id"].count()
    assert counts.nunique() == 1


def test_a_crossing_outline_is_mended_where_that_is_asked_for(plan: Plan, tmp_path: Path) -> None:
    found = screen_frame(plan, frame_of(BOW, SQUARE), tmp_path, repair=True)
    first = found[found["parcel"] == 1]
    assert first["repaired"].all()
    assert not found[found["parcel"] == 2]["repaired"].any()
    assert first["problem"].isna().all()
    assert first["parcel_m2"].iloc[0] > 10_000
    assert first.geometry.iloc[0].is_valid


def test_heights_are_left_off(plan: Plan, tmp_path: Path) -> None:
    flat = screen_frame(plan, frame_of(SQUARE), tmp_path)
    high = screen_frame(plan, frame_of(shapely.force_3d(SQUARE, 12)), tmp_path)
    pd.testing.assert_frame_equal(pd.DataFrame(flat), pd.DataFrame(high))


# --- files out


def test_geoparquet_says_what_it_holds(plan: Plan, parcels: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    found = screen_frame(plan, parcels, tmp_path)
    geo = read_geo(tmp_path / "结果.parquet")
    assert geo["version"] == "1.1.0"
    column = geo["columns"][geo["primary_column"]]
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["MultiPolygon"])
    assert column["bbox"] == pytest.approx(found.total_bounds.tolist())
    assert found.crs.to_string() == STORAGE_CRS
    schema = parquet.read_schema(tmp_path / "结果.parquet")
    assert schema.names == SCHEMA.names
    assert schema.field("name").type == pa.string()
    assert schema.field("geometry").type == pa.binary()


def test_geopackage_has_the_parcels_and_what_they_touch(
    plan: Plan, parcels: geopandas.GeoDataFrame, tmp_path: Path
) -> None:
    frame = pd.concat([parcels.head(60).to_crs(STORAGE_CRS), frame_of(BOW)])
    flat = screen_frame(plan, frame, tmp_path, window=20)
    target = tmp_path / "结果.gpkg"
    with open_screening(plan, open_parcels(tmp_path / "地块.gpkg", window=20), target) as screening:
        screening.run(Quiet())
        screening.export(target)
        screening.close()
    layer = pyogrio.read_dataframe(target, layer="parcels")
    touched = pyogrio.read_dataframe(target, layer="touched", read_geometry=False)
    assert layer["parcel"].tolist() == list(range(1, 62))
    assert layer["problem"].dropna().tolist() == ["area-crossing"]
    assert layer.geometry.geom_type.unique().tolist() == ["MultiPolygon"]
    met = flat[flat["feature_id"].notna()]
    assert touched["feature_id"].tolist() == met["feature_id"].tolist()
    np.testing.assert_array_equal(touched["overlap_m2"], met["overlap_m2"])
    counts = met.groupby("parcel").size().reindex(range(1, 62), fill_value=0)
    assert layer["features"].tolist() == counts.tolist()
    sure = met[met["certainty"] == "certain"].groupby("parcel").size().reindex(range(1, 62), fill_value=0)
    assert layer["certain"].tolist() == sure.tolist()
    with sqlite3.connect(target) as file:
        assert file.execute("SELECT count(*) FROM gpkg_extensions WHERE extension_name='gpkg_rtree_index'").fetchone()[
            0
        ]


def test_a_summary_adds_up(plan: Plan, parcels: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    frame = pd.concat([parcels.to_crs(STORAGE_CRS), frame_of(BOW, shapely.box(111.5, 25, 111.501, 25.001))])
    found = screen_frame(plan, frame, tmp_path)
    with open_screening(plan, open_parcels(tmp_path / "地块.gpkg", window=40), tmp_path / "b.xlsx") as screening:
        screening.run(Quiet())
        summary = screening.build_summary()
    met = found[found["feature_id"].notna()]
    assert summary.parcels == COUNT + 2
    assert summary.rows == len(met)
    assert summary.touched == met["parcel"].nunique() > 50
    assert summary.certain == met[met["certainty"] == "certain"]["parcel"].nunique()
    assert summary.problems == {"area-crossing": 1}
    assert summary.untouched == COUNT + 1 - summary.touched >= 1
    assert [(p.parcel, p.label, p.code) for p in summary.listed] == [(COUNT + 1, "P0", "area-crossing")]
    sums = met.groupby("feature_id").agg(parcels=("parcel", "size"), m2=("overlap_m2", "sum"), m=("overlap_m", "sum"))
    assert list(summary.features) == sums.index.tolist()
    for feature_id, row in sums.iterrows():
        made = summary.features[feature_id]
        assert (made.parcels, made.overlap_m2, made.overlap_m) == pytest.approx((row.parcels, row.m2, row.m))


@pytest.mark.parametrize("name", ["a.csv", "a", "a.shp"])
def test_another_end_is_refused(plan: Plan, tmp_path: Path, name: str) -> None:
    opened = open_parcels(write_parcels(frame_of(SQUARE), tmp_path / "in.gpkg"))
    with pytest.raises(ScreenError, match=r"\.parquet, \.gpkg, \.xlsx"), open_screening(plan, opened, tmp_path / name):
        pass


# --- journal


class StopError(Exception):
    """What ends a run in the middle."""


class StopAfter(Quiet):
    """A progress that breaks off after some windows."""

    def __init__(self, windows: int) -> None:
        super().__init__()
        self.windows = windows

    def step(self, done: int, total: int) -> None:
        super().step(done, total)
        if len(self.steps) > self.windows:
            raise StopError


def break_off(plan: Plan, source: Path, target: Path, *, windows: int, **options: object) -> None:
    opened = open_parcels(source, window=10, **options)
    with pytest.raises(StopError), open_screening(plan, opened, target) as screening:
        screening.run(StopAfter(windows))


def test_a_run_goes_on_where_it_was_broken_off(
    plan: Plan, parcels: geopandas.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = write_parcels(parcels, tmp_path / "in.gpkg"), tmp_path / "out.parquet"
    opened = open_parcels(source, window=10)
    screen(plan, opened, tmp_path / "whole.parquet")
    break_off(plan, source, target, windows=6)
    # What a killed run may have left half-written counts for nothing.
    folder = tmp_path / ".out.parquet.screen"
    (folder / "part-000009.arrow.new").write_bytes(b"half")
    (tmp_path / ".gzmap-abcd1234" / "work").mkdir(parents=True)
    (tmp_path / ".gzmap-abcd1234" / "lock").write_text("out.parquet")
    asked = []
    monkeypatch.setattr(
        "gzmap.screen.running.answer", lambda digest, window: asked.append(window.number) or answer(digest, window)
    )
    with open_screening(plan, opened, target) as screening:
        assert (screening.journal.found, screening.journal.is_other) == (6, False)
        progress = Quiet()
        screening.run(progress)
        screening.export(target)
        screening.close()
    assert progress.steps[0] == (60, COUNT)
    assert progress.steps[-1] == (COUNT, COUNT)
    assert asked == list(range(6, 15))
    assert target.read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.gpkg", "out.parquet", "whole.parquet"]


@pytest.mark.parametrize("change", ["file", "option", "plan"])
def test_what_another_run_has_left_counts_for_nothing(
    plan: Plan, parcels: geopandas.GeoDataFrame, tmp_path: Path, change: str
) -> None:
    source, target = write_parcels(parcels.head(40), tmp_path / "in.gpkg"), tmp_path / "out.parquet"
    break_off(plan, source, target, windows=2)
    options = {"repair": True} if change == "option" else {}
    if change == "file":
        write_parcels(parcels.tail(40), source)
    if change == "plan":
        plan = Plan(plan.columns, plan.plane, plan.lonlat, "0" * 64)
    with open_screening(plan, open_parcels(source, window=10, **options), target) as screening:
        assert (screening.journal.found, screening.journal.is_other) == (0, True)


def test_two_runs_do_not_write_to_one_output(tmp_path: Path) -> None:
    first, second = (open_journal(tmp_path / "a.parquet", {}) for _ in range(2))
    with first, pytest.raises(ScreenError, match="Another run") as refused, second:
        pass
    assert "另一个任务" in refused.value.zh


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScreenError, match="cannot be written"), open_journal(tmp_path / "none" / "a.parquet", {}):
        pass


def test_a_file_that_changes_meanwhile_is_refused(plan: Plan, parcels: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    source = write_parcels(parcels.head(20), tmp_path / "in.gpkg")

    class Touch(Quiet):
        def step(self, done: int, total: int) -> None:
            os.utime(source, ns=(1, 1))

    told = pytest.raises(ScreenError, match="was changed while it was read")
    with told, open_screening(plan, open_parcels(source), tmp_path / "a.parquet") as screening:
        screening.run(Touch())


def test_a_job_names_all_that_decides(plan: Plan, tmp_path: Path) -> None:
    source = write_parcels(frame_of(SQUARE), tmp_path / "in.gpkg")
    jobs = [
        describe_job(plan, open_parcels(source, **options))
        for options in ({}, {"crs": "EPSG:4490"}, {"repair": True}, {"window": 5})
    ]
    assert len({json.dumps(job, sort_keys=True) for job in jobs}) == len(jobs)


# --- several processes


def test_processes_give_the_same_bytes(plan: Plan, tmp_path: Path) -> None:
    source = write_parcels(make_parcels(300, seed=4), tmp_path / "in.gpkg")
    opened = open_parcels(source, window=25)
    screen(plan, opened, tmp_path / "one.parquet")
    screen(plan, opened, tmp_path / "two.parquet", processes=2)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_shapes_for_tests_are_valid() -> None:
    shapes = make_shapes(200)
    assert shapely.is_valid(shapes).all()
    assert (shapely.get_dimensions(shapes) == 2).all()
