from __future__ import annotations

import logging
import os

import pytest

from gzmap.atlas import Atlas, find_root, open_atlas, read_atlas
from gzmap.config import CATALOG_FILE, MENTIONS_FILE, PLAN_DIR, SOURCES_FILE, TOPONYMS_FILE
from gzmap.errors import CatalogError, DocumentError, MentionError, NotFoundError
from tests.makers import make_feature, make_project, make_square


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path)


def test_everything_is_held_together(project):
    atlas = read_atlas(project)
    assert isinstance(atlas, Atlas)
    assert atlas.root == project
    assert list(atlas.layers) == ["districts", "labels", "parks", "streams", "spots"]
    assert len(atlas.document.paragraphs) == 3
    assert atlas.toponyms[0].name == "三河六岸"
    assert atlas.broken == {}


def test_features_are_found_by_id_with_their_entry(project):
    atlas = read_atlas(project)
    feature = atlas.require_feature("parks.p001")
    assert (feature.name, feature.layer_id, feature.accuracy_m) == ("帽峰山", "parks", 50)
    assert atlas.entry_of(feature).layer_id == "parks"
    with pytest.raises(NotFoundError, match=r"'parks\.p01' is not in layers/; did you mean 'parks\.p0"):
        atlas.require_feature("parks.p01")


def test_gaps_are_none_and_whole_numbers_stay_whole(tmp_path):
    features = [
        make_feature("parks.a", "甲", make_square(113.2, 23.1), accuracy_m=50, parts=["东", "西"]),
        make_feature("parks.b", "乙", None),
        make_feature("parks.c", "丙", make_square(113.3, 23.1), name_en=None),
    ]
    atlas = read_atlas(make_project(tmp_path, {"parks": features}))
    for raw in features:
        properties = atlas.features[raw["id"]].properties
        assert {k: properties[k] for k in raw["properties"]} == raw["properties"]
        assert type(properties["accuracy_m"]) in (int, type(None))
    assert atlas.features["parks.b"].properties["parts"] is None
    assert atlas.features["parks.b"].geometry is None


def test_mentions_are_grouped_in_reading_order(project):
    atlas = read_atlas(project)
    paragraphs = [m.para_id for m in atlas.mentions_by_feature["parks.p001"]]
    assert paragraphs == ["chp_1__sec_1__para_1", "chp_2__sec_1__para_1"]
    starts = [m.start for m in atlas.mentions_by_paragraph["chp_2__sec_1__para_1"]]
    assert starts == sorted(starts)
    assert "districts.440111" not in atlas.mentions_by_feature


# --- broken parts


@pytest.mark.parametrize("text", ["{", '{"type": "FeatureCollection", "features": [1]}', None])
def test_a_broken_layer_is_left_out_and_told(project, caplog, text):
    file = project / "layers/parks.geojson"
    file.unlink() if text is None else file.write_text(text)
    with caplog.at_level(logging.ERROR, logger="gzmap.atlas"):
        atlas = read_atlas(project)
    assert list(atlas.layers) == ["districts", "labels", "streams", "spots"]
    assert list(atlas.broken) == ["parks"]
    assert "parks.geojson" in atlas.broken["parks"]
    assert "layer parks is left out" in caplog.text
    with pytest.raises(CatalogError, match=r"parks\.geojson"):
        atlas.require_layer("parks")
    with pytest.raises(NotFoundError):
        atlas.require_feature("parks.p001")
    assert atlas.require_layer("spots") is atlas.layers["spots"]


def test_an_unknown_layer_is_not_found(project):
    with pytest.raises(NotFoundError, match="did you mean 'parks'"):
        read_atlas(project).require_layer("park")


@pytest.mark.parametrize(
    ("file", "text", "error"),
    [
        (CATALOG_FILE, "{", CatalogError),
        (SOURCES_FILE, None, CatalogError),
        (MENTIONS_FILE, "{}\n", MentionError),
        (TOPONYMS_FILE, '{"toponyms": [{}]}', MentionError),
        (PLAN_DIR / "plan.txt", "第二章 x", DocumentError),
        (PLAN_DIR / "meta.json", None, CatalogError),
    ],
)
def test_whatever_else_is_broken_raises(project, file, text, error):
    (project / file).unlink() if text is None else (project / file).write_text(text, encoding="utf-8")
    with pytest.raises(error):
        read_atlas(project)


# --- one atlas per process


def test_the_same_atlas_is_returned_until_a_file_changes(project):
    first = open_atlas(project)
    assert open_atlas(project) is first
    assert open_atlas(project / "layers" / "..") is first
    os.utime(project / "layers/parks.geojson", ns=(1, 1))
    second = open_atlas(project)
    assert second is not first
    assert open_atlas(project) is second


@pytest.mark.parametrize("file", [CATALOG_FILE, SOURCES_FILE, MENTIONS_FILE, TOPONYMS_FILE, PLAN_DIR / "meta.json"])
def test_every_file_counts(project, file):
    first = open_atlas(project)
    os.utime(project / file, ns=(1, 1))
    assert open_atlas(project) is not first


def test_a_repaired_layer_comes_back(project):
    good = (project / "layers/parks.geojson").read_bytes()
    (project / "layers/parks.geojson").write_bytes(b"{")
    assert "parks" in open_atlas(project).broken
    (project / "layers/parks.geojson").write_bytes(good)
    assert open_atlas(project).broken == {}


def test_two_projects_are_two_atlases(tmp_path):
    roots = [tmp_path / name for name in "ab"]
    for root in roots:
        root.mkdir()
        make_project(root)
    assert open_atlas(roots[0]) is not open_atlas(roots[1])
    assert open_atlas(roots[0]) is open_atlas(roots[0])


def test_the_shipped_atlas_is_whole(atlas):
    assert atlas.broken == {}
    plan = [e.layer_id for e in atlas.catalog.plan_entries]
    assert sorted(plan) == ["biodiversity_hotspots", "eco_corridors", "energy_parks", "waterways"]


def test_root_is_found_from_any_folder_below(tmp_path):
    (tmp_path / CATALOG_FILE).parent.mkdir()
    (tmp_path / CATALOG_FILE).write_text("{}")
    deep = tmp_path / "a/b"
    deep.mkdir(parents=True)
    assert find_root(deep) == find_root(tmp_path) == tmp_path.resolve()


def test_the_nearest_root_wins(tmp_path):
    for folder in (tmp_path, tmp_path / "inner"):
        (folder / CATALOG_FILE).parent.mkdir(parents=True)
        (folder / CATALOG_FILE).write_text("{}")
    assert find_root(tmp_path / "inner") == (tmp_path / "inner").resolve()


def test_no_root_names_the_remedy(tmp_path):
    with pytest.raises(CatalogError, match="--root or the GZMAP_ROOT"):
        find_root(tmp_path)
