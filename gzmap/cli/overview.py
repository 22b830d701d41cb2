"""Commands that list: the districts, the inventory, what the plan says of a place, references."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click

from gzmap.atlas import Atlas, open_atlas
from gzmap.cli.brought import file_lang, output, review
from gzmap.cli.columns import NOTHING, format_number, format_table
from gzmap.cli.edge import as_json, print_json, require_data
from gzmap.export.inventory_table import HEADS, export_inventory, say_value
from gzmap.export.lists import Lang, choose
from gzmap.export.overview_table import export_overview, find_place_title, find_scope_title, list_overview_notes
from gzmap.query.citations import EDITIONS, Citation, Reference, build_citation
from gzmap.query.inventory import METHODS, ROLES, STATUSES, Claim, Filters, list_claims
from gzmap.query.overview import ALL, KINDS, WHOLE, Overview, Scope, count_districts
from gzmap.query.plain_words import LANGS
from gzmap.query.plainly import PlainItem, list_plainly, say_basis
from gzmap.query.residents import RADIUS_M, find_for_residents

OVERVIEW = ("区", "统计层次", "要素", "落位", "示意", "写明", "未落位", "长度(km)", "计一次", "面积(km²)", "计一次")
INVENTORY = ("编号", "名称", "状态", "方法", "误差(m)", "所在区", "引文类型", "段落", "原文用词")
NOTES = {
    "no_author": (
        "责任者不详，按顺序编码制略去；著者—出版年制写“佚名”",
        "nobody is named as responsible; left out in the numeric system, “佚名” in that of author and year",
    ),
    "no_date": ("日期不详，略去", "no date is known; left out"),
    "no_path": ("没有网址：用 --link 给出永久链接", "there is no address: give the permanent one with --link"),
    "home_page": (
        "网址是发布机关的首页，原页地址未查得",
        "the address is the issuer's home page; that of the document itself is not known",
    ),
    "formal_exists": (
        "引的是征求意见稿；另有正式文本，内容可能不同",
        "this is the consultation draft; a formal text exists and may differ",
    ),
}
NOTED = ("  注：{}", "  Note: {}")
PLACED = ("  引文位置：{}（{}）", "  Place of the words: {} ({})")


@click.command()
@click.option(
    "--by", "kind", type=click.Choice(KINDS), default=ALL, show_default=True, help="What is counted together."
)
@click.option("--district", metavar="NAME", help="Only this district; 市外 and 全市 are what lies in none.")
@output
@file_lang
@review
@as_json
@click.pass_context
def overview(
    ctx: click.Context, *, kind: str, district: str | None, output: Path | None, is_json: bool, **told: str
) -> None:
    """Count the districts: features, located or named, km, km².

    A feature of several districts counts in each; the last rows tell the whole, and by how much the districts exceed
    it. A file holds all districts and all ways of counting.
    """
    atlas = open_atlas(require_data(ctx))
    found = count_districts(atlas)
    if district is not None:
        found.tally(district)
    if output is not None:
        click.echo(export_overview(atlas, output, **told))
        return
    scopes = [scope for scope in found.scopes if scope.kind == kind]
    places = [p for p in (*found.places, WHOLE) if district in (None, p)]
    if is_json:
        for scope in scopes:
            for place in places:
                print_json(_tally_members(found, place, scope))
        return
    rows = [_tally_cells(atlas, found, place=place, scope=scope) for scope in scopes for place in places]
    click.echo(format_table(OVERVIEW, rows, right=frozenset(range(2, len(OVERVIEW)))))
    if district is None:
        repeats = found.count_repeats()
        click.echo(f"各行之和比合计多 {repeats.features} 个要素、{repeats.km:.1f} km：跨区的重复计。")
    for note in list_overview_notes():
        click.echo(note)


def _tally_members(found: Overview, place: str, scope: Scope) -> dict:
    tally = asdict(found.tally(place, scope.kind, scope.id))
    return {"place": place, "kind": scope.kind, "id": scope.id, "features": len(tally["ids"]), **tally}


def _tally_cells(atlas: Atlas, found: Overview, *, place: str, scope: Scope) -> tuple[str, ...]:
    tally = found.tally(place, scope.kind, scope.id)
    counts = (tally.features, tally.located, tally.schematic, tally.named, tally.unlocated)
    return (
        *(find_place_title(place), find_scope_title(atlas, scope)),
        *(str(count or NOTHING) for count in counts),
        *(format_number(n or None, ".1f") for n in (tally.km, tally.net_km)),
        *(format_number(n or None, ".2f") for n in (tally.km2, tally.net_km2)),
    )


def _several(option: str, name: str, help_: str, *, choices: Iterable[str] = ()) -> object:
    kind = {"type": click.Choice(list(choices))} if choices else {"metavar": name.upper().removesuffix("S")}
    return click.option(option, name, multiple=True, help=f"{help_} May be given repeatedly.", **kind)


@click.command()
@_several("--theme", "themes", "Only this theme.")
@_several("--layer", "layers", "Only this layer.")
@_several("--status", "statuses", "Only this status.", choices=STATUSES)
@_several("--method", "methods", "Only this method.", choices=METHODS)
@_several("--district", "districts", "Only this district, 市外 or 全市.")
@_several("--chapter", "chapters", "Only this chapter, by number, or front.")
@_several("--role", "roles", "Only words that justify, or that only name.", choices=ROLES)
@click.option("--located/--unlocated", "located", default=None, help="Only what is drawn, or what is not.")
@click.option("--text", default="", help="Only names and sentences with this; names in pinyin too.")
@click.option("--sort", "order", multiple=True, metavar="COLUMN", help="Member to sort by, - before it for backwards.")
@output
@file_lang
@review
@as_json
@click.pass_context
def inventory(
    ctx: click.Context,
    *,
    order: tuple[str, ...],
    output: Path | None,
    review_number: str,
    lang: Lang,
    is_json: bool,
    **wanted: object,
) -> None:
    """List every feature with every place that names it."""
    atlas = open_atlas(require_data(ctx))
    claims = list_claims(atlas, filters=Filters(**wanted), order=order)
    if output is not None:
        click.echo(export_inventory(atlas, claims, output, review_number=review_number, lang=lang))
        return
    if is_json:
        for claim in claims:
            print_json(asdict(claim))
        return
    click.echo(format_table(INVENTORY, map(_claim_cells, claims), right=frozenset({4})))
    count = len({claim.feature_id for claim in claims})
    click.echo(f"共 {len(claims)} 行，{count} 个要素。用 -o 清单.xlsx 写出全部 {len(HEADS)} 列，包括原文句子。")


def _claim_cells(claim: Claim) -> tuple[str, ...]:
    return (
        *(claim.feature_id, claim.name, say_value(claim.status), say_value(claim.method)),
        *(format_number(claim.accuracy_m, "g"), "、".join(claim.districts)),
        *(say_value(claim.role) or NOTHING, claim.para_id or NOTHING, claim.exact or NOTHING),
    )


@click.command()
@click.argument("place", required=False, default="")
@click.option("--district", default="", metavar="NAME", help="A district instead of a place.")
@click.option("--at", "point", type=(float, float), metavar="LON LAT", help="A position instead: degrees, WGS 84.")
@click.option("--radius-m", type=float, default=RADIUS_M, show_default=True, help="How far 'near' reaches, in metres.")
@click.option("--lang", type=click.Choice(LANGS), default="zh", show_default=True, help="Language.")
@as_json
@click.pass_context
def mine(ctx: click.Context, *, radius_m: float, lang: str, is_json: bool, **asked: object) -> None:
    """Tell in plain words what the plan says of PLACE.

    PLACE is what a person types, or the id of a feature or label; or name a district or a position.
    """
    atlas = open_atlas(require_data(ctx))
    answer = find_for_residents(atlas, radius_m=radius_m, **asked)
    groups = list_plainly(atlas, answer, lang, radius_m=radius_m)
    if is_json:
        told = {i.feature_id: i for g in groups for s in g.subjects for i in s.items}
        for statement in answer.statements:
            print_json({**asdict(statement), "plain": asdict(told[statement.feature_id])})
        return
    if answer.title:
        click.echo(answer.title)
    for group in groups:
        click.echo(f"\n{group.title}（{group.count}）  {group.hint}".rstrip())
        for subject in group.subjects:
            click.echo(f"\n  {subject.title}")
            for item in subject.items:
                click.echo(_format_item(item))
    click.echo(f"\n{say_basis(atlas, lang)}")


def _format_item(item: PlainItem) -> str:
    quotes = "".join(f"\n      “{sentence}”（{para_id}）" for para_id, sentence in item.quotes)
    return f"    {item.headline}\n      {' '.join(item.lines)}{quotes}"


@click.command()
@click.argument("cited_id", metavar="ID")
@click.option("--link", default="", metavar="ADDRESS", help="Permanent link of the paragraph or feature.")
@click.option("--accessed", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Day of access; today if left out.")
@click.option("--author", default="", help="Who is responsible for the map.")
@click.option("--edition", type=click.Choice(EDITIONS), default="2025", show_default=True, help="Of GB/T 7714.")
@click.option("--lang", type=click.Choice(LANGS), default="zh", show_default=True, help="Language of the notes.")
@as_json
@click.pass_context
def cite(
    ctx: click.Context, *, cited_id: str, accessed: datetime | None, lang: Lang, is_json: bool, **wanted: str
) -> None:
    """Cite a paragraph or feature by GB/T 7714.

    The references are Chinese, as the standard and the plan are; what is noted of them may be English.
    """
    # The day where the reader sits is meant, whatever the zone.
    day = accessed.date() if accessed else date.today()  # noqa: DTZ011
    citation = build_citation(open_atlas(require_data(ctx)), cited_id, accessed=day, **wanted)
    if is_json:
        print_json(asdict(citation))
        return
    for line in _format_citation(citation, lang):
        click.echo(line)


def _format_citation(citation: Citation, lang: Lang) -> Iterable[str]:
    if citation.plan is not None:
        yield from _format_reference(citation.plan, lang)
    for place in citation.places:
        yield choose(PLACED, lang).format(place.text, place.para_id)
        yield from (f"    “{quote}”" for quote in place.quotes)
    if citation.shown is not None:
        yield from _format_reference(citation.shown, lang)


def _format_reference(reference: Reference, lang: Lang) -> Iterable[str]:
    yield reference.text
    yield from (choose(NOTED, lang).format(choose(NOTES[note], lang)) for note in reference.notes)
