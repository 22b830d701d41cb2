"""Measuring, and points in every system: told, copied, gone to."""

from __future__ import annotations

import re

import pytest
import shapely
from playwright.sync_api import Locator, expect

from gzmap.crs import convert_point, find_area_m2, find_length_m
from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_maptools import open_tool, tool
from tests.e2e.test_phone import PHONE
from tests.e2e.visit import Visit

EMPTY = (113.672, 23.202)
"""A place in 增城区 with no plan feature within 7 km."""
AT = f"/?view=13/{EMPTY[1]}/{EMPTY[0]}"
CORNERS = ((-120, -80), (-40, -90), (-30, 60), (-130, 70))
"""Offsets in pixels from the middle of the map, left of what lies over it."""


def click_around(one: Visit, offsets: tuple[tuple[int, int], ...]) -> list[tuple[float, float]]:
    """Click places of the map; return them as longitude and latitude."""
    box = one.page.locator(".gz-map").bounding_box()
    x, y = round(box["x"] + box["width"] / 2), round(box["y"] + box["height"] / 2)
    places = []
    for dx, dy in offsets:
        one.page.mouse.click(x + dx, y + dy)
        one.page.wait_for_timeout(320)  # two clicks in one moment would be a double click
        places.append(
            tuple(
                one.page.evaluate(
                    """([clientX, clientY]) => {
                         const place = window.__gz.map.mouseEventToLatLng({ clientX, clientY });
                         return [place.lng, place.lat];
                       }""",
                    [x + dx, y + dy],
                )
            )
        )
    return places


def figure(text: str) -> float:
    """The first number of a result in metres or square metres."""
    number, unit = re.search(r"([\d.]+) (km²|m²|km|m)", text).groups()
    return float(number) * {"km²": 1e6, "m²": 1, "km": 1000, "m": 1}[unit]


# --- measuring


def test_a_length_is_that_of_the_ellipsoid(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, AT)
    measure = open_tool(one, "measure")
    expect(measure).to_contain_text("WGS 84 椭球，Karney（2013）")
    runs, frames = one.runs, one.frames
    places = click_around(one, CORNERS)
    result = measure.locator(".gz-result")
    expect(result).to_contain_text("总长")
    length, last = (find_length_m(shapely.LineString(p)) for p in (places, places[-2:]))
    assert figure(result.locator("b").text_content()) == pytest.approx(length, rel=2e-4)
    assert figure(result.locator("p").text_content()) == pytest.approx(last, rel=2e-4)
    assert (one.runs, one.frames) == (runs, frames), "a click while measuring asks nothing"
    measure.get_by_role("button", name="退一点").click()
    shorter = find_length_m(shapely.LineString(places[:-1]))
    assert figure(result.locator("b").text_content()) == pytest.approx(shorter, rel=2e-4)


def test_an_area_is_that_of_the_ellipsoid_also_in_mu(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, AT)
    measure = open_tool(one, "measure")
    measure.get_by_role("button", name="面积").click()
    places = click_around(one, CORNERS)
    area = find_area_m2(shapely.Polygon(places))
    result = measure.locator(".gz-result")
    assert figure(result.locator("b").text_content()) == pytest.approx(area, rel=5e-4)
    hectares, mu = re.search(r"合 ([\d.]+) 公顷、([\d.]+) 亩", result.text_content()).groups()
    assert float(hectares) == pytest.approx(area / 1e4, rel=1e-3)
    assert float(mu) == pytest.approx(area * 3 / 2000, rel=1e-3)
    perimeter = find_length_m(shapely.Polygon(places))
    assert figure(result.locator("p", has_text="周长").text_content()) == pytest.approx(perimeter, rel=2e-4)
    expect(result).not_to_contain_text("自相交")
    measure.get_by_role("button", name="距离").click()
    expect(result).to_contain_text("总长")


def test_an_area_that_crosses_itself_is_not_to_be_trusted(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, AT)
    measure = open_tool(one, "measure")
    measure.get_by_role("button", name="面积").click()
    click_around(one, (CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3]))
    expect(measure.locator(".gz-result")).to_contain_text("边线自相交，面积不可靠")


def test_a_double_click_ends_and_the_map_answers_again(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, AT)
    measure = open_tool(one, "measure")
    zoom = one.view()[0]
    click_around(one, CORNERS[:2])
    box = one.page.locator(".gz-map").bounding_box()
    one.page.mouse.dblclick(box["x"] + box["width"] / 2 - 60, box["y"] + box["height"] / 2 + 100)
    one.page.wait_for_timeout(300)
    assert one.view()[0] == zoom, "the second click does not zoom"
    expect(measure.get_by_role("button", name="完成")).to_be_disabled()
    result = measure.locator(".gz-result b").text_content()
    one.click_at(EMPTY[0] - 0.01, EMPTY[1] - 0.01)
    expect(one.page.locator(".gz-list h2")).to_have_text("此处没有已落图的纲要地点")
    expect(measure.locator(".gz-result b")).to_have_text(result)
    measure.get_by_role("button", name="清除").click()
    expect(measure.locator(".gz-result b")).to_have_count(0)
    tool(one, "measure").click()
    assert one.page.locator(".leaflet-overlay-pane svg path").count() == 0, "nothing is left on the map"
    one.page.wait_for_function("() => window.__gz.map.doubleClickZoom.enabled() && !window.__gz.state.measuring")


