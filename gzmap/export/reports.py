"""The pre-flight as a report: for machines, and for people in Chinese and in English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from gzmap.export.losses import CHANGED, NOTE, REFUSED, Loss

SEVERITY_TITLES: Mapping[str, str] = {REFUSED: "不能导出", CHANGED: "有改动", NOTE: "提示"}
NOTHING = "没有损失，没有改动。"

PLACES = 6
"""Places that one line of a summary names."""


def dump_loss(loss: Loss, fmt: str) -> dict:
    """Give one line of the report for machines, with the key of the format that it is about."""
    return {"format": fmt, **asdict(loss)}


def format_loss(loss: Loss) -> str:
    """Give one line of the report for people, without a line break."""
    place = _find_place(loss)
    remedy = f"（{loss.remedy}）" if loss.remedy else ""
    line = f"{SEVERITY_TITLES[loss.severity]}：{place}{' ' if place else ''}{loss.detail}{remedy}"
    return " ".join(line.split())


def _find_place(loss: Loss) -> str:
    return " ".join(part for part in (loss.layer, loss.field, loss.feature_id) if part)


def format_losses(losses: Mapping[str, Sequence[Loss]], titles: Mapping[str, str]) -> str:
    """Write the report on several formats.

    Parameters
    ----------
    losses
        By the format's key.
    titles
        The formats' titles by their keys.
    """
    lines = []
    for fmt, found in losses.items():
        lines += [f"【{titles[fmt]}】", *(map(format_loss, found) if found else [NOTHING]), ""]
    return "\n".join(lines)


def summarise(losses: Iterable[Loss], *, listed: int) -> Iterator[tuple[str, str]]:
    """Tell losses in few lines, in Chinese and in English.

    Parameters
    ----------
    losses
        What is told; the same in several places is told once, with the places.
    listed
        Losses of one kind that are told one by one where each is another; the rest are counted.
    """
    kinds: dict[str, dict[tuple[str, str], list[str]]] = {}
    for loss in losses:
        places = kinds.setdefault(loss.code, {}).setdefault((loss.detail, loss.detail_en), [])
        places += [place for place in [_find_place(loss)] if place and place not in places]
    for told in kinds.values():
        for (detail, detail_en), places in list(told.items())[:listed]:
            yield " ".join(_join(places, detail, "、").split()), " ".join(_join(places, detail_en, ", ").split())
        if (more := len(told) - listed) > 0:
            yield f"…… 同类另有 {more} 处", f"… and {more} more of this kind"


def _join(places: Sequence[str], detail: str, comma: str) -> str:
    if not places:
        return detail
    more = f" …… ({len(places)})" if len(places) > PLACES else ""
    return f"{comma.join(places[:PLACES])}{more}{'：' if comma == '、' else ': '}{detail}"
