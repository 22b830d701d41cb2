"""The command that accounts for the place names of the text: ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import groupby

import click

from gzmap.atlas import Atlas, open_atlas
from gzmap.cli.columns import NOTHING, format_table
from gzmap.cli.edge import as_json, print_json, require_data
from gzmap.ledger import Account
from gzmap.query import count_accounts, find_accounts, find_chapter, find_districts

BOXES = {
    "mapped": "已落图",
    "ambiguous": "有歧义",
    "unlocatable": "未能落位",
    "outside": "市外",
    "not_place": "非具体地点",
    "unaccounted": "未入账",
}
FRONT = "文前"
TOTALS = (*BOXES.values(), "合计")


@click.command()
@click.option("--box", type=click.Choice(list(BOXES)), help="Only place names in this box.")
@click.option("--chapter", metavar="N", help="Only this chapter, by number; front is what precedes the first.")
@click.option("--district", metavar="NAME", help="Only this district; 全市 and 市外 are what lies in none.")
@as_json
@click.pass_context
def ledger(ctx: click.Context, *, box: str | None, chapter: str | None, district: str | None, is_json: bool) -> None:
    """Account for every place name of the text.

    Each stands in one box: on the map, ambiguous, not to be located, outside the city, or no place. Then come totals
    of the whole text, whatever was asked for; --json prints the place names alone.
    """
    atlas = open_atlas(require_data(ctx))
    accounts = find_accounts(atlas, box=box, chapter=chapter, district=district)
    if is_json:
        for account in accounts:
            print_json({**asdict(account), "districts": find_districts(atlas, account)})
        return
    for key, group in groupby(accounts, key=find_chapter):
        click.echo(_heading(atlas, key))
        for account in group:
            click.echo(_line(atlas, account))
        click.echo()
    _print_totals(atlas)


def _heading(atlas: Atlas, key: str) -> str:
    headings = {chapter.chapter_id: chapter.heading for chapter in atlas.document.chapters}
    return headings.get(f"chp_{key}", FRONT)


def _line(atlas: Atlas, account: Account) -> str:
    named = "、".join(f"{_name(atlas, i)} [{i}]" for i in account.feature_ids)
    place = f"[{account.passage_id}:{account.start}-{account.end}]"
    return "  ".join(filter(None, (f"  {BOXES[account.box]}", account.exact, place, named, account.reason)))


def _name(atlas: Atlas, feature_id: str) -> str:
    return atlas.features[feature_id].name if feature_id in atlas.features else NOTHING


def _print_totals(atlas: Atlas) -> None:
    """Print the totals of the whole text: by chapter with the sum, then by district."""
    totals = count_accounts(atlas)
    chapters = {_heading(atlas, key).partition(" ")[0]: counts for key, counts in totals.chapters.items()}
    click.echo(_table("章", {**chapters, "全文": totals.boxes}))
    click.echo()
    click.echo(_table("区", totals.districts))
    click.echo("跨区的地名在各区分别计数，各区之和大于全文。")


def _table(title: str, rows: Mapping[str, Mapping[str, int]]) -> str:
    cells = [
        (name, *(str(counts[box] or NOTHING) for box in BOXES), str(sum(counts.values()) or NOTHING))
        for name, counts in rows.items()
    ]
    return format_table((title, *TOTALS), cells, right=frozenset(range(1, len(TOTALS) + 1)))
