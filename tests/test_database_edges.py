"""The shared database as people and programs meet it: commands, routes, the page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from click.testing import CliRunner, Result
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from gzmap import database as db
from gzmap.atlas import open_atlas
from gzmap.cli import main
from gzmap.cli.database import gather_project as gather
from gzmap.database import following
from gzmap.database import shelf as shelves
from gzmap.own import OwnLayers
from gzmap.server import build_routes
from tests.conftest import ROOT
from tests.makers import edit_json
from tests.postgres import APP, OWNER, WATER, Cluster
from tests.site_makers import make_frame
from tests.test_app import markup, messages
from tests.ui_support import make_shown_project

EMPTY = OwnLayers(Path("local"), (), ())
LOADED = "import sys, importlib; importlib.import_module(sys.argv[1]); print(*sorted(sys.modules))"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_shown_project(tmp_path / "项目")


@pytest.fixture
def gzmap(project: Path, database: str, tmp_path: Path) -> Callable[..., Result]:
    variables = {"GZMAP_DATABASE_URL": database, "GZMAP_CACHE": str(tmp_path / "cache"), "GZMAP_ROOT": ""}

    def run(*arguments: str, **changed: str) -> Result:
        result = CliRunner().invoke(main, ["--root", str(project), *arguments], env={**variables, **changed})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


def read_lines(result: Result) -> list[dict]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


# --- commands


def test_a_project_goes_in_is_checked_and_comes_out(gzmap: Callable, project: Path, tmp_path: Path) -> None:
    assert read_lines(gzmap("db", "import", "--app", APP, "--json")) == [{"version": 1, "apps": [APP]}]
    # The findings are those of the files, and one about the role.
    checked = [json.loads(line) for line in gzmap("db", "check", "--json").stdout.splitlines()]
    plain = [json.loads(line) for line in gzmap("check", "--json").stdout.splitlines()]
    assert checked[0]["code"] == "role-writes"
    assert checked[1:] == plain
    told = read_lines(gzmap("db", "export", str(tmp_path / "out"), "--json"))[0]
    assert told["version"] == 1
    assert {path: (tmp_path / "out" / path).read_bytes() for path in told["written"]} == gather(project)
    assert "写入 0 个文件" in gzmap("db", "export", str(tmp_path / "out")).stdout
    assert "版本 2" in gzmap("db", "import", "--expect", "1").stdout
    refused = gzmap("db", "import", "--expect", "1")
    assert refused.exit_code == 2
    assert "version 2, not 1" in refused.stderr


def test_files_with_errors_are_not_imported(gzmap: Callable, project: Path) -> None:
    gzmap("db", "import")
    edit_json(project / "layers/parks.geojson", lambda c: c["features"][0]["properties"].update(category="nonsense"))
    refused = gzmap("db", "import")
    assert refused.exit_code == 1
    assert "category-unknown" in refused.stderr
    assert "没有导入" in refused.stderr
    assert gzmap("db", "import", "--expect", "1").exit_code == 1


def test_the_check_of_a_broken_database_exits_with_one(gzmap: Callable, cluster: Cluster, database: str) -> None:
    gzmap("db", "import")
    cluster.run("DROP TABLE layers.parks", database=database.rpartition("/")[2])
    checked = gzmap("db", "check")
    assert checked.exit_code == 1
    assert "error table-missing  layers.parks" in checked.stdout
    assert re.search(r"^[1-9]\d* errors, ", checked.stdout, re.MULTILINE)


@pytest.mark.parametrize("command", [("import",), ("export", "out"), ("check",), ("own", "list")])
def test_a_command_without_a_database_says_what_to_set(gzmap: Callable, command: tuple[str, ...]) -> None:
    for url in ("", "   "):
        refused = gzmap("db", *command, GZMAP_DATABASE_URL=url)
        assert refused.exit_code == 2
        assert "GZMAP_DATABASE_URL=postgresql://" in refused.stderr


@pytest.mark.parametrize("command", [("db", "import"), ("db", "check"), ("db", "own", "list"), ("find", "帽峰山")])
def test_a_database_that_is_away_is_told_without_a_password(gzmap: Callable, command: tuple[str, ...]) -> None:
    refused = gzmap(*command, GZMAP_DATABASE_URL="postgresql://u:geheim@127.0.0.1:1/x")
    assert refused.exit_code == 2
    assert "cannot be reached" in refused.stderr
    assert "geheim" not in refused.output
    assert "Traceback" not in refused.output


def test_questions_are_answered_from_the_database(gzmap: Callable, project: Path) -> None:
    gzmap("db", "import", "--app", APP)
    edit_json(project / "layers/parks.geojson", lambda c: c["features"][0]["properties"].update(name="只在文件里"))
    assert "只在文件里" not in gzmap("show", "parks.p001").stdout
    assert "只在文件里" in gzmap("show", "parks.p001", GZMAP_DATABASE_URL="").stdout
    assert gzmap("show", "parks.p999").exit_code == 3


def test_own_layers_by_commands(gzmap: Callable, tmp_path: Path, database: str) -> None:
    gzmap("db", "import")
    file = tmp_path / "控规.gpkg"
    make_frame("EPSG:4490", 名称=["一", "二"]).to_file(file)
    added = read_lines(gzmap("db", "own", "add", str(file), "--id", "own.plots", "--reader", WATER, "--json"))
    assert added == [{"layer_id": "own.plots", "title": "控规", "count": 2, "readers": [WATER]}]
    assert "own.plots  控规  2  bureau_water" in gzmap("db", "own", "list").stdout
    reader = database.replace(OWNER, WATER, 1)
    assert len(read_lines(gzmap("db", "own", "list", "--json", GZMAP_DATABASE_URL=reader))) == 1
    assert gzmap("db", "own", "drop", "own.plots", GZMAP_DATABASE_URL=reader).exit_code == 2
    assert "仅所有者" in gzmap("db", "own", "readers", "own.plots").stdout
    assert "没有可读" in gzmap("db", "own", "list", GZMAP_DATABASE_URL=reader).stdout
    assert gzmap("db", "own", "readers", "own.none", WATER).exit_code == 3
    assert "已删除" in gzmap("db", "own", "drop", "own.plots").stdout
    assert gzmap("db", "own", "drop", "own.plots").exit_code == 3


def add_own(file: Path, layer_id: str, url: str) -> None:
    arguments = ["db", "own", "add", str(file), "--id", layer_id, "--reader", APP]
    assert CliRunner().invoke(main, arguments, env={"GZMAP_DATABASE_URL": url}).exit_code == 0


def write_plots(folder: Path, count: int = 3) -> Path:
    """Write plots in 白云区, one beside the other from 113.245 on, and the last one far away."""
    file = folder / "地块.gpkg"
    west = 113.245 + 0.002 * np.arange(count)
    shapes = [*shapely.box(west, 23.15, west + 0.001, 23.151), shapely.box(113.9, 23.5, 113.901, 23.501)]
    names = [f"宗地{n}号" for n in range(count + 1)]
    geopandas.GeoDataFrame({"名称": names}, geometry=shapes, crs="EPSG:4490").to_file(file)
    return file


def test_areas_and_pairs_are_asked_of_the_layers_in_the_database(
    gzmap: Callable, tmp_path: Path, database: str
) -> None:
    gzmap("db", "import", "--app", APP)
    add_own(write_plots(tmp_path), "own.plots", database)
    where = ("--bbox", "113.24,23.14,113.25,23.16", "--json")
    reader = {"GZMAP_DATABASE_URL": database.replace(OWNER, APP, 1)}
    found = [row for row in read_lines(gzmap("area", *where, "--own-db", **reader)) if row.get("own")]
    assert [(row["layer_id"], row["name"], row["relation"]) for row in found] == [
        ("own.plots", f"宗地{n}号", "within") for n in range(3)
    ]
    assert [row for row in read_lines(gzmap("area", *where, **reader)) if row.get("own")] == []
    asked = ("between", "own.plots", "白云区", "--relation", "within", "--json")
    assert [pair["a_name"] for pair in read_lines(gzmap(*asked, **reader))] == ["宗地0号", "宗地1号", "宗地2号"]
    # Who may not read it is told no more than if there were none.
    stranger = {"GZMAP_DATABASE_URL": database.replace(OWNER, WATER, 1)}
    assert gzmap("db", "own", "readers", "own.plots").exit_code == 0
    assert gzmap(*asked, **reader).exit_code == 3
    assert gzmap("area", *where, "--own-db", **stranger).exit_code == 2


def test_a_folder_goes_before_the_database_and_without_one_there_is_nothing_to_ask(
    gzmap: Callable, tmp_path: Path, database: str
) -> None:
    gzmap("db", "import", "--app", APP)
    add_own(write_plots(tmp_path), "own.dikuai", database)
    local = tmp_path / "local"
    local.mkdir()
    write_plots(local, 1)
    asked = ("between", "own.dikuai", "白云区", "--relation", "within", "--json")
    assert len(read_lines(gzmap(*asked))) == 3
    assert len(read_lines(gzmap(*asked, "--own", str(local)))) == 1
    for command in (asked, ("area", "--district", "白云区", "--own-db")):
        assert gzmap(*command, GZMAP_DATABASE_URL="").exit_code in (2, 3)
    assert "GZMAP_DATABASE_URL" in gzmap("area", "--district", "白云区", "--own-db", GZMAP_DATABASE_URL="").stderr


@pytest.mark.parametrize("layer_id", ["plots", "own.", "own.A", "own.a b", "own.a;", "own.长", "own." + "a" * 41])
def test_an_id_of_an_own_layer_is_plain(gzmap: Callable, tmp_path: Path, layer_id: str) -> None:
    make_frame("EPSG:4490", 名称=["一"]).to_file(tmp_path / "a.gpkg")
    refused = gzmap("db", "own", "add", str(tmp_path / "a.gpkg"), "--id", layer_id)
    assert refused.exit_code == 2
    assert "is no id" in refused.stderr


def test_a_file_of_several_layers_asks_which(gzmap: Callable, tmp_path: Path) -> None:
    gzmap("db", "import")
    file = tmp_path / "a.gpkg"
    for name in ("道路", "地块"):
        make_frame("EPSG:4490", 名称=["一"]).to_file(file, layer=name)
    asked = gzmap("db", "own", "add", str(file), "--id", "own.a")
    assert asked.exit_code == 2
    assert "--layer" in asked.stderr
    assert gzmap("db", "own", "add", str(file), "--id", "own.a", "--layer", "水").exit_code == 2
    assert "道路" in gzmap("db", "own", "add", str(file), "--id", "own.a", "--layer", "道路").stdout


@pytest.mark.parametrize("module", ["gzmap.cli", "gzmap.server", "gzmap.ui.store"])
def test_who_has_no_database_loads_no_library_for_one(module: str) -> None:
    done = subprocess.run([sys.executable, "-c", LOADED, module], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"sqlalchemy", "psycopg", "geoalchemy2", "gzmap.database"} & set(done.stdout.split()) == set()


# --- a server


@pytest.fixture
def served(database: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve what the database holds, from a folder that holds nothing."""
    engine = db.open_engine(database)
    db.import_project(engine, gather(project))
    db.grant_app(engine, APP)
    engine.dispose()
    url = database.replace(OWNER, APP, 1)
    monkeypatch.setenv("GZMAP_DATABASE_URL", url)
    monkeypatch.setenv("GZMAP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GZMAP_LOCAL", raising=False)
    monkeypatch.chdir(tmp_path)
    yield database
    follower = following._FOLLOWERS.pop(db.Settings(url, tmp_path / "cache"), None)
    if follower is not None:
        follower.close()


