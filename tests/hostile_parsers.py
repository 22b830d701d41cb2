"""Everything that reads what somebody gives, and what must come of it: a result, or one error of ours with a remedy."""

from __future__ import annotations

import copy
import functools
import io
import json
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import shapely
from hypothesis import strategies as st

from gzmap import sites
from gzmap.atlas import read_atlas
from gzmap.catalog import dump_layer, load_layer, read_catalog
from gzmap.config import CATALOG_FILE, LEDGER_FILE, MENTIONS_FILE, PLAN_DIR, SOURCES_FILE, TOPONYMS_FILE
from gzmap.document import parse_document
from gzmap.errors import GzmapError, SiteError
from gzmap.ledger import read_ledger
from gzmap.mentions import read_mentions, read_toponyms
from tests.fuzz import Property, require_back, require_told
from tests.hostile import any_texts
from tests.makers import PLAN_TEXT
from tests.site_makers import CORNERS, make_kml, make_zip
from tests.test_sites_fuzz import COORDINATE_WORDS, CRS, DXF_WORDS, JSON, KML_WORDS, PARTS, SEEDS, read, spoilt
from tests.ui_support import make_shown_project

# --- what a visitor brings: files and pasted text


def read_bytes(case: tuple[bytes, str, str]) -> None:
    """Read bytes under a name with a suffix."""
    data, suffix, crs = case
    read(data, f"a.{suffix}", crs)


def read_pasted(case: tuple[str, str]) -> None:
    """Read what was pasted."""
    read(case[0].encode("utf-8", "surrogatepass"), "", case[1])


def read_point(case: tuple[str, str]) -> None:
    """Read one point that was typed."""
    text, crs = case
    try:
        spot = sites.parse_point(text, crs=crs)
    except SiteError as error:
        require_told(error, "zh", "remedy_zh")
        return
    assert -180 <= spot.lon <= 180
    assert -90 <= spot.lat <= 90


NUMBERS = st.one_of(
    st.sampled_from([x for corner in CORNERS for x in corner]),
    st.floats(),
    st.sampled_from(["nan", "inf", "1e999", "-", "", "1,1", "１１３．３"]),
)
PAIRS = st.tuples(NUMBERS, NUMBERS).map(lambda pair: f"{pair[0]} {pair[1]}")
RINGS = st.lists(PAIRS, max_size=7).map(lambda pairs: f"({', '.join(pairs)})")
WKT_PARTS = st.recursive(
    st.one_of(RINGS, PAIRS, st.sampled_from(["EMPTY", "POLYGON", "Z", "ZM", "SRID=4547;", ";"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda parts: f"({','.join(parts)})"),
        st.tuples(st.sampled_from(["POLYGON", "MULTIPOLYGON", "GEOMETRYCOLLECTION", "LINESTRING"]), inner).map(
            " ".join
        ),
    ),
    max_leaves=12,
)
WKT = st.tuples(
    st.sampled_from(["POLYGON", "MULTIPOLYGON", "MULTILINESTRING", "GEOMETRYCOLLECTION", "SRID=4547;POLYGON"]),
    WKT_PARTS,
).map(" ".join)

WICKED_NAMES = ("../a.kml", "/a.shp", "C:\\a.dbf", "a/../../b.kml", "CON.kml", "a.KML", "a.kml\0.exe", "．．/a.kml")
NAMES = st.one_of(any_texts(40), st.sampled_from(WICKED_NAMES))


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """An archive of members with any names, links among them, twice the same, and good files under bad ones."""
    stream = io.BytesIO()
    contents = st.one_of(st.binary(max_size=60), st.sampled_from([*PARTS.values(), SEEDS["kml"], SEEDS["geojson"]]))
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(draw(st.integers(0, 5))):
            name = draw(NAMES).encode("utf-8", "replace").decode().replace("\0", "") or "a"
            # Numbered, for `zipfile` warns of names that come twice.
            member = zipfile.ZipInfo(name if number == 0 else f"{number}/{name}")
            if draw(st.booleans()):
                member.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(member, draw(contents))
    data = bytearray(stream.getvalue())
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(data) - 1))
        data[at] = draw(st.integers(0, 255))
    return bytes(data)


