"""The command that screens very many parcels."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from gzmap.atlas import Atlas, open_atlas
from gzmap.cli.delivery import REVIEW_VARIABLE
from gzmap.cli.edge import as_json, print_json, require_data
from gzmap.cli.orders import clean_end
from gzmap.config import AREA_TITLE
from gzmap.screen import (
    WINDOW,
    Screening,
    Summary,
    build_plan,
    open_parcels,
    open_screening,
    prepare_processes,
    require_suffix,
)

SECONDS = 60
TOLD_PROBLEMS = 5
"""Parcels with a problem that the terminal lists; the workbook has more."""


@click.command()
@click.argument("parcels", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", "outputs", type=click.Path(path_type=Path), multiple=True, required=True,
    help="File to write: .parquet, .gpkg, or .xlsx for a summary; may be given several times.",
)  # fmt: skip
@click.option("--layer", default="", help="Layer of PARCELS, where there are several.")
@click.option("--crs", default="", metavar="EPSG:…", help="CRS of PARCELS, where it says none; GCJ-02, too.")
@click.option("--label", default="", metavar="FIELD", help="Field that tells parcels apart.")
@click.option("--repair", is_flag=True, help="Mend outlines that cross themselves; their area may change.")
@click.option(
    "--processes", type=click.IntRange(1), default=os.cpu_count() or 1, show_default="all cores", metavar="N",
    help="Processes of this machine to work in.",
)  # fmt: skip
@click.option(
    "--window", type=click.IntRange(1), default=WINDOW, show_default=True, metavar="N",
    help="Parcels that are read together; less needs less memory.",
)  # fmt: skip
@click.option("--scheduler", default="", metavar="tcp://…", help="Work on this Dask cluster instead.")
@click.option("--review-number", envvar=REVIEW_VARIABLE, default="", help="Map review number (审图号).")
@as_json
@click.pass_context
def screen(ctx: click.Context, *, parcels: Path, outputs: tuple[Path, ...], is_json: bool, **options: object) -> None:
    """Tell for each of many PARCELS what the plan says.

    PARCELS is a Shapefile, GeoPackage, File Geodatabase or GeoParquet. A run that was broken off goes on where it
    stopped when it is given again. Exit code 1: there are parcels that could not be screened, told in the output. This
    is no opinion on conformity.
    """
    for output in outputs:
        require_suffix(output)
    data = require_data(ctx)
    if options["processes"] > 1 and not options["scheduler"]:
        prepare_processes()
    atlas = open_atlas(data)
    taken = {name: options[name] for name in ("layer", "crs", "label", "repair", "window")}
    found = open_parcels(parcels, **taken)
    with clean_end(), open_screening(build_plan(atlas), found, outputs[0]) as screening:
        _tell_start(screening)
        screening.run(Told(), processes=options["processes"], scheduler=options["scheduler"])
        summary = screening.build_summary()
        _write(atlas, screening, outputs, summary=summary, review_number=str(options["review_number"]))
        screening.close()
    _print(summary, outputs, is_json=is_json)
    ctx.exit(int(summary.problems.total() > 0))


def _tell_start(screening: Screening) -> None:
    parcels, journal = screening.parcels, screening.journal
    label = f"，以“{parcels.source.label}”区分" if parcels.source.label else ""
    click.echo(f"{parcels.source.path.name}：{parcels.count} 宗地块，坐标系 {parcels.crs}{label}", err=True)
    if journal.is_other:
        click.echo("此处有另一次未完成的任务（数据、纲要或选项不同），已弃用，重新开始。", err=True)
    elif journal.is_left:
        click.echo(f"接着上次未完成的任务：{journal.found}/{parcels.windows} 段已完成。", err=True)


def _write(
    atlas: Atlas, screening: Screening, outputs: Sequence[Path], *, summary: Summary, review_number: str
) -> None:
    for output in outputs:
        click.echo(f"写出 {output.name} …", err=True)
        if output.suffix.lower() == ".xlsx":
            # Imported here: only a workbook needs it.
            from gzmap.cli.screened import export_summary  # noqa: PLC0415

            export_summary(atlas, summary, output, name=screening.parcels.source.path.name, review_number=review_number)
        else:
            screening.export(output)


class Told:
    """Tells how far a run has come on standard error, with its pace: in one line on a terminal, else line by line."""

    def __init__(self) -> None:
        self.start_s = time.monotonic()
        self.before: int | None = None

    def step(self, done: int, total: int) -> None:
        """Tell a step."""
        if self.before is None:
            self.before = done
        spent_s = time.monotonic() - self.start_s
        pace = (done - self.before) / spent_s if spent_s else 0
        left = f"，{pace:.0f} 宗/秒，约剩 {_format_time((total - done) / pace)}" if pace else ""
        line = f"{done}/{total}（{100 * done / total:.0f}%）{left}"
        is_terminal = sys.stderr.isatty()
        click.echo(f"\r\033[K{line}" if is_terminal else line, err=True, nl=not is_terminal or done == total)


def _format_time(seconds: float) -> str:
    return f"{seconds:.0f} 秒" if seconds < SECONDS else f"{seconds / SECONDS:.0f} 分钟"


def _print(summary: Summary, outputs: Sequence[Path], *, is_json: bool) -> None:
    if is_json:
        listed = [problem._asdict() for problem in summary.listed]
        told = {"kind": "screening", "title": AREA_TITLE[0], "outputs": list(map(str, outputs)), **asdict(summary)}
        print_json({**told, "untouched": summary.untouched, "listed": listed})
        return
    for output in outputs:
        click.echo(output)
    click.echo(AREA_TITLE[0])
    click.echo(
        f"共 {summary.parcels} 宗：涉及 {summary.touched} 宗（其中确定涉及 {summary.certain} 宗），"
        f"不涉及 {summary.untouched} 宗，未能核查 {summary.problems.total()} 宗；涉及关系 {summary.rows} 条。"
    )
    if summary.repaired:
        click.echo(f"自动修复了 {summary.repaired} 宗的边界，面积可能改变。")
    for problem in summary.listed[:TOLD_PROBLEMS]:
        click.echo(f"未能核查第 {problem.parcel} 宗 {problem.label or ''}：{problem.zh}")
    if summary.problems.total() > TOLD_PROBLEMS:
        click.echo("……其余见输出文件的 problem 列或汇总表。")
