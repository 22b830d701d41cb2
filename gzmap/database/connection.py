"""The way into the database: an engine from an address, and its refusals in words."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from gzmap.errors import DatabaseAwayError, DatabaseError

log = logging.getLogger(__name__)

EXAMPLE = "postgresql://user:password@host:5432/name"
CONNECT_S = 3
SILENCE_MS = 5_000
"""How long a line may stay dead before the database counts as away."""

ANSWER_MS = 15_000
"""Longest statement of a reader; an import has no limit."""

LOCK_MS = 10_000
"""Longest wait for someone else's transaction."""

SETTINGS = {"lock_timeout": LOCK_MS, "timezone": "UTC", "max_parallel_workers_per_gather": 0, "jit": "off"}
"""Of every line. Questions are short and come from many: to start a helper takes longer than the answer."""

REFUSALS = {
    "42P01": (
        "The database holds no map of ours, or not all of it; fill it with `gzmap db import`.",
        "数据库里没有本图的数据或数据不全；请用 gzmap db import 导入。",
    ),
    "42501": (
        "The database role may not do this; let its owner do it, or ask the owner for the right.",
        "当前数据库角色没有这项权限；请由所有者操作，或向所有者申请授权。",
    ),
    "42704": (
        "The database lacks the PostGIS extension or a role that was named; create it: CREATE EXTENSION postgis.",
        "数据库缺少 PostGIS 扩展或所指定的角色；请先建立（CREATE EXTENSION postgis）。",
    ),
    "55P03": (
        "Somebody else holds the tables; try again when their transaction has ended.",
        "数据表正被别人占用；请待其事务结束后再试。",
    ),
}
"""What the database's own codes mean here, in English and Chinese; the keys are SQLSTATE codes."""

SYNONYMS = {"3F000": "42P01", "58P01": "42704", "0A000": "42704", "42883": "42704"}
AWAY = ("08", "53", "57", "58030")
"""Beginnings of the codes of a database that stops, starts, is full or is cut off."""

GONE = (
    "The database cannot be reached or does not answer; see that it runs and that GZMAP_DATABASE_URL is right.",
    "数据库连不上或没有应答；请检查数据库是否在运行、GZMAP_DATABASE_URL 是否正确。",
)


def open_engine(url: str, *, answer_ms: int = ANSWER_MS) -> Engine:
    """Open the database behind an address; nothing is asked of it yet.

    Parameters
    ----------
    url
        As ``postgresql://user:password@host:5432/name``; PostgreSQL's own parameters may follow.
    answer_ms
        Longest statement in milliseconds; 0 for no limit.

    Raises
    ------
    DatabaseError
        If the address is none of a PostgreSQL database.
    """
    target = parse_url(url)
    settings = " ".join(f"-c {name}={value}" for name, value in (SETTINGS | {"statement_timeout": answer_ms}).items())
    given = {"connect_timeout": CONNECT_S, "tcp_user_timeout": SILENCE_MS, "keepalives_idle": 5}
    named = {name: value for name, value in given.items() if name not in target.query}
    return sa.create_engine(
        target,
        connect_args={**named, "application_name": "gzmap", "options": settings},
        json_serializer=partial(json.dumps, ensure_ascii=False, separators=(",", ":")),
        pool_size=2,
        pool_pre_ping=True,
        pool_timeout=CONNECT_S,
        # Values may be of own layers: they belong into no log.
        hide_parameters=True,
    )


def parse_url(url: str) -> URL:
    """Read an address.

    Raises
    ------
    DatabaseError
        If it is none of a PostgreSQL database; the message does not repeat it, for it may hold a password.
    """
    wrong = f"GZMAP_DATABASE_URL is no address of a PostgreSQL database; write it as {EXAMPLE}."
    try:
        target = sa.make_url(url.strip())
    except (ArgumentError, ValueError):
        raise DatabaseError(wrong, zh=f"GZMAP_DATABASE_URL 不是 PostgreSQL 数据库的地址；请写成 {EXAMPLE}。") from None
    if target.get_backend_name() not in ("postgresql", "postgres") or not target.database:
        raise DatabaseError(wrong, zh=f"GZMAP_DATABASE_URL 不是 PostgreSQL 数据库的地址；请写成 {EXAMPLE}。")
    return target.set(drivername="postgresql+psycopg")


def find_role(url: str) -> str:
    """Find the role that an address logs in as.

    Raises
    ------
    DatabaseError
        If the address is none, or names no role.
    """
    role = parse_url(url).username
    if not role:
        raise DatabaseError(
            "GZMAP_DATABASE_URL names no role; write it as " + EXAMPLE,
            zh="GZMAP_DATABASE_URL 没有写明角色；请写成 " + EXAMPLE,
        )
    return role


@contextmanager
def telling() -> Iterator[None]:
    """Tell what the database refuses in words of ours; its own go to the log, for they name hosts and roles.

    Raises
    ------
    DatabaseAwayError
        If it cannot be reached or does not answer in time.
    DatabaseError
        If it refuses, with what to do about it.
    """
    try:
        yield
    except PoolTimeoutError as error:
        log.warning("database: %s", error)
        raise DatabaseAwayError(GONE[0], zh=GONE[1]) from None
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        code = str(getattr(cause, "sqlstate", None) or "")
        log.warning("database: %s %s", code or "no connection", str(cause).strip())
        is_lost = not code and isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
        raise build_error("08" if is_lost else code, str(cause)) from None


def build_error(code: str, said: str) -> DatabaseError:
    """Make the error of a SQLSTATE code; empty where the driver itself refused a value."""
    code = SYNONYMS.get(code, code)
    if code.startswith(AWAY):
        return DatabaseAwayError(GONE[0], zh=GONE[1])
    if code in REFUSALS:
        return DatabaseError(REFUSALS[code][0], zh=REFUSALS[code][1])
    first = said.strip().partition("\n")[0]
    return DatabaseError(
        f"The database refuses ({code or 'value'}): {first}. Correct the data that it names and import them again.",
        zh=f"数据库拒绝了这项操作（{code or '值'}）：{first}。请改正所指的数据后重新导入。",
    )