def ask_until(ask: Callable[[], object], is_so: Callable[[object], bool]) -> object:
    deadline = time.monotonic() + 30
    while not is_so(answer := ask()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.05)
    return answer


def test_routes_answer_from_the_database_and_tell_of_an_outage(served: str, project: Path, cluster: Cluster) -> None:
    client = TestClient(Starlette(routes=build_routes()), client=("127.0.0.1", 1))
    health = client.get("/healthz").json()
    assert health["database"] == {"status": "ok", "version": 1}
    body = client.get("/data/parks.geojson").content
    assert body == (project / "layers/parks.geojson").read_bytes()
    cluster.stop()
    try:
        away = ask_until(lambda: client.get("/healthz").json(), lambda told: told["database"]["status"] == "away")
        assert away["status"] == "ok"
        assert away["database"]["since"].endswith("+00:00")
        assert client.get("/data/parks.geojson").content == body
    finally:
        cluster.start()
    ask_until(lambda: client.get("/healthz").json(), lambda told: told["database"] == {"status": "ok", "version": 1})


def test_a_server_that_never_reached_the_database_is_unwell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GZMAP_DATABASE_URL", "postgresql://u:geheim@127.0.0.1:1/x")
    monkeypatch.setenv("GZMAP_CACHE", str(tmp_path / "cache"))
    client = TestClient(Starlette(routes=build_routes()))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "cannot be reached" in answer.text
    assert "geheim" not in answer.text
    following._FOLLOWERS.pop(db.Settings("postgresql://u:geheim@127.0.0.1:1/x", tmp_path / "cache")).close()


