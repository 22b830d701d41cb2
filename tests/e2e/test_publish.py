"""The static edition, from nginx below some path and as one file from the disk, on a desk and on a telephone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from gzmap.atlas import Atlas, open_atlas
from gzmap.publish import export_edition, export_single_file
from gzmap.query import find_drawn, find_text
from tests.conftest import ROOT
from tests.e2e import drafts
from tests.e2e.conftest import Server
from tests.e2e.editions import EditionVisit
from tests.e2e.test_axe import DESK, find_faults
from tests.e2e.test_phone import PHONE, require_no_sideways_scroll
from tests.static_server import serving_files

SIZES = {"desk": DESK, "phone": PHONE}
WAYS = ("nginx", "file")
PARA = "chp_4__sec_3__para_2"
PAGES = {
    "map": ("", ""),
    "card": ("", "feature=waterways.w003"),
    "results": ("", "q=湿地"),
    "text": ("text", f"para={PARA}"),
    "mine": ("mine", "district=黄埔区"),
    "ledger": ("ledger", "box=ambiguous"),
    "data": ("data", ""),
    "english": ("", "lang=en&feature=waterways.w003"),
}


@pytest.fixture(scope="package")
def editions(find_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Publish the shipped data below ``/public/plan`` of an nginx, and as one file; give their addresses."""
    folder = tmp_path_factory.mktemp("editions")
    atlas = open_atlas(ROOT)
    export_edition(atlas, folder / "root/public/plan")
    export_single_file(atlas, folder / "地图.html")
    with serving_files(folder / "root", find_port(), folder) as base:
        yield {"nginx": f"{base}/public/plan/", "file": (folder / "地图.html").as_uri()}


@pytest.fixture
def go_to(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., EditionVisit]]:
    """Start visits to an edition. Whatever happens, nothing may leave this machine or fail on the page."""
    visits = request.node.visits = []

    def start(base: str, page: str = "", query: str = "", **options: object) -> EditionVisit:
        context = browser.new_context(**{"locale": "zh-CN", **DESK, **options})
        visits.append(EditionVisit(context, base))
        return visits[-1].go(page, query)

    yield start
    for one in visits:
        one.page.context.close()
        assert one.foreign == [], "requests to other hosts"
        assert one.dialogs == [], "dialogs"
        assert [e for e in one.errors if not any(part in e for part in one.expected)] == [], "errors in the browser"


Going = Callable[..., EditionVisit]


@pytest.mark.parametrize(
    ("name", "way", "size"),
    [
        *((name, "nginx", size) for name in PAGES for size in SIZES),
        *((name, "file", "desk") for name in ("map", "text", "mine", "ledger")),
        *((name, "file", "phone") for name in ("card", "results", "data")),
    ],
)
def test_a_page_stands_and_has_no_grave_fault(editions: dict, go_to: Going, name: str, way: str, size: str) -> None:
    one = go_to(editions[way], *PAGES[name], **SIZES[size])
    if not PAGES[name][0]:
        one.wait_for_tools()
        assert sum(one.count_pixels().values()) > 5_000
    footer = one.page.locator(".gz-footer")
    words = ("Unofficial", "Not reviewed") if name == "english" else ("非官方示意图", "未经地图审核")
    for word in words:
        expect(footer).to_contain_text(word)
    expect(footer).to_contain_text("2025-09-23")
    assert find_faults(one) == []
    if size == "phone":
        require_no_sideways_scroll(one)


@pytest.mark.parametrize("size", SIZES)
def test_no_tool_on_the_map_has_a_grave_fault_and_none_needs_a_server(editions: dict, go_to: Going, size: str) -> None:
    one = go_to(editions["nginx"], **SIZES[size]).wait_for_tools()
    tools = [b.get_attribute("data-tool") for b in one.page.locator(".gz-strip-button").all()]
    assert tools == ["twin", "legend", "measure", "share", "full"]
    assert one.page.locator(".gz-tool-bar").count() == 0
    found = {}
    for tool in tools[:-1]:
        one.page.locator(f"[data-tool={tool}]").click()
        one.page.locator(f".gz-flyout .gz-{tool} > :not(link)").first.wait_for()
        one.page.wait_for_timeout(200)
        found[tool] = find_faults(one)
        one.page.locator(".gz-flyout-x").click()
    assert found == {tool: [] for tool in tools[:-1]}


# --- words and map answer each other


