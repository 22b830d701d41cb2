"""The routes beside the page: what they give, and what nothing gets out of them."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from gzmap.atlas import Atlas, read_atlas
from gzmap.cli import main
from gzmap.config import CATALOG_FILE, MENTIONS_FILE
from gzmap.errors import NotFoundError
from gzmap.export import FORMATS
from gzmap.server import build_middleware, build_routes, find_served_root, head, require_data_file
from gzmap.webmap import ASSETS, build_url, find_assets_version
from tests.makers import edit_json
from tests.ui_support import small_root

__all__ = ["small_root"]
SECRET = "the secret outside the project"


@pytest.fixture
def client(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    return TestClient(Starlette(routes=build_routes()), raise_server_exceptions=False)


@pytest.fixture
def secret(small_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A readable layer file outside the project."""
    path = tmp_path_factory.mktemp("outside") / "parks.geojson"
    path.write_text((small_root / "layers/parks.geojson").read_text("utf-8").replace("白云湖", SECRET), "utf-8")
    return path


def plain(client: TestClient, path: str, **headers: str) -> object:
    return client.get(path, headers={"accept-encoding": "identity", **headers})


# --- which project


def test_the_served_root_is_named_or_found(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    assert find_served_root() == small_root.resolve()
    monkeypatch.setenv("GZMAP_ROOT", "")
    monkeypatch.chdir(small_root / "geodata" / "plan")
    assert find_served_root() == small_root.resolve()


# --- health


def test_health_names_layers_served_and_left_out(client: TestClient, small_root: Path) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ok", "layers": ["districts", "labels", "parks", "streams", "spots"], "left_out": []},
    )
    (small_root / "layers/spots.geojson").write_text("{", encoding="utf-8")
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["left_out"] == ["spots"]


@pytest.mark.parametrize("file", [CATALOG_FILE, MENTIONS_FILE, Path("geodata/plan/plan.txt")])
def test_health_is_503_when_the_project_cannot_be_opened(client: TestClient, small_root: Path, file: Path) -> None:
    (small_root / file).unlink()
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "error"
    assert file.name in answer.json()["message"]
    answer = client.get("/data/parks.geojson")
    assert answer.status_code == 503
    assert answer.json()["error"] == "unavailable"


# --- layer data


def test_a_layer_is_its_files_bytes(client: TestClient, small_root: Path) -> None:
    wanted = (small_root / "layers/parks.geojson").read_bytes()
    answer = plain(client, "/data/parks.geojson")
    assert (answer.status_code, answer.content) == (200, wanted)
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-encoding" not in answer.headers
    assert plain(client, "/data/districts.geojson").content == (small_root / "geodata/districts.geojson").read_bytes()
    assert plain(client, "/data/parks.geojson?v=anything&x=/../").content == wanted


