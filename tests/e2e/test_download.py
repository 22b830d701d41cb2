"""A layer taken away through the page, and read by GDAL's own tool."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gzmap.atlas import Atlas
from tests.e2e.conftest import Server, Visiting
from tests.e2e.visit import Visit

LAYER = "biodiversity_hotspots"


def take(one: Visit, folder: Path) -> Path:
    button = one.page.locator("[data-testid=stDownloadButton] button")
    expect(button).to_be_enabled()
    with one.page.expect_download() as started:
        button.click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def choose_layer(one: Visit, title: str) -> None:
    box = one.page.locator(".st-key-gz_layer").get_by_role("combobox")
    box.click()
    box.fill(title)  # the list draws only the rows that fit
    one.page.get_by_role("option", name=title).click()
    one.rest()


def choose(one: Visit, key: str, label: str) -> None:
    one.page.locator(f".st-key-{key}").get_by_text(label, exact=True).click()
    one.rest()


def read(ogrinfo: str, path: str) -> str:
    return subprocess.run([ogrinfo, "-ro", "-al", path], capture_output=True, check=True).stdout.decode("utf-8")


@pytest.mark.parametrize(("encoding", "crs"), [("UTF-8", "EPSG:4326"), ("GBK", "EPSG:4547")])
def test_a_shapefile_reads_with_the_right_chinese(
    shipped: Server, visit: Visiting, atlas: Atlas, ogrinfo: str, tmp_path: Path, encoding: str, crs: str
) -> None:
    one = visit(shipped, "/download")
    choose_layer(one, atlas.catalog.entries[LAYER].title)
    choose(one, "gz_encoding", encoding)
    one.page.locator(".st-key-gz_crs").get_by_text(crs).click()
    one.rest()
    packed = take(one, tmp_path)
    with zipfile.ZipFile(packed) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "out")
    assert any(name.endswith("字段说明.csv") for name in names)
    [shape] = (tmp_path / "out").rglob("*.shp")
    if encoding == "GBK":
        shape.with_suffix(".cpg").unlink()  # the one that must survive without it
    told = read(ogrinfo, str(shape))
    for feature in atlas.features.values():
        if feature.layer_id == LAYER:
            assert f"= {feature.name}\n" in told
    assert f"Feature Count: {len(atlas.layers[LAYER])}" in told
    assert ("CGCS2000" in told) == (crs == "EPSG:4547")


@pytest.mark.parametrize(("label", "suffix"), [("GeoPackage", ".gpkg"), ("GeoJSON", ".geojson")])
def test_other_formats_read_too(
    shipped: Server, visit: Visiting, atlas: Atlas, ogrinfo: str, tmp_path: Path, label: str, suffix: str
) -> None:
    one = visit(shipped, "/download")
    choose_layer(one, atlas.catalog.entries[LAYER].title)
    choose(one, "gz_format", label)
    saved = take(one, tmp_path)
    if saved.suffix == ".zip":
        with zipfile.ZipFile(saved) as archive:
            archive.extractall(tmp_path / "out")
        [saved] = (tmp_path / "out").rglob(f"*{suffix}")
    assert saved.suffix == suffix
    told = read(ogrinfo, str(saved))
    assert "= 帽峰山\n" in told
    assert "从化北部" in told
