"""The command that packs everything that another team needs."""

from __future__ import annotations

from pathlib import Path

import click

from gzmap.atlas import open_atlas
from gzmap.cli.edge import require_data
from gzmap.cli.orders import (
    CHOICES,
    FORMAT_KEYS,
    PREFLIGHT,
    SELECTION,
    TerminalProgress,
    build_choices,
    build_selection,
    clean_end,
    print_losses,
    require_output,
    take,
)
from gzmap.export.contents import DEFAULT_FORMATS, check_packet
from gzmap.export.packet import export_packet

FIRST = DEFAULT_FORMATS[0]


@click.command()
@click.option("--layers", default="", metavar="ID,ID", help="Layers; all that fit the CRS when left out.")
@take(*SELECTION, *CHOICES)
@click.option("--format", "formats", type=FORMAT_KEYS, multiple=True, default=DEFAULT_FORMATS, help="Several allowed.")
@take(*PREFLIGHT)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Zip to write.")
@click.pass_context
def packet(
    ctx: click.Context, *, layers: str, formats: tuple[str, ...], output: Path | None, **options: object
) -> None:
    """Pack layers with all that another team needs.

    The zip holds the formats (shp and gpkg if none is named), a data dictionary, the evidence, metadata, styles, a QGIS
    project, README, checksums, and what a second program read back.
    """
    layer_ids = [name.strip() for name in layers.replace("，", ",").split(",") if name.strip()]
    selection = build_selection(layer_ids, options)
    choices = build_choices(FIRST, options)
    atlas = open_atlas(require_data(ctx))
    if options["preflight"]:
        losses = check_packet(atlas, selection, choices=choices, formats=formats)
        ctx.exit(print_losses(losses, is_json=bool(options["is_json"])))
    require_output(output)
    with clean_end():
        progress = TerminalProgress()
        click.echo(export_packet(atlas, selection, output, choices=choices, formats=formats, progress=progress))
