"""What the server writes down: for people as ever, or as JSON lines (``GZMAP_LOG=json``) without personal data.

A JSON line has the words of the programmer, numbers and errors of the project's own files. What a visitor sent can
stand in none of them: arguments of a message are replaced by the name of their type, an exception is told by its type
and the lines of code it came through, and what still looks like an address of the network, a position or a query is
taken out of the words.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime

from gzmap import metrics
from gzmap.errors import CatalogError, DocumentError, GzmapError, LedgerError, MentionError

VARIABLE = "GZMAP_LOG"
STYLES = ("text", "json")
PARTS = ("gzmap", "streamlit", "uvicorn", "starlette", "asyncio")
"""Packages whose errors are counted under their name; all others are ``other``."""

OF_THE_PROJECT = (CatalogError, DocumentError, LedgerError, MentionError)
"""Errors that speak of our files and never of what a visitor asked."""

FIELDS = "gz_fields"
"""Attribute of a record that holds what is written beside its words: values that are known to be harmless."""

FAULT = re.compile(r"[0-9a-f]{6}")
"""Number under which a visitor is told that something went wrong (`gzmap.ui.faults`)."""

PERSONAL = re.compile(
    r"""
      \b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b            # IPv4
    | (?<![\w:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])  # IPv6
    | \b[\w.+-]+@[\w-]+\.[\w.-]+                      # mail
    | -?\b\d{1,3}\.\d{3,}                             # degrees
    | \?\S*=\S*                                       # query of an address
    """,
    re.VERBOSE,
)


def configure_logs() -> None:
    """Have errors counted, and lines written in the style of ``GZMAP_LOG``; to be called again when loggers are added.

    Streamlit gives each of its loggers a handler of its own, some only when a page is first opened.

    Raises
    ------
    GzmapError
        If the setting has another value than ``text`` or ``json``.
    """
    style = os.environ.get(VARIABLE, "").strip().lower() or STYLES[0]
    if style not in STYLES:
        raise GzmapError(f"{VARIABLE} is {style!r}; give {' or '.join(STYLES)}.")
    root = logging.getLogger()
    # Uvicorn writes a line with the address of who asks for every request, as soon as this logger has any handler.
    known = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict) if name != "uvicorn.access"]
    ends = [root, *(logger for logger in known if not logger.propagate)]
    for logger in ends:
        if not any(isinstance(handler, ErrorCounter) for handler in logger.handlers):
            logger.addHandler(ErrorCounter())
        if style == "json":
            _write_json(logger)
    logging.getLogger("gzmap.access").setLevel(logging.INFO if style == "json" else logging.WARNING)


def _write_json(logger: logging.Logger) -> None:
    """Give a logger one handler that writes JSON lines, in the place of those that write to the terminal."""
    if any(isinstance(handler.formatter, JsonFormatter) for handler in logger.handlers):
        return
    # By class and not by kind: handlers of files and of test tools are somebody's wish.
    for handler in [one for one in logger.handlers if type(one) is logging.StreamHandler]:
        logger.removeHandler(handler)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)


class ErrorCounter(logging.Handler):
    """Counts errors, and whatever comes with a trace, by the package that wrote them."""

    def emit(self, record: logging.LogRecord) -> None:
        """Count one record."""
        if record.levelno >= logging.ERROR or record.exc_info:
            part = record.name.partition(".")[0]
            metrics.ERRORS.labels(part if part in PARTS else "other").inc()


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON: ``at`` (UTC), ``level``, ``logger``, ``event``, ``fields``, ``error``."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": redact(tell_message(record)),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe_trace(record.exc_info[1])
        # A file name may hold bytes that are no text; they must not keep the line from being written.
        return json.dumps(line, ensure_ascii=False).encode("utf-8", "replace").decode()


def tell_message(record: logging.LogRecord) -> str:
    """Fill in a message with what cannot be personal; all else is named by its type."""
    if not record.args:
        return str(record.msg)
    given = record.args
    safe = {k: _tell(v) for k, v in given.items()} if isinstance(given, Mapping) else tuple(map(_tell, given))
    template = re.sub(r"%(\(\w+\))?[-#0 +.\d]*[a-zA-Z]", lambda found: f"%{found[1] or ''}s", str(record.msg))
    try:
        return template % safe
    except (TypeError, ValueError, KeyError):
        return str(record.msg)


def _tell(value: object) -> str:
    if isinstance(value, OF_THE_PROJECT):
        return f"{type(value).__name__}: {value}"
    is_number = isinstance(value, int) or (isinstance(value, str) and FAULT.fullmatch(value))
    return str(value) if is_number else f"<{type(value).__name__}>"


def describe_trace(error: BaseException) -> dict:
    """Tell an exception by type and lines of code, without its words: they may quote what a visitor sent."""
    frames = traceback.extract_tb(error.__traceback__)
    told = {"type": type(error).__name__, "trace": [f"{f.filename}:{f.lineno} {f.name}" for f in frames]}
    return told | ({"message": str(error)} if isinstance(error, OF_THE_PROJECT) else {})


def redact(text: str) -> str:
    """Take out what looks like an address of the network or of a person, a position or a query."""
    return PERSONAL.sub("…", text)
