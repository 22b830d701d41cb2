"""(8) Printing: an A3 sheet of every layer, as a command from its start and in a process that has the atlas open."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gzmap.atlas import Atlas, open_atlas
from gzmap.sheet import SheetView, export_sheet
from tests.bench.delivery import time_act
from tests.bench.projects import add_plots, copy_project
from tests.bench.rows import Bench
from tests.bench.table import Aim, Row

PLOTS = 20_000
WITHIN = [Aim("most", 5000)]


def measure_sheet(bench: Bench) -> list[Row]:
    """Measure the sheet of an A3 with cards, then one with many polygons more."""
    atlas = open_atlas(bench.project)
    crowded = open_atlas(add_plots(copy_project(bench.project, bench.folder / "plots"), PLOTS))
    return [
        _time_command(bench, atlas),
        _time_export(bench, atlas, "the same sheet, atlas open"),
        _time_export(bench, atlas, "the same as PNG pages of 200 dpi", fmt="png"),
        _time_export(bench, crowded, f"A3 sheet without cards, {PLOTS} polygons more", cards=False),
    ]


def _time_command(bench: Bench, atlas: Atlas) -> Row:
    """Time the command from its start to its end."""
    command = [sys.executable, "-c", "from gzmap.cli import main; main()", "--root", str(bench.project), "print"]
    options = ["--layers", ",".join(atlas.catalog.entries), "--paper", "A3", "--landscape", "--cards"]

    def run(folder: Path) -> None:
        subprocess.run([*command, *options, "-o", str(folder / "sheet.pdf")], check=True, capture_output=True)

    times = [time_act(run, bench.folder / "out") for _ in range(bench.repeat + 1)]
    return Row(8, "gzmap print of an A3 sheet with cards, all layers", "ms", times[1:], aims=WITHIN)


def _time_export(bench: Bench, atlas: Atlas, what: str, *, fmt: str = "pdf", cards: bool = True) -> Row:
    """Time a sheet in this process."""
    view = SheetView(tuple(atlas.catalog.entries), "美丽广州规划要素图", paper="A3", landscape=True, cards=cards)

    def run(_: Path) -> None:
        export_sheet(atlas, view, fmt=fmt)

    times = [time_act(run, bench.folder / "out") for _ in range(bench.repeat + 1)]
    return Row(8, what, "ms", times[1:], aims=WITHIN)
