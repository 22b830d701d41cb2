from __future__ import annotations

import ast
import inspect
import json
import os
import re
import shutil
import threading
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from gzmap import own
from gzmap.atlas import open_atlas
from gzmap.config import METRIC_CRS, STORAGE_CRS
from gzmap.errors import NotFoundError
from gzmap.own import folder as own_folder
from gzmap.sites import layers as site_layers
from gzmap.sites import read_layers
from gzmap.webmap import build_map, format_script
from tests.conftest import ROOT
from tests.makers import make_project
from tests.site_makers import SQUARE, make_dxf, make_frame, make_shapefile

NAMES = ["白云一号", "越秀二号", "南沙三号"]


def put(folder: Path, name: str, frame: geopandas.GeoDataFrame, **options: object) -> Path:
    """Write a layer as a planner's program would, in place of what was there."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.rmtree(path)
    elif "layer" not in options:
        path.unlink(missing_ok=True)
    if path.suffix == ".shp":
        for part, content in make_shapefile(frame, stem=path.stem).items():
            (path.parent / part).write_bytes(content)
    elif path.suffix == ".gdb":
        pyogrio.write_dataframe(frame, path, driver="OpenFileGDB", **options)
    else:
        pyogrio.write_dataframe(frame, path, **options)
    touch(path)
    return path


CLOCK = iter(range(1, 10**6))


def touch(path: Path) -> None:
    """Give a file a time of its own: two writes within one tick of the clock and of one size would look the same."""
    moment = 1_700_000_000 + next(CLOCK)
    os.utime(path, (moment, moment))
    if path.is_dir():
        for inner in path.iterdir():
            os.utime(inner, (moment, moment))


def make(code: str = "EPSG:4490") -> geopandas.GeoDataFrame:
    return make_frame(code, 名称=NAMES, 面积=[1.5, 2.5, 3.5])


KINDS = ["控规.gpkg", "控规.shp", "控规.gdb", "控规.geojson"]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("code", ["EPSG:4490", "EPSG:4547", "EPSG:4526", "EPSG:4326"])
def test_every_kind_and_crs_becomes_a_layer(tmp_path, name, code):
    put(tmp_path, name, make(code))
    opened = own.open_own(tmp_path)
    (layer,) = opened.layers
    assert opened.broken == ()
    assert (layer.layer_id, layer.title, layer.path, layer.crs) == ("own.konggui", "控规", name, code)
    assert layer.frame.crs == STORAGE_CRS
    assert layer.names == NAMES
    assert layer.fields == ["名称", "面积"]
    assert (layer.family, layer.located) == ("Polygon", 3)
    assert shapely.hausdorff_distance(layer.frame.geometry.iloc[0], SQUARE) < 1e-7
    there = layer.frame.geometry.to_crs(METRIC_CRS)
    assert shapely.hausdorff_distance(layer.metric, there.to_numpy()).max() < 1e-3
    assert set(layer.style) == {"color", "weight", "dash", "fill_opacity", "hatch"}


def test_a_missing_or_empty_folder_has_no_layers(tmp_path):
    assert own.open_own(tmp_path / "none").layers == ()
    assert own.open_own(tmp_path).layers == ()


def test_who_does_not_wait_gets_what_was_known_while_the_folder_is_read(tmp_path):
    put(tmp_path, "控规.gpkg", make())
    before = own.open_own(tmp_path)
    assert not before.is_reading
    with own_folder._store(tmp_path.resolve(), ())._lock:
        meanwhile = own.open_own(tmp_path, wait=False)
    assert meanwhile.is_reading
    assert meanwhile.layers == before.layers
    assert own.open_own(tmp_path, wait=False) is before


def test_layers_of_a_geopackage_and_of_folders_are_layers_of_their_own(tmp_path):
    put(tmp_path, "规划.gpkg", make(), layer="红线")
    put(tmp_path, "规划.gpkg", make(), layer="绿线", append=True)
    put(tmp_path, "旧/红线.geojson", make())
    layers = own.open_own(tmp_path).layers
    assert [(layer.title, layer.path, layer.name) for layer in layers] == [
        ("红线（旧/红线.geojson）", "旧/红线.geojson", ""),
        ("红线（规划.gpkg）", "规划.gpkg", "红线"),
        ("绿线", "规划.gpkg", "绿线"),
    ]
    ids = [layer.layer_id for layer in layers]
    assert len(set(ids)) == 3
    assert ids[2] == "own.lvxian"
    assert all(layer_id.isascii() and layer_id.startswith("own.") for layer_id in ids)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("坏.geojson", b"{", "content-broken"),
        ("坏.geojson", b"", "empty"),
        ("坏.gpkg", b"SQLite format 3\x00 and nothing else", "content-broken"),
        ("坏.shp", b"\x00\x00\x27\x0a", "shapefile-part-missing"),
        ("坏.dxf", make_dxf({"0": [[(0, 0), (1, 0), (1, 1)]]}), "own-kind"),
        ("坏.zip", b"PK", "own-kind"),
        ("坏.gdb/x.gdbtable", b"x", "content-broken"),
        ("坏.geojson", b'{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}', "outside"),
        ("坏.json", b'{"type":"Topology"}', "content-broken"),
    ],
)
def test_a_broken_file_is_named_with_its_remedy_and_the_others_stay(tmp_path, name, content, code):
    put(tmp_path, "好.gpkg", make())
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)
    opened = own.open_own(tmp_path)
    assert [layer.title for layer in opened.layers] == ["好"]
    (broken,) = opened.broken
    assert broken.path == name.split("/")[0]
    assert broken.code == code
    assert "坏" in broken.zh
    assert "坏" in broken.en
    assert str(tmp_path) not in broken.zh + broken.en, "who reads it learns which file it is, not where it is kept"


@pytest.mark.parametrize(
    ("change", "code", "suggested"),
    [
        (lambda f: f.set_crs("EPSG:4548", allow_override=True), "outside", "EPSG:4547"),
        (lambda f: f.set_crs("EPSG:2383", allow_override=True), "crs-local", ""),
        (lambda f: f.set_crs(None, allow_override=True), "crs-missing", "EPSG:4547"),
    ],
)
def test_a_layer_in_a_wrong_crs_is_broken_and_the_right_one_advised(tmp_path, change, code, suggested):
    put(tmp_path, "红线.shp", change(make("EPSG:4547")))
    (tmp_path / "红线.prj").unlink(missing_ok=True) if code == "crs-missing" else None
    (broken,) = own.open_own(tmp_path).broken
    assert broken.code == code
    assert suggested in broken.zh


def test_notes_and_hidden_files_are_no_layers(tmp_path):
    put(tmp_path, "甲.gpkg", make())
    for name in ("说明.txt", ".甲.gpkg.swp", "~$表.xlsx", ".hidden.geojson", "甲.gpkg-shm", "表.xlsx", "甲.qgz"):
        (tmp_path / name).write_bytes(b"x")
    opened = own.open_own(tmp_path)
    assert ([layer.title for layer in opened.layers], opened.broken) == (["甲"], ())


def test_what_has_no_geometry_or_crosses_itself_is_noted(tmp_path):
    frame = make()
    bow = shapely.Polygon([(113.3, 23.1), (113.32, 23.12), (113.32, 23.1), (113.3, 23.12)])
    frame.loc[1, "geometry"] = bow
    frame.loc[2, "geometry"] = None
    put(tmp_path, "a.gpkg", frame)
    (layer,) = own.open_own(tmp_path).layers
    assert [note.code for note in layer.notes] == ["own-unlocated", "own-repaired"]
    assert shapely.is_valid(layer.metric[:2]).all()
    assert layer.metric[2] is None
    assert layer.frame.geometry.iloc[1].equals(bow), "what is drawn is what the planner drew"
    assert layer.index.intersection(shapely.total_bounds(layer.metric)).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("shape", "family"),
    [(shapely.Point(113.3, 23.1), "Point"), (shapely.LineString([(113.3, 23.1), (113.4, 23.2)]), "LineString")],
)
def test_points_and_lines_have_styles_of_their_own(tmp_path, shape, family):
    put(tmp_path, "a.geojson", geopandas.GeoDataFrame({"name": ["甲"]}, geometry=[shape], crs=4326))
    (layer,) = own.open_own(tmp_path).layers
    assert layer.family == family
    assert ("radius" in layer.style) == (family == "Point")
    assert (layer.style["fill_opacity"] > 0) == (family == "Point")


def test_what_is_over_the_limit_is_refused(tmp_path, monkeypatch):
    put(tmp_path, "a.gpkg", make())
    monkeypatch.setattr(site_layers, "OWN_FEATURES", 2)
    assert own.open_own(tmp_path).broken[0].code == "own-too-many"
    touch(tmp_path / "a.gpkg")
    monkeypatch.setattr(site_layers, "OWN_FILE_BYTES", 2)
    assert own.open_own(tmp_path).broken[0].code == "too-large"


def test_a_table_without_geometry_is_no_layer(tmp_path):
    pyogrio.write_dataframe(make().drop(columns="geometry"), tmp_path / "表.gpkg")
    assert own.open_own(tmp_path).broken[0].code == "own-empty"


def test_a_folder_that_cannot_be_listed_is_named(tmp_path, monkeypatch):
    put(tmp_path, "a.gpkg", make())
    put(tmp_path, "锁/b.gpkg", make())
    listed = Path.iterdir

    def refuse(path: Path) -> object:
        if path.name == "锁":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    opened = own.open_own(tmp_path)
    assert [layer.title for layer in opened.layers] == ["a"]
    assert [(b.path, b.code) for b in opened.broken] == [("锁/.", "unreadable")]


def test_odd_names_of_files_do_no_harm(tmp_path):
    put(tmp_path, "a.geojson", make())
    (tmp_path / "a.geojson").rename(tmp_path / os.fsdecode(b"\xb0\xd7\xd4\xc6.geojson"))
    put(tmp_path, "x/😀 𠮷/🌳.geojson", make())
    put(tmp_path, "x/b.gpkg", make()).rename(tmp_path / "x/<b>&'`.gpkg")
    opened = own.open_own(tmp_path)
    assert [layer.path for layer in opened.layers] == ["x/<b>&'`.gpkg", "x/😀 𠮷/🌳.geojson"]
    assert all(re.fullmatch(r"own\.[a-z0-9_]+", layer.layer_id) for layer in opened.layers)
    (broken,) = opened.broken
    assert broken.code == "own-name"
    # Half a character would fail here, and on every page.
    assert all(text.encode() for text in (broken.path, broken.zh, broken.en))


# --- changes on the disk


def test_nothing_is_read_again_while_nothing_changes(tmp_path, monkeypatch):
    for name in KINDS:
        put(tmp_path, name, make())
    first = own.open_own(tmp_path)
    monkeypatch.setattr(own_folder, "read_layers", lambda path: pytest.fail(f"{path} was read again"))
    assert own.open_own(tmp_path) is first


def count_reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []

    def read(path: Path) -> object:
        seen.append(path.name)
        return read_layers(path)

    monkeypatch.setattr(own_folder, "read_layers", read)
    return seen


@pytest.mark.parametrize("name", KINDS)
def test_only_what_changed_is_read_again(tmp_path, monkeypatch, name):
    put(tmp_path, name, make())
    put(tmp_path, "别的.gpkg", make())
    before = own.open_own(tmp_path)
    seen = count_reads(monkeypatch)
    frame = make()
    frame.loc[1, "名称"] = "改名"
    put(tmp_path, name, frame)
    after = own.open_own(tmp_path)
    assert seen == [name]
    layers = {layer.path: layer for layer in after.layers}
    assert layers["别的.gpkg"] is {layer.path: layer for layer in before.layers}["别的.gpkg"]
    assert layers[name].names == ["白云一号", "改名", "南沙三号"]
    old, new = ({layer.path: layer for layer in state.layers}[name].frame.index for state in (before, after))
    assert [a == b for a, b in zip(old, new, strict=True)] == [True, False, True], "only what was edited got a new id"


def test_a_file_that_was_only_touched_stays_the_same_layer(tmp_path):
    path = put(tmp_path, "a.gpkg", make())
    first = own.open_own(tmp_path).layers[0]
    touch(path)
    assert own.open_own(tmp_path).layers[0] is first


def test_files_come_go_break_and_mend(tmp_path):
    put(tmp_path, "甲.gpkg", make())
    assert [layer.title for layer in own.open_own(tmp_path).layers] == ["甲"]
    path = put(tmp_path, "乙.geojson", make())
    assert sorted(layer.title for layer in own.open_own(tmp_path).layers) == ["乙", "甲"]
    good = path.read_bytes()
    path.write_bytes(good[:-40])
    half = own.open_own(tmp_path)
    assert ([layer.title for layer in half.layers], [b.path for b in half.broken]) == (["甲"], ["乙.geojson"])
    path.write_bytes(good)
    touch(path)
    assert len(own.open_own(tmp_path).layers) == 2
    path.unlink()
    gone = own.open_own(tmp_path)
    assert ([layer.title for layer in gone.layers], gone.broken) == (["甲"], ())


def test_the_index_follows_and_an_old_state_still_answers_for_itself(tmp_path):
    put(tmp_path, "a.gpkg", make())
    before = own.open_own(tmp_path).layers[0]
    frame = make()
    frame.loc[2, "geometry"] = shapely.affinity.translate(SQUARE, 0.2, 0.2)
    put(tmp_path, "a.gpkg", frame)
    after = own.open_own(tmp_path).layers[0]
    assert after.index.shared is before.index.shared
    for layer, other in ((before, after), (after, before)):
        assert layer.index.intersection(layer.metric[2].bounds).tolist() == [2]
        assert layer.index.intersection(other.metric[2].bounds).tolist() == []


def test_many_threads_may_ask_while_a_file_changes(tmp_path):
    put(tmp_path, "a.geojson", make())
    own.open_own(tmp_path)
    failures: list[object] = []

    def ask() -> None:
        for _ in range(30):
            layer = own.open_own(tmp_path).layers[0]
            found = layer.index.intersection(shapely.total_bounds(layer.metric))
            if found.tolist() != list(range(len(layer.frame))):
                failures.append(found)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(6):
        frame = make()
        frame.loc[0, "geometry"] = shapely.affinity.translate(SQUARE, 0.01 * number, 0)
        fresh = tmp_path / "a.tmp"
        fresh.write_text(frame.to_json(to_wgs84=True), encoding="utf-8")
        fresh.replace(tmp_path / "a.geojson")
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_second_layer_of_the_same_name_changes_ids_and_going_changes_them_back(tmp_path):
    put(tmp_path, "a/红线.geojson", make())
    assert own.open_own(tmp_path).layers[0].layer_id == "own.hongxian"
    put(tmp_path, "b/红线.geojson", make())
    both = own.open_own(tmp_path)
    assert len({layer.layer_id for layer in both.layers}) == 2
    shutil.rmtree(tmp_path / "b")
    assert own.open_own(tmp_path).layers[0].layer_id == "own.hongxian"


# --- what is asked of a layer


def test_properties_of_one_feature(tmp_path):
    frame = make()
    frame["空"] = [None, "x", None]
    frame["时"] = pd.to_datetime(["2025-01-01", None, None])
    put(tmp_path, "a.gpkg", frame)
    (layer,) = (opened := own.open_own(tmp_path)).layers
    assert layer.find_properties(layer.frame.index[0]) == {
        "名称": "白云一号", "面积": 1.5, "空": None, "时": pd.Timestamp("2025-01-01"),
    }  # fmt: skip
    assert layer.find_properties(layer.frame.index[1])["时"] is None
    assert type(layer.find_properties(layer.frame.index[0])["面积"]) is float
    with pytest.raises(NotFoundError, match="choose anew"):
        layer.find_properties("0" * 16)
    assert opened.require_layer("own.a") is layer
    with pytest.raises(NotFoundError, match=r"own\.a"):
        opened.require_layer("own.b")


def test_a_layer_without_names_has_empty_ones(tmp_path):
    put(tmp_path, "a.gpkg", make_frame(面积=[1.0]))
    assert own.open_own(tmp_path).layers[0].names == [""]


HOSTILE = ["</script><script>alert(1)</script>", '"\\\n\u2028`${x}`', "𠮷😀", "", "名" * 300]


def test_the_map_gets_names_and_shapes_and_nothing_else(tmp_path):
    frame = make_frame(name=HOSTILE, 秘密=["x"] * len(HOSTILE))
    frame.loc[3, "geometry"] = None
    put(tmp_path, "a.gpkg", frame)
    (layer,) = own.open_own(tmp_path).layers
    data = own.dump_for_map(layer)
    content = json.loads(data)
    assert [f["properties"] for f in content["features"]] == [{"name": n} for n in HOSTILE if n]
    assert [f["id"] for f in content["features"]] == [f"own.a.{i}" for i in layer.frame.index.delete(3)]
    assert "秘密" not in data.decode()
    corners = [v for f in content["features"] for ring in f["geometry"]["coordinates"] for c in ring for v in c]
    assert all(v == round(v, 6) for v in corners)
    assert own.dump_for_map(layer) is data


def test_a_changed_layer_is_dumped_anew(tmp_path):
    put(tmp_path, "a.gpkg", make())
    first = own.dump_for_map(own.open_own(tmp_path).layers[0])
    frame = make()
    frame.loc[0, "名称"] = "新名"
    put(tmp_path, "a.gpkg", frame)
    layer = own.open_own(tmp_path).layers[0]
    assert own.dump_for_map(layer) != first
    assert "新名" in own.dump_for_map(layer).decode()


# --- they never leave the machine


OUTWARD = ("export", "checks", "catalog", "atlas", "document", "mentions", "ledger")
"""What makes files for others, links and public pages, or is read by it."""


def list_sources() -> dict[str, str]:
    return {str(p.relative_to(ROOT)): p.read_text(encoding="utf-8") for p in sorted((ROOT / "gzmap").rglob("*.py"))}


def test_nothing_that_goes_out_knows_own_layers():
    for path, source in list_sources().items():
        if path.split("/")[1].removesuffix(".py") not in OUTWARD:
            continue
        for node in ast.walk(ast.parse(source)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = getattr(node, "module", None) or ""
            assert "own" not in [part for name in (*names, module) for part in name.split(".")], path


ASKING = ("query", "export", "sheet")
"""What answers for others to write down, where own layers may be handed over by name."""


def list_defaults(function: ast.FunctionDef) -> dict[str, str]:
    """The parameters of a function with their defaults, empty where there is none."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
    pairs = [*zip(positional, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    return {argument.arg: ast.unparse(default) if default else "" for argument, default in pairs}


def find_takers(sources: dict[str, str]) -> list[str]:
    """Public functions and classes that would take own layers without being told to."""
    found = []
    for path, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                default = list_defaults(node).get("own", "")
                found += [f"{path}: {node.name}"] if default not in ("", "()", "None") else []
    return found


def test_a_function_that_takes_own_layers_takes_none_unless_told():
    assert find_takers({"a.py": "def f(a, own): ...\ndef g(*, own=()): ...\ndef h(own=all_own()): ..."}) == ["a.py: h"]
    sources = {path: s for path, s in list_sources().items() if path.split("/")[1].removesuffix(".py") in ASKING}
    assert find_takers(sources) == []


def test_the_folder_is_ignored_by_git():
    assert "/local/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_promise_is_written_down():
    for thing in (own, own.OwnLayer, own.open_own):
        assert "never leave" in " ".join(inspect.getdoc(thing).split())
    assert "Never for the public" in inspect.getdoc(own.dump_for_map)


def test_a_project_with_own_layers_says_nothing_of_them(tmp_path):
    """Neither its atlas, which every file for others is made of, nor the map that Folium draws of it."""
    root = make_project(tmp_path)
    put(root, "local/机密红线.gpkg", make())
    assert len(own.open_own(root / "local").layers) == 1
    atlas = open_atlas(root)
    assert not any(layer_id.startswith("own") for layer_id in (*atlas.layers, *atlas.catalog.entries, *atlas.broken))
    script = format_script(build_map(atlas))
    assert not any(layer_id.startswith("own") for layer_id in script.layer_vars)
    assert not any(word in script.script for word in ("own.", "机密", "白云一号"))


def test_frames_are_not_changed_by_opening(tmp_path):
    put(tmp_path, "a.gpkg", make())
    (layer,) = own.open_own(tmp_path).layers
    before = layer.frame.copy()
    own.dump_for_map(layer)
    layer.index.intersection(np.array([0.0, 0, 1, 1]))
    assert before.equals(layer.frame)