def test_own_layers_of_the_database_are_for_every_page_of_ours_and_for_no_other(served: str, tmp_path: Path) -> None:
    make_frame("EPSG:4490", 名称=["一", "二"]).to_file(tmp_path / "a.gpkg")
    for name, reader in (("shared", APP), ("secret", WATER)):
        arguments = ["db", "own", "add", str(tmp_path / "a.gpkg"), "--id", f"own.{name}", "--reader", reader]
        assert CliRunner().invoke(main, arguments, env={"GZMAP_DATABASE_URL": served}).exit_code == 0
    client = TestClient(Starlette(routes=build_routes()), client=("10.1.2.3", 1), base_url="http://map.bureau.example")

    def ask(name: str, **headers: str) -> object:
        return client.get(f"/own/own.{name}.geojson", headers=headers)

    answer = ask_until(lambda: ask("shared"), lambda found: found.status_code == 200)
    assert len(answer.json()["features"]) == 2
    assert answer.headers["cache-control"] == "no-store"
    assert ask("secret").status_code == 404
    for site in ("cross-site", "same-site"):
        assert ask("shared", **{"Sec-Fetch-Site": site}).status_code == 403


# --- the page


def start(page: str = "map", **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "gzmap/ui/main.py"), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    if page != "map":
        app.switch_page(f"screens/{page}.py")
    app.run()
    assert not app.exception
    return app


