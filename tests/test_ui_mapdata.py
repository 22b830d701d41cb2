"""What the bridge is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import CATALOG_FILE, HOME_BBOX
from gzmap.ui.areas import dump_area
from gzmap.ui.mapdata import PANEL_WORDS, build_data
from gzmap.ui.state import Place
from tests.makers import default_layers, edit_json, make_feature, make_square
from tests.ui_support import make_shown_project, small, small_root

__all__ = ["small", "small_root"]


def build(atlas: Atlas, *, hidden: bool = False, **place: object) -> dict:
    return build_data(atlas, Place(**place), hidden=hidden)


def row(data: dict, layer_id: str, *, of: str = "layers") -> dict:
    [one] = [r for r in data[of] if r["id"] == layer_id]
    return one


def test_data_is_small_plain_and_the_same_for_the_same_state(atlas: Atlas) -> None:
    first, second = build(atlas), build(atlas)
    text = json.dumps(first, allow_nan=False, ensure_ascii=False)
    assert text == json.dumps(second, allow_nan=False, ensure_ascii=False)
    assert len(text.encode()) < 30_000


def test_the_drawn_area_is_told_with_its_size(small: Atlas) -> None:
    area = shapely.box(113.3, 23.1, 113.4, 23.2)
    assert build(small)["area"] == {"code": "", "size": "", "number": 0, "refused": False}
    told = build(small, area=area, drawn=2)["area"]
    assert told == {"code": dump_area(area), "size": "113\u00a0km²", "number": 2, "refused": False}
    assert build(small, refused=("area_small",), drawn=3)["area"]["refused"] is True


def test_a_place_with_an_area_is_shown_with_all_of_it(small: Atlas) -> None:
    box = (113.3, 23.1, 113.4, 23.2)
    assert build(small, area=shapely.box(*box), bbox=box, focus=1)["focus"]["bbox"] == box


def test_no_feature_is_in_it(small: Atlas) -> None:
    text = json.dumps(build(small), ensure_ascii=False)
    for feature in small.features.values():
        assert feature.name not in text
        assert feature.feature_id not in text


def test_layers_are_told_in_catalogue_order(small: Atlas) -> None:
    data = build(small)
    assert [r["id"] for r in data["layers"]] == ["districts", "labels", "parks", "streams", "spots"]
    assert [r["kind"] for r in data["layers"]] == ["base", "base", "plan", "plan", "plan"]
    assert data["unlocated"] == 1
    assert data["words"]["unlocated"] == "未能落位 1 处 ▸"
    assert row(data, "parks")["url"].startswith("/data/parks.geojson?v=")


def test_groups_are_told_topmost_first_with_counts(small: Atlas) -> None:
    groups = build(small)["groups"]
    assert [(g["id"], g["count"]) for g in groups] == [
        ("spots", "2"),
        ("streams", "1"),
        ("parks", "2 / 3"),
        ("labels", ""),
        ("districts", ""),
    ]


def test_layers_of_one_group_are_one_row_with_the_groups_title(small_root: Path) -> None:
    def join(catalog: dict) -> None:
        for entry in catalog["layers"]:
            if entry["id"] in ("parks", "spots"):
                entry["group"] = "places"
        catalog["groups"] = [{"id": "places", "title": "山与园", "title_en": "Hills and parks"}]

    edit_json(small_root / CATALOG_FILE, join)
    atlas = read_atlas(small_root)
    data = build(atlas)
    assert [g["id"] for g in data["groups"]] == ["places", "streams", "labels", "districts"]
    assert row(data, "places", of="groups")["title"] == "山与园"
    assert row(data, "places", of="groups")["count"] == "4 / 5"
    assert row(build(atlas, lang="en"), "places", of="groups")["title"] == "Hills and parks"
    assert [r["id"] for r in data["layers"] if r["group"] == "places"] == ["parks", "spots"]


def test_a_group_without_a_title_has_that_of_its_topmost_layer(small_root: Path) -> None:
    def join(catalog: dict) -> None:
        for entry in catalog["layers"]:
            entry["group"] = "one" if entry["id"] in ("parks", "streams") else entry["group"]

    edit_json(small_root / CATALOG_FILE, join)
    assert row(build(read_atlas(small_root)), "one", of="groups")["title"] == "streams"


def test_every_layer_is_in_a_group_that_is_told(atlas: Atlas) -> None:
    data = build(atlas)
    groups = {g["id"]: g["theme"] for g in data["groups"]}
    assert len(groups) == len(data["groups"]) < len(data["layers"])
    assert {r["group"] for r in data["layers"]} == set(groups)
    for entry in atlas.catalog.entries.values():
        assert groups[entry.group] == entry.theme, "the layers of a group are of one theme"


def test_every_title_of_a_group_is_used(atlas: Atlas) -> None:
    members = [e.group for e in atlas.catalog.entries.values()]
    titled = set(atlas.catalog.group_titles)
    assert titled == {g for g in members if members.count(g) > 1}


def test_a_layer_with_nothing_to_draw_has_no_address(tmp_path: Path) -> None:
    layers = default_layers() | {"lost": [make_feature("lost.x", "无处", None)]}
    data = build(read_atlas(make_shown_project(tmp_path, layers)))
    assert (row(data, "lost")["url"], row(data, "lost")["empty"], row(data, "lost")["broken"]) == ("", True, "")
    assert row(data, "lost", of="groups")["count"] == "0 / 1"
    assert row(data, "parks")["empty"] is False


def test_a_layer_is_schematic_when_all_that_is_drawn_of_it_is(small: Atlas, atlas: Atlas, tmp_path: Path) -> None:
    assert row(build(small), "parks")["schematic"] is False
    assert row(build(atlas), "biodiversity_hotspots")["schematic"] is True
    drawn = make_feature("parks.p001", "甲", make_square(113.2, 23.1), method="schematic", accuracy_m=900)
    layers = {"parks": [drawn, make_feature("parks.p002", "乙", None, method="digitized")]}
    assert row(build(read_atlas(make_shown_project(tmp_path, layers))), "parks")["schematic"] is True


def test_words_and_titles_follow_the_language(small: Atlas, atlas: Atlas) -> None:
    english = build(atlas, lang="en")
    assert english["lang"] == "en"
    assert english["words"]["layers"] == "Layers"
    title = atlas.catalog.entries["eco_corridors"]
    assert row(english, "eco_corridors", of="groups")["title"] == title.title_en
    assert row(build(atlas), "eco_corridors", of="groups")["title"] == title.title
    assert {"unlocated", "more_here", *PANEL_WORDS} == set(build(small)["words"])


def test_themes_hold_every_layer(atlas: Atlas) -> None:
    data = build(atlas)
    assert {g["theme"] for g in data["groups"]} == {t["id"] for t in data["themes"]}
    assert data["themes"][-1]["id"] == "base"


def test_the_selected_feature_is_named_and_nothing_moves(small: Atlas) -> None:
    data = build(small, feature="parks.p001", hidden=True)
    assert data["selected"] == {"feature_id": "parks.p001", "layer_id": "parks"}
    assert data["focus"] is None
    assert data["hidden"] is True
    assert build(small)["selected"] is None
    assert build(small)["hidden"] is False
    assert build(small)["home"] == HOME_BBOX


def test_focus_goes_to_a_feature_with_its_layer(small: Atlas) -> None:
    focus = build(small, feature="parks.p001", focus=3)["focus"]
    assert focus["nonce"] == 3
    assert focus["bbox"] == pytest.approx((113.24, 23.14, 113.26, 23.16))
    assert focus["layer_ids"] == ["parks"]


def test_focus_goes_to_all_of_several(small: Atlas) -> None:
    focus = build(small, picks=("spots.b001", "spots.b002", "parks.p003"), focus=1)["focus"]
    assert focus["bbox"] == pytest.approx((113.27, 23.17, 113.37, 23.18))
    assert focus["layer_ids"] == ["parks", "spots"]


def test_focus_on_what_is_not_located_moves_nothing(small: Atlas) -> None:
    assert build(small, feature="parks.p003", focus=1)["focus"] == {"nonce": 1, "bbox": None, "layer_ids": ["parks"]}


def test_focus_on_a_label_is_its_box(small: Atlas) -> None:
    box = (113.0, 23.0, 113.1, 23.1)
    assert build(small, bbox=box, focus=2)["focus"] == {"nonce": 2, "bbox": box, "layer_ids": []}


def test_a_broken_layer_is_told_and_comes_back_when_repaired(small_root: Path) -> None:
    path = small_root / "layers/parks.geojson"
    whole = path.read_bytes()
    path.write_bytes(whole[:-4])
    broken = build(read_atlas(small_root))
    assert "parks.geojson" in row(broken, "parks")["broken"]
    assert row(broken, "parks")["url"] == ""
    assert "parks" not in broken["drawing"]["layer_vars"]
    assert row(broken, "streams")["broken"] == ""
    path.write_bytes(whole)
    repaired = build(read_atlas(small_root))
    assert row(repaired, "parks")["broken"] == ""
    assert "parks" in repaired["drawing"]["layer_vars"]


def test_the_layers_name_the_data_of_today(small_root: Path) -> None:
    before = build(read_atlas(small_root))
    path = small_root / "layers/parks.geojson"
    path.write_bytes(path.read_bytes().replace("白云湖".encode(), b"plan_v2"))
    after = build(read_atlas(small_root))
    assert row(before, "parks")["url"] != row(after, "parks")["url"]
    assert row(before, "streams")["url"] == row(after, "streams")["url"]
    assert "/data/" not in after["drawing"]["script"], "the script is run once and must not name data that changes"


def test_a_tile_key_adds_one_background_that_can_be_switched(atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    without = build(atlas)
    assert "tianditu" not in json.dumps(without)
    monkeypatch.setenv("GZMAP_TIANDITU_KEY", "k&\"'</script>")
    data = build(atlas)
    assert len(data["layers"]) == len(without["layers"]) + 1
    assert data["groups"][-1] == {"id": "tianditu", "theme": "base", "title": "天地图", "count": ""}
    assert row(data, "tianditu")["empty"] is False
    assert "tianditu.gov.cn" in data["drawing"]["script"]
    assert "</script>" not in data["drawing"]["script"]
