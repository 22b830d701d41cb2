"""(7) What questions cost: a drawn area over the plan and over a large layer of one's own, and a search."""

from __future__ import annotations

import dataclasses
import itertools
import math
import time
from collections.abc import Callable, Sequence

import geopandas
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas, open_atlas
from gzmap.config import HOME_BBOX, STORAGE_CRS
from gzmap.crs import find_area_m2
from gzmap.own import OwnLayer
from gzmap.own.folder import build_layer
from gzmap.query import find_in_area, find_text
from gzmap.sites.layers import Layer
from tests.bench.delivery import make_frame
from tests.bench.rows import Bench
from tests.bench.table import Aim, Row

SIZE = 100_000
CORNERS = 60
ROUNDS, OWN_ROUNDS = 20, 5
"""Questions of a sample: one alone is too short to time."""

PLAN_SHARE, OWN_SHARE = 0.15, 0.1
"""Width of a drawn area as a part of what it is drawn over: some ten kilometres, some 850 plots."""

SEARCHES = ("帽峰山", "mfs", "储能", "生态廊道", "湿地", "maofengshan", "流溪河", "碧道", "没有的词")
AREA_MS, SEARCH_MS, TIMES_SJOIN = 30, 10, 1.2


def draw_areas(bounds: Sequence[float], share: float, count: int) -> list[BaseGeometry]:
    """Draw areas as a hand does, five-lobed, here and there around the middle of bounds in degrees."""
    west, south, east, north = bounds
    turns = np.linspace(0, 2 * math.pi, CORNERS, endpoint=False)
    reach = 1 + 0.2 * np.cos(5 * turns)
    lobes = np.stack([np.cos(turns) * reach, np.sin(turns) * reach], axis=1) * (east - west, north - south) * share / 2
    # The golden ratio spreads them without a pattern.
    shifts = [(n * 0.618 % 1 - 0.5, n * 0.382 % 1 - 0.5) for n in range(count)]
    middle = np.array([(west + east) / 2, (south + north) / 2])
    return [shapely.Polygon(lobes + middle + np.array(s) * (east - west, north - south) * 0.5) for s in shifts]


def make_own(count: int) -> OwnLayer:
    """Make a layer of one's own like the plots of a detailed plan."""
    frame = make_frame(count).to_crs(STORAGE_CRS)
    read = Layer(name="", frame=frame, crs=STORAGE_CRS, name_field="名称", notes=())
    return dataclasses.replace(build_layer(read, "plots.gpkg"), layer_id="own.plots", title="地块")


def join_plainly(layer: OwnLayer, area: BaseGeometry) -> geopandas.GeoDataFrame:
    """Ask as plain geopandas does."""
    return geopandas.sjoin(layer.frame, geopandas.GeoDataFrame(geometry=[area], crs=STORAGE_CRS))


def join_turned(layer: OwnLayer, area: BaseGeometry) -> geopandas.GeoDataFrame:
    """Ask the other way round: geopandas then uses the index that it keeps of the large layer."""
    return geopandas.sjoin(geopandas.GeoDataFrame(geometry=[area], crs=STORAGE_CRS), layer.frame)


def try_all(layer: OwnLayer, area: BaseGeometry) -> list[tuple[str, float]]:
    """Ask by brute force: every plot is intersected with the area, what is left is measured."""
    plots = layer.frame.geometry.to_numpy()
    cut = shapely.intersection(plots, area)
    rows = np.flatnonzero(~shapely.is_empty(cut))
    return [(str(layer.frame.index[row]), find_area_m2(cut[row])) for row in rows]


def measure_queries(bench: Bench) -> list[Row]:
    """(7) A drawn area over all shipped layers, over a large layer of one's own, and the search."""
    atlas = open_atlas(bench.project)
    return [ask_plan(bench, atlas), *ask_own(bench, atlas, make_own(SIZE)), search_plan(bench, atlas)]


def time_each(act: Callable[[object], object], things: Sequence[object], repeat: int) -> list[float]:
    """Time an act on thing after thing, in ms for one; the first sample only warms the caches."""
    turns = itertools.cycle(things)
    return [time_some(act, [next(turns) for _ in range(ROUNDS)]) for _ in range(repeat + 1)][1:]


def time_some(act: Callable[[object], object], things: Sequence[object]) -> float:
    """Time an act on a few things in a row, in ms for one."""
    start = time.perf_counter()
    for thing in things:
        act(thing)
    return 1000 * (time.perf_counter() - start) / len(things)


def ask_plan(bench: Bench, atlas: Atlas) -> Row:
    """Ask about areas drawn over the city, each of them new, and read every row with its sentences."""
    areas = draw_areas(HOME_BBOX, PLAN_SHARE, ROUNDS * (bench.repeat + 1))
    times = time_each(lambda area: find_in_area(atlas, area).rows, areas, bench.repeat)
    return Row(7, "a drawn area over all shipped layers", "ms", times, aims=[Aim("most", AREA_MS)])


def ask_own(bench: Bench, atlas: Atlas, layer: OwnLayer) -> list[Row]:
    """Ask about areas drawn over a large layer, plan included, against the peers in turn."""
    areas = draw_areas(layer.frame.total_bounds, OWN_SHARE, OWN_ROUNDS * (bench.repeat + 1))
    acts: dict[str, Callable[[BaseGeometry], object]] = {
        "ours": lambda area: find_in_area(atlas, area, own=[layer]).rows,
        "sjoin": lambda area: join_plainly(layer, area),
        "turned": lambda area: join_turned(layer, area),
        "brute": lambda area: try_all(layer, area),
    }
    times: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(bench.repeat + 1):
        some = areas[OWN_ROUNDS * turn : OWN_ROUNDS * (turn + 1)]
        for name, act in acts.items():
            spent = time_some(act, some)
            if turn:  # the first round builds the indexes of all
                times[name].append(spent)
    what = f"a drawn area over {SIZE // 1000} 000 own polygons and the plan"
    return [
        Row(7, what, "ms", times["ours"], times["sjoin"], "sjoin(own, area)", [Aim("ratio", TIMES_SJOIN)]),
        Row(7, what, "ms", times["ours"], times["turned"], "sjoin(area, own)"),
        Row(7, what, "ms", times["ours"], times["brute"], "brute force"),
    ]


def search_plan(bench: Bench, atlas: Atlas) -> Row:
    """Search names and words against looking for the words alone."""
    texts = [paragraph.text for paragraph in atlas.document.paragraphs.values()]
    ours = time_each(lambda words: find_text(atlas, str(words)), SEARCHES, bench.repeat)
    plain = time_each(lambda words: [t.find(str(words)) for t in texts], SEARCHES, bench.repeat)
    return Row(7, "search in names and plan", "ms", ours, plain, "str.find, plan alone", [Aim("most", SEARCH_MS)])


def find_answers(atlas: Atlas, layer: OwnLayer, area: BaseGeometry) -> dict[str, float | None]:
    """Find by our query what the peers find: index in the layer and km² shared, without what only touches."""
    rows = find_in_area(atlas, area, own=[layer]).rows
    return {
        r.feature_id.removeprefix(f"{layer.layer_id}."): r.measure for r in rows if r.own and r.relation != "touches"
    }
