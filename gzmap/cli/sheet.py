"""The command that prints a map sheet."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

import click
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas, open_atlas
from gzmap.cli.brought import read_brought, repair, review
from gzmap.cli.edge import as_json, print_json, require_data
from gzmap.cli.orders import numbers, read_bbox, take
from gzmap.cli.owned import own_option
from gzmap.config import AREA_TITLE
from gzmap.export.answer_words import list_area_lead
from gzmap.export.answers import build_area_tables
from gzmap.export.selection import Selection, find_region
from gzmap.export.targets import open_target
from gzmap.query import find_in_area
from gzmap.sheet import (
    FORMATS,
    PAPERS,
    PNG_DPI,
    SCALES,
    Sheet,
    SheetTable,
    SheetView,
    build_answer_tables,
    export_sheet,
)

FIT = "fit"
TITLES = {"zh": "{place}规划要素图", "en": "Features of the plan: {place}"}
WHOLE = {"zh": "美丽广州", "en": "Beautiful Guangzhou"}


CENTER_HINT = "lon,lat in degrees, for instance 113.33,23.11"


def _read_scale(ctx: click.Context, parameter: click.Parameter, value: str) -> int | None:
    """Read ``1:50000``, ``50000`` or ``fit``."""
    plain = unicodedata.normalize("NFKC", value)
    text = plain.replace(",", "").replace("_", "").replace(" ", "").removeprefix("1:")
    if text == FIT:
        return None
    if not text.isdecimal():
        known = ", ".join(f"1:{scale}" for scale in SCALES)
        raise click.BadParameter(f"write {FIT} or one of {known}", ctx, parameter)
    return int(text)


WHERE = (
    click.option("--bbox", callback=read_bbox, metavar="W,S,E,N", help="Show these bounds, in degrees."),
    click.option("--district", default="", metavar="名", help="Show one district, for instance 番禺区."),
    click.option(
        "--center", callback=numbers(2, CENTER_HINT), metavar="LON,LAT", help="Middle of the sheet; needs a scale."
    ),
    click.option("--site", type=click.Path(path_type=Path), help="Outline the area in this file, and show it."),
    click.option("--site-crs", default="", metavar="EPSG:…", help="CRS of that file, where it says none."),
    repair,
    click.option("--answer", is_flag=True, help="Add pages with what the plan says about the site or district."),
    click.option("--scale", callback=_read_scale, default=FIT, show_default=True, help="1:10000 … 1:500000, or fit."),
)
"""Options that say where the sheet is."""

LOOK = (
    click.option("--paper", type=click.Choice(list(PAPERS)), default="A4", show_default=True, help="Size."),
    click.option("--landscape/--portrait", default=False, help="On its long side, or upright (the default)."),
    click.option("--title", default="", help="Title of the sheet."),
    click.option("--select", "selected", default="", metavar="ID", help="Feature that stands out."),
    click.option("--cards", is_flag=True, help="Add pages with the features and the plan's sentences."),
    click.option("--labels/--no-labels", default=True, help="Names on the map (the default), or none."),
    click.option("--lang", type=click.Choice(list(TITLES)), default="zh", show_default=True, help="Language."),
    click.option("--link", default="", metavar="URL", help="Address for a QR code."),
    review,
    click.option(
        "--fonts",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="Folder with fonts, beside the system's.",
    ),
    click.option("--dpi", type=click.IntRange(72, 600), default=PNG_DPI, show_default=True, help="Of a PNG."),
)
"""Options that say what it looks like."""


@click.command("print")
@click.option("--layers", default="", metavar="ID,ID", help="Layers; those shown at first when left out.")
@take(*WHERE, *LOOK)
@own_option
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File, .pdf or .png.")
@as_json
@click.pass_context
def print_sheet(ctx: click.Context, *, layers: str, output: Path, is_json: bool, **options: object) -> None:
    """Print a map sheet at a true scale.

    A vector PDF, or a PNG; further pages of a PNG are files with -2, -3 … in their names. Background and place names
    are always drawn.
    """
    fmt = output.suffix.lower().removeprefix(".")
    if fmt not in FORMATS:
        raise click.BadParameter(f"{output.name} ends in neither .pdf nor .png.", ctx, param_hint="'-o' / '--output'")
    atlas = open_atlas(require_data(ctx))
    view = _build_view(atlas, _list_layers(atlas, layers), options)
    sheet = export_sheet(atlas, view, fmt=fmt, font_folder=options["fonts"], dpi=options["dpi"])
    files = _write(sheet, output)
    if is_json:
        print_json(_describe(sheet, view, files))
        return
    for path in files:
        click.echo(path)
    drawn, missing = len(sheet.shown), len(sheet.unlocated)
    click.echo(f"1:{sheet.scale}，{view.paper}，绘出 {drawn} 处，未能落位 {missing} 处", err=True)
    for _, words in sheet.remarks:
        click.echo(words, err=True)


def _list_layers(atlas: Atlas, names: str) -> tuple[str, ...]:
    """List what to draw in the catalogue's order: the visible base layers, and the named or else the visible ones."""
    named = [name.strip() for name in names.replace("，", ",").split(",") if name.strip()]
    for name in named:
        atlas.catalog.require_entry(name)
    return tuple(
        e.layer_id
        for e in atlas.catalog.entries.values()
        if e.layer_id in named or (e.visible and (e.kind == "base" or not named))
    )


