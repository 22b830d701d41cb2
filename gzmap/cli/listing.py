"""The command that lists: places."""

from __future__ import annotations

from dataclasses import asdict

import click

from gzmap.atlas import open_atlas
from gzmap.cli.columns import NOTHING, format_number, format_table
from gzmap.cli.edge import as_json, print_json, require_data
from gzmap.query import FeatureReport, find_report

PLACES = ("编号", "名称", "图层", "所在区", "落位")
REPORT = ("编号", "名称", "图层", "方法", "误差(m)", "依据", "图上", "文献", "单位", "相差(%)")
UNITS = {"km": "km", "km2": "km²"}
SHORT = ("id", "name", "layer", "title", "district", "located")


@click.command()
@click.option("--layer", "layer_ids", multiple=True, metavar="LAYER", help="Only this layer; may be given repeatedly.")
@click.option("--report", "is_report", is_flag=True, help="Tell method, accuracy, evidence, size and official figure.")
@as_json
@click.pass_context
def places(ctx: click.Context, *, layer_ids: tuple[str, ...], is_report: bool, is_json: bool) -> None:
    """List what the plan names, located or not."""
    atlas = open_atlas(require_data(ctx))
    for layer_id in layer_ids:
        atlas.require_layer(layer_id)
    found = [f for f in find_report(atlas) if not layer_ids or f.layer in layer_ids]
    if is_json:
        for feature in found:
            members = asdict(feature)
            print_json(members if is_report else {key: members[key] for key in SHORT})
        return
    click.echo(_report_table(found) if is_report else _places_table(found))
    located = sum(feature.located for feature in found)
    click.echo(f"共 {len(found)} 个要素，已落位 {located} 个，未落位 {len(found) - located} 个")


def _places_table(features: list[FeatureReport]) -> str:
    rows = [(f.id, f.name, f.title, f.district or NOTHING, "是" if f.located else "否") for f in features]
    return format_table(PLACES, rows, right=frozenset())


def _report_table(features: list[FeatureReport]) -> str:
    return format_table(REPORT, map(_report_cells, features), right=frozenset({4, 5, 6, 7, 9}))


def _report_cells(feature: FeatureReport) -> tuple[str, ...]:
    form = ".1f" if feature.unit == "km" else ".2f"
    is_measured = feature.drawn is not None or feature.official is not None
    return (
        *(feature.id, feature.name, feature.title, feature.method),
        format_number(feature.accuracy_m, "g"),
        str(feature.evidence),
        format_number(feature.drawn, form),
        format_number(feature.official, form),
        UNITS[feature.unit] if is_measured else NOTHING,
        format_number(feature.difference_pct, "+.1f"),
    )
