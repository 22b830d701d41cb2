"""(6) What a delivery costs: a large Shapefile against plain geopandas and ogr2ogr, its memory, the whole packet."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas
import numpy as np
import shapely

from gzmap.export import export_frame
from tests.bench.projects import CORNERS, place_plot
from tests.bench.rows import Bench
from tests.bench.servers import BenchError
from tests.bench.table import Aim, Row

SIZE = 100_000
LAYER = "plots"
SOURCE, TARGET = "EPSG:4490", "EPSG:4547"
GDAL_ENCODING = "LDID/77"
"""GDAL's name of GBK in a DBF that says so itself."""

PINYIN = {"标识码": "BSM", "名称": "MC", "类别": "LB", "面积": "MJ", "层数": "CS", "日期": "RQ", "备注": "BZ"}
"""Names of the columns, and what the scheme ``pinyin`` makes of them: peers are given these."""

PLANNED = "规划居住用地，容积率以控制性详细规划为准"
TIMES_FRAME = 3.0


def make_frame(count: int) -> geopandas.GeoDataFrame:
    """Make polygons with texts and numbers, like the plots of a detailed plan, in degrees."""
    turns = [2 * math.pi * (corner + 0.5) / CORNERS for corner in range(CORNERS)]
    circle = np.array([(math.cos(t), math.sin(t)) for t in [*turns, turns[0]]])
    places = np.array([place_plot(number, count) for number in range(count)])
    rings = places[:, None, :2] + places[:, None, 2:] * circle
    numbers = np.arange(count)
    columns = {
        "标识码": [f"GZ{n:08d}" for n in range(count)],
        "名称": [f"白云区地块{n:06d}" for n in range(count)],
        "类别": ["居住用地" if n % 3 else "公园绿地" for n in range(count)],
        "面积": np.round(1000 + numbers * 0.37, 2),
        "层数": numbers % 33 + 1,
        # As text: plain geopandas cannot write a day, and its detour over times would favour ours.
        "日期": [f"2025-{n % 12 + 1:02d}-{n % 28 + 1:02d}" for n in range(count)],
        "备注": [None if n % 4 else f"{PLANNED}，第{n}号" for n in range(count)],
    }
    return geopandas.GeoDataFrame(columns, geometry=shapely.polygons(rings), crs=SOURCE)


def write_ours(frame: geopandas.GeoDataFrame, folder: Path) -> None:
    """Export as gzmap does: checked, in GBK, under pinyin names, zipped with the tables beside it."""
    export_frame(frame, folder / "ours.zip", fmt="shp", crs=TARGET, encoding="gbk", names="pinyin", layer=LAYER)


def write_plain(frame: geopandas.GeoDataFrame, folder: Path) -> None:
    """Export as geopandas does, in the same CRS and encoding, with names that fit already."""
    frame.rename(columns=PINYIN).to_crs(TARGET).to_file(folder / "plain.shp", engine="pyogrio", encoding=GDAL_ENCODING)


WRITERS: Mapping[str, Callable[[geopandas.GeoDataFrame, Path], None]] = {"ours": write_ours, "plain": write_plain}


def measure_delivery(bench: Bench) -> list[Row]:
    """(6) One large layer, its memory, and the packet of all shipped layers."""
    require_ogr2ogr()
    source = bench.folder / "plots.gpkg"
    frame = make_frame(SIZE)
    save_frame(frame, source)
    return [*compare_times(bench, frame, source), *compare_memory(bench, source), time_packets(bench)]


def require_ogr2ogr() -> str:
    """Return the path of ``ogr2ogr``.

    Raises
    ------
    BenchError
        If it is not installed.
    """
    tool = shutil.which("ogr2ogr")
    if tool is None:
        raise BenchError("ogr2ogr, the peer, is not on the PATH: run `make test`, which installs gdal-bin.")
    return tool


def compare_times(bench: Bench, frame: geopandas.GeoDataFrame, source: Path) -> list[Row]:
    """Time the writers in turn: from memory against geopandas, from a GeoPackage against ogr2ogr."""
    acts = {
        "ours": lambda folder: write_ours(frame, folder),
        "plain": lambda folder: write_plain(frame, folder),
        "ours from file": lambda folder: write_ours(load_frame(source), folder),
        "ogr2ogr": lambda folder: run_ogr2ogr(source, folder),
    }
    times: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(bench.repeat + 1):
        for name, act in acts.items():
            spent = time_act(act, bench.folder / "out")
            if turn:  # the first round only warms the disk cache and the libraries
                times[name].append(spent)
    what = f"{SIZE // 1000} 000 polygons to Shapefile (GBK, pinyin, 4547)"
    return [
        Row(6, what, "ms", times["ours"], times["plain"], "to_crs + to_file", [Aim("ratio", 1.3)]),
        Row(6, f"{what}, read first", "ms", times["ours from file"], times["ogr2ogr"], "ogr2ogr", [Aim("ratio", 1.5)]),
    ]


