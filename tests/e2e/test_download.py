"""Layers taken away through the page, and read by GDAL's own tool."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gzmap.atlas import Atlas
from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_phone import PHONE, require_no_sideways_scroll
from tests.e2e.visit import Visit

LAYER = "biodiversity_hotspots"


def take(one: Visit, folder: Path) -> Path:
    one.page.locator(".st-key-gz_make button").click()
    button = one.page.locator(".st-key-gz_save button")
    expect(button).to_be_enabled()
    one.rest()
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


@pytest.mark.parametrize(
    ("label", "suffix"), [("GeoPackage 1.3", ".gpkg"), ("GeoJSON (RFC 7946)", ".geojson"), ("KML 2.2", ".kml")]
)
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


def test_the_link_gives_the_same_bytes_as_the_button(shipped: Server, visit: Visiting, tmp_path: Path) -> None:
    one = visit(shipped, "/download")
    choose(one, "gz_encoding", "GBK")
    link = one.page.locator("[data-testid=stCode] code").inner_text().strip()
    assert link.startswith(f"{shipped.base}/export/")
    saved = take(one, tmp_path)
    answer = one.page.request.get(link)
    assert answer.ok
    assert answer.body() == saved.read_bytes()
    assert f'filename="{saved.name}"' in answer.headers["content-disposition"]


def test_what_is_refused_is_fixed_by_one_click(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/download")
    one.page.locator(".st-key-gz_names").get_by_text("中文短名").click()
    one.rest()
    button = one.page.locator(".st-key-gz_make button")
    expect(button).to_be_disabled()
    check = one.page.locator(".gz-preflight")
    expect(check.get_by_role("alert")).to_be_visible()
    check.get_by_role("button", name="GBK").click()
    one.rest()
    expect(check.get_by_role("alert")).to_have_count(0)
    expect(one.page.locator(".st-key-gz_encoding").get_by_role("radio", name="GBK")).to_be_checked()
    expect(button).to_be_enabled()


def test_a_packet_of_a_district(shipped: Server, visit: Visiting, atlas: Atlas, ogrinfo: str, tmp_path: Path) -> None:
    one = visit(shipped, "/download")
    choose(one, "gz_where", "一个区")
    choose(one, "gz_clip", "按边界裁剪")
    one.page.locator(".st-key-gz_scope").get_by_text("全部纲要图层").click()
    one.rest()
    choose(one, "gz_kind", "数据包")
    saved = take(one, tmp_path)
    assert saved.name.startswith("gzmap_packet_")
    with zipfile.ZipFile(saved) as archive:
        assert {"README.txt", "gzmap.gpkg", "gzmap.qgs", "readback.txt"} <= set(archive.namelist())
        archive.extractall(tmp_path / "out")
    told = read(ogrinfo, str(tmp_path / "out/gzmap.gpkg"))
    district = next(f.name for f in atlas.features.values() if f.layer_id == "districts")
    assert district in told


def test_what_the_map_shows_is_taken(shipped: Server, visit: Visiting, ogrinfo: str, tmp_path: Path) -> None:
    lon, lat = 113.60, 22.76  # Nansha's south
    one = visit(shipped, f"/?view=12/{lat}/{lon}")
    one.turn_to("下载")
    choose(one, "gz_where", "地图当前范围")
    one.page.locator(".st-key-gz_scope").get_by_text("全部纲要图层").click()
    one.rest()
    choose(one, "gz_format", "GeoPackage 1.3")
    saved = take(one, tmp_path)
    assert "_view_" in saved.name
    told = read(ogrinfo, str(saved))
    assert "= 从化北部\n" not in told
    assert "OGRFeature" in told


def test_the_map_s_view_is_asked_for_where_it_is_not_known(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/download?view=12/22.76/113.6")
    choose(one, "gz_where", "地图当前范围")
    expect(one.page.get_by_text("gzmap packet --bbox")).to_be_visible()
    expect(one.page.locator(".st-key-gz_make button")).to_have_count(0)


def test_what_a_search_found_is_taken(shipped: Server, visit: Visiting, ogrinfo: str, tmp_path: Path) -> None:
    one = visit(shipped)
    one.search("帽峰山")
    one.turn_to("下载")
    choose(one, "gz_where", "当前搜索结果")
    choose(one, "gz_format", "GeoPackage 1.3")
    told = read(ogrinfo, str(take(one, tmp_path)))
    assert "帽峰山" in told
    assert "= 从化北部\n" not in told  # the sentence that names both stands in the evidence


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_fits_a_telephone(shipped: Server, visit: Visiting, language: str) -> None:
    one = visit(shipped, f"/download?lang={language}", **PHONE)
    one.page.locator(".st-key-gz_kind label").last.tap()
    one.rest()
    one.page.locator(".st-key-gz_scope label").last.tap()
    one.rest()
    for fold in one.page.locator(".gz-page details, .gz-preflight details, .gz-formats").all():
        fold.evaluate("(element) => { element.open = true; }")
    require_no_sideways_scroll(one)
    button = one.page.locator(".st-key-gz_make button")
    button.scroll_into_view_if_needed()
    expect(button).to_be_in_viewport(ratio=1)
    button.tap()
    expect(one.page.locator(".st-key-gz_save button")).to_be_visible()
    one.rest()
    require_no_sideways_scroll(one)
