"""Commands that ask about areas and about pairs: area, between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas, open_atlas
from gzmap.cli.brought import file_lang, output, read_brought, repair, review
from gzmap.cli.columns import NOTHING, format_number, format_table
from gzmap.cli.edge import as_json, print_json, require_data
from gzmap.cli.orders import numbers, read_bbox, take
from gzmap.cli.owned import load_named, load_near, own_option, stored_option
from gzmap.config import AREA_TITLE
from gzmap.export.answer_words import (
    CERTAINTIES,
    LOOSE,
    PAIR_RELATIONS,
    PAIR_TITLE,
    RELATIONS,
    UNITS,
    format_km2,
    list_pair_lead,
)
from gzmap.export.answers import export_area, export_pairs, quote_sentence
from gzmap.own import OwnLayer
from gzmap.query import (
    AreaAnswer,
    Overlap,
    Pair,
    build_rectangle,
    find_between,
    find_district_area,
    find_in_area,
    require_circle,
)

FEATURES = ("编号", "名称", "关系", "涉及", "重叠", "占要素", "占范围")
PAIRS = ("A", "", "关系", "B", "", "确定性", "距离(m)", "共有")
WIDE = "片区层面涉及（误差大，具体位置未明确）："
OWN = "本单位图层："
NOTHING_THERE = "范围内没有已收录的要素"
NO_PAIRS = "没有符合条件的要素"


CIRCLE_HINT = "lon,lat,radius in degrees and metres, for instance 113.33,23.11,1500"

AREAS = (
    click.argument("file", required=False, type=click.Path(path_type=Path)),
    click.option("--crs", default="", metavar="EPSG:…", help="CRS of FILE, where it says none; GCJ-02, too."),
    repair,
    click.option("--district", metavar="名", help="A whole district, for instance 黄埔区."),
    click.option("--bbox", callback=read_bbox, metavar="W,S,E,N", help="A rectangle, in degrees."),
    click.option(
        "--circle", callback=numbers(3, CIRCLE_HINT), metavar="LON,LAT,M", help="A circle, in degrees and metres."
    ),
)
"""Ways to say which area is meant; one of them is taken."""


@click.command()
@take(*AREAS)
@own_option
@stored_option
@output
@file_lang
@review
@as_json
@click.pass_context
def area(ctx: click.Context, *, own: tuple[OwnLayer, ...], output: Path | None, is_json: bool, **asked: object) -> None:
    """Tell what the plan says about an area.

    FILE is a site: GeoJSON, KML, KMZ, a zipped Shapefile, DXF or text with coordinates. Give it or one of the options.
    It is read, not kept. This is no opinion on conformity.
    """
    atlas = open_atlas(require_data(ctx))
    shape, place = _find_area(atlas, asked)
    stored = load_near(shape) if asked["is_stored"] else ()
    answer = find_in_area(atlas, shape, own=[*own, *stored])
    if output is not None:
        told = {"review_number": str(asked["review_number"]), "lang": asked["lang"]}
        click.echo(export_area(atlas, answer, output, place=place, **told))
    elif is_json:
        _print_members(atlas, answer, place)
    else:
        _print_area(atlas, answer, place)


def _find_area(atlas: Atlas, asked: Mapping) -> tuple[BaseGeometry, str]:
    """Find the area that was named, and what to call it."""
    names = ("file", "district", "bbox", "circle")
    given = [name for name in names if asked[name] is not None]
    if len(given) != 1:
        raise click.UsageError("Name one area: FILE, --district, --bbox or --circle.")
    if asked["file"] is None and (asked["crs"] or asked["repair"]):
        raise click.UsageError("--crs and --repair are for a FILE; name one, or leave them out.")
    if asked["file"] is not None:
        site = read_brought(atlas, asked["file"], crs=str(asked["crs"]), is_repaired=bool(asked["repair"]))
        return site.geometry, site.title
    if asked["district"] is not None:
        return find_district_area(atlas, asked["district"]), asked["district"]
    if asked["bbox"] is not None:
        return build_rectangle(asked["bbox"]), "矩形 {:g},{:g},{:g},{:g}".format(*asked["bbox"])
    return require_circle(*asked["circle"]), "圆 {:g},{:g}，半径 {:g} 米".format(*asked["circle"])


def _print_members(atlas: Atlas, answer: AreaAnswer, place: str) -> None:
    """Print the answer as JSON lines: what it is about, then a line per feature."""
    meta = atlas.document.meta
    head = {"kind": "area", "title": AREA_TITLE[0], "place": place, "area_km2": answer.area_km2}
    print_json(
        {
            **head,
            "edition": {key: meta.get(key) for key in ("title", "edition", "edition_date")},
            "districts": [d._asdict() for d in answer.districts],
            "totals": [asdict(total) for total in answer.totals],
            "unlocated": list(answer.unlocated),
        }
    )
    for row in answer.rows:
        words = [{**asdict(e), "text": quote_sentence(atlas, e)} for e in row.evidence]
        print_json({"kind": "feature", **asdict(row), "evidence": words})


def _print_area(atlas: Atlas, answer: AreaAnswer, place: str) -> None:
    click.echo(AREA_TITLE[0])
    within = "、".join(f"{d.name} {format_km2(d.km2)}" for d in answer.districts) or "不在广州市各区之内"
    click.echo(f"范围：{place}，{format_km2(answer.area_km2)}；所在区：{within}")
    for title, rows in _group(answer):
        if rows:
            click.echo()
            click.echo(title) if title else None
            click.echo(format_table(FEATURES, map(_cells, rows), right=frozenset({4, 5, 6})))
    if not answer.rows:
        click.echo(NOTHING_THERE)
    if answer.unlocated:
        named = "、".join(f"{atlas.features[i].name} [{i}]" for i in answer.unlocated)
        click.echo(f"\n所在区内未能落位：{named}")
    certain = sum(row.certainty == "certain" for row in answer.rows)
    click.echo(f"\n共 {len(answer.rows)} 个要素，确定涉及 {certain} 个。用 -o 结果.xlsx 写出全部，包括纲要原文。")


def _group(answer: AreaAnswer) -> tuple[tuple[str, list[Overlap]], ...]:
    plan = [row for row in answer.rows if not row.own]
    return (
        ("", [row for row in plan if not row.wide]),
        (WIDE, [row for row in plan if row.wide]),
        (OWN, [row for row in answer.rows if row.own]),
    )


def _cells(row: Overlap) -> tuple[str, ...]:
    relation = RELATIONS[row.relation][0] + (LOOSE[0] if row.loose else "")
    return (
        *(row.feature_id, row.name, relation, CERTAINTIES[row.certainty][0]),
        *(_format_shared(row), _format_part(row.share), _format_part(row.cover)),
    )


def _format_shared(row: Overlap | Pair) -> str:
    if not row.measure:
        return NOTHING
    return f"{format_number(row.measure, '.1f' if row.unit == 'km' else '.3g')} {UNITS[row.unit]}"


def _format_part(part: float | None) -> str:
    return NOTHING if not part else f"{100 * part:.1f}%"


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--relation", type=click.Choice(list(PAIR_RELATIONS)), required=True, help="How A lies to B.")
@click.option("--distance-m", type=float, default=0.0, show_default=True, help="How far 'near' reaches, in metres.")
@own_option
@output
@file_lang
@review
@as_json
@click.pass_context
def between(ctx: click.Context, *, own: tuple[OwnLayer, ...], output: Path | None, is_json: bool, **asked: str) -> None:
    """Find features of A that meet or are near those of B.

    A and B are layers, single features, or districts: `gzmap between eco_corridors 黄埔区 --relation crosses`. Own
    layers that they name are taken from the folder, else from the database.
    """
    atlas = open_atlas(require_data(ctx))
    question = (asked["a"], asked["b"], asked["relation"], float(asked["distance_m"]))
    a, b, relation, distance_m = question
    known = {layer.layer_id for layer in own}
    own = (*own, *(layer for layer in load_named(a, b) if layer.layer_id not in known))
    pairs = find_between(atlas, a, b, relation=relation, distance_m=distance_m, own=own)
    if output is not None:
        titles = {layer.layer_id: layer.title for layer in own}
        lang = asked["lang"]
        lead = list_pair_lead(atlas, question, review_number=asked["review_number"], lang=lang)
        click.echo(export_pairs(atlas, pairs, output, lead=lead, own_titles=titles, lang=lang))
    elif is_json:
        for pair in pairs:
            print_json(asdict(pair))
    else:
        click.echo(PAIR_TITLE[0])
        click.echo(format_table(PAIRS, map(_pair_cells, pairs), right=frozenset({6, 7})) if pairs else NO_PAIRS)
        certain = sum(pair.certainty == "certain" for pair in pairs)
        click.echo(f"共 {len(pairs)} 对，确定 {certain} 对，其余可能。")


def _pair_cells(pair: Pair) -> tuple[str, ...]:
    certainty = CERTAINTIES[pair.certainty][0] + ("（片区层面）" if pair.wide else "")
    return (
        *(pair.a_id, pair.a_name, PAIR_RELATIONS[pair.relation][0], pair.b_id, pair.b_name, certainty),
        *(format_number(pair.distance_m, ".0f"), _format_shared(pair)),
    )
