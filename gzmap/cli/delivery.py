"""Commands that hand something on: write layers or a team's own file, serve the page."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from gzmap.atlas import open_atlas
from gzmap.cli.edge import Refusal, require_data, require_root
from gzmap.cli.orders import (
    CHOICES,
    FORMAT_KEYS,
    PREFLIGHT,
    SELECTION,
    build_choices,
    build_selection,
    clean_end,
    print_losses,
    require_output,
    take,
)
from gzmap.export import Choices, Dataset, build_dataset, build_order, check_order, export_order
from gzmap.export.foreign import read_dataset
from gzmap.export.losses import CHANGED

REVIEW_VARIABLE = "GZMAP_REVIEW_NUMBER"
"""Environment variable with the map review number (审图号)."""

UNREVIEWED = "未经地图审核，仅限内部使用，不得公开登载"


@click.command()
@click.argument("layers", nargs=-1, required=True, metavar="LAYER...")
@click.option("--format", "fmt", type=FORMAT_KEYS, required=True, help="File format.")
@take(*CHOICES, *SELECTION, *PREFLIGHT)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write.")
@click.pass_context
def export(ctx: click.Context, *, layers: tuple[str, ...], fmt: str, output: Path | None, **options: object) -> None:
    """Write LAYERs for a GIS, CAD program or sheet.

    A zip holds the field list, the evidence and a README beside the layers.
    """
    choices = build_choices(fmt, options)
    atlas = open_atlas(require_data(ctx))
    dataset = build_dataset(atlas, build_selection(layers, options), choices.crs)
    _deliver(ctx, dataset, choices, output=output, options=options)


@click.command("export-file")
@click.argument("source", type=click.Path(path_type=Path), metavar="INPUT")
@click.option("--format", "fmt", type=FORMAT_KEYS, required=True, help="File format.")
@click.option("--layer", default="", help="Layer of INPUT; all when left out.")
@click.option("--input-crs", default="", metavar="EPSG:…", help="CRS of INPUT, where the file says none.")
@click.option("--input-encoding", default="", metavar="NAME", help="Encoding of INPUT, where the file says it wrong.")
@take(*CHOICES, *PREFLIGHT)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write.")
@click.pass_context
def export_file(ctx: click.Context, *, source: Path, fmt: str, output: Path | None, **options: object) -> None:
    """Write a file of your own in another form.

    In any format, CRS and encoding, with the same checks as the layers of the map; mixed geometries are split, and
    nothing is dropped silently.
    """
    choices = build_choices(fmt, options)
    dataset = read_dataset(
        source, to=choices.crs, layer=options["layer"], encoding=options["input_encoding"], crs=options["input_crs"]
    )
    _deliver(ctx, dataset, choices, output=output, options=options)


def _deliver(
    ctx: click.Context, dataset: Dataset, choices: Choices, *, output: Path | None, options: Mapping[str, object]
) -> None:
    """Check or write, and tell how much was changed."""
    losses = check_order(dataset, choices)
    if options["preflight"]:
        ctx.exit(print_losses({choices.fmt: losses}, is_json=bool(options["is_json"])))
    require_output(output)
    with clean_end():
        click.echo(export_order(build_order(dataset, choices), output))
    if changed := sum(loss.severity == CHANGED for loss in losses):
        click.echo(f"有 {changed} 处改动，用 --preflight 查看。", err=True)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Port.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.pass_context
def serve(ctx: click.Context, port: int, host: str) -> None:
    """Serve the map; stop with Ctrl+C."""
    root = require_root(ctx)
    app = _require_app(root)
    _require_free(host, port)
    if not _is_loopback(host) and not os.environ.get(REVIEW_VARIABLE):
        click.echo(f"警告：{UNREVIEWED}。取得审图号后请设置 {REVIEW_VARIABLE}。", err=True)
    click.echo(f"http://{'localhost' if _is_loopback(host) or _is_any(host) else host}:{port}  （Ctrl+C 停止）")
    options = {"server.port": port, "server.address": host, "server.headless": "true"}
    command = [sys.executable, "-m", "streamlit", "run", str(app), *(f"--{k}={v}" for k, v in options.items())]
    ctx.exit(_run(command, root, cwd=app.parent))


def _run(command: list[str], root: Path, *, cwd: Path) -> int:
    """Run the server until it ends or we are told to stop, and return the exit code."""
    # A session of its own: the terminal's Ctrl+C reaches only us, and the server hears it once.
    environment = {**os.environ, "GZMAP_ROOT": str(root)}
    child = subprocess.Popen(command, cwd=cwd, env=environment, start_new_session=True)  # noqa: S603
    stopped = []

    def stop(signum: int, _frame: object) -> None:
        stopped.append(signum)
        child.terminate()

    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, stop)
    code = child.wait()
    return 0 if stopped else abs(code)


def _require_app(root: Path) -> Path:
    """Return the page's script: the project's own, else the one beside this package."""
    known = (root / "app.py", Path(__file__).resolve().parents[2] / "app.py")
    app = next((path for path in known if path.is_file()), None)
    if app is None:
        raise Refusal(f"There is no app.py in {root}; serve from a checkout of gzmap, or put it there.")
    return app


def _require_free(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # Else a server that ended a moment ago would still seem to hold the port; on Windows it means the opposite.
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refusal(
            f"Cannot listen on {host} port {port} ({reason}); choose another with --port or --host."
        ) from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_any(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
