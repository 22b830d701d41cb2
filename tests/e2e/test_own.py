"""Layers of one's own in the browser: drawn, clicked, asked about, kept in mind, and in no address."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import Locator, expect

from gzmap.ui.areas import dump_area
from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_axe import find_faults
from tests.e2e.test_phone import PHONE, require_no_sideways_scroll
from tests.e2e.visit import Visit

SITE, OTHER = shapely.box(113.46, 23.14, 113.52, 23.2), shapely.box(113.51, 23.17, 113.56, 23.23)
BOTH, ALONE = (113.515, 23.185), (113.545, 23.22)
ROAD = shapely.LineString([(113.40, 23.30), (113.46, 23.26)])
STOP = shapely.Point(113.40, 23.16)
OWN, ROADS, STOPS = "own.hongxian", "own.daolu", "own.zhandian"
HERE = "/?view=12/23.2/113.48"
PLOTS = 2000


def write(folder: Path, name: str, shapes: dict[str, shapely.Geometry]) -> None:
    features = [
        {"type": "Feature", "properties": {"name": key, "用地": "R2"}, "geometry": json.loads(shapely.to_geojson(one))}
        for key, one in shapes.items()
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    (folder / name).write_text(content, "utf-8")


@pytest.fixture
def owned(copied: Server) -> Iterator[Server]:
    """The copy with own layers of three kinds and a broken one; all are gone afterwards."""
    folder = copied.root / "local"
    folder.mkdir()
    write(folder, "红线.geojson", {"某地块": SITE, "另一地块": OTHER})
    write(folder, "道路.geojson", {"规划一路": ROAD})
    write(folder, "站点.geojson", {"站点甲": STOP})
    (folder / "坏.geojson").write_text('{"type": "Fea', "utf-8")
    yield copied
    shutil.rmtree(folder)


def visit_own(visit: Visiting, server: Server, path: str = HERE, *, layer: str = OWN, **options: object) -> Visit:
    """Open a page and wait until an own layer is drawn."""
    one = visit(server, path, **options)
    one.page.wait_for_function("(id) => performance.getEntriesByName(`gz-drawn-${id}`).length", arg=layer)
    return one.rest()


def open_tool(one: Visit, name: str) -> Locator:
    one.page.locator(f"[data-tool={name}]").click()
    return one.page.locator(f".gz-flyout-body.gz-{name}")


def wait_for_name(one: Visit, layer_id: str, name: str) -> None:
    one.page.wait_for_function(
        """([id, name]) => [...(window.__gz.state.layers[id]?.byId.values() ?? [])]
             .some((l) => l.feature.properties.name === name)""",
        arg=[layer_id, name],
    )


def count_own(one: Visit, layer_id: str = OWN) -> int:
    """Pixels of the picture of own layers in a layer's colour, at least half opaque."""
    return one.page.evaluate(
        """(id) => {
             const canvas = window.__gz.map.getContainer().querySelector(".gz-own-pane canvas");
             if (!canvas) return 0;
             const hex = window.__gz.state.data.layers.find((l) => l.id === id).spec.style.color;
             const wanted = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
             const d = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
             let found = 0;
             for (let i = 0; i < d.length; i += 4)
               found += d[i + 3] > 127 && wanted.every((value, k) => Math.abs(value - d[i + k]) < 12);
             return found;
           }""",
        layer_id,
    )


def find_halo(one: Visit) -> list[float]:
    """West, south, east, north of the outline around what is chosen, once it is there."""
    found = one.page.wait_for_function(
        """() => {
             const halos = Object.values(window.__gz.map._layers)
               .filter((l) => l.getBounds && l.options.color === "#222222" && l.options.fill === false);
             return halos.length ? halos[0].getBounds().toBBoxString().split(",").map(Number) : null;
           }"""
    )
    return found.json_value()


def find_tip(one: Visit, place: tuple[float, float], name: str) -> str:
    """What is told of a place under the pointer; a busy browser may pass over a single move of it."""
    told = []
    for _ in range(5):
        tip = one.hover_at(*place)
        one.page.wait_for_timeout(300)
        told = tip.all_inner_texts()
        if any(name in text for text in told):
            break
    return "\n".join(told)


