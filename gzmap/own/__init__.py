"""The planner's own layers (本单位图层): files of a folder that git ignores. They never leave the machine."""

from __future__ import annotations

from gzmap.own.access import find_own_folder, is_foreign_page, is_same_machine
from gzmap.own.folder import build_layer, open_own
from gzmap.own.layers import Broken, OwnLayer, OwnLayers
from gzmap.own.mapdata import dump_for_map
from gzmap.own.style import build_style, choose_colours

__all__ = [
    "Broken",
    "OwnLayer",
    "OwnLayers",
    "build_layer",
    "build_style",
    "choose_colours",
    "dump_for_map",
    "find_own_folder",
    "is_foreign_page",
    "is_same_machine",
    "open_own",
]
