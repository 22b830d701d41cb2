"""The command that writes the static edition."""

from __future__ import annotations

from pathlib import Path

import click

from gzmap.atlas import open_atlas
from gzmap.cli.delivery import REVIEW_VARIABLE, UNREVIEWED
from gzmap.cli.edge import as_json, print_json, require_data


@click.command("publish")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--single-file", "single", type=click.Path(path_type=Path), help="Write one HTML file, for a disk.")
@click.option("--base-url", default="", metavar="URL", help="Address it will have, for links in references.")
@click.option("--review-number", envvar=REVIEW_VARIABLE, default="", metavar="审图号", help="Map review number.")
@as_json
@click.pass_context
def publish(
    ctx: click.Context, *, folder: Path | None, single: Path | None, base_url: str, review_number: str, is_json: bool
) -> None:
    """Write the static edition for any web server.

    Or, with --single-file, as one file that opens from a disk.

    The folder must be new, empty or hold an earlier edition, which is replaced without a gap.
    """
    if (folder is None) == (single is None):
        raise click.UsageError("Name a folder, or one file with --single-file.", ctx)
    if base_url and not base_url.startswith(("http://", "https://")):
        raise click.BadParameter("write the whole address, https://…", ctx, param_hint="'--base-url'")
    # Imported here: the templates of the page take a while to load, and the other commands do not need them.
    from gzmap.publish import export_edition, export_single_file  # noqa: PLC0415

    atlas, number = open_atlas(require_data(ctx)), review_number.strip()
    if single is not None:
        written = export_single_file(atlas, single, review_number=number)
    else:
        base = base_url and base_url.rstrip("/") + "/"
        written = export_edition(atlas, folder, review_number=number, base=base)
    if is_json:
        pages = [str(path) for path in written.pages]
        print_json({"pages": pages, "files": len(written.files), "bytes": written.size, "review_number": number})
    else:
        click.echo(written.pages[0])
        click.echo(f"{len(written.files)} 个文件，{written.size / 1e6:.2f} MB", err=True)
    if not number:
        click.echo(f"警告：{UNREVIEWED}。取得审图号后请设置 {REVIEW_VARIABLE}。", err=True)
