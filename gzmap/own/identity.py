"""Who is who in a layer that changes: a feature is its content, so that an edit elsewhere leaves it what it was."""

from __future__ import annotations

import hashlib
import re

import geopandas
import numpy as np
import pandas as pd

OWN_ID = re.compile(r"own\.[a-z0-9_]{1,40}")
"""Id of an own layer that somebody chooses for the shared database."""

HASH_KEY = "gzmap-own-layers"
"""Sixteen characters, never changed: identities stand in links of the page."""

POSITIVE = np.uint64(2**63 - 1)
"""Keys are 63 bits, as the spatial index takes them."""

STEP = np.uint64(0x9E3779B97F4A7C15)
"""Odd, so that the doubles of one feature come out apart (2^64 divided by the golden ratio)."""


def find_keys(frame: geopandas.GeoDataFrame) -> np.ndarray:
    """Find a number for each feature that depends on its geometry and fields only, not on its place in the file.

    Parameters
    ----------
    frame
        Any layer.

    Returns
    -------
    ndarray
        One positive 64-bit integer per row, no two alike: of features that are the same in all, the second, third and
        so on get numbers of their own, in the order of the file.
    """
    content = pd.DataFrame(frame.drop(columns=frame.geometry.name)).reset_index(drop=True)
    content["\0geometry"] = frame.geometry.to_wkb().fillna(b"").to_numpy()
    keys = _hash(content) & POSITIVE
    repeats = pd.Series(keys).groupby(keys).cumcount().to_numpy(dtype=np.uint64)
    while repeats.any():
        keys = (keys + repeats * STEP) & POSITIVE
        repeats = pd.Series(keys).groupby(keys).cumcount().to_numpy(dtype=np.uint64)
    return keys.astype(np.int64)


def _hash(content: pd.DataFrame) -> np.ndarray:
    try:
        return pd.util.hash_pandas_object(content, index=False, hash_key=HASH_KEY).to_numpy()
    except TypeError:  # lists and objects among the values
        return pd.util.hash_pandas_object(content.astype(str), index=False, hash_key=HASH_KEY).to_numpy()


def format_key(key: int) -> str:
    """Write a key as the last part of a feature's id: 16 hexadecimal digits."""
    return f"{key:016x}"


def find_version(keys: np.ndarray, columns: list[str]) -> str:
    """Find 12 hexadecimal digits that change when anything in a layer does, the order of its features included."""
    digest = hashlib.blake2b(keys.tobytes(), digest_size=6)
    digest.update("\0".join(columns).encode("utf-8", errors="replace"))
    return digest.hexdigest()
