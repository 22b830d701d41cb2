"""(13) The static edition: from navigation to the first plan feature, against the app over the same data."""

from __future__ import annotations

from contextlib import ExitStack

from gzmap.atlas import open_atlas
from gzmap.publish import export_edition, export_single_file
from tests.bench.pages import list_plan_marks
from tests.bench.rows import Bench, time_first
from tests.bench.servers import find_port, serve_ours
from tests.bench.table import Aim, Row
from tests.static_server import serving_files

APP = "the app"


def measure_edition(bench: Bench) -> list[Row]:
    """Measure an edition from nginx, cold and again in the same context, and the single file from the disk."""
    atlas, folder = open_atlas(bench.project), bench.folder / "edition"
    export_edition(atlas, folder / "root/plan")
    single = folder / "plan.html"
    export_single_file(atlas, single)
    marks = list_plan_marks(bench.project)
    times: dict[str, list[float]] = {
        f"{name}{again}": [] for name in ("static", "file", "app") for again in ("", " warm")
    }
    with ExitStack() as stack:
        static = stack.enter_context(serving_files(folder / "root", find_port(), folder)) + "/plan/"
        app = stack.enter_context(serve_ours(bench.project)).url
        for turn in range(2 * bench.repeat + 1):
            for name, url in (("static", static), ("file", single.as_uri()), ("app", app)):
                with bench.chrome.open_page() as page:
                    first, again = time_first(page, url, marks), time_first(page, url, marks)
                if turn:  # the first round only warms the servers
                    times[name].append(first)
                    times[f"{name} warm"].append(again)
    what = "static edition: navigation → first plan feature"
    return [
        Row(13, f"{what}, cold", "ms", times["static"], times["app"], APP, [Aim("most", 500)]),
        Row(13, f"{what}, warm cache", "ms", times["static warm"], times["app warm"], APP),
        Row(13, "the same, one file from the disk", "ms", times["file"], times["app"], APP),
    ]
