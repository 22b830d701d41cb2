"""(10) The shared database: areas over a million plots, and how soon a change there is seen."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

import geopandas
import psutil
import psycopg
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas, open_atlas
from gzmap.cli.database import gather_project
from gzmap.config import STORAGE_CRS
from gzmap.database import Follower, Mirror, import_own, import_project, load_own, open_engine
from gzmap.own.identity import format_key
from gzmap.query import find_in_area
from tests.bench.delivery import make_frame
from tests.bench.queries import OWN_ROUNDS, draw_areas, join_plainly, join_turned, time_some
from tests.bench.rows import NARROW, Bench
from tests.bench.servers import BenchError
from tests.bench.table import Aim, Row
from tests.postgres import Cluster, build_database, prepare, run_cluster

NUMBER = 10
SIZE = 1_000_000
SHARE = 0.032
"""Width of a drawn area as a part of the layer's: some 850 plots, as over the hundred thousand of measurement 7."""

LAYER = "own.plots"
SEEN_MS = 1_000
TIMES_LESS = 10
MEGABYTE = 2**20
T = TypeVar("T")


def make_plots(count: int) -> geopandas.GeoDataFrame:
    """Make plots in storage CRS, indexed by what stands for their identity."""
    frame = make_frame(count).to_crs(STORAGE_CRS)
    return frame.set_axis([format_key(number) for number in range(count)], axis=0)


def put_plots(url: str, count: int, copy: Path) -> None:
    """Put the plots into the database, and into the file that the peer reads fastest."""
    frame = make_plots(count)
    frame.to_parquet(copy)
    told = {"layer_id": LAYER, "title": "地块", "name_field": "名称", "crs": STORAGE_CRS}
    engine = open_engine(url, answer_ms=0)
    # Without the index of one that is asked in memory, which would take longer than everything else here.
    import_own(engine, SimpleNamespace(**told, frame=frame, fields=[c for c in frame.columns if c != "geometry"]))
    engine.dispose()


def find_memory_mb() -> float:
    """Find what this process has in memory, in MB."""
    return psutil.Process().memory_info().rss / MEGABYTE