def test_measuring_works_by_keyboard(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, AT)
    measure = open_tool(one, "measure")
    one.page.locator(".gz-map").focus()
    places = []
    for key in ("ArrowLeft", "ArrowUp", "ArrowRight"):
        one.page.keyboard.press("Space")
        places.append(one.view()[:0:-1])
        one.page.keyboard.press(key)
        one.be_still()
    result = measure.locator(".gz-result b")
    assert figure(result.text_content()) == pytest.approx(find_length_m(shapely.LineString(places)), rel=2e-4)
    one.page.keyboard.press("Backspace")
    assert figure(result.text_content()) == pytest.approx(find_length_m(shapely.LineString(places[:2])), rel=2e-4)
    one.page.keyboard.press("Enter")
    expect(measure.get_by_role("button", name="完成")).to_be_disabled()
    one.page.keyboard.press("Escape")
    expect(result).to_have_count(0)


def test_measuring_works_with_a_finger(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, AT, **PHONE)
    expect(tool(one, "measure")).to_be_visible()
    tool(one, "measure").tap()
    add = one.page.get_by_role("button", name="在地图中心定点")
    add.tap()
    one.page.evaluate("() => { window.__gz.map.panBy([100, 0], { animate: false }); }")
    add.tap()
    expect(one.page.locator(".gz-result b")).to_have_text(re.compile(r"总长 [\d.]+ km"))
    one.page.get_by_role("button", name="完成").tap()


def test_a_press_of_the_map_is_for_measuring_or_for_drawing(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, AT)
    measure = open_tool(one, "measure")
    click_around(one, CORNERS[:2])
    result = measure.locator(".gz-result b").text_content()
    one.page.locator(".gz-tool-polygon").click()
    expect(one.page.locator(".gz-root")).to_have_class(re.compile("gz-drawing"))
    expect(measure.get_by_role("button", name="完成")).to_be_disabled()
    click_around(one, CORNERS[2:])
    expect(measure.locator(".gz-result b")).to_have_text(result)
    measure.get_by_role("button", name="在地图中心定点").click()
    expect(one.page.locator(".gz-root")).not_to_have_class(re.compile("gz-drawing"))
    expect(measure.locator(".gz-result b")).not_to_have_text(result)


# --- coordinates


def readings(coords: Locator) -> dict[str, list[str]]:
    """The lines below each heading."""
    return coords.locator(".gz-readings").evaluate(
        """(list) => {
             const found = {};
             let head;
             for (const e of list.children) {
               if (e.tagName === "DT") found[(head = e.textContent)] = [];
               else found[head].push(e.querySelector("span")?.textContent ?? e.textContent);
             }
             return found;
           }"""
    )


def test_a_click_is_told_in_every_system(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, AT)
    coords = open_tool(one, "coords")
    expect(coords.locator("h3")).to_have_text("地图中心")
    expect(coords.locator("dt")).to_have_count(5)
    one.click_at(*EMPTY)
    expect(coords.locator("h3")).to_have_text("图上点击处")
    expect(coords.locator("dd").first).to_contain_text("东经 113.67")
    told = readings(coords)
    lon, lat = (float(n) for n in re.findall(r"[\d.]+", told["WGS 84 经纬度（EPSG:4326）"][0]))
    assert (lon, lat) == pytest.approx(EMPTY, abs=2e-4)
    east, north = convert_point(lon, lat, "EPSG:4547")
    plane = told["CGCS2000 3 度带 中央经线 114°E（EPSG:4547）"]
    assert plane[0] == f"X（北）{north:.0f}，Y（东）{east:.0f}"
    assert "X 指北、Y 指东" in plane[1]
    assert told["CGCS2000 3 度带 带号 38（EPSG:4526）"][0] == f"X（北）{north:.0f}，Y（东）38{east:.0f}"
    assert told["CGCS2000 经纬度（EPSG:4490）"][:2] == told["WGS 84 经纬度（EPSG:4326）"][:2]
    assert "GCJ-02（仅供与互联网地图对照）" in told
    expect(coords).to_contain_text("取整到约 10 米")
    expect(one.page.locator(".gz-spot")).to_be_visible()
    runs, frames = one.runs, one.frames
    one.page.get_by_role("button", name="取地图中心").click()
    expect(coords.locator("h3")).to_have_text("地图中心")
    assert (one.runs, one.frames) == (runs, frames)
    tool(one, "coords").click()
    expect(one.page.locator(".gz-spot")).to_have_count(0)


