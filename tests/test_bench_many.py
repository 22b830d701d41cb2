"""The benchmark of the shared database and of very many parcels: what it compares is the same; nothing takes a time."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import geopandas
import pandas as pd
import pytest
import shapely

from gzmap.atlas import read_atlas
from gzmap.cli.database import gather_project
from gzmap.database import import_project, load_own, open_engine
from gzmap.screen import build_plan, open_parcels
from tests.bench import parcels, queries, servers, shared
from tests.makers import make_project
from tests.parcel_makers import screen

# --- the shared database


def test_ours_and_the_peers_are_asked_about_the_same_stored_plots(database: str, tmp_path: Path) -> None:
    project = make_project(tmp_path / "source")
    engine = open_engine(database)
    import_project(engine, gather_project(project))
    engine.dispose()
    copy = tmp_path / "plots.parquet"
    shared.put_plots(database, 2_000, copy)
    (area,) = queries.draw_areas(shared.find_bounds(database), 0.4, 1)
    layer = SimpleNamespace(frame=geopandas.read_parquet(copy))
    opened = open_engine(database)
    stored = load_own(opened, shared.LAYER, area=area)
    opened.dispose()
    found = set(queries.find_answers(read_atlas(project), stored, area))
    assert len(found) > 50
    assert found == set(queries.join_plainly(layer, area).index)
    for spent_ms, _ in (shared.answer_from_database(project, database, area), shared.answer_from_file(copy, area)):
        assert spent_ms > 0


def test_an_area_without_plots_measures_nothing(database: str, tmp_path: Path) -> None:
    shared.make_plots(50).to_parquet(tmp_path / "plots.parquet")
    with pytest.raises(servers.BenchError, match="No plot"):
        shared.answer_from_file(tmp_path / "plots.parquet", shapely.box(1, 1, 2, 2))


def test_rows_of_the_database_say_what_is_compared() -> None:
    rows = shared.build_rows(1_000_000, [[60], [130], [13]], [(90, 12)], [(2_000, 900)])
    assert [(row.ours, row.peer) for row in rows] == [([60], [130]), ([60], [13]), ([90], [2_000]), ([12], [900])]
    assert "1\u202f000\u202f000 plots" in rows[0].what
    assert rows[3].is_met(rows[3].aims[0])


# --- many parcels


def test_the_parcels_are_a_file_that_is_screened(tmp_path: Path) -> None:
    project, source, target = make_project(tmp_path / "source"), tmp_path / "in.gpkg", tmp_path / "out.parquet"
    parcels.save_parcels(300, source)
    spent = parcels.watch(parcels.list_command(project, source, target, options=["--processes", "2"]))
    assert (spent.wall_s > 0, spent.cpu_s > 0, spent.peak_mb > 50) == (True, True, True)
    parcels.require_rows(target, "two")
    assert geopandas.read_parquet(target)["parcel"].nunique() == 300


@pytest.mark.parametrize("peer_name", list(parcels.PEERS))
def test_plain_geopandas_meets_the_same_features(tmp_path: Path, peer_name: str) -> None:
    project, source, target = make_project(tmp_path / "source"), tmp_path / "in.gpkg", tmp_path / "out.parquet"
    parcels.save_parcels(8_000, source)
    parcels.run_peer(peer_name, project, source, target)
    theirs = pd.read_parquet(target)
    plan = build_plan(read_atlas(project))
    ours = screen(plan, open_parcels(source), tmp_path / "ours.parquet")
    met = ours[ours["relation"].isin(["within", "contains", "overlaps"])]
    areas = {i for i, shape in zip(plan.columns["id"], plan.open_shapes().dimensions, strict=True) if shape == 2}
    pairs = {(p, i) for p, i in zip(met["parcel"], met["feature_id"], strict=True) if i in areas}
    assert len(pairs) > 10
    assert pairs <= set(zip(theirs["parcel"], theirs["feature_id"], strict=True))


def test_a_command_that_fails_is_told_with_its_last_words() -> None:
    with pytest.raises(servers.BenchError, match="out of luck"):
        parcels.watch([sys.executable, "-c", "raise SystemExit('out of luck')"])


def test_rows_of_the_parcels_have_numbers_that_are_read_easily_and_the_aims() -> None:
    few, many = parcels.SIZES

    def spend(times: float) -> dict[str, list[parcels.Spent]]:
        ways = {"one": 10, "two": 6, "dask": 7, "overlay": 20, "sjoin": 9}
        return {way: [parcels.Spent(times * s, times * (11 if way == "two" else 10), 900)] for way, s in ways.items()}

    rows = [*parcels.build_rows(many, spend(10)), *parcels.build_growth({few: spend(1), many: spend(10)})]
    assert all("1\u202f000\u202f000" in row.what for row in rows)
    assert not any(re.search(r"\d,\d", row.what + row.peer_name) for row in rows)
    assert rows[-1].peer_name == "among 100\u202f000"
    aims = [(row.what.partition(", ")[2] or row.what, row.is_met(aim)) for row in rows for aim in row.aims]
    assert len(aims) == 6
    assert all(met for _, met in aims)
    assert not parcels.build_work(many, {"one": [parcels.Spent(1, 10, 1)], "two": [parcels.Spent(1, 12, 1)]}).is_met(
        rows[3].aims[0]
    )
