"""ISO 19139 metadata of a layer, in Chinese with English beside it: pygeometa's record, completed and mended.

pygeometa writes a record from its "metadata control file" (MCF). What that has no place for is added here: the
accuracy as a measured result, the sources one by one, the methods as process steps. `mend_record` corrects what would
be invalid or untrue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

import geopandas
from jinja2 import Environment, FileSystemLoader, Template
from lxml import etree

from gzmap import crs as crs_door
from gzmap.catalog import Entry
from gzmap.config import STORAGE_CRS
from gzmap.export.census import count_features, find_worst, list_values
from gzmap.export.isorecord import add_quality, mend_record
from gzmap.export.markup import clean_text
from gzmap.export.order import Dataset
from gzmap.export.readme import NOTICE
from gzmap.export.tables import Table
from gzmap.symbols import find_family

ZH, EN = "zho", "eng"
"""ISO 639-2 codes."""
PLACE = ("广东省广州市", "Guangzhou, Guangdong, China")
MAKER = ("gzmap（美丽广州规划纲要图谱，非官方）", "gzmap (unofficial map of the Beautiful Guangzhou plan)")
METHODS: Mapping[str, tuple[str, str]] = {
    "official": ("官方数据", "official data"),
    "digitized": ("对照资料人工描绘", "digitised by hand"),
    "geocoded": ("按地址或地名定点", "geocoded"),
    "derived": ("由其他数据推导", "derived from other data"),
    "schematic": ("示意，不可量算", "schematic, not to be measured"),
}
GEOMETRIES = {"Point": "point", "LineString": "curve", "Polygon": "surface"}
TOPICS = {"plan": ["environment", "planningCadastre"], "base": ["location"]}


def build_metadata(entry: Entry, table: Table, dataset: Dataset, *, crs: str) -> bytes:
    """Write the metadata of a layer.

    Parameters
    ----------
    entry
        The layer's line of the catalogue.
    table
        The layer as it is delivered, its geometries in ``crs``.
    dataset
        What it is part of: edition, day, sources.
    crs
        EPSG code of the delivery.

    Returns
    -------
    bytes
        XML in UTF-8, valid by the schemas of ISO 19139; dated at the edition's day, the same for the same input.
    """
    bbox = _find_bbox(table, crs)
    mcf = build_record(entry, table, dataset, crs=crs, bbox=bbox)
    record = _template().render(record=mcf, pygeometa_version=_version())
    root = etree.fromstring(record.encode(), etree.XMLParser(remove_blank_text=True, resolve_entities=False))
    mend_record(root, crs=crs, place=None if bbox else PLACE)
    sources = [source for source in dataset.sources if source.get("id") in entry.sources]
    add_quality(root, accuracy_m=find_worst(table), steps=list(_count_methods(table)), sources=sources)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


@lru_cache(maxsize=1)
def _template() -> Template:
    """Compile pygeometa's own template, once.

    pygeometa's ``write`` compiles it for each record, 50 ms, and leaves some values unescaped. It is imported here,
    for its 0.2 s are a packet's alone.
    """
    from pygeometa.core import SCHEMAS, get_charstring, normalize_datestring  # noqa: PLC0415
    from pygeometa.schemas.iso19139 import ISO19139OutputSchema  # noqa: PLC0415

    loader = FileSystemLoader([ISO19139OutputSchema().template_dir, SCHEMAS])
    environment = Environment(loader=loader, autoescape=True, auto_reload=False)
    environment.filters["normalize_datestring"] = normalize_datestring
    environment.globals.update(zip=zip, get_charstring=get_charstring)
    return environment.get_template("main.j2")


def _version() -> str:
    from pygeometa import __version__  # noqa: PLC0415

    return __version__


def build_record(entry: Entry, table: Table, dataset: Dataset, *, crs: str, bbox: list[float]) -> dict:
    """Build the MCF of a layer.

    Parameters
    ----------
    entry, table, dataset, crs
        As in `build_metadata`.
    bbox
        West, south, east and north in degrees; empty where nothing is located.
    """
    day = dataset.day.isoformat()
    return {
        "mcf": {"version": 1.0},
        "metadata": {
            "identifier": find_identifier(entry, dataset, crs=crs),
            "language": ZH,
            "language_alternate": EN,
            "charset": "utf8",
            "hierarchylevel": "dataset",
            "datestamp": day,
            "dataseturi": table.name,
        },
        "spatial": {"datatype": "vector", "geomtype": GEOMETRIES[find_family(table.geometry_type)]},
        "identification": _identify(entry, table, dataset, bbox=bbox),
        "contact": {role: {"organization": _both(*MAKER)} for role in ("author", "pointOfContact")},
        "distribution": {},
        "dataquality": {
            "scope": {"level": "dataset"},
            "lineage": {"statement": _both(*_describe_lineage(entry, table, dataset))},
        },
    }


def find_identifier(entry: Entry, dataset: Dataset, *, crs: str) -> str:
    """Give the identifier of a layer of an edition in a CRS, the same each time."""
    return f"gzmap.{entry.layer_id}.{dataset.day:%Y%m%d}.{crs.rpartition(':')[2]}"


def _both(chinese: str, english: str) -> dict[str, str]:
    return {ZH: clean_text(chinese), EN: clean_text(english)}


def _identify(entry: Entry, table: Table, dataset: Dataset, *, bbox: list[float]) -> dict:
    edition, raw = dataset.edition, entry.raw
    return {
        "language": ZH,
        "charset": "utf8",
        "title": _both(entry.title, entry.title_en),
        "abstract": _both(*_describe_content(entry, table, dataset)),
        "edition": _both(
            f"{edition.get('title', dataset.title)}，{edition.get('edition', '')}".rstrip("，"),
            f"{edition.get('title_en', dataset.title)}, {edition.get('edition_en', '')}".rstrip(", "),
        ),
        "dates": {"publication": dataset.day.isoformat()},
        "status": "completed",
        "maintenancefrequency": "asNeeded",
        "topiccategory": TOPICS.get(entry.kind, TOPICS["base"]),
        "keywords": {
            "default": {"keywords": _keywords(entry), "keywords_type": "theme"},
            "place": {"keywords": {ZH: [PLACE[0]], EN: [PLACE[1]]}, "keywords_type": "place"},
        },
        "extents": {"spatial": [{"bbox": bbox or [0, 0, 0, 0], "crs": 4326}]},
        "accessconstraints": "otherRestrictions",
        "rights": _both(*NOTICE),
        "license": {"name": _both(raw.get("licence", "未注明"), raw.get("licence_en", "not stated"))},
        "url": clean_text(f"规划文本的发布机关：{edition['source_url']}") if edition.get("source_url") else None,
    }


def _keywords(entry: Entry) -> dict[str, list[str]]:
    categories = entry.categories.values()
    pairs = dict.fromkeys([(entry.title, entry.title_en), *((c["title"], c["title_en"]) for c in categories)])
    return {ZH: [clean_text(zh) for zh, _ in pairs], EN: [clean_text(en) for _, en in pairs]}


def _describe_content(entry: Entry, table: Table, dataset: Dataset) -> tuple[str, str]:
    total, (located, schematic) = table.size, count_features(table)
    chinese = f"共 {total} 个要素，落位 {located} 个，未落位 {total - located} 个（几何为空），示意 {schematic} 个。"
    english = f"{total} features, {located} located, {total - located} not (no geometry), {schematic} schematic."
    told, told_en = entry.raw.get("description", ""), entry.raw.get("description_en", "")
    parts, parts_en = [told, chinese.rstrip("。")], [told_en, english.rstrip(".")]
    if dataset.scope[0]:
        parts.append(f"范围：{dataset.scope[0]}")
        parts_en.append(f"Selection: {dataset.scope[1]}")
    return "".join(f"{part}。" for part in parts if part), " ".join(f"{part}." for part in parts_en if part)


def _describe_lineage(entry: Entry, table: Table, dataset: Dataset) -> tuple[str, str]:
    edition, worst = dataset.edition, find_worst(table)
    steps = list(_count_methods(table))
    moves = [_describe_move(move) for move in dataset.moves]
    bound = f"95% 误差界最大 {worst:g} 米。" if worst is not None else "没有落位的要素。"
    bound_en = f"Worst 95 % bound of error: {worst:g} m." if worst is not None else "Nothing is located."
    base = "底图，只供辨认方位，不是规划要素。", "Background for orientation, not part of the plan. "
    plan = (
        f"依据《{edition.get('title', dataset.title)}》（{edition.get('edition', '')}，{dataset.day.isoformat()}）"
        "的文字落图。",
        f"Placed after the words of: {edition.get('title_en', dataset.title)} ({edition.get('edition_en', '')}, "
        f"{dataset.day.isoformat()}). ",
    )
    told, told_en = plan if entry.kind == "plan" else base
    chinese = (
        f"{told}方法：{'；'.join(zh for zh, _ in steps)}。{bound}{''.join(zh for zh, _ in moves)}"
        "在此精度下 CGCS2000 与 WGS 84 视为一致。"
    )
    english = (
        f"{told_en}Methods: {'; '.join(en for _, en in steps)}. {bound_en} "
        f"{''.join(en for _, en in moves)}CGCS2000 and WGS 84 are taken as coincident at this accuracy."
    )
    return chinese, english


def _describe_move(move: crs_door.Transformation) -> tuple[str, str]:
    stated = "未给出精度" if move.accuracy_m is None else f"精度 {move.accuracy_m:g} 米"
    stated_en = "no accuracy stated" if move.accuracy_m is None else f"accuracy {move.accuracy_m:g} m"
    return (
        f"坐标由 {move.source} 转换为 {move.crs}（{move.crs_name}），PROJ 所用方法：{move.name}，{stated}。",
        f"Coordinates converted from {move.source} to {move.crs} ({move.crs_name}) by PROJ: {move.name}, {stated_en}. ",
    )


def _count_methods(table: Table) -> Iterator[tuple[str, str]]:
    """Say how many features were placed by which method, the surest first."""
    counts = Counter(list_values(table, "method"))
    for method, (zh, en) in METHODS.items():
        if counts[method]:
            yield f"{zh}（{method}）{counts[method]} 个", f"{en} ({method}): {counts[method]}"


def _find_bbox(table: Table, crs: str) -> list[float]:
    """Find west, south, east and north in degrees, to a millionth; empty where nothing is located."""
    located = [geometry for geometry in table.geometries if geometry is not None]
    if not located:
        return []
    bounds = crs_door.convert(geopandas.GeoDataFrame(geometry=located, crs=crs), STORAGE_CRS).total_bounds
    return [round(edge, 6) for edge in bounds.tolist()]