@pytest.mark.parametrize("way", WAYS)
def test_a_place_leads_to_its_words_and_they_lead_back(editions: dict, go_to: Going, atlas: Atlas, way: str) -> None:
    feature = atlas.features["wetlands.t001"]
    at = feature.geometry.representative_point()
    one = go_to(editions[way], "", f"view=14/{at.y:.4f}/{at.x:.4f}")
    one.click_at(at.x, at.y)
    if not one.card.count():
        one.page.locator(".gz-list a", has=one.page.get_by_text(feature.name, exact=True)).click()
        one.rest()
    expect(one.card).to_have_attribute("data-feature", feature.feature_id)
    assert one.query()["feature"] == feature.feature_id
    assert one.page.evaluate("() => window.__gz.state.data.selected.feature_id") == feature.feature_id
    expect(one.page.locator(".gz-name-on")).to_have_text(feature.name)
    one.card.locator("blockquote footer a").first.click()
    one.rest()
    current = one.page.locator(".gz-current")
    expect(current).to_be_in_viewport()
    assert one.query()["para"] == current.get_attribute("id")
    named = current.locator(".gz-mention.gz-on")
    assert feature.name in named.first.text_content()
    named.first.click()
    one.rest()
    expect(one.card).to_have_attribute("data-feature", feature.feature_id)
    one.page.go_back()
    one.rest()
    expect(one.page.locator(".gz-text")).to_be_visible()
    one.page.go_forward()
    one.rest()
    expect(one.card).to_be_visible()


def test_a_click_finds_what_the_app_finds(editions: dict, go_to: Going, atlas: Atlas) -> None:
    """In the middle of areas and on pins: the same features, the narrow ones before the wide ones."""
    one = go_to(editions["nginx"])
    shown = [e.layer_id for e in atlas.catalog.plan_entries if e.visible and e.layer_id in atlas.layers]
    ids = [i for i in atlas.features if i.split(".")[0] in ("wetlands", "platforms", "mountains", "energy_parks")]
    placed = [atlas.features[i] for i in ids if atlas.features[i].geometry is not None]
    assert len(placed) >= 10
    for feature in placed:
        at = feature.geometry.representative_point()
        one.page.evaluate(
            "([lat, lon]) => { window.__gz.map.setView([lat, lon], 13, {animate: false}); }", [at.y, at.x]
        )
        wanted = find_drawn(atlas, at.x, at.y, tolerance_m=150, layer_ids=shown)
        one.click_at(at.x, at.y)
        if one.card.count():
            found = [one.card.get_attribute("data-feature")]
        else:
            found = [one.go_of(a)["id"] for a in one.page.locator(".gz-list > ul a, .gz-list > details a").all()]
        sure = {p.id for p in find_drawn(atlas, at.x, at.y, tolerance_m=0, layer_ids=shown)}
        assert feature.feature_id in found
        assert sure <= set(found) <= {p.id for p in wanted}


def test_an_empty_place_tells_its_district(editions: dict, go_to: Going) -> None:
    one = go_to(editions["nginx"], "", "view=12/23.30/113.90&layers=districts")
    one.click_at(113.83, 23.30)
    expect(one.page.locator("#gz-main")).to_contain_text("增城区")


def test_a_passage_lights_up_its_places(editions: dict, go_to: Going) -> None:
    one = go_to(editions["nginx"], "text", f"para={PARA}")
    one.page.locator(f'[href$="lit={PARA}"]').click()
    one.rest()
    bar = one.page.locator(".gz-lit")
    expect(bar).to_contain_text("11 处")
    bar.get_by_role("button", name="下一处").click()
    one.rest()
    expect(one.card).to_be_visible()
    first = one.query()["feature"]
    bar.get_by_role("button", name="下一处").click()
    one.rest()
    assert one.query()["feature"] != first
    assert one.query()["lit"] == PARA
    bar.get_by_role("button", name="恢复").click()
    one.rest()
    assert "lit" not in one.query()


# --- the search


def test_the_search_finds_what_the_app_finds(editions: dict, go_to: Going, atlas: Atlas) -> None:
    """Names, parts, pinyin, initials, traditional characters, words of the plan: the same hits in the same order."""
    names = [f.name for f in atlas.features.values() if atlas.entry_of(f).kind == "plan"]
    queries = [
        *names[::4],
        *(n[:2] for n in names[::5]),
        "mfs",
        "maofeng",
        "maofengshan",
        "帽峯山",
        "白雲湖",
        "湿地",
        "储能",
    ]
    queries += [
        "海珠湿地",
        "hzsd",
        "liuxi he",
        "流溪",
        "tianhe",
        "c",
        "南沙",
        "万物和鸣",
        "“生态”",
        "ＭＦＳ",
        "  ",
        "{{7*7}}",
    ]
    one = go_to(editions["nginx"])
    found = one.page.evaluate(
        """async (queries) => {
             const { find } = await import("gz/search.js"), { readBook } = await import("gz/host.js");
             const index = await readBook("search");
             return queries.map((q) => find(index, q).map((h) => [h.kind, h.id, h.start ?? null, h.end ?? null]));
           }""",
        queries,
    )
    wanted = [[[h.kind, h.id, h.start, h.end] for h in find_text(atlas, query)] for query in queries]
    assert dict(zip(queries, found, strict=True)) == dict(zip(queries, wanted, strict=True))


