"""The four measurements; each returns its rows, ours and peers in turn, so that a busy moment hits both alike."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

from tests.bench.browser import Chrome, RunCounter
from tests.bench.pages import (
    CLICK_ZOOM,
    drag,
    find_middle,
    find_shown_group,
    find_targets,
    list_plan_marks,
    move_map,
    open_map,
)
from tests.bench.projects import add_plots, copy_project, place_plot
from tests.bench.servers import Server, serve_ours, serve_script
from tests.bench.table import Aim, Row

SIZES = (3_000, 20_000)
CLICKS_PER_SAMPLE = 6
PLOT_ZOOM = 15
NARROW = "\u202f"
BARE, PEER = "bare Streamlit", "st_folium"


@dataclass(frozen=True)
class Bench:
    """What every measurement needs: the browser, a folder to work in, the copied project, how often to repeat."""

    chrome: Chrome
    folder: Path
    project: Path
    repeat: int
    idle: list[float] = field(default_factory=list)


def measure_first_feature(bench: Bench) -> list[Row]:
    """(1) From navigation to the first plan feature, each time in a fresh context; then again in the same, warm one."""
    marks = list_plan_marks(bench.project)
    times: dict[str, list[float]] = {"ours": [], "bare": [], "peer": [], "ours warm": [], "bare warm": []}
    with ExitStack() as stack:
        ours = stack.enter_context(serve_ours(bench.project))
        bare = stack.enter_context(serve_script("bare", bench.folder))
        peer = stack.enter_context(serve_script("peer", bench.folder, bench.project))
        turns = (("bare", bare.url, ["text"]), ("ours", ours.url, marks), ("peer", peer.url, ["path"]))
        for turn in range(2 * bench.repeat + 1):
            for name, url, wanted in turns:
                with bench.chrome.open_page() as page:
                    first = time_first(page, url, wanted)
                    again = time_first(page, url, wanted) if f"{name} warm" in times else None
                if turn:  # the first round only warms the servers
                    times[name].append(first)
                    if again is not None:
                        times[f"{name} warm"].append(again)
    what = "navigation → first plan feature"
    return [
        Row(1, f"{what}, cold", "ms", times["ours"], times["bare"], f"{BARE} → text", [Aim("ratio", 1.4)]),
        Row(1, f"{what}, cold", "ms", times["ours"], times["peer"], f"{PEER}, same layers"),
        Row(1, f"{what}, warm cache", "ms", times["ours warm"], times["bare warm"], f"{BARE} → text"),
    ]


def time_first(page: Page, url: str, wanted: list[str]) -> float:
    """Open a page and return when the first of the wanted sights was seen, in ms after navigation."""
    page.goto(url, wait_until="commit")
    page.wait_for_function("(wanted) => wanted.some((name) => name in window.bench.first)", arg=wanted)
    first = page.evaluate("window.bench.first")
    return min(first[name] for name in wanted if name in first)


def measure_click(bench: Bench) -> list[Row]:
    """(2) From letting the mouse go to the answer on the screen."""
    targets = find_targets(bench.project)
    ours, bare = [], []
    with ExitStack() as stack:
        our_server = stack.enter_context(serve_ours(bench.project))
        bare_server = stack.enter_context(serve_script("button", bench.folder))
        our_page, bare_page = (stack.enter_context(bench.chrome.open_page()) for _ in range(2))
        open_map(our_page, our_server.url, list_plan_marks(bench.project))
        bare_page.goto(bare_server.url)
        button = bare_page.get_by_role("button", name="go")
        for turn in range(2 * bench.repeat + 1):
            feature_id, lon, lat = targets[turn % len(targets)]
            our_page.bring_to_front()
            where = move_map(our_page, lon, lat)
            our_time = time_answer(our_page, where, wanted=f'.gz-card[data-feature="{feature_id}"]')
            bare_page.bring_to_front()
            bare_time = time_answer(bare_page, find_middle(button), wanted="p", text=f"answer {turn + 1}")
            if turn:  # the first click warms both servers
                ours.append(our_time)
                bare.append(bare_time)
    return [Row(2, "click on a feature → its card", "ms", ours, bare, f"{BARE} button → text", [Aim("ratio", 1.5)])]


def time_answer(page: Page, where: tuple[float, float], *, wanted: str, text: str | None = None) -> float:
    """Click; return how long the answer took by the page's clock, from the pointer's event to the next frame, in ms."""
    expected = {"selector": wanted, "text": text}
    page.evaluate("(e) => Object.assign(window.bench, { expected: e, pressed: null, answered: null })", expected)
    page.mouse.move(*where)
    page.wait_for_timeout(300)
    page.mouse.click(*where)
    page.wait_for_function("() => window.bench.answered !== null")
    return page.evaluate("window.bench.answered")


def measure_rerun(bench: Bench) -> list[Row]:
    """(3) Processor time of the server for one rerun with a large layer on the map, idle time taken off."""
    rows = [compare_small(bench)]
    for size in SIZES:
        project = add_plots(copy_project(bench.project, bench.folder / f"plots-{size}"), size)
        places = [place_plot((n * 37 + size // 2) % size, size)[:2] for n in range(size)]
        with serve_ours(project) as server, bench.chrome.open_page() as page:
            ours = cost_ours(bench, server, page, project=project, places=places, zoom=PLOT_ZOOM)
        with serve_script("peer", bench.folder, project) as server, bench.chrome.open_page() as page:
            page.goto(server.url)
            page.wait_for_function("() => window.bench.first.path !== undefined")
            peer = cost_button(bench, server, page, presses=1)
        what = f"server CPU of a rerun, {format(size, ',').replace(',', NARROW)} polygons"
        rows.append(Row(3, what, "ms", ours, peer, f"{PEER}, same polygons", [Aim("most", 50), Aim("less", 100)]))
    return rows


def compare_small(bench: Bench) -> Row:
    """Compare a rerun of the shipped project with the least that any rerun of Streamlit costs."""
    places = [(lon, lat) for _, lon, lat in find_targets(bench.project)]
    with serve_ours(bench.project) as server, bench.chrome.open_page() as page:
        ours = cost_ours(bench, server, page, project=bench.project, places=places, zoom=CLICK_ZOOM)
    with serve_script("button", bench.folder) as server, bench.chrome.open_page() as page:
        page.goto(server.url)
        peer = cost_button(bench, server, page, presses=CLICKS_PER_SAMPLE)
    return Row(3, "server CPU of a rerun, shipped layers", "ms", ours, peer, f"{BARE} button")


def cost_ours(
    bench: Bench, server: Server, page: Page, *, project: Path, places: Sequence[tuple[float, float]], zoom: int
) -> list[float]:
    """Click place after place; return ms of processor time per run, one sample for every few clicks."""
    counter = RunCounter(page)
    open_map(page, server.url, list_plan_marks(project))
    counter.wait_quiet()
    turns = itertools.cycle(places)

    def click() -> None:
        before = counter.finished
        page.mouse.click(*move_map(page, *next(turns), zoom=zoom))
        counter.wait_finished(before + 1)

    click()  # builds the spatial index, once for each process
    samples, idle = [], settle(bench, server)
    for _ in range(bench.repeat):
        begun = counter.begun
        with spent(server, idle) as cost:
            for _ in range(CLICKS_PER_SAMPLE):
                click()
            server.wait_idle()
        samples.append(cost.ms / (counter.begun - begun))
    return samples


def cost_button(bench: Bench, server: Server, page: Page, *, presses: int) -> list[float]:
    """Press a peer's button; return ms of processor time per run, one sample for every few presses."""
    button = page.get_by_role("button", name="go")
    button.click()
    samples, idle = [], settle(bench, server)
    for _ in range(bench.repeat):
        before = read_runs(page)
        with spent(server, idle) as cost:
            for press in range(presses):
                button.click()
                page.wait_for_function(f"() => ({READ_RUNS})() > {before + press}")
            server.wait_idle()
        samples.append(cost.ms / (read_runs(page) - before))
    return samples


