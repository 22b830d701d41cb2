"""What has become of the place names of the text, by box, chapter and district."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gzmap.atlas import Atlas
from gzmap.config import BOXES
from gzmap.errors import QueryError
from gzmap.ledger import UNACCOUNTED, Account

DISTRICTS = "districts"
FRONT = "front"
"""Key of what stands before the first chapter; a chapter's key is its number."""

CITYWIDE, OUTSIDE = "全市", "市外"
"""Keys beside the names of the districts: for what is in none of them in particular, and for what is in none."""

ALL_BOXES = (*BOXES, UNACCOUNTED)


@dataclass(frozen=True)
class Totals:
    """Numbers of accounts by box: overall, by chapter (``front``, ``1`` …) and by district.

    Every box stands in each of them, with 0 where there is nothing; ``unaccounted`` is the last. An account of
    several districts counts in each, so that the districts add up to more than the whole.
    """

    boxes: dict[str, int]
    chapters: dict[str, dict[str, int]]
    districts: dict[str, dict[str, int]]


def find_accounts(
    atlas: Atlas, *, box: str | None = None, chapter: str | int | None = None, district: str | None = None
) -> tuple[Account, ...]:
    """Find what has become of the place names of the text.

    Parameters
    ----------
    atlas
        Whose text.
    box
        Only this box, one of `ALL_BOXES`.
    chapter
        Only this chapter, by number, or ``front``.
    district
        Only this district, or `CITYWIDE` or `OUTSIDE`.

    Returns
    -------
    tuple
        In reading order; empty when nothing fits.

    Raises
    ------
    QueryError
        If there is no such box, chapter or district.
    """
    wanted = None if chapter is None else str(chapter)
    _require("Box", box, ALL_BOXES)
    _require("Chapter", wanted, _chapters(atlas))
    _require("District", district, _districts(atlas))
    return tuple(
        account
        for account in atlas.accounts
        if box in (None, account.box)
        and wanted in (None, find_chapter(account))
        and (district is None or district in find_districts(atlas, account))
    )


def _require(kind: str, value: str | None, known: Iterable[str]) -> None:
    names = tuple(known)
    if value is not None and value not in names:
        raise QueryError.unknown(kind, value, names, where="the ledger")


def count_accounts(atlas: Atlas) -> Totals:
    """Count what has become of the place names of the text: the whole, each chapter, each district."""
    whole = dict.fromkeys(ALL_BOXES, 0)
    chapters = {key: dict.fromkeys(ALL_BOXES, 0) for key in _chapters(atlas)}
    districts = {key: dict.fromkeys(ALL_BOXES, 0) for key in _districts(atlas)}
    for account in atlas.accounts:
        counted = [whole, chapters[find_chapter(account)]]
        for counts in (*counted, *(districts[name] for name in find_districts(atlas, account))):
            counts[account.box] += 1
    return Totals(whole, chapters, districts)


def _chapters(atlas: Atlas) -> tuple[str, ...]:
    return (FRONT, *(c.chapter_id.removeprefix("chp_") for c in atlas.document.chapters))


def find_chapter(account: Account) -> str:
    """Find the chapter of an account: its number, or ``front``."""
    first, _, rest = account.passage_id.partition("_")
    return FRONT if first == FRONT else rest.partition("__")[0]


def _names(atlas: Atlas) -> tuple[str, ...]:
    return tuple(atlas.layers[DISTRICTS]["name"]) if DISTRICTS in atlas.layers else ()


def _districts(atlas: Atlas) -> tuple[str, ...]:
    return (*_names(atlas), CITYWIDE, OUTSIDE)


def find_districts(atlas: Atlas, account: Account) -> tuple[str, ...]:
    """Find the districts of an account, in the order of the layer of districts.

    They are those of its features; without, those that its words name (从化温泉总部集聚区 names 从化区). Else it is
    `OUTSIDE` where its box or its drawn features say so, and `CITYWIDE` otherwise.

    Returns
    -------
    tuple
        Never empty.
    """
    features = [atlas.features[i] for i in account.feature_ids if i in atlas.features]
    stated = {name for f in features for name in str(f.properties.get("district") or "").split("|")}
    words = f"{account.exact}|{account.toponym}"
    names = _names(atlas)
    found = [name for name in names if name in stated] or [n for n in names if (n.removesuffix("区") or n) in words]
    if account.box == "outside" or (not found and any(f.geometry is not None for f in features)):
        return (OUTSIDE,)
    return tuple(found) or (CITYWIDE,)