def read_text_of(case: tuple[str, str]) -> None:
    """Read a text in the encoding that somebody's program wrote."""
    text, codec = case
    read(text.encode(codec, "replace"), "a.kml" if text.startswith("<") else "", "")


SURVEYS = st.lists(
    st.sampled_from(
        [
            *("[属性描述]", "[地块坐标]", "坐标系=2000国家大地坐标系", "带号=38", "几度分带=3", "单位=米", "精度=0.01"),
            *("J1,1,2559024.74,424654.89", "J2,1,2559124.74,424654.89", "4,1.5,1,甲,面,,,@", "J1,1,nan,1", "@", ","),
            "转换参数=,,,",
        ]
    ),
    max_size=25,
).map("\n".join)

# --- what people of the project keep in files


@functools.cache
def seed_project() -> dict[str, bytes]:
    """The files of a small sound project, by their paths."""
    with tempfile.TemporaryDirectory() as folder:
        root = make_shown_project(Path(folder))
        return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def write_project(root: Path, changed: dict[str, bytes]) -> None:
    """Write the project, some files changed."""
    for name, content in {**seed_project(), **changed}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


VALUES = st.one_of(JSON, any_texts(20), st.sampled_from([[], {}, None, 10**400, -1, 1e308, "\ud800"]))


def list_places(content: object, path: tuple = ()) -> Iterator[tuple]:
    """List the paths of all values in a JSON document."""
    yield path
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in items:
        yield from list_places(value, (*path, key))


def put(content: object, path: tuple, value: object) -> object:
    """Give a document with another value at a path."""
    if not path:
        return value
    changed = copy.deepcopy(content)
    inner = functools.reduce(lambda held, key: held[key], path[:-1], changed)
    inner[path[-1]] = value
    return changed


def dump(content: object) -> bytes:
    """Write JSON, with numbers that it does not have where they were put in."""
    return json.dumps(content, ensure_ascii=True).encode()


@st.composite
def changed_json(draw: st.DrawFn, path: str) -> bytes:
    """A file of the project with another value somewhere, a key left out, or bytes spoilt."""
    lines = seed_project()[path].decode().splitlines() if path.endswith(".jsonl") else [seed_project()[path].decode()]
    if draw(st.integers(0, 4)) == 0 or not lines:
        return draw(spoilt([seed_project()[path]]))
    number = draw(st.integers(0, len(lines) - 1))
    content = json.loads(lines[number])
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.sampled_from(list(list_places(content))))
        content = put(content, place, draw(VALUES))
    lines[number] = dump(content).decode()
    return "\n".join(lines).encode()


def check_file(reader: Callable[[Path], object], path: str) -> Callable[[bytes], None]:
    """Make the check that a file of the project is read, or refused in words that name it."""

    def check(content: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            write_project(Path(folder), {path: content})
            try:
                reader(Path(folder))
                return
            except GzmapError as error:
                said = str(error)
        assert Path(path).name in said, said

    return check


LAYER = "layers/parks.geojson"
FILES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "layer file": (LAYER, lambda root: dump_layer(read_whole_layer(root / LAYER))),
    "catalogue": (CATALOG_FILE.as_posix(), read_catalog),
    "register of sources": (SOURCES_FILE.as_posix(), read_catalog),
    "mentions": (MENTIONS_FILE.as_posix(), lambda root: read_mentions(root / MENTIONS_FILE)),
    "toponyms": (TOPONYMS_FILE.as_posix(), lambda root: read_toponyms(root / TOPONYMS_FILE)),
    "ledger": (LEDGER_FILE.as_posix(), lambda root: read_ledger(root / LEDGER_FILE)),
}


def read_whole_layer(path: Path) -> list[dict]:
    """Load a layer, and give it as features again."""
    frame = load_layer(path)
    return [
        {
            "id": str(i),
            "properties": {"name": name},
            "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
        }
        for i, name, shape in zip(frame.index, frame.get("name", []), frame.geometry, strict=True)
    ]


