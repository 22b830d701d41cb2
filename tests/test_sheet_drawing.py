"""The map's drawing: marks cut at the sheet, their signs, hatching, and names that never stand over one another."""

from __future__ import annotations

import itertools
import math
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gzmap.atlas import Atlas
from gzmap.config import DISC_ACCURACY_M
from gzmap.sheet.compose import build_draft
from gzmap.sheet.drawing import build_path, draw_mark, find_hatching, number
from gzmap.sheet.frames import build_frame, build_layout
from gzmap.sheet.labels import draw_labels, list_labels
from gzmap.sheet.legend import build_legend
from gzmap.sheet.marks import BEYOND_MM, PX_MM, SheetLayer, find_layers, order_layers
from gzmap.sheet.placing import EDGE_MM, Label, Placed, measure_text, place_labels
from gzmap.sheet.views import SheetView
from tests.sheet_makers import make_own, make_view, put_layer

SIZE = (200.0, 150.0)
INK = (34, 34, 34)
NUMBERS = st.floats(0, 200).map(lambda value: round(value, 3))  # as fine as a sheet is drawn


def find_all(atlas: Atlas, **members: object) -> tuple[tuple[SheetLayer, ...], SheetView]:
    view = make_view(atlas, **{"layer_ids": tuple(atlas.catalog.entries), "paper": "A3", "landscape": True, **members})
    frame = build_frame(view, build_layout(view.paper, landscape=view.landscape))
    return find_layers(atlas, view, frame), view


# --- marks


def test_marks_are_cut_a_little_outside_the_map(atlas: Atlas) -> None:
    layers, view = find_all(atlas, center=(113.3, 23.1), scale=50_000)
    frame = build_frame(view, build_layout("A3", landscape=True))
    box = shapely.box(-BEYOND_MM, -BEYOND_MM, frame.width_mm + BEYOND_MM, frame.height_mm + BEYOND_MM).buffer(0.1)
    shapes = [m.shape for layer in layers for m in layer.marks if m.shape.geom_type != "Point"]
    assert len(shapes) > 20
    assert all(shapely.covers(box, shape) for shape in shapes)


def test_points_are_pins_or_discs_of_their_uncertainty(atlas: Atlas) -> None:
    at = [shapely.Point(113.3, 23.1)] * 3
    made = put_layer(atlas, "hot_springs", at, accuracy_m=[DISC_ACCURACY_M, DISC_ACCURACY_M + 1, None])
    two = shapely.MultiPoint([(113.3, 23.1), (113.31, 23.1)])
    made = put_layer(made, "energy_parks", [two], accuracy_m=[50], part_acc=["5000|"])
    layers, _ = find_all(made, layer_ids=("hot_springs", "energy_parks"), center=(113.3, 23.1), scale=50_000)
    discs = [[m.rule.disc for m in layer.marks] for layer in layers]
    assert discs == [[False, True, False], [True, False]]
    assert layers[0].marks[1].radius_mm == pytest.approx(301 * 1000 / 50_000)
    assert layers[0].marks[0].radius_mm == pytest.approx(layers[0].marks[0].rule.radius_px * PX_MM)
    assert layers[1].marks[0].radius_mm == pytest.approx(100)


def test_a_disc_that_reaches_into_the_map_is_drawn(atlas: Atlas) -> None:
    for accuracy_m, count in ((21_000, 1), (10_000, 0)):
        made = put_layer(atlas, "hot_springs", [shapely.Point(113.5, 23.1)], accuracy_m=[accuracy_m])
        [layer], _ = find_all(made, layer_ids=("hot_springs",), center=(113.3, 23.1), scale=10_000)
        assert len(layer.marks) == count


def test_methods_decide_as_on_the_page(atlas: Atlas) -> None:
    methods = ["official", "digitized", "derived", "schematic", None]
    made = put_layer(atlas, "waterways", [shapely.LineString([(113.2, 23.1), (113.4, 23.1)])] * 5, method=methods)
    [layer], _ = find_all(made, layer_ids=("waterways",), center=(113.3, 23.1), scale=100_000)
    assert [m.rule.method for m in layer.marks] == ["", "", "derived", "schematic", ""]
    drawn = [ElementTree.fromstring(draw_mark(m)) for m in layer.marks]
    widths = [float(path.get("stroke-width")) for path in drawn]
    assert widths[2] < widths[0] == widths[3]
    assert [path.get("stroke-dasharray") is not None for path in drawn] == [False, False, False, True, False]


def test_fields_of_own_layers_mean_nothing_to_us(atlas: Atlas) -> None:
    """What a planner's file calls method or accuracy is another thing: all of it is drawn as known."""
    shapes = [shapely.Point(113.3, 23.1), shapely.box(113.2, 23.0, 113.3, 23.1)]
    fields = {"method": ["schematic", 5], "accuracy_m": ["约5米", None], "rank": [None, "x"], "part_acc": [1, 2]}
    own = make_own(shapes, names=["甲", "乙"], style={"hatch": True}, **fields)
    [layer], _ = find_all(atlas, layer_ids=(), own=(own,), center=(113.3, 23.1), scale=100_000)
    assert [(m.name, m.rule.method, m.rule.disc) for m in layer.marks] == [("乙", "", None), ("甲", "", False)]
    assert [m.feature_id for m in layer.marks] == [f"own.控规用地.{n:016x}" for n in (1, 0)]
    assert layer.is_own


