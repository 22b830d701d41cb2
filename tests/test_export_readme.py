"""README.txt: what a reader must know, of our layers and of a team's own data, in both languages."""

from __future__ import annotations

import geopandas
import numpy as np
import pytest
import shapely

from gzmap.atlas import Atlas, open_atlas
from gzmap.export import Choices, Selection, build_dataset, build_frame_dataset, build_order
from gzmap.export.census import count_features, find_worst
from gzmap.export.listings import NAMED
from gzmap.export.losses import CHANGED, Loss
from gzmap.export.readme import build_readme
from gzmap.export.reports import PLACES, summarise
from tests.makers import make_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    return open_atlas(make_project(tmp_path_factory.mktemp("project")))


def read_ours(atlas: Atlas, crs: str, **choices: str) -> str:
    dataset = build_dataset(atlas, Selection(("parks", "streams")), crs)
    return build_readme(build_order(dataset, Choices(choices.pop("fmt", "shp"), crs, **choices)))


def read_foreign(frame: geopandas.GeoDataFrame, fmt: str = "shp", crs: str = "EPSG:4547") -> str:
    return build_readme(build_order(build_frame_dataset({"plots": frame}, title="地块", crs=crs), Choices(fmt, crs)))


def make_plots(count: int = 1, missing: int = 0) -> geopandas.GeoDataFrame:
    points = [*shapely.points(np.linspace(113.2, 113.4, count), 23.1), *[None] * missing]
    return geopandas.GeoDataFrame({"名称": ["甲"] * len(points)}, geometry=points, crs="EPSG:4490")


# --- coordinates


@pytest.mark.parametrize(
    ("crs", "told", "told_en"),
    [
        ("EPSG:4547", "东坐标不含带号", "easting (no zone number), northing, in metres"),
        ("EPSG:4526", "东坐标前有带号 38", "easting (zone number 38), northing, in metres"),
        ("EPSG:4490", "经度在前、纬度在后，单位度", "longitude, latitude, in degrees"),
    ],
)
def test_the_order_of_coordinates_and_the_zone_are_told(project: Atlas, crs: str, told: str, told_en: str) -> None:
    text = read_ours(project, crs)
    assert told in text
    assert told_en in text
    assert "先东后北" in text
    assert "由 EPSG:4326（WGS 84）转换，PROJ 所用方法：" in text


def test_what_is_not_converted_is_not_said_to_be(project: Atlas) -> None:
    text = read_ours(project, "EPSG:4326")
    assert "未作转换" in text
    assert "Nothing is converted." in text
    assert "视为一致" not in text


def test_data_of_others_is_said_to_come_from_their_crs() -> None:
    text = read_foreign(make_plots())
    assert "由 EPSG:4490（China Geodetic Coordinate System 2000）转换" in text
    assert "WGS 84" not in text


# --- whose data


def test_data_of_others_is_not_called_ours() -> None:
    text = read_foreign(make_plots())
    for ours in (
        "版本",
        "Edition",
        "非官方",
        "Unofficial",
        "schematic",
        "示意",
        "规划",
        "来源",
        "2000-01-01",
        "accuracy_m",
    ):
        assert ours not in text, ours
    assert text.startswith("地块 空间要素\n由 gzmap 转写；内容、许可以原数据为准。\n")
    assert "plots plots：1 个要素，落位 1，未落位 0" in text


def test_many_features_without_geometry_of_others_are_counted() -> None:
    text = read_foreign(make_plots(1, missing=NAMED + 3))
    assert "…… 另有 3 个" in text
    assert "… and 3 more" in text
    assert text.count("\n41") == 2  # once in each language
    assert "空图形（类型 0）" in text


def test_the_names_of_fields_are_those_of_the_file(project: Atlas) -> None:
    for names, field in (("ascii", "accuracy_m"), ("pinyin", "ACCURACY_M")):
        text = read_ours(project, "EPSG:4547", names=names)
        assert f"字段“{field}”为误差的 95% 界限" in text
        assert f"{field}: no vertex is believed" in text


@pytest.mark.parametrize(
    ("fmt", "said", "unsaid"),
    [
        ("shp", "须与 .cpg", "图中文字"),
        ("dxf", "DXF：图中文字为 GBK。", ".cpg"),
        ("gpkg", "其余为 UTF-8", ".cpg"),
    ],
)
def test_each_format_tells_its_own_encoding(project: Atlas, fmt: str, said: str, unsaid: str) -> None:
    text = read_ours(project, "EPSG:4490", fmt=fmt)
    assert said in text
    assert unsaid not in text


def test_both_languages_have_the_same_sections(project: Atlas) -> None:
    chinese, english = read_ours(project, "EPSG:4547", names="pinyin").split(f"\n{'=' * 60}\n")
    assert len(chinese.strip().split("\n\n")) == len(english.strip().split("\n\n"))
    assert english.replace("某市建设规划", "").isascii() or "…" in english


# --- counts and changes


def test_counts_come_from_the_table(project: Atlas) -> None:
    table = build_dataset(project, Selection(("parks",)), "EPSG:4326").tables[0]
    assert count_features(table) == (2, 1)
    located = [a for a, g in zip(table.column("accuracy_m").values, table.geometries, strict=True) if g is not None]
    assert find_worst(table) == max(located)


def make_loss(place: str, detail: str = "甲") -> Loss:
    return Loss("text-cut", CHANGED, place, detail=detail, detail_en=f"{detail} in English")


def test_a_change_that_is_the_same_in_many_places_is_told_once() -> None:
    told = list(summarise([make_loss(f"l{n}") for n in range(PLACES + 2)], listed=3))
    assert told == [
        (f"l0、l1、l2、l3、l4、l5 …… ({PLACES + 2})：甲", f"l0, l1, l2, l3, l4, l5 …… ({PLACES + 2}): 甲 in English")
    ]


def test_changes_that_differ_are_told_one_by_one_and_then_counted() -> None:
    told = list(summarise([make_loss("l", f"第{n}处") for n in range(5)], listed=2))
    assert told == [("l：第0处", "l: 第0处 in English"), ("l：第1处", "l: 第1处 in English"),
                    ("…… 同类另有 3 处", "… and 3 more of this kind")]  # fmt: skip
    assert list(summarise([make_loss("")], listed=1)) == [("甲", "甲 in English")]
