"""Parcels for tests: of many shapes and sizes over the city, and files of them in every format that is read."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import shapely

from gzmap.config import HOME_BBOX, STORAGE_CRS
from gzmap.screen import Parcels, Plan, open_parcels, open_screening

SUFFIXES = (".shp", ".gpkg", ".gdb", ".parquet")
CORNERS = 24


class Quiet:
    """A progress that keeps what it is told."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []

    def step(self, done: int, total: int) -> None:
        self.steps.append((done, total))


def make_shapes(count: int, *, seed: int = 1) -> np.ndarray:
    """Valid areas from 10 m to 20 km across: blobs, some with a hole, some of two parts, some thin."""
    chance = np.random.default_rng(seed)
    west, south, east, north = HOME_BBOX
    shapes = []
    for number in range(count):
        turns = np.sort(chance.uniform(0, 2 * np.pi, CORNERS))
        reach = 10 ** chance.uniform(-4.3, -1) * chance.uniform(0.7, 1, CORNERS)
        ring = np.column_stack([np.cos(turns), np.sin(turns) * (0.05 if number % 7 == 0 else 1)]) * reach[:, None]
        shape = shapely.make_valid(shapely.Polygon(ring + chance.uniform((west, south), (east, north))))
        if number % 5 == 0:
            shape = shape.difference(shape.centroid.buffer(reach.min() / 3))
        if number % 11 == 0:
            shape = shapely.union_all([shape, shapely.affinity.translate(shape, 3 * reach.max())])
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        shapes.append(parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts))
    return np.array(shapes, dtype=object)


def make_parcels(count: int, *, seed: int = 1, crs: str = "EPSG:4547") -> geopandas.GeoDataFrame:
    """Parcels with a number and a Chinese name, in a CRS."""
    names = {"地块编号": [f"GZ{n:06d}" for n in range(count)], "用途": ["居住用地"] * count}
    return geopandas.GeoDataFrame(names, geometry=make_shapes(count, seed=seed), crs=STORAGE_CRS).to_crs(crs)


def write_parcels(frame: geopandas.GeoDataFrame, path: Path, **options: object) -> Path:
    """Write parcels in the format that the name's end says."""
    if path.suffix == ".parquet":
        frame.to_parquet(path, **options)
        return path
    with warnings.catch_warnings():
        # GDAL tells that it cuts names, and that a file without a CRS has none.
        warnings.simplefilter("ignore")
        if path.suffix == ".shp":
            options = {"encoding": "GBK", **options}
        if path.suffix == ".gdb":
            options = {"driver": "OpenFileGDB", "geometry_type": "MultiPolygon", **options}
        pyogrio.write_dataframe(frame, path, **options)
    return path


def screen(plan: Plan, parcels: Parcels, output: Path, **options: object) -> geopandas.GeoDataFrame:
    """Screen parcels into a GeoParquet file and read it back."""
    with open_screening(plan, parcels, output) as screening:
        screening.run(Quiet(), **options)
        screening.export(output)
        screening.close()
    return geopandas.read_parquet(output)


def screen_frame(plan: Plan, frame: geopandas.GeoDataFrame, folder: Path, **options: object) -> geopandas.GeoDataFrame:
    """Screen a frame."""
    source = write_parcels(frame, folder / "地块.gpkg")
    return screen(plan, open_parcels(source, **options), folder / "结果.parquet")


def read_geo(path: Path) -> dict:
    """Read what a GeoParquet file says of its geometries."""
    from pyarrow import parquet

    return json.loads(parquet.read_metadata(path).metadata[b"geo"])
