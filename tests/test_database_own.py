"""The bureau's own layers in the shared database: who reads which, and questions about areas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import psycopg
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gzmap import database as db
from gzmap.atlas import Atlas
from gzmap.cli.database import gather_project as gather
from gzmap.config import STORAGE_CRS
from gzmap.database import shelf as shelves
from gzmap.database.owntables import find_partition
from gzmap.errors import DatabaseError, NotFoundError
from gzmap.own import OwnLayer, OwnLayers, build_layer
from gzmap.query import find_in_area
from gzmap.sites import Layer
from tests.makers import make_project
from tests.postgres import APP, OWNER, ROADS, WATER, Cluster

EMPTY = OwnLayers(Path("local"), (), ())
BOWTIE = shapely.Polygon([(113.30, 23.10), (113.32, 23.12), (113.32, 23.10), (113.30, 23.12)])


@pytest.fixture
def filled(engine: Engine, tmp_path: Path) -> Engine:
    db.import_project(engine, gather(make_project(tmp_path / "p")))
    db.grant_app(engine, APP)
    return engine


@pytest.fixture
def as_role(database: str) -> Iterator[dict[str, Engine]]:
    opened = {role: db.open_engine(database.replace(OWNER, role, 1)) for role in (APP, WATER, ROADS)}
    yield opened
    for one in opened.values():
        one.dispose()


def make_own(layer_id: str, shapes: list, **columns: list) -> OwnLayer:
    names = [f"地块{n}" for n in range(len(shapes))]
    frame = geopandas.GeoDataFrame({"名称": names, **columns}, geometry=shapes, crs=STORAGE_CRS)
    read = Layer(name="", frame=frame, crs="EPSG:4490", name_field="名称", notes=())
    return replace(build_layer(read, "x.gpkg"), layer_id=layer_id, title=f"标题 {layer_id}")


def make_plots(layer_id: str, count: int = 400) -> OwnLayer:
    """Plots of all sizes around the middle of the city, some of them over each other."""
    random = np.random.default_rng(7)
    west, south = random.uniform(113.2, 113.6, count), random.uniform(22.9, 23.3, count)
    size = random.uniform(0.001, 0.02, (2, count))
    shapes = shapely.box(west, south, west + size[0], south + size[1]).tolist()
    return make_own(layer_id, [*shapes, None, BOWTIE, shapely.Point(113.31, 23.11)])


SHAPES = [shapely.box(113.30, 23.10, 113.31, 23.11), shapely.box(113.40, 23.10, 113.41, 23.11)]


def test_a_layer_comes_back_as_it_was(filled: Engine) -> None:
    values = {
        "面积": [1.5, None],
        "数": [2**60, -1],
        "备注": ["'; DROP TABLE own.layers; --", "\\t\t\n𠮷"],
        "真": [True, False],
    }
    layer = make_own("own.plots", SHAPES, **values)
    db.import_own(filled, layer)
    back = db.load_own(filled, "own.plots")
    assert (back.layer_id, back.title, back.crs, back.name_field, back.family) == (
        *(layer.layer_id, layer.title, layer.crs, layer.name_field, layer.family),
    )
    assert list(back.frame.index) == list(layer.frame.index), "a feature keeps its identity"
    assert back.fields == layer.fields
    assert [back.find_properties(i) for i in back.frame.index] == [layer.find_properties(i) for i in layer.frame.index]
    assert shapely.equals_exact(back.frame.geometry.to_numpy(), layer.frame.geometry.to_numpy()).all()


def test_an_empty_layer_and_one_without_fields_are_kept(filled: Engine) -> None:
    db.import_own(filled, make_own("own.none", []))
    assert len(db.load_own(filled, "own.none").frame) == 0
    bare = make_own("own.bare", SHAPES)
    bare = replace(bare, frame=bare.frame[["geometry"]], name_field="")
    db.import_own(filled, bare)
    assert db.load_own(filled, "own.bare").names == ["", ""]


def test_a_layer_is_replaced_and_dropped(filled: Engine) -> None:
    db.import_own(filled, make_own("own.a", SHAPES))
    first = db.list_own(filled)[0]
    db.import_own(filled, make_own("own.a", SHAPES[:1]))
    second = db.list_own(filled)[0]
    assert (first.count, second.count) == (2, 1)
    assert first.version != second.version
    db.drop_own(filled, "own.a")
    assert db.list_own(filled) == ()
    with pytest.raises(NotFoundError, match=r"own\.a"):
        db.drop_own(filled, "own.a")


def test_a_layer_that_is_refused_leaves_the_old_one(filled: Engine) -> None:
    db.import_own(filled, make_own("own.a", SHAPES))
    before = db.list_own(filled)
    with pytest.raises(DatabaseError, match="no role 'nobody'"):
        db.import_own(filled, make_own("own.a", SHAPES[:1]), readers=["nobody"])
    with pytest.raises(DatabaseError, match="no role 'public'"):
        db.set_readers(filled, "own.a", ["public"])
    assert db.list_own(filled) == before
    assert len(db.load_own(filled, "own.a").frame) == 2


def test_a_project_must_be_there_first(engine: Engine) -> None:
    with pytest.raises(DatabaseError, match="gzmap db import"):
        db.import_own(engine, make_own("own.a", SHAPES))


def test_each_role_reads_its_layers_and_no_row_of_others(filled: Engine, as_role: dict, database: str) -> None:
    db.import_own(filled, make_own("own.water", SHAPES), readers=[WATER])
    db.import_own(filled, make_own("own.roads", SHAPES), readers=[ROADS])
    db.import_own(filled, make_own("own.both", SHAPES), readers=[WATER, ROADS])
    db.import_own(filled, make_own("own.secret", SHAPES))
    seen = {role: [title.layer_id for title in db.list_own(one)] for role, one in as_role.items()}
    assert seen == {APP: [], WATER: ["own.both", "own.water"], ROADS: ["own.both", "own.roads"]}
    assert len(db.list_own(filled)) == 4
    with as_role[WATER].connect() as connection:
        rows = connection.execute(sa.text("SELECT DISTINCT layer_id FROM own.features ORDER BY 1")).scalars().all()
        assert rows == ["own.both", "own.water"]
        told = connection.execute(sa.text("SELECT DISTINCT layer_id FROM own.rights ORDER BY 1")).scalars().all()
        assert told == ["own.both", "own.water"], "not even that there are others"
    for layer_id in ("own.roads", "own.secret"):
        with pytest.raises(NotFoundError):
            db.load_own(as_role[WATER], layer_id)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(database, WATER, f"SELECT * FROM own.{find_partition(layer_id)}")
    assert len(db.load_own(as_role[WATER], "own.water").frame) == 2


def ask(database: str, role: str, command: str) -> list[tuple]:
    with psycopg.connect(database.replace(OWNER, role, 1), autocommit=True) as connection:
        cursor = connection.execute(command)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("table", ["own.layers", "own.rights", "own.features", f"own.{find_partition('own.water')}"])
def test_a_reader_writes_nothing(filled: Engine, database: str, table: str) -> None:
    db.import_own(filled, make_own("own.water", SHAPES), readers=[WATER])
    for command in (
        f"DELETE FROM {table}",
        f"UPDATE {table} SET layer_id = layer_id",
        f"TRUNCATE {table} CASCADE",
        f"INSERT INTO {table} DEFAULT VALUES",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        "INSERT INTO own.rights VALUES ('own.water', 'public')",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(database, WATER, command)


def test_a_right_is_taken_back(filled: Engine, as_role: dict, database: str) -> None:
    db.import_own(filled, make_own("own.a", SHAPES), readers=[WATER])
    db.set_readers(filled, "own.a", [ROADS])
    assert db.list_own(as_role[WATER]) == ()
    assert [title.readers for title in db.list_own(as_role[ROADS])] == [(ROADS,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(database, WATER, f"SELECT * FROM own.{find_partition('own.a')}")
    with pytest.raises(DatabaseError, match="role"):
        db.set_readers(as_role[ROADS], "own.a", [ROADS, WATER])
    db.set_readers(filled, "own.a", [])
    assert db.list_own(as_role[ROADS]) == ()
    with pytest.raises(NotFoundError):
        db.set_readers(filled, "own.b", [ROADS])


def test_members_of_a_role_read_what_it_may(filled: Engine, cluster: Cluster, database: str) -> None:
    cluster.run(f"CREATE ROLE member_{database[-6:]} LOGIN IN ROLE {WATER}")
    db.import_own(filled, make_own("own.a", SHAPES), readers=[WATER])
    member = db.open_engine(database.replace(OWNER, f"member_{database[-6:]}", 1))
    assert [title.layer_id for title in db.list_own(member)] == ["own.a"]
    assert len(db.load_own(member, "own.a").frame) == 2
    member.dispose()
    cluster.run(f"DROP ROLE member_{database[-6:]}")


def test_a_reader_that_is_no_more_is_told_and_harms_nobody(
    filled: Engine, cluster: Cluster, as_role: dict, database: str
) -> None:
    name = f"gone_{database[-6:]}"
    cluster.run(f"CREATE ROLE {name}")
    db.import_own(filled, make_own("own.a", SHAPES), readers=[name, WATER])
    cluster.run(f"DROP OWNED BY {name}", database=database.rpartition("/")[2])
    cluster.run(f"DROP ROLE {name}")
    assert [title.layer_id for title in db.list_own(as_role[WATER])] == ["own.a"]
    assert [(f.code, f.where) for f in db.check_database(filled) if f.code != "role-writes"] == [
        ("reader-unknown", "own.a")
    ]
    db.set_readers(filled, "own.a", [WATER])
    assert [f.code for f in db.check_database(filled)] == ["role-writes"]


# --- areas


AREAS = {
    "over the bow tie": shapely.box(113.305, 23.105, 113.33, 23.125),
    "odd": shapely.Point(113.4, 23.1).buffer(0.05).difference(shapely.box(113.4, 23.0, 113.42, 23.2)),
    "thin": shapely.box(113.2, 23.1, 113.6, 23.1001),
    "nothing there": shapely.box(114.0, 23.8, 114.01, 23.81),
}


@pytest.mark.parametrize("name", AREAS)
def test_the_database_finds_for_an_area_what_memory_does(filled: Engine, atlas: Atlas, name: str) -> None:
    layer, area = make_plots("own.plots"), AREAS[name]
    db.import_own(filled, layer)
    part = db.load_own(filled, "own.plots", area=area)
    assert len(part.frame) < len(layer.frame)
    assert find_in_area(atlas, area, own=[part]).rows == find_in_area(atlas, area, own=[layer]).rows
    if name != "nothing there":
        assert any(row.own for row in find_in_area(atlas, area, own=[part]).rows)


def test_an_area_is_found_by_the_index(filled: Engine, as_role: dict) -> None:
    db.import_own(filled, make_plots("own.plots", 5_000), readers=[WATER])
    table = find_partition("own.plots")
    with as_role[WATER].connect() as connection:
        plan = connection.execute(
            sa.text(
                f"EXPLAIN SELECT * FROM own.{table} WHERE geom && ST_MakeEnvelope(113.3, 23.1, 113.31, 23.11, 4326)"
            )
        ).scalars()
        assert "Index" in "\n".join(plan)


# --- the shelf


def test_small_layers_are_held_and_large_ones_asked_about(
    filled: Engine, atlas: Atlas, as_role: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelves, "HELD_FEATURES", 10)
    plots, area = make_plots("own.plots"), AREAS["odd"]
    db.import_own(filled, plots, readers=[WATER])
    db.import_own(filled, make_own("own.small", SHAPES), readers=[WATER])
    shelf = db.Shelf(as_role[WATER])
    assert shelf.add_to(EMPTY) is EMPTY
    shelf.refresh()
    own = shelf.add_to(EMPTY, avoid=["#000000"])
    assert [layer.layer_id for layer in own.layers] == ["own.small"]
    assert own.layers[0].style["color"] != "#000000"
    assert [(one.path, one.code) for one in own.broken] == [("标题 own.plots", "stored-large")]
    assert "403" in own.broken[0].zh
    assert "403" in own.broken[0].en
    assert shelf.add_to(EMPTY, avoid=["#000000"]) is own, "nothing is read again while nothing changes"
    asked = shelf.add_near(own, area)
    assert [layer.layer_id for layer in asked.layers] == ["own.small", "own.plots"]
    assert [row for row in find_in_area(atlas, area, own=asked.layers).rows if row.layer_id == "own.plots"] == [
        row for row in find_in_area(atlas, area, own=[plots]).rows if row.own
    ]


def test_a_shelf_follows_what_is_put_in_and_taken_out(filled: Engine) -> None:
    shelf = db.Shelf(filled)
    db.import_own(filled, make_own("own.a", SHAPES))
    shelf.refresh()
    assert len(shelf.add_to(EMPTY).layers[0].frame) == 2
    db.import_own(filled, make_own("own.a", SHAPES[:1]))
    shelf.refresh()
    assert len(shelf.add_to(EMPTY).layers[0].frame) == 1
    db.drop_own(filled, "own.a")
    shelf.refresh()
    assert shelf.add_to(EMPTY) is EMPTY


def test_layers_of_a_folder_come_first_and_differ_in_colour(filled: Engine) -> None:
    db.import_own(filled, make_own("own.a", SHAPES))
    shelf = db.Shelf(filled)
    shelf.refresh()
    taken = shelf.add_to(EMPTY).layers[0].style
    folder = OwnLayers(EMPTY.folder, (replace(make_own("own.b", SHAPES), style=taken),), ())
    both = shelf.add_to(folder)
    assert [layer.layer_id for layer in both.layers] == ["own.b", "own.a"]
    assert both.layers[1].style["color"] != taken["color"]


def test_an_outage_keeps_what_is_held_and_says_what_is_not(filled: Engine, cluster: Cluster, database: str) -> None:
    db.import_own(filled, make_own("own.a", SHAPES))
    held, late = db.Shelf(filled), db.Shelf(filled)
    for shelf in (held, late):
        shelf.refresh()
    assert len(held.add_to(EMPTY).layers) == 1
    cluster.stop()
    try:
        assert len(held.add_to(EMPTY).layers) == 1
        away = late.add_to(EMPTY)
        assert ([one.code for one in away.broken], away.layers) == (["stored-away"], ())
        with pytest.raises(DatabaseError, match="cannot be reached"):
            held.refresh()
    finally:
        cluster.start()
    assert len(late.add_to(EMPTY).layers) == 1, "read as soon as the database is back"


def test_names_of_tables_are_short_and_each_its_own() -> None:
    ids = ["own.a", "own.A", "own." + "b" * 80, "own." + "b" * 81, "own." + "长" * 40, 'own."; DROP']
    names = [find_partition(layer_id) for layer_id in ids]
    assert len(set(names)) == len(ids)
    assert max(len(name.encode()) for name in names) <= 50
