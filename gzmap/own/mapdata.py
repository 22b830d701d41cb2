"""Own layers on their way to the map of the same machine."""

from __future__ import annotations

import json
import threading
from weakref import WeakKeyDictionary

import numpy as np
import shapely

from gzmap.config import COORDINATE_DECIMALS
from gzmap.own.layers import OwnLayer

_DUMPED: WeakKeyDictionary[OwnLayer, bytes] = WeakKeyDictionary()
_LOCK = threading.Lock()


def dump_for_map(layer: OwnLayer) -> bytes:
    """Write a layer as the map draws it; made once for each state of a layer.

    Never for the public: a server gives this to pages of its own origin on its own machine only, and marks it as not
    to be stored (``Cache-Control: no-store``, no CORS header).

    Parameters
    ----------
    layer
        Any own layer.

    Returns
    -------
    bytes
        A GeoJSON FeatureCollection in UTF-8: whole ids, ``name`` as the only property, degrees with
        `config.COORDINATE_DECIMALS` decimals. Features without geometry are left out; the card asks for other fields
        one feature at a time.
    """
    # One at a time: who asks while a layer is being written waits for it instead of writing it again.
    with _LOCK:
        if layer not in _DUMPED:
            _DUMPED[layer] = _dump(layer)
        return _DUMPED[layer]


def _dump(layer: OwnLayer) -> bytes:
    shapes = shapely.transform(layer.frame.geometry.to_numpy(), lambda xy: np.round(xy, COORDINATE_DECIMALS))
    lines = [
        f'{{"type":"Feature","id":{json.dumps(f"{layer.layer_id}.{local_id}")},'
        f'"properties":{{"name":{json.dumps(name, ensure_ascii=False)}}},"geometry":{geometry}}}'
        for local_id, name, geometry in zip(layer.frame.index, layer.names, shapely.to_geojson(shapes), strict=True)
        if geometry is not None
    ]
    return ('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n").encode(
        "utf-8", errors="replace"
    )