def run_alone(act: Callable[..., T], *arguments: object) -> T:
    """Run an act in a process of its own, whose memory is gone afterwards, and give what it returns."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        return executor.submit(act, *arguments).result()


def answer_from_database(project: Path, url: str, area: BaseGeometry) -> tuple[float, float]:
    """Answer as a server that just started does: milliseconds, and MB that it takes."""
    atlas, engine = open_atlas(project), open_engine(url)
    find_in_area(atlas, area)
    before, start = find_memory_mb(), time.perf_counter()
    rows = find_in_area(atlas, area, own=[load_own(engine, LAYER, area=area)]).rows
    spent_ms, taken_mb = 1000 * (time.perf_counter() - start), find_memory_mb() - before
    engine.dispose()
    require_found(row for row in rows if row.own)
    return spent_ms, taken_mb


def answer_from_file(copy: Path, area: BaseGeometry) -> tuple[float, float]:
    """Answer with plain geopandas in a process that just started: the file is read, indexed and asked."""
    before, start = find_memory_mb(), time.perf_counter()
    layer = SimpleNamespace(frame=geopandas.read_parquet(copy))
    found = join_turned(layer, area)
    spent_ms, taken_mb = 1000 * (time.perf_counter() - start), find_memory_mb() - before
    require_found(found.index)
    return spent_ms, taken_mb


def require_found(rows: Iterable[object]) -> None:
    """Raise where nothing was found: then nothing was measured."""
    if not any(True for _ in rows):
        raise BenchError("No plot was found in a drawn area.")


def measure_shared(bench: Bench) -> list[Row]:
    """(10) Areas over a million plots in PostGIS against geopandas in memory, and a change until it is seen."""
    atlas = open_atlas(bench.project)
    with run_cluster() as cluster:
        prepare(cluster)
        url = build_database(cluster, "bench")
        engine = open_engine(url)
        import_project(engine, gather_project(bench.project))
        engine.dispose()
        rows = ask_plots(bench, atlas, url)
        return [*rows, see_changes(bench, cluster, url)]


def ask_plots(bench: Bench, atlas: Atlas, url: str, count: int = SIZE) -> list[Row]:
    """Ask about areas, plan included, in the database and then in memory."""
    copy = bench.folder / "plots.parquet"
    run_alone(put_plots, url, count, copy)
    areas = draw_areas(find_bounds(url), SHARE, OWN_ROUNDS * (bench.repeat + 1))
    first = [run_alone(answer_from_database, bench.project, url, area) for area in areas[: bench.repeat]]
    first_peer = [run_alone(answer_from_file, copy, area) for area in areas[: bench.repeat]]
    engine = open_engine(url)

    def ask(area: BaseGeometry) -> object:
        return find_in_area(atlas, area, own=[load_own(engine, LAYER, area=area)]).rows

    ours = time_turns(bench, ask, areas)
    engine.dispose()
    layer = SimpleNamespace(frame=geopandas.read_parquet(copy))
    plain = time_turns(bench, lambda area: join_plainly(layer, area), areas)
    turned = time_turns(bench, lambda area: join_turned(layer, area), areas)
    return build_rows(count, [ours, plain, turned], first, first_peer)


def build_rows(
    count: int,
    warm: Sequence[Sequence[float]],
    first: Sequence[tuple[float, float]],
    first_peer: Sequence[tuple[float, float]],
) -> list[Row]:
    """Build the rows of the questions: ours and two ways of the peer when warm, then milliseconds and MB at first."""
    ours, plain, turned = warm
    what = f"a drawn area over {count:,} plots in PostGIS and the plan".replace(",", NARROW)
    starts, memory = ([[sample[n] for sample in samples] for samples in (first, first_peer)] for n in (0, 1))
    return [
        Row(NUMBER, what, "ms", ours, plain, "sjoin(own, area), in memory"),
        Row(NUMBER, what, "ms", ours, turned, "sjoin(area, own), in memory"),
        Row(NUMBER, "the same, first question of a process", "ms", *starts, "read_parquet, sjoin(area, own)"),
        Row(NUMBER, "memory that the first takes", "MB", *memory, "frame and index", [Aim("less", TIMES_LESS)]),
    ]


def find_bounds(url: str) -> tuple[float, float, float, float]:
    """Find what the plots reach over, in degrees."""
    columns = ", ".join(f"ST_{name}(e)" for name in ("XMin", "YMin", "XMax", "YMax"))
    with psycopg.connect(url) as connection:
        return connection.execute(f"SELECT {columns} FROM (SELECT ST_Extent(geom) e FROM own.features) x").fetchone()


def time_turns(bench: Bench, act: object, areas: list[BaseGeometry]) -> list[float]:
    """Time an act on a few new areas in each turn, in ms for one; the first turn only warms the caches."""
    turns = [areas[OWN_ROUNDS * n : OWN_ROUNDS * (n + 1)] for n in range(bench.repeat + 1)]
    return [time_some(act, some) for some in turns][1:]


def see_changes(bench: Bench, cluster: Cluster, url: str) -> Row:
    """Change a feature by SQL, and wait until a server that follows the database would show it."""
    engine = open_engine(url)
    follower = Follower(engine, Mirror(bench.folder / "cache", engine.url), open_atlas)
    times = []
    try:
        follower.find_folder()
        for number in range(bench.repeat + 1):
            start = time.perf_counter()
            cluster.run(
                "UPDATE layers.waterways SET properties = jsonb_set(properties::jsonb, '{notes}', "
                f"'\"{number}\"')::json WHERE id = 'waterways.w001'",
                database="bench",
            )
            while open_atlas(follower.find_folder()).features["waterways.w001"].properties["notes"] != str(number):
                time.sleep(0.002)
            times.append(1000 * (time.perf_counter() - start))
    finally:
        follower.close()
    return Row(NUMBER, "a change by SQL until a server shows it", "ms", times[1:], aims=[Aim("most", SEEN_MS)])
