"""Questions to the plan by hand: an area, a file, two layers, a passage, a place."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import openpyxl
import pytest
import shapely
from playwright.sync_api import expect

from gzmap.atlas import Atlas
from gzmap.config import AREA_TITLE
from gzmap.query import find_in_area
from gzmap.ui.areas import dump_area
from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_phone import PHONE, require_no_sideways_scroll
from tests.e2e.visit import Visit

SITE = shapely.box(113.46, 23.14, 113.52, 23.2)
PARA = "chp_4__sec_3__para_1"


def answer(one: Visit) -> object:
    return one.page.locator(".gz-answer")


def pack(geometry: shapely.Geometry, name: str = "某地块") -> dict:
    feature = {"type": "Feature", "properties": {"name": name}, "geometry": json.loads(shapely.to_geojson(geometry))}
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)
    return {"name": "site.geojson", "mimeType": "application/geo+json", "buffer": content.encode()}


def bring(one: Visit, file: dict) -> None:
    one.page.locator("input[type=file]").set_input_files(file)
    one.rest(600)


def take(one: Visit, label: str) -> bytes:
    with one.page.expect_download() as download:
        one.page.get_by_role("button", name=label).click()
    return Path(download.value.path()).read_bytes()


def opacity(one: Visit, feature_id: str) -> float:
    return one.page.evaluate(
        """([layer, id]) => {
             let one = window.__gz.state.layers[layer].byId.get(id);
             while (one.getLayers) one = one.getLayers()[0];
             return one.options.opacity;
           }""",
        [feature_id.rpartition(".")[0], feature_id],
    )


# --- an area


def test_a_drawn_area_is_asked_about_from_the_map(visit: Visiting, shipped: Server, atlas: Atlas) -> None:
    one = visit(shipped, f"/?area={dump_area(SITE)}")
    one.page.get_by_role("link", name="查询此范围内容").click()
    expect(answer(one).locator("h2")).to_have_text(AREA_TITLE[0])
    assert one.query()["of"] == "drawn"
    rows = find_in_area(atlas, SITE).rows
    expect(answer(one).locator(".gz-answers tbody tr")).to_have_count(len(rows))
    first = answer(one).locator(".gz-answers tbody tr th a").first
    name = first.inner_text()
    first.click()
    expect(one.card.locator("h2")).to_have_text(name)
    one.page.go_back()
    one.rest()
    expect(answer(one).locator(".gz-answers tbody tr")).to_have_count(len(rows))


def test_a_file_is_read_answered_taken_away_and_not_kept(visit: Visiting, shipped: Server, atlas: Atlas) -> None:
    one = visit(shipped, "/query?of=file")
    bring(one, pack(SITE))
    expect(answer(one)).to_contain_text("某地块")
    assert "area" not in one.query()
    book = openpyxl.load_workbook(io.BytesIO(take(one, "下载 XLSX")), read_only=True)
    assert next(book.worksheets[0].iter_rows(values_only=True))[0] == AREA_TITLE[0]
    one.page.get_by_role("button", name="制作打印页（PDF）").click()
    expect(one.page.get_by_role("button", name=re.compile("保存打印页"))).to_be_visible(timeout=60_000)
    assert take(one, "保存打印页").startswith(b"%PDF")
    answer(one).locator(".gz-ways a").first.click()
    one.rest()
    expect(one.page.locator(".gz-area-pane path").first).to_be_attached()
    assert "area" not in one.query()
    one.reload()
    expect(one.page.locator(".gz-area-pane path")).to_have_count(0)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ({"name": "a.zip", "mimeType": "application/zip", "buffer": b"PK\x03\x04 broken"}, "重新打包"),
        ({"name": "a.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90\x00"}, "请提供 GeoJSON"),
    ],
)
def test_a_file_that_is_none_gets_a_remedy(visit: Visiting, shipped: Server, file: dict, said: str) -> None:
    one = visit(shipped, "/query?of=file")
    bring(one, file)
    expect(one.page.get_by_role("alert").filter(has_text=said)).to_be_visible()
    expect(answer(one)).to_have_count(0)


# --- two layers


def test_two_layers_are_asked_by_form(visit: Visiting, shipped: Server) -> None:
    one = visit(shipped, "/query?of=layers")
    form = one.page.locator(".gz-between")
    form.locator("select[name=a]").select_option("eco_corridors")
    form.locator("select[name=relation]").select_option("crosses")
    form.locator("select[name=b]").select_option("黄埔区")
    form.locator("button").click()
    one.rest()
    rows = answer(one).locator(".gz-pairs tbody tr")
    n = rows.count()
    assert n > 0
    one.reload()
    expect(rows).to_have_count(n)
    answer(one).locator(".gz-ways a").click()
    one.rest()
    assert one.is_on_map("eco_corridors")


# --- words


def test_a_passage_lights_up_its_places(visit: Visiting, shipped: Server, atlas: Atlas) -> None:
    one = visit(shipped, f"/text?para={PARA}")
    one.page.locator(f"[id='{PARA}']").get_by_role("link", name="在图上看本段地点").click()
    one.settle()
    bar = one.page.locator(".gz-lit")
    expect(bar).to_be_visible()
    named = {m.feature_id for m in atlas.mentions_by_paragraph[PARA]}
    lit = next(i for i in named if i in atlas.features and atlas.features[i].geometry is not None)
    one.page.wait_for_function("(id) => window.__gz.state.layers[id].byId.size", arg=lit.rpartition(".")[0])
    other = next(i for i in one.held("waterways") if i not in named)
    assert opacity(one, lit) > 0.5
    assert opacity(one, other) < 0.2
    bar.get_by_role("button", name="下一处").click()
    one.rest()
    expect(bar).to_contain_text("第 1 /")
    bar.get_by_role("button", name="恢复全部").click()
    one.rest()
    expect(bar).to_have_count(0)
    assert opacity(one, other) > 0.5


# --- here


def test_an_empty_place_tells_what_is_near(visit: Visiting, shipped: Server) -> None:
    one = visit(shipped, "/?view=13/23.1318/113.3205")
    one.click_at(113.3205, 23.1318)
    near = one.page.locator(".gz-nearby")
    expect(near.locator("li").first).to_contain_text("相距约")
    name = near.locator("li b").first.inner_text()
    near.locator("li a").first.click()
    expect(one.card.locator("h2")).to_have_text(name)


# --- a phone


@pytest.mark.parametrize("path", ["/query?of=district&district=黄埔区", "/query?of=layers&a=eco_corridors&b=黄埔区"])
def test_answers_are_read_on_a_phone(visit: Visiting, shipped: Server, path: str) -> None:
    one = visit(shipped, path, **PHONE)
    expect(answer(one).locator("tbody tr").first).to_be_visible()
    require_no_sideways_scroll(one)
