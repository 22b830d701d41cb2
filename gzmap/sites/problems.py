"""Errors and notes about brought files, built from the words of `gzmap.sites.messages`."""

from __future__ import annotations

from dataclasses import dataclass

from gzmap.errors import SiteError
from gzmap.sites.messages import ERRORS
from gzmap.sites.remarks import NOTES

FACT_CHARS = 80
"""Characters of a name or line that are repeated in a message."""

PASTED = ("粘贴的内容", "the pasted text")
"""What messages call a thing without a name."""

OWN_FACTS = {f"{fact}{end}" for fact in ("advice", "what", "guess", "gap", "found") for end in ("", "_zh")}
"""Facts that are sentences of ours: not cut, and their spaces kept."""


@dataclass(frozen=True)
class Note:
    """What a person should know of something that was read all the same.

    ``code`` is stable; ``zh`` and ``en`` are one or two sentences, not escaped for any markup.
    """

    code: str
    zh: str
    en: str


def build_error(code: str, *, suggestions: tuple[str, ...] = (), **facts: object) -> SiteError:
    """Make the error of a code.

    Parameters
    ----------
    code
        A key of `ERRORS`.
    suggestions
        Values of ``crs`` to offer.
    **facts
        What the sentences name; texts are cut to `FACT_CHARS` and freed of control characters. Those that end in
        ``_zh`` stand in the Chinese sentence; an empty ``name`` is that of pasted text.
    """
    (zh, en), (remedy_zh, remedy) = ERRORS[code]
    told_zh, told = _format_facts(facts)
    return SiteError(
        code,
        _begin(en.format(**told)),
        zh.format(**told_zh),
        remedy=remedy.format(**told),
        remedy_zh=remedy_zh.format(**told_zh),
        suggestions=suggestions,
    )


def build_note(code: str, **facts: object) -> Note:
    """Make the note of a code, a key of `NOTES`; facts as in `build_error`."""
    zh, en = NOTES[code]
    told_zh, told = _format_facts(facts)
    return Note(code, zh.format(**told_zh), en.format(**told))


def format_fact(text: str) -> str:
    """Cut a text that somebody else wrote to one short line without control characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * FACT_CHARS]).split())
    return line if len(line) <= FACT_CHARS else f"{line[:FACT_CHARS]}…"


def _begin(sentence: str) -> str:
    """Begin a sentence with a capital, where it begins with a word of ours and not with a file's name."""
    return sentence[0].upper() + sentence[1:] if sentence.startswith(PASTED[1]) else sentence


def _format_facts(facts: dict[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Give the facts as the Chinese and as the English sentence has them."""
    told = {k: format_fact(v) if isinstance(v, str) and k not in OWN_FACTS else v for k, v in facts.items()}
    if facts.get("name") == "":
        return {**told, "name": PASTED[0]}, {**told, "name": PASTED[1]}
    return told, told
