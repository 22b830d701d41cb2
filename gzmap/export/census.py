"""What a layer counts to: located and schematic features, the worst accuracy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from gzmap.export.tables import Table

SCHEMATIC = "schematic"


def count_features(table: Table) -> tuple[int, int]:
    """Count the located and the schematic features of a layer."""
    return int(table.size - find_unlocated(table).size), list(list_values(table, "method")).count(SCHEMATIC)


def find_unlocated(table: Table) -> np.ndarray:
    """Find the rows without geometry."""
    return np.flatnonzero(shapely.is_missing(table.geometries))


def find_worst(table: Table) -> float | None:
    """Find the worst accuracy of the located features, in metres; None where there is none."""
    accuracies = zip(list_values(table, "accuracy_m"), shapely.is_missing(table.geometries).tolist(), strict=False)
    return max((a for a, missing in accuracies if a is not None and not missing), default=None)


def list_values(table: Table, origin: str) -> Sequence:
    """List the values of the column that had a name before renaming, or has it; none where there is no such column."""
    column = table.find_column(origin)
    return [] if column is None else column.values