def check_document(text: str) -> None:
    """Parse a plan text; everything parsed must concatenate back."""
    try:
        document = parse_document(text, {})
    except GzmapError:
        return
    require_back([text], [document.dump()], "plan text")


PLAN_LINES = st.one_of(
    st.sampled_from(
        [*PLAN_TEXT.splitlines(), "第三章 甲", "第十一章 乙", "(三)丙", "（一）丁", "第零章 戊", "\r", "\u2028"]
    ),
    any_texts(30),
)
PLAN_TEXTS = st.one_of(
    st.lists(PLAN_LINES, max_size=14).map("\n".join),
    st.tuples(st.just(PLAN_TEXT), any_texts(40), st.integers(0, len(PLAN_TEXT))).map(
        lambda case: case[0][: case[2]] + case[1] + case[0][case[2] :]
    ),
)


def check_project(case: tuple[str, bytes]) -> None:
    """Open a project one of whose files was changed."""
    path, content = case
    with tempfile.TemporaryDirectory() as folder:
        write_project(Path(folder), {path: content})
        try:
            atlas = read_atlas(Path(folder))
            assert atlas.features is not None
        except GzmapError as error:
            require_told(error)


CHANGED_FILES = st.sampled_from([*(path for path, _ in FILES.values()), f"{PLAN_DIR.as_posix()}/meta.json"]).flatmap(
    lambda path: st.tuples(st.just(path), changed_json(path))
)

ANY = st.tuples(st.binary(max_size=600), st.sampled_from([*SEEDS, "", "shp"]), CRS)
SPOILT = st.tuples(spoilt(list(SEEDS.values())), st.sampled_from(list(SEEDS)), CRS)
WORDS = st.lists(COORDINATE_WORDS, max_size=60).map("".join)
JSONS = st.tuples(JSON.map(dump), st.just("geojson"), CRS)
KMLS = st.tuples(
    st.lists(KML_WORDS, max_size=30).map(lambda words: make_kml("".join(words)).encode()), st.just("kml"), CRS
)
DXFS = st.lists(DXF_WORDS, max_size=80).map(
    lambda words: "\n".join(["0", "SECTION", "2", "ENTITIES", *words, ""]).encode("gbk")
)
ENCODED = st.tuples(SURVEYS, st.sampled_from(["utf-8", "gb18030", "utf-16", "big5"]))
SHAPEFILES = st.sampled_from(list(PARTS)).flatmap(
    lambda part: spoilt([PARTS[part]]).map(lambda data: make_zip({**PARTS, part: data}))
)
POINTS = st.tuples(st.one_of(any_texts(60), WORDS), st.one_of(CRS, any_texts(10)))

PARSERS = (
    Property("site: any bytes", ANY, read_bytes),
    Property("site: good files spoilt", SPOILT, read_bytes),
    Property("site: pasted words of coordinates", st.tuples(WORDS, CRS), read_pasted, weight=2),
    Property("site: pasted text of all planes", st.tuples(any_texts(200), CRS), read_pasted, weight=2),
    Property("site: WKT", st.tuples(WKT, CRS), read_pasted, weight=2),
    Property("site: GeoJSON", JSONS, read_bytes, weight=2),
    Property("site: KML", KMLS, read_bytes),
    Property("site: DXF", st.tuples(DXFS, st.just("dxf"), CRS), read_bytes, suite=40, weight=0.3),
    Property("site: survey", ENCODED, read_text_of),
    Property("site: archives", st.tuples(archives(), st.just("zip"), CRS), read_bytes),
    Property("site: Shapefile spoilt", st.tuples(SHAPEFILES, st.just("zip"), CRS), read_bytes, suite=40, weight=0.3),
    Property("point: typed", POINTS, read_point, weight=2),
    *(
        Property(f"file: {name}", changed_json(path), check_file(reader, path), suite=60, weight=0.5)
        for name, (path, reader) in FILES.items()
    ),
    Property("file: plan text", PLAN_TEXTS, check_document, weight=2),
    Property("file: any of a project", CHANGED_FILES, check_project, suite=30, weight=0.1),
)