def wait_for_pixels(one: Visit, least: int, most: int, layer_id: str = OWN) -> None:
    found = -1
    for _ in range(50):
        found = count_own(one, layer_id)
        if least <= found <= most:
            return
        one.page.wait_for_timeout(100)
    pytest.fail(f"{found} pixels of {layer_id}, not {least} to {most}")


def test_own_layers_are_drawn_and_a_broken_file_is_named(visit: Visiting, owned: Server) -> None:
    one = visit_own(visit, owned)
    expect(one.page.get_by_text("本单位图层").first).to_be_visible()
    expect(one.page.locator(".gz-row-note").filter(has_text="坏.geojson")).to_be_visible()
    wait_for_name(one, OWN, "某地块")
    assert sorted(one.held(OWN).values()) == ["另一地块", "某地块"]
    assert list(one.held(ROADS).values()) == ["规划一路"]
    for layer_id, least in ((OWN, 500), (ROADS, 100), (STOPS, 20)):
        wait_for_pixels(one, least, 10**6, layer_id)
    assert "own" not in one.page.url


def test_the_picture_lies_where_the_features_are(visit: Visiting, owned: Server) -> None:
    one = visit_own(visit, owned)
    for _ in range(2):
        wait_for_name(one, OWN, "某地块")
        one.page.wait_for_timeout(300)
        one.be_still()
        at = one.pixel(SITE.bounds[0], SITE.centroid.y)
        alpha = """([x, y]) => {
            const canvas = window.__gz.map.getContainer().querySelector(".gz-own-pane canvas");
            const box = canvas.getBoundingClientRect();
            const [px, py] = [(x - box.x) * canvas.width / box.width, (y - box.y) * canvas.height / box.height];
            const d = canvas.getContext("2d").getImageData(px - 4, py, 9, 1).data;
            return [d[3], Math.max(...d.filter((_, i) => i % 4 === 3)), d[35]];
        }"""
        outside, edge, inside = one.page.evaluate(alpha, list(at))
        assert outside == 0
        assert edge > 150
        assert 30 < inside < 80
        one.page.locator(".leaflet-control-zoom-in").click()
        one.rest(600)


def test_pan_and_zoom_cause_no_run_and_names_follow(visit: Visiting, owned: Server) -> None:
    one = visit_own(visit, owned)
    names = one.page.locator(".gz-names")
    expect(names).to_contain_text("某地块")
    expect(names).to_contain_text("站点甲")
    before = one.runs
    one.drag(-600, 60)
    one.page.evaluate("() => { window.__gz.map.setView([23.185, 113.50], 13.5, { animate: false }); }")
    wait_for_name(one, OWN, "另一地块")
    expect(names).to_contain_text("另一地块")
    one.page.evaluate("() => { window.__gz.map.setView([22.8, 113.3], 12, { animate: false }); }")
    one.page.wait_for_function("(id) => !window.__gz.state.layers[id].byId.size", arg=OWN)
    expect(names).not_to_contain_text("地块")
    assert one.runs == before


def test_a_click_opens_the_card_and_several_are_offered(visit: Visiting, owned: Server) -> None:
    one = visit_own(visit, owned)
    for group in ("总体格局", "区域协同"):
        expect(one.page.locator(".gz-panel")).to_contain_text(group)
    one.page.get_by_role("button", name="全部隐藏").click()
    one.click_at(*ALONE)
    expect(one.card.locator("h2")).to_have_text("另一地块")
    expect(one.card).to_contain_text("红线.geojson")
    expect(one.card).to_contain_text("用地")
    expect(one.card).to_contain_text("km²")
    assert "own" not in one.page.url
    assert find_halo(one) == pytest.approx(OTHER.bounds, abs=1e-9), "the chosen one stands out"
    one.click_at(*BOTH)
    rows = one.page.locator(".gz-list li")
    expect(rows).to_have_count(2)
    rows.filter(has_text="某地块").locator("a").click()
    expect(one.card.locator("h2")).to_have_text("某地块")
    one.card.locator(".gz-back").click()
    expect(rows).to_have_count(2)
    assert "own" not in one.page.url


