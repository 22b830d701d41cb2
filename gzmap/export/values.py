"""The values of a column, kept as an array and read like a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np


class Values(Sequence):
    """Plain values over an array: str, int, float, bool, ISO dates as str, and None where nothing is known.

    It reads like a list, so that writers need not care; what is fast takes ``array`` and ``mask``.

    Attributes
    ----------
    array
        ``object`` (texts), ``int64``, ``float64``, ``bool`` or ``datetime64``.
    mask
        True where a value is missing; None where none is.
    """

    __slots__ = ("_plain", "array", "mask")

    def __init__(self, array: np.ndarray, mask: np.ndarray | None = None) -> None:
        self.array = array
        self.mask = _find_missing(array) if mask is None else mask
        if self.mask is not None and not self.mask.any():
            self.mask = None
        self._plain: list | None = None

    @property
    def plain(self) -> list:
        """The values as a list, made once."""
        if self._plain is None:
            array = self.array
            if array.dtype.kind == "M":
                array = np.datetime_as_string(array).astype(object)
            values = array.tolist()
            for row in () if self.mask is None else np.flatnonzero(self.mask).tolist():
                values[row] = None
            self._plain = values
        return self._plain

    def take(self, rows: np.ndarray) -> Values:
        """Take rows by a mask or by numbers, as new values."""
        return Values(self.array[rows], None if self.mask is None else self.mask[rows])

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator:
        return iter(self.plain)

    def __getitem__(self, index: int | slice) -> object:
        return self.plain[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self.plain == list(other)

    __hash__ = None

    def __repr__(self) -> str:
        return f"Values({self.plain!r})"


def _find_missing(array: np.ndarray) -> np.ndarray | None:
    if array.dtype.kind == "f":
        return np.isnan(array)
    if array.dtype.kind == "M":
        return np.isnat(array)
    return np.equal(array, None).astype(bool) if array.dtype.kind == "O" else None
