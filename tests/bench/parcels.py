"""(11) What it costs to screen very many parcels: on one core, two cores and a Dask cluster, against geopandas."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import psutil
import shapely

from gzmap.atlas import Atlas, open_atlas
from gzmap.config import METRIC_CRS
from tests.bench.delivery import make_frame
from tests.bench.rows import NARROW, Bench
from tests.bench.servers import BenchError
from tests.bench.table import Aim, Row
from tests.clusters import serve_cluster

SIZES = (100_000, 1_000_000)
WATCH_S = 0.2
LEAST_GAIN, MOST_MB, MOST_GROWTH, MOST_WORK = 1.6, 2048, 1.15, 1.15
CORES = 2
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Spent:
    """What a command took: seconds on the clock, seconds of processors, MB of all its processes at the highest."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def measure_parcels(bench: Bench) -> list[Row]:
    """(11) Parcels on one core, two cores and Dask against plain geopandas: time, memory, and how they grow."""
    spent = {size: measure_size(bench, size) for size in SIZES}
    return [row for size in SIZES for row in build_rows(size, spent[size])] + build_growth(spent)


def measure_size(bench: Bench, size: int) -> dict[str, list[Spent]]:
    """Measure every way to screen so many parcels, in turn; the larger the number, the fewer rounds."""
    source = save_parcels(size, bench.folder / f"{size}.gpkg")
    rounds = max(1, bench.repeat * SIZES[0] // size)
    found: dict[str, list[Spent]] = {name: [] for name in ("one", "two", "dask", "overlay", "sjoin")}
    plain = [sys.executable, "-m", "tests.bench.parcels"]
    with serve_cluster(bench.folder, CORES) as cluster:
        commands: Mapping[str, Sequence[str]] = {
            "one": ["--processes", "1"],
            "two": ["--processes", str(CORES)],
            "dask": ["--scheduler", cluster.address],
        }
        for _ in range(rounds):
            for name, samples in found.items():
                target = bench.folder / f"{name}.parquet"
                ours = list_command(bench.project, source, target, options=commands.get(name, ()))
                command = ours if name in commands else [*plain, name, str(bench.project), str(source), str(target)]
                also = [cluster.scheduler.pid, *(w.pid for w in cluster.workers)] if name == "dask" else []
                samples.append(watch(command, also))
                require_rows(target, name)
                target.unlink()
    source.unlink()
    return found


def save_parcels(count: int, path: Path) -> Path:
    """Save parcels side by side over the city, as eight-cornered plots with a number, in EPSG:4547."""
    frame = make_frame(count)[["标识码", "geometry"]].to_crs(METRIC_CRS)
    frame.to_file(path, engine="pyogrio")
    return path


def list_command(project: Path, source: Path, target: Path, *, options: Sequence[str]) -> list[str]:
    """Give the command of a run of ours."""
    start = [sys.executable, "-c", "from gzmap.cli import main; main()", "--root", str(project), "screen"]
    return [*start, str(source), "-o", str(target), *options]


def watch(command: Sequence[str], also: Sequence[int] = ()) -> Spent:
    """Run a command and watch it and its children, with other processes that work for it.

    Memory is the sum of what is resident of each; what several share is shared out among them (PSS).
    """
    others = [psutil.Process(pid) for pid in also]
    before = sum(map(_read_cpu_s, others))
    start, peak, cpu = time.perf_counter(), 0, {}
    child = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while child.poll() is None:
        used = 0
        for process in (child, *_list_children(child), *others):
            try:
                used += process.memory_full_info().pss
                cpu[process.pid] = _read_cpu_s(process)
            except psutil.NoSuchProcess:
                continue  # it ended meanwhile
        peak = max(peak, used)
        time.sleep(WATCH_S)
    wall_s = time.perf_counter() - start
    told = child.stderr.read().decode(errors="replace")
    child.stderr.close()
    if child.returncode:
        raise BenchError(f"{' '.join(command)} failed: {told[-500:]}")
    return Spent(wall_s, sum(cpu.values()) - before, peak / MEGABYTE)


def _list_children(child: psutil.Popen) -> list[psutil.Process]:
    try:
        return child.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _read_cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def require_rows(target: Path, name: str) -> None:
    """Raise where nothing came out: then nothing was measured."""
    if not len(pd.read_parquet(target, columns=[])):
        raise BenchError(f"{name} wrote no row to {target.name}.")


# --- rows


def build_rows(size: int, spent: Mapping[str, Sequence[Spent]]) -> list[Row]:
    """Build the rows of one number of parcels."""
    told = format_count(size)

    def build(name: str, peer: str, peer_name: str, *aims: Aim) -> Row:
        ours, others = ([1000 * s.wall_s for s in spent[key]] for key in (name, peer))
        return Row(11, f"{told} parcels, {TITLES[name]}", "ms", ours, others, peer_name, aims)

    memory = [
        Row(
            *(11, f"{told} parcels, {TITLES[name]}: memory of all processes", "MB"),
            *([s.peak_mb for s in spent[name]], [s.peak_mb for s in spent["overlay"]], "overlay"),
            [Aim("most", MOST_MB)],
        )
        for name in TITLES
    ]
    return [
        build("one", "overlay", "overlay"),
        build("one", "sjoin", "sjoin"),
        build("two", "one", "one core", Aim("less", LEAST_GAIN)),
        build_work(size, spent),
        build("dask", "one", "one core"),
        *memory,
    ]


TITLES = {"one": "one core", "two": "two cores", "dask": "Dask, two workers"}


def build_growth(spent: Mapping[int, Mapping[str, Sequence[Spent]]]) -> list[Row]:
    """Build the rows that tell how the cost of one parcel grows with their number, in processor time."""
    few, many = SIZES
    rows = []
    for name in ("one", "overlay", "sjoin"):
        each = {size: [1e6 * s.cpu_s / size for s in spent[size][name]] for size in SIZES}
        aims = [Aim("ratio", MOST_GROWTH)] if name == "one" else []
        what = f"processor time of a parcel among {format_count(many)}, {TITLES.get(name, name)}"
        rows.append(Row(11, what, "µs", each[many], each[few], f"among {format_count(few)}", aims))
    return rows


def build_work(size: int, spent: Mapping[str, Sequence[Spent]]) -> Row:
    """Build the row that tells what a second core costs in processor time: other work on the machine blurs it less."""
    ours, others = ([1000 * s.cpu_s for s in spent[name]] for name in ("two", "one"))
    what = f"{format_count(size)} parcels, two cores: processor time"
    return Row(11, what, "ms", ours, others, "one core", [Aim("ratio", MOST_WORK)])


def format_count(number: int) -> str:
    """Write a number with its thousands apart."""
    return f"{number:,}".replace(",", NARROW)


# --- the peers


def list_areas(atlas: Atlas) -> geopandas.GeoDataFrame:
    """Give the plan's features that are drawn, in the plane; plain geopandas knows no accuracy and no discs."""
    ids = [e.layer_id for e in atlas.catalog.plan_entries if e.layer_id in atlas.layers]
    drawn = pd.concat([atlas.layers[i][["name", "geometry"]].rename_axis("feature_id").reset_index() for i in ids])
    drawn = drawn[~shapely.is_missing(drawn.geometry.to_numpy())]
    return geopandas.GeoDataFrame(drawn, crs=atlas.layers[ids[0]].crs).to_crs(METRIC_CRS)


def overlay(parcels: geopandas.GeoDataFrame, features: geopandas.GeoDataFrame) -> pd.DataFrame:
    """Cut parcels and features with each other, as plain geopandas does, and measure what is left."""
    areas = features[features.geom_type.isin(["Polygon", "MultiPolygon"])]
    cut = geopandas.overlay(parcels.assign(whole=parcels.area), areas, how="intersection")
    cut["overlap_m2"] = cut.area
    cut["cover_pct"] = 100 * cut["overlap_m2"] / cut["whole"]
    return pd.DataFrame(cut.drop(columns="geometry"))


def sjoin(parcels: geopandas.GeoDataFrame, features: geopandas.GeoDataFrame) -> pd.DataFrame:
    """Tell which features a parcel meets, as plain geopandas does: nothing is measured."""
    return pd.DataFrame(geopandas.sjoin(parcels, features, predicate="intersects").drop(columns="geometry"))


PEERS: Mapping[str, Callable[[geopandas.GeoDataFrame, geopandas.GeoDataFrame], pd.DataFrame]] = {
    "overlay": overlay,
    "sjoin": sjoin,
}


def run_peer(name: str, project: Path, source: Path, target: Path) -> None:
    """Do with plain geopandas what can be done with it: everything read, joined or cut, and written."""
    parcels = geopandas.read_file(source, use_arrow=True)
    parcels["parcel"] = np.arange(1, len(parcels) + 1)
    PEERS[name](parcels, list_areas(open_atlas(project))).to_parquet(target)


if __name__ == "__main__":
    peer, *paths = sys.argv[1:]
    run_peer(peer, *map(Path, paths))