def test_the_pointer_is_told_what_is_under_it(visit: Visiting, owned: Server) -> None:
    one = visit_own(visit, owned)
    one.page.get_by_role("button", name="全部隐藏").click()
    for place, name in ((ALONE, "另一地块"), (STOP.coords[0], "站点甲"), (ROAD.centroid.coords[0], "规划一路")):
        assert find_tip(one, place, name) == name
    assert "另一地块" in find_tip(one, BOTH, "某地块")


def test_the_plan_is_asked_about_one_own_feature(visit: Visiting, owned: Server) -> None:
    one = visit_own(visit, owned)
    one.page.get_by_role("button", name="全部隐藏").click()
    one.click_at(*ALONE)
    one.card.get_by_role("link", name="纲要对它说了什么").click()
    answer = one.page.locator(".gz-answer")
    expect(answer).to_contain_text("另一地块（红线）")
    one.rest()
    assert "own" not in one.page.url
    assert "area" not in one.query()
    answer.get_by_role("link", name="某地块").click()
    one.rest()
    expect(one.card.locator("h2")).to_have_text("某地块")
    assert "own" not in one.page.url
    one.reload()
    expect(one.card).to_have_count(0)
    one.open(f"/query?of=drawn&area={dump_area(SITE)}")
    expect(answer).to_contain_text("本单位图层（2）")


def test_legend_and_list_tell_them(visit: Visiting, owned: Server) -> None:
    one = visit_own(visit, owned)
    legend = open_tool(one, "legend")
    for title, kind in (("红线", "面"), ("道路", "线"), ("站点", "点")):
        expect(legend.locator("li").filter(has_text=title).first).to_contain_text(kind)
    twin = open_tool(one, "twin")
    place = twin.locator(".gz-place").filter(has_text="另一地块")
    expect(place).to_be_visible()
    place.click()
    expect(one.card.locator("h2")).to_have_text("另一地块")
    expect(twin.locator(".gz-place[aria-current=true]")).to_contain_text("另一地块")


