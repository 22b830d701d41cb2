"""/ogc as GIS programs meet it: resources, links, pages without foreign requests, refusals, threads, GDAL."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import pytest
import shapely
import uvicorn
from lxml import etree
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gzmap.atlas import Atlas
from gzmap.catalog import read_layer
from gzmap.crs import convert_point
from gzmap.ogcapi.systems import SYSTEMS
from gzmap.server import build_middleware, build_routes
from tests.conftest import ROOT
from tests.ui_support import small_root

__all__ = ["small_root"]
WGS84, CGCS2000, METRIC = (system.uri for system in SYSTEMS[1:])
WETLANDS = "/ogc/collections/wetlands"
PAGES = (
    *("", "/collections", "/conformance", "/openapi", "/nothing"),
    *("/collections/wetlands", "/collections/wetlands/queryables", "/collections/wetlands/schema"),
    *("/collections/wetlands/items", "/collections/wetlands/items/wetlands.t001"),
    *("/collections/unsited", "/collections/unsited/items"),
)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """A client of the shipped project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GZMAP_ROOT", str(ROOT))
        yield TestClient(Starlette(routes=build_routes()), raise_server_exceptions=False)


def ask(client: TestClient, path: str, status: int = 200, **params: object) -> dict:
    """Ask for JSON."""
    # Without parameters, those that are part of a link stay.
    answer = client.get(path, params=params or None)
    assert answer.status_code == status, answer.text
    return answer.json()


# --- resources and links


def test_every_link_of_the_service_leads_somewhere(client: TestClient) -> None:
    told = [ask(client, "/ogc"), ask(client, WETLANDS), ask(client, f"{WETLANDS}/items", limit=1)]
    told.append(ask(client, f"{WETLANDS}/items/wetlands.t001"))
    links = {link["href"] for part in told for link in part["links"]}
    assert len(links) > 20
    for link in links:
        assert link.startswith("http://testserver/"), link
        if link.startswith("http://testserver/ogc"):
            assert client.get(link).status_code == 200, link


def test_collections_are_the_layers_with_titles_extents_and_licences(client: TestClient, atlas: Atlas) -> None:
    told = {part["id"]: part for part in ask(client, "/ogc/collections")["collections"]}
    assert list(told) == list(atlas.layers)
    for layer_id, part in told.items():
        raw = atlas.catalog.entries[layer_id].raw
        assert part["title"] == raw["title"]
        assert part["titles"] == {"zh": raw["title"], "en": raw["title_en"]}
        assert part["license"] == raw["licence"]
        bbox = raw["derived"]["bbox"]
        assert part["extent"].get("spatial", {}).get("bbox") == (bbox and [pytest.approx(bbox)])
        assert part["extent"]["temporal"]["interval"][0][0] <= part["extent"]["temporal"]["interval"][0][1]
        rels = {link["rel"] for link in part["links"]}
        assert {"self", "items", "describedby", "stylesheet", "license"} <= rels
    assert METRIC in told["wetlands"]["crs"]
    assert METRIC not in told["cities"]["crs"]  # outside of its area of use
    english = ask(client, WETLANDS, lang="en")
    assert (english["title"], english["license"][:10]) == ("Wetlands and islands", "Boundaries")


def test_metadata_and_styles_are_those_of_the_exports(client: TestClient) -> None:
    record = client.get(f"{WETLANDS}/metadata.xml")
    assert record.headers["content-type"] == "application/vnd.iso.19139+xml"
    assert etree.fromstring(record.content).tag == "{http://www.isotc211.org/2005/gmd}MD_Metadata"
    assert "湿地与岛屿" in record.text
    style = etree.fromstring(client.get(f"{WETLANDS}/style.sld").content)
    assert style.tag == "{http://www.opengis.net/sld}StyledLayerDescriptor"
    assert etree.fromstring(client.get(f"{WETLANDS}/style.qml").content).tag == "qgis"
    assert "OpenStreetMap" in client.get(f"{WETLANDS}/licence.txt").text
    for layer_id in ("unsited", "labels"):  # nothing located, and names alone
        for name in ("metadata.xml", "style.sld", "style.qml"):
            assert client.get(f"/ogc/collections/{layer_id}/{name}").status_code == 200
    assert ask(client, "/ogc/collections/nothing/style.sld", 404)["code"] == "NotFound"


