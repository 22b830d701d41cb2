"""Run the benchmark and print one table: ``python -m tests.bench [--repeat N] [--only 1,2] [--json FILE]``."""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from gzmap.atlas import open_atlas
from gzmap.errors import GzmapError
from tests.bench.browser import find_chromium, open_chrome
from tests.bench.delivery import measure_delivery, require_ogr2ogr
from tests.bench.editions import measure_edition
from tests.bench.layers import measure_all_layers
from tests.bench.own import measure_own
from tests.bench.parcels import measure_parcels
from tests.bench.projects import copy_project
from tests.bench.queries import measure_queries
from tests.bench.rows import MEASUREMENTS as BASIC
from tests.bench.rows import Bench
from tests.bench.servers import LEAFLET, ROOT, BenchError
from tests.bench.services import measure_service
from tests.bench.shared import measure_shared
from tests.bench.sheet import measure_sheet
from tests.bench.table import Row, format_table

PACKAGES = ("streamlit", "folium", "streamlit-folium", "geopandas", "playwright")
FEWEST = 5
MEASUREMENTS = {
    **BASIC,
    5: measure_all_layers,
    6: measure_delivery,
    7: measure_queries,
    8: measure_sheet,
    9: measure_own,
    10: measure_shared,
    11: measure_parcels,
    12: measure_service,
    13: measure_edition,
}


def read_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--repeat", type=int, default=FEWEST, metavar="N", help="samples of each median (default 5)")
    parser.add_argument("--only", type=parse_numbers, default=tuple(MEASUREMENTS), metavar="1,2,3 …")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample there as well")
    parser.add_argument("--root", type=Path, default=ROOT, help="project folder to measure (default: the shipped one)")
    chosen = parser.parse_args(arguments)
    if chosen.repeat < 1:
        parser.error("--repeat must be 1 or more")
    return chosen


def parse_numbers(text: str) -> tuple[int, ...]:
    """Parse ``1,3`` as the numbers of measurements."""
    try:
        numbers = tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        numbers = ()
    if not numbers or not set(numbers) <= set(MEASUREMENTS):
        raise argparse.ArgumentTypeError(f"give numbers of {', '.join(map(str, MEASUREMENTS))}, not {text!r}")
    return numbers


def require_tools(root: Path) -> None:
    """Make sure before anything is measured that nothing is missing.

    Raises
    ------
    BenchError
        If the browser, a peer or our browser assets are missing.
    GzmapError
        If the project cannot be opened.
    """
    find_chromium()
    if importlib.util.find_spec("streamlit_folium") is None:
        raise BenchError("streamlit-folium, the peer, is not installed: run `make bench`, which installs it.")
    if not (LEAFLET / "leaflet.js").is_file():
        raise BenchError("Leaflet is not in gzmap/assets: run `make setup`, which puts it there.")
    require_ogr2ogr()
    open_atlas(root)


def describe_machine(browser_version: str) -> dict:
    """Describe what the numbers were measured on."""
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in PACKAGES},
        "chromium": browser_version,
    }


def run(chosen: argparse.Namespace) -> dict:
    """Measure, and return rows, machine, idle shares and foreign requests."""
    idle: list[float] = []
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="gzmap-bench-") as name, open_chrome() as chrome:
        project = copy_project(chosen.root, Path(name) / "shipped")
        machine = describe_machine(chrome.browser.version)
        for number in chosen.only:
            start = time.monotonic()
            print(f"({number}) …", end=" ", file=sys.stderr, flush=True)
            # A folder for each measurement: its servers keep their pages and logs there.
            folder = Path(name) / f"measurement-{number}"
            folder.mkdir()
            bench = Bench(chrome, folder, project, chosen.repeat)
            rows += MEASUREMENTS[number](bench)
            idle += bench.idle
            print(f"{time.monotonic() - start:.0f} s", file=sys.stderr)
        return {"rows": rows, "machine": machine, "idle_share": idle, "foreign": sorted(set(chrome.foreign))}


def print_report(result: dict, repeat: int) -> None:
    """Print the table, and below it what one must know to read it."""
    print(format_table(result["rows"]))
    print()
    print("machine: " + ", ".join(f"{name} {value}" for name, value in result["machine"].items()))
    print(f"medians of {repeat} or more, (lowest–highest); ours and peers in turn; comparable only within one run.")
    print("cold: a fresh browser context each time; the servers have been visited once before.")
    if result["idle_share"]:
        print(f"CPU of resting servers, taken off: at most {100 * max(result['idle_share']):.1f} % of a core.")
    print(f"requests to other hosts (all blocked): {len(result['foreign'])}", *result["foreign"])
    if repeat < FEWEST:
        print(f"fewer than {FEWEST} repetitions: too few to compare by.")


def main() -> int:
    """Run; 2 when something is missing."""
    chosen = read_arguments()
    try:
        require_tools(chosen.root)
        result = run(chosen)
    except (BenchError, GzmapError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print_report(result, chosen.repeat)
    if chosen.json:
        content = {**result, "repeat": chosen.repeat, "rows": [row.describe() for row in result["rows"]]}
        chosen.json.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
