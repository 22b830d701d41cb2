"""A planner's layer of drafts, added to a copy of the project: nested areas, hostile names, a thing without place."""

from __future__ import annotations

from pathlib import Path

from gzmap.catalog import derive, dump_layer
from gzmap.config import CATALOG_FILE, MENTIONS_FILE, PLAN_DIR
from gzmap.document import parse_document
from gzmap.files import read_json, read_text
from gzmap.mentions import build_mention, dump_mentions, read_mentions
from tests.makers import edit_json, make_feature, make_square, write_text

LAYER = "drafts"
TITLE = "草稿<i>层</i>`${1}`"
PATH = Path("layers/drafts.geojson")
NEST = (113.499, 23.612)
"""Centre of the nested squares; no plan feature of the shipped layers lies within 7 km."""

LURE = (113.101, 23.399)
"""Centre of the feature with the hostile name."""

VERSIONED = (113.769, 23.279)
"""Centre of the feature whose name changes by one token after an underscore."""

HOSTILE = (
    '<script>window.pwned=1;alert(1)</script>`${window.pwned=2}`"\'<img src=x onerror="window.pwned=3;alert(3)">'
    "&amp;{{ 7*7 }}</style></a>"
)
HOSTILE_UNPLACED = "<b onclick=alert(4)>无处</b>`'"


def centred(place: tuple[float, float], side_deg: float) -> dict:
    return make_square(round(place[0] - side_deg / 2, 6), round(place[1] - side_deg / 2, 6), side_deg)


def list_features() -> list[dict]:
    return [
        make_feature("drafts.big", "大片", centred(NEST, 0.04)),
        make_feature("drafts.small", "小块", centred(NEST, 0.01)),
        make_feature("drafts.sketch", "示意块", centred(NEST, 0.004), method="schematic"),
        make_feature("drafts.wide", "宽泛片", centred(NEST, 0.03), accuracy_m=3000),
        make_feature("drafts.lure", HOSTILE, centred(LURE, 0.02), notes=HOSTILE, aliases=HOSTILE, name_en=HOSTILE),
        make_feature("drafts.other", "旁边", centred((LURE[0] + 0.01, LURE[1]), 0.01)),
        make_feature("drafts.nowhere", HOSTILE_UNPLACED, None, notes=HOSTILE),
        make_feature("drafts.plan", "plan_v1", centred(VERSIONED, 0.02)),
    ]


def add_to(root: Path) -> None:
    """Add the layer and its mentions to a project; the first words of some paragraphs name its features."""
    features = list_features()
    text = dump_layer(features)
    write_text(root / PATH, text)
    like = next(e for e in read_json(root / CATALOG_FILE)["layers"] if e["id"] == "biodiversity_hotspots")
    entry = like | {"id": LAYER, "path": str(PATH), "group": LAYER, "title": TITLE, "title_en": TITLE}
    entry |= {"categories": {}, "fields": {}, "sources": [], "derived": derive(features, text.encode())}
    edit_json(root / CATALOG_FILE, lambda catalog: catalog["layers"].append(entry))
    document = parse_document(read_text(root / PLAN_DIR / "plan.txt"), read_json(root / PLAN_DIR / "meta.json"))
    paragraphs = list(document.paragraphs.values())
    own = [
        build_mention(f["id"], paragraph, (0, 4), role="evidence", method="manual")
        for f, paragraph in zip(features, paragraphs, strict=False)
    ]
    write_text(root / MENTIONS_FILE, dump_mentions([*read_mentions(root / MENTIONS_FILE), *own]))


def rename(root: Path, old: str, new: str) -> None:
    """Change the layer's file on disk as an editor would; the catalogue is not told."""
    write_text(root / PATH, read_text(root / PATH).replace(old, new))
