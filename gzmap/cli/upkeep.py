"""Commands that look after the data: check, format, propose."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from gzmap.checks import check_atlas, find_lengths, format_project, propose_for
from gzmap.cli.columns import format_number, format_table
from gzmap.cli.edge import as_json, print_json, require_root
from gzmap.config import MENTIONS_FILE
from gzmap.files import hold, replace_file

LENGTHS = ("编号", "名称", "图上(km)", "文献(km)", "相差(%)", "缘由")


@click.command()
@as_json
@click.pass_context
def check(ctx: click.Context, is_json: bool) -> None:
    """Check all data; exit 1 if there is an error.

    Then come the drawn lengths beside those of documents; --json prints the findings alone.
    """
    root = require_root(ctx)
    findings = check_atlas(root)
    for finding in findings:
        if is_json:
            print_json(asdict(finding))
        else:
            click.echo(f"{finding.severity} {finding.code}  {finding}")
    errors = sum(finding.severity == "error" for finding in findings)
    if not is_json:
        _print_lengths(root)
        click.echo(f"{errors} errors, {len(findings) - errors} warnings" if findings else "数据检查通过，没有发现问题")
    ctx.exit(1 if errors else 0)


def _print_lengths(root: Path) -> None:
    """Print each drawn length that a document states too; nothing where there is none."""
    rows = [
        (
            *(length.feature_id, length.name),
            *(format_number(number, ".1f") for number in (length.drawn, length.official)),
            format_number(length.difference_pct, "+.1f"),
            length.diff_note,
        )
        for length in find_lengths(root)
    ]
    if rows:
        click.echo(format_table(LENGTHS, rows, right=frozenset({2, 3, 4})))


@click.command("format")
@click.option("--check", "is_check", is_flag=True, help="Write nothing; exit 1 if a file is not canonical.")
@click.pass_context
def format_files(ctx: click.Context, is_check: bool) -> None:
    """Put all data files into their canonical form."""
    changed = format_project(require_root(ctx), write=not is_check)
    for path in changed:
        click.echo(path.as_posix())
    ctx.exit(1 if changed and is_check else 0)


@click.command()
@click.option("--write", is_flag=True, help="Write layers/mentions.jsonl instead of printing it.")
@click.pass_context
def propose(ctx: click.Context, write: bool) -> None:
    """Propose which words name which feature.

    Mentions that people decided on (method manual) are kept.
    """
    root = require_root(ctx)
    if not write:
        click.echo(propose_for(root), nl=False)
        return
    with hold(root, "gzmap propose"):
        text = propose_for(root)
        replace_file(root / MENTIONS_FILE, text.encode())
    click.echo(f"{MENTIONS_FILE.as_posix()}：{text.count(chr(10))} 条")