def test_queryables_have_titles_units_and_closed_lists(client: TestClient) -> None:
    told = ask(client, f"{WETLANDS}/queryables")["properties"]
    assert told["accuracy_m"] == {**told["accuracy_m"], "title": "误差", "type": "integer", "x-ogc-unit": "m"}
    assert "wetland" in told["category"]["enum"]
    assert told["entered"]["format"] == "date"
    assert ask(client, f"{WETLANDS}/schema", lang="en")["properties"]["method"]["title"]


def test_an_item_carries_accuracy_method_evidence_and_its_place_in_the_app(client: TestClient) -> None:
    told = ask(client, f"{WETLANDS}/items/wetlands.t001")
    own = told["properties"]
    assert (own["name"], own["accuracy_m"], own["method"]) == ("海珠湿地", 2000, "schematic")
    assert "海珠湿地" in own["evidence"]
    assert own["evidence"].startswith("第")
    assert own["map_url"] == "http://testserver/?feature=wetlands.t001"
    assert own["map_url"] in [link["href"] for link in told["links"]]


def test_items_are_those_of_the_files(client: TestClient, atlas: Atlas) -> None:
    for layer_id, entry in atlas.catalog.entries.items():
        told = ask(client, f"/ogc/collections/{layer_id}/items", limit=10_000)
        filed = read_layer(ROOT / entry.path)
        assert told["numberMatched"] == told["numberReturned"] == len(told["features"]) == len(filed)
        assert [f["id"] for f in told["features"]] == [f["id"] for f in filed]
        assert [f["geometry"] for f in told["features"]] == [f["geometry"] for f in filed]
        for ours, theirs in zip(told["features"], filed, strict=True):
            assert theirs["properties"].items() <= ours["properties"].items()


# --- what is asked


def test_paging_gives_every_feature_once(client: TestClient) -> None:
    url, found = "/ogc/collections/labels/items?limit=100&sortby=-name", []
    while url:
        told = ask(client, url)
        found += [feature["id"] for feature in told["features"]]
        assert len(found) <= 300, "the pages do not end"
        url = next((link["href"] for link in told["links"] if link["rel"] == "next"), "")
    assert len(found) == len(set(found)) == told["numberMatched"] == 284
    assert "prev" in {link["rel"] for link in told["links"]}
    last = ask(client, "/ogc/collections/wetlands/items", limit=3)
    assert "next" not in {link["rel"] for link in last["links"]}  # a full last page has none after it


def test_links_lead_to_this_page_and_its_neighbours_in_the_same_format(client: TestClient) -> None:
    told = ask(client, "/ogc/collections/labels/items", limit=10, offset=20, f="json")
    links = {link["rel"]: link["href"] for link in told["links"]}
    assert [f["id"] for f in ask(client, links["self"])["features"]] == [f["id"] for f in told["features"]]
    browser = {"accept": "text/html"}
    assert client.get(links["next"], headers=browser).json()["features"][0]["id"] != told["features"][0]["id"]
    assert "text/html" in client.get(links["alternate"]).headers["content-type"]


def test_links_of_a_page_keep_the_question(client: TestClient) -> None:
    asked = {"bbox": "113,22,114,24", "filter": "name LIKE '%湿地%'", "crs": METRIC, "datetime": "2020-01-01/.."}
    told = ask(client, f"{WETLANDS}/items", limit=1, **asked)
    onward = next(link["href"] for link in told["links"] if link["rel"] == "next")
    further = ask(client, onward)
    assert (told["numberMatched"], further["numberMatched"]) == (2, 2)
    assert told["features"][0]["id"] != further["features"][0]["id"]
    assert further["features"][0]["geometry"]["coordinates"][0][0][0][0] > 1_000_000


