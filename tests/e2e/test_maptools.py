"""Choices of layers, their order, names, legend, scale bar and the whole screen; none of them asks the server."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from gzmap.atlas import Atlas
from tests.e2e.conftest import Server, Visiting
from tests.e2e.test_phone import PHONE, require_no_sideways_scroll
from tests.e2e.visit import Visit

OVERLAPS = """(all) => {
  const boxes = all.map((e) => e.getBoundingClientRect());
  const cut = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => cut(a, b)).map(() => all[i].textContent));
}"""
NAMES = ".gz-name"


def tool(one: Visit, name: str) -> Locator:
    return one.page.locator(f".gz-strip [data-tool={name}]")


def open_tool(one: Visit, name: str) -> Locator:
    """Open a tool and give its flyout."""
    tool(one, name).click()
    expect(tool(one, name)).to_have_attribute("aria-expanded", "true")
    body = one.page.locator(f".gz-flyout .gz-{name}")
    expect(body.locator(":scope > *").first).to_be_attached()
    return body


def speak_english(one: Visit) -> None:
    one.page.locator(".gz-header").get_by_role("link", name="English", exact=True).click()
    one.rest()


def drawn_plan(atlas: Atlas, group: str) -> set[str]:
    members = [e.layer_id for e in atlas.catalog.plan_entries if e.group == group]
    return {i for i in members if atlas.layers[i].geometry.notna().any()}


def shown_plan(one: Visit, atlas: Atlas) -> set[str]:
    return {e.layer_id for e in atlas.catalog.plan_entries if one.is_on_map(e.layer_id)}


# --- presets


def test_a_preset_shows_its_groups_and_no_others(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    runs, frames = one.runs, one.frames
    choice = one.page.get_by_role("combobox", name="预设")
    expect(choice).to_have_value("default")
    for preset in atlas.catalog.presets:
        choice.select_option(label=preset.titles["title"])
        one.settle()
        wanted = {i for group in preset.group_ids for i in drawn_plan(atlas, group)}
        assert shown_plan(one, atlas) - {i for i in shown_plan(one, atlas) if not drawn_plan_layer(atlas, i)} == wanted
        assert one.is_on_map("districts"), "the base map is no claim of the plan and stays"
        one.reload()
        expect(choice).to_have_value(f"p-{preset.preset_id}")
    runs, frames = one.runs, one.frames
    one.page.locator("#gz-theme-frame").check()
    expect(choice).to_have_value("")
    choice.select_option("default")
    expect(choice).to_have_value("default")
    assert "layers" not in one.query()
    assert (one.runs, one.frames) == (runs, frames)


def drawn_plan_layer(atlas: Atlas, layer_id: str) -> bool:
    return bool(atlas.layers[layer_id].geometry.notna().any())


def test_a_preset_is_chosen_by_keyboard_and_in_english(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?lang=en")
    choice = one.page.get_by_role("combobox", name="Preset")
    choice.focus()
    one.page.keyboard.type("Waters")
    one.page.keyboard.press("Enter")
    expect(choice).to_have_value("p-water")
    one.settle()
    assert one.is_on_map("blueways")
    assert not one.is_on_map("energy_parks")


# --- order


def order_of(one: Visit) -> list[str]:
    return one.page.locator(".gz-order-row").evaluate_all("(all) => all.map((e) => e.dataset.group)")


def drawn_order(one: Visit, *layers: str) -> list[str]:
    """Some layers as the canvas draws them, the lowest first."""
    return one.page.evaluate(
        """(wanted) => {
             const state = window.__gz.state, found = [];
             const renderer = [...state.layers[wanted[0]].byId.values()][0].options.renderer;
             for (let node = renderer._drawFirst; node; node = node.next) {
               const id = node.layer.feature?.id?.split(".")[0];
               if (wanted.includes(id) && found.at(-1) !== id) found.push(id);
             }
             return [...new Set(found.reverse())].reverse();
           }""",
        list(layers),
    )


def unfold_order(one: Visit) -> None:
    one.page.locator(".gz-order > summary").click()
    expect(one.page.locator(".gz-order-row").first).to_be_visible()


def test_a_group_is_moved_by_button_kept_in_the_address_and_taken_back(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?layers=districts,waterways,eco_corridors,biodiversity_hotspots")
    runs, frames = one.runs, one.frames
    layers = ("waterways", "eco_corridors", "biodiversity_hotspots")
    assert drawn_order(one, *layers) == ["biodiversity_hotspots", "eco_corridors", "waterways"]
    unfold_order(one)
    assert order_of(one) == ["waters", "eco_corridors", "biodiversity_hotspots"]
    one.page.get_by_role("button", name="上移：生物多样性热点区域").click()
    one.page.get_by_role("button", name="上移：生物多样性热点区域").click()
    assert order_of(one) == ["biodiversity_hotspots", "waters", "eco_corridors"]
    expect(one.page.locator(".gz-order [role=status]")).to_have_text("生物多样性热点区域：第 1 层，共 3 层")
    assert drawn_order(one, *layers) == ["eco_corridors", "waterways", "biodiversity_hotspots"]
    assert one.query()["order"].split(",")[-1] == "biodiversity_hotspots"
    assert (one.runs, one.frames) == (runs, frames)
    one.turn_to("原文")
    one.turn_to("地图")
    one.reload()
    assert drawn_order(one, *layers) == ["eco_corridors", "waterways", "biodiversity_hotspots"]
    unfold_order(one)
    one.page.get_by_role("button", name="恢复原次序").click()
    assert drawn_order(one, *layers) == ["biodiversity_hotspots", "eco_corridors", "waterways"]
    assert "order" not in one.query()


def test_a_group_is_moved_by_arrow_keys_and_keeps_the_focus(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?layers=waterways,eco_corridors,biodiversity_hotspots")
    unfold_order(one)
    one.page.get_by_role("button", name="下移：河流水道与流域").focus()
    one.page.keyboard.press("ArrowDown")
    one.page.keyboard.press("ArrowDown")
    assert order_of(one) == ["eco_corridors", "biodiversity_hotspots", "waters"]
    one.page.keyboard.press("ArrowDown")  # there is nothing below
    assert order_of(one)[-1] == "waters"
    one.page.keyboard.press("ArrowUp")
    assert order_of(one) == ["eco_corridors", "waters", "biodiversity_hotspots"]


def test_a_group_is_dragged(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?layers=waterways,eco_corridors,biodiversity_hotspots")
    unfold_order(one)
    rows = one.page.locator(".gz-order-row")
    rows.nth(2).scroll_into_view_if_needed()
    rows.nth(2).drag_to(rows.nth(0))
    assert order_of(one) == ["biodiversity_hotspots", "waters", "eco_corridors"]
    assert drawn_order(one, "waterways", "biodiversity_hotspots")[-1] == "biodiversity_hotspots"


@pytest.mark.parametrize("order", ["none", "gone,,waters", "districts,labels", "waters,waters"])
def test_a_senseless_order_is_read_as_far_as_it_makes_sense(shipped: Server, visit: Visiting, order: str) -> None:
    one = visit(shipped, f"/?order={order}&layers=waterways,eco_corridors")
    assert drawn_order(one, "waterways", "eco_corridors") == ["eco_corridors", "waterways"]
    assert one.query().get("order", "waters") == "waters"


# --- names


def test_names_do_not_touch_each_other_or_the_base_map(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped)
    runs, frames = one.runs, one.frames
    expect(one.page.locator(NAMES).first).to_be_attached()
    known = {f.name for f in atlas.features.values()}
    for zoom in (9.5, 10.5, 12, 13.5):
        one.page.evaluate("(z) => { window.__gz.map.setView([23.12, 113.32], z, { animate: false }); }", zoom)
        one.page.wait_for_timeout(120)
        names = one.page.locator(NAMES)
        assert names.count() >= 3, zoom
        texts = names.all_text_contents()
        assert set(texts) <= known
        assert len(texts) == len(set(texts)), "one river is drawn by several layers: it is named once"
        assert one.page.locator(f"{NAMES}, .gz-label").evaluate_all(OVERLAPS) == []
    assert (one.runs, one.frames) == (runs, frames)


def test_the_selected_place_is_named_whatever_else_there_is(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/?feature=waterways.w009")
    named = one.page.locator(".gz-name-on")
    expect(named).to_have_text(atlas.features["waterways.w009"].name)
    one.page.locator(".leaflet-control-zoom-out").click()
    one.be_still()
    expect(named).to_have_text(atlas.features["waterways.w009"].name)


def test_names_follow_layers_language_and_their_switch(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/?layers=waterways")
    names = one.page.locator(NAMES)
    expect(names.first).to_be_attached()
    rivers = {f.name for f in atlas.features.values() if f.layer_id == "waterways"}
    assert set(names.all_text_contents()) <= rivers
    switch = one.page.get_by_role("checkbox", name="显示名称")
    switch.uncheck()
    expect(names).to_have_count(0)
    assert one.query()["names"] == "0"
    one.reload()
    expect(switch).not_to_be_checked()
    expect(tool(one, "twin")).to_be_visible()
    expect(names).to_have_count(0)
    switch.check()
    expect(names.first).to_be_attached()
    assert "names" not in one.query()
    one.page.get_by_role("button", name="全部隐藏").click()
    expect(names).to_have_count(0)
    one.page.get_by_role("button", name="默认").click()
    speak_english(one)
    english = {f.properties["name_en"] for f in atlas.features.values()}
    expect(names.first).to_be_attached()
    assert set(names.all_text_contents()) <= english


# --- legend, scale


def test_the_legend_tells_what_is_visible_and_how_it_is_drawn(shipped: Server, visit: Visiting, atlas: Atlas) -> None:
    one = visit(shipped, "/?layers=districts,waterways,eco_patches,energy_parks")
    runs, frames = one.runs, one.frames
    legend = open_tool(one, "legend")
    rows = legend.locator("li")
    titles = {g.group_id: g.titles["title"] for g in atlas.catalog.groups}
    shown = [titles[g] for g in ("waters", "eco_patches", "energy_parks", "districts")]
    assert rows.all_text_contents()[:4] == shown
    for words in ("实线：位置有据", "细线", "虚线：示意", "斜纹：示意", "虚线圆：在圆内某处", "只列名，不上图"):
        expect(legend).to_contain_text(words)
    for words in ("圆点", "深色描边"):
        expect(legend).not_to_contain_text(words)
    assert legend.locator("li svg").count() == rows.count() - 1, "what is not drawn has no sign"
    one.page.locator("#gz-eco_patches").uncheck()
    expect(legend).not_to_contain_text("斜纹")
    expect(legend).not_to_contain_text(titles["eco_patches"])
    one.page.locator("#gz-waters").uncheck()
    expect(legend).not_to_contain_text("线：")
    one.page.get_by_role("button", name="全部隐藏").click()
    expect(legend).to_contain_text("没有显示的纲要图层")
    assert (one.runs, one.frames) == (runs, frames)


def test_the_legend_explains_the_outline_of_what_is_selected(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?feature=waterways.w003")
    expect(open_tool(one, "legend")).to_contain_text("深色描边：所选地点")
    one.page.locator(".gz-flyout .gz-small").click()
    one.rest()
    expect(one.page.locator(".gz-list h2")).to_contain_text("未能落位的地点")


def test_the_scale_bar_is_metric(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    bar = one.page.locator(".leaflet-control-scale-line")
    expect(bar).to_have_count(1)
    expect(bar).to_have_text("30 km")
    one.page.evaluate("() => { window.__gz.map.setView([23.12, 113.32], 16, { animate: false }); }")
    assert bar.text_content().endswith(" m")


# --- the strip and its flyout


def test_every_tool_is_reached_opened_and_left_by_keyboard(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    runs, frames = one.runs, one.frames
    assert not any(path.endswith(("/twin.js", "/measure.js")) for path in one.asked), "fetched when first asked for"
    for name, title in (("twin", "视野内地点"), ("legend", "图例"), ("measure", "量测"), ("coords", "坐标")):
        tool(one, name).focus()
        one.page.keyboard.press("Enter")
        flyout = one.page.get_by_role("region", name=title)
        expect(flyout).to_be_visible()
        button = flyout.get_by_role("button", name="关闭", exact=True)
        button.focus()
        one.page.keyboard.press("Escape")
        expect(one.page.locator(".gz-flyout")).to_be_hidden()
        expect(tool(one, name)).to_be_focused()
        expect(tool(one, name)).to_have_attribute("aria-expanded", "false")
    assert (one.runs, one.frames) == (runs, frames)


def test_one_tool_is_open_at_a_time_and_stays_through_a_change_of_language(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    open_tool(one, "legend")
    open_tool(one, "coords")
    expect(tool(one, "legend")).to_have_attribute("aria-expanded", "false")
    speak_english(one)
    expect(one.page.locator(".gz-flyout h2")).to_have_text("Coordinates")
    tool(one, "coords").click()
    expect(one.page.locator(".gz-flyout")).to_be_hidden()


def test_a_tool_that_cannot_be_loaded_says_so(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    one.expected.append("legend.js")
    one.page.route("**/legend.js", lambda route: route.abort())
    tool(one, "legend").click()
    expect(one.page.locator(".gz-flyout [role=alert]")).to_contain_text("组件未能载入")


# --- the whole screen


def test_the_map_fills_the_screen_and_comes_back(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped)
    one.mark_map()
    runs, frames = one.runs, one.frames
    before = one.page.locator(".gz-map").bounding_box()
    full = tool(one, "full")
    full.click()
    expect(full).to_have_attribute("aria-pressed", "true")
    one.page.wait_for_function("() => document.fullscreenElement !== null")
    expect(one.page.locator(".gz-header")).to_be_hidden()
    expect(one.page.locator(".gz-footer")).to_contain_text("非官方示意图，不作为法定依据")
    box, page = one.page.locator(".gz-map").bounding_box(), one.page.evaluate("() => [innerWidth, innerHeight]")
    assert [box["x"], box["y"], box["width"]] == [0, 0, page[0]]
    assert box["height"] == page[1] - 28
    one.page.locator(".gz-open-panel").click()
    expect(one.page.locator("#gz-waters")).to_be_visible()
    assert (one.runs, one.frames) == (runs, frames)
    one.page.locator(".gz-close").click()
    open_tool(one, "twin")
    one.page.locator(".gz-place").first.click()
    one.rest()
    expect(one.card).to_be_visible()
    full.click()
    expect(one.page.locator(".gz-header")).to_be_visible()
    tool(one, "twin").click()
    assert one.page.locator(".gz-map").bounding_box() == before
    assert one.is_same_map()


def test_another_page_is_not_full_of_nothing(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, "/?feature=waterways.w003")
    tool(one, "full").click()
    one.page.wait_for_function("() => document.fullscreenElement !== null")
    one.card.locator("blockquote footer a").first.click()
    one.rest()
    expect(one.page.locator(".gz-header")).to_be_visible()
    expect(one.page.locator(".gz-current")).to_be_visible()


# --- on a telephone


def test_tools_are_large_enough_for_a_finger_and_open_as_a_sheet(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, **PHONE)
    expect(tool(one, "twin")).to_be_visible()
    for button in one.page.locator(".gz-strip-button").all():
        box = button.bounding_box()
        assert box["width"] >= 44
        assert box["height"] >= 44
    for name in ("twin", "legend", "measure", "coords"):
        open_tool(one, name)
        sheet, box = one.page.locator(".gz-flyout").bounding_box(), one.page.locator(".gz-map").bounding_box()
        assert sheet["y"] >= box["y"] + box["height"] - 1, "the map is seen above"
        assert sheet["width"] == 390
        require_no_sideways_scroll(one)
        small = one.page.locator(".gz-flyout button:visible").evaluate_all(
            "(all) => all.filter((b) => b.getBoundingClientRect().height < 44).map((b) => b.outerHTML)"
        )
        assert small == []
    one.page.locator(".gz-open-panel").tap()
    expect(one.page.locator(".gz-flyout")).to_be_hidden()
    expect(one.page.locator(".gz-panel")).to_be_visible()


# --- what the bridge is told


def test_the_description_of_the_map_travels_once(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, None)
    sizes: list[tuple[bool, int]] = []

    def note(payload: bytes | str) -> None:
        if isinstance(payload, bytes) and b'"about"' in payload:
            sizes.append((b"L.map(" in payload, len(payload)))

    one.page.on("websocket", lambda socket: socket.on("framereceived", note))
    one.open("/")
    one.click_at(113.672, 23.202)
    one.card.or_(one.page.locator(".gz-list")).first.wait_for()
    speak_english(one)
    assert [whole for whole, _ in sizes] == [True, False, True]
    assert sizes[1][1] < 3_000
    expect(one.page.locator(".gz-panel h2")).to_contain_text("Layers")


def test_a_description_that_got_lost_is_asked_for_again(shipped: Server, visit: Visiting) -> None:
    one = visit(shipped, None)
    lost: list[int] = []

    def forward(route: object) -> None:
        server = route.connect_to_server()

        def answer(message: bytes | str) -> None:
            if isinstance(message, bytes) and b"L.map(" in message and not lost:
                lost.append(len(message))
            else:
                route.send(message)

        server.on_message(answer)

    one.page.route_web_socket("**/_stcore/stream", forward)
    one.page.goto(one.base)
    search = one.page.locator(".gz-search input")
    search.fill("帽峰山")
    one.page.wait_for_timeout(1000)
    assert lost
    assert one.page.evaluate("() => window.__gz === undefined"), "there is no map yet"
    search.press("Enter")
    one.page.wait_for_function("() => window.__gz?.mounts === 1")
    expect(one.page.locator(".gz-results h2")).to_contain_text("帽峰山")
    expect(one.page.locator(".gz-label").first).to_be_attached()


def test_the_box_of_what_is_seen_has_whole_pixels_in_the_middle_of_a_throw(shipped: Server, visit: Visiting) -> None:
    """Leaflet cuts lines by rounding, and does not come to an end at an edge that is a fraction."""
    one = visit(shipped)
    box = one.page.evaluate(
        """async () => {
             const loaded = performance.getEntriesByType("resource").map((e) => e.name);
             const { viewBox } = await import(loaded.find((name) => name.includes("/inview.js")));
             const { map } = window.__gz;
             const pane = map.getPanes().mapPane;
             const before = window.L.DomUtil.getPosition(pane);
             window.L.DomUtil.setPosition(pane, window.L.point(10.4, -5.7));
             const { min, max } = viewBox(map, 2);
             window.L.DomUtil.setPosition(pane, before);
             return [min.x, min.y, max.x, max.y];
           }"""
    )
    assert box == [round(value) for value in box]
    assert box[:2] == [-8, 8]
