"""Every code of `gzmap check` has a way to be earned, and broken data never stops the review."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gzmap.atlas import read_atlas
from gzmap.checks import CODES, Finding, check_atlas, format_project, propose_for
from gzmap.checks.files import is_link
from gzmap.checks.reading import ENTRY_TYPES
from gzmap.errors import CatalogError, LedgerError, MentionError
from gzmap.files import dump_json
from tests.makers import (
    default_layers,
    edit_json,
    make_feature,
    make_line,
    make_project,
    make_square,
    make_toponym,
    write_text,
)

PARKS = "layers/parks.geojson"
CATALOG = "layers/catalog.json"
SOURCES = "geodata/sources.json"
TOPONYMS = "layers/toponyms.json"
MENTIONS = "layers/mentions.jsonl"
LEDGER = "layers/ledger.jsonl"
PLAN = "geodata/plan/plan.txt"
META = "geodata/plan/meta.json"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def found(root: Path) -> list[tuple[str, str]]:
    return [(f.code, f.where) for f in check_atlas(root)]


# --- ways to break a project


def replace_text(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / path).read_text(encoding="utf-8")
        assert old in text
        write_text(root / path, text.replace(old, new, 1))

    return change


def edit_feature(change: Callable[[dict], object], path: str = PARKS, number: int = 0) -> Callable[[Path], None]:
    return lambda root: edit_json(root / path, lambda content: change(content["features"][number]))


def edit_properties(**properties: object) -> Callable[[Path], None]:
    return edit_feature(lambda feature: feature["properties"].update(properties))


def edit_geometry(geometry: dict | None) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        content = json.loads((root / PARKS).read_text(encoding="utf-8"))
        content["features"][0]["geometry"] = geometry
        write_text(root / PARKS, json.dumps(content, ensure_ascii=False))

    return change


def edit_catalog(change: Callable[[dict], object]) -> Callable[[Path], None]:
    return lambda root: edit_json(root / CATALOG, lambda content: change(content["layers"][2]))


def edit_source(**members: object) -> Callable[[Path], None]:
    return lambda root: edit_json(root / SOURCES, lambda content: content["sources"][0].update(members))


def edit_toponym(**members: object) -> Callable[[Path], None]:
    return lambda root: edit_json(root / TOPONYMS, lambda content: content["toponyms"][0].update(members))


def add_toponym(name: str, **members: object) -> Callable[[Path], None]:
    return lambda root: edit_json(
        root / TOPONYMS, lambda content: content["toponyms"].append(make_toponym(name, **members))
    )


def add_line(exact: str, place: str = "chp_1__sec_2__para_1", **members: object) -> Callable[[Path], None]:
    """Write a line of the ledger for some words; keywords replace its members."""

    def change(root: Path) -> None:
        line = asdict(make_line(read_atlas(root).document, place, exact, "outside")) | members
        text = (root / LEDGER).read_text(encoding="utf-8")
        write_text(root / LEDGER, text + json.dumps(line, ensure_ascii=False) + "\n")

    return change


def both(*changes: Callable[[Path], None]) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        for one in changes:
            one(root)

    return change


def edit_mention(**members: object) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        lines = (root / MENTIONS).read_text(encoding="utf-8").splitlines()
        lines[0] = json.dumps(json.loads(lines[0]) | members, ensure_ascii=False)
        write_text(root / MENTIONS, "\n".join(lines) + "\n")

    return change


def remove(path: str) -> Callable[[Path], None]:
    return lambda root: (root / path).unlink()


def ring(*points: tuple[float, float]) -> dict:
    return {"type": "MultiPolygon", "coordinates": [[[list(p) for p in points]]]}


PRESET = {"id": "green", "title": "绿", "title_en": "Green", "groups": ["parks"]}


def edit_presets(*presets: dict) -> Callable[[Path], None]:
    return lambda root: edit_json(root / CATALOG, lambda c: c.update(presets=list(presets)))


P1 = f"{PARKS}: parks.p001"
LINE1 = f"{MENTIONS}: line 1 (parks.p001)"
LEDGER1 = f"{LEDGER}: line 1 (三河六岸)"
HASH = "0" * 64

# What is done, the code it earns, where.
BREAKS = {
    "layer-cut-off": (replace_text(PARKS, "]}\n", ""), "json-invalid", PARKS),
    "layer-gone": (remove(PARKS), "json-invalid", PARKS),
    "layer-not-utf8": (lambda r: (r / PARKS).write_bytes(b"\xff\xfe"), "json-invalid", PARKS),
    "layer-is-a-list": (lambda r: write_text(r / PARKS, "[]"), "json-invalid", PARKS),
    "layer-of-nan": (replace_text(PARKS, "113.24", "NaN"), "json-invalid", PARKS),
    "layer-too-deep": (lambda r: write_text(r / PARKS, "[" * 100_000), "json-invalid", PARKS),
    "layer-of-another-type": (replace_text(PARKS, "FeatureCollection", "Topology"), "json-invalid", PARKS),
    "feature-without-name": (edit_feature(lambda f: f["properties"].pop("name")), "json-invalid", P1),
    "feature-without-properties": (replace_text(PARKS, '"properties":{', '"properties":0,"p":{'), "json-invalid", P1),
    "feature-without-id": (replace_text(PARKS, '"id":"parks.p001",', ""), "json-invalid", f"{PARKS}: feature 1"),
    "feature-without-geometry": (replace_text(PARKS, '"geometry":', '"g":'), "json-invalid", P1),
    "feature-without-type": (replace_text(PARKS, '"type":"Feature",', ""), "json-invalid", P1),
    "catalog-broken": (replace_text(CATALOG, "{", "["), "json-invalid", CATALOG),
    "catalog-without-layers": (replace_text(CATALOG, '"layers"', '"strata"'), "json-invalid", CATALOG),
    "catalog-fields-list": (lambda r: edit_json(r / CATALOG, lambda c: c.update(fields=[])), "json-invalid", CATALOG),
    "catalog-themes-text": (lambda r: edit_json(r / CATALOG, lambda c: c.update(themes="x")), "json-invalid", CATALOG),
    "entry-without-style": (edit_catalog(lambda e: e.pop("style")), "json-invalid", f"{CATALOG}: parks"),
    "entry-of-another-theme": (edit_catalog(lambda e: e.update(theme="none")), "json-invalid", f"{CATALOG}: parks"),
    "entry-of-another-kind": (edit_catalog(lambda e: e.update(kind="own")), "json-invalid", f"{CATALOG}: parks"),
    "preset-without-title": (edit_presets({"id": "a", "groups": []}), "json-invalid", f"{CATALOG}: preset 1"),
    "preset-of-no-groups": (edit_presets({**PRESET, "groups": "parks"}), "json-invalid", f"{CATALOG}: preset 1"),
    "preset-of-unknown": (edit_presets({**PRESET, "groups": ["gone"]}), "json-invalid", f"{CATALOG}: preset green"),
    "preset-of-base": (edit_presets({**PRESET, "groups": ["districts"]}), "json-invalid", f"{CATALOG}: preset green"),
    "preset-twice": (edit_presets(PRESET, PRESET), "json-invalid", f"{CATALOG}: preset green"),
    "presets-text": (lambda r: edit_json(r / CATALOG, lambda c: c.update(presets="x")), "json-invalid", CATALOG),
    "entry-outside": (edit_catalog(lambda e: e.update(path="../a.geojson")), "json-invalid", f"{CATALOG}: parks"),
    "entry-absolute": (edit_catalog(lambda e: e.update(path="/etc/a.geojson")), "json-invalid", f"{CATALOG}: parks"),
    "entry-fields-wrong": (edit_catalog(lambda e: e.update(fields={"a": 1})), "json-invalid", f"{CATALOG}: parks"),
    "entry-sources-wrong": (edit_catalog(lambda e: e.update(sources=[1])), "json-invalid", f"{CATALOG}: parks"),
    "sources-gone": (remove(SOURCES), "json-invalid", SOURCES),
    "mentions-gone": (remove(MENTIONS), "json-invalid", MENTIONS),
    "mention-no-json": (replace_text(MENTIONS, '{"id"', '"id"'), "json-invalid", f"{MENTIONS}: line 1"),
    "mention-key-missing": (replace_text(MENTIONS, '"role"', '"rule"'), "json-invalid", f"{MENTIONS}: line 1"),
    "mention-start-text": (edit_mention(start="7"), "json-invalid", f"{MENTIONS}: line 1"),
    "mention-start-true": (edit_mention(start=True), "json-invalid", f"{MENTIONS}: line 1"),
    "mention-role-wrong": (edit_mention(role="proof"), "json-invalid", f"{MENTIONS}: line 1"),
    "toponym-without-name": (edit_toponym(name=None), "json-invalid", f"{TOPONYMS}: None"),
    "toponym-ids-text": (edit_toponym(feature_ids="parks.p001"), "json-invalid", f"{TOPONYMS}: 三河六岸"),
    "toponym-rule-unknown": (edit_toponym(box="lost"), "json-invalid", f"{TOPONYMS}: 三河六岸"),
    "toponym-rule-without-reason": (edit_toponym(note=""), "json-invalid", f"{TOPONYMS}: 三河六岸"),
    "toponym-passages-list": (edit_toponym(passages=[]), "json-invalid", f"{TOPONYMS}: 三河六岸"),
    "ledger-gone": (remove(LEDGER), "json-invalid", LEDGER),
    "ledger-no-json": (lambda r: write_text(r / LEDGER, "{\n"), "json-invalid", f"{LEDGER}: line 1"),
    "ledger-box-unknown": (add_line("三河六岸", box="mapped"), "json-invalid", f"{LEDGER}: line 1"),
    "ledger-without-reason": (add_line("三河六岸", reason=""), "json-invalid", f"{LEDGER}: line 1"),
    "meta-broken": (lambda r: write_text(r / META, "{"), "json-invalid", META),
    "key-twice": (replace_text(PARKS, '"name_en":"M', '"name":"x","name_en":"M'), "json-duplicate-key", P1),
    "mention-key-twice": (
        replace_text(MENTIONS, '{"id"', '{"end":1,"id"'), "json-duplicate-key", f"{MENTIONS}: line 1"),
    "key-twice-catalog": (replace_text(CATALOG, '"schema"', '"themes":1,"schema"'), "json-duplicate-key", CATALOG),
    "plan-without-chapter": (lambda r: write_text(r / PLAN, "无章\n"), "plan-invalid", PLAN),
    "plan-gone": (remove(PLAN), "plan-invalid", PLAN),
    "id-twice": (edit_feature(lambda f: f.update(id="parks.p001"), number=1), "id-duplicate", P1),
    "id-in-two-layers": (
        edit_feature(lambda f: f.update(id="parks.p001"), "layers/streams.geojson"),
        "id-duplicate",
        "layers/streams.geojson: parks.p001",
    ),
    "layer-twice": (
        lambda r: edit_json(r / CATALOG, lambda c: c["layers"].append(c["layers"][2])),
        "id-duplicate",
        f"{CATALOG}: parks",
    ),
    "mention-twice": (
        lambda r: (r / MENTIONS).write_text((r / MENTIONS).read_text("utf-8") * 2, "utf-8"),
        "id-duplicate",
        f"{MENTIONS}: parks.p001@chp_1__sec_1__para_1:7-10",
    ),
    "id-of-another-layer": (edit_feature(lambda f: f.update(id="spots.p001")), "id-pattern", f"{PARKS}: spots.p001"),
    "id-with-capital": (edit_feature(lambda f: f.update(id="parks.P1")), "id-pattern", f"{PARKS}: parks.P1"),
    "bow-tie": (
        edit_geometry(ring((113.2, 23.1), (113.3, 23.2), (113.3, 23.1), (113.2, 23.2), (113.2, 23.1))),
        "geometry-invalid",
        P1,
    ),
    "open-ring": (edit_geometry(ring((113.2, 23.1), (113.3, 23.2), (113.3, 23.1))), "geometry-invalid", P1),
    "empty": (edit_geometry({"type": "MultiPolygon", "coordinates": []}), "geometry-invalid", P1),
    "not-a-geometry": (edit_geometry({"type": "Circle", "coordinates": [113, 23]}), "geometry-invalid", P1),
    "text-for-geometry": (edit_geometry("POINT(113 23)"), "geometry-invalid", P1),
    "infinite": (
        replace_text(PARKS, "113.24", "1e999"),
        "geometry-invalid",
        P1,
    ),
    "too-flat": (edit_geometry(make_square(113.2, 23.1) | {"type": "Polygon"}), "geometry-invalid", P1),
    "line": (edit_geometry({"type": "LineString", "coordinates": [[113, 23], [113.3, 23]]}), "geometry-type", P1),
    "point": (edit_geometry({"type": "Point", "coordinates": [113.25, 23.15]}), "geometry-type", P1),
    "flipped": (
        edit_geometry(ring((23.1, 113.2), (23.2, 113.2), (23.2, 113.3), (23.1, 113.2))),
        "lonlat-flipped",
        P1,
    ),
    "beijing": (edit_geometry(make_square(116.3, 39.9)), "outside-boundary", P1),
    "metres": (edit_geometry(make_square(434_000, 2_550_000, 100)), "outside-boundary", P1),
    "next-city": (edit_geometry(make_square(114.5, 23.1)), "leaves-city", P1),
    "seven-decimals": (edit_geometry(make_square(113.24, 23.1400001)), "overprecise", P1),
    "property-missing": (edit_feature(lambda f: f["properties"].pop("status")), "property-name", P1),
    "property-unknown": (edit_properties(colour="red"), "property-name", P1),
    "property-long": (edit_properties(description="x"), "property-name", P1),
    "property-chinese": (edit_properties(名称="x"), "property-name", P1),
    "name-empty": (edit_properties(name=" "), "property-value", P1),
    "accuracy-text": (edit_properties(accuracy_m="50"), "property-value", P1),
    "accuracy-broken-number": (edit_properties(accuracy_m=50.5), "property-value", P1),
    "status-unknown": (edit_properties(status="done"), "property-value", P1),
    "method-unknown": (edit_properties(method="guessed"), "property-value", P1),
    "date-wrong": (edit_properties(entered="2026-11-31"), "property-value", P1),
    "notes-null": (edit_properties(notes=None), "property-value", P1),
    "district-unknown": (edit_properties(district="白云区|东山区"), "property-value", P1),
    "category-unknown": (edit_properties(category="forest"), "category-unknown", P1),
    "category-list": (edit_properties(category=["site"]), "category-unknown", P1),
    "source-unknown": (edit_properties(source_id="survey|rumour"), "source-unknown", P1),
    "source-empty": (edit_properties(source_id=""), "source-unknown", P1),
    "source-of-layer": (edit_catalog(lambda e: e.update(sources=["rumour"])), "source-unknown", f"{CATALOG}: parks"),
    "source-of-feature-only": (
        lambda r: edit_json(r / SOURCES, lambda c: c["sources"].append(c["sources"][0] | {"id": "other"}))
        or edit_properties(source_id="survey|other")(r),
        "source-unknown",
        f"{CATALOG}: parks",
    ),
    "sources-none": (edit_catalog(lambda e: e.update(sources=[])), "source-unknown", f"{CATALOG}: parks"),
    "plan-edited": (lambda r: edit_json(r / META, lambda c: c.update(sha256=HASH)), "source-changed", META),
    "given-edited": (edit_source(path=PLAN, sha256=HASH), "source-changed", f"{SOURCES}: survey"),
    "given-gone": (edit_source(path="geodata/none", sha256=HASH), "source-changed", f"{SOURCES}: survey"),
    "given-outside": (edit_source(path="../../etc/passwd", sha256=HASH), "source-changed", f"{SOURCES}: survey"),
    "link-to-a-mirror": (edit_source(url="https://mirror.example.com/a"), "source-link", f"{SOURCES}: survey"),
    "link-list": (edit_source(url=["https://www.gz.gov.cn"]), "source-link", f"{SOURCES}: survey"),
    "accuracy-null": (edit_properties(accuracy_m=None), "accuracy-missing", P1),
    "accuracy-zero": (edit_properties(accuracy_m=0), "accuracy-missing", P1),
    "only-a-mention": (edit_mention(role="mention"), "evidence-missing", P1),
    "quote-wrong": (edit_mention(exact="帽蜂山"), "quote-mismatch", LINE1),
    "prefix-wrong": (edit_mention(prefix="x"), "quote-mismatch", LINE1),
    "text-moved": (replace_text(PLAN, "共建青山", "共同建设青山"), "quote-mismatch", LINE1),
    "paragraph-unknown": (edit_mention(para_id="chp_9__sec_1__para_1"), "span-outside", LINE1),
    "span-too-far": (edit_mention(start=900, end=903), "span-outside", LINE1),
    "span-negative": (edit_mention(start=-3, end=3), "span-outside", LINE1),
    "mention-of-nothing": (
        edit_mention(feature_id="parks.p999"),
        "mention-unknown-feature",
        f"{MENTIONS}: line 1 (parks.p999)",
    ),
    "mention-of-a-district": (
        edit_mention(feature_id="districts.440111"),
        "mention-unknown-feature",
        f"{MENTIONS}: line 1 (districts.440111)",
    ),
    "toponym-of-nothing": (
        edit_toponym(feature_ids=["parks.p999"]), "toponym-unknown-feature", f"{TOPONYMS}: 三河六岸"),
    "toponym-of-nothing-in-a-passage": (
        edit_toponym(passages={"chp_1__sec_2__para_1": ["parks.p999"]}),
        "toponym-unknown-feature",
        f"{TOPONYMS}: 三河六岸",
    ),
    "toponym-in-no-passage": (edit_toponym(passages={"chp_9": []}), "span-outside", f"{TOPONYMS}: 三河六岸"),
    "toponym-twice": (add_toponym("岸", variants=["三河六岸"]), "id-duplicate", f"{TOPONYMS}: 岸"),
    "toponym-nowhere-in-its-passage": (
        edit_toponym(passages={"chp_1": []}), "ledger-stale", f"{TOPONYMS}: 三河六岸"),
    "toponym-in-no-box": (edit_toponym(box=""), "toponym-unaccounted", f"{TOPONYMS}: 三河六岸"),
    "name-without-mention": (
        edit_feature(lambda f: f["properties"].update(aliases="河涌"), "layers/streams.geojson"),
        "toponym-unaccounted",
        f"{TOPONYMS}: 河涌",
    ),
    "line-of-nothing": (add_line("三河六岸", feature_ids=["parks.p999"]), "toponym-unknown-feature", LEDGER1),
    "line-in-no-passage": (add_line("三河六岸", para_id="chp_9"), "span-outside", LEDGER1),
    "line-too-far": (add_line("三河六岸", end=900), "span-outside", LEDGER1),
    "line-quotes-wrongly": (add_line("三河六岸", start=1, end=5), "quote-mismatch", LEDGER1),
    "line-of-another-id": (add_line("三河六岸", id="ledger@here"), "ledger-stale", LEDGER1),
    "line-at-no-name": (add_line("三条河涌"), "ledger-stale", f"{LEDGER}: line 1 (三条河涌)"),
    "line-under-a-mention": (add_line("东濠涌"), "ledger-conflict", f"{LEDGER}: line 1 (东濠涌)"),
    "line-twice": (
        both(add_line("三河六岸"), add_line("三河六岸")), "ledger-conflict", f"{LEDGER}: line 2 (三河六岸)"),
    "words-like-a-name": (replace_text(PLAN, "恢复生机", "保育南塘湿地"), "toponym-candidate", f"{TOPONYMS}: 南塘湿地"),
    "copy-of-nothing": (edit_properties(based_on="parks.p999"), "based-on", P1),
    "copy-that-is-none": (edit_properties(based_on="parks.p002"), "based-on", P1),
    "part-of-nothing": (edit_properties(part_of="parks.p999"), "part-of", P1),
    "part-elsewhere": (edit_properties(part_of="parks.p002"), "part-of", P1),
    "over-another": (edit_geometry(make_square(113.215, 23.115)), "overlap", P1),
    "half-outside": (edit_geometry(make_square(113.39, 23.14)), "leaves-city", P1),
    "area-of-before": (edit_properties(area_km2=3.0), "measure-stale", P1),
    "area-not-the-official-one": (edit_properties(off_km2=3.0), "length-unexplained", P1),
    "derived-stale": (edit_properties(notes="改"), "catalog-stale", f"{CATALOG}: parks"),
    "derived-gone": (edit_catalog(lambda e: e.pop("derived")), "catalog-stale", f"{CATALOG}: parks"),
    "layer-pretty": (replace_text(PARKS, '"type":"Feature",', '"type": "Feature",'), "format", f"{PARKS}: line 2"),
    "layer-crs": (replace_text(PARKS, '"features"', '"crs":null,"features"'), "format", f"{PARKS}: line 1"),
    "clockwise": (
        edit_geometry(ring((113.2, 23.1), (113.2, 23.2), (113.3, 23.2), (113.3, 23.1), (113.2, 23.1))),
        "format",
        f"{PARKS}: line 1",
    ),
    "catalog-tabs": (replace_text(CATALOG, '  "schema"', '\t"schema"'), "format", f"{CATALOG}: line 2"),
    "ledger-order": (
        both(add_toponym("白云湖"), add_line("三河六岸"), add_line("白云湖", "chp_1__sec_1__para_1")),
        "format",
        f"{LEDGER}: line 1",
    ),
    "mentions-order": (
        lambda r: write_text(r / MENTIONS, "".join(sorted((r / MENTIONS).read_text("utf-8").splitlines(True)))),
        "format",
        f"{MENTIONS}: line 2",
    ),
}  # fmt: skip


def test_the_default_project_is_well(project: Path) -> None:
    assert check_atlas(project) == ()


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found_and_named(project: Path, name: str) -> None:
    change, code, where = BREAKS[name]
    change(project)
    findings = [f for f in check_atlas(project) if (f.code, f.where) == (code, where)]
    assert findings, found(project)
    for finding in findings:
        assert finding.severity == CODES[code][0]
        wrong, dash, remedy = finding.message.rpartition(" — ")
        assert all((wrong, dash, remedy)), finding
        assert str(finding) == f"{where}: {finding.message}"
        assert str(project) not in str(finding)


def test_every_code_can_be_earned() -> None:
    assert {code for _, code, _ in BREAKS.values()} == set(CODES)


def test_codes_say_what_they_mean() -> None:
    for severity, meaning in CODES.values():
        assert severity in ("error", "warning")
        assert meaning.isascii()
        assert meaning.endswith(".")


def test_a_line_of_the_ledger_accounts_for_its_words_alone(project: Path) -> None:
    edit_toponym(box="")(project)
    replace_text(PLAN, "(二)水", "(二)三河六岸")(project)
    assert [c for c, _ in found(project)] == ["toponym-unaccounted"] * 2
    add_line("三河六岸")(project)
    (left,) = check_atlas(project)
    assert left.code == "toponym-unaccounted"
    assert "'三河六岸' in chp_1__sec_2 (3-7) is in no box" in left.message


def test_an_exception_makes_words_mean_nothing_in_one_passage(project: Path) -> None:
    add_toponym("帽峰山", feature_ids=["parks.p001"], passages={"chp_2__sec_1__para_1": []})(project)
    replace_text(MENTIONS, '"role": "mention", "method": "manual"', '"role": "mention", "method": "matched"')(project)
    write_text(project / MENTIONS, propose_for(project))
    assert found(project) == [("toponym-unaccounted", f"{TOPONYMS}: 帽峰山")]
    add_line("帽峰山", "chp_2__sec_1__para_1", box="not_place")(project)
    assert found(project) == []


def test_a_name_that_is_only_a_feature_s_asks_for_a_proposal(project: Path) -> None:
    BREAKS["name-without-mention"][0](project)
    (message,) = [f.message for f in check_atlas(project) if f.code == "toponym-unaccounted"]
    assert message.endswith("is in no box — run `gzmap propose --write`")
    write_text(project / MENTIONS, propose_for(project))
    assert "toponym-unaccounted" not in {f.code for f in check_atlas(project)}


def test_candidates_are_told_once_with_all_their_places(project: Path) -> None:
    replace_text(PLAN, "(二)水", "(二)保育南塘湿地、南塘湿地")(project)
    (finding,) = check_atlas(project)
    assert finding.severity == "warning"
    assert "in chp_1__sec_2 (5-9), chp_1__sec_2 (10-14)" in finding.message


@pytest.mark.parametrize("path", [LEDGER, MENTIONS, TOPONYMS, PLAN])
def test_what_cannot_be_read_accounts_for_nothing_and_is_told_once(project: Path, path: str) -> None:
    edit_toponym(box="")(project)
    (project / path).unlink()
    codes = [code for code, _ in found(project)]
    assert set(codes) <= {"json-invalid", "plan-invalid", "span-outside"}
    assert len(codes) == 1


def test_a_mention_of_a_broken_layer_accounts_for_its_words(project: Path) -> None:
    write_text(project / "layers/streams.geojson", "{")
    assert [c for c, _ in found(project)] == ["json-invalid"]


def test_a_heading_s_mention_is_well(project: Path) -> None:
    replace_text(PLAN, "(一)山", "(一)保育帽峰山")(project)
    assert [c for c, _ in found(project)] == ["toponym-unaccounted"]
    write_text(project / MENTIONS, propose_for(project))
    assert found(project) == []
    assert '"para_id": "chp_1__sec_1", "start": 5, "end": 8, "exact": "帽峰山"' in (project / MENTIONS).read_text(
        "utf-8"
    )


@pytest.mark.parametrize("key", ENTRY_TYPES)
@pytest.mark.parametrize("value", [None, 7, [], {}, "x", [["x"]]], ids=repr)
def test_any_catalogue_value_is_survived(project: Path, key: str, value: object) -> None:
    edit_json(project / CATALOG, lambda content: content["layers"][2].update({key: value}))
    edit_json(project / CATALOG, lambda content: content["layers"][0].update({key: value}))
    assert all(f.code in CODES for f in check_atlas(project))


def test_a_broken_layer_leaves_the_others_checked(project: Path) -> None:
    write_text(project / PARKS, '{"type":"FeatureCollection","features":[\n{"type":"Feature","id":"parks.p001",}\n]}\n')
    edit_feature(lambda f: f["properties"].update(category="none"), "layers/streams.geojson")(project)
    findings = check_atlas(project)
    assert findings[0].code == "json-invalid"
    assert findings[0].where == PARKS
    assert "line 2 column 37" in findings[0].message
    assert ("category-unknown", "layers/streams.geojson: streams.s001") in found(project)
    # What hangs on the broken layer is not told again line by line.
    assert not [f for f in findings if f.code in ("evidence-missing", "mention-unknown-feature")]


def test_an_empty_folder_gives_findings(tmp_path: Path) -> None:
    assert {f.code for f in check_atlas(tmp_path)} == {"json-invalid", "plan-invalid"}
    assert check_atlas(tmp_path / "nowhere")


def test_a_plan_feature_may_be_off_by_its_accuracy(tmp_path: Path) -> None:
    layers = {
        "districts": default_layers()["districts"],
        "parks": [make_feature("parks.p001", "帽峰山", make_square(113.42, 23.14), accuracy_m=5_000)],
    }
    assert "leaves-city" not in {f.code for f in check_atlas(make_project(tmp_path / "near", layers))}
    layers["parks"][0]["properties"]["accuracy_m"] = 1_000
    assert "leaves-city" in {f.code for f in check_atlas(make_project(tmp_path / "far", layers))}


def test_only_cooperation_may_lie_in_a_neighbouring_city(tmp_path: Path) -> None:
    layers = {
        "cities": [make_feature("cities.441900", "东莞市", make_square(113.4, 23.1, 0.1))],
        "districts": default_layers()["districts"],
        "parks": [make_feature("parks.p001", "帽峰山", make_square(113.42, 23.14))],
    }
    root = make_project(tmp_path, layers)
    where = ("leaves-city", P1)
    assert where in found(root)

    def cooperate(content: dict) -> None:
        content["themes"].append(content["themes"][0] | {"id": "cooperation"})
        content["layers"][2]["theme"] = "cooperation"

    edit_json(root / CATALOG, cooperate)
    assert where not in found(root)
    edit_geometry(make_square(114.5, 23.1))(root)
    assert where in found(root)


ODD = st.sampled_from([None, True, -1, 1e308, "", "x", "parks.p001", [], [[]], {}, {"id": 3}, [None], "\ud800", 10**40])


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_project(tmp_path_factory.mktemp("pristine"))
    add_line("三河六岸")(root)
    return root


def spots_of(content: object, path: tuple = ()) -> list[tuple]:
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [path, *(spot for key, value in items for spot in spots_of(value, (*path, key)))]


@settings(max_examples=120)
@given(data=st.data(), path=st.sampled_from([PARKS, CATALOG, SOURCES, TOPONYMS, META, LEDGER]), odd=ODD)
def test_anything_anywhere_is_survived(pristine: Path, data: st.DataObject, path: str, odd: object) -> None:
    kept = (pristine / path).read_bytes()
    content = {"": json.loads(kept)}
    *way, last = ("", *data.draw(st.sampled_from(spots_of(content[""]))))
    holder = content
    for key in way:
        holder = holder[key]
    holder[last] = copy.deepcopy(odd)
    try:
        write_text(pristine / path, json.dumps(content[""]))
        assert all(isinstance(f, Finding) for f in check_atlas(pristine))
    finally:
        (pristine / path).write_bytes(kept)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.gz.gov.cn/a", True),
        ("http://gov.cn", True),
        ("https://gzdaily.dayoo.com/h5", True),
        ("https://GZDAILY.dayoo.com/h5", True),
        ("https://news.dayoo.com", False),
        ("https://fakegov.cn", False),
        ("https://gov.cn.example.com", False),
        ("https://gov.cn@example.com", False),
        ("https://example.com/gov.cn", False),
        ("https://user@www.gz.gov.cn", False),
        ("javascript:alert(1)//.gov.cn", False),
        ("ftp://www.gz.gov.cn", False),
        ("//www.gz.gov.cn", False),
        ("https://[gov.cn", False),
        ("", False),
    ],
)
def test_links(url: str, shown: bool) -> None:
    assert is_link(url) is shown


# --- format_project


def test_format_changes_nothing_that_is_canonical(project: Path) -> None:
    assert format_project(project, write=True) == ()


def test_format_repairs_and_is_then_content(project: Path) -> None:
    content = json.loads((project / PARKS).read_text(encoding="utf-8"))
    content["features"].reverse()
    content["features"][2]["geometry"] = make_square(113.24, 23.14)
    content["features"][2]["properties"]["notes"] = "改"
    write_text(project / PARKS, json.dumps(content, indent=1))
    write_text(project / MENTIONS, "".join(reversed((project / MENTIONS).read_text("utf-8").splitlines(True))))
    write_text(project / SOURCES, json.dumps(json.loads((project / SOURCES).read_text("utf-8"))))
    wanted = {Path(p) for p in (PARKS, CATALOG, SOURCES, MENTIONS)}
    before = (project / PARKS).read_bytes()
    assert set(format_project(project, write=False)) == wanted
    assert (project / PARKS).read_bytes() == before
    assert set(format_project(project, write=True)) == wanted
    assert check_atlas(project) == ()
    assert format_project(project, write=True) == ()
    assert read_atlas(project).features["parks.p001"].properties["notes"] == "改"


def test_format_leaves_no_drafts(project: Path) -> None:
    edit_properties(notes="改")(project)
    format_project(project, write=True)
    assert not [p for p in project.rglob(".*") if p.name.startswith(".gzmap")]


def test_format_writes_nothing_when_a_file_is_broken(project: Path) -> None:
    edit_properties(notes="改")(project)
    write_text(project / "layers/streams.geojson", "{")
    before = {p: p.read_bytes() for p in project.rglob("*") if p.is_file()}
    with pytest.raises(CatalogError, match=r"streams\.geojson.*line 1"):
        format_project(project, write=True)
    assert {p: p.read_bytes() for p in project.rglob("*") if p.is_file()} == before


def test_format_names_a_broken_mention(project: Path) -> None:
    write_text(project / MENTIONS, "{}\n")
    with pytest.raises(MentionError, match="line 1"):
        format_project(project, write=True)


def test_format_puts_the_ledger_in_reading_order(project: Path) -> None:
    for line in (add_line("三河六岸"), add_line("无名谷", "chp_1__sec_1__para_1"), add_line("某市", "front__line_1")):
        line(project)
    assert format_project(project, write=True) == (Path(LEDGER),)
    assert [x["exact"] for x in lines((project / LEDGER).read_text("utf-8"))] == ["某市", "无名谷", "三河六岸"]
    assert format_project(project, write=True) == ()
    write_text(project / LEDGER, "{}\n")
    with pytest.raises(LedgerError, match="line 1"):
        format_project(project, write=True)


def test_format_without_mentions_or_ledger_yet(project: Path) -> None:
    (project / LEDGER).unlink()
    (project / MENTIONS).unlink()
    assert format_project(project, write=True) == ()


# --- propose_for


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_proposals_from_nothing(project: Path) -> None:
    (project / MENTIONS).unlink()
    proposed = {(m["feature_id"], m["exact"]) for m in lines(propose_for(project))}
    assert proposed == {
        ("parks.p001", "帽峰山"),
        ("parks.p002", "白云湖"),
        ("parks.p003", "无名谷"),
        ("streams.s001", "东濠涌"),
        *((f"spots.b00{n}", words) for n, name in ((1, "白云区"), (2, "黄埔区")) for words in (name, "新型储能产业园")),
    }
    assert {m["method"] for m in lines(propose_for(project))} == {"matched"}


def test_a_person_s_choice_is_kept(project: Path) -> None:
    before = (project / MENTIONS).read_text(encoding="utf-8")
    assert propose_for(project) == before
    assert '"role": "mention", "method": "manual"' in before


def test_proposals_are_canonical_and_clean(project: Path) -> None:
    (project / MENTIONS).unlink()
    write_text(project / MENTIONS, propose_for(project))
    assert check_atlas(project) == ()


def test_collective_names_stand_for_several(project: Path) -> None:
    edit_toponym(feature_ids=["streams.s001", "parks.p002"], collective=True)(project)
    told = {m["feature_id"] for m in lines(propose_for(project)) if m["exact"] == "三河六岸"}
    assert told == {"streams.s001", "parks.p002"}


def test_aliases_are_words_too(project: Path) -> None:
    edit_feature(lambda f: f["properties"].update(aliases="河涌|别名"), "layers/streams.geojson")(project)
    assert ("streams.s001", "河涌") in {(m["feature_id"], m["exact"]) for m in lines(propose_for(project))}


def test_a_copy_elsewhere_is_the_same(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("copy") / "项目 一"
    shutil.copytree(project, elsewhere)
    edit_properties(category="none")(elsewhere)
    edit_properties(category="none")(project)
    assert check_atlas(elsewhere) == check_atlas(project)
    assert dump_json({"a": "中"}) == '{\n  "a": "中"\n}\n'