def test_a_layer_is_packed_for_those_who_take_it(client: TestClient, small_root: Path) -> None:
    with client.stream("GET", "/data/parks.geojson", headers={"accept-encoding": "br, gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        raw = b"".join(answer.iter_raw())
    assert gzip.decompress(raw) == (small_root / "layers/parks.geojson").read_bytes()
    assert len(raw) == int(answer.headers["content-length"])
    assert raw[4:8] == b"\0\0\0\0", "the packed bytes must not hold the time"


def test_packing_is_refused_with_q_zero(client: TestClient) -> None:
    assert (
        "content-encoding"
        not in client.get("/data/parks.geojson", headers={"accept-encoding": "gzip;q=0, identity"}).headers
    )


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_unchanged_layer_is_not_sent_again(client: TestClient, small_root: Path, encoding: str) -> None:
    first = client.get("/data/parks.geojson", headers={"accept-encoding": encoding})
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get("/data/parks.geojson", headers={"accept-encoding": encoding, "if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == "no-cache"
    assert (
        client.get("/data/parks.geojson", headers={"accept-encoding": encoding, "if-none-match": '"old"'}).status_code
        == 200
    )
    path = small_root / "layers/parks.geojson"
    path.write_bytes(path.read_bytes().replace("白云湖".encode(), "白云池".encode()))
    changed = client.get("/data/parks.geojson", headers={"accept-encoding": encoding, "if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    assert "白云池" in changed.text


def test_packed_and_plain_have_their_own_tags(client: TestClient) -> None:
    tags = {
        client.get("/data/parks.geojson", headers={"accept-encoding": e}).headers["etag"] for e in ("identity", "gzip")
    }
    assert len(tags) == 2
    assert all(t.startswith('"') and t.endswith('"') for t in tags)


def test_head_tells_the_same_without_the_body(client: TestClient) -> None:
    whole = plain(client, "/data/parks.geojson")
    head = client.head("/data/parks.geojson", headers={"accept-encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(whole.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/data/parks.geojson", "/healthz", "/assets/leaflet/leaflet.js"])
def test_nothing_is_written_through_the_routes(client: TestClient, method: str, path: str) -> None:
    assert client.request(method, path).status_code == 405


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("park.geojson", "did you mean 'parks'?"),
        ("zzz.geojson", "Layer 'zzz' is not in layers"),
        ("parks", "Ask for /data/parks.geojson"),
        ("parks.json", "did you mean 'parks'?"),
        ("parks.geojson/", "parks.geojson/"),
        ("parks.geojson.geojson", "parks.geojson"),
        ("", "Layer ''"),
        (".geojson", "Layer ''"),
        ("a/b/parks.geojson", "a/b/parks"),
        ("%00.geojson", "Layer"),
        ("<script>.geojson", "<script>"),
        ("PARKS.geojson", "PARKS"),
    ],
)
def test_an_unknown_layer_is_a_404_that_says_what_to_ask_for(client: TestClient, name: str, said: str) -> None:
    answer = client.get(f"/data/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error"] == "not-found"
    assert said in answer.json()["message"]


def test_a_broken_layer_is_a_404_that_names_its_fault(client: TestClient, small_root: Path) -> None:
    (small_root / "layers/parks.geojson").write_text("{", encoding="utf-8")
    answer = client.get("/data/parks.geojson")
    assert answer.status_code == 404
    assert "line 1" in answer.json()["message"]
    assert client.get("/data/streams.geojson").status_code == 200


# --- nothing outside our folders


@pytest.mark.parametrize(
    "name",
    [
        "../layers/catalog.json",
        "..%2flayers%2fcatalog.json",
        "%2e%2e/%2e%2e/etc/passwd",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "%252e%252e%252fetc%252fpasswd",
        "..%5c..%5cetc%5cpasswd",
        "..\\..\\secret.geojson",
        "%2fetc%2fpasswd",
        "//etc/passwd",
        "layers/parks.geojson",
        "catalog.json",
        "mentions.jsonl",
    ],
)
@pytest.mark.parametrize("prefix", ["/data/", "/assets/", "/assets/leaflet/", "/assets/ui/v/", "/assets/ui/%2e%2e/"])
def test_paths_lead_nowhere(client: TestClient, prefix: str, name: str) -> None:
    answer = client.get(prefix + name)
    assert answer.status_code == 404
    assert "root:" not in answer.text


def test_the_catalogues_path_must_stay_inside(client: TestClient, small_root: Path, secret: Path) -> None:
    neighbour = Path(os.path.relpath(secret, small_root))
    for path in (str(secret), str(neighbour), f"layers/../{neighbour}"):
        edit_json(small_root / CATALOG_FILE, lambda c, path=path: c["layers"][2].update(path=path))
        assert (small_root / path).is_file()
        answer = client.get("/data/parks.geojson")
        assert answer.status_code == 404
        assert SECRET not in answer.text


def test_the_catalogue_may_not_serve_the_projects_other_files(client: TestClient, small_root: Path) -> None:
    shutil.copy(small_root / "layers/parks.geojson", small_root / "private.geojson")
    edit_json(small_root / CATALOG_FILE, lambda c: c["layers"][2].update(path="private.geojson"))
    answer = client.get("/data/parks.geojson")
    assert answer.status_code == 404
    assert "outside geodata and layers" in answer.json()["message"]


def test_a_link_out_of_the_folder_is_refused(client: TestClient, small_root: Path, secret: Path) -> None:
    path = small_root / "layers/parks.geojson"
    path.unlink()
    path.symlink_to(secret)
    answer = client.get("/data/parks.geojson")
    assert answer.status_code == 404
    assert SECRET not in answer.text
    path.unlink()
    (small_root / "layers/inside.geojson").write_bytes(secret.read_bytes())
    path.symlink_to(small_root / "layers/inside.geojson")
    assert client.get("/data/parks.geojson").status_code == 200


def test_a_linked_folder_is_refused(client: TestClient, small_root: Path, secret: Path) -> None:
    (small_root / "layers/deep").symlink_to(secret.parent, target_is_directory=True)
    edit_json(small_root / CATALOG_FILE, lambda c: c["layers"][2].update(path="layers/deep/parks.geojson"))
    answer = client.get("/data/parks.geojson")
    assert answer.status_code == 404
    assert SECRET not in answer.text


def test_a_folder_with_a_like_name_is_outside(client: TestClient, small_root: Path) -> None:
    (small_root / "layers_private").mkdir()
    shutil.copy(small_root / "layers/parks.geojson", small_root / "layers_private/parks.geojson")
    edit_json(small_root / CATALOG_FILE, lambda c: c["layers"][2].update(path="layers_private/parks.geojson"))
    assert client.get("/data/parks.geojson").status_code == 404


def test_require_data_file(small_root: Path) -> None:
    atlas: Atlas = read_atlas(small_root)
    assert require_data_file(atlas, "parks.geojson") == (small_root / "layers/parks.geojson").resolve()
    with pytest.raises(NotFoundError, match="did you mean"):
        require_data_file(atlas, "park.geojson")


def test_assets_do_not_follow_links_out(
    client: TestClient, secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "leak.js").symlink_to(secret)
    (folder / "fine.js").write_text("1", encoding="utf-8")
    monkeypatch.setattr("gzmap.server.routes.ASSETS", folder)
    inner = TestClient(Starlette(routes=build_routes()))
    assert inner.get("/assets/ui/v/fine.js").text == "1"
    assert inner.get("/assets/ui/v/leak.js").status_code == 404


# --- assets


def test_assets_are_served_from_any_version(client: TestClient) -> None:
    for name in ("mapview.js", "linked.js", "mapview.css", "page.css"):
        answers = [client.get(f"/assets/ui/{version}/{name}") for version in (find_assets_version(), "other")]
        assert [a.status_code for a in answers] == [200, 200]
        assert {a.content for a in answers} == {(ASSETS / name).read_bytes()}
    leaflet = client.get("/assets/leaflet/leaflet.js")
    assert leaflet.status_code == 200
    assert "javascript" in leaflet.headers["content-type"]
    assert (
        client.get("/assets/leaflet/leaflet.js", headers={"if-none-match": leaflet.headers["etag"]}).status_code == 304
    )
    for path in ("/assets/", "/assets/leaflet/", "/assets/ui/x/", "/assets/leaflet/none.js"):
        assert client.get(path).status_code == 404


# --- the head of the page

INDEX = '<!doctype html><html lang="en"><head><title>Streamlit</title></head><body>珠江</body></html>'


@pytest.fixture
def page(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A page like Streamlit's, behind our middleware."""
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))

    async def index(request: object) -> HTMLResponse:
        return HTMLResponse(INDEX, headers={"etag": '"x"', "last-modified": "Mon, 01 Jan 2024 00:00:00 GMT"})

    async def stream(request: object) -> StreamingResponse:
        return StreamingResponse((piece for piece in (INDEX[:30], INDEX[30:])), media_type="text/html")

    async def words(request: object) -> PlainTextResponse:
        return PlainTextResponse("</head>")

    routes = [Route("/", index), Route("/text", stream), Route("/words", words), Route("/data/x", index)]
    return TestClient(Starlette(routes=routes, middleware=build_middleware()))


def browse(page: TestClient, path: str) -> object:
    return page.get(path, headers={"accept": "text/html,*/*", "accept-encoding": "gzip"})


def test_the_page_names_what_it_needs(page: TestClient, small_root: Path) -> None:
    answer = browse(page, "/")
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["cache-control"] == "no-cache"
    assert "etag" not in answer.headers
    assert "<title>美丽广州规划地图</title>" in answer.text
    assert '<html lang="zh-CN">' in answer.text
    assert "珠江" in answer.text
    assert answer.text.count("</head>") == 1
    atlas = read_atlas(small_root)
    for entry in atlas.catalog.entries.values():
        assert build_url(atlas, entry) in answer.text
    assert "/assets/leaflet/leaflet.js" in answer.text
    assert f"/assets/ui/{find_assets_version()}/page.css" in answer.text


def test_other_pages_do_not_load_the_map_beforehand(page: TestClient) -> None:
    text = browse(page, "/text").text
    assert "page.css" in text
    assert "/data/" not in text
    assert text.endswith("珠江</body></html>")


def test_what_is_no_page_is_left_alone(page: TestClient) -> None:
    assert browse(page, "/words").text == "</head>"
    assert browse(page, "/data/x").text == INDEX
    assert page.get("/", headers={"accept": "application/json"}).text == INDEX
    assert page.head("/", headers={"accept": "text/html"}).headers["etag"] == '"x"'


def test_a_project_that_cannot_be_opened_still_gives_a_page(page: TestClient, small_root: Path) -> None:
    (small_root / CATALOG_FILE).unlink()
    text = browse(page, "/").text
    assert "page.css" in text
    assert "/data/" not in text


def test_every_named_script_and_style_is_there(page: TestClient, client: TestClient) -> None:
    import re

    for href in re.findall(r'href="(/assets/[^"]+)"', browse(page, "/").text):
        assert client.get(href).status_code == 200, href


def test_data_that_is_named_beforehand_is_served_and_hidden_layers_are_not_named(
    page: TestClient, client: TestClient, small_root: Path
) -> None:
    edit_json(small_root / CATALOG_FILE, lambda c: c["layers"][2].update(visible=False))
    text = browse(page, "/").text
    assert "/data/parks.geojson" not in text
    assert "/data/streams.geojson" in text
    digest = hashlib.sha256((small_root / "layers/streams.geojson").read_bytes()).hexdigest()
    assert f"/data/streams.geojson?v={digest[:12]}" in text
    assert json.loads(client.get("/data/streams.geojson").content)["type"] == "FeatureCollection"


def test_only_the_first_layers_are_fetched_before_the_scripts(page: TestClient, monkeypatch) -> None:
    monkeypatch.setattr(head, "FIRST_LAYERS", 1)
    text = page.get("/", headers={"accept": "text/html"}).text
    urgent, *others = re.findall(r'<link rel="preload" as="fetch"[^>]*>', text)
    assert "fetchpriority" not in urgent
    assert others != []
    assert all('fetchpriority="low"' in line for line in others)


# --- files to take away


def export(client: TestClient, path: str, **headers: str) -> object:
    return client.get(f"/export/{path}", headers=headers)


@pytest.mark.parametrize(
    ("fmt", "query", "options"),
    [
        (
            "shp",
            "?crs=EPSG:4547&encoding=gbk&names=pinyin",
            ["--crs", "EPSG:4547", "--encoding", "gbk", "--fields", "pinyin"],
        ),
        ("gpkg", "?crs=epsg:4490", ["--crs", "EPSG:4490"]),
        ("geojson", "", []),
        ("kml", "?names=chinese", ["--fields", "chinese"]),
        ("xlsx", "?crs=EPSG:4526", ["--crs", "EPSG:4526"]),
        ("parquet", "", []),
    ],
)
def test_a_link_gives_the_bytes_of_the_command(
    client: TestClient, small_root: Path, tmp_path: Path, fmt: str, query: str, options: list[str]
) -> None:
    target = tmp_path / f"a{FORMATS[fmt].suffix}"
    arguments = ["--root", str(small_root), "export", "parks", "--format", fmt, *options, "-o", str(target)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    answer = export(client, f"parks.{fmt}{query}")
    assert answer.status_code == 200, answer.text
    assert answer.content == target.read_bytes()
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_has_a_link_with_a_type_and_two_names(client: TestClient, fmt: str) -> None:
    answer = export(client, f"parks.{fmt}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].split("/")[0] in {"application", "text"}
    told = answer.headers["content-disposition"]
    plain_name, encoded = re.fullmatch(
        r"attachment; filename=\"([\w.]+)\"; filename\*=UTF-8''([\w.%-]+)", told
    ).groups()
    assert plain_name.isascii()
    assert plain_name.endswith(FORMATS[fmt].suffix)
    assert unquote(encoded).endswith(plain_name)


def test_the_file_name_survives_chinese_and_hostile_titles(client: TestClient, small_root: Path) -> None:
    def rename(catalog: dict) -> None:
        next(x for x in catalog["layers"] if x["id"] == "parks")["title"] = '公园"\r\nX: y/..\\绿地'

    edit_json(small_root / CATALOG_FILE, rename)
    told = export(client, "parks.shp?crs=EPSG:4490&encoding=gbk").headers["content-disposition"]
    assert told.startswith("attachment; filename=\"gzmap_parks_4490_gbk.zip\"; filename*=UTF-8''%E5%85%AC%E5%9B%AD")
    assert unquote(told.partition("UTF-8''")[2]) == "公园X y..绿地_gzmap_parks_4490_gbk.zip"
    assert told.isascii()


def test_an_unchanged_file_is_not_sent_again(client: TestClient, small_root: Path) -> None:
    tag = export(client, "parks.gpkg").headers["etag"]
    answer = export(client, "parks.gpkg", **{"if-none-match": f'"other", W/{tag}'})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    path = small_root / "layers/parks.geojson"
    path.write_text(path.read_text("utf-8").replace("白云湖", "黄云湖"), "utf-8")
    assert export(client, "parks.gpkg", **{"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("path", "code", "said"),
    [
        ("none.shp", 404, "none"),
        ("parks.dwg", 404, "ask for /export/parks.shp"),
        ("parks", 404, ""),
        ("../layers/catalog.json", 404, ""),
        ("parks.shp?crs=EPSG:4549", 400, "EPSG:4547"),
        ("parks.shp?crs=GCJ-02", 400, "GCJ-02"),
        ("parks.shp?crs=", 400, ""),
        ("parks.shp?encoding=big5", 400, "utf-8 or gbk or gb18030"),
        ("parks.gpkg?encoding=gbk", 400, "use utf-8"),
        ("parks.kml?crs=EPSG:4547", 400, "EPSG:4326"),
        ("parks.shp?names=klingon", 400, "klingon"),
        ("parks.shp?colour=red", 400, "'colour' is unknown"),
        ("parks.shp?crs=EPSG:4490&crs=EPSG:4547", 400, "comes twice"),
    ],
)
def test_a_bad_link_is_told_as_json(client: TestClient, path: str, code: int, said: str) -> None:
    answer = export(client, path)
    assert answer.status_code == code
    if answer.headers["content-type"] == "application/json":
        assert answer.json()["error"] == {404: "not-found", 400: "bad-request"}[code]
        assert said in answer.json()["message"]
    else:
        assert said == "", answer.text


def test_a_refusal_is_told_in_chinese_too(client: TestClient) -> None:
    answer = export(client, "parks.shp?crs=GCJ-02").json()
    assert "不是坐标系" in answer["message_zh"]


def test_a_link_tells_its_size_before_it_is_followed(client: TestClient) -> None:
    head, whole = client.head("/export/parks.gpkg"), export(client, "parks.gpkg")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "content-type", "content-disposition", "etag"):
        assert head.headers[name] == whole.headers[name]
    assert client.head("/export/none.shp").status_code == 404
    assert client.post("/export/parks.gpkg").status_code == 405


def test_what_the_format_would_lose_is_a_400(client: TestClient, small_root: Path) -> None:
    path = small_root / "layers/parks.geojson"
    path.write_text(path.read_text("utf-8").replace("白云湖", "白𠮷湖"), "utf-8")
    answer = export(client, "parks.shp?encoding=gbk")
    assert (answer.status_code, "𠮷" in answer.json()["message"]) == (400, True)
    assert export(client, "parks.shp?encoding=utf-8").status_code == 200


def test_no_file_from_outside_is_exported(client: TestClient, small_root: Path, secret: Path) -> None:
    (small_root / "layers/parks.geojson").unlink()
    (small_root / "layers/parks.geojson").symlink_to(secret)
    answer = export(client, "parks.geojson")
    assert answer.status_code == 404
    assert SECRET not in answer.text


def test_a_project_that_does_not_open_is_a_503(client: TestClient, small_root: Path) -> None:
    (small_root / CATALOG_FILE).write_text("{", "utf-8")
    answer = export(client, "parks.shp")
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")


@pytest.mark.parametrize(("path", "styled"), [("/mine", True), ("/districts", True), ("/list", True), ("/text", False)])
def test_pages_with_a_style_of_their_own_name_it_in_the_head(path: str, styled: bool) -> None:
    async def page(_request: object) -> HTMLResponse:
        return HTMLResponse("<html><head></head><body></body></html>")

    app = Starlette(routes=[Route(path, page)], middleware=build_middleware())
    text = TestClient(app).get(path, headers={"accept": "text/html"}).text
    assert ("pages.css" in text) == styled
    assert f"/assets/ui/{find_assets_version()}/page.css" in text