def test_a_bbox_finds_the_same_in_every_system(client: TestClient, atlas: Atlas) -> None:
    frame = atlas.layers["labels"]
    west, south, east, north = 113.2, 23.0, 113.4, 23.2
    wanted = set(frame.index[frame.intersects(shapely.box(west, south, east, north))])
    told = ask(client, "/ogc/collections/labels/items", limit=1000, bbox=f"{west},{south},{east},{north}")
    assert {f["id"] for f in told["features"]} == wanted
    assert 0 < len(wanted) < 284
    for uri in (WGS84, CGCS2000):
        asked = {"bbox": f"{south},{west},{north},{east}", "bbox-crs": uri, "limit": 1000}
        assert {f["id"] for f in ask(client, "/ogc/collections/labels/items", **asked)["features"]} == wanted
    (x1, y1), (x2, y2) = (convert_point(*spot, "EPSG:4547") for spot in ((west, south), (east, north)))
    asked = {"bbox": f"{y1},{x1},{y2},{x2}", "bbox-crs": METRIC, "limit": 1000}
    found = {f["id"] for f in ask(client, "/ogc/collections/labels/items", **asked)["features"]}
    assert len(found ^ wanted) <= 3  # the sides of the box are other lines there


@pytest.mark.parametrize("uri", [WGS84, CGCS2000, METRIC])
def test_axes_have_the_order_of_the_authority(client: TestClient, uri: str) -> None:
    url = "/ogc/collections/labels/items/labels.l0201"
    lon, lat = ask(client, url)["geometry"]["coordinates"]
    answer = client.get(url, params={"crs": uri})
    assert answer.headers["content-crs"] == f"<{uri}>"
    first, second = answer.json()["geometry"]["coordinates"]
    easting, northing = convert_point(lon, lat, "EPSG:4547") if uri == METRIC else (lon, lat)
    assert (first, second) == pytest.approx((northing, easting), abs=0.001 if uri == METRIC else 1e-8)


def test_properties_can_be_asked_for_and_asked_about(client: TestClient) -> None:
    told = ask(client, f"{WETLANDS}/items", properties="name,map_url", skipGeometry="true", sortby="+name")
    assert [set(f["properties"]) for f in told["features"]] == [{"name", "map_url"}] * 3
    assert {f["geometry"] for f in told["features"]} == {None}
    assert ask(client, f"{WETLANDS}/items", accuracy_m="2000", method="schematic")["numberMatched"] >= 1
    hits = ask(client, f"{WETLANDS}/items", district="海珠区", resulttype="hits")
    assert (hits["numberMatched"], hits["numberReturned"], hits["features"]) == (1, 0, [])
    assert ask(client, f"{WETLANDS}/items", name="没有")["features"] == []


def test_datetime_is_the_day_of_entry(client: TestClient) -> None:
    day = ask(client, f"{WETLANDS}/items")["features"][0]["properties"]["entered"]
    assert ask(client, f"{WETLANDS}/items", datetime=day)["numberMatched"] >= 1
    assert ask(client, f"{WETLANDS}/items", datetime=f"{day}T00:00:00Z/..")["numberMatched"] >= 1
    assert ask(client, f"{WETLANDS}/items", datetime="../1999-12-31")["numberMatched"] == 0


# --- refusals


