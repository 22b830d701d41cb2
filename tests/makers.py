"""Small invented projects for tests: a plan of two chapters, two districts, a few features, everything consistent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from gzmap.catalog import Entry, derive, dump_layer, parse_entry
from gzmap.config import CATALOG_FILE, LEDGER_FILE, MENTIONS_FILE, PLAN_DIR, SOURCES_FILE, TOPONYMS_FILE
from gzmap.document import Document, parse_document
from gzmap.export import Dataset, Table
from gzmap.files import dump_json
from gzmap.ledger import Line, build_line
from gzmap.mentions import Mention, build_mention, dump_mentions

PLAN_TEXT = """某市建设规划

第一章 山水骨架

(一)山

共建青山。保育帽峰山、白云湖,守护无名谷。

(二)水

统筹三条河涌。整治东濠涌和三河六岸,恢复生机。

第二章 产业平台

(一)园区

积极培育新兴绿色低碳产业。高标准建设白云区、黄埔区等新型储能产业园,联通帽峰山。
"""
META = {
    **{"title": "某市建设规划", "issuer": "某局", "edition": "征求意见稿", "edition_date": "2025-01-01"},
    **{"consultation_from": "2025-01-01", "consultation_until": "2025-02-01", "consultation_closed": False},
}
COMMON_FIELDS = {
    **dict.fromkeys(("name", "name_en", "aliases", "category", "status", "district", "source_id", "method"), "text"),
    "accuracy_m": "integer",
    "entered": "date",
    "notes": "text",
}
SOURCE = {
    **{"id": "survey", "title": "测绘", "publisher": "某局", "kind": "government", "url": "https://www.gz.gov.cn/a"},
    **{"edition": "2025", "licence": "公开", "retrieved": "2026-11-22", "sha256": None, "crs": "EPSG:4326", "note": ""},
}
STYLE = {"color": "#0072B2", "weight": 2, "dash": None, "fill_opacity": 0.2, "hatch": False}


def make_square(lon: float, lat: float, size_deg: float = 0.02) -> dict:
    """A square as a MultiPolygon: its south-west corner and side in degrees."""
    east, north = round(lon + size_deg, 6), round(lat + size_deg, 6)
    return {
        "type": "MultiPolygon",
        "coordinates": [[[[lon, lat], [east, lat], [east, north], [lon, north], [lon, lat]]]],
    }


def make_points(*lonlats: tuple[float, float]) -> dict:
    """A MultiPoint."""
    return {"type": "MultiPoint", "coordinates": [list(p) for p in lonlats]}


def make_feature(feature_id: str, name: str, geometry: dict | None, **properties: object) -> dict:
    """A plan feature with every common property; keywords replace or add some."""
    common = {
        **{"name": name, "name_en": "", "aliases": "", "category": "site", "status": "existing", "district": ""},
        **{"source_id": "survey", "method": "digitized", "accuracy_m": None if geometry is None else 50},
        **{"entered": "2026-11-22", "notes": ""},
    }
    return {"type": "Feature", "id": feature_id, "properties": {**common, **properties}, "geometry": geometry}


def default_layers() -> dict[str, list[dict]]:
    """Features of the default project, by layer id, bottom first."""
    return {
        "districts": [
            make_feature("districts.440111", "白云区", make_square(113.2, 23.1, 0.1), name_en="Baiyun District"),
            make_feature("districts.440112", "黄埔区", make_square(113.3, 23.1, 0.1), name_en="Huangpu District"),
        ],
        "labels": [make_feature("labels.l001", "帽峰山", {"type": "Point", "coordinates": [113.25, 23.15]})],
        "parks": [
            make_feature(
                "parks.p001", "帽峰山", make_square(113.24, 23.14), name_en="Maofeng Mountain", district="白云区"
            ),
            make_feature("parks.p002", "白云湖", make_square(113.21, 23.11), method="schematic", accuracy_m=300),
            make_feature("parks.p003", "无名谷", None),
        ],
        "streams": [
            make_feature(
                "streams.s001",
                "东濠涌",
                {"type": "MultiLineString", "coordinates": [[[113.32, 23.11], [113.32, 23.19]]]},
                accuracy_m=200,
            ),
        ],
        "spots": [
            make_feature(
                "spots.b001", "白云区新型储能产业园", make_points((113.27, 23.17), (113.28, 23.18)), accuracy_m=500
            ),
            make_feature("spots.b002", "黄埔区新型储能产业园", make_points((113.37, 23.17)), accuracy_m=100),
        ],
    }


def default_mentions(document: Document) -> list[Mention]:
    """Every place of the default plan features in the text; the second 帽峰山 is no evidence."""
    said = [
        ("parks.p001", "chp_1__sec_1__para_1", "帽峰山", "evidence"),
        ("parks.p002", "chp_1__sec_1__para_1", "白云湖", "evidence"),
        ("parks.p003", "chp_1__sec_1__para_1", "无名谷", "evidence"),
        ("streams.s001", "chp_1__sec_2__para_1", "东濠涌", "evidence"),
        ("spots.b001", "chp_2__sec_1__para_1", "白云区", "evidence"),
        ("spots.b001", "chp_2__sec_1__para_1", "新型储能产业园", "evidence"),
        ("spots.b002", "chp_2__sec_1__para_1", "黄埔区", "evidence"),
        ("spots.b002", "chp_2__sec_1__para_1", "新型储能产业园", "evidence"),
        ("parks.p001", "chp_2__sec_1__para_1", "帽峰山", "mention"),
    ]
    return [make_mention(document, *words, role=role) for *words, role in said]


def make_mention(document: Document, feature_id: str, para_id: str, exact: str, *, role: str = "evidence") -> Mention:
    """A mention of the first place where a passage has these words."""
    passage = document.require_passage(para_id)
    start = passage.text.index(exact)
    return build_mention(feature_id, passage, (start, start + len(exact)), role=role, method="manual")


def make_line(document: Document, para_id: str, exact: str, box: str, **said: object) -> Line:
    """A line of the ledger for the first place where a passage has these words."""
    passage = document.require_passage(para_id)
    start = passage.text.index(exact)
    return build_line(passage, (start, start + len(exact)), box, **{"reason": "缘由", **said})


def make_toponym(name: str, **members: object) -> dict:
    """An entry of the list of place names; keywords replace its members."""
    plain = {"variants": [], "feature_ids": [], "passages": {}, "box": "", "collective": False, "note": ""}
    return {"name": name, **plain, **members}


def make_project(
    folder: Path, layers: Mapping[str, list[dict]] | None = None, mentions: Iterable[Mention] | None = None
) -> Path:
    """Write a project and return its root.

    Parameters
    ----------
    folder
        An existing folder, usually ``tmp_path``.
    layers
        Features by layer id, bottom first; the default project's when None. Layers named ``districts``, ``labels`` or
        ``cities`` are base layers, others belong to the plan.
    mentions
        The default ones of the features that exist, when None.
    """
    chosen = default_layers() if layers is None else dict(layers)
    document = parse_document(PLAN_TEXT, META)
    known = {f["id"] for features in chosen.values() for f in features}
    linked = [m for m in default_mentions(document) if m.feature_id in known] if mentions is None else list(mentions)
    entries = [write_layer(folder, layer_id, features) for layer_id, features in chosen.items()]
    fields = {
        n: {"title": n, "title_en": n, "type": t, "unit": None, "description": ""} for n, t in COMMON_FIELDS.items()
    }
    theme = {"id": "all", "title": "全部", "title_en": "All", "color": "#0072B2"}
    write_text(folder / CATALOG_FILE, dump_json({"schema": 1, "themes": [theme], "fields": fields, "layers": entries}))
    write_text(folder / SOURCES_FILE, dump_json({"schema": 1, "sources": [SOURCE]}))
    names = [make_toponym("三河六岸", box="not_place", note="不是地物")]
    write_text(folder / TOPONYMS_FILE, dump_json({"schema": 1, "toponyms": names}))
    write_text(folder / LEDGER_FILE, "")
    write_text(folder / MENTIONS_FILE, dump_mentions(linked))
    write_text(folder / PLAN_DIR / "plan.txt", PLAN_TEXT)
    write_text(folder / PLAN_DIR / "meta.json", dump_json(META))
    return folder


def name_in_headings(root: Path) -> Path:
    """Let a section's heading, a chapter's and the front matter of a project name 帽峰山, and link all three."""
    path = root / PLAN_DIR / "plan.txt"
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ("(一)山", "(一)保育帽峰山"),
        ("第二章 产业", "第二章 帽峰山产业"),
        ("某市建设规划", "帽峰山规划"),
    ):
        text = text.replace(old, new, 1)
    write_text(path, text)
    document = parse_document(text, META)
    told = [
        make_mention(document, "parks.p001", passage_id, "帽峰山", role="mention")
        for passage_id in ("front__line_1", "chp_1__sec_1", "chp_2")
    ]
    write_text(root / MENTIONS_FILE, dump_mentions([*default_mentions(document), *told]))
    return root


def write_layer(folder: Path, layer_id: str, features: list[dict]) -> dict:
    """Write a layer's file and return its catalogue entry."""
    is_base = layer_id in ("districts", "labels", "cities")
    path = f"{'geodata' if is_base else 'layers'}/{layer_id}.geojson"
    text = dump_layer(features)
    write_text(folder / path, text)
    kinds = sorted({f["geometry"]["type"] for f in features if f["geometry"]})
    extra = dict.fromkeys(k for f in features for k in f["properties"] if k not in COMMON_FIELDS)
    return {
        **{"id": layer_id, "kind": "base" if is_base else "plan", "path": path, "group": layer_id, "theme": "all"},
        **{"title": layer_id, "title_en": layer_id, "description": "", "description_en": ""},
        "geometry_type": kinds[0] if kinds else "MultiPolygon",
        "categories": {"site": {"title": "地点", "title_en": "Site"}},
        "fields": {n: {"title": n, "title_en": n, "type": "text", "unit": None, "description": ""} for n in extra},
        **{"style": STYLE, "visible": True, "sources": ["survey"], "licence": "公开", "licence_en": "Public"},
        "derived": derive(features, text.encode()),
    }


def make_dataset(*tables: Table, **members: object) -> Dataset:
    """Data to deliver that belongs to no project; keywords replace its members."""
    plain = {"evidence": None, "entries": {}, "sources": (), "day": date(2025, 1, 1), "edition": {}, "title": "数据"}
    return Dataset(tables, **{**plain, **members})


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with the newlines as they are, making folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def edit_json(path: Path, change: object) -> None:
    """Read a JSON file, let ``change(content)`` alter it in place, write it in canonical form."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    write_text(path, dump_layer(content["features"]) if path.suffix == ".geojson" else dump_json(content))


def change_entry(entry: Entry, **changed: object) -> Entry:
    """The same entry with other members; ``style`` is added to."""
    style = {**entry.style, **changed.pop("style", {})}
    return parse_entry({**entry.raw, **changed, "style": style})