def _build_view(atlas: Atlas, layer_ids: tuple[str, ...], options: Mapping) -> SheetView:
    if sum(options[name] not in (None, "") for name in ("bbox", "district", "center")) > 1:
        raise click.UsageError("--bbox, --district and --center exclude each other; name one of them.")
    if options["site"] is None and (options["site_crs"] or options["repair"]):
        raise click.UsageError("--site-crs and --repair are for the file of --site; name it, or leave them out.")
    bbox, area, place = options["bbox"], None, options["district"]
    if place:
        region = find_region(atlas, Selection((), district=place))
        bbox, area = region.bounds, region if options["answer"] else None
    if options["site"] is not None:
        told = {"crs": options["site_crs"], "is_repaired": options["repair"], "crs_option": "--site-crs"}
        site = read_brought(atlas, options["site"], **told)
        area, place = site.geometry, site.title
    taken = ("center", "scale", "paper", "landscape", "selected", "cards", "labels", "lang", "review_number", "own")
    return SheetView(
        layer_ids, _find_title(options, place), bbox=bbox, area=area, permalink=options["link"],
        tables=_find_answer(atlas, area, place, options=options), **{name: options[name] for name in taken},
    )  # fmt: skip


def _find_title(options: Mapping, place: str) -> str:
    lang = options["lang"]
    usual = (
        AREA_TITLE[list(TITLES).index(lang)] if options["answer"] else TITLES[lang].format(place=place or WHOLE[lang])
    )
    return options["title"] or usual


def _find_answer(atlas: Atlas, area: BaseGeometry | None, place: str, *, options: Mapping) -> tuple[SheetTable, ...]:
    """Find what the plan says about the area, where that is asked for."""
    if not options["answer"]:
        return ()
    if area is None:
        raise click.UsageError("--answer needs an area: name a --site or a --district.")
    lang, number = options["lang"], options["review_number"]
    answer = find_in_area(atlas, area, own=options["own"])
    lead = list_area_lead(atlas, answer, place=place, review_number=number, lang=lang)
    return build_answer_tables(build_area_tables(atlas, answer, lang=lang), lead=lead, lang=lang)


def _write(sheet: Sheet, output: Path) -> list[Path]:
    """Write the sheet, each page of a PNG as a file."""
    names = [output, *(output.with_stem(f"{output.stem}-{n}") for n in range(2, len(sheet.pages) + 1))]
    for path, page in zip(names, sheet.pages, strict=True):
        with open_target(path) as folder:
            (folder / path.name).write_bytes(page)
    return names


def _describe(sheet: Sheet, view: SheetView, files: list[Path]) -> dict:
    return {
        "files": [str(path) for path in files],
        "scale": sheet.scale,
        "paper": view.paper,
        "landscape": view.landscape,
        "bounds_m": [round(value, 2) for value in sheet.bounds_m],
        "features": list(sheet.shown),
        "unlocated": list(sheet.unlocated),
        "remarks": [{"code": code, "text": text} for code, text in sheet.remarks],
    }
