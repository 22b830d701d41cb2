from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from gzmap.own import index as own_index
from gzmap.own.identity import find_keys, find_version, format_key
from gzmap.own.index import FeatureIndex, LayerIndex
from tests.site_makers import make_frame

NUMBER = st.integers(0, 50).map(float)
BOX = st.tuples(NUMBER, NUMBER, NUMBER, NUMBER).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)


def meets(boxes: np.ndarray, box: tuple) -> list[int]:
    """What a person would do by looking at every box."""
    return [
        row
        for row, (west, south, east, north) in enumerate(boxes.tolist())
        if west <= box[2] and east >= box[0] and south <= box[3] and north >= box[1]
    ]


class Changing(RuleBasedStateMachine):
    """A layer whose features come, go and move; the index must say what looking at each feature says."""

    def __init__(self) -> None:
        super().__init__()
        self.shared = FeatureIndex()
        self.features: dict[int, tuple] = {}
        self.states: list[LayerIndex] = []
        self.next_key = 1

    def settle(self) -> None:
        keys = np.array(list(self.features), dtype=np.int64)
        boxes = np.array(list(self.features.values()), dtype=float).reshape(-1, 4)
        self.shared.update(keys, boxes)
        self.states = [*self.states[-2:], LayerIndex(self.shared, keys, boxes, self.shared.version)]

    def place(self, box: tuple) -> None:
        # Keys in no order, as those of contents are.
        self.features[self.next_key * 7919 % 104729] = box
        self.next_key += 1

    @rule(boxes=st.lists(BOX | st.just((np.nan,) * 4), max_size=8))
    def add(self, boxes):
        for box in boxes:
            self.place(box)
        self.settle()

    @precondition(lambda self: self.features)
    @rule(data=st.data())
    def remove(self, data):
        for key in data.draw(st.sets(st.sampled_from(list(self.features)), max_size=4)):
            del self.features[key]
        self.settle()

    @precondition(lambda self: self.features)
    @rule(data=st.data(), box=BOX)
    def edit(self, data, box):
        # An edited feature is another feature: its content is its identity.
        del self.features[data.draw(st.sampled_from(list(self.features)))]
        self.place(box)
        self.settle()

    @rule(box=BOX)
    def ask(self, box):
        for state in self.states:
            assert state.intersection(box).tolist() == meets(state.boxes, box)

    @invariant()
    def whole(self):
        for state in self.states:
            placed = np.flatnonzero(~np.isnan(state.boxes).any(axis=1))
            assert state.intersection((-1, -1, 51, 51)).tolist() == placed.tolist()


@pytest.mark.parametrize("share", [0, 1, own_index.REBUILD_SHARE])
def test_the_index_agrees_with_looking_at_each_feature(monkeypatch, share):
    """By changing one by one only, by building anew only, and as it is."""
    monkeypatch.setattr(own_index, "REBUILD_SHARE", 10**6 if share == 1 else share)
    run_state_machine_as_test(Changing, settings=settings(max_examples=30, stateful_step_count=20))


def test_few_changes_are_made_one_by_one_and_many_at_once(monkeypatch):
    built = []
    build = own_index._build
    monkeypatch.setattr(own_index, "_build", lambda keys, boxes: built.append(len(keys)) or build(keys, boxes))
    rng = np.random.default_rng(7)
    keys = np.arange(1, 10_001)
    low = rng.random((len(keys), 2)) * 1000
    boxes = np.hstack([low, low + 1])
    shared = FeatureIndex()
    assert shared.update(keys, boxes) == (10_000, 0)
    keys[:20] += 20_000
    assert shared.update(keys, boxes) == (20, 20)
    assert built == [10_000], "forty changes of ten thousand are made in place"
    keys[:200] += 40_000
    assert shared.update(keys, boxes) == (200, 200)
    assert built == [10_000, 10_000]
    before = shared.version
    assert shared.update(keys, boxes) == (0, 0)
    assert shared.version == before
    state = LayerIndex(shared, keys, boxes, shared.version)
    for at in range(0, 1000, 100):
        box = (at, at, at + 50.0, at + 50.0)
        assert state.intersection(box).tolist() == meets(boxes, box)


def test_an_empty_index_finds_nothing():
    shared = FeatureIndex()
    nothing = np.zeros(0, dtype=np.int64)
    shared.update(nothing, np.zeros((0, 4)))
    assert LayerIndex(shared, nothing, np.zeros((0, 4)), shared.version).intersection((0, 0, 1, 1)).tolist() == []


# --- identity


def test_a_key_depends_on_content_and_not_on_place():
    frame = make_frame(name=["甲", "乙", "丙"], n=[1.5, None, 2])
    keys = find_keys(frame)
    assert len(set(keys.tolist())) == 3
    assert (keys > 0).all()
    shuffled = frame.iloc[[2, 0, 1]]
    assert find_keys(shuffled).tolist() == keys[[2, 0, 1]].tolist()
    assert find_keys(frame.iloc[1:]).tolist() == keys[1:].tolist()


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.assign(name=["甲", "改"]),
        lambda f: f.assign(n=[1, 3]),
        lambda f: f.set_geometry(f.geometry.translate(0, 1e-7)),
    ],
)
def test_a_change_of_content_changes_the_key(change):
    frame = make_frame(name=["甲", "乙"], n=[1, 2])
    assert find_keys(frame)[1] != find_keys(change(frame))[1]


def test_doubles_get_keys_of_their_own():
    frame = pd.concat([make_frame(name=["甲"])] * 50, ignore_index=True)
    keys = find_keys(frame)
    assert len(set(keys.tolist())) == 50
    assert find_keys(frame.iloc[:20]).tolist() == keys[:20].tolist()


def test_lists_null_geometries_and_times_have_keys():
    frame = geopandas.GeoDataFrame(
        {"a": [["x"], {"y": 1}], "t": pd.to_datetime(["2025-01-01", None])},
        geometry=[shapely.Point(113, 23), None],
        crs=4326,
    )
    assert len(set(find_keys(frame).tolist())) == 2


def test_keys_are_the_same_on_every_day():
    """They stand in links of the page: a new version of a library must not change them unseen."""
    frame = geopandas.GeoDataFrame({"name": ["甲"], "n": [1]}, geometry=[shapely.Point(113.3, 23.1)], crs=4326)
    assert format_key(int(find_keys(frame)[0])) == "635a677d0c12e3c6"


@given(st.integers(1, 2**63 - 1))
def test_a_written_key_is_sixteen_figures(key):
    assert len(format_key(key)) == 16
    assert int(format_key(key), 16) == key


def test_a_version_changes_with_content_order_and_columns():
    keys = np.array([1, 2, 3])
    versions = {find_version(keys, ["a"]), find_version(keys[::-1].copy(), ["a"]), find_version(keys, ["b"])}
    assert len(versions) == 3
    assert all(len(version) == 12 for version in versions)
