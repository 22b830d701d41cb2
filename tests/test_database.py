"""The shared database, against a real PostgreSQL with PostGIS."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gzmap import database as db
from gzmap.atlas import open_atlas, read_atlas
from gzmap.checks import check_atlas, dump_project, format_project
from gzmap.cli.database import gather_project as gather
from gzmap.config import CATALOG_FILE, LEDGER_FILE, PLAN_DIR
from gzmap.database.connection import build_error, parse_url
from gzmap.database.rows import is_inside
from gzmap.database.tables import LAYERS, LONGEST_ID
from gzmap.errors import CatalogError, DatabaseAwayError, DatabaseError, GzmapError
from tests.conftest import ROOT
from tests.makers import default_layers, edit_json, make_feature, make_project, make_square
from tests.postgres import APP, OWNER, Cluster

HOSTILE = [
    "'; DROP TABLE layers.parks; --",
    '"%s" %(x)s :name',
    "🏞️𠮷\\u0041`$x`",
    "<script>alert(1)</script>" + "长" * 300,
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "项目")


@pytest.fixture
def filled(engine: Engine, project: Path) -> Engine:
    """The default project, in the database and readable by the servers' role."""
    db.import_project(engine, gather(project))
    db.grant_app(engine, APP)
    return engine


def run(url: str, command: str, *values: object) -> list[tuple]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(command, values or None)
        return cursor.fetchall() if cursor.description else []


def as_app(url: str) -> str:
    return url.replace(OWNER, APP, 1)


def wait(is_so: Callable[[], object], what: str) -> None:
    """Wait for what must come; how soon it comes is measured by the bench."""
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


# --- the address, and what is refused


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "mysql://u:geheim@h/x", "postgresql://u:geheim@h", "postgresql://u:geheim@h:port/x", "file:///x"],
)
def test_an_address_that_is_none_is_refused_without_telling_it(url: str) -> None:
    with pytest.raises(DatabaseError, match="GZMAP_DATABASE_URL") as refused:
        db.open_engine(url)
    assert "geheim" not in str(refused.value) + refused.value.zh
    assert refused.value.zh


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_usual_form_of_the_address_is_taken(scheme: str) -> None:
    assert parse_url(f" {scheme}://u:p@h:5432/x?sslmode=require ").drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("08006", DatabaseAwayError, "cannot be reached"),
        ("57P01", DatabaseAwayError, "cannot be reached"),
        ("42P01", DatabaseError, "gzmap db import"),
        ("3F000", DatabaseError, "gzmap db import"),
        ("42501", DatabaseError, "role"),
        ("42883", DatabaseError, "PostGIS"),
        ("55P03", DatabaseError, "Somebody else"),
        ("22P02", DatabaseError, "22P02"),
    ],
)
def test_a_refusal_is_told_in_both_languages_with_a_remedy(code: str, kind: type, said: str) -> None:
    error = build_error(code, "first line\nsecond line")
    assert type(error) is kind
    assert said in str(error)
    assert error.zh
    assert "second line" not in str(error)


def test_a_database_without_postgis_says_what_to_create(cluster: Cluster, project: Path) -> None:
    cluster.run("CREATE DATABASE bare OWNER " + OWNER)
    engine = db.open_engine(cluster.url(OWNER, "bare"))
    with pytest.raises(DatabaseError, match="CREATE EXTENSION postgis"):
        db.import_project(engine, gather(project))
    engine.dispose()
    assert run(cluster.url(OWNER, "bare"), "SELECT FROM pg_namespace WHERE nspname = 'gzmap'") == []
    cluster.run("DROP DATABASE bare")


def test_an_empty_database_says_how_to_fill_it(engine: Engine) -> None:
    for ask in (db.read_project, db.check_database):
        with pytest.raises(DatabaseError, match="gzmap db import"):
            ask(engine)
    assert db.list_own(engine) == ()


# --- in and out


