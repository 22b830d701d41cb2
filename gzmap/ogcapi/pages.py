"""The service's own pages: HTML from templates of ours, which load nothing from anywhere but this server.

pygeoapi's pages load scripts from other hosts, and read their templates from disk for each request.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gzmap.ogcapi.words import LANGS, list_words, tell_standing

TEMPLATES = Path(__file__).parent / "templates"
COLUMNS = ("name_en", "category", "status", "district", "method", "accuracy_m", "entered")
"""Columns of the table of features beside the name, as far as they are asked for."""


def render_page(kind: str, told: dict, *, lang: str, base: str, layer: tuple[str, str] | None, number: str) -> bytes:
    """Write a page.

    Parameters
    ----------
    kind
        Which one: the name of a template.
    told
        The same answer as JSON.
    lang
        ``zh`` or ``en``.
    base
        The service's address.
    layer
        Id and title of the layer that the page is about, None for the pages about the service.
    number
        The map's review number, empty while there is none.
    """
    style = f"{base}/style.css"
    context = {"told": told, "lang": lang, "w": list_words(lang), "base": base, "layer": layer, "style": style}
    context["notice"] = tell_standing(lang, number)
    others = [other for other in LANGS if other != lang]
    page = _environment().get_template(f"{kind}.html")
    return page.render(**context, kind=kind, other=others[0], columns=_list_columns(told)).encode()


def _list_columns(told: dict) -> list[str]:
    """List the columns of a table of features; where none of `COLUMNS` is asked for, all that are."""
    there = [name for feature in told.get("features", ())[:1] for name in feature["properties"] if name != "name"]
    return [name for name in COLUMNS if name in there] or there


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Return the environment that keeps templates once they are read."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=1)
def read_style() -> bytes:
    """Read the style of the pages."""
    return (TEMPLATES / "style.css").read_bytes()
