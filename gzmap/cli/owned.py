"""The option that brings the planner's own layers."""

from __future__ import annotations

from pathlib import Path

import click

from gzmap.own import OwnLayer, open_own


def _open(_ctx: click.Context, _parameter: click.Parameter, folder: Path | None) -> tuple[OwnLayer, ...]:
    if folder is None:
        return ()
    found = open_own(folder)
    for broken in found.broken:
        click.echo(f"提示：{broken.path} 没有读入。{broken.zh}", err=True)
    return found.layers


own_option = click.option(
    "--own",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    callback=_open,
    metavar="DIR",
    help="Ask the planner's own layers in this folder as well.",
)
"""Gives the layers of the folder, none without it."""
