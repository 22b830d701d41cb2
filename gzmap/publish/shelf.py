"""The files of an edition under names that tell their content, and how scripts find each other under such names."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gzmap.atlas import Atlas
from gzmap.errors import ExportError
from gzmap.webmap import ASSETS

OWN = Path(__file__).parent / "static"
LIBRARIES = Path(__file__).parents[1] / "assets"
LIBRARY_FILES = ("leaflet/leaflet.js", "leaflet/leaflet.css", "geographiclib-geodesic/geographiclib-geodesic.min.js")
LICENCES = ("leaflet/LICENSE", "geographiclib-geodesic/LICENSE.txt")
UNUSED = ("draw.js", "coords.js")
"""Scripts whose tools need a server (`static/host.js` says so)."""

SPECIFIER = re.compile(r"""(\bfrom\s*|\bimport\s*\(\s*)"\./([\w.]+\.js)\"""")
PREFIX = "gz/"
"""Before a script's name where another imports it: the page's import map says under which address it is."""

PICTURE = re.compile(r"url\(images/[^)]*\)")
"""Pictures of Leaflet's controls and markers, of which the map uses none."""


@dataclass(frozen=True)
class Item:
    """One file: ``name`` as scripts ask for it, ``body`` as it travels, ``kind`` its media type."""

    name: str
    body: bytes
    kind: str

    @property
    def file_name(self) -> str:
        """Name on the disk: the own name without folders, then a digest of the content."""
        stem, _, end = self.name.replace("/", "-").rpartition(".")
        return f"{stem}.{hashlib.sha256(self.body).hexdigest()[:12]}.{end}"


def list_scripts() -> dict[str, Path]:
    """List the scripts by name: the app's, with those of the edition in their place or beside them."""
    shared = {path.name: path for path in sorted(ASSETS.glob("*.js")) if path.name not in UNUSED}
    return shared | {path.name: path for path in sorted(OWN.glob("*.js"))}


def build_shelf(atlas: Atlas, books: Mapping[str, object]) -> list[Item]:
    """Build every file that the page asks for, in the order of their names.

    Raises
    ------
    ExportError
        If the browser assets are not installed.
    """
    items = [
        Item(name, _link(path.read_text(encoding="utf-8")), "text/javascript") for name, path in list_scripts().items()
    ]
    styles = [*sorted(ASSETS.glob("*.css")), *sorted(OWN.glob("*.css"))]
    items += [Item(path.name, path.read_bytes(), "text/css") for path in styles]
    items += [_take_library(name) for name in LIBRARY_FILES]
    items += [_take_layer(atlas, layer_id) for layer_id in atlas.layers]
    items += [Item(f"{name}.bin", pack(content), "application/octet-stream") for name, content in books.items()]
    return sorted(items, key=lambda item: item.name)


def pack(content: object) -> bytes:
    """Write JSON, compressed: the same bytes for the same content, and few of them from any web server."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return gzip.compress(text.encode(), 9, mtime=0)


def _link(source: str) -> bytes:
    return SPECIFIER.sub(rf'\1"{PREFIX}\2"', source).encode()


def _take_library(name: str) -> Item:
    path = LIBRARIES / name
    if not path.is_file():
        raise ExportError(
            f"The browser asset {name} is missing; run `make setup`, which puts it into gzmap/assets.",
            zh=f"缺少浏览器资源 {name}；请先运行 make setup。",
        )
    text = path.read_text(encoding="utf-8")
    if name.endswith(".css"):
        return Item(name, PICTURE.sub("none", text).encode(), "text/css")
    return Item(name, re.sub(r"\n//# sourceMappingURL=\S*\s*$", "\n", text).encode(), "text/javascript")


def _take_layer(atlas: Atlas, layer_id: str) -> Item:
    """Take a layer's file as it is: the map of the app draws the same bytes."""
    path = atlas.root / atlas.catalog.entries[layer_id].path
    return Item(f"layers/{layer_id}.json", path.read_bytes(), "application/json")


def list_licences() -> list[tuple[str, bytes]]:
    """List the licences of the libraries that travel along."""
    return [(name.replace("/", "-"), (LIBRARIES / name).read_bytes()) for name in LICENCES]