@pytest.mark.parametrize("way", WAYS)
def test_results_lead_to_places_and_to_words(editions: dict, go_to: Going, way: str) -> None:
    one = go_to(editions[way])
    results = one.search("湿地")
    expect(results.locator("q mark").first).to_have_text("湿地")
    results.locator("li a", has_text="海珠湿地").first.click()
    one.rest()
    expect(one.card.locator("h2")).to_have_text("海珠湿地")
    results = one.search("没有这样的地方")
    expect(results.get_by_role("status")).to_be_visible()
    assert results.locator("li").count() == 0


# --- the pages


@pytest.mark.parametrize("way", WAYS)
def test_the_ledger_is_filtered_and_its_filters_add_up(editions: dict, go_to: Going, atlas: Atlas, way: str) -> None:
    one = go_to(editions[way], "ledger")
    rows = one.page.locator(".gz-accounts > li")
    assert rows.count() == len(atlas.accounts)
    filters = one.page.locator(".gz-filters > [role=group]")
    filters.nth(0).get_by_text("未能落位").click()
    one.rest()
    filters.nth(1).get_by_text("第三章").click()
    one.rest()
    wanted = [a for a in atlas.accounts if a.box == "unlocatable" and a.passage_id.startswith("chp_3")]
    assert 0 < rows.count() == len(wanted) < len(atlas.accounts)
    assert {"box": "unlocatable", "chapter": "3"}.items() <= one.query().items()
    expect(one.page.locator("#ledger-list")).to_contain_text(str(len(wanted)))
    filters.nth(0).get_by_text("全部").click()
    one.rest()
    assert "box" not in one.query()
    assert one.query()["chapter"] == "3"
    one.page.go_back()
    one.rest()
    assert rows.count() == len(wanted)


@pytest.mark.parametrize("way", WAYS)
def test_residents_are_answered_by_district(editions: dict, go_to: Going, way: str) -> None:
    one = go_to(editions[way], "mine")
    one.page.locator(".gz-eleven a", has_text="番禺").click()
    one.rest()
    expect(one.page.locator("#mine-name")).to_have_text("番禺区")
    one.page.locator("#mine-place").fill("帽峰山")
    one.page.locator("#mine-place").press("Enter")
    one.rest()
    expect(one.page.locator("#mine-name")).to_have_text("白云区")
    expect(one.page.locator("#mine-name + [role=status]")).to_contain_text("帽峰山")
    one.page.locator(".gz-ways a").click()
    one.rest()
    expect(one.page.locator(".gz-list h2, .gz-card h2").first).to_be_visible()
    one.go("mine", "place=没有这样的地方")
    expect(one.page.locator("#mine-name")).to_contain_text("没有这样的地方")


def test_a_position_stays_in_the_browser_and_names_its_district(editions: dict, go_to: Going) -> None:
    position = {"geolocation": {"longitude": 113.331, "latitude": 23.137}, "permissions": ["geolocation"]}
    one = go_to(editions["nginx"], "mine", **position)
    one.page.locator(".gz-locate").click()
    expect(one.page.locator("#mine-name")).to_have_text("天河区")
    assert one.query() == {"district": "天河区"}
    assert not [url for url in one.asked if "113.3" in url]


@pytest.mark.parametrize("way", WAYS)
def test_the_language_is_changed_where_one_stands(editions: dict, go_to: Going, way: str) -> None:
    one = go_to(editions[way], "ledger", "box=ambiguous")
    one.turn_to("English")
    expect(one.page.locator(".gz-ledger h1")).to_have_text("Toponym ledger")
    assert one.query()["box"] == "ambiguous"
    one.turn_to("Map")
    assert one.page.evaluate("() => document.documentElement.lang") == "en"
    expect(one.page.locator(".gz-panel h2")).to_contain_text("Layers")
    one.turn_to("中文")
    expect(one.page.locator(".gz-panel h2")).to_contain_text("图层")


