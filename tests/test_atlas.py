from __future__ import annotations

import logging
import os

import pytest

from gzmap.atlas import Atlas, find_root, open_atlas, read_atlas
from gzmap.config import CATALOG_FILE, LEDGER_FILE, MENTIONS_FILE, PLAN_DIR, SOURCES_FILE, TOPONYMS_FILE
from gzmap.errors import CatalogError, DocumentError, LedgerError, MentionError, NotFoundError
from gzmap.ledger import dump_ledger
from tests.makers import (
    edit_json,
    make_feature,
    make_line,
    make_project,
    make_square,
    make_toponym,
    name_in_headings,
    write_text,
)


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


def test_mentions_in_headings_are_grouped_in_reading_order(project):
    atlas = read_atlas(name_in_headings(project))
    assert [m.para_id for m in atlas.mentions_by_feature["parks.p001"]] == [
        *("front__line_1", "chp_1__sec_1", "chp_1__sec_1__para_1", "chp_2", "chp_2__sec_1__para_1"),
    ]
    (heading,) = atlas.mentions_by_paragraph["chp_1__sec_1"]
    assert (heading.start, heading.exact) == (5, "帽峰山")


# --- the account of the place names


def list_accounts(atlas: Atlas) -> list[tuple]:
    return [(a.passage_id, a.exact, a.box, a.by) for a in atlas.accounts]


def test_every_place_name_has_its_account_in_reading_order(project):
    first, second, third = "chp_1__sec_1__para_1", "chp_1__sec_2__para_1", "chp_2__sec_1__para_1"
    assert list_accounts(read_atlas(project)) == [
        (first, "帽峰山", "mapped", "mention"),
        (first, "白云湖", "mapped", "mention"),
        (first, "无名谷", "unlocatable", "feature"),
        (second, "东濠涌", "mapped", "mention"),
        (second, "三河六岸", "not_place", "rule"),
        (third, "白云区", "mapped", "mention"),
        (third, "黄埔区", "mapped", "mention"),
        (third, "新型储能产业园", "mapped", "mention"),
        (third, "帽峰山", "mapped", "mention"),
    ]


def test_the_account_of_what_is_not_located_has_its_notes(project):
    edit_json(
        project / "layers/parks.geojson",
        lambda content: content["features"][2]["properties"].update(notes="只知其名。"),
    )
    (account,) = [a for a in read_atlas(project).accounts if a.exact == "无名谷"]
    assert (account.reason, account.feature_ids) == ("只知其名。", ("parks.p003",))


def test_the_ledger_decides_what_no_mention_covers(project):
    edit_json(
        project / TOPONYMS_FILE,
        lambda content: content["toponyms"].extend([make_toponym("某市"), make_toponym("青山", variants=["山"])]),
    )
    document = read_atlas(project).document
    lines = [
        make_line(document, "front__line_1", "某市", "not_place", reason="泛称"),
        make_line(document, "chp_1__sec_1", "山", "ambiguous", feature_ids=["parks.p001"]),
        make_line(document, "chp_1__sec_1__para_1", "帽峰山", "outside"),
    ]
    write_text(project / LEDGER_FILE, dump_ledger(lines))
    atlas = read_atlas(project)
    assert atlas.ledger == tuple(lines)
    assert list_accounts(atlas)[:5] == [
        ("front__line_1", "某市", "not_place", "line"),
        ("chp_1", "山", "unaccounted", ""),
        ("chp_1__sec_1", "山", "ambiguous", "line"),
        ("chp_1__sec_1__para_1", "青山", "unaccounted", ""),
        ("chp_1__sec_1__para_1", "帽峰山", "mapped", "mention"),
    ]
    assert {a.toponym for a in atlas.accounts if a.exact in ("山", "青山")} == {"青山"}


def test_stale_mentions_and_features_that_are_gone_account_for_nothing(project):
    text = (project / MENTIONS_FILE).read_text(encoding="utf-8")
    write_text(project / MENTIONS_FILE, text.replace('"exact": "白云湖"', '"exact": "白云河"'))
    (project / "layers/streams.geojson").unlink()
    accounts = {(a.exact, a.box) for a in read_atlas(project).accounts}
    assert ("白云湖", "unaccounted") in accounts
    assert "东濠涌" not in {exact for exact, _ in accounts}


def test_a_project_without_a_ledger_has_none(project):
    (project / LEDGER_FILE).unlink()
    atlas = read_atlas(project)
    assert atlas.ledger == ()
    assert len(atlas.accounts) == 9


def test_every_place_name_of_the_shipped_plan_is_in_one_box(atlas):
    assert len({(a.passage_id, a.start, a.end) for a in atlas.accounts}) == len(atlas.accounts) > 0
    for account in atlas.accounts:
        assert atlas.document.passages[account.passage_id][account.start : account.end] == account.exact
        assert account.box == "mapped" or account.reason


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
        (LEDGER_FILE, "{}\n", LedgerError),
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


@pytest.mark.parametrize(
    "file", [CATALOG_FILE, SOURCES_FILE, MENTIONS_FILE, TOPONYMS_FILE, LEDGER_FILE, PLAN_DIR / "meta.json"]
)
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
    plan = {e.layer_id for e in atlas.catalog.plan_entries}
    assert {"biodiversity_hotspots", "eco_corridors", "energy_parks", "waterways"} <= plan <= set(atlas.layers)


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
