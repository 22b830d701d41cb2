"""Layers that editors put into the shared database from the page: what is taken, by whom, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas
import pytest
import shapely

from gzmap import database as db
from gzmap.cli.database import gather_project
from gzmap.errors import DatabaseError, GzmapError, SiteError
from gzmap.signin import Person, Role
from gzmap.ui import account, storing
from tests.makers import make_project
from tests.postgres import APP, OWNER, WATER
from tests.test_database_own import make_own

SQUARE = shapely.box(113.30, 23.10, 113.31, 23.11)


@pytest.fixture
def look_as(monkeypatch: pytest.MonkeyPatch) -> Callable[[Person | None], None]:
    return lambda person: monkeypatch.setattr(account, "find_person", lambda: person)


def write_file(folder: Path, name: str) -> dict[str, bytes]:
    """The files of a layer as a browser hands them over."""
    frame = geopandas.GeoDataFrame({"名称": ["一", "二"]}, geometry=[SQUARE, SQUARE], crs="EPSG:4490")
    frame.to_file(folder / name)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


# --- files


@pytest.mark.parametrize("name", ["红线.gpkg", "红线.geojson", "红线.shp"])
def test_a_layer_is_read(tmp_path: Path, name: str) -> None:
    [layer] = storing.read_upload(write_file(tmp_path, name))
    assert list(layer.frame["名称"]) == ["一", "二"]
    assert layer.name_field == "名称"


def test_several_layers_of_a_file_are_told_apart(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"名称": ["一"]}, geometry=[SQUARE], crs="EPSG:4490")
    for name in ("甲", "乙"):
        frame.to_file(tmp_path / "x.gpkg", layer=name)
    assert {layer.name for layer in storing.read_upload({"x.gpkg": (tmp_path / "x.gpkg").read_bytes()})} == {"甲", "乙"}


VRT = b"""<OGRVRTDataSource><OGRVRTLayer name="passwd"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>
</OGRVRTDataSource>"""


@pytest.mark.parametrize(
    "files",
    [
        {"x.gpkg": VRT},
        {"x.geojson": VRT},
        {"x.shp": VRT, "x.shx": b"x", "x.dbf": b"x"},
        {"x.vrt": VRT},
        {"x.zip": b"PK\x03\x04"},
        {"x": b"{}"},
        {"x.gpkg": b""},
        {"a.geojson": b"{}", "b.geojson": b"{}"},
        {"a.gpkg": b"SQLite format 3\x00", "b.geojson": b"{}"},
        {"a.shp": b"x", "b.txt": b"x"},
        {"a.dbf": b"x"},
        {"x.gpkg": b"SQLite format 3\x00 and no more"},
    ],
)
def test_what_is_no_layer_is_refused(files: dict[str, bytes]) -> None:
    with pytest.raises(SiteError) as told:
        storing.read_upload(files)
    assert told.value.zh
    assert "/etc" not in str(told.value)


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "SITE_BYTES", 10)
    with pytest.raises(SiteError, match=r"x\.geojson"):
        storing.read_upload({"x.geojson": b"{" * 11})


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("../../etc/cron.d/x.gpkg", "x"),
        ("控规 2026.gpkg", "控规_2026"),
        ("..gpkg", "_"),
        ("a\x00b.gpkg", "a_b"),
        ("a/../b:c.gpkg", "b_c"),
        ("长" * 300 + ".gpkg", "长" * 60),
    ],
)
def test_a_name_becomes_no_path(name: str, stem: str) -> None:
    assert storing.find_stem(name) == stem


# --- who


@pytest.mark.parametrize(
    ("person", "may"),
    [
        (None, False),
        (Person(), False),
        (Person(Role.READER, "李四"), False),
        (Person(is_late=True), False),
        (Person(Role.EDITOR, "张三"), True),
    ],
)
def test_only_editors_may(look_as: Callable, monkeypatch: pytest.MonkeyPatch, person: Person | None, may: bool) -> None:
    look_as(person)
    monkeypatch.delenv("GZMAP_DATABASE_IMPORT_URL", raising=False)
    assert not storing.is_offered()
    monkeypatch.setenv("GZMAP_DATABASE_IMPORT_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert storing.is_offered() == may
    problem = storing.find_problem([object()], "own.x", "zh")
    assert bool(problem) != may
    # Asked once more where it is done: whoever may not is refused before the database is asked.
    expected = "cannot be reached" if may else "Only editors"
    with pytest.raises(GzmapError, match=expected):
        storing.store(make_own("own.x", [SQUARE]), replaces=True, lang="zh")


@pytest.mark.parametrize("layer_id", ["", "kg", "own.", "own.KG", "own.kg'", "own." + "a" * 41, "own.kg\n"])
def test_an_id_that_is_none_is_refused(look_as: Callable, layer_id: str) -> None:
    look_as(Person(Role.EDITOR, "张三"))
    assert "own." in storing.find_problem([object()], layer_id, "zh")
    assert "own." in storing.find_problem([object()], layer_id, "en")
    assert storing.find_problem([], "own.kg", "zh") == "请先选择文件。"


# --- into the database


@pytest.fixture
def stored(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look_as: Callable) -> str:
    engine = db.open_engine(database)
    db.import_project(engine, gather_project(make_project(tmp_path / "p")))
    db.grant_app(engine, APP)
    engine.dispose()
    monkeypatch.setenv("GZMAP_DATABASE_IMPORT_URL", database)
    monkeypatch.setenv("GZMAP_DATABASE_URL", database.replace(OWNER, APP, 1))
    look_as(Person(Role.EDITOR, "张三"))
    return database


def list_titles(url: str) -> dict[str, tuple[int, tuple[str, ...]]]:
    engine = db.open_engine(url)
    titles = {title.layer_id: (title.count, title.readers) for title in db.list_own(engine)}
    engine.dispose()
    return titles


def test_a_new_layer_is_for_the_servers(stored: str) -> None:
    told = storing.store(make_own("own.kg", [SQUARE]), replaces=False, lang="zh")
    assert told.startswith("已存入“标题 own.kg”")
    assert list_titles(stored.replace(OWNER, APP, 1)) == {"own.kg": (1, (APP,))}


def test_a_layer_is_replaced_only_on_purpose_and_keeps_its_readers(stored: str) -> None:
    engine = db.open_engine(stored)
    db.import_own(engine, make_own("own.kg", [SQUARE]), readers=[WATER])
    with pytest.raises(GzmapError, match="Tick the box"):
        storing.store(make_own("own.kg", [SQUARE, SQUARE]), replaces=False, lang="en")
    assert list_titles(stored) == {"own.kg": (1, (WATER,))}
    storing.store(make_own("own.kg", [SQUARE, SQUARE]), replaces=True, lang="en")
    assert list_titles(stored) == {"own.kg": (2, (WATER,))}
    # Whoever was quicker is not overwritten.
    with pytest.raises(DatabaseError, match="already"):
        db.import_own(engine, make_own("own.kg", [SQUARE]), replaces=False)
    assert list_titles(stored) == {"own.kg": (2, (WATER,))}
    engine.dispose()


def test_a_role_that_may_not_write_is_told(stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    storing.store(make_own("own.kg", [SQUARE]), replaces=False, lang="zh")
    monkeypatch.setenv("GZMAP_DATABASE_IMPORT_URL", stored.replace(OWNER, APP, 1))
    with pytest.raises(DatabaseError) as told:
        storing.store(make_own("own.other", [SQUARE]), replaces=False, lang="zh")
    assert "没有这项权限" in told.value.zh
    assert list(list_titles(stored)) == ["own.kg"]


def test_an_address_without_a_role_is_told() -> None:
    assert db.find_role("postgresql://app@h/d") == "app"
    with pytest.raises(DatabaseError, match="names no role"):
        db.find_role("postgresql://h/d")
