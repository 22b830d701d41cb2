"""The benchmark's own arithmetic, table and pages; nothing here takes a time."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pyogrio
import pytest
import shapely

from gzmap.atlas import read_atlas
from gzmap.catalog import read_layer
from gzmap.config import HOME_BBOX
from gzmap.own import open_own
from gzmap.query import find_drawn
from tests.bench import __main__ as bench
from tests.bench import browser, delivery, own, projects, queries, servers, services
from tests.bench.pages import find_shown_group, find_targets, list_plan_marks
from tests.bench.scripts import peer
from tests.bench.table import Aim, Row, format_ratio, format_samples, format_table
from tests.makers import make_project

# --- table


def test_ratio_is_of_the_medians() -> None:
    assert Row(1, "a", "ms", [100, 1, 3], [2, 1, 50]).ratio == 1.5


@pytest.mark.parametrize("peer_samples", [[], [0, 0, 0]])
def test_ratio_is_none_without_a_peer_to_divide_by(peer_samples: list[float]) -> None:
    row = Row(1, "a", "ms", [3], peer_samples)
    assert row.ratio is None
    assert not row.is_met(Aim("ratio", 9))


@pytest.mark.parametrize(
    ("aim", "ours", "met"),
    [
        (Aim("ratio", 1.4), [14], True),
        (Aim("ratio", 1.4), [15], False),
        (Aim("less", 100), [0.1], True),
        (Aim("less", 100), [0.2], False),
        (Aim("most", 50), [40, 50, 90], True),
        (Aim("most", 50), [51], False),
        (Aim("always", 0), [0, 0, 0], True),
        (Aim("always", 0), [0, 0, 1], False),
        (Aim("always", 1), [1, 1], True),
    ],
)
def test_aims(aim: Aim, ours: list[float], *, met: bool) -> None:
    assert Row(3, "a", "ms", ours, [10, 10, 10]).is_met(aim) is met


def test_samples_show_median_and_range() -> None:
    assert format_samples([1204.4, 950, 1300], "ms") == "1204 ms (950–1300)"
    assert format_samples([0.25, 12.34, 40], "ms") == "12.3 ms (0.2–40)"
    assert format_samples([0, 0, 0], "") == "0"
    assert format_samples([], "ms") == "–"


def test_small_ratios_are_fractions() -> None:
    assert [format_ratio(r) for r in (None, 1.4, 0.5, 0.004, 0.0)] == ["–", "1.40", "0.50", "1/250", "0.00"]


def test_table_has_a_line_for_each_row_and_says_what_is_missed() -> None:
    rows = [
        Row(1, "甲 → first feature", "ms", [140], [100], "bare", [Aim("ratio", 1.4)]),
        Row(3, "CPU", "ms", [60], [600], "st_folium", [Aim("most", 50), Aim("less", 10)]),
        Row(4, "reruns", "", [0, 0]),
    ]
    head, rule, *lines = format_table(rows).split("\n")
    assert set(rule) == {"-"}
    assert [line.split()[-1] for line in lines] == ["met", "missed", "–"]
    assert "≤ 50 ms, ≥ 10× less" in lines[1]
    assert head.index("ours") == lines[1].index("60 ms") == lines[0].index("140 ms") + 1  # 甲 takes two columns


def test_described_rows_are_plain_data() -> None:
    row = Row(4, "reruns", "", [0, 0, 1], [1], "st_folium", [Aim("always", 0)])
    plain = json.loads(json.dumps(row.describe()))
    assert plain["aims"] == [{"kind": "always", "limit": 0, "met": False}]
    assert (plain["ours_median"], plain["peer_median"], plain["ratio"]) == (0, 1, 0)


# --- projects


@pytest.fixture
def plotted(tmp_path: Path) -> Path:
    """Return a copy of an invented project with a hundred plots."""
    source = make_project(tmp_path / "source")
    return projects.add_plots(projects.copy_project(source, tmp_path / "copy"), 100)


def test_plots_are_a_plan_layer_that_is_opened_and_found(plotted: Path) -> None:
    atlas = read_atlas(plotted)
    assert atlas.broken == {}
    assert len(atlas.layers[projects.PLOTS]) == 100
    assert atlas.catalog.entries[projects.PLOTS].kind == "plan"
    lon, lat, _reach = projects.place_plot(57, 100)
    found = find_drawn(atlas, lon, lat, tolerance_m=1, layer_ids=[projects.PLOTS])
    assert [p.id for p in found] == [f"{projects.PLOTS}.p00057"]


def test_plots_do_not_overlap_and_stay_in_their_box() -> None:
    west, south, east, north = projects.PLOT_BOX
    boxes = [projects.place_plot(n, 10) for n in range(10)]
    assert all(west < lon - r and lon + r < east and south < lat - r and lat + r < north for lon, lat, r in boxes)
    assert all(max(abs(a - c), abs(b - d)) > r + s for a, b, r in boxes for c, d, s in boxes if (a, b) != (c, d))


def test_the_measured_project_is_a_copy(tmp_path: Path) -> None:
    source = make_project(tmp_path / "source")
    before = (source / "layers/catalog.json").read_bytes()
    projects.add_plots(projects.copy_project(source, tmp_path / "copy"), 3)
    assert (source / "layers/catalog.json").read_bytes() == before


def test_targets_are_features_that_lie_alone(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    atlas = read_atlas(project)
    targets = find_targets(project)
    assert len(targets) >= 2
    for feature_id, lon, lat in targets:
        assert [p.id for p in find_drawn(atlas, lon, lat, tolerance_m=150)] == [feature_id]


def test_marks_are_those_of_plan_layers(tmp_path: Path) -> None:
    assert list_plan_marks(make_project(tmp_path)) == ["gz-drawn-parks", "gz-drawn-streams", "gz-drawn-spots"]


def test_the_toggled_group_is_one_of_the_panel(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    assert find_shown_group(project) in {e.group for e in read_atlas(project).catalog.plan_entries if e.visible}


# --- the peer's page


def test_peer_embeds_the_same_features_and_asks_no_outside_host(plotted: Path) -> None:
    layers = peer.read_layers(plotted)
    page = peer.build_map(layers).get_root().render()
    for path in (plotted / "layers/parks.geojson", plotted / "layers/plots.geojson"):
        located = [f["id"] for f in read_layer(path) if f["geometry"]]
        assert [i for i in located if f'"{i}"' not in page] == []
    assert "parks.p003" not in page  # it has no geometry
    assert peer.LEAFLET_JS in page
    assert [host for host in ("jsdelivr", "cdnjs", "jquery.com", "bootstrapcdn") if host in page] == []


def test_every_page_of_a_peer_stands_alone() -> None:
    """They are copied to a folder of their own, so nothing of ours may be imported there."""
    for path in servers.SCRIPTS.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "gzmap" not in [
            line.split()[1].split(".")[0] for line in text.splitlines() if line[:5] in ("from ", "impor")
        ]
        assert "tests." not in text


# --- the delivery


def test_the_three_writers_write_the_same(tmp_path: Path) -> None:
    frame = delivery.make_frame(60)
    source = tmp_path / "plots.gpkg"
    delivery.save_frame(frame, source)
    loaded, made = (f.drop(columns="geometry").fillna("") for f in (delivery.load_frame(source), frame))
    assert list(loaded) == list(made)
    assert loaded.to_numpy().tolist() == made.to_numpy().tolist()
    delivery.write_ours(frame, tmp_path)
    delivery.write_plain(frame, tmp_path)
    delivery.run_ogr2ogr(source, tmp_path)
    layers = [f"/vsizip/{tmp_path}/ours.zip/plots.shp", tmp_path / "plain.shp", tmp_path / "theirs.shp"]
    (meta, _, ours, values), *peers = [pyogrio.raw.read(layer) for layer in layers]
    assert meta["fields"].tolist() == [*delivery.PINYIN.values()]
    for peer_meta, _, shapes, peer_values in peers:
        assert peer_meta["fields"].tolist() == meta["fields"].tolist()
        assert [v.tolist() for v in peer_values] == [v.tolist() for v in values]
        assert shapely.equals_exact(shapely.from_wkb(shapes), shapely.from_wkb(ours), 1e-4).all()


def test_memory_is_read_from_the_system() -> None:
    assert 10 < delivery.read_memory("VmRSS") <= delivery.read_memory("VmHWM")


# --- the questions


def test_ours_and_the_peers_find_the_same_plots(tmp_path: Path) -> None:
    atlas = read_atlas(make_project(tmp_path))
    layer = queries.make_own(2_000)
    for area in queries.draw_areas(layer.frame.total_bounds, 0.4, 3):
        ours = queries.find_answers(atlas, layer, area)
        brute = dict(queries.try_all(layer, area))
        assert len(ours) > 50
        assert set(ours) == set(brute) == set(queries.join_plainly(layer, area).index)
        assert len(queries.join_turned(layer, area)) == len(ours)
        # Ours rounds to a square metre and measures short edges in the plane of an equal-area projection.
        assert all(abs(ours[i] * 1e6 - brute[i]) < 2 for i in brute)


def test_drawn_areas_are_new_valid_and_within_reach() -> None:
    areas = queries.draw_areas(HOME_BBOX, queries.PLAN_SHARE, 30)
    assert len({area.wkb for area in areas}) == 30
    assert all(area.is_valid and shapely.box(*HOME_BBOX).contains(area) for area in areas)


# --- command line and what is missing


@pytest.mark.parametrize(("text", "numbers"), [("1", (1,)), ("4,2", (2, 4)), ("1,1,3", (1, 3)), ("6", (6,))])
def test_only_takes_numbers(text: str, numbers: tuple[int, ...]) -> None:
    assert bench.parse_numbers(text) == numbers


@pytest.mark.parametrize("text", ["", "0", "99", "1,x", "1;2"])
def test_only_refuses_what_is_no_measurement(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="1, 2, 3, 4, 5, 6, 7, 8"):
        bench.parse_numbers(text)


def test_a_missing_browser_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(servers.BenchError, match="Chromium"):
        browser.find_chromium()


def test_a_missing_peer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "find_chromium", lambda: "chromium")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(servers.BenchError, match="streamlit-folium"):
        bench.require_tools(servers.ROOT)


def test_foreign_requests_are_noted_once_each_kind() -> None:
    chrome = browser.Chrome(browser=None)
    for url in (
        "http://127.0.0.1:1/a",
        "ws://localhost:2/b",
        "data:,x",
        "blob:http://localhost/1",
        "https://cdn.example/c",
    ):
        chrome.note(url)
    assert chrome.foreign == ["https://cdn.example/c"]


# --- servers


def test_a_server_that_does_not_start_is_reported_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("port taken", encoding="utf-8")
    child = subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"])
    with pytest.raises(servers.BenchError, match="port taken"):
        servers.wait_ready(child, f"http://127.0.0.1:{servers.find_port()}", log)
    assert child.returncode == 1


def test_a_stopped_server_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    servers.stop(child)
    assert child.returncode is not None


# --- own layers


def test_own_polygons_are_a_layer_of_the_name_that_is_waited_for(tmp_path: Path) -> None:
    path = own.write_own(tmp_path / "local", 30)
    (layer,) = open_own(path.parent).layers
    assert (layer.layer_id, layer.located, layer.names[29]) == (own.LAYER, 30, "地块00029")


def test_the_peer_of_own_layers_gets_the_same_polygons(tmp_path: Path) -> None:
    with own.serve_peer(tmp_path / "peer", 30) as url:
        ask = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        collection = json.load(ask.open(f"{url}plots.geojson"))
        page = ask.open(url).read().decode()
    assert collection["features"] == projects.make_plots(30)
    assert "preferCanvas: true" in page


# --- the service for GIS programs


@pytest.mark.parametrize("size", services.SIZES)
def test_the_box_holds_the_items_and_few_others(size: int) -> None:
    box = shapely.box(*services.find_box(size))
    held = sum(box.intersects(shapely.geometry.shape(plot["geometry"])) for plot in projects.make_plots(size))
    assert services.ITEMS <= held <= 1.1 * services.ITEMS


def test_the_stock_service_gives_the_same_file_and_too_few_items_are_told(tmp_path: Path) -> None:
    plots = projects.make_plots(30)
    data = tmp_path / "plots.geojson"
    data.write_text(json.dumps({"type": "FeatureCollection", "features": plots}), encoding="utf-8")
    with services.serve_stock(data, tmp_path / "stock") as url:
        _, body = services.fetch(f"{url}/collections/plots/items?f=json&limit=50")
        with pytest.raises(servers.BenchError, match="answers 404"):
            services.fetch(f"{url}/collections/nothing/items?f=json")
    assert [feature["geometry"] for feature in json.loads(body)["features"]] == [plot["geometry"] for plot in plots]
    with pytest.raises(servers.BenchError, match="30 items instead of 1000"):
        services.require_items(body, "peer")