def test_of_many_only_the_nearest_are_listed(visit: Visiting, owned: Server) -> None:
    side = 50
    plots = {
        f"地块{n}": shapely.box(x, y, x + 0.002, y + 0.002)
        for n in range(PLOTS)
        for x, y in [(113.42 + 0.0025 * (n % side), 23.15 + 0.0025 * (n // side))]
    }
    write(owned.root / "local", "红线.geojson", plots)
    one = visit_own(visit, owned)
    wait_for_pixels(one, 5000, 10**7)
    twin = open_tool(one, "twin")
    expect(twin.locator(".gz-told").filter(has_text="最近的")).to_contain_text("只列最近的 20")
    assert 190 <= twin.locator(".gz-place").filter(has_text="地块").count() <= 200
    total = one.page.evaluate("(id) => window.__gz.state.layers[id].total", OWN)
    assert 1000 < total <= PLOTS


def test_what_is_switched_and_how_strong_is_kept_in_the_browser(visit: Visiting, owned: Server) -> None:
    one = visit_own(visit, owned)
    one.page.locator(f"[id='gz-{ROADS}']").uncheck()
    slider = one.page.locator(".gz-row", has=one.page.locator(f"[id='gz-{OWN}']")).locator("input[type=range]")
    slider.fill("0.3")
    wait_for_pixels(one, 0, 0)
    assert "own" not in one.page.url
    one.reload()
    expect(slider).to_have_value("0.3")
    expect(one.page.locator(f"[id='gz-{ROADS}']")).not_to_be_checked()
    assert not one.is_on_map(ROADS)
    one.page.get_by_role("button", name="默认").click()
    slider.fill("1")
    wait_for_pixels(one, 500, 10**6)
    one.reload()
    one.page.wait_for_function("(id) => window.__gz.map.hasLayer(window.__gz.state.layers[id])", arg=ROADS)
    assert one.page.evaluate("() => localStorage.getItem('gz-own')") == "{}"


def test_they_fade_when_a_passage_is_lit_up(visit: Visiting, owned: Server) -> None:
    one = visit_own(visit, owned, "/?lit=chp_4__sec_3__para_1&view=12/23.2/113.48")
    one.page.wait_for_timeout(300)
    assert count_own(one) == 0
    one.page.locator(".gz-lit").get_by_role("button", name="恢复全部").click()
    wait_for_pixels(one, 500, 10**6)


def test_a_file_that_changes_is_drawn_anew_without_a_reload(visit: Visiting, owned: Server) -> None:
    one = visit_own(visit, owned)
    file = owned.root / "local" / "红线.geojson"
    write(file.parent, file.name, {"改后的地块": SITE})
    one.page.evaluate("() => window.dispatchEvent(new Event('focus'))")  # back from the program that wrote it
    wait_for_name(one, OWN, "改后的地块")
    assert list(one.held(OWN).values()) == ["改后的地块"]
    file.unlink()
    one.turn_to("原文")
    one.turn_to("地图")
    one.page.wait_for_function("(id) => !window.__gz.state.layers[id]", arg=OWN)
    wait_for_pixels(one, 100, 10**6, ROADS)


def test_a_layer_that_does_not_come_is_named(visit: Visiting, owned: Server) -> None:
    one = visit(owned, None)
    one.expected.append("404")
    one.page.route("**/own/own.hongxian.geojson*", lambda route: route.fulfill(status=404, body="{}"))
    one.open(HERE)
    expect(one.page.locator(".gz-row-note").filter(has_text="404")).to_be_visible()
    one.page.wait_for_timeout(1000)
    assert one.asked.count(f"/own/{OWN}.geojson") <= 3, "it is not asked for again and again"
    wait_for_pixels(one, 100, 10**6, ROADS)


@pytest.mark.parametrize("options", [{"viewport": {"width": 1400, "height": 860}}, PHONE])
def test_the_card_is_read_by_everybody(visit: Visiting, owned: Server, options: dict) -> None:
    one = visit_own(visit, owned, **options)
    one.page.wait_for_function("() => window.__gz.state.maptools")
    one.page.mouse.click(*one.pixel(*ALONE)) if options is not PHONE else one.page.touchscreen.tap(*one.pixel(*ALONE))
    one.rest()
    expect(one.page.locator(".gz-card, .gz-list").first).to_be_visible()
    if not one.card.count():
        one.page.locator(".gz-list a", has_text="另一地块").click()
    expect(one.card.locator("h2")).to_have_text("另一地块")
    assert find_faults(one) == []
    if options is PHONE:
        require_no_sideways_scroll(one)


KINDS = {
    "point": shapely.Point(113.3, 23.1),
    "points": shapely.MultiPoint([(113.3, 23.1), (113.4, 23.2)]),
    "lines": shapely.MultiLineString([[(113.3, 23.1), (113.4, 23.2)], [(113.5, 23.1), (113.6, 23.2), (113.7, 23.1)]]),
    "hole": SITE.difference(SITE.centroid.buffer(0.01)),
    "parts": shapely.MultiPolygon([SITE, shapely.box(113.7, 23.1, 113.8, 23.2)]),
    "mixed": shapely.GeometryCollection([SITE, ROAD, STOP]),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_geometry_is_held_as_it_is(visit: Visiting, shipped: Server, name: str) -> None:
    one = visit(shipped, "/")
    feature = {"type": "Feature", "id": "own.a.1", "properties": {}, "geometry": shapely.geometry.mapping(KINDS[name])}
    shape, box, gone = one.page.evaluate(
        """async (feature) => {
             const { pack, shapeOf } = await import("/assets/ui/test/owndata.js");
             const layer = pack({ features: [feature] });
             return [shapeOf(layer, feature.id), [...layer.boxes], shapeOf(layer, "own.a.2")];
           }""",
        feature,
    )
    assert gone is None
    # All rings of areas come in one polygon, as they are filled: their own parts are told apart by even and odd.
    held = [shapely.get_coordinates(shapely.geometry.shape(part)) for part in shape["geometries"]]
    assert sum(map(len, held)) == shapely.get_num_coordinates(KINDS[name])
    found = shapely.MultiPoint([point for points in held for point in points])
    assert found.bounds == pytest.approx(KINDS[name].bounds, abs=1e-9)
    assert shapely.hausdorff_distance(found, shapely.MultiPoint(shapely.get_coordinates(KINDS[name]))) < 1e-9
    west, north, east, south = box
    assert (360 * (west - 0.5), 360 * (east - 0.5)) == pytest.approx(KINDS[name].bounds[::2])
    assert north <= south
