"""(5) What the many layers cost: the shipped project with every plan layer on, against its first four layers alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from gzmap.files import dump_json
from tests.bench.pages import CLICK_ZOOM, find_targets, list_plan_marks, move_map, open_map
from tests.bench.projects import copy_project
from tests.bench.rows import Bench, cost_ours, time_answer, time_first
from tests.bench.servers import serve_ours
from tests.bench.table import Aim, Row

FIRST_FOUR = ("waterways", "eco_corridors", "biodiversity_hotspots", "energy_parks")
"""The plan layers with which the map began."""

MOST = 1.1
PEER_NAME = "the first four layers"


def show_all(project: Path) -> Path:
    """Switch every plan layer of a project on; return its root."""
    return _rewrite(project, lambda entries: [{**e, "visible": True} if e["kind"] == "plan" else e for e in entries])


def keep_four(project: Path) -> Path:
    """Take all plan layers but the first four out of a project's catalogue, and switch these on; return its root."""
    kept = show_all(project)
    return _rewrite(kept, lambda entries: [e for e in entries if e["kind"] != "plan" or e["id"] in FIRST_FOUR])


def _rewrite(project: Path, change: Callable[[list[dict]], list[dict]]) -> Path:
    path = project / "layers/catalog.json"
    catalog = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(dump_json({**catalog, "layers": change(catalog["layers"])}), encoding="utf-8")
    return project


def measure_all_layers(bench: Bench) -> list[Row]:
    """(5) The first feature, a click and a rerun, with every layer on."""
    many = show_all(copy_project(bench.project, bench.folder / "all"))
    few = keep_four(copy_project(bench.project, bench.folder / "four"))
    targets = shared_targets(many, few)
    with ExitStack() as stack:
        urls = {p: stack.enter_context(serve_ours(p)).url for p in (many, few)}
        rows = [compare_first(bench, urls, many, few=few), compare_clicks(bench, urls, targets, many=many, few=few)]
    return [*rows, compare_reruns(bench, targets, many=many, few=few)]


def shared_targets(many: Path, few: Path) -> list[tuple[str, float, float]]:
    """Find features that lie alone in both projects, so that the same click has the same answer."""
    alone = {feature_id for feature_id, _, _ in find_targets(many)}
    return [target for target in find_targets(few) if target[0] in alone]


def compare_first(bench: Bench, urls: dict[Path, str], many: Path, *, few: Path) -> Row:
    """Time from navigation to the first plan feature in a fresh context, in turn."""
    times: dict[Path, list[float]] = {many: [], few: []}
    for turn in range(2 * bench.repeat + 1):
        for project, samples in times.items():
            with bench.chrome.open_page() as page:
                first = time_first(page, urls[project], list_plan_marks(project))
            if turn:  # the first round only warms the servers
                samples.append(first)
    what = "all layers on: navigation → first plan feature, cold"
    return Row(5, what, "ms", times[many], times[few], PEER_NAME, [Aim("ratio", MOST)])


def compare_clicks(
    bench: Bench, urls: dict[Path, str], targets: list[tuple[str, float, float]], *, many: Path, few: Path
) -> Row:
    """Time from letting the mouse go to the card, in turn."""
    times: dict[Path, list[float]] = {many: [], few: []}
    with ExitStack() as stack:
        pages = {project: stack.enter_context(bench.chrome.open_page()) for project in times}
        for project, page in pages.items():
            open_map(page, urls[project], list_plan_marks(project))
        for turn in range(4 * bench.repeat + 1):
            feature_id, lon, lat = targets[turn % len(targets)]
            for project, page in pages.items():
                page.bring_to_front()
                where = move_map(page, lon, lat)
                answer = time_answer(page, where, wanted=f'.gz-card[data-feature="{feature_id}"]')
                if turn:  # the first click warms both servers
                    times[project].append(answer)
    return Row(5, "all layers on: click → card", "ms", times[many], times[few], PEER_NAME, [Aim("ratio", MOST)])


def compare_reruns(bench: Bench, targets: list[tuple[str, float, float]], *, many: Path, few: Path) -> Row:
    """Compare the server's processor time of a rerun."""
    places = [(lon, lat) for _, lon, lat in targets]
    costs = {}
    for project in (many, few):
        with serve_ours(project) as server, bench.chrome.open_page() as page:
            costs[project] = cost_ours(bench, server, page, project=project, places=places, zoom=CLICK_ZOOM)
    what = "all layers on: server CPU of a rerun"
    return Row(5, what, "ms", costs[many], costs[few], PEER_NAME, [Aim("ratio", MOST)])
