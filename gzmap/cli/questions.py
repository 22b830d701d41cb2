"""Commands that ask the atlas: find, show, at."""

from __future__ import annotations

from dataclasses import asdict

import click

from gzmap.atlas import Atlas, open_atlas
from gzmap.catalog import Feature
from gzmap.cli.edge import as_json, print_json, require_data
from gzmap.cli.owned import own_option
from gzmap.errors import CatalogError, NotFoundError
from gzmap.export.answer_words import CERTAINTIES
from gzmap.export.answers import quote_sentence
from gzmap.own import OwnLayer
from gzmap.query import Evidence, Hit, Place, Told, find_evidence, find_here, find_named, find_text

NOTHING_FOUND = "未收录该地名"
KINDS = {"feature": "要素", "label": "地名", "paragraph": "原文", "district": "行政区", "own": "本单位"}
RELATIONS = {"contains": "在其范围内", "near": "在其附近"}


@click.command()
@click.argument("text")
@click.option("--limit", type=int, default=30, show_default=True, help="Greatest number of hits.")
@as_json
@click.pass_context
def find(ctx: click.Context, *, text: str, limit: int, is_json: bool) -> None:
    """Search features, labels and the plan's words.

    TEXT is Chinese (简 or 繁), pinyin or initials. Nothing found is no error: exit 0.
    """
    hits = find_text(open_atlas(require_data(ctx)), text, limit=limit)
    for hit in hits:
        if is_json:
            print_json(_hit_members(hit))
        else:
            click.echo(_hit_line(hit))
    if not hits and not is_json:
        click.echo(f"{NOTHING_FOUND}：{text}")


def _hit_members(hit: Hit) -> dict:
    head = {"kind": hit.kind, "id": hit.id}
    if hit.kind == "paragraph":
        return {**head, "title": hit.name, "score": hit.score, "start": hit.start, "end": hit.end}
    place = {"layer": hit.layer_id, "district": hit.district, "lon": hit.lon, "lat": hit.lat}
    return {**head, "name": hit.name, "score": hit.score, **place}


def _hit_line(hit: Hit) -> str:
    place = "" if hit.lon is None else f"  {hit.lon:.4f},{hit.lat:.4f}"
    return f"{KINDS[hit.kind]}  {hit.name}  [{hit.id}]{place}"


@click.command()
@click.argument("feature_id", metavar="ID")
@as_json
@click.pass_context
def show(ctx: click.Context, feature_id: str, is_json: bool) -> None:
    """Show a feature and the words behind it.

    Or, for the id of a passage, its words and the features that they name.
    """
    atlas = open_atlas(require_data(ctx))
    if feature_id in atlas.document.passages:
        _show_passage(atlas, feature_id, is_json=is_json)
        return
    feature = _require_feature(atlas, feature_id)
    words = find_evidence(atlas, feature_id)
    if is_json:
        print_json(_feature_members(feature, words))
        return
    fields = atlas.catalog.fields_of(atlas.entry_of(feature))
    click.echo(f"{feature.name}  [{feature.feature_id}]")
    for name, value in feature.properties.items():
        if value not in (None, "") and name != "name":
            unit = fields.get(name, {}).get("unit") or ""
            click.echo(f"  {fields.get(name, {}).get('title', name)}：{value}{' ' if unit else ''}{unit}")
    click.echo(f"  几何：{_geometry_type(feature) or '未能落位'}")
    for word in words:
        click.echo(_word_line(atlas, word))


def _show_passage(atlas: Atlas, para_id: str, *, is_json: bool) -> None:
    text, named = atlas.document.passages[para_id], find_named(atlas, para_id)
    if is_json:
        print_json({"para_id": para_id, "text": text, "named": [asdict(one) for one in named]})
        return
    click.echo(f"{text}  [{para_id}]")
    for one in named:
        role = "依据" if one.role == "evidence" else "提及"
        said = "、".join(dict.fromkeys(text[start:end] for start, end in one.spans))
        place = "" if one.located else "，未能落位"
        click.echo(f"  {one.name}  [{one.feature_id}]  {said}（{role}{place}）")


def _require_feature(atlas: Atlas, feature_id: str) -> Feature:
    """Return the feature; where its layer is broken, say so rather than that it does not exist."""
    try:
        return atlas.require_feature(feature_id)
    except NotFoundError:
        broken = atlas.broken.get(feature_id.partition(".")[0])
        if broken:
            raise CatalogError(broken) from None
        raise


def _feature_members(feature: Feature, words: tuple[Evidence, ...]) -> dict:
    said = {
        role: [
            {"para_id": w.para_id, "start": w.start, "end": w.end, "exact": w.exact} for w in words if w.role == role
        ]
        for role in ("evidence", "mention")
    }
    own = {"id": feature.feature_id, "layer": feature.layer_id, "geometry_type": _geometry_type(feature)}
    return {**feature.properties, **own, "evidence": said["evidence"], "mentions": said["mention"]}


def _geometry_type(feature: Feature) -> str | None:
    return None if feature.geometry is None else feature.geometry.geom_type


def _word_line(atlas: Atlas, word: Evidence) -> str:
    start, end = word.sentence
    text = atlas.document.passages[word.para_id]
    marked = f"{text[start : word.start]}【{word.exact}】{text[word.end : end]}"
    role = "为什么在这里" if word.role == "evidence" else "另见"
    place = " › ".join(filter(None, (word.chapter, word.section)))
    return f"  {role}：{marked}（{'，'.join(filter(None, (place, word.para_id)))}）"


# Unknown options are let through, so that -1 is a number; a misspelt option is then one argument too many.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=float)
@click.argument("lat", type=float)
@click.option("--radius-m", type=float, default=0.0, show_default=True, help="How far 'near' reaches, in metres.")
@click.option("--sentences", is_flag=True, help="Tell the words of the plan behind each feature.")
@own_option
@as_json
@click.pass_context
def at(ctx: click.Context, *, lon: float, lat: float, own: tuple[OwnLayer, ...], is_json: bool, **how: float) -> None:
    """Tell what lies at LON LAT.

    Degrees, WGS 84, longitude first; negative numbers as they are.
    """
    atlas = open_atlas(require_data(ctx))
    here = find_here(atlas, lon, lat, radius_m=how["radius_m"], own=own)
    for one in here.told:
        if is_json:
            print_json(_told_members(atlas, one, sentences=bool(how["sentences"])))
            continue
        click.echo(_place_line(one.place))
        for word in one.evidence if how["sentences"] else ():
            click.echo(_word_line(atlas, word))
    if not here.told and not is_json:
        click.echo("此处没有已收录的区划或要素")


def _told_members(atlas: Atlas, told: Told, *, sentences: bool) -> dict:
    keys = ("kind", "id", "name", "relation", "certainty", "distance_m", "wide")
    members = {key: getattr(told.place, key) for key in keys}
    if not sentences:
        return members
    words = [{**asdict(word), "text": quote_sentence(atlas, word)} for word in told.evidence]
    return {**members, "layer": told.layer_id, "evidence": words}


def _place_line(place: Place) -> str:
    relation = "片区层面涉及（具体位置未明确）" if place.wide else RELATIONS[place.relation]
    distance = f"，{place.distance_m:.0f} 米" if place.relation == "near" else ""
    return f"{KINDS[place.kind]}  {place.name}  [{place.id}]  {relation}{distance}（{CERTAINTIES[place.certainty][0]}）"
