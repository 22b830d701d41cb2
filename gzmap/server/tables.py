"""The tables of 各区一览 and 清单 as files: ``/export/overview.xlsx``, ``/export/inventory.csv?theme=…&sort=…``."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gzmap.atlas import Atlas, open_atlas
from gzmap.errors import GzmapError, NotFoundError, QueryError
from gzmap.export.inventory_table import TITLE as INVENTORY_TITLE
from gzmap.export.inventory_table import export_inventory
from gzmap.export.lists import LANGS, Lang, choose
from gzmap.export.overview_table import TITLE as OVERVIEW_TITLE
from gzmap.export.overview_table import export_overview
from gzmap.query import list_claims
from gzmap.query.wanted import KEYS, parse_filters, parse_order
from gzmap.server.exports import build_answer
from gzmap.server.roots import find_served_root

log = logging.getLogger(__name__)
FORMATS = ("xlsx", "csv")


def serve_table(request: Request) -> Response:
    """Answer with the bytes that ``gzmap overview -o`` or ``gzmap inventory -o`` writes; errors as JSON.

    The parameters of the inventory are those of the page 清单, see `gzmap.query.wanted.KEYS`: several values of one
    have a comma between them. ``lang`` may be given for both.
    """
    stem, _, fmt = request.url.path.rpartition("/")[2].partition(".")
    name, table = f"{stem}.{fmt}", TABLES[stem]
    try:
        if fmt not in FORMATS:
            raise NotFoundError(f"There is no {name}; ask for /export/{stem}.xlsx or /export/{stem}.csv.")
        params = _read_params(request, table.known)
        lang = _read_lang(params)
        with tempfile.TemporaryDirectory(prefix="gzmap-") as folder:
            path = Path(folder) / name
            table.write(open_atlas(find_served_root()), path, params)
            body = path.read_bytes()
    except NotFoundError as error:
        return JSONResponse({"error": "not-found", "message": str(error)}, status_code=404)
    except QueryError as error:
        return JSONResponse({"error": "bad-request", "message": str(error)}, status_code=400)
    except GzmapError as error:
        log.error("cannot write %r: %s", name, error)
        return JSONResponse({"error": "unavailable", "message": str(error)}, status_code=503)
    return build_answer(request, body, f"gzmap_{name}", title=choose(table.title, lang))


def _write_overview(atlas: Atlas, path: Path, params: Mapping[str, str]) -> None:
    export_overview(atlas, path, review_number=_find_review_number(), lang=_read_lang(params))


def _write_inventory(atlas: Atlas, path: Path, params: Mapping[str, str]) -> None:
    claims = list_claims(atlas, filters=parse_filters(params), order=parse_order(params))
    export_inventory(atlas, claims, path, review_number=_find_review_number(), lang=_read_lang(params))


@dataclass(frozen=True)
class _Table:
    """A table that is served: its title, its parameters, and what writes it."""

    title: tuple[str, str]
    known: tuple[str, ...]
    write: Callable[[Atlas, Path, Mapping[str, str]], None]


TABLES: Mapping[str, _Table] = {
    "overview": _Table(OVERVIEW_TITLE, ("lang",), _write_overview),
    "inventory": _Table(INVENTORY_TITLE, ("lang", *KEYS), _write_inventory),
}


def _read_params(request: Request, known: tuple[str, ...]) -> dict[str, str]:
    """Read the parameters, each at most once.

    Raises
    ------
    QueryError
        If one is unknown or comes twice.
    """
    given = request.query_params.multi_items()
    for key, _ in given:
        if key not in known or sum(key == other for other, _ in given) > 1:
            raise QueryError(f"The parameter {key!r} is unknown or comes twice; give {', '.join(known)} once each.")
    return dict(given)


def _read_lang(params: Mapping[str, str]) -> Lang:
    lang = params.get("lang", LANGS[0])
    if lang not in LANGS:
        raise QueryError(f"'lang' is {lang!r}; give {' or '.join(LANGS)}.")
    return lang


def _find_review_number() -> str:
    return os.environ.get("GZMAP_REVIEW_NUMBER", "").strip()
