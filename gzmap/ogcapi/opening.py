"""Services that are open: one for each atlas and address, the layers shared by all addresses of an atlas."""

from __future__ import annotations

import threading
from collections import OrderedDict

from gzmap.atlas import Atlas
from gzmap.ogcapi.holdings import Holding
from gzmap.ogcapi.service import Service

KEPT = 4
"""Addresses under which an atlas is served at the same time; the one asked for longest ago is closed for a fifth."""


KEPT_ATLASES = 2
"""When the data has changed, requests that began before are still answered from the atlas before."""


class _Open:
    """What is open of one atlas."""

    def __init__(self, atlas: Atlas) -> None:
        self.atlas = atlas
        self.holdings = {i: Holding(atlas, e) for i, e in atlas.catalog.entries.items() if i in atlas.layers}
        self.services: OrderedDict[tuple[str, str], Service] = OrderedDict()


_OPEN: list[_Open] = []
_LOCK = threading.Lock()


def open_service(atlas: Atlas, base: str, *, number: str = "") -> Service:
    """Open the service of an atlas at an address; the same one is returned as long as both are the same.

    Parameters
    ----------
    atlas
        What is served; a layer that cannot be read is left out.
    base
        The service's whole address, ending with ``/ogc``.
    number
        The map's review number (审图号), empty while there is none.
    """
    with _LOCK:
        opened = next((one for one in _OPEN if one.atlas is atlas), None)
        if opened is None:
            opened = _Open(atlas)
            _OPEN.append(opened)
            del _OPEN[:-KEPT_ATLASES]
        service = opened.services.pop((base, number), None)
        service = service or Service(atlas, opened.holdings, base, number=number)
        opened.services[base, number] = service
        while len(opened.services) > KEPT:
            opened.services.popitem(last=False)
    return service
