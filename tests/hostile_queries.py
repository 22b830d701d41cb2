"""Everything that an address, a filter or a command line can ask: an answer, or a refusal that keeps its form."""

from __future__ import annotations

import asyncio
import atexit
import functools
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote, quote_from_bytes, unquote

import shapely
from click.testing import CliRunner
from hypothesis import strategies as st
from starlette.applications import Starlette

from gzmap.atlas import Atlas, open_atlas
from gzmap.cli import main
from gzmap.errors import GzmapError, QueryError
from gzmap.names import format_key, match_name, parse_name
from gzmap.ogcapi import open_service
from gzmap.query import find_text, list_claims
from gzmap.query.wanted import KEYS, drop_values, find_unknown, parse_filters, parse_order
from gzmap.server import build_middleware, build_routes
from gzmap.server.security import HEADERS
from gzmap.ui.areas import ADDRESS_CHARS, ALPHABET, dump_area, parse_area, read_drawing
from gzmap.ui.params import LONGEST, PARAMS, format_link, read_asked
from tests.fuzz import Property, require_told
from tests.hostile import WICKED, any_texts
from tests.test_sites_fuzz import JSON
from tests.ui_support import make_shown_project


@functools.cache
def find_project() -> Path:
    """Give the folder of a small project that stays until the end."""
    folder = tempfile.TemporaryDirectory(prefix="gzmap-fuzz-")
    atexit.register(folder.cleanup)
    return make_shown_project(Path(folder.name))


def find_atlas() -> Atlas:
    """Open that project."""
    return open_atlas(find_project())


# --- over HTTP