READ_RUNS = """() => Math.max(0, ...[...document.querySelectorAll('[data-testid="stMarkdownContainer"] p')]
    .map((p) => Number(p.textContent.replace(/^(run|answer) /, ""))).filter(Number.isFinite))"""


def read_runs(page: Page) -> int:
    """Read from the peer's page how many runs it has seen."""
    return page.evaluate(READ_RUNS)


@dataclass
class Cost:
    """Processor time in milliseconds."""

    ms: float = 0.0


@contextmanager
def spent(server: Server, idle_share: float) -> Iterator[Cost]:
    """Measure a server's processor time over a block, less what it would have used idle."""
    cost, cpu_s, wall_s = Cost(), server.read_cpu_s(), time.monotonic()
    yield cost
    cost.ms = 1000 * (server.read_cpu_s() - cpu_s - idle_share * (time.monotonic() - wall_s))


def settle(bench: Bench, server: Server) -> float:
    """Wait until a server rests; return, and remember for the report, the share of a core that it uses then."""
    server.wait_idle()
    share = server.measure_idle()
    bench.idle.append(share)
    return share


def measure_counts(bench: Bench) -> list[Row]:
    """(4) How often the script runs again for a pan, a zoom, a click and the toggle of a layer."""
    with serve_ours(bench.project) as server, bench.chrome.open_page() as page:
        ours = count_ours(bench, page, server.url)
    with serve_script("peer", bench.folder, bench.project) as server, bench.chrome.open_page() as page:
        peer = count_peer(bench, page, server.url)
    return [
        Row(4, f"reruns for a {act}", "", ours[act], peer.get(act, ()), PEER * (act in peer), [Aim("always", aim)])
        for act, aim in (("pan", 0), ("zoom", 0), ("click", 1), ("layer toggle", 0))
    ]