@pytest.mark.parametrize("is_secure", [True, False])
def test_each_line_is_copied_in_a_form_that_can_be_pasted_back(
    shipped: Server, visit: Visiting, is_secure: bool
) -> None:
    one = visit(shipped, None, permissions=["clipboard-read", "clipboard-write"])
    if not is_secure:  # as over HTTP in an intranet
        one.page.add_init_script("Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })")
    one.open(AT)
    coords = open_tool(one, "coords")
    expect(coords.locator("dt")).to_have_count(5)
    lines = coords.locator(".gz-copy")
    expect(lines).to_have_count(7)
    for number in range(6):  # the seventh is of GCJ-02
        lines.nth(number).click()
        expect(lines.nth(number)).to_have_text("已复制")
        field = coords.get_by_role("textbox", name="输入或粘贴坐标")
        field.fill("")
        field.press("Control+v")
        assert field.input_value(), number
        field.press("Enter")
        expect(coords.locator("h3")).to_have_text("所输坐标")
        lon, lat = one.page.evaluate("() => { const c = window.__gz.map.getCenter(); return [c.lng, c.lat]; }")
        assert (lon, lat) == pytest.approx(EMPTY, abs=3e-4), number  # two pixels: the map's centre is one
        coords.get_by_role("button", name="取地图中心").click()
        expect(coords.locator("h3")).to_have_text("地图中心")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("113.5, 23.25", "按东坐标（经度）在前读取"),
        ("23.25 113.5", "北坐标（纬度）在前"),
        ("23°15′00″N 113°30′00″E", "按经纬度"),
        ("X={north:.2f} Y={east:.2f}", "EPSG:4547"),
        ("38{east:.2f}, {north:.2f}", "EPSG:4526"),
    ],
)
def test_the_map_goes_to_what_is_typed_and_says_how_it_was_read(
    shipped: Server, visit: Visiting, typed: str, told: str
) -> None:
    east, north = convert_point(113.5, 23.25, "EPSG:4547")
    one = visit(shipped)
    coords = open_tool(one, "coords")
    runs, frames = one.runs, one.frames
    field = coords.get_by_role("textbox", name="输入或粘贴坐标")
    expect(field).to_be_focused()
    field.fill(typed.format(east=east, north=north))
    field.press("Enter")
    expect(coords.locator("h3")).to_have_text("所输坐标")
    expect(coords.locator(".gz-notes")).to_contain_text(told)
    zoom, lat, lon = one.view()
    assert (zoom, lat, lon) == (14, pytest.approx(23.25, abs=1e-4), pytest.approx(113.5, abs=1e-4))
    mark = one.page.locator(".gz-spot").bounding_box()
    box = one.page.locator(".gz-map").bounding_box()
    assert mark["x"] + mark["width"] / 2 == pytest.approx(box["x"] + box["width"] / 2, abs=2)
    assert (one.runs, one.frames) == (runs, frames)


def test_a_point_of_a_web_map_is_taken_back_when_asked(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    coords = open_tool(one, "coords")
    coords.get_by_role("combobox", name="坐标系").select_option("GCJ-02")
    field = coords.get_by_role("textbox", name="输入或粘贴坐标")
    field.fill("113.26970, 23.12642")
    field.press("Enter")
    expect(coords.locator(".gz-notes")).to_contain_text("非官方公开公式")
    assert one.view()[1:] == pytest.approx((23.1291, 113.2644), abs=1e-4)


@pytest.mark.parametrize(("typed", "told"), [("2.35, 48.86", "不在广州及周边"), ("不知道", "读不出坐标")])
def test_what_is_no_place_here_is_refused_with_a_remedy(
    shipped: Server, visit: Visiting, typed: str, told: str
) -> None:
    one = visit(shipped)
    one.expected.append("400")
    view = one.view()
    coords = open_tool(one, "coords")
    expect(coords.locator("dt")).to_have_count(5)
    field = coords.get_by_role("textbox", name="输入或粘贴坐标")
    field.fill(typed)
    field.press("Enter")
    expect(coords.locator("[role=alert]")).to_contain_text(told)
    assert one.view() == pytest.approx(view)
    field.fill("113.5, 23.25")
    field.press("Enter")
    expect(coords.locator("[role=alert]")).to_be_hidden()


def test_outside_the_zone_a_system_says_that_it_does_not_reach(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?view=9/23.1/111.5")
    coords = open_tool(one, "coords")
    expect(coords.locator("dd", has_text="不在此坐标系的适用范围内")).to_have_count(2)