@pytest.mark.parametrize(
    "query",
    [
        *("bbox=1,2,3", "bbox=a,b,c,d", "bbox=nan,nan,nan,nan", "bbox=1,9,2,3", "bbox=", "bbox=1,2,3,4&bbox=1,2,3,4"),
        *(
            "bbox-crs=x",
            f"bbox-crs={WGS84}",
            "bbox=1,2,3,4&bbox-crs=EPSG:4326",
            "crs=EPSG:4547",
            "crs=../../etc/passwd",
        ),
        *("limit=0", "limit=-1", "limit=1e3", "limit=99999999999999999999", "offset=-1", "offset=x", "limit=١"),
        *("filter=name", "filter=" + "(" * 3000, "filter=name%3D%27", "filter-lang=cql-json", "filter-crs=x"),
        *("filter=%00", "datetime=x", "datetime=../..", "sortby=", "sortby=,", "sortby=-", "properties=nix", "nix=1"),
        *("f=xml", "f=jsonld", "f=", "lang=xx", "lang=%ff", "resulttype=all", "skipGeometry=maybe", "accuracy_m=x"),
        *("name=" + "a" * 5000, "name=%00", "__class__=1", "%F0%9F%92%A9=1"),
    ],
)
def test_hostile_queries_are_refused_with_words(client: TestClient, query: str) -> None:
    answer = client.get(f"{WETLANDS}/items?{query}")
    assert answer.status_code == 400
    told = answer.json()
    assert told["code"] == "InvalidParameterValue"
    assert len(told["description"]) > 20
    assert re.search("[一-鿿]{3}", told["description_zh"])


@pytest.mark.parametrize(
    "path",
    [
        *("nix", "collections/nix", "collections/wetlands/nix", "collections/wetlands/items/nix", "collections//items"),
        *("collections/wetlands/items/a/b", "collections/..%2f..%2fetc/items", "collections/%00"),
        *("collections/wetlands/items/%00", "processes", "jobs", "TileMatrixSets", "stac", "admin/config"),
    ],
)
def test_what_is_not_there_is_404(client: TestClient, path: str) -> None:
    assert ask(client, f"/ogc/{path}", 404)["code"] == "NotFound"


def test_nothing_can_be_written(client: TestClient) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client.request(method, f"{WETLANDS}/items", json={}).status_code == 405


def test_a_host_that_is_none_stands_in_no_link(client: TestClient) -> None:
    for host in ('evil"><script>', "a b", "a/b", "@", ""):
        answer = client.get("/ogc/collections", headers={"host": host})
        assert answer.status_code in (200, 400)
        assert "evil" not in answer.text
    assert client.get("/ogc", headers={"host": "[::1]:8501"}).json()["links"][0]["href"] == "http://[::1]:8501/"


def test_hostile_headers_change_nothing(client: TestClient) -> None:
    for value in ("text/html;q=0", "*/*;q=x", ",,;", "q=0", "zh;q=0", "\x7f" * 500):
        headers = {"accept": value, "accept-language": value}
        assert client.get(f"{WETLANDS}/items", headers=headers).status_code == 200


