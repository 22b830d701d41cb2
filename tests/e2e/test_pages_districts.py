"""The page 各区一览 in the browser."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from gzmap.atlas import Atlas
from gzmap.cli import main
from gzmap.query import count_districts
from gzmap.ui.districts import find_level, format_figure
from tests.conftest import ROOT
from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_phone import PHONE, require_no_sideways_scroll
from tests.e2e.visit import Visit


def shades(one: Visit) -> dict[str, str]:
    """The shade of every district of the map, by what its link is called."""
    return one.page.locator(".gz-city a:not([aria-hidden])").evaluate_all(
        "(all) => Object.fromEntries(all.map((a) => "
        "[a.getAttribute('aria-label').split(' ')[0], a.querySelector('path').className.baseVal]))"
    )


def test_a_figure_shades_the_map_and_draws_the_bars(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/districts")
    overview = count_districts(atlas)
    for title, figure in (("未落位", "unlocated"), ("长度 km", "km")):
        one.page.locator(".gz-pick").get_by_role("link", name=title, exact=True).click()
        one.rest()
        values = {name: getattr(overview.tally(name), figure) for name in overview.area_km2}
        most = max(values.values())
        assert shades(one) == {name: f"gz-q{find_level(v, most)}" for name, v in values.items()}
        assert one.query()["figure"] == figure
        expect(one.page.locator(".gz-tallies thead [aria-current]")).to_have_text(title)
        bars = one.page.locator(".gz-bar-cell rect").evaluate_all("(all) => all.map((r) => r.getBBox().width)")
        assert len(bars) == sum(v > 0 for v in values.values())
    # Not by colour alone: every district's number is written on the map.
    assert {f"{v:,.0f}" for v in values.values()} <= set(one.page.locator(".gz-number").all_text_contents())


def test_a_click_on_the_map_chooses_a_district_and_a_second_lets_it_go(
    shipped: Server, visit: Visiting, atlas: Atlas
) -> None:
    one = visit(shipped, "/districts?theme=ecology")
    one.page.locator(".gz-city").get_by_role("link", name="白云区").click()
    one.rest()
    assert one.query() == {"theme": "ecology", "district": "白云区"}
    expect(one.page.locator("#chosen-place h2")).to_contain_text("白云区")
    ids = count_districts(atlas).tally("白云区", "theme", "ecology").ids
    expect(one.page.locator("#chosen-place .gz-chips a")).to_have_count(len(ids))
    expect(one.page.locator(".gz-row-on th").first).to_have_text("白云区")
    one.page.locator(".gz-city").get_by_role("link", name="白云区").click()
    one.rest()
    assert one.query() == {"theme": "ecology"}
    expect(one.page.locator("#chosen-place h2")).to_have_count(0)


def test_small_districts_are_chosen_in_the_inset(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/districts")
    one.page.locator(".gz-city").get_by_role("link", name="越秀区").click()
    one.rest()
    assert one.query()["district"] == "越秀区"


def test_a_district_leads_to_the_map_the_list_and_plain_words(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/districts?district=南沙区&theme=frame")
    one.page.locator("#chosen-place").get_by_role("link", name="在图上看").click()
    one.rest()
    one.be_still()
    west, south, east, north = atlas.layers["districts"].geometry["districts.440115"].bounds
    _, lat, lon = one.view()
    assert west < lon < east
    assert south < lat < north
    drawn = [i for i in count_districts(atlas).tally("南沙区", "theme", "frame").ids if atlas.features[i].geometry]
    for feature_id in drawn:
        assert one.is_on_map(atlas.features[feature_id].layer_id)
    expect(one.page.locator(".gz-list h2")).to_contain_text(str(len(drawn)))
    one.turn_to("各区")
    one.page.locator("#chosen-place").get_by_role("link", name="逐条清单").click()
    one.rest()
    expect(one.page.locator(".gz-chosen")).to_contain_text("南沙区")
    expect(one.page.locator(".gz-chosen")).to_contain_text("山水骨架")
    one.turn_to("各区")
    one.page.locator("#chosen-place").get_by_role("link", name="通俗说明").click()
    one.rest()
    expect(one.page.locator("#mine-name")).to_have_text("南沙区")


def test_every_link_is_a_plain_link_too(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/districts?district=白云区")
    links = {
        "map": one.page.locator("#chosen-place").get_by_role("link", name="在图上看"),
        "list": one.page.locator("#chosen-place").get_by_role("link", name="逐条清单"),
        "self": one.page.locator(".gz-pick").get_by_role("link", name="面积 km²", exact=True),
    }
    paths = {
        key: link.evaluate("(a) => new URL(a.href).pathname + new URL(a.href).search") for key, link in links.items()
    }
    other = visit(shipped, paths["map"])
    assert other.query()["layers"]
    assert other.is_on_map("waterways")
    other = visit(shipped, paths["list"])
    expect(other.page.locator(".gz-chosen")).to_contain_text("白云区")
    other = visit(shipped, paths["self"])
    expect(other.page.locator(".gz-tallies thead [aria-current]")).to_have_text("面积 km²")
    expect(other.page.locator("#chosen-place h2")).to_contain_text("白云区")


@pytest.mark.parametrize("suffix", ["XLSX", "CSV"])
def test_the_table_is_taken_away(shipped: Server, visit: Visiting, tmp_path: Path, suffix: str) -> None:
    one = visit(shipped, "/districts")
    with one.page.expect_download() as caught:
        one.page.locator(".gz-files").get_by_role("link", name=suffix).click()
    body = Path(caught.value.path()).read_bytes()
    wanted = tmp_path / f"o.{suffix.lower()}"
    assert CliRunner().invoke(main, ["--root", str(ROOT), "overview", "-o", str(wanted)]).exit_code == 0
    assert body == wanted.read_bytes()
    assert "各区一览" in caught.value.suggested_filename
    if suffix == "XLSX":
        assert len(openpyxl.load_workbook(io.BytesIO(body)).sheetnames) > 3


def test_figures_are_chosen_by_keyboard_without_losing_the_place(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/districts")
    link = one.page.locator(".gz-pick").get_by_role("link", name="已落位", exact=True)
    link.focus()
    one.page.keyboard.press("Enter")
    one.rest()
    expect(one.page.locator(".gz-pick").get_by_role("link", name="已落位", exact=True)).to_be_focused()
    one.page.keyboard.press("Tab")
    one.page.keyboard.press("Enter")
    one.rest()
    assert one.query()["figure"] == "schematic"
    district = one.page.locator(".gz-city").get_by_role("link", name="增城区")
    district.focus()
    one.page.keyboard.press("Enter")
    one.rest()
    assert one.query()["district"] == "增城区"
    expect(one.page.locator(".gz-city").get_by_role("link", name="增城区")).to_be_focused()


def test_how_it_is_counted_stays_unfolded(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/districts")
    one.page.locator(".gz-notes summary").click()
    expect(one.page.locator(".gz-notes li").first).to_be_visible()
    one.page.locator(".gz-pick").get_by_role("link", name="已落位", exact=True).click()
    one.rest()
    expect(one.page.locator(".gz-notes li").first).to_be_visible()


def test_on_a_phone_one_figure_stands_beside_its_bars(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/districts?figure=km&district=南沙区", **PHONE)
    require_no_sideways_scroll(one)
    table = one.page.locator(".gz-tallies table")
    assert table.bounding_box()["width"] <= 390
    row = table.get_by_role("row").filter(has=one.page.get_by_role("link", name="南沙区", exact=True))
    km = count_districts(atlas).tally("南沙区").km
    expect(row.locator("td:visible").last).to_have_text(format_figure(km, "km"))
    assert row.locator("td.gz-col:visible").count() == 0
    chips = one.page.locator("#chosen-place .gz-chips a")
    chips.first.scroll_into_view_if_needed()
    for box in (chips.first.bounding_box(), chips.last.bounding_box()):
        assert box["x"] + box["width"] <= 390
    one.page.locator(".gz-city").get_by_role("link", name="从化区").tap()
    one.rest()
    assert one.query()["district"] == "从化区"
