"""What several commands take: a file to write tables to, a site in a file."""

from __future__ import annotations

from pathlib import Path

import click

from gzmap.atlas import Atlas
from gzmap.cli.delivery import REVIEW_VARIABLE
from gzmap.cli.edge import Refusal, describe, is_chinese
from gzmap.export.lists import LANGS
from gzmap.query import find_district_areas
from gzmap.sites import Site, SiteError, read_site

output = click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write, .xlsx or .csv.")
review = click.option("--review-number", envvar=REVIEW_VARIABLE, default="", help="Map review number (审图号).")
file_lang = click.option(
    "--lang", type=click.Choice(LANGS), default="zh", show_default=True, help="Language of the file that is written."
)
repair = click.option("--repair", is_flag=True, help="Repair an outline that crosses itself, instead of refusing it.")


def read_brought(atlas: Atlas, path: Path, *, crs: str, is_repaired: bool, crs_option: str = "--crs") -> Site:
    """Read a site and tell on standard error what was noted.

    Raises
    ------
    SiteError
        As `read_site`.
    Refusal
        Instead, where an option of the command, of which ``crs_option`` names one, would help.
    """
    try:
        site = read_site(path, crs=crs, repair=is_repaired, outlines=find_district_areas(atlas))
    except SiteError as error:
        remedies = [f"{crs_option} {code}" for code in error.suggestions]
        if error.code == "self-intersecting":
            remedies = ["--repair"]
        if not remedies:
            raise
        listed = "、".join(remedies) if is_chinese() else ", ".join(remedies)
        raise Refusal(f"{describe(error)}{f'（{listed}）' if is_chinese() else f' ({listed})'}") from None
    for note in site.notes:
        click.echo(f"提示：{note.zh}", err=True)
    return site