def test_a_project_that_cannot_be_opened_is_503(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    client = TestClient(Starlette(routes=build_routes()), raise_server_exceptions=False)
    assert client.get("/ogc/collections/parks/items").status_code == 200
    (small_root / "layers/catalog.json").write_text("{", encoding="utf-8")
    assert client.get("/ogc/collections/parks/items").status_code == 503


def test_a_changed_file_is_served_without_restart(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    client = TestClient(Starlette(routes=build_routes()))
    path = small_root / "layers/parks.geojson"
    assert "帽峰山" in client.get("/ogc/collections/parks/items").text
    path.write_text(path.read_text("utf-8").replace("帽峰山", "新名字山"), encoding="utf-8")
    assert "新名字山" in client.get("/ogc/collections/parks/items").text


# --- pages


class _Reader(HTMLParser):
    """Collects what a browser would load, and whether anything could run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        named = dict(attrs)
        self.loaded += [str(named[k]) for k in ("src", "srcset", "data", "poster") if k in named]
        if tag == "link":
            self.loaded.append(str(named["href"]))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_load_nothing_but_their_style(client: TestClient, path: str, lang: str) -> None:
    answer = client.get(f"/ogc{path}", params={"lang": lang}, headers={"accept": "text/html"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    read = _Reader(answer.text)
    assert read.loaded == ["http://testserver/ogc/style.css"]
    assert not {"script", "iframe", "img", "style", "object"} & set(read.tags)
    assert f'lang="{"zh-CN" if lang == "zh" else "en"}"' in answer.text
    assert not re.search(r"undefined|built-in|object at 0x|\bNone\b", answer.text)
    style = client.get("/ogc/style.css").text
    assert "url(" not in style
    assert "@import" not in style


def test_pages_write_words_and_units_beside_the_codes(client: TestClient) -> None:
    page = client.get(f"{WETLANDS}/items/wetlands.t001?f=html").text
    for words in ("湿地 <code>wetland</code>", "示意 <code>schematic</code>", "2000 m", "8.69 km²", "osm_parks、osm"):
        assert words in page
    english = client.get(f"{WETLANDS}/items?f=html&lang=en").text
    assert "Wetland <code>wetland</code>" in english
    assert "Haizhu Wetland" in english


@pytest.mark.parametrize("path", ["", "/collections/wetlands/items", "/nothing"])
def test_every_page_says_whether_the_map_was_reviewed(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    html = {"f": "html"}
    assert "未经地图审核，仅限内部使用，不得公开登载。</footer>" in client.get(f"/ogc{path}", params=html).text
    monkeypatch.setenv("GZMAP_REVIEW_NUMBER", "粤AS(2026)001号<b>")
    page = client.get(f"/ogc{path}", params=html).text
    assert "审图号：粤AS(2026)001号&lt;b&gt;。</footer>" in page
    assert "不得公开登载" not in page
    assert "审图号" in ask(client, "/ogc")["description"]


def test_names_reach_a_page_escaped(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    path = small_root / "layers/parks.geojson"
    path.write_text(path.read_text("utf-8").replace("帽峰山", "<script>alert(1)</script>{{7*7}}"), encoding="utf-8")
    client = TestClient(Starlette(routes=build_routes()))
    for url in ("/ogc/collections/parks/items", "/ogc/collections/parks/items/parks.p001"):
        page = client.get(url, params={"f": "html"}).text
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page


# --- how it is served


def test_answers_are_packed_for_who_takes_it(client: TestClient) -> None:
    url = "/ogc/collections/labels/items?limit=300"
    plain = client.get(url, headers={"accept-encoding": "identity"})
    packed = client.get(url, headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json()["features"] == plain.json()["features"]
    assert len(gzip.compress(plain.content, 1)) < len(plain.content) / 4
    assert "Accept-Encoding" in plain.headers["vary"]


READS = """
import os, sys
from starlette.applications import Starlette
from starlette.testclient import TestClient
from gzmap.server import build_middleware, build_routes
client = TestClient(Starlette(routes=build_routes()))
urls = [u.strip() for u in sys.stdin if u.strip()]
opened, watching = [], False
def watch(event, arguments):
    if watching and event == "open" and isinstance(arguments[0], (str, bytes)):
        opened.append(os.fsdecode(arguments[0]))
sys.addaudithook(watch)
for again in (False, True):
    watching = again
    for url in urls:
        assert client.get(url).status_code == 200, url
print("\\n".join(opened))
"""


def test_nothing_is_read_from_disk_for_a_request() -> None:
    """Only the first request of a kind reads: modules, templates. Paths of the data are looked at, not opened."""
    urls = [f"/ogc{path}{f}" for path in PAGES if path != "/nothing" for f in ("?f=json", "?f=html")]
    urls += [f"{WETLANDS}/items?filter=accuracy_m%3E1&bbox=113,22,114,24&crs={METRIC}", f"{WETLANDS}/metadata.xml"]
    done = subprocess.run(
        [sys.executable, "-c", READS], input="\n".join(urls), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_many_threads_get_their_own_answers(client: TestClient) -> None:
    systems = [system.uri for system in SYSTEMS]

    def visit(number: int) -> bool:
        uri, layer_id = systems[number % 4], ("wetlands", "labels", "waterways")[number % 3]
        answer = client.get(f"/ogc/collections/{layer_id}/items", params={"crs": uri, "limit": 1 + number % 3})
        told = answer.json()
        ids = [feature["id"].partition(".")[0] for feature in told["features"]]
        return answer.headers["content-crs"] == f"<{uri}>" and ids == [layer_id] * (1 + number % 3)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(visit, range(120)))


# --- GDAL


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server on loopback, in a thread, with all that stands before our routes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GZMAP_ROOT", str(ROOT))
        app = Starlette(routes=build_routes(), middleware=build_middleware())
        config = uvicorn.Config(app, port=0, log_level="warning", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/ogc"
        server.should_exit = True
        thread.join(10)


def run_gdal(*command: str) -> str:
    """Run a command of GDAL's."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    return done.stdout


def test_gdal_lists_all_layers(served: str, ogrinfo: str, atlas: Atlas) -> None:
    told = run_gdal(ogrinfo, "-ro", f"OAPIF:{served}")
    assert re.findall(r"^\d+: (\w+)", told, re.MULTILINE) == list(atlas.layers)
    assert "湿地与岛屿" in told


def test_gdal_counts_every_layer_as_the_files_do(served: str, ogrinfo: str, atlas: Atlas) -> None:
    told = run_gdal(ogrinfo, "-ro", "-so", "-al", f"OAPIF:{served}")
    counts = dict(re.findall(r"^Layer name: (\w+)$.*?^Feature Count: (\d+)$", told, re.MULTILINE | re.DOTALL))
    filed = {i: str(len(read_layer(ROOT / entry.path))) for i, entry in atlas.catalog.entries.items()}
    assert counts == filed


def test_a_program_may_ask_for_all_layers_at_once(served: str, atlas: Atlas) -> None:
    ask = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy

    def count(layer_id: str) -> int:
        with ask.open(f"{served}/collections/{layer_id}/items?limit=1000", timeout=60) as answer:
            return json.load(answer)["numberReturned"]

    with ThreadPoolExecutor(len(atlas.layers)) as pool:
        assert list(pool.map(count, atlas.layers)) == [len(frame) for frame in atlas.layers.values()]


@pytest.mark.parametrize("layer_id", ["wetlands", "labels", "unsited", "waterways"])
def test_gdal_reads_the_counts_names_and_shapes_of_the_files(
    served: str, ogrinfo: str, atlas: Atlas, layer_id: str, tmp_path: Path
) -> None:
    told = run_gdal(ogrinfo, "-ro", "-so", f"OAPIF:{served}", layer_id)
    filed = read_layer(ROOT / atlas.catalog.entries[layer_id].path)
    assert f"Feature Count: {len(filed)}" in told
    path = tmp_path / "read.geojsonl"
    tool = shutil.which("ogr2ogr") or pytest.fail("ogr2ogr is not installed: run `make test`, which installs it.")
    # Pages of fifty: more than one for the larger layers.
    source = f"OAPIF:{served}"
    run_gdal(
        tool, "-f", "GeoJSONSeq", str(path), source, layer_id, "-oo", "PAGE_SIZE=50", "-lco", "COORDINATE_PRECISION=6"
    )
    read = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [f["properties"]["name"] for f in read] == [f["properties"]["name"] for f in filed]
    assert [f["properties"]["accuracy_m"] for f in read] == [f["properties"]["accuracy_m"] for f in filed]
    assert [f["geometry"] for f in read] == [f["geometry"] for f in filed]


def test_gdal_asks_by_box(served: str, ogrinfo: str, atlas: Atlas) -> None:
    frame = atlas.layers["labels"]
    wanted = int(frame.intersects(shapely.box(113.2, 23.0, 113.4, 23.2)).sum())
    told = run_gdal(ogrinfo, "-ro", "-so", "-spat", "113.2", "23.0", "113.4", "23.2", f"OAPIF:{served}", "labels")
    assert f"Feature Count: {wanted}" in told
