"""References by GB/T 7714, against lines written by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.errors import NotFoundError, QueryError
from gzmap.query.citations import EDITIONS, NOTES, CitedPlace, build_citation, format_place
from tests.makers import edit_json, make_project, name_in_headings

DAY = date(2026, 11, 22)
PARAGRAPH, FEATURE = "chp_4__sec_1__para_2", "waterways.w009"


def cite(atlas: Atlas, cited_id: str, **wanted: str) -> object:
    return build_citation(atlas, cited_id, accessed=DAY, **wanted)


# --- by hand


def test_a_paragraph_with_its_permanent_link(atlas: Atlas) -> None:
    citation = cite(atlas, PARAGRAPH, link=f"https://map.example.cn/text?para={PARAGRAPH}")
    assert citation.plan.text == (
        "广州市生态环境局. 美丽广州建设规划纲要(2025-2035年)：公开征求意见稿[EB/OL]. （2025-09-23）[2026-11-22]. "
        "https://map.example.cn/text?para=chp_4__sec_1__para_2."
    )
    assert citation.plan.notes == ("formal_exists",)
    assert citation.shown is None
    [place] = citation.places
    assert (place.para_id, place.text) == (PARAGRAPH, "第四章（一）第2段")
    assert place.quotes[0].startswith("促进山水景观连续交融。依托珠江水系等重要水系和生态廊道，建设“三纵五横”")


def test_the_edition_of_2015_has_half_width_marks(atlas: Atlas) -> None:
    citation = cite(atlas, PARAGRAPH, link=f"https://map.example.cn/text?para={PARAGRAPH}", edition="2015")
    assert citation.plan.text == (
        "广州市生态环境局. 美丽广州建设规划纲要(2025-2035年): 公开征求意见稿[EB/OL]. (2025-09-23)[2026-11-22]. "
        "https://map.example.cn/text?para=chp_4__sec_1__para_2."
    )


def test_without_a_link_the_address_is_the_issuers_and_that_is_told(atlas: Atlas) -> None:
    citation = cite(atlas, PARAGRAPH)
    assert citation.plan.text.endswith("[EB/OL]. （2025-09-23）[2026-11-22]. https://sthjj.gz.gov.cn/.")
    assert citation.plan.notes == ("home_page", "formal_exists")


def test_a_feature_cites_the_plan_and_its_own_page(atlas: Atlas) -> None:
    citation = cite(atlas, FEATURE, link=f"https://map.example.cn/?feature={FEATURE}")
    entered = atlas.features[FEATURE].properties["entered"]
    assert citation.plan.text.startswith("广州市生态环境局. 美丽广州建设规划纲要(2025-2035年)：公开征求意见稿[EB/OL]. ")
    assert citation.shown.text == (
        f"美丽广州规划地图：流溪河（waterways.w009）[EB/OL]. （{entered}）[2026-11-22]. "
        "https://map.example.cn/?feature=waterways.w009."
    )
    assert citation.shown.notes == ("no_author",)
    assert citation.places == (
        CitedPlace(
            "chp_4__sec_3__para_2",
            "第四章（三）第2段",
            (
                "推进东江、流溪河、狮子洋等飞鸟鱼虫带修复，保育东亚-澳大利西亚候鸟迁飞通道、珠三角水鸟生态廊道，"
                "开展南沙湿地、海鸥岛、海珠湿地等关键节点栖息地生境修复。",
            ),
        ),
        CitedPlace(
            "chp_4__sec_3__para_3",
            "第四章（三）第3段",
            ("开展流溪河、增江等重要水体水生生物调查评估，实施重点流域、海岸带和典型海洋生态系统健康评估。",),
        ),
    )


def test_a_feature_with_somebody_responsible_in_2015(atlas: Atlas) -> None:
    citation = cite(atlas, FEATURE, author="某规划院", edition="2015")
    entered = atlas.features[FEATURE].properties["entered"]
    assert citation.shown.text == f"某规划院. 美丽广州规划地图: 流溪河(waterways.w009)[EB/OL]. ({entered})[2026-11-22]."
    assert citation.shown.notes == ("no_path",)


def test_what_has_no_evidence_is_cited_as_shown_only(atlas: Atlas) -> None:
    citation = cite(atlas, "districts.440112")
    assert (citation.plan, citation.places) == (None, ())
    assert citation.shown.text.startswith("美丽广州规划地图：黄埔区（districts.440112）[EB/OL]. ")


@pytest.mark.parametrize(
    ("para_id", "text"),
    [
        ("front__line_3", "卷首第3行"),
        ("chp_4", "第四章标题"),
        ("chp_8__sec_2", "第八章（二）标题"),
        ("chp_9__sec_2__para_1", "第九章（二）第1段"),
    ],
)
def test_where_a_passage_stands(atlas: Atlas, para_id: str, text: str) -> None:
    assert format_place(atlas, para_id) == text
    assert cite(atlas, para_id).places[0].text == text


# --- what is not known


def test_nothing_is_made_up(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    edit_json(
        project / "geodata/plan/meta.json",
        lambda meta: [meta.pop(key) for key in ("issuer", "edition", "edition_date")],
    )
    citation = cite(read_atlas(project), "chp_1__sec_1__para_1")
    assert citation.plan.text == "某市建设规划[EB/OL]. [2026-11-22]."
    assert citation.plan.notes == ("no_author", "no_date", "no_path")
    assert set(citation.plan.notes) <= set(NOTES)


def test_a_sentence_with_two_mentions_is_quoted_once(tmp_path: Path) -> None:
    atlas = read_atlas(make_project(tmp_path))
    [place] = cite(atlas, "spots.b001").places
    assert place.quotes == ("高标准建设白云区、黄埔区等新型储能产业园，联通帽峰山。",)


def test_mentions_are_no_evidence(tmp_path: Path) -> None:
    atlas = read_atlas(name_in_headings(make_project(tmp_path)))
    assert [place.para_id for place in cite(atlas, "parks.p001").places] == ["chp_1__sec_1__para_1"]


@pytest.mark.parametrize(
    ("cited_id", "wanted", "error", "told"),
    [
        ("waterways.w99", {}, NotFoundError, r"'waterways\.w99' .*did you mean 'waterways\."),
        ("chp_99", {}, NotFoundError, "'chp_99' is not in the map or the plan"),
        (PARAGRAPH, {"edition": "2005"}, QueryError, r"no edition '2005' here; there are 2015, 2025\."),
        (PARAGRAPH, {"link": "map.example.cn"}, QueryError, "is no address; write it like https://"),
        (PARAGRAPH, {"link": "javascript:alert(1)"}, QueryError, "is no address"),
        (PARAGRAPH, {"link": "https://map.example.cn/a b"}, QueryError, "is no address"),
    ],
)
def test_what_cannot_be_cited(atlas: Atlas, cited_id: str, wanted: dict, error: type, told: str) -> None:
    with pytest.raises(error, match=told):
        cite(atlas, cited_id, **wanted)


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_passage_and_every_feature_can_be_cited(atlas: Atlas, edition: str) -> None:
    for para_id in atlas.document.passages:
        citation = cite(atlas, para_id, edition=edition)
        assert citation.plan.text.count("[EB/OL]") == 1
        assert len(citation.places) == 1
    for feature_id in atlas.features:
        assert feature_id in cite(atlas, feature_id, edition=edition).shown.text
