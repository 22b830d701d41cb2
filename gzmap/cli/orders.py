"""What the commands that hand files on have in common: options, progress, the report, an end without debris."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import click
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.cli.edge import print_json
from gzmap.config import STORAGE_CRS
from gzmap.crs import convert
from gzmap.errors import ExportError
from gzmap.export import ENCODINGS, FORMATS, SCHEMES, Choices, Loss, Selection
from gzmap.export.foreign import read_frames
from gzmap.export.losses import REFUSED
from gzmap.export.order import FIXES
from gzmap.export.reports import dump_loss, format_losses

FORMAT_KEYS = click.Choice(list(FORMATS))


def numbers(count: int, hint: str) -> Callable:
    """Make the callback of an option whose value is so many numbers, with commas between; ``hint`` says which."""

    def read(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[float, ...] | None:
        if value is None:
            return None
        try:
            found = tuple(float(part) for part in value.replace("，", ",").split(","))
        except ValueError:
            found = ()
        if len(found) != count:
            raise click.BadParameter(f"write {hint}", ctx, parameter)
        return found

    return read


read_bbox = numbers(4, "west,south,east,north in degrees, for instance 113.2,23.0,113.5,23.2")
CHOICES = (
    click.option("--crs", default="EPSG:4326", show_default=True, help="EPSG:4490, EPSG:4547, EPSG:4526 …"),
    click.option(
        "--encoding", type=click.Choice(list(ENCODINGS)), default="utf-8", show_default=True, help="Shapefile text."
    ),
    click.option(
        "--fields", "--names", "names", type=click.Choice(list(SCHEMES)), default="ascii", show_default=True,
        help="Field names.",
    ),
    click.option("--fix", "fixes", type=click.Choice(list(FIXES)), multiple=True, help="Accept a remedy."),
    click.option("--without-schematic", is_flag=True, help="Leave out what is only schematic."),
    click.option("--without-nulls", is_flag=True, help="Leave out features without geometry."),
)  # fmt: skip
"""Options of `build_choices`."""

SELECTION = (
    click.option("--district", default="", metavar="名", help="One district only, for instance 番禺区."),
    click.option("--bbox", callback=read_bbox, metavar="W,S,E,N", help="Only what lies in these bounds, in degrees."),
    click.option(
        "--area",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Only what lies in the areas of a file, such as a .geojson.",
    ),
    click.option("--clip", is_flag=True, help="Cut at district, bounds and area instead of taking whole features."),
)
"""Options of `build_selection`."""

PREFLIGHT = (
    click.option("--preflight", is_flag=True, help="Write nothing; list what would be lost or changed."),
    click.option("--json", "is_json", is_flag=True, help="With --preflight: print JSON lines."),
)
"""Options of `print_losses`."""


def take(*options: Callable) -> Callable[[Callable], Callable]:
    """Give a command several options, in this order."""

    def decorate(command: Callable) -> Callable:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def build_choices(fmt: str, options: Mapping) -> Choices:
    """Build the choices from the values of `CHOICES`.

    Raises
    ------
    ExportError
        If the format does not allow them.
    """
    return Choices(
        fmt, options["crs"], options["encoding"], options["names"],
        schematic=not options["without_schematic"], nulls=not options["without_nulls"],
        fixes=frozenset(options["fixes"]),
    )  # fmt: skip


def build_selection(layer_ids: Sequence[str], options: Mapping) -> Selection:
    """Build the selection from the values of `SELECTION`.

    Raises
    ------
    ExportError, CRSError
        If the file of the area cannot be used.
    """
    bounds = {"district": options["district"], "bbox": options["bbox"], "area": _read_area(options["area"])}
    return Selection(tuple(layer_ids), clip=options["clip"], **bounds)


def _read_area(path: Path | None) -> BaseGeometry | None:
    """Read the areas of a file as one, in storage CRS."""
    if path is None:
        return None
    frames, _ = read_frames(path)
    shapes = [shape for frame in frames.values() for shape in convert(frame, STORAGE_CRS).geometry.dropna()]
    areas = [shape for shape in shapes if shapely.get_dimensions(shape) == 2 and not shape.is_empty]
    if not areas:
        raise ExportError(f"{path} holds no area; give polygons.")
    if not all(area.is_valid for area in areas):
        raise ExportError(f"An area of {path} crosses itself; draw it again.")
    return shapely.union_all(areas)


def print_losses(losses: Mapping[str, Sequence[Loss]], *, is_json: bool) -> int:
    """Print what each format would lose or change, and return the exit code: 1 if something is refused."""
    if is_json:
        for fmt, found in losses.items():
            for loss in found:
                print_json(dump_loss(loss, fmt))
    else:
        click.echo(format_losses(losses, {fmt: FORMATS[fmt].title for fmt in losses}).rstrip())
    return int(any(loss.severity == REFUSED for found in losses.values() for loss in found))


class TerminalProgress:
    """Tells each step on standard error: in one line that is written anew on a terminal, else line by line."""

    def step(self, done: int, total: int, what: str) -> None:
        """Tell a step."""
        if sys.stderr.isatty():
            click.echo(f"\r\033[K{done}/{total} {what}", err=True, nl=done == total)
        else:
            click.echo(f"{done}/{total} {what}", err=True)


@contextlib.contextmanager
def clean_end() -> Iterator[None]:
    """Let a request to end (SIGTERM) take the temporary files away first, as Ctrl+C does."""

    def stop(signum: int, _frame: object) -> None:
        raise SystemExit(128 + signum)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def require_output(output: object) -> None:
    """Raise where a command that writes was given no file to write.

    Raises
    ------
    click.UsageError
        If so.
    """
    if output is None:
        raise click.UsageError("Missing option '-o' / '--output'; or ask for --preflight.")
