"""The page of sources and data."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import LINK_HOSTS
from gzmap.document import format_display
from gzmap.ui.register import format_register
from gzmap.ui.words import LANGS
from tests.makers import default_layers, make_feature, make_square
from tests.ui_support import Markup, goes, make_shown_project, read, small, small_root

__all__ = ["small", "small_root"]


def layers_of(page: Markup) -> dict[str, str]:
    """Text of each layer's fold, by layer id."""
    folds = [d for d in page.find("details", cls="gz-layer") if "id" in d.attrs]
    return {d.attrs["id"].removeprefix("layer-"): " ".join(d.text.split()) for d in folds}


@pytest.mark.parametrize("lang", LANGS)
def test_every_plan_feature_and_every_source_is_told(atlas: Atlas, lang: str) -> None:
    page = read(format_register(atlas, lang))
    linked = [g["id"] for g in goes(page)]
    plan = {f.feature_id: f for f in atlas.features.values() if atlas.entry_of(f).kind == "plan"}
    listed = [i for i, f in plan.items() if f.geometry is None or f.properties["method"] == "schematic"]
    assert sorted(linked) == sorted([*plan, *listed]), (
        "each once in its layer, once more where there is a reason to tell"
    )
    titles = " ".join(page.texts("li"))
    for source in atlas.catalog.sources.values():
        title = source.get("title_en") if lang == "en" and source.get("title_en") else source["title"]
        assert " ".join(format_display(title).split()) in titles
    assert set(layers_of(page)) == set(atlas.layers)


def test_methods_counts_and_errors_of_each_layer(tmp_path: Path) -> None:
    accuracies = (100, 200, 900, None)
    parks = [
        make_feature(
            f"parks.p{n}",
            f"园{n}",
            make_square(113.2, 23.1) if a else None,
            accuracy_m=a,
            method=("digitized", "schematic")[a == 900],
        )
        for n, a in enumerate(accuracies)
    ]
    page = read(format_register(read_atlas(make_shown_project(tmp_path, default_layers() | {"parks": parks})), "zh"))
    told = layers_of(page)
    assert told["parks"].startswith("parks 已落位 3 / 4 · 最大误差 900 米 · 中位误差 200 米")
    assert "方法 对照资料人工描绘 2、示意 1" in told["parks"]
    assert "测绘 2025 · 公开 · 取得 2026-11-22" in told["parks"]
    assert told["spots"].startswith("spots 已落位 2 / 2 · 最大误差 500 米 · 中位误差 300 米")
    assert "园3—纲要与公开资料未给出位置，未落图。" in told["parks"].replace(" ", "")


def test_the_summary_and_the_overview_count_the_same(small: Atlas) -> None:
    page = read(format_register(small, "zh"))
    [totals] = page.find("dl", cls="gz-totals")
    assert " ".join(totals.text.split()) == "规划要素 6 已落图 5 其中示意 1 未能落位 1 纲要图层 3 来源 1"
    rows = [" ".join(r.text.split()) for r in page.find("tr") if r.text.strip()]
    assert "图层 要素 已落位 示意 最大误差 中位误差" in rows
    assert "parks 3 2 1 300 米 175 米" in rows
    assert "streams 1 1 0 200 米 200 米" in rows
    assert [a.attrs["data-scroll"] for a in page.find("a") if "data-scroll" in a.attrs] == [
        "layer-spots",
        "layer-streams",
        "layer-parks",
    ]


def test_what_is_schematic_and_what_is_not_located_is_listed_with_the_reason(tmp_path: Path) -> None:
    layers = default_layers()
    layers["parks"] = [
        make_feature(
            "parks.p001",
            "甲",
            make_square(113.2, 23.1),
            method="schematic",
            accuracy_m=300,
            notes="按某规则画出,不是边界",
        ),
        make_feature("parks.p002", "乙", None, method="schematic", notes="没有资料"),
    ]
    page = read(format_register(read_atlas(make_shown_project(tmp_path, layers)), "zh"))
    assert page.texts("h2") == [
        "各图层一览",
        "纲要图层",
        "示意的要素 (1)",
        "未能落位的地点 (1)",
        "底图",
        "来源登记 (1)",
    ]
    reasons = page.texts("ul", cls="gz-reasons")
    assert reasons == ["甲 示意 · 误差约 300 米，纲要未给出边界按某规则画出，不是边界", "乙没有资料"]


def test_a_broken_layer_is_left_out(small_root: Path) -> None:
    (small_root / "layers/spots.geojson").write_text("{", encoding="utf-8")
    told = layers_of(read(format_register(read_atlas(small_root), "zh")))
    assert set(told) == {"districts", "labels", "parks", "streams"}


def test_links_are_safe_and_lead_to_known_hosts(atlas: Atlas) -> None:
    links = [a for a in read(format_register(atlas, "zh")).find("a") if "://" in a.attrs["href"]]
    assert links
    for link in links:
        host = urlsplit(link.attrs["href"]).hostname
        assert any(host == h.lstrip(".") or host.endswith("." + h.lstrip(".")) for h in LINK_HOSTS), host
        assert link.attrs["rel"] == "noopener noreferrer"
        assert link.attrs["target"] == "_blank"


def test_second_hand_sources_are_marked_and_never_linked(atlas: Atlas) -> None:
    sources = list(atlas.catalog.sources.values())
    register = read(format_register(atlas, "zh")).find("li")[-len(sources) :]
    for item, source in zip(register, sources, strict=True):
        assert item.text.strip().startswith(format_display(source["title"]))
        assert ("二手来源，待核实" in item.text) == (source["kind"] == "secondary")
        assert ("凭记忆" in item.text) or source["kind"] != "memory"
