"""The page of sources and data."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import LINK_HOSTS
from gzmap.document import format_display
from gzmap.ui.register import format_register
from gzmap.ui.words import LANGS
from tests.ui_support import read, small, small_root

__all__ = ["small", "small_root"]


@pytest.mark.parametrize("lang", LANGS)
def test_every_plan_feature_and_every_source_is_told(atlas: Atlas, lang: str) -> None:
    page = read(format_register(atlas, lang))
    linked = [json.loads(a.attrs["data-go"])["id"] for a in page.find("a") if "data-go" in a.attrs]
    plan = [f.feature_id for f in atlas.features.values() if atlas.entry_of(f).kind == "plan"]
    assert sorted(linked) == sorted(plan)
    titles = " ".join(page.texts("li"))
    for source in atlas.catalog.sources.values():
        title = source.get("title_en") if lang == "en" and source.get("title_en") else source["title"]
        assert " ".join(format_display(title).split()) in titles
    assert len(page.find("section")) == len(atlas.layers)


def test_methods_counts_and_worst_errors(small: Atlas) -> None:
    page = read(format_register(small, "zh"))
    told = dict(zip(page.texts("h3"), page.texts("section"), strict=True))
    assert "已落位 2 / 3 · 最大误差 300 米 · 对照资料人工描绘 2、示意 1" in told["parks"]
    assert "已落位 2 / 2 · 最大误差 500 米" in told["spots"]
    assert page.texts("h2") == ["纲要图层", "底图", "来源登记"]
    assert "无名谷对照资料人工描绘纲要与公开资料未给出位置，未落图。" in told["parks"].replace(" ", "")


def test_a_broken_layer_is_left_out(small_root: Path) -> None:
    (small_root / "layers/spots.geojson").write_text("{", encoding="utf-8")
    assert "spots" not in read(format_register(read_atlas(small_root), "zh")).texts("h3")


def test_links_are_safe_and_lead_to_known_hosts(atlas: Atlas) -> None:
    links = [a for a in read(format_register(atlas, "zh")).find("a") if "://" in a.attrs["href"]]
    assert links
    for link in links:
        host = urlsplit(link.attrs["href"]).hostname
        assert any(host == h.lstrip(".") or host.endswith("." + h.lstrip(".")) for h in LINK_HOSTS), host
        assert link.attrs["rel"] == "noopener noreferrer"
        assert link.attrs["target"] == "_blank"


def test_second_hand_sources_are_marked_and_never_linked(atlas: Atlas) -> None:
    for item in read(format_register(atlas, "zh")).find("li"):
        source = next(
            s for s in atlas.catalog.sources.values() if item.text.strip().startswith(format_display(s["title"]))
        )
        assert ("二手来源，待核实" in item.text) == (source["kind"] == "secondary")
        assert ("凭记忆" in item.text) or source["kind"] != "memory"
