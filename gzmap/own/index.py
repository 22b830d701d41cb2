"""A spatial index that follows a layer: what came is put in, what went is taken out, the rest stays."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from rtree import index as rtree

LEAF, OVERLAP = 10, 4
"""Entries of a node. Taking one out costs what putting its neighbours in again costs: with the library's own 100 that
takes 1.4 ms, with 10 it takes 0.07 ms; queries take the same."""

REBUILD_SHARE = 1 / 200
"""Share of changed features from which building anew (0.06 s for 100 000) is faster than changing one by one."""


class FeatureIndex:
    """Boxes of a layer's features by key, changed in place as the layer changes. Safe to use from several threads.

    ``version`` grows with every change.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tree: rtree.Index | None = None
        self._keys = np.zeros(0, dtype=np.int64)
        self._boxes = np.zeros((0, 4))
        self.version = 0

    def update(self, keys: np.ndarray, boxes: np.ndarray) -> tuple[int, int]:
        """Make the index hold these features and no others.

        Parameters
        ----------
        keys
            One number for each feature, no two alike.
        boxes
            Rows of smallest x, smallest y, largest x, largest y; features whose row has a NaN are nowhere.

        Returns
        -------
        tuple
            How many features came and how many went.
        """
        is_placed = ~np.isnan(boxes).any(axis=1)
        keys, boxes = keys[is_placed], boxes[is_placed]
        order = np.argsort(keys)
        keys, boxes = keys[order], boxes[order]
        with self._lock:
            came, went = ~np.isin(keys, self._keys), ~np.isin(self._keys, keys)
            # One key, one content: a feature that stays has not moved.
            changed = int(came.sum() + went.sum())
            if changed > REBUILD_SHARE * len(keys) or self._tree is None:
                self._tree = _build(keys, boxes)
            else:
                for key, box in zip(self._keys[went].tolist(), self._boxes[went].tolist(), strict=True):
                    self._tree.delete(key, box)
                for key, box in zip(keys[came].tolist(), boxes[came].tolist(), strict=True):
                    self._tree.insert(key, box)
            self._keys, self._boxes = keys, boxes
            self.version += changed > 0
            return int(came.sum()), int(went.sum())

    def find(self, box: np.ndarray) -> tuple[int, np.ndarray]:
        """Find the keys of the features whose boxes meet a box, in no order; and the version that this holds for."""
        with self._lock:
            if self._tree is None or not len(self._keys):
                return self.version, np.zeros(0, dtype=np.int64)
            found, _ = self._tree.intersection_v(box[None, :2], box[None, 2:])
            return self.version, found


def _build(keys: np.ndarray, boxes: np.ndarray) -> rtree.Index:
    settings = rtree.Property(leaf_capacity=LEAF, index_capacity=LEAF, near_minimum_overlap_factor=OVERLAP)
    if not len(keys):
        return rtree.Index(properties=settings)
    low, high = np.ascontiguousarray(boxes[:, :2]), np.ascontiguousarray(boxes[:, 2:])
    return rtree.Index((keys, low, high), properties=settings)


@dataclass(frozen=True, eq=False)
class LayerIndex:
    """The index as one state of a layer sees it: answers are rows of that state, whatever happened since.

    ``keys`` and ``boxes`` are those of its rows, in their order; ``shared`` goes with the layer from state to state;
    ``version`` is the version of ``shared`` that this state is.
    """

    shared: FeatureIndex
    keys: np.ndarray
    boxes: np.ndarray
    version: int

    def intersection(self, box: tuple[float, float, float, float] | np.ndarray) -> np.ndarray:
        """Find the rows whose boxes meet a box.

        Parameters
        ----------
        box
            Smallest x, smallest y, largest x, largest y in metres of `config.METRIC_CRS`.

        Returns
        -------
        ndarray
            Positions in the layer's frame, ascending.
        """
        wanted = np.asarray(box, dtype=float)
        version, found = self.shared.find(wanted)
        if version != self.version:
            # The file changed under this state: its own boxes are looked through, which is exact and seldom.
            low, high = self.boxes[:, :2], self.boxes[:, 2:]
            return np.flatnonzero((low <= wanted[2:]).all(axis=1) & (high >= wanted[:2]).all(axis=1))
        order, keys = self._sorted
        return np.sort(order[np.searchsorted(keys, found)])

    @cached_property
    def _sorted(self) -> tuple[np.ndarray, np.ndarray]:
        """The rows in the order of their keys, and the keys so: found keys are looked up, not compared with all."""
        order = np.argsort(self.keys)
        return order, self.keys[order]