def time_act(act: Callable[[Path], None], folder: Path) -> float:
    """Time an act in a fresh folder, in ms."""
    folder.mkdir()
    start = time.perf_counter()
    act(folder)
    spent = time.perf_counter() - start
    shutil.rmtree(folder)
    return 1000 * spent


def run_ogr2ogr(source: Path, folder: Path) -> None:
    """Write the same with GDAL's own command."""
    options = ["-t_srs", TARGET, "-lco", f"ENCODING={GDAL_ENCODING}"]
    command = [require_ogr2ogr(), "-f", "ESRI Shapefile", *options, str(folder / "theirs.shp"), str(source), LAYER]
    subprocess.run(command, check=True, capture_output=True)


# --- memory


def compare_memory(bench: Bench, source: Path) -> list[Row]:
    """Compare the most memory that writing takes, each time in a process of its own, with to_file's and the frame's."""
    found: dict[str, list[dict]] = {name: [] for name in WRITERS}
    for _ in range(bench.repeat):
        for name, samples in found.items():
            samples.append(run_child(name, source, bench.folder / "out"))
    peak = {name: [sample["peak"] - sample["before"] for sample in samples] for name, samples in found.items()}
    frames = [sample["loaded"] - sample["before"] for sample in found["ours"]]
    what = "memory at the highest, frame included"
    return [
        Row(6, what, "MB", peak["ours"], frames, "the frame alone", [Aim("ratio", TIMES_FRAME)]),
        Row(6, what, "MB", peak["ours"], peak["plain"], "to_crs + to_file"),
    ]


def run_child(name: str, source: Path, folder: Path) -> dict:
    """Run one writer in a new process and return the MB that it told."""
    folder.mkdir()
    command = [sys.executable, "-m", "tests.bench.delivery", name, str(source), str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    shutil.rmtree(folder)
    return json.loads(done.stdout)


def write_alone(name: str, source: Path, folder: Path) -> dict[str, float]:
    """Load the layer, write it, and return the MB in use before, with the frame loaded, and at the highest."""
    write = WRITERS[name]
    warm = folder / "warm"
    warm.mkdir()
    write(make_frame(100), warm)
    before = read_memory("VmRSS")
    frame = load_frame(source)
    loaded = read_memory("VmRSS")
    # The highest use counts from here: loading has needed more than the frame.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    write(frame, folder)
    return {"before": before, "loaded": loaded, "peak": read_memory("VmHWM")}


def save_frame(frame: geopandas.GeoDataFrame, path: Path) -> None:
    """Save the layer as a GeoPackage, under the names that the peers are given."""
    export_frame(frame, path, fmt="gpkg", crs=SOURCE, names="pinyin", layer=LAYER)


def load_frame(source: Path) -> geopandas.GeoDataFrame:
    """Load the layer from the GeoPackage, under the names that its columns have before any scheme."""
    names = {short: name for name, short in PINYIN.items()}
    return geopandas.read_file(source, layer=LAYER, use_arrow=True).rename(columns=names)


def read_memory(key: str) -> float:
    """Read a line of this process's status from Linux, in MB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(rf"^{key}:\s+(\d+) kB", status, re.MULTILINE)[1]) / 1024


# --- the packet


def time_packets(bench: Bench) -> Row:
    """Time the command that packs every shipped layer, from its start to its end."""
    options = ["--crs", TARGET, "--encoding", "gbk", "--fields", "pinyin"]
    command = [sys.executable, "-c", "from gzmap.cli import main; main()", "--root", str(bench.project), "packet"]

    def pack(folder: Path) -> None:
        subprocess.run([*command, *options, "-o", str(folder / "packet.zip")], check=True, capture_output=True)

    times = [time_act(pack, bench.folder / "out") for _ in range(bench.repeat + 1)]
    return Row(6, "gzmap packet of all shipped layers", "ms", times[1:], aims=[Aim("most", 5000)])


if __name__ == "__main__":
    writer, gpkg, target = sys.argv[1:]
    sys.stdout.write(json.dumps(write_alone(writer, Path(gpkg), Path(target))))