def test_the_shipped_project_comes_back_byte_for_byte(engine: Engine, tmp_path: Path) -> None:
    texts = gather(ROOT)
    version = db.import_project(engine, texts)
    snapshot = db.read_project(engine)
    assert snapshot.texts == texts
    assert snapshot.version == version == 1
    written = db.export_project(snapshot, tmp_path / "out")
    assert {path.as_posix() for path in written} == set(texts)
    for path in dump_project(ROOT):
        assert (tmp_path / "out" / path).read_bytes() == (ROOT / path).read_bytes(), path
    assert check_atlas(tmp_path / "out") == check_atlas(ROOT)
    read, ours = read_atlas(tmp_path / "out"), read_atlas(ROOT)
    assert (read.features.keys(), read.versions, read.accounts) == (ours.features.keys(), ours.versions, ours.accounts)


def test_files_that_are_not_canonical_come_back_as_format_writes_them(
    engine: Engine, project: Path, tmp_path: Path
) -> None:
    for path in (project / CATALOG_FILE, project / "layers/parks.geojson"):
        content = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(content, indent=1, ensure_ascii=True), encoding="utf-8")
    db.import_project(engine, gather(project))
    db.export_project(db.read_project(engine), tmp_path / "out")
    assert format_project(project, write=True)
    for path in dump_project(project):
        assert (tmp_path / "out" / path).read_bytes() == (project / path).read_bytes(), path


def test_a_project_without_a_ledger_has_none_afterwards(engine: Engine, project: Path) -> None:
    (project / LEDGER_FILE).unlink(missing_ok=True)
    db.import_project(engine, gather(project))
    assert LEDGER_FILE.as_posix() not in db.read_project(engine).texts
    (project / LEDGER_FILE).write_bytes(b"")
    db.import_project(engine, gather(project))
    assert db.read_project(engine).texts[LEDGER_FILE.as_posix()] == b""


def test_hostile_names_are_names(engine: Engine, tmp_path: Path) -> None:
    layers = default_layers()
    for number, name in enumerate(HOSTILE, 70):
        layers["parks"].append(make_feature(f"parks.p0{number}", name, make_square(113.3, 23.1), notes=name))
    layers["parks"].append(make_feature("parks.p099", "没有位置", None))
    texts = gather(make_project(tmp_path / "p", layers))
    db.import_project(engine, texts)
    assert db.read_project(engine).texts == texts


def test_what_postgresql_cannot_hold_is_refused_and_changes_nothing(filled: Engine, tmp_path: Path) -> None:
    before = db.read_project(filled)
    layers = default_layers()
    layers["parks"][0]["properties"]["notes"] = "a\0b"
    with pytest.raises(DatabaseError) as refused:
        db.import_project(filled, gather(make_project(tmp_path / "p", layers)))
    assert not isinstance(refused.value, DatabaseAwayError)
    assert db.read_project(filled) == before


def test_an_import_that_fails_half_way_leaves_everything_as_it_was(
    filled: Engine, project: Path, database: str
) -> None:
    before = db.read_project(filled)
    texts = gather(project)
    first, *_, last = [e["path"] for e in json.loads(texts["layers/catalog.json"])["layers"]]
    texts[first] = texts[first].replace("白云".encode(), "黑云".encode())
    content = json.loads(texts[last])
    content["features"][0]["geometry"] = {"type": "LineString", "coordinates": [[113, 23], [114, 24]]}
    texts[last] = json.dumps(content).encode()
    with pytest.raises(DatabaseError):
        db.import_project(filled, texts)
    assert db.read_project(filled) == before


def test_an_import_that_is_killed_leaves_everything_as_it_was(filled: Engine, project: Path, database: str) -> None:
    before = db.read_project(filled)
    name = database.rpartition("/")[2]
    holder = psycopg.connect(database)
    # A reader of a layer's table keeps the import waiting in the middle of its work.
    holder.execute("SELECT * FROM layers.parks").fetchall()
    edit_json(project / "layers/parks.geojson", lambda c: c["features"][0]["properties"].update(notes="改过"))
    failed: list[Exception] = []

    def write() -> None:
        try:
            db.import_project(filled, gather(project))
        except GzmapError as error:
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    waiting = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    wait(lambda: run(database, waiting, name), "the import waits for the reader")
    run(database, "SELECT pg_terminate_backend(%s)", run(database, waiting, name)[0][0])
    writer.join(30)
    holder.close()
    assert [type(error) for error in failed] == [DatabaseAwayError]
    assert db.read_project(filled) == before


