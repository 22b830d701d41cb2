"""Own layers for a question: those of a folder, and those of the bureau's database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from shapely.geometry.base import BaseGeometry

from gzmap.own import OwnLayer, open_own

if TYPE_CHECKING:
    from gzmap.database import Engine

URL_VARIABLE = "GZMAP_DATABASE_URL"


def _open(_ctx: click.Context, _parameter: click.Parameter, folder: Path | None) -> tuple[OwnLayer, ...]:
    if folder is None:
        return ()
    found = open_own(folder)
    for broken in found.broken:
        click.echo(f"提示：{broken.path} 没有读入。{broken.zh}", err=True)
    return found.layers


own_option = click.option(
    "--own",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    callback=_open,
    metavar="DIR",
    help="Ask the planner's own layers in this folder as well.",
)
"""Gives the layers of the folder, none without it."""

stored_option = click.option(
    "--own-db",
    "is_stored",
    is_flag=True,
    help=f"Ask the bureau's own layers in the database ({URL_VARIABLE}) as well.",
)
"""Asks for the own layers that the database's role may read."""


def load_near(area: BaseGeometry) -> tuple[OwnLayer, ...]:
    """Load, of every own layer in the database, what lies near an area in storage CRS.

    Raises
    ------
    UsageError
        If no database is named.
    DatabaseError
        If it cannot be asked.
    """
    if not os.environ.get(URL_VARIABLE, "").strip():
        raise click.UsageError(
            f"--own-db needs a database; set {URL_VARIABLE}=postgresql://user:password@host:5432/name"
        )
    from gzmap.database import list_own, load_own  # noqa: PLC0415 - as in `_open_database`

    with _open_database() as engine:
        return tuple(load_own(engine, title.layer_id, area=area) for title in list_own(engine))


def load_named(*sides: str) -> tuple[OwnLayer, ...]:
    """Load those of the database's own layers that are sides of a question; none where no database is named.

    Raises
    ------
    DatabaseError
        If it cannot be asked.
    """
    if not os.environ.get(URL_VARIABLE, "").strip() or not any(side.startswith("own.") for side in sides):
        return ()
    from gzmap.database import list_own, load_own  # noqa: PLC0415 - as in `_open_database`

    with _open_database() as engine:
        return tuple(load_own(engine, t.layer_id) for t in list_own(engine) if t.layer_id in sides)


@contextmanager
def _open_database() -> Iterator[Engine]:
    # Imported here: what speaks to databases takes a while to load, and most commands need none.
    from gzmap.database import open_engine  # noqa: PLC0415

    # Who waits at a terminal may wait longer than a page.
    engine = open_engine(os.environ[URL_VARIABLE], answer_ms=0)
    try:
        yield engine
    finally:
        engine.dispose()