def test_layers_are_ordered_as_in_the_list_of_the_page(atlas: Atlas) -> None:
    own = make_own([shapely.Point(113.3, 23.1)])
    layers, _ = find_all(atlas, own=(own,))
    themes = [layer.entry.theme for layer in order_layers(atlas.catalog, layers)]
    ordered = [theme for theme, _ in itertools.groupby(themes)]
    assert ordered == ["own", *(t["id"] for t in reversed(atlas.catalog.themes) if t["id"] in themes)]


# --- drawing


def test_numbers_are_short_and_never_in_powers() -> None:
    assert [number(v) for v in (0, 1.5, 1e-9, 12.3456, -0.0004, 1e6)] == ["0", "1.5", "0", "12.346", "-0", "1000000"]


def test_paths_keep_holes_and_close_rings() -> None:
    ring = shapely.box(0, 0, 10, 10) - shapely.box(2, 2, 4, 4)
    path = build_path(ring)
    assert path.count("M") == path.count("Z") == 2
    assert build_path(shapely.LineString([(0, 0), (1, 1)])) == "M0 0L1 1"
    assert build_path(shapely.Point(1, 1)) == ""
    mixed = shapely.GeometryCollection(
        [shapely.Point(0, 0), shapely.MultiLineString([[(0, 0), (1, 0)], [(2, 0), (3, 0)]])]
    )
    assert build_path(mixed) == "M0 0L1 0M2 0L3 0"


@given(st.tuples(NUMBERS, NUMBERS), st.floats(0.5, 60), st.floats(0.3, 5))
def test_hatching_fills_an_area_and_nothing_else(at: tuple[float, float], side: float, spacing: float) -> None:
    area = shapely.box(at[0], at[1], at[0] + side, at[1] + side) - shapely.Point(at).buffer(side / 3)
    lines = find_hatching(area, spacing)
    assert shapely.difference(lines, area.buffer(1e-6)).is_empty
    # Lines a spacing apart have the area over the spacing as their length, but for the edges.
    assert lines.length == pytest.approx(area.area / spacing, abs=3 * side * math.sqrt(2))
    for line in shapely.get_parts(lines):
        (x0, y0), (x1, y1) = shapely.get_coordinates(line)[[0, -1]]
        assert x0 + y0 == pytest.approx(x1 + y1, abs=1e-6)
        assert round((x0 + y0) / (spacing * 2**0.5)) * spacing * 2**0.5 == pytest.approx(x0 + y0, abs=1e-6)


def test_every_picture_of_a_sheet_is_well_formed(atlas: Atlas) -> None:
    own = make_own([shapely.Point(113.3, 23.1).buffer(0.01)], title="</svg>&\x00", names=["<a href='x'>\ufffe"])
    view = make_view(
        atlas, own=(own,), permalink="https://例子.cn/?a=<b>&c", selected=atlas.layers["mountains"].index[0]
    )
    content = build_draft(atlas, view, 'Font & "Co"').content
    pictures = [content["map"], content["qr"], *(row for row in content["legend"] if "svg" in row)]
    assert len(pictures) > 10
    for picture in pictures:
        ElementTree.fromstring(picture["svg"])
    assert "<a href" not in content["map"]["svg"]


def test_the_legend_draws_each_way_in_which_a_layer_is_drawn(atlas: Atlas) -> None:
    layers, view = find_all(atlas)
    rows = build_legend(atlas.catalog, layers, view)
    told = {row["text"]: row for row in rows if row["kind"] == "row"}
    assert told["河流水道"]["svg"].count("<path") == len(set(atlas.layers["waterways"]["method"]))
    heads = [row["text"] for row in rows if row["kind"] == "head"]
    assert heads[-1] == "表示方法"
    assert heads[-2] == "底图"
    assert len(set(heads)) == len(heads)


# --- names


def boxes_of(placed: list[Placed]) -> list[tuple]:
    return [(n, box) for n, one in enumerate(placed) for box in one.boxes]


def meets(first: tuple, second: tuple) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


@settings(max_examples=40)
@given(st.lists(st.tuples(NUMBERS, NUMBERS, st.integers(1, 12), st.booleans()), max_size=60), st.randoms())
def test_names_never_meet_and_never_leave_the_map(told: list[tuple], random: object) -> None:
    labels = []
    for n, (x, y, size, runs) in enumerate(told):
        text = random.choice(["帽峰山", "Pearl River", "珠江—狮子洋", "甲"]) + str(n) * random.choice([0, 1])
        line = shapely.LineString([(x, y), (y, x), (x / 2, 100)]) if runs and x != y else None
        labels.append(Label(text, size / 2, INK, ((x, y), (x, y + size)), line, 1.0))
    placed = place_labels(labels, SIZE)
    for (n, first), (m, second) in itertools.combinations(boxes_of(placed), 2):
        assert n == m or not meets(first, second)
    for _, (west, top, east, bottom) in boxes_of(placed):
        assert min(west, top) >= EDGE_MM
        assert east <= SIZE[0] - EDGE_MM
        assert bottom <= SIZE[1] - EDGE_MM
    texts = [one.label.text for one in placed]
    assert len(set(texts)) == len(texts)


