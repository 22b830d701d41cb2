"""What is wanted of the inventory as the parameters of an address, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gzmap.atlas import Atlas
from gzmap.errors import QueryError
from gzmap.query.accounts import CITYWIDE, FRONT, OUTSIDE
from gzmap.query.inventory import METHODS, ROLES, STATUSES, Claim, Filters
from gzmap.query.shares import find_district_names

LISTS: Mapping[str, str] = {
    "theme": "themes",
    "layer": "layers",
    "status": "statuses",
    "method": "methods",
    "district": "districts",
    "chapter": "chapters",
    "role": "roles",
}
"""Parameters of several values, with a comma between them, and their members of `Filters`."""

KEYS = (*LISTS, "located", "text", "sort")
"""All parameters; ``sort`` holds members of `Claim`, with ``-`` before one for the other way round."""

LOCATED: Mapping[str, bool] = {"yes": True, "no": False}


def parse_filters(params: Mapping[str, str]) -> Filters:
    """Read what is wanted from parameters of `KEYS`; others are passed over.

    Raises
    ------
    QueryError
        If ``located`` is neither ``yes`` nor ``no``; whether other values are known, `list_claims` says.
    """
    located = params.get("located", "")
    if located and located not in LOCATED:
        raise QueryError(f"'located' is {located!r}; give {' or '.join(LOCATED)}, or leave it out.")
    lists = {member: split_values(params.get(key, "")) for key, member in LISTS.items()}
    return Filters(**lists, located=LOCATED.get(located), text=params.get("text", "").strip())


def parse_order(params: Mapping[str, str]) -> tuple[str, ...]:
    """Read the order from the parameter ``sort``."""
    return split_values(params.get("sort", ""))


def split_values(text: str) -> tuple[str, ...]:
    """Read the values of a parameter, each once."""
    return tuple(dict.fromkeys(value for value in text.split(",") if value))


def list_known(atlas: Atlas) -> dict[str, tuple[str, ...]]:
    """List the values that the parameters of `LISTS` may have, each in its own order.

    Raises
    ------
    NotFoundError, CatalogError
        If there is no layer of districts, or it is broken.
    """
    entries = atlas.catalog.plan_entries
    themes = {entry.theme for entry in entries}
    chapters = (chapter.chapter_id.removeprefix("chp_") for chapter in atlas.document.chapters)
    return {
        "theme": tuple(theme["id"] for theme in reversed(atlas.catalog.themes) if theme["id"] in themes),
        "layer": tuple(entry.layer_id for entry in reversed(entries)),
        "status": STATUSES,
        "method": METHODS,
        "district": (*find_district_names(atlas), OUTSIDE, CITYWIDE),
        "chapter": (FRONT, *chapters),
        "role": ROLES,
    }


def find_unknown(atlas: Atlas, params: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Find the parameters that mean nothing here, with their values; empty when all are sound.

    Raises
    ------
    NotFoundError, CatalogError
        As `list_known`.
    """
    columns = tuple(Claim.__dataclass_fields__)
    found = [
        (key, value)
        for key, known in list_known(atlas).items()
        for value in split_values(params.get(key, ""))
        if value not in known
    ]
    found += [("sort", name) for name in parse_order(params) if name.removeprefix("-") not in columns]
    located = params.get("located", "")
    return (*found, *([("located", located)] if located and located not in LOCATED else ()))


def drop_values(params: Mapping[str, str], unknown: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Drop values from parameters, as `find_unknown` gives them; what is left empty is left out."""
    # This one has a single value, which may have a comma in it.
    whole = {key for key, _ in unknown} & {"located"}
    kept = {
        key: value if key == "text" else ",".join(v for v in split_values(value) if (key, v) not in unknown)
        for key, value in params.items()
        if key not in whole
    }
    return {key: value for key, value in kept.items() if value}


def without(filters: Filters, key: str) -> Filters:
    """Give filters that ask nothing of one parameter."""
    if key in LISTS:
        return replace(filters, **{LISTS[key]: ()})
    return replace(filters, located=None) if key == "located" else replace(filters, text="")
