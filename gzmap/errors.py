"""What can go wrong when gzmap is asked for something: one class per part of the house."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class GzmapError(Exception):
    """Base of every error that gzmap raises on purpose; its text names the thing and the remedy.

    Parameters
    ----------
    message
        In English.
    zh
        The same in Chinese, for errors that a visitor of the page can cause; empty for the others.
    """

    def __init__(self, message: str = "", *, zh: str = "") -> None:
        super().__init__(message)
        self.zh = zh


class DocumentError(GzmapError):
    """The plan text does not have the structure of chapters, sections and paragraphs."""


class CatalogError(GzmapError):
    """The catalogue, a layer file or the source register cannot be read as what it should be."""


class MentionError(GzmapError):
    """The links between features and the plan text cannot be read."""


class LedgerError(GzmapError):
    """The account of a place name in the text cannot be read."""


class CRSError(GzmapError):
    """A coordinate reference system is unknown, missing or unfit for the data."""


class ExportError(GzmapError):
    """A layer cannot be written in the way that was asked for."""


class QueryError(GzmapError, ValueError):
    """A question to the atlas has a malformed argument."""


class NotFoundError(GzmapError, LookupError):
    """A well-formed identifier names nothing in this atlas."""


def describe_unknown(kind: str, value: str, known: Iterable[str], *, where: str) -> str:
    """Say that an identifier is unknown, and name the nearest known one.

    Parameters
    ----------
    kind
        What the identifier names, for instance ``"Layer"``.
    value
        The identifier as given.
    known
        All identifiers that exist.
    where
        The file or place that holds them.

    Returns
    -------
    str
        One sentence, with a suggestion when a known identifier is similar.
    """
    close = difflib.get_close_matches(value, list(known), n=1, cutoff=0.5)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    return f"{kind} {value!r} is not in {where}{hint}"