def test_the_important_name_goes_first() -> None:
    first, second = Label("甲", 3, INK, ((50, 50),)), Label("乙", 3, INK, ((50, 50), (50, 60)))
    assert [p.points[0] for p in place_labels([first, second], SIZE)] == [(50, 50), (50, 60)]
    assert [p.label.text for p in place_labels([first, Label("丙", 3, INK, ((51, 50),))], SIZE)] == ["甲"]
    assert place_labels([first], SIZE, taken=[(49, 49, 51, 51)]) == []


def test_a_river_is_named_along_its_line_in_reading_order() -> None:
    for line in ([(20, 100), (180, 80)], [(180, 80), (20, 100)]):
        [placed] = place_labels([Label("珠江前航道", 2, INK, (), shapely.LineString(line), 1.0)], SIZE)
        xs = [x for x, _ in placed.points]
        assert len(xs) == 5
        assert xs == sorted(xs)
        distances = [shapely.LineString(line).distance(shapely.Point(p)) for p in placed.points]
        assert distances == pytest.approx([1.0] * 5, abs=0.01)
    [steep] = place_labels([Label("珠江", 2, INK, (), shapely.LineString([(100, 140), (105, 20)]), 1.0)], SIZE)
    assert steep.points[0][1] < steep.points[1][1]


def test_letters_are_turned_with_a_straight_line() -> None:
    line = shapely.LineString([(20, 120), (180, 40)])
    [placed] = place_labels([Label("Pearl River", 2, INK, (), line, 1.0)], SIZE)
    assert placed.turn_deg == pytest.approx(math.degrees(math.atan2(-80, 160)))
    crooked = shapely.LineString([(x, 100 + 3 * (-1) ** (x // 2)) for x in range(20, 180, 2)])
    assert place_labels([Label("Pearl River", 2, INK, (), crooked, 1.0)], SIZE) == []


def test_a_short_line_is_named_beside_it() -> None:
    label = Label("珠江前航道", 2, INK, ((100, 50),), shapely.LineString([(99, 50), (101, 50)]), 1.0)
    [placed] = place_labels([label], SIZE)
    assert placed.points == ((100, 50),)


def test_widths_are_reckoned_wide_enough() -> None:
    assert measure_text("珠江", 2) == 4
    assert measure_text("ab", 2) == pytest.approx(2.4)
    assert measure_text("珠江", 2, spacing_em=0.5) == 6


def test_a_sheet_names_its_features_and_places_by_scale(atlas: Atlas) -> None:
    layers, _ = find_all(atlas)
    selected = atlas.layers["mountains"].index[0]
    names = [label.text for label in list_labels(layers, selected=selected, scale=500_000)]
    assert names[0] == atlas.features[selected].name
    assert names[1:12] == [n for n in names[1:12] if n.endswith(("区", "市"))]
    closer = [label.text for label in list_labels(layers, selected="", scale=20_000)]
    assert len(closer) > len(names)
    ranks = atlas.layers["labels"].groupby("name")["rank"].min()
    others = {f.name for f in atlas.features.values() if f.layer_id != "labels"}
    for scale, most in ((900_000, 1), (400_000, 2), (200_000, 3), (100_000, 4), (50_000, 5)):
        shown = {label.text for label in list_labels(layers, selected="", scale=scale)}
        assert max(ranks[name] for name in shown & set(ranks.index) - others) == most


def test_pins_are_kept_free_of_names(atlas: Atlas) -> None:
    own = make_own([shapely.Point(113.3, 23.1)], names=["甲乙丙丁"])
    layers, view = find_all(atlas, layer_ids=(), own=(own,), center=(113.3, 23.1), scale=50_000)
    frame = build_frame(view, build_layout("A3", landscape=True))
    svg = ElementTree.fromstring(draw_labels(layers, frame, selected=""))
    pin = layers[0].marks[0]
    left = float(svg.get("x")) - measure_text("甲乙丙丁", float(svg.get("font-size"))) / 2
    assert left > pin.shape.x + pin.radius_mm


def test_crowded_layers_are_drawn_without_names(atlas: Atlas) -> None:
    at = np.linspace(113.2, 113.4, 300)
    own = make_own([shapely.Point(x, 23.1) for x in at])
    layers, _ = find_all(atlas, layer_ids=(), own=(own,), center=(113.3, 23.1), scale=100_000)
    assert len(layers[0].marks) > 250
    assert list(list_labels(layers, selected="", scale=100_000)) == []
