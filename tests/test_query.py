"""Questions to an atlas: by words and by place."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmap.atlas import Atlas, read_atlas
from gzmap.errors import NotFoundError, QueryError
from gzmap.mentions import build_mention, dump_mentions
from gzmap.query import (
    find_at,
    find_drawn,
    find_evidence,
    find_neighbours,
    find_text,
    find_unlocated,
)
from tests.makers import (
    default_layers,
    make_feature,
    make_mention,
    make_points,
    make_project,
    make_square,
    name_in_headings,
)

# One metre in degrees, near enough for distances of some metres around 23.15 N.
M_NORTH = 1 / 110_750
M_EAST = 1 / 102_350


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    return read_atlas(make_project(tmp_path_factory.mktemp("small")))


def open_with(folder: Path, *features: dict, layer: str = "spots") -> Atlas:
    """An atlas with the districts and one plan layer of these features."""
    layers = {"districts": default_layers()["districts"], layer: list(features)}
    return read_atlas(make_project(folder, layers, mentions=[]))


# --- find_text


@pytest.mark.parametrize("query", ["帽峰山", "maofengshan", "mfs", "帽峯山", "MAOFENG SHAN", "帽 峰 山"])
def test_feature_comes_before_its_label(small: Atlas, query: str) -> None:
    hits = find_text(small, query)
    assert [(h.kind, h.id) for h in hits[:2]] == [("feature", "parks.p001"), ("label", "labels.l001")]
    assert (hits[0].name, hits[0].layer_id, hits[0].district) == ("帽峰山", "parks", "白云区")
    assert (hits[0].lon, hits[0].lat) == (113.25, 23.15)


def test_words_find_features_and_their_paragraph(small: Atlas) -> None:
    hits = find_text(small, "储能")
    assert [h.id for h in hits] == ["spots.b001", "spots.b002", "chp_2__sec_1__para_1"]
    paragraph = small.document.paragraphs[hits[2].para_id]
    assert paragraph.text[hits[2].start : hits[2].end] == "储能"
    assert hits[2].name == "积极培育新兴绿色低碳产业"


def test_title_hits_come_before_text_hits(small: Atlas) -> None:
    kinds = [(h.id, h.score) for h in find_text(small, "产业") if h.kind == "paragraph"]
    assert kinds[0][0] == "chp_2__sec_1__para_1"
    first, second = (find_text(small, q)[0].score for q in ("培育新兴", "恢复生机"))
    assert first > second


def test_section_title_alone_has_no_span(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    plan = tmp_path / "geodata/plan/plan.txt"
    long_lead = "这一段的第一句话特别长长长长长长长长长长长长长长长长长长长长长长长长长长长长长,所以标题取自小节。"
    plan.write_text(f"某市\n\n第一章 山水\n\n(一)独特标题\n\n{long_lead}\n", encoding="utf-8")
    hits = find_text(read_atlas(project), "独特标题")
    assert [(h.kind, h.start, h.end) for h in hits] == [("paragraph", None, None)]


@pytest.mark.parametrize(
    ("query", "words"),
    [("東濠沖", "东濠涌"), ("三 河 六 岸", "三河六岸"), ("，恢复", "恢复"), ("帽峰山、白云湖", "帽峰山、白云湖")],
)
def test_paragraph_spans_are_in_the_text_as_written(small: Atlas, query: str, words: str) -> None:
    hit = next(h for h in find_text(small, query) if h.kind == "paragraph")
    assert small.document.paragraphs[hit.para_id].text[hit.start : hit.end] == words


def test_districts_are_labels(small: Atlas) -> None:
    hits = find_text(small, "huangpu")
    assert ("label", "districts.440112") in [(h.kind, h.id) for h in hits]
    assert ("feature", "spots.b002") in [(h.kind, h.id) for h in hits]


def test_english_name_and_unlocated_feature(small: Atlas) -> None:
    assert find_text(small, "maofeng mountain")[0].id == "parks.p001"
    hit = find_text(small, "无名谷")[0]
    assert (hit.id, hit.lon, hit.lat) == ("parks.p003", None, None)


@pytest.mark.parametrize("query", ["", "   ", "`", "火星基地", "空", "xyzzy", "\0", "🌳"])
def test_nothing_found_is_empty(small: Atlas, query: str) -> None:
    assert find_text(small, query) == ()


@given(st.text(max_size=300))
def test_any_text_may_be_searched(small: Atlas, query: str) -> None:
    hits = find_text(small, query)
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert len({(h.kind, h.id) for h in hits}) == len(hits)


def test_limit(small: Atlas) -> None:
    assert len(find_text(small, "山", limit=1)) == 1
    with pytest.raises(QueryError, match="limit"):
        find_text(small, "山", limit=0)


def test_hostile_names_are_found_as_they_are(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>", "`a`b", "=cmd|'x'", "🌳园", "长" * 300, 'O\'Brien "庄"']
    features = [make_feature(f"spots.b{i:03d}", name, None) for i, name in enumerate(names)]
    atlas = open_with(tmp_path, *features)
    for feature, name in zip(features, names, strict=True):
        assert (find_text(atlas, name)[0].id, find_text(atlas, name)[0].name) == (feature["id"], name)


# --- find_at


def places(atlas: Atlas, lon: float, lat: float, **how: float) -> dict[str, tuple[str, str]]:
    return {p.id: (p.relation, p.certainty) for p in find_at(atlas, lon, lat, **how)}


def test_inside_is_certain_away_from_the_edge(small: Atlas) -> None:
    assert places(small, 113.25, 23.15) == {
        "parks.p001": ("contains", "certain"),
        "districts.440111": ("contains", "certain"),
    }


@pytest.mark.parametrize(("inset_m", "certainty"), [(45, "possible"), (55, "certain")])
def test_inside_near_the_edge_is_possible(small: Atlas, inset_m: float, certainty: str) -> None:
    assert places(small, 113.24 + inset_m * M_EAST, 23.15)["parks.p001"] == ("contains", certainty)


@pytest.mark.parametrize(
    ("off_m", "radius_m", "found"),
    [
        (45, 0, ("near", "possible")),
        (55, 0, None),
        (100, 40, None),
        (100, 60, ("near", "possible")),
        (100, 145, ("near", "possible")),
        (100, 155, ("near", "certain")),
    ],
)
def test_outside_follows_distance_accuracy_and_radius(
    small: Atlas, off_m: float, radius_m: float, found: tuple
) -> None:
    assert places(small, 113.24 - off_m * M_EAST, 23.15, radius_m=radius_m).get("parks.p001") == found


def test_distance_is_planar_metres(small: Atlas) -> None:
    place = next(p for p in find_at(small, 113.24 - 100 * M_EAST, 23.15, radius_m=200) if p.id == "parks.p001")
    assert place.distance_m == pytest.approx(100, abs=0.5)
    assert place.area_m2 == pytest.approx(2_047 * 2_215, rel=0.01)


def test_schematic_is_never_certain(small: Atlas) -> None:
    assert places(small, 113.22, 23.12)["parks.p002"] == ("contains", "possible")
    assert places(small, 113.25, 23.12, radius_m=20_000)["parks.p002"] == ("near", "possible")


def test_a_point_of_low_accuracy_is_a_disc(small: Atlas) -> None:
    assert places(small, 113.27, 23.17 + 490 * M_NORTH)["spots.b001"] == ("contains", "possible")
    assert "spots.b001" not in places(small, 113.27, 23.17 - 510 * M_NORTH)
    assert places(small, 113.27, 23.17 - 510 * M_NORTH, radius_m=20)["spots.b001"] == ("near", "possible")
    assert places(small, 113.27, 23.17 - 600 * M_NORTH, radius_m=1_200)["spots.b001"] == ("near", "certain")


def test_a_point_of_high_accuracy_is_a_pin(small: Atlas) -> None:
    place = find_at(small, 113.37, 23.17 + 50 * M_NORTH)[-1]
    assert (place.id, place.relation, place.certainty, place.area_m2) == ("spots.b002", "near", "possible", 0.0)


def test_parts_have_their_own_accuracy(tmp_path: Path) -> None:
    parts = make_points((113.22, 23.12), (113.26, 23.16), (113.28, 23.18))
    atlas = open_with(tmp_path, make_feature("spots.b001", "园", parts, accuracy_m=1800, part_acc="1800|400|50"))
    assert places(atlas, 113.22, 23.12 + 1_700 * M_NORTH)["spots.b001"] == ("contains", "possible")
    assert places(atlas, 113.26, 23.16 + 390 * M_NORTH)["spots.b001"] == ("contains", "possible")
    assert "spots.b001" not in places(atlas, 113.26, 23.16 + 450 * M_NORTH)
    assert places(atlas, 113.28, 23.18 + 40 * M_NORTH)["spots.b001"] == ("near", "possible")
    place = next(p for p in find_at(atlas, 113.26, 23.16) if p.kind == "feature")
    assert place.area_m2 == pytest.approx(math.pi * (1800**2 + 400**2))


def test_parts_without_accuracies_take_the_feature_s(tmp_path: Path) -> None:
    parts = make_points((113.22, 23.12), (113.26, 23.16))
    for number, stated in enumerate(("", "400", "a|b", None)):
        folder = tmp_path / str(number)
        atlas = open_with(folder, make_feature("spots.b001", "园", parts, accuracy_m=900, part_acc=stated))
        assert places(atlas, 113.26, 23.16 + 800 * M_NORTH)["spots.b001"] == ("contains", "possible")


def test_wide_features_are_told_last_and_only_inside(tmp_path: Path) -> None:
    wide = make_feature("spots.b001", "片区", make_square(113.21, 23.11), accuracy_m=5_000)
    disc = make_feature("spots.b002", "大致", make_points((113.22, 23.12)), accuracy_m=3_000)
    folders = [tmp_path / name for name in ("area", "disc")]
    area, round_one = (open_with(folder, f) for folder, f in zip(folders, (wide, disc), strict=True))
    last = find_at(area, 113.22, 23.12)[-1]
    assert (last.id, last.wide, last.relation, last.certainty) == ("spots.b001", True, "contains", "possible")
    assert "spots.b001" not in places(area, 113.24, 23.12, radius_m=50_000)
    assert find_at(round_one, 113.22, 23.12 + 2_900 * M_NORTH)[-1].wide
    assert "spots.b002" not in places(round_one, 113.22, 23.12 + 3_100 * M_NORTH, radius_m=50_000)


def test_unknown_accuracy_is_never_certain(tmp_path: Path) -> None:
    atlas = open_with(tmp_path, make_feature("spots.b001", "园", make_square(113.21, 23.11), accuracy_m=None))
    place = find_at(atlas, 113.22, 23.12)[-1]
    assert (place.wide, place.certainty) == (True, "possible")


def test_a_shared_border_belongs_to_both_districts(small: Atlas) -> None:
    at_border = places(small, 113.3, 23.15)
    assert at_border["districts.440111"] == at_border["districts.440112"] == ("contains", "possible")


def test_districts_are_never_near(small: Atlas) -> None:
    assert not any(p.kind == "district" for p in find_at(small, 113.19, 23.15, radius_m=50_000))


def test_smallest_and_most_certain_first(tmp_path: Path) -> None:
    around = [
        make_feature("spots.b001", "大", make_square(113.21, 23.11, 0.06)),
        make_feature("spots.b002", "小", make_square(113.23, 23.13, 0.02)),
        make_feature("spots.b003", "小示意", make_square(113.235, 23.135, 0.01), method="schematic"),
        make_feature("spots.b004", "片", make_square(113.239, 23.139, 0.002), accuracy_m=2_001),
        make_feature("spots.b005", "小二", make_square(113.23, 23.13, 0.02)),
    ]
    found = [p.id for p in find_at(open_with(tmp_path, *around), 113.24, 23.14)]
    assert found == ["spots.b002", "spots.b005", "spots.b001", "districts.440111", "spots.b003", "spots.b004"]


@pytest.mark.parametrize(("lon", "lat"), [(-1, 2), (180, 90), (-180, -90), (-66, -23), (0, 0)])
def test_far_away_is_empty(small: Atlas, lon: float, lat: float) -> None:
    assert find_at(small, lon, lat, radius_m=1_000) == ()
    assert find_drawn(small, lon, lat, tolerance_m=1_000) == ()


@pytest.mark.parametrize(
    ("lon", "lat", "reach_m"),
    [
        (math.nan, 23, 0),
        (113, math.inf, 0),
        (113, 23, math.nan),
        (113, 23, math.inf),
        (113, 23, -1),
        (181, 23, 0),
        (23, 113, 0),
    ],
)
def test_bad_questions_are_refused(small: Atlas, lon: float, lat: float, reach_m: float) -> None:
    with pytest.raises(QueryError):
        find_at(small, lon, lat, radius_m=reach_m)
    with pytest.raises(QueryError):
        find_drawn(small, lon, lat, tolerance_m=reach_m)


def test_layers_without_geometry_or_features(tmp_path: Path) -> None:
    atlas = read_atlas(
        make_project(tmp_path, {"spots": [make_feature("spots.b001", "谷", None)], "parks": []}, mentions=[])
    )
    assert find_at(atlas, 113.2, 23.1, radius_m=1_000) == ()
    assert find_drawn(atlas, 113.2, 23.1, tolerance_m=10) == ()


def test_a_flipped_feature_does_not_stop_the_others(tmp_path: Path) -> None:
    flipped = {"type": "MultiPolygon", "coordinates": [[[[23.1, 113.2], [23.2, 113.2], [23.2, 113.3], [23.1, 113.2]]]]}
    atlas = open_with(
        tmp_path,
        make_feature("spots.b001", "反", flipped),
        make_feature("spots.b002", "园", make_square(113.21, 23.11)),
    )
    assert "spots.b002" in places(atlas, 113.22, 23.12)


# --- find_drawn


def test_drawn_is_within_the_tolerance(small: Atlas) -> None:
    east = 113.32 + 15 * M_EAST
    assert [p.id for p in find_drawn(small, east, 23.15, tolerance_m=20)] == ["streams.s001"]
    assert find_drawn(small, east, 23.15, tolerance_m=10) == ()


def test_drawn_tells_discs_polygons_and_no_districts(small: Atlas) -> None:
    assert [p.id for p in find_drawn(small, 113.25, 23.15, tolerance_m=0)] == ["parks.p001"]
    assert [p.id for p in find_drawn(small, 113.27, 23.17 + 499 * M_NORTH, tolerance_m=0)] == ["spots.b001"]
    assert [p.id for p in find_drawn(small, 113.27, 23.17 + 505 * M_NORTH, tolerance_m=10)] == ["spots.b001"]
    assert find_drawn(small, 113.27, 23.17 + 520 * M_NORTH, tolerance_m=10) == ()


def test_drawn_takes_wide_lines(tmp_path: Path) -> None:
    line = {"type": "MultiLineString", "coordinates": [[[113.22, 23.11], [113.22, 23.19]]]}
    atlas = open_with(tmp_path, make_feature("spots.b001", "廊道", line, accuracy_m=4_000))
    (place,) = find_drawn(atlas, 113.22, 23.15, tolerance_m=5)
    assert (place.wide, place.relation, place.certainty) == (True, "near", "possible")
    assert "spots.b001" not in places(atlas, 113.22, 23.15, radius_m=5)


def test_drawn_layers(small: Atlas) -> None:
    assert find_drawn(small, 113.25, 23.15, tolerance_m=5, layer_ids=["spots", "districts"]) == ()
    assert len(find_drawn(small, 113.25, 23.15, tolerance_m=5, layer_ids=["parks"])) == 1
    assert find_drawn(small, 113.25, 23.15, tolerance_m=5, layer_ids=[]) == ()
    with pytest.raises(NotFoundError, match="did you mean 'parks'"):
        find_drawn(small, 113.25, 23.15, tolerance_m=5, layer_ids=["park"])


def test_drawn_is_fast_in_a_large_layer(tmp_path: Path) -> None:
    squares = [
        make_feature(
            f"spots.q{i:05d}", f"地块{i}", make_square(113 + (i % 200) * 0.004, 22.7 + (i // 200) * 0.008, 0.003)
        )
        for i in range(20_000)
    ]
    atlas = open_with(tmp_path, *squares)
    find_drawn(atlas, 113.0015, 22.7015, tolerance_m=5)
    started = time.perf_counter()
    assert [p.id for p in find_drawn(atlas, 113.0015, 22.7015, tolerance_m=5)] == ["spots.q00000"]
    # Under a millisecond on two cores; the bound only catches a search that touches every polygon.
    assert time.perf_counter() - started < 0.05


# --- find_evidence, find_neighbours, find_unlocated


def test_evidence_first_with_its_sentence(small: Atlas) -> None:
    found = find_evidence(small, "parks.p001")
    assert [(e.para_id, e.role) for e in found] == [
        ("chp_1__sec_1__para_1", "evidence"),
        ("chp_2__sec_1__para_1", "mention"),
    ]
    first = found[0]
    text = small.document.paragraphs[first.para_id].text
    assert text[first.start : first.end] == first.exact == "帽峰山"
    assert text[slice(*first.sentence)] == "保育帽峰山、白云湖,守护无名谷。"
    assert (first.chapter, first.section, first.method) == ("山水骨架", "山", "manual")


def test_headings_are_told_with_their_whole_line(tmp_path: Path) -> None:
    atlas = read_atlas(name_in_headings(make_project(tmp_path)))
    told = {e.para_id: e for e in find_evidence(atlas, "parks.p001") if e.para_id in atlas.document.places}
    assert list(told)[:3] == ["chp_1__sec_1__para_1", "front__line_1", "chp_1__sec_1"]
    places = {i: (e.chapter, e.section) for i, e in told.items()}
    assert places["front__line_1"] == ("", "")
    assert places["chp_2"] == ("帽峰山产业平台", "")
    assert places["chp_1__sec_1"] == ("山水骨架", "保育帽峰山")
    for passage_id in ("front__line_1", "chp_2", "chp_1__sec_1"):
        text = atlas.document.passages[passage_id]
        assert told[passage_id].sentence == (0, len(text))
        assert text[told[passage_id].start : told[passage_id].end] == "帽峰山"


def test_a_heading_taken_as_evidence_has_its_neighbours(tmp_path: Path) -> None:
    root = name_in_headings(make_project(tmp_path))
    document = read_atlas(root).document
    said = [("parks.p001", "evidence"), ("parks.p002", "mention")]
    own = [make_mention(document, i, "chp_2", "帽峰山", role=role) for i, role in said]
    (root / "layers/mentions.jsonl").write_text(dump_mentions(own), encoding="utf-8")
    assert [f.name for f in find_neighbours(read_atlas(root), "parks.p001")] == ["白云湖"]


def test_evidence_of_an_enumeration_has_two_spans(small: Atlas) -> None:
    assert [e.exact for e in find_evidence(small, "spots.b002")] == ["黄埔区", "新型储能产业园"]


def test_base_features_have_no_evidence(small: Atlas) -> None:
    assert find_evidence(small, "districts.440111") == ()
    assert find_neighbours(small, "districts.440111") == ()


@pytest.mark.parametrize("question", [find_evidence, find_neighbours])
def test_unknown_features_are_not_found(small: Atlas, question: object) -> None:
    with pytest.raises(NotFoundError, match=r"did you mean 'parks\.p001'"):
        question(small, "parks.p01")


def test_stale_quotes_are_left_out(tmp_path: Path) -> None:
    atlas = read_atlas(make_project(tmp_path))
    plan = tmp_path / "geodata/plan/plan.txt"
    plan.write_text(plan.read_text(encoding="utf-8").replace("保育帽峰山", "好好保育帽峰山"), encoding="utf-8")
    assert [e.role for e in find_evidence(atlas, "parks.p001")] == ["evidence", "mention"]
    assert [e.role for e in find_evidence(read_atlas(tmp_path), "parks.p001")] == ["mention"]


def test_neighbours_stand_in_the_same_evidence(small: Atlas) -> None:
    assert [f.name for f in find_neighbours(small, "parks.p001")] == ["白云湖", "无名谷"]
    assert [f.feature_id for f in find_neighbours(small, "spots.b002")] == ["spots.b001", "parks.p001"]
    assert find_neighbours(small, "streams.s001") == ()


def test_neighbours_pass_over_features_that_are_gone(tmp_path: Path) -> None:
    atlas = read_atlas(make_project(tmp_path))
    paragraph = atlas.document.paragraphs["chp_1__sec_2__para_1"]
    ghost = build_mention("streams.gone", paragraph, (0, 2))
    root = make_project(tmp_path / "two", mentions=[*atlas.mentions, ghost])
    assert find_neighbours(read_atlas(root), "streams.s001") == ()


def test_unlocated(small: Atlas) -> None:
    assert [f.feature_id for f in find_unlocated(small)] == ["parks.p003"]


def test_each_atlas_has_its_own_index(small: Atlas, tmp_path: Path) -> None:
    other = open_with(tmp_path, make_feature("spots.b001", "新地方", make_square(113.24, 23.14)))
    assert find_text(small, "新地方") == ()
    assert find_text(other, "新地方")[0].id == "spots.b001"
    assert "parks.p001" in places(small, 113.25, 23.15)
    assert "spots.b001" in places(other, 113.25, 23.15)
