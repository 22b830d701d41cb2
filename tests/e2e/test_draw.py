"""An area drawn on the map, by mouse, finger and keyboard: measured, kept, sent in the address, taken away."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import expect

from gzmap.atlas import Atlas
from gzmap.ui.areas import parse_area, read_drawing
from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_download import choose, read, take
from tests.e2e.test_phone import PHONE, require_no_sideways_scroll
from tests.e2e.visit import Visit

START = "/?view=11/23.15/113.35&layers=districts"
SQUARE = [(113.3, 23.1), (113.4, 23.1), (113.4, 23.2), (113.3, 23.2)]
BOW = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]
PIXEL_DEG = 0.0008
"""At the zoom of `START`, and a little more."""

LIBRARY = "/assets/terra-draw/terra-draw.umd.js"


def pick(one: Visit, shape: str) -> None:
    """Choose a tool and wait until it can be used."""
    one.page.locator(f".gz-tool-{shape}").click()
    one.page.wait_for_function("() => window.__gz.state.drawing?.end")


def click(one: Visit, *places: tuple[float, float]) -> None:
    for place in places:
        one.page.mouse.move(*one.pixel(*place))
        one.page.mouse.down()
        one.page.mouse.up()


def tap(one: Visit, *places: tuple[float, float]) -> None:
    for place in places:
        one.page.touchscreen.tap(*one.pixel(*place))
        one.page.wait_for_timeout(320)  # two taps in a shorter time are one double tap


def drawn(one: Visit) -> shapely.Polygon:
    return parse_area(one.query()["area"])


def count_outlines(one: Visit) -> int:
    return one.page.locator(".gz-area-pane path").count()


def require_about(area: shapely.Polygon, expected: shapely.Polygon, *, pixels: int = 1) -> None:
    assert area.hausdorff_distance(expected) < pixels * PIXEL_DEG
    assert shapely.get_num_coordinates(area) == shapely.get_num_coordinates(expected)


# --- the mouse


def test_a_polygon_costs_one_run_and_its_clicks_ask_nothing(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, START)
    one.mark_map()
    assert LIBRARY not in one.asked, "who does not draw waits for no library"
    before = (one.runs, one.reruns_asked, one.frames)
    pick(one, "polygon")
    assert LIBRARY in one.asked
    expect(one.page.locator(".gz-tool-polygon")).to_have_attribute("aria-pressed", "true")
    expect(one.page.locator(".gz-hint")).to_contain_text("点回起点")
    click(one, *SQUARE)
    one.page.mouse.move(*one.pixel(113.35, 23.15))
    one.rest()
    assert (one.runs, one.reruns_asked, one.frames) == before, "drawing asks nothing of the server"
    expect(one.page.locator(".gz-tip")).to_have_count(0)
    click(one, SQUARE[0])
    one.rest()
    assert (one.runs, one.reruns_asked) == (before[0] + 1, before[1] + 1)
    require_about(drawn(one), shapely.Polygon(SQUARE))
    panel = one.page.locator(".gz-area")
    expect(panel.locator("h2")).to_have_text("所画范围")
    expect(panel).to_contain_text("km²（椭球面积）")
    assert count_outlines(one) == 2  # the line and what sets it off
    assert one.is_same_map()
    expect(one.page.locator(".gz-hint-box")).to_be_hidden()


def test_a_click_after_drawing_asks_again_and_the_area_stays(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, START)
    pick(one, "polygon")
    click(one, *SQUARE, SQUARE[0])
    one.rest()
    one.click_at(113.36, 23.17)
    expect(one.page.locator(".gz-list h2")).not_to_have_text("所画范围")
    assert count_outlines(one) == 2
    one.page.locator(".gz-tool-shown").click()
    one.rest()
    expect(one.page.locator(".gz-area h2")).to_have_text("所画范围")


@pytest.mark.parametrize("way", ["click", "drag"])
def test_a_rectangle_and_a_circle_by_click_and_by_drag(shipped: Server, visit: Visiting, way: str) -> None:
    one = visit(shipped, START)
    view = one.view()

    def stretch(begin: tuple[float, float], end: tuple[float, float]) -> None:
        if way == "click":
            click(one, begin, end)
        else:
            one.page.mouse.move(*one.pixel(*begin))
            one.page.mouse.down()
            one.page.mouse.move(*one.pixel(113.36, 23.16), steps=4)
            one.page.mouse.move(*one.pixel(*end), steps=4)
            one.page.mouse.up()
        one.rest()

    pick(one, "rectangle")
    stretch(SQUARE[0], SQUARE[2])
    assert drawn(one).hausdorff_distance(shapely.box(*SQUARE[0], *SQUARE[2])) < 2 * PIXEL_DEG
    assert drawn(one).equals(drawn(one).envelope)
    pick(one, "circle")
    stretch((113.35, 23.15), (113.4, 23.15))
    expected, _ = read_drawing({"shape": "circle", "points": [(113.35, 23.15), (113.4, 23.15)]})
    assert shapely.get_num_coordinates(drawn(one)) == 65
    assert drawn(one).symmetric_difference(expected).area < 0.05 * expected.area
    assert one.view() == view
    assert count_outlines(one) == 2


@pytest.mark.parametrize(("shape", "points"), [("polygon", 4), ("rectangle", 4), ("circle", 64)])
def test_a_hand_that_trembles_clicks_all_the_same(shipped: Server, visit: Visiting, shape: str, points: int) -> None:
    one = visit(shipped, START)
    pick(one, shape)
    for place in (*SQUARE, SQUARE[0]) if shape == "polygon" else (SQUARE[0], SQUARE[2]):
        x, y = one.pixel(*place)
        one.page.mouse.move(x, y)
        one.page.mouse.down()
        one.page.mouse.move(x + 2, y)
        one.page.mouse.move(x, y)
        one.page.mouse.up()
    one.rest()
    assert shapely.get_num_coordinates(drawn(one)) == points + 1
    if shape != "circle":
        require_about(drawn(one), shapely.Polygon(SQUARE), pixels=2)


def test_a_second_press_of_the_tool_and_escape_end_a_drawing_and_keep_the_area(
    shipped: Server, visit: Visiting
) -> None:
    one = visit(shipped, START)
    pick(one, "rectangle")
    click(one, SQUARE[0], SQUARE[2])
    one.rest()
    before, runs = one.query()["area"], one.runs
    for end in (
        lambda: one.page.locator(".gz-tool-polygon").click(),
        lambda: one.page.keyboard.press("Escape"),
        lambda: one.page.locator(".gz-hint-cancel").click(),
    ):
        pick(one, "polygon")
        click(one, *BOW)
        end()
        expect(one.page.locator(".gz-hint-box")).to_be_hidden()
        assert one.page.locator(".leaflet-10-pane path").count() == 0
    assert one.page.locator(".leaflet-10-pane").count() == 1, "nothing piles up"
    one.rest()
    assert (one.query()["area"], one.runs) == (before, runs)
    pick(one, "polygon")
    pick(one, "circle")  # another tool takes over
    expect(one.page.locator(".gz-tool-polygon")).to_have_attribute("aria-pressed", "false")
    expect(one.page.locator(".gz-hint")).to_contain_text("圆心")


def test_points_are_taken_back(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, START)
    pick(one, "polygon")
    finish, undo = one.page.locator(".gz-hint-finish"), one.page.locator(".gz-hint-undo")
    expect(undo).to_be_disabled()
    click(one, *SQUARE[:3], (113.45, 23.3))
    expect(finish).to_be_enabled()
    undo.click()
    one.page.keyboard.press("Backspace")
    expect(finish).to_be_disabled()
    click(one, *SQUARE[2:])
    finish.click()
    one.rest()
    require_about(drawn(one), shapely.Polygon(SQUARE))


def test_an_outline_that_crosses_itself_is_refused_and_stays_to_be_drawn_again(
    shipped: Server, visit: Visiting
) -> None:
    one = visit(shipped, START)
    pick(one, "polygon")
    click(one, *BOW)
    one.page.locator(".gz-hint-finish").click()
    one.rest()
    alert = one.page.locator(".gz-area [role=alert]")
    expect(alert).to_contain_text("自相交")
    assert count_outlines(one) == 2
    assert "area" not in one.query()
    one.turn_to("English")
    expect(alert).to_contain_text("crosses itself")
    assert count_outlines(one) == 2
    pick(one, "polygon")
    click(one, *SQUARE, SQUARE[0])
    one.rest()
    expect(alert).to_have_count(0)
    require_about(drawn(one), shapely.Polygon(SQUARE))
    assert count_outlines(one) == 2


@pytest.mark.parametrize("button", [".gz-tool-clear", ".gz-doing button"])
def test_the_area_is_cleared_by_one_press_and_one_run(shipped: Server, visit: Visiting, button: str) -> None:
    one = visit(shipped, f"{START}&area=BF02_sE08wzVAyyTwvTu8DA_uX")
    assert count_outlines(one) == 2
    runs = one.runs
    one.page.locator(button).click()
    one.rest()
    assert one.runs == runs + 1
    assert count_outlines(one) == 0
    assert "area" not in one.query()
    expect(one.page.locator(".gz-tool-clear")).to_be_hidden()
    expect(one.page.locator(".gz-area")).to_have_count(0)


# --- the address


def test_the_area_survives_pages_reload_history_and_another_reader(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, START)
    one.mark_map()
    pick(one, "rectangle")
    click(one, SQUARE[0], SQUARE[2])
    one.rest()
    first = one.query()["area"]
    for title in ("原文", "下载", "地图"):
        one.turn_to(title)
        assert one.query()["area"] == first
    assert one.is_same_map()
    assert count_outlines(one) == 2
    one.reload()
    assert count_outlines(one) == 2
    expect(one.page.locator(".gz-area h2")).to_have_text("所画范围")
    pick(one, "circle")
    click(one, SQUARE[0], (113.35, 23.1))
    one.rest()
    second = one.query()["area"]
    assert second != first
    one.page.go_back()
    one.rest()
    assert one.query()["area"] == first
    assert one.page.evaluate("() => window.__gz.state.shownArea") == first
    one.page.go_forward()
    one.rest()
    assert one.page.evaluate("() => window.__gz.state.shownArea") == second
    assert len(one.page.url) < 2_000
    other = visit(shipped, one.page.url.removeprefix(shipped.base))
    assert other.page.evaluate("() => window.__gz.state.shownArea") == second


def test_an_address_with_nothing_but_an_area_shows_all_of_it(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?area=BF02_sE08wzVAyyTwvTu8DA_uX")
    west, south, east, north = parse_area(one.query()["area"]).bounds
    x0, y0 = one.pixel(west, north)
    x1, y1 = one.pixel(east, south)
    box = one.page.locator(".gz-map").bounding_box()
    assert box["x"] < x0 < x1 < box["x"] + box["width"]
    assert box["y"] < y0 < y1 < box["y"] + box["height"]
    assert max((x1 - x0) / box["width"], (y1 - y0) / box["height"]) > 0.4


def test_a_broken_area_is_named_and_the_map_stays(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, f"{START}&area=BF<b>")
    expect(one.page.locator("[data-testid=stAlert]")).to_contain_text("area=")
    assert count_outlines(one) == 0
    assert one.page.locator(".gz-map").is_visible()


def test_tools_that_cannot_be_loaded_are_named_and_clicks_ask_again(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, START)
    one.expected += ["ERR_FAILED", LIBRARY]
    one.page.route(f"**{LIBRARY}", lambda route: route.abort())
    one.page.locator(".gz-tool-polygon").click()
    message = one.page.locator(".gz-message")
    expect(message).to_contain_text(LIBRARY)
    one.page.unroute(f"**{LIBRARY}")
    pick(one, "polygon")
    expect(message).to_be_hidden()
    one.page.keyboard.press("Escape")
    one.click_at(113.36, 23.17)
    expect(one.page.locator(".gz-list h2")).to_be_visible()


# --- fingers and keys


def test_a_telephone_draws_by_taps_and_its_buttons_fit_the_hand(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?view=10/23.15/113.35&layers=districts", **PHONE)
    require_no_sideways_scroll(one)
    one.page.locator(".gz-tool-polygon").tap()
    one.page.wait_for_function("() => window.__gz.state.drawing?.end")
    runs = one.runs
    tap(one, *SQUARE)
    one.rest()
    assert one.runs == runs
    for button in one.page.locator(".gz-tools button:visible").all():
        box = button.bounding_box()
        assert box["height"] >= 44
        assert box["width"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    require_no_sideways_scroll(one)
    one.page.locator(".gz-hint-finish").tap()
    one.rest()
    assert one.runs == runs + 1
    assert drawn(one).hausdorff_distance(shapely.Polygon(SQUARE)) < 3 * PIXEL_DEG
    assert shapely.get_num_coordinates(drawn(one)) == 5
    expect(one.page.locator(".gz-area h2")).to_be_in_viewport()
    one.page.locator(".gz-tool-circle").tap()
    one.page.wait_for_function("() => window.__gz.state.drawing?.end")
    tap(one, (113.35, 23.15), (113.4, 23.15))
    one.rest()
    assert shapely.get_num_coordinates(drawn(one)) == 65
    for button in one.page.locator(".gz-tools button:visible, .gz-doing > *").all():
        box = button.bounding_box()
        assert min(box["height"], box["width"]) >= 44
    require_no_sideways_scroll(one)


def test_a_finger_that_drags_moves_the_map_and_draws_nothing(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?view=10/23.15/113.35&layers=districts", **PHONE)
    one.page.locator(".gz-tool-rectangle").tap()
    one.page.wait_for_function("() => window.__gz.state.drawing?.end")
    before = one.view()
    wire = one.page.context.new_cdp_session(one.page)
    x, y = one.pixel(113.35, 23.15)
    wire.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 6):
        wire.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x + 12 * step, "y": y}]})
    wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    one.be_still()
    assert one.view() != before
    assert one.page.locator(".leaflet-10-pane path").count() == 0
    # A tap whose finger rolls a little is a tap.
    for lon, lat in (SQUARE[0], SQUARE[2]):
        x, y = one.pixel(lon, lat)
        wire.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        wire.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x + 5, "y": y + 5}]})
        wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        one.page.wait_for_timeout(320)
    one.rest()
    assert drawn(one).hausdorff_distance(shapely.box(*SQUARE[0], *SQUARE[2])) < 20 * PIXEL_DEG
    one.page.locator(".gz-tool-clear").tap()
    one.rest()
    one.page.locator(".gz-tool-rectangle").tap()
    one.page.wait_for_function("() => window.__gz.state.drawing?.end")
    x, y = one.pixel(113.35, 23.15)
    # Two fingers zoom: neither is a press.
    two = [{"x": x - 20, "y": y, "id": 1}, {"x": x + 20, "y": y, "id": 2}]
    wire.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": two[:1]})
    wire.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": two})
    apart = [two[0], {**two[1], "x": x + 90}]
    wire.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": apart})
    wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    one.be_still()
    one.rest()
    assert one.page.locator(".leaflet-10-pane path").count() == 0
    assert "area" not in one.query()


def test_an_area_is_drawn_measured_and_cleared_by_keyboard(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, START)
    press = one.page.keyboard.press
    one.page.locator(".gz-tool-polygon").focus()
    press("Enter")
    one.page.wait_for_function("() => window.__gz.state.drawing?.end")
    expect(one.page.locator(".gz-cross")).to_be_visible()
    expect(one.page.locator(".gz-hint-keys")).to_be_visible()
    runs = one.runs
    for keys in ("Space", "Shift+ArrowRight", "Space", "Shift+ArrowDown", "Space", "ArrowLeft", "Space", "Backspace"):
        press(keys)
    one.rest()
    assert one.runs == runs
    press("Enter")
    one.rest()
    assert one.runs == runs + 1
    assert shapely.get_num_coordinates(drawn(one)) == 4
    expect(one.page.locator(".gz-area h2")).to_be_visible()
    expect(one.page.locator(".gz-tool-polygon")).to_be_focused()
    one.page.locator(".gz-tool-circle").focus()
    press("Space")
    one.page.wait_for_function("() => window.__gz.state.drawing?.end")
    press("Space")
    press("Shift+ArrowRight")
    press("Space")
    one.rest()
    assert shapely.get_num_coordinates(drawn(one)) == 65
    one.page.locator(".gz-tool-clear").focus()
    press("Enter")
    one.rest()
    assert "area" not in one.query()
    expect(one.page.locator(".gz-tool-polygon")).to_be_focused()


# --- taken away


def test_the_drawn_area_is_taken_away_cut(
    shipped: Server, visit: Visiting, atlas: Atlas, ogrinfo: str, tmp_path: Path
) -> None:
    one = visit(shipped, START)
    pick(one, "circle")
    click(one, (113.35, 23.12), (113.4, 23.12))
    one.rest()
    area = drawn(one)
    one.page.locator(".gz-area .gz-doing a", has_text="下载").click()
    one.rest()
    expect(one.page.locator(".st-key-gz_where").get_by_role("radio", name="所画范围")).to_be_checked()
    choose(one, "gz_clip", "按边界裁剪")
    choose(one, "gz_format", "GeoPackage 1.3")
    saved = take(one, tmp_path)
    assert "_area_" in saved.name
    import geopandas
    import pyogrio

    layers = {name for name, _ in pyogrio.list_layers(saved) if name in atlas.layers}
    assert "waterways" in layers
    for name in layers:
        shapes = geopandas.read_file(saved, layer=name).geometry.dropna()
        assert shapes.within(area.buffer(1e-6)).all()
    assert "= 从化北部\n" not in read(ogrinfo, str(saved))


def test_the_choices_of_the_download_page_outlive_another_language(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/download?area=BF02_sE08wzVAyyTwvTu8DA_uX")
    choose(one, "gz_clip", "按边界裁剪")
    choose(one, "gz_kind", "数据包")
    one.page.locator(".st-key-gz_names").get_by_text("拼音").click()
    one.rest()
    one.turn_to("English")
    for key, name in (("where", "The drawn area"), ("clip", "Cut at the edge"), ("kind", "Packet")):
        expect(one.page.locator(f".st-key-gz_{key}").get_by_role("radio", name=name)).to_be_checked()
    choose(one, "gz_encoding", "GBK")
    for key, name in (("where", "The drawn area"), ("clip", "Cut at the edge"), ("kind", "Packet")):
        expect(one.page.locator(f".st-key-gz_{key}").get_by_role("radio", name=name)).to_be_checked()
    expect(one.page.locator(".st-key-gz_names").get_by_role("radio").nth(1)).to_be_checked()


def test_a_packet_that_is_being_made_can_be_cancelled_and_made_anew(
    shipped: Server, visit: Visiting, tmp_path: Path
) -> None:
    one = visit(shipped, "/download?area=BF02_sE08wzVAyyTwvTu8DA_uX")
    choose(one, "gz_kind", "数据包")
    one.page.locator(".st-key-gz_make button").click()
    cancel = one.page.locator(".st-key-gz_cancel button")
    expect(cancel).to_be_visible()
    expect(one.page.locator(".st-key-gz_make")).to_be_hidden()
    cancel.click()
    expect(one.page.locator(".st-key-gz_make button")).to_be_visible()
    one.rest()
    expect(one.page.locator(".st-key-gz_save")).to_have_count(0)
    saved = take(one, tmp_path)
    with zipfile.ZipFile(saved) as archive:
        assert archive.testzip() is None