def count_ours(bench: Bench, page: Page, url: str) -> dict[str, list[int]]:
    """Count our reruns, by what was done."""
    counter = RunCounter(page)
    open_map(page, url, list_plan_marks(bench.project))
    group = find_shown_group(bench.project)
    x, y = find_middle(page.locator(".gz-map"))
    acts = {
        "pan": lambda n: drag(page, x, y, by=120 if n % 2 else -120),
        "zoom": lambda n: page.locator(f".leaflet-control-zoom-{'out' if n % 2 else 'in'}").click(),
        "click": lambda n: page.mouse.click(x + 40 * n - 80, y),
        "layer toggle": lambda _: page.locator(f"#gz-{group}").click(),
    }
    return {act: count_runs(counter, do, bench.repeat) for act, do in acts.items()}


def count_peer(bench: Bench, page: Page, url: str) -> dict[str, list[int]]:
    """Count the peer's reruns, by what was done."""
    counter = RunCounter(page)
    page.goto(url)
    page.wait_for_function("() => window.bench.first.path !== undefined")
    frame = page.locator("iframe").first
    x, y = find_middle(frame)
    zoom = frame.content_frame
    acts = {
        "pan": lambda n: drag(page, x, y, by=120 if n % 2 else -120),
        "zoom": lambda n: zoom.locator(f".leaflet-control-zoom-{'out' if n % 2 else 'in'}").click(),
        "click": lambda n: page.mouse.click(x + 40 * n - 80, y),
    }
    return {act: count_runs(counter, do, bench.repeat) for act, do in acts.items()}


def count_runs(counter: RunCounter, act: Callable[[int], None], repeat: int) -> list[int]:
    """Do something again and again; return how many runs each time caused."""
    counts, before = [], counter.wait_quiet()
    for number in range(repeat):
        act(number)
        after = counter.wait_quiet()
        counts.append(after - before)
        before = after
    return counts


MEASUREMENTS: dict[int, Callable[[Bench], list[Row]]] = {
    1: measure_first_feature,
    2: measure_click,
    3: measure_rerun,
    4: measure_counts,
}