@dataclass(frozen=True)
class Told:
    """An answer as it goes over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@functools.cache
def find_app() -> Starlette:
    """Build the routes with all that stands before them."""
    return Starlette(routes=build_routes(), middleware=build_middleware())


@functools.cache
def find_runner() -> asyncio.Runner:
    """Give one loop for all requests."""
    runner = asyncio.Runner()
    atexit.register(runner.close)
    return runner


def build_scope(target: bytes, headers: list[tuple[bytes, bytes]], method: str = "GET") -> dict:
    """Build the scope of a request as uvicorn does: the path is decoded, the query is not."""
    path, _, query = target.partition(b"?")
    return {
        **{"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http"},
        **{"path": unquote(path.decode("ascii")), "raw_path": path, "query_string": query, "root_path": ""},
        **{"headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "extensions": {}},
    }


async def ask(app: object, scope: dict, body: bytes = b"") -> Told:
    """Ask an app once."""
    sent: list[dict] = []
    asked = False

    async def receive() -> dict:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    await app(scope, receive, send)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Told(sent[0]["status"], headers, b"".join(m.get("body", b"") for m in sent))


def ask_once(target: bytes, headers: list[tuple[bytes, bytes]] = (), method: str = "GET") -> Told:
    """Ask the app of the small project."""
    scope = build_scope(target, [(b"host", b"127.0.0.1"), *headers], method)
    with patch.dict(os.environ, {"GZMAP_ROOT": str(find_project())}):
        return find_runner().run(ask(find_app(), scope))


STATUSES = {200, 304, 400, 403, 404, 405, 413, 414}


def require_sound(told: Told) -> None:
    """Make sure that an answer has its headers, tells an error in its form, and runs nothing."""
    assert told.status in STATUSES, (told.status, told.body[:300])
    names = {name.lower() for name in told.headers}
    assert {*(name.lower() for name in HEADERS), "content-security-policy"} <= names
    assert all(value.isprintable() for value in told.headers.values()), told.headers
    kind = told.headers.get("content-type", "")
    if told.status >= 400 and kind.startswith("application/json"):
        content = json.loads(told.body)
        assert content.get("error", content.get("code"))
        assert content.get("message", content.get("description"))
    if kind.startswith(("text/html", "image/svg")):
        text = told.body.decode()
        assert "<script" not in text
        assert "<img src=x" not in text
        assert ' onload="' not in text


QUOTED = st.one_of(
    any_texts(60).map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="/")),
    st.binary(max_size=20).map(quote_from_bytes),
    st.sampled_from([quote(text, safe="") for text in WICKED]),
    st.sampled_from(["..", "%2e%2e%2f", "%00", "%", "%zz", "parks", "parks.geojson", "parks.shp", "a" * 3000]),
)
FOLDERS = st.sampled_from(
    [
        *(
            "data/",
            "export/",
            "export/overview.",
            "export/inventory.",
            "own/",
            "assets/help/",
            "assets/ui/1/",
            "qr.svg",
        ),
        *("coordinates", "healthz", "metrics", "_stcore/", ""),
        *("ogc", "ogc/", "ogc/collections/", "ogc/collections/parks/items/"),
    ]
)
KNOWN_KEYS = st.sampled_from(
    [
        *(*KEYS, "crs", "encoding", "names", "lang", "lon", "lat", "text", "decimals", "f", "limit", "offset", "bbox"),
        *("filter", "datetime", "sortby", "properties", "bbox-crs", "filter-lang", "skipGeometry", "name", "v"),
    ]
)
PAIRS = st.lists(st.tuples(st.one_of(KNOWN_KEYS, QUOTED), QUOTED).map("=".join), max_size=4).map("&".join)
HEADER_VALUES = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60).map(
        lambda text: text.strip().encode("latin-1")
    ),
    st.sampled_from([b"gzip;q=\xb2", b'"x", *', b"text/html", b"en;q=x", b"a" * 5000, b"\xb2", b"-1", b"9" * 5000]),
)
HEADER_NAMES = st.sampled_from(
    [
        *(b"accept", b"accept-encoding", b"accept-language", b"if-none-match", b"host", b"origin", b"range", b"cookie"),
        *(b"x-forwarded-for", b"x-forwarded-proto", b"forwarded", b"sec-fetch-site", b"if-modified-since"),
        b"content-length",
    ]
)
REQUESTS = st.tuples(
    st.tuples(FOLDERS, QUOTED, PAIRS).map(lambda parts: f"/{parts[0]}{parts[1]}?{parts[2]}".encode()),
    st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES), max_size=3),
    st.sampled_from(["GET"] * 8 + ["HEAD", "POST", "PUT", "OPTIONS", "BREW"]),
)
KNOWN_PATHS = st.sampled_from(
    [
        *("coordinates", "qr.svg", "export/inventory.csv", "export/overview.csv", "export/parks.geojson"),
        *("ogc/collections/parks/items", "ogc/collections/parks", "data/parks.geojson", "own/a.geojson"),
        "export/parks.csv",
    ]
)
QUESTIONS = st.tuples(
    st.tuples(KNOWN_PATHS, PAIRS).map(lambda parts: f"/{parts[0]}?{parts[1]}".encode()), st.just([]), st.just("GET")
)


def check_request(case: tuple[bytes, list, str]) -> None:
    """Ask, and look at the answer."""
    require_sound(ask_once(*case))


CQL_WORDS = st.sampled_from(
    [
        *("name", "accuracy_m", "geometry", "id", "entered", "category", "district", "nothing", '"name"', "AND", "OR"),
        *("NOT", "=", "<>", "<", ">", "<=", ">=", "LIKE", "IN", "BETWEEN", "IS NULL", "IS NOT NULL", "(", ")", ","),
        *("'帽峰山'", "'%'", "50", "-1e400", "1.5", "TRUE", "S_INTERSECTS", "S_WITHIN", "T_AFTER", "T_DURING", "DATE"),
        *("INTERVAL", "TIMESTAMP", "CASEI", "ACCENTI", "POINT(113.25 23.15)", "POLYGON((113 23,114 23,114 24,113 23))"),
        *("BBOX(113,23,114,24)", "''", "('2026-11-22')", "('x')", "'", '"', "\0", "；", "+", "*", "/", "^", "EMPTY"),
        *("A_CONTAINS", "foo(1)"),
    ]
)
FILTERS = st.one_of(st.lists(CQL_WORDS, max_size=12).map(" ".join), any_texts(80))


def check_filter(text: str) -> None:
    """Ask the service with a filter in CQL2 text."""
    service = open_service(find_atlas(), "http://127.0.0.1/ogc")
    try:
        answer = service.answer("collections/parks/items", [("filter", text)], {})
    except QueryError as error:
        require_told(error, "zh")
        return
    assert json.loads(answer.body)["type"] == "FeatureCollection"


# --- what the pages read from their address


def check_search(text: str) -> None:
    """Search for anything."""
    hits = find_text(find_atlas(), text)
    assert len(hits) <= 30
    keys = parse_name(text)
    assert format_key(keys.text) == keys.text
    assert 0 <= match_name(text, keys) <= 1


def check_params(case: tuple[str, dict]) -> None:
    """Read what a page is asked, and write it to a link that says the same."""
    page, query = case
    asked = read_asked(page, query)
    assert set(asked) <= set(PARAMS.get(page, ()))
    assert all(0 < len(value) <= LONGEST for value in asked.values())
    if all(value.isprintable() for value in asked.values()):
        assert '"' not in format_link(page, asked)


def check_wanted(params: dict[str, str]) -> None:
    """Ask the inventory with any parameters: they are refused by name, and what is left of them is not."""
    atlas = find_atlas()
    try:
        list_claims(atlas, filters=parse_filters(params), order=parse_order(params))
    except GzmapError as error:
        require_told(error)
    kept = drop_values(params, find_unknown(atlas, params))
    assert list_claims(atlas, filters=parse_filters(kept), order=parse_order(kept)) is not None


def check_area(code: str) -> None:
    """Read an area of an address; what is read is sound, and is written as it was read."""
    area = parse_area(code)
    if area is not None:
        assert area.is_valid
        assert area.area > 0
        again = parse_area(dump_area(area))
        assert len(dump_area(area)) > ADDRESS_CHARS or shapely.equals(again, area)


def check_drawing(event: dict) -> None:
    """Read what a browser says was drawn."""
    area, refused = read_drawing(event)
    assert (area is None) == bool(refused)
    assert area is None or area.is_valid


PLACES = st.lists(st.tuples(st.floats(113.2, 113.4), st.floats(23.0, 23.2)).map(list), max_size=9)
DRAWINGS = st.fixed_dictionaries(
    {"shape": st.sampled_from(["polygon", "rectangle", "circle", "x"])},
    optional={"points": st.one_of(PLACES, JSON, st.lists(st.lists(st.floats(), min_size=2, max_size=2), max_size=5))},
)
VALUES = st.one_of(any_texts(60), st.sampled_from(["parks", "白云区", "yes", "no", "-name", "a,b,,a", "existing"]))

# --- the command line

COMMANDS: Mapping[str, int] = {
    "find": 1,
    "show": 1,
    "at": 2,
    "places": 0,
    "ledger": 0,
    "inventory": 0,
    "mine": 1,
    "cite": 1,
}
"""Commands that only answer, and how many arguments they take."""

ARGUMENTS = st.one_of(
    any_texts(40).map(lambda text: text.replace("\0", "")),
    st.sampled_from(["--limit", "--json", "--", "-1", "1e400", "nan", "113.25,23.15", "113.25", "23.15", "parks.p001"]),
    st.sampled_from(["--district", "--box", "--theme", "--sort", "白云区", "--lang", "en", "chp_1__sec_1__para_1"]),
)


def check_command(case: tuple[str, list[str]]) -> None:
    """Run a command with any arguments: it ends with a code of the table, and never with a trace."""
    name, arguments = case
    result = CliRunner().invoke(main, ["--root", str(find_project()), name, *arguments], env={"LC_ALL": "zh_CN.UTF-8"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (0, 1, 2, 3)
    assert "Traceback" not in result.output


CALLS = st.sampled_from(list(COMMANDS)).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.one_of(
            st.lists(ARGUMENTS, min_size=COMMANDS[name], max_size=COMMANDS[name]), st.lists(ARGUMENTS, max_size=4)
        ),
    )
)

ASKED = st.tuples(
    st.sampled_from([*PARAMS, "x"]),
    st.dictionaries(st.sampled_from([*KEYS, "of", "a", "b", "at", "place"]), VALUES),
)
WANTED = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4)
AREAS = st.one_of(any_texts(40), st.text(ALPHABET, max_size=60).map("BF{}".format))

QUERIES = (
    Property("HTTP: any request", REQUESTS, check_request, suite=150, weight=2),
    Property("HTTP: known routes, any question", QUESTIONS, check_request, suite=150, weight=2),
    Property("OGC API: filters in CQL2", FILTERS, check_filter, weight=2),
    Property("page: search", any_texts(200), check_search, weight=2),
    Property("page: parameters", ASKED, check_params, weight=2),
    Property("page: filters of the inventory", WANTED, check_wanted, weight=1),
    Property("page: area of an address", AREAS, check_area, weight=2),
    Property("page: drawing", DRAWINGS, check_drawing, weight=2),
    Property("command line", CALLS, check_command, suite=60, weight=0.5),
)