def test_a_reference_is_of_the_day_on_which_it_is_read(editions: dict, go_to: Going) -> None:
    one = go_to(editions["nginx"], "text", f"para={PARA}")
    one.page.locator(f"#{PARA} .gz-cite-link").first.click()
    one.rest()
    today = one.page.evaluate("() => new Date().toLocaleDateString('sv')")
    expect(one.page.locator(".gz-reference-text").first).to_contain_text(f"[{today}]")


# --- addresses


def test_links_of_the_app_lead_to_the_same_places(editions: dict, go_to: Going, shipped: Server) -> None:
    """The part of an address after the server's own, as the app writes it, means the same here and stays as it is."""
    paths = (
        f"text?para={PARA}",
        "?feature=waterways.w003&view=12/23.1200/113.2500",
        "?view=11/23.1200/113.3500&layers=districts,wetlands&op=wetlands:0.5",
        "ledger?box=ambiguous&chapter=4",
        "mine?district=黄埔区",
        "?q=mfs&lang=en",
    )
    one = go_to(editions["nginx"])
    for path in paths:
        one.page.goto(editions["nginx"] + path)
        one.rest()
        left = one.page.evaluate("() => decodeURIComponent(location.href)").removeprefix(editions["nginx"])
        assert left.startswith(path.split("?")[0])
        assert set(path.split("?")[1].split("&")) <= set(left.split("?")[1].split("&"))


def test_what_is_shown_goes_to_the_address_and_comes_back(editions: dict, go_to: Going) -> None:
    one = go_to(editions["file"], "", "view=12/23.0700/113.3300")
    one.page.locator("#gz-wetlands").uncheck()
    one.rest()
    shown = one.query()
    assert "wetlands" not in shown["layers"].split(",")
    one.turn_to("原文")
    assert one.query()["layers"] == shown["layers"]
    one.page.reload()
    one.rest()
    one.turn_to("地图")
    assert not one.is_on_map("wetlands")
    assert one.view() == pytest.approx((12, 23.07, 113.33), abs=0.001)


def test_an_unknown_id_is_told(editions: dict, go_to: Going) -> None:
    one = go_to(editions["nginx"], "", "feature=nosuch.x9")
    expect(one.page.locator("#gz-main [role=alert]")).to_contain_text("nosuch.x9")
    one.go("text", "para=<b>9")
    expect(one.page.locator("#gz-main [role=alert]")).to_contain_text("<b>9")


# --- what it asks for


def test_one_file_asks_for_nothing_else(editions: dict, go_to: Going) -> None:
    one = go_to(editions["file"])
    for title in ("原文", "我的区", "台账", "数据与方法", "地图"):
        one.turn_to(title)
    asked = [url for url in one.asked if not url.startswith(("blob:null/", "data:"))]
    assert len(asked) == 1


def test_the_page_itself_forbids_other_hosts(editions: dict, go_to: Going, shipped: Server) -> None:
    """Another server of this very machine, which answers, is out of reach for scripts of the page."""
    for way in WAYS:
        one = go_to(editions[way])
        one.expected += ["Content Security Policy", "Content-Security-Policy", "Failed to fetch"]
        told = one.page.evaluate(
            "(url) => fetch(url, {mode: 'no-cors'}).then(() => 'reached', (e) => e.name)", shipped.base
        )
        assert told == "TypeError"


def test_what_does_not_arrive_is_told_and_asked_for_again(editions: dict, go_to: Going) -> None:
    one = go_to(editions["nginx"])
    one.expected += ["ERR_FAILED"]
    one.page.route("**/zh-ledger.*.bin", lambda route: route.abort())
    one.page.locator(".gz-header").get_by_role("link", name="台账", exact=True).click()
    expect(one.page.locator("#gz-main [role=alert]")).to_be_visible()
    one.page.unroute("**/zh-ledger.*.bin")
    one.turn_to("原文")
    one.turn_to("台账")
    expect(one.page.locator(".gz-ledger h1")).to_be_visible()


def test_names_may_hold_anything(copied: Server, browser: Browser, go_to: Going, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    export_single_file(open_atlas(copied.root), path)
    at = drafts.LURE
    one = go_to(path.as_uri(), "", f"feature=drafts.lure&view=12/{at[1]}/{at[0]}")
    for page in ("text", "ledger", "data", ""):
        one.go(page, "feature=drafts.lure&lang=en" if not page else "")
    assert one.card.locator("h2").text_content() == drafts.HOSTILE
    one.search(drafts.HOSTILE[:60])
    assert one.page.evaluate("() => window.pwned") is None
    assert one.page.locator("img[src=x], [onclick], [onerror]").count() == 0
    assert json.loads(one.page.locator("#gz-packed").text_content())