def read_footer(app: AppTest) -> str:
    footer = markup(app, "gz_frame").text
    assert "非官方示意图" in footer, "the page is there"
    return footer


def test_the_page_tells_of_an_outage_in_both_languages(
    served: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gzmap.ui import store

    assert "连不上" not in read_footer(start())
    assert [store.describe_store(lang) for lang in ("zh", "en")] == [[], []]
    cluster.stop()
    try:
        told = ask_until(lambda: store.describe_store("zh"), bool)
        assert "连不上" in told[0]
        assert "has been away since" in store.describe_store("en")[0]
        assert told[0] in read_footer(start())
    finally:
        cluster.start()
    ask_until(lambda: store.describe_store("zh"), lambda lines: not lines)


def test_the_page_tells_of_a_version_that_is_not_taken(served: str, cluster: Cluster) -> None:
    from gzmap.ui import store

    assert store.find_shown_root()
    name = served.rpartition("/")[2]
    cluster.run("UPDATE gzmap.catalog SET body = (body::jsonb - 'title')::json WHERE id = 'parks'", database=name)
    assert "暂不采用" in ask_until(lambda: store.describe_store("zh"), bool)[0]
    assert "not taken" in store.describe_store("en")[0]
    assert open_atlas(store.find_shown_root()).layers.keys() >= {"parks"}


def test_the_page_asks_the_database_about_an_area_of_a_large_layer(
    served: str, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gzmap.ui import store

    monkeypatch.setattr(shelves, "HELD_FEATURES", 2)
    add_own(write_plots(tmp_path), "own.plots", served)
    ask_until(lambda: store.find_shown_root() and store.find_store().shelf.add_to(EMPTY).broken, bool)

    def ask() -> AppTest:
        return start("query", of="district", district="白云区")

    answer = markup(ask(), "gz_answer").text
    assert all(f"宗地{n}号" in answer for n in range(3))
    assert "宗地3号" not in answer, "it lies elsewhere"
    cluster.stop()
    try:
        # An answer without the layer would be wrong: there is none until the database is back.
        app = ask()
        assert any("连不上" in told for told in messages(app))
        assert not any(getattr(element, "key", None) == "gz_answer" for element in app.main)
        assert "连不上" in ask_until(lambda: read_footer(start()), lambda footer: "连不上" in footer)
    finally:
        cluster.start()
    assert "宗地2号" in markup(ask(), "gz_answer").text