def test_whoever_reads_sees_one_project_and_never_half_of_two(filled: Engine, project: Path, database: str) -> None:
    one = gather(project)
    path = project / "layers/parks.geojson"
    edit_json(path, lambda c: c["features"][0]["properties"].update(name="新名", notes="甲"))
    edit_json(project / "layers/toponyms.json", lambda c: c["toponyms"].clear())
    two = gather(project)
    assert one != two
    stop, seen, faults = threading.Event(), [], []

    def look() -> None:
        reader = db.open_engine(as_app(database))
        known = None
        while not stop.is_set():
            try:
                known = db.read_project(reader, known)
            except GzmapError as error:
                faults.append(error)
            else:
                seen.append(known)
        reader.dispose()

    watcher = threading.Thread(target=look)
    watcher.start()
    for number in range(12):
        db.import_project(filled, (two, one)[number % 2])
    stop.set()
    watcher.join(60)
    assert faults == []
    assert len({snapshot.version for snapshot in seen}) > 1
    assert all(snapshot.texts in (one, two) for snapshot in seen)


def test_two_first_imports_at_once_both_succeed(engine: Engine, project: Path, database: str) -> None:
    texts, done = gather(project), []
    engines = [db.open_engine(database) for _ in range(2)]
    threads = [threading.Thread(target=lambda e=e: done.append(db.import_project(e, texts))) for e in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for one in engines:
        one.dispose()
    assert sorted(done) == [1, 2]
    assert db.read_project(engine).texts == texts


def test_an_import_over_somebody_elses_change_is_refused_when_a_version_is_expected(
    filled: Engine, project: Path, database: str
) -> None:
    run(database, "UPDATE gzmap.mentions SET method = 'manual'")
    with pytest.raises(DatabaseError, match="at version 2, not 1"):
        db.import_project(filled, gather(project), expected=1)
    assert db.import_project(filled, gather(project), expected=2) == 3


def test_layers_that_did_not_change_keep_their_tables(filled: Engine, project: Path, database: str) -> None:
    asked = "SELECT relname, oid FROM pg_class WHERE relnamespace = 'layers'::regnamespace AND relkind = 'r'"
    before = dict(run(database, asked))
    edit_json(project / "layers/parks.geojson", lambda c: c["features"][0]["properties"].update(notes="改过"))
    db.import_project(filled, gather(project))
    after = dict(run(database, asked))
    assert {name for name in after if after[name] != before[name]} == {"parks"}
    # Edited in the database: what the file says counts again.
    run(database, "DELETE FROM layers.districts")
    db.import_project(filled, gather(project))
    assert db.read_project(filled).texts == gather(project)


def test_an_edit_by_sql_is_exported_and_counted(filled: Engine, project: Path, database: str) -> None:
    run(
        database,
        "UPDATE layers.parks SET properties = jsonb_set(properties::jsonb, '{notes}', '\"改过\"')::json, "
        "geom = ST_Multi(ST_Buffer(ST_SetSRID(ST_Point(113.3, 23.1), 4326), 0.01)) WHERE id = 'parks.p001'",
    )
    texts = db.read_project(filled).texts
    feature = json.loads(texts["layers/parks.geojson"])["features"][0]
    assert feature["properties"]["notes"] == "改过"
    derived = {e["id"]: e["derived"] for e in json.loads(texts["layers/catalog.json"])["layers"]}
    before = {e["id"]: e["derived"] for e in json.loads(gather(project)["layers/catalog.json"])["layers"]}
    assert {name for name in derived if derived[name] != before[name]} == {"parks"}


def test_a_field_is_a_column_and_places_are_indexed(filled: Engine, database: str) -> None:
    rows = run(database, "SELECT id, name, accuracy_m, properties ->> 'name' FROM layers.parks ORDER BY id")
    assert rows
    assert all(name == told for _, name, _, told in rows)
    assert {type(accuracy) for _, _, accuracy, _ in rows} <= {int, float, type(None)}
    indexes = run(database, "SELECT indexdef FROM pg_indexes WHERE schemaname = 'layers' AND tablename = 'parks'")
    kinds = " ".join(definition for (definition,) in indexes)
    assert "gist (geom)" in kinds
    assert "(name)" in kinds
    assert run(database, "SELECT count(*) FROM gzmap.mentions WHERE feature_id = 'parks.p001'")[0][0] > 0


@pytest.mark.parametrize("path", ["/etc/x.geojson", "../x.geojson", "layers/../../x", "app.py", "layers/\0", ""])
def test_a_path_out_of_the_project_leads_nowhere(filled: Engine, project: Path, database: str, path: str) -> None:
    assert not is_inside(path)
    if "\0" not in path:
        run(database, "INSERT INTO gzmap.files VALUES (%s, 'x')", path)
    assert db.read_project(filled).texts == gather(project)
    texts = gather(project)
    catalog = json.loads(texts["layers/catalog.json"])
    catalog["layers"][-1]["path"] = path
    with pytest.raises(DatabaseError, match="outside"):
        db.import_project(filled, texts | {"layers/catalog.json": json.dumps(catalog).encode()})


def test_a_project_with_a_missing_file_is_refused(engine: Engine, project: Path) -> None:
    texts = gather(project)
    with pytest.raises(DatabaseError, match=r"parks\.geojson is missing"):
        db.import_project(engine, {path: body for path, body in texts.items() if "parks" not in path})
    with pytest.raises(CatalogError, match=r"catalog\.json is missing"):
        db.import_project(engine, {})


def test_a_layer_id_too_long_for_a_table_is_refused(engine: Engine, tmp_path: Path) -> None:
    long = "p" * (LONGEST_ID + 1)
    texts = gather(make_project(tmp_path / "p"))
    catalog = json.loads(texts["layers/catalog.json"])
    catalog["layers"][-1]["id"] = long
    with pytest.raises(DatabaseError, match="too long for a table"):
        db.import_project(engine, texts | {"layers/catalog.json": json.dumps(catalog).encode()})


def test_tables_of_another_program_version_are_not_touched(filled: Engine, project: Path, database: str) -> None:
    run(database, "UPDATE gzmap.version SET layout = 99")
    for ask in (lambda: db.read_project(filled), lambda: db.import_project(filled, gather(project))):
        with pytest.raises(DatabaseError, match="layout 99"):
            ask()


def test_an_existing_folder_gets_only_what_differs(filled: Engine, project: Path) -> None:
    kept = project / "README.md"
    kept.write_text("mine", encoding="utf-8")
    snapshot = db.read_project(filled)
    assert db.export_project(snapshot, project) == ()
    (project / "layers/parks.geojson").write_text("{", encoding="utf-8")
    (project / PLAN_DIR / "plan.txt").unlink()
    assert {path.as_posix() for path in db.export_project(snapshot, project)} == {
        "layers/parks.geojson",
        "geodata/plan/plan.txt",
    }
    assert db.export_project(snapshot, project) == ()
    assert kept.read_text(encoding="utf-8") == "mine"
    assert [path for path in project.rglob("*") if path.name.startswith(".")] == []


# --- rights


def list_tables(url: str) -> list[str]:
    asked = (
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
        "WHERE schemaname IN ('gzmap', 'layers', 'own') ORDER BY 1"
    )
    return [name for (name,) in run(url, asked)]


def test_the_role_of_a_server_reads_everything_and_writes_nothing(filled: Engine, database: str) -> None:
    app = db.open_engine(as_app(database))
    assert db.read_project(app).texts == db.read_project(filled).texts
    tables = list_tables(database)
    assert len(tables) > 10
    for table in tables:
        columns = run(
            database,
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attgenerated = ''",
            table,
        )
        column = columns[0][0]
        for command in (
            f"INSERT INTO {table} DEFAULT VALUES",
            f'UPDATE {table} SET "{column}" = "{column}"',
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; COMMIT",
            f"DROP TABLE {table}",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                run(as_app(database), command)
    for schema in ("gzmap", "layers"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(as_app(database), f"CREATE TABLE {schema}.mine (x int)")
    for write in (
        lambda: db.import_project(app, gather(ROOT)),
        lambda: db.grant_app(app, APP),
    ):
        with pytest.raises(DatabaseError, match="role"):
            write()
    assert db.check_database(app) == ()
    app.dispose()


def test_the_role_of_a_server_reads_after_the_next_import_too(filled: Engine, tmp_path: Path, database: str) -> None:
    layers = default_layers()
    layers["parks"].append(make_feature("parks.p050", "新公园", make_square(113.4, 23.2)))
    texts = gather(make_project(tmp_path / "p", layers))
    db.import_project(filled, texts)
    app = db.open_engine(as_app(database))
    assert db.read_project(app).texts == texts
    app.dispose()


def test_another_role_reads_nothing(filled: Engine, database: str) -> None:
    stranger = db.open_engine(database.replace(OWNER, "bureau_water"))
    with pytest.raises(DatabaseError, match="role"):
        db.read_project(stranger)
    stranger.dispose()


@pytest.mark.parametrize("role", ["nobody'; --", "public", "PUBLIC", "", "none", 'x" TO public; --'])
def test_a_role_that_does_not_exist_is_told_and_everybody_is_none(filled: Engine, database: str, role: str) -> None:
    with pytest.raises(DatabaseError, match="no role"):
        db.grant_app(filled, role)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(database.replace(OWNER, "bureau_water"), "SELECT * FROM gzmap.version")


# --- what is wrong with a database


@pytest.mark.parametrize(
    ("command", "code", "where"),
    [
        ("DROP TABLE layers.parks", "table-missing", "layers.parks"),
        ("CREATE TABLE layers.odd (id text)", "table-unknown", "layers.odd"),
        ("DROP TRIGGER changed ON layers.parks", "trigger-missing", "layers.parks"),
        ("ALTER TABLE gzmap.mentions DISABLE TRIGGER changed", "trigger-missing", "gzmap.mentions"),
        ("DROP INDEX layers.idx_parks_geom", "index-missing", "layers.parks"),
    ],
)
def test_a_fault_of_the_database_is_found(filled: Engine, database: str, command: str, code: str, where: str) -> None:
    def look() -> list[tuple[str, str]]:
        return [(f.code, f.where) for f in db.check_database(filled) if f.code != "role-writes"]

    assert look() == []
    run(database, command)
    assert look() == [(code, where)]


def test_a_role_that_may_write_is_told_for_servers(filled: Engine) -> None:
    faults = db.check_database(filled)
    assert [(f.code, f.severity) for f in faults] == [("role-writes", "warning")]
    assert OWNER in str(faults[0])


def test_a_layer_without_its_table_is_left_out_and_the_others_are_read(
    filled: Engine, database: str, tmp_path: Path
) -> None:
    run(database, "DROP TABLE layers.parks")
    db.export_project(db.read_project(filled), tmp_path / "out")
    atlas = read_atlas(tmp_path / "out")
    assert set(atlas.broken) == {"parks"}
    assert "districts" in atlas.layers


# --- copies


def write_copy(mirror: db.Mirror, number: int) -> Path:
    return mirror.write(db.Snapshot(number, {"layers/catalog.json": b"{}", "layers/x": str(number).encode()}))


def test_a_copy_is_written_once_and_old_ones_go(tmp_path: Path) -> None:
    mirror = db.Mirror(tmp_path / "cache", parse_url("postgresql://u:geheim@h/x"))
    assert mirror.find_latest() is None
    copies = [write_copy(mirror, number) for number in range(6)]
    assert len(set(copies)) == 6
    assert write_copy(mirror, 5) == copies[5] == mirror.find_latest()
    assert all(copy.is_dir() for copy in copies), "requests may still be reading them"
    left = mirror.folder / ".new-killed"
    left.mkdir()
    for path in [*copies[:5], left]:
        os.utime(path, (1, 1))
    write_copy(mirror, 6)
    assert not left.exists()
    assert [copy.exists() for copy in copies].count(True) == 2
    assert mirror.folder.stat().st_mode & 0o077 == 0
    assert "geheim" not in str(mirror.folder)


def test_copies_share_what_did_not_change_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = db.Mirror(tmp_path / "cache", parse_url("postgresql://u@h/x"))
    texts = {"layers/catalog.json": b"{}", "layers/a": b"a", "layers/b": b"b"}
    first = mirror.write(db.Snapshot(1, texts))
    second = mirror.write(db.Snapshot(2, texts | {"layers/b": b"B", "layers/c": b"c"}))
    assert [(second / path).samefile(first / path) for path in texts] == [True, True, False]
    assert [(folder / "layers/b").read_bytes() for folder in (first, second)] == [b"b", b"B"]
    shutil.rmtree(first)
    assert (second / "layers/a").read_bytes() == b"a"

    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    # A disk that knows no links.
    monkeypatch.setattr(os, "link", refuse)
    third = mirror.write(db.Snapshot(3, texts))
    assert {path: (third / path).read_bytes() for path in texts} == texts


def test_two_databases_and_two_users_do_not_share_copies_but_passwords_do_not_matter(tmp_path: Path) -> None:
    urls = ["postgresql://u:a@h/x", "postgresql://u:b@h/x", "postgresql://v:a@h/x", "postgresql://u:a@h/y"]
    folders = [db.Mirror(tmp_path, parse_url(url)).folder for url in urls]
    assert folders[0] == folders[1]
    assert len(set(folders)) == 3


def test_a_copy_that_cannot_be_written_leaves_nothing_half(tmp_path: Path) -> None:
    mirror = db.Mirror(tmp_path, parse_url("postgresql://u@h/x"))
    with pytest.raises(OSError, match="layers"):
        mirror.write(db.Snapshot(1, {"layers": b"", "layers/catalog.json": b"{}"}))
    assert list(mirror.folder.iterdir()) == []


# --- following


@pytest.fixture
def follow(tmp_path: Path) -> Iterator[Callable[[str], db.Follower]]:
    followers: list[db.Follower] = []

    def start(url: str, cache: str = "cache", probe: Callable[[Path], object] = open_atlas) -> db.Follower:
        engine = db.open_engine(url)
        followers.append(db.Follower(engine, db.Mirror(tmp_path / cache, engine.url), probe))
        return followers[-1]

    yield start
    for follower in followers:
        follower.close()


def rename(url: str, name: str) -> None:
    command = "UPDATE layers.parks SET properties = jsonb_set(properties::jsonb, '{name}', to_jsonb(%s::text))::json"
    run(url, f"{command} WHERE id = 'parks.p001'", name)


def find_name(follower: db.Follower) -> str:
    return open_atlas(follower.find_folder()).features["parks.p001"].name


def test_a_change_reaches_every_server_without_a_restart(filled: Engine, database: str, follow: Callable) -> None:
    servers = [follow(as_app(database), cache) for cache in ("one", "two")]
    first, before = open_atlas(servers[0].find_folder()), find_name(servers[0])
    assert open_atlas(servers[0].find_folder()) is first, "nothing is read again while nothing changes"
    for name in ("第一次", "第二次"):
        rename(database, name)
        for server in servers:
            wait(lambda s=server, n=name: find_name(s) == n, f"{name} is seen")
    assert first.features["parks.p001"].name == before, "who reads the old one keeps it whole"
    assert [server.standing.version for server in servers] == [3, 3]


def test_a_change_is_seen_where_no_word_of_it_comes_through(
    filled: Engine, database: str, follow: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gzmap.database.following.CHANNEL", "elsewhere")
    server = follow(as_app(database))
    server.find_folder()
    rename(database, "悄悄")
    wait(lambda: find_name(server) == "悄悄", "the version is looked at")


def test_an_outage_is_told_and_outlived(
    filled: Engine, database: str, cluster: Cluster, follow: Callable, project: Path
) -> None:
    server = follow(as_app(database))
    before = find_name(server)
    cluster.stop()
    try:
        wait(lambda: server.standing.away_since, "the outage is noticed")
        assert find_name(server) == before
        # A server that starts meanwhile has the copy of the last one, or says what is the matter.
        assert find_name(follow(as_app(database))) == before
        with pytest.raises(DatabaseAwayError, match="cannot be reached"):
            follow(as_app(database), "empty").find_folder()
    finally:
        cluster.start()
    rename(database, "恢复")
    wait(lambda: find_name(server) == "恢复", "it recovers by itself")
    assert server.standing.away_since is None


def test_a_crash_of_the_server_is_outlived_too(
    filled: Engine, database: str, cluster: Cluster, follow: Callable
) -> None:
    server = follow(as_app(database))
    server.find_folder()
    cluster.stop(signal.SIGQUIT)
    cluster.start()
    rename(database, "重启")
    wait(lambda: find_name(server) == "重启", "it recovers by itself")


def test_a_connection_that_is_cut_is_made_anew(
    filled: Engine, database: str, cluster: Cluster, follow: Callable
) -> None:
    server = follow(as_app(database))
    server.find_folder()
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{APP}'"
    cluster.run(cut)
    rename(database, "重连")
    wait(lambda: find_name(server) == "重连", "it connects again")


def test_a_server_may_start_before_the_database_is_filled(
    engine: Engine, database: str, project: Path, follow: Callable
) -> None:
    server = follow(database)
    with pytest.raises(DatabaseError, match="gzmap db import"):
        server.find_folder()
    db.import_project(engine, gather(project))

    def is_there() -> bool:
        try:
            return bool(server.find_folder())
        except DatabaseError:
            return False

    wait(is_there, "it is there when the database is")


def test_a_version_that_cannot_be_opened_is_not_taken(filled: Engine, database: str, follow: Callable) -> None:
    server = follow(as_app(database))
    before = find_name(server)
    run(database, "UPDATE gzmap.catalog SET body = (body::jsonb - 'title')::json WHERE id = 'parks'")
    wait(lambda: server.standing.refused, "the broken version is told")
    assert find_name(server) == before
    assert "title" in server.standing.refused
    run(
        database,
        "UPDATE gzmap.catalog SET body = jsonb_set(body::jsonb, '{title}', '\"好了\"')::json WHERE id = 'parks'",
    )
    wait(lambda: not server.standing.refused, "the next good one is taken")
    assert open_atlas(server.find_folder()).catalog.entries["parks"].title == "好了"


def test_a_database_made_anew_under_the_same_address_is_read_anew(
    filled: Engine, database: str, project: Path, follow: Callable
) -> None:
    server = follow(database)
    before = find_name(server)
    run(database, "DROP SCHEMA gzmap, layers CASCADE")
    edit_json(project / "layers/parks.geojson", lambda c: c["features"][0]["properties"].update(name="另一个"))
    # Its first version has the number of the one that was followed.
    db.import_project(filled, gather(project))
    assert before != "另一个"
    wait(lambda: find_name(server) == "另一个", "it is not taken for the old one")


def test_a_full_disk_keeps_what_is_there_and_is_tried_again(
    filled: Engine, database: str, follow: Callable, tmp_path: Path
) -> None:
    server = follow(as_app(database))
    folder = server.find_folder()
    before = find_name(server)
    aside = tmp_path / "aside"
    shutil.copytree(folder.parent, aside)
    # Where no folder can be made: as a disk that takes nothing more.
    parent = folder.parent
    shutil.rmtree(parent)
    parent.write_bytes(b"")
    rename(database, "写不下")
    wait(lambda: server.standing.refused, "the disk is told")
    assert "make room" in server.standing.refused
    parent.unlink()
    shutil.copytree(aside, parent)
    assert before
    wait(lambda: find_name(server) == "写不下", "it is tried again")
    assert not server.standing.refused


def test_a_command_reads_the_database_once(filled: Engine, database: str, project: Path, tmp_path: Path) -> None:
    settings = db.parse_settings({"GZMAP_DATABASE_URL": as_app(database), "GZMAP_CACHE": str(tmp_path / "c")})
    assert settings is not None
    folder = db.fetch(settings)
    assert folder.is_relative_to(tmp_path / "c")
    for path, body in gather(project).items():
        assert (folder / path).read_bytes() == body
    assert db.fetch(settings) == folder


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"GZMAP_DATABASE_URL": "  "}, None),
        ({"GZMAP_DATABASE_URL": "u", "GZMAP_CACHE": "/c"}, "/c"),
        ({"GZMAP_DATABASE_URL": "u", "XDG_CACHE_HOME": "/x"}, "/x/gzmap"),
        ({"GZMAP_DATABASE_URL": "u"}, str(Path.home() / ".cache/gzmap")),
    ],
)
def test_settings_come_from_the_variables(variables: Mapping[str, str], expected: str | None) -> None:
    found = db.parse_settings(variables)
    assert (None if found is None else str(found.cache)) == expected


def test_one_follower_for_each_database(tmp_path: Path) -> None:
    settings = db.Settings("postgresql://u@127.0.0.1:1/x", tmp_path)
    assert db.follow(settings, open_atlas) is db.follow(settings, open_atlas)
    assert db.follow(settings, open_atlas) is not db.follow(db.Settings(settings.url, tmp_path / "b"), open_atlas)


def test_the_tables_are_where_people_look_for_them(filled: Engine) -> None:
    with filled.connect() as connection:
        assert set(sa.inspect(connection).get_table_names(schema=LAYERS)) == set(default_layers())
