"""`--area`: what lies in the areas of a file is exported and packed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas
import pytest
import shapely

from tests.cli_runner import run
from tests.makers import make_project

SQUARE = shapely.box(113.24, 23.14, 113.25, 23.16)
"""Half of the park parks.p001."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "项目")


def write_area(path: Path, *shapes: object, crs: str = "EPSG:4326") -> Path:
    frame = geopandas.GeoDataFrame({"n": range(len(shapes))}, geometry=list(shapes), crs="EPSG:4326").to_crs(crs)
    frame.to_file(path)
    return path


@pytest.mark.parametrize(("name", "crs"), [("范围.geojson", "EPSG:4326"), ("range.gpkg", "EPSG:4547")])
def test_what_lies_in_the_areas_of_a_file_is_exported(project: Path, tmp_path: Path, name: str, crs: str) -> None:
    area = write_area(tmp_path / name, SQUARE, shapely.Point(113, 23), crs=crs)
    arguments = ("export", "parks", "--format", "gpkg", "--area", area, "--clip", "-o", tmp_path / "a.gpkg")
    result = run(project, *arguments)
    assert result.exit_code == 0, result.stderr
    found = geopandas.read_file(tmp_path / "a.gpkg", layer="parks")
    assert list(found["id"]) == ["parks.p001"]
    assert found.geometry.iloc[0].symmetric_difference(SQUARE).area < 1e-9


def test_several_areas_count_as_one_and_whole_features_are_taken(project: Path, tmp_path: Path) -> None:
    near = shapely.box(113.20, 23.10, 113.22, 23.12)
    area = write_area(tmp_path / "a.geojson", SQUARE, near)
    result = run(project, "packet", "--layers", "parks", "--area", area, "--format", "gpkg", "-o", tmp_path / "a.zip")
    assert result.exit_code == 0, result.stderr
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "out")
    found = geopandas.read_file(tmp_path / "out/gzmap.gpkg", layer="parks")
    whole = geopandas.read_file(project / "layers/parks.geojson").set_index("id")
    assert len(found) == int(whole.geometry.intersects(SQUARE | near).sum()) > 0
    for _, row in found.iterrows():
        assert row.geometry.equals_exact(whole.geometry[row["id"]], 1e-9)


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ([shapely.Point(113.25, 23.15)], "holds no area"),
        ([shapely.Polygon([(113.2, 23.1), (113.3, 23.2), (113.3, 23.1), (113.2, 23.2)])], "crosses itself"),
        ([shapely.box(113.9, 23.9, 113.95, 23.95)], "Nothing is selected"),
    ],
)
def test_a_file_without_a_usable_area_is_refused(project: Path, tmp_path: Path, shapes: list, words: str) -> None:
    area = write_area(tmp_path / "a.geojson", *shapes)
    result = run(project, "export", "parks", "--format", "gpkg", "--area", area, "-o", tmp_path / "a.gpkg")
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert not (tmp_path / "a.gpkg").exists()


def test_a_file_that_is_not_there_is_named(project: Path, tmp_path: Path) -> None:
    arguments = ("export", "parks", "--format", "gpkg", "--area", tmp_path / "nowhere.geojson", "--preflight")
    result = run(project, *arguments)
    assert result.exit_code == 2
    assert "nowhere.geojson does not exist" in result.stderr
