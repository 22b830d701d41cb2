"""The HTML of an edition's pages: what a browser needs first, and where everything else is."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import jinja2
import markupsafe

from gzmap.atlas import Atlas
from gzmap.publish.shelf import PREFIX
from gzmap.publish.words import WORDS
from gzmap.ui.shell import describe_standing
from gzmap.ui.words import say

TEMPLATES = Path(__file__).parent / "templates"
STYLES = ("page.css", "pages.css", "query.css", "edition.css")
"""Styles of every page; those of the map and its tools are fetched by their scripts."""

FIRST = (
    *(
        "edition.js",
        "host.js",
        "route.js",
        "answers.js",
        "search.js",
        "stage.js",
        "mapview.js",
        "panel.js",
        "layers.js",
        "hover.js",
    ),
    *("tools.js", "address.js", "order.js", "owned.js", "linked.js"),
)
"""Scripts that every page runs, asked for at once instead of one after the other."""

FIRST_STYLES = ("leaflet/leaflet.css", "mapview.css")


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def format_page(
    atlas: Atlas,
    page: str,
    *,
    places: Mapping[str, str],
    review_number: str,
    packed: Mapping[str, object] | None = None,
) -> str:
    """Write one page.

    Parameters
    ----------
    atlas
        What is published: its title, and the layers that are seen first.
    page
        Name of the page.
    places
        Addresses of all files by name, relative to the edition's folder; for a single file the texts of its styles.
    review_number
        审图号, empty while there is none.
    packed
        All files of a single file, by name; None for a page of a folder.
    """
    standing = " · ".join(describe_standing(atlas.document.meta, "zh", review_number))
    up = "" if page == "map" else "../"
    check = _read("check.js")
    values = {
        "page": page,
        "title": say("app", "zh"),
        "standing": standing,
        "styles": [places[name] if packed is None else markupsafe.Markup(places[name]) for name in STYLES],  # noqa: S704
        "check": _script(check),
        "no_script": WORDS["no_script"],
        "old_browser": WORDS["old_browser"],
        "single": packed is not None,
    }
    if packed is None:
        scripts = {name: place for name, place in places.items() if re.fullmatch(r"\w+\.js", name)}
        imports = _dump({"imports": {f"{PREFIX}{name}": f"{up or './'}{place}" for name, place in scripts.items()}})
        wanted = {"files": _dump({name: up + place for name, place in places.items()}), "imports": imports}
        first = {"scripts": [], "ahead": _list_ahead(atlas, page, places), "start": places["edition.js"]}
        first["scripts"] = [places[name] for name in FIRST]
        policy = _policy("'self'", _digest(imports), _digest(check))
    else:
        loader = _read("single.js")
        wanted = {"files": _dump(packed), "loader": _script(loader)}
        first = {}
        policy = _policy("blob:", "'unsafe-inline'")
    html = _templates().get_template("edition.html").render(**values, **wanted, **first, policy=policy)
    return re.sub(r"^\n+", "", html)


def _list_ahead(atlas: Atlas, page: str, places: Mapping[str, str]) -> list[tuple[str, str]]:
    """List what else is asked for at once: the words of the page, and for a map its styles and first layers."""
    ahead = [("fetch", places["zh/book.bin"])]
    if page != "map":
        return [*ahead, ("fetch", places[f"zh/{page}.bin"])]
    seen = [e.layer_id for e in atlas.catalog.entries.values() if e.visible and e.layer_id in atlas.layers]
    drawn = [i for i in seen if atlas.layers[i].geometry.notna().any()]
    return [
        ("script", places["leaflet/leaflet.js"]),
        *(("style", places[name]) for name in FIRST_STYLES),
        *ahead,
        *(("fetch", places[f"layers/{layer_id}.json"]) for layer_id in drawn),
    ]


def _policy(own: str, *scripts: str) -> str:
    """Write the policy that keeps browsers from any other host; the map's own script is a blob."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {own} blob: {' '.join(scripts)}",
            f"style-src {own} 'unsafe-inline'",
            "img-src 'self' data: blob:",
            f"connect-src {own}",
            "base-uri 'none'",
            "form-action 'self'",
        ]
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _dump(content: object) -> markupsafe.Markup:
    """Write JSON that may stand inside a script element, whatever is in it."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return markupsafe.Markup(text.replace("<", "\\u003c"))  # noqa: S704 - no element can end or begin in it


def _script(text: str) -> markupsafe.Markup:
    return markupsafe.Markup(text)  # noqa: S704 - a file of ours


def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
