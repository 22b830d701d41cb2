"""The map as Folium declares it: addresses instead of features, no other host, versions that follow the content."""

from __future__ import annotations

import json
import re
from pathlib import Path

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import CATALOG_FILE, HOME_BBOX
from gzmap.webmap import MapScript, build_map, build_url, find_assets_version, format_script
from tests.makers import edit_json
from tests.ui_support import small, small_root

__all__ = ["small", "small_root"]


def draw(atlas: Atlas, **options: str) -> MapScript:
    return format_script(build_map(atlas, **options))


def specs(script: str) -> list[dict]:
    return [json.loads(s) for s in re.findall(r"gz\.urlLayer\((\{.*?\})\);", script)]


def test_no_feature_is_embedded(small: Atlas, atlas: Atlas) -> None:
    script = draw(small).script
    assert "coordinates" not in script
    assert not any(f.name in script or f.feature_id in script for f in small.features.values())
    # A few lines for each layer, however many features it has.
    assert len(draw(atlas).script) < 2_000 + 500 * len(atlas.layers)


def test_every_layer_is_declared_once_in_catalogue_order(atlas: Atlas) -> None:
    drawn = draw(atlas)
    assert list(drawn.layer_vars) == list(atlas.layers)
    assert [s["id"] for s in specs(drawn.script)] == list(atlas.layers)
    for variable in drawn.layer_vars.values():
        assert f"var {variable} = gz.urlLayer(" in drawn.script
        assert f"{variable}.addTo({drawn.map_var})" in drawn.script
    assert drawn.script.count(f'"{drawn.map_var}"') == 1  # the bridge puts the element in its place


def test_the_script_names_no_other_host(atlas: Atlas) -> None:
    assert re.findall(r"https?://[^\"'\s]+", draw(atlas).script) == []


def test_the_first_view_is_the_city(atlas: Atlas) -> None:
    lat, lon = build_map(atlas).location
    west, south, east, north = HOME_BBOX
    assert west < lon < east
    assert south < lat < north


def test_an_address_follows_the_content(small_root: Path) -> None:
    before = read_atlas(small_root)
    path = small_root / "layers/parks.geojson"
    path.write_bytes(path.read_bytes().replace("白云湖".encode(), "白云池".encode()))
    after = read_atlas(small_root)
    urls = [[build_url(a, e) for e in a.catalog.entries.values()] for a in (before, after)]
    changed = [a for a, b in zip(*urls, strict=True) if a != b]
    assert [u.split("?")[0] for u in changed] == ["/data/parks.geojson"]
    assert all(re.fullmatch(r"/data/[a-z_]+\.geojson\?v=[0-9a-f]{12}", u) for u in urls[0])


def test_a_broken_layer_is_left_out(small_root: Path) -> None:
    (small_root / "layers/parks.geojson").write_text("{", encoding="utf-8")
    assert "parks" not in draw(read_atlas(small_root)).layer_vars


def test_a_catalogue_cannot_break_out_of_the_script(small_root: Path) -> None:
    hostile = "#000</script><script>alert(1)</script>`${1}\"';//"
    edit_json(small_root / CATALOG_FILE, lambda c: c["layers"][2]["style"].update(color=hostile))
    script = draw(read_atlas(small_root)).script
    assert "</script" not in script
    assert specs(script)[2]["style"]["color"] == hostile


def test_labels_and_kinds_are_told(small: Atlas) -> None:
    told = {s["id"]: s for s in specs(draw(small).script)}
    assert [i for i, s in told.items() if s["labels"]] == ["labels"]
    assert {i for i, s in told.items() if s["kind"] == "plan"} == {"parks", "streams", "spots"}
    assert {s["disc_from_m"] for s in told.values()} == {300}


def test_tiles_of_tianditu_come_only_with_a_key(small: Atlas) -> None:
    assert "tianditu" not in draw(small).script
    script = draw(small, tianditu_key="a b&</script>").script
    hosts = set(re.findall(r"https?://([^/\"]+)", script))
    assert hosts == {"t{s}.tianditu.gov.cn"}
    assert "tk=a%20b%26%3C%2Fscript%3E" in script
    told = {s["id"]: s for s in specs(script)}
    assert told["districts"]["style"]["fill_opacity"] == 0
    assert told["parks"]["style"]["fill_opacity"] == 0.2


def test_the_version_of_our_scripts_is_a_digest() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", find_assets_version())


def test_two_drawings_do_not_share_names(small: Atlas) -> None:
    assert draw(small).map_var != draw(small).map_var
