"""The links between features and spans of the plan text, and how a machine proposes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gzmap.document import Document, Paragraph
from gzmap.errors import MentionError
from gzmap.files import parse_json, read_json, read_text

CONTEXT = 12
"""Characters of prefix and suffix kept with a quote, to find it again when the text changes."""

ROLES = ("evidence", "mention")
METHODS = ("manual", "matched")

# A、B、C等TAIL, A、B、C五大TAIL or A、B、C TAIL: the members of an enumeration share the words behind it.
ITEM = r"[^、,。;:“”()]{1,12}?"
COUNT = r"(?:等|[一二两三四五六七八九十]大)"


@dataclass(frozen=True)
class Mention:
    """A link between one feature and one span: a W3C text-quote and text-position selector in one flat line.

    ``start`` and ``end`` are Unicode code points inside the paragraph, half open.
    """

    id: str
    feature_id: str
    para_id: str
    start: int
    end: int
    exact: str
    prefix: str
    suffix: str
    role: str
    method: str


@dataclass(frozen=True)
class Toponym:
    """A place name of the text that is not simply one feature's name: a collective name, or one that is no feature."""

    name: str
    feature_ids: tuple[str, ...]
    collective: bool


def read_mentions(path: Path) -> tuple[Mention, ...]:
    """Read ``mentions.jsonl``, in file order.

    Raises
    ------
    MentionError
        If a line is no object with exactly the keys of `Mention`, or a value has the wrong type.
    """
    # Not `splitlines`, which would also break a quote at its own line separators.
    lines = read_text(path).split("\n")
    return tuple(_mention(line, f"{path}: line {n}") for n, line in enumerate(lines, 1) if line.strip())


def _mention(line: str, where: str) -> Mention:
    raw = parse_json(line, where)
    keys = Mention.__dataclass_fields__
    if not isinstance(raw, dict) or set(raw) != set(keys):
        raise MentionError(f"{where}: must be one object with the keys {', '.join(keys)}.")
    for key in keys:
        wanted = int if key in ("start", "end") else str
        if not isinstance(raw[key], wanted) or isinstance(raw[key], bool):
            raise MentionError(f"{where}: {key!r} must be of type {wanted.__name__}; got {raw[key]!r}.")
    if raw["role"] not in ROLES or raw["method"] not in METHODS:
        raise MentionError(f"{where}: role must be one of {ROLES} and method one of {METHODS}.")
    return Mention(**raw)


def dump_mentions(mentions: Iterable[Mention]) -> str:
    """Write mentions in canonical form: one line each, ordered by place in the text, then feature."""
    ordered = sorted(mentions, key=lambda m: (_reading_order(m.para_id), m.start, m.end, m.feature_id))
    return "".join(json.dumps(asdict(m), ensure_ascii=False) + "\n" for m in ordered)


def _reading_order(para_id: str) -> tuple:
    return tuple(int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", para_id))


def read_toponyms(path: Path) -> tuple[Toponym, ...]:
    """Read ``toponyms.json``.

    Raises
    ------
    MentionError
        If an entry lacks its name or its features.
    """
    try:
        return tuple(
            Toponym(t["name"], tuple(t["feature_ids"]), bool(t["collective"])) for t in read_json(path)["toponyms"]
        )
    except (KeyError, TypeError) as error:
        raise MentionError(f"{path}: every toponym needs name, feature_ids and collective ({error}).") from None


def build_mention(
    feature_id: str, paragraph: Paragraph, span: tuple[int, int], *, role: str = "evidence", method: str = "matched"
) -> Mention:
    """Make a mention with its quote and context.

    Parameters
    ----------
    feature_id
        The feature that the words name.
    paragraph
        Where they stand.
    span
        Half-open ``(start, end)`` in Unicode code points, inside the paragraph.

    Raises
    ------
    MentionError
        If the span is empty or leaves the paragraph.
    """
    text, (start, end) = paragraph.text, span
    if not 0 <= start < end <= len(text):
        raise MentionError(f"Span {start}:{end} is not inside {paragraph.para_id} (0 to {len(text)}).")
    return Mention(
        id=f"{feature_id}@{paragraph.para_id}:{start}-{end}",
        feature_id=feature_id,
        para_id=paragraph.para_id,
        start=start,
        end=end,
        exact=text[start:end],
        prefix=text[max(0, start - CONTEXT) : start],
        suffix=text[end : end + CONTEXT],
        role=role,
        method=method,
    )


def propose_mentions(
    document: Document,
    names: Mapping[str, Sequence[str]],
    toponyms: Sequence[Toponym],
    *,
    kept: Sequence[Mention] = (),
) -> tuple[Mention, ...]:
    """Propose the mentions of features in the plan text.

    The longest name wins at every place; a toponym without features blocks the shorter names inside it. In an
    enumeration with a shared tail (甲区、乙区等某某园) every member ``甲区…某某园`` gets its own words and the tail.

    Parameters
    ----------
    document
        The plan.
    names
        Name and aliases of every feature, by feature id.
    toponyms
        Collective names and names that are no feature.
    kept
        Mentions that exist already. Manual ones are kept as they are, and nothing is proposed that overlaps a manual
        mention of the same feature; matched ones are made anew.

    Returns
    -------
    tuple
        Manual and proposed mentions, in no particular order (`dump_mentions` orders them).
    """
    manual = [m for m in kept if m.method == "manual"]
    known = _known_names(names, toponyms)
    proposed = []
    for paragraph in document.paragraphs.values():
        spans = [*_enumerated(paragraph.text, names), *_named(paragraph.text, known)]
        for start, end, ids in _longest(spans):
            proposed += [build_mention(i, paragraph, (start, end)) for i in ids]
    return (*manual, *(m for m in proposed if not _taken(m, manual)))


def _known_names(names: Mapping[str, Sequence[str]], toponyms: Sequence[Toponym]) -> dict[str, tuple[str, ...]]:
    """Features by name; where two features share a name, both."""
    known: dict[str, tuple[str, ...]] = {}
    for feature_id, words in names.items():
        for word in words:
            known[word] = (*known.get(word, ()), feature_id)
    return known | {t.name: t.feature_ids for t in toponyms}


def _named(text: str, known: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    if not known:
        return
    pattern = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    for match in re.finditer(pattern, text):
        yield match.start(), match.end(), known[match[0]]


def _enumerated(text: str, names: Mapping[str, Sequence[str]]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Find ``head…tail`` of each name where ``head`` is one item of an enumeration that ends in ``等?tail``."""
    tails: dict[tuple[int, int], list[str]] = {}
    for feature_id, words in names.items():
        for name in words:
            for cut in range(2, len(name) - 2):
                head, tail = re.escape(name[:cut]), re.escape(name[cut:])
                member = rf"(?:({head})、(?:{ITEM}、)*{ITEM}|(?<=、)({head})){COUNT}?({tail})"
                for match in re.finditer(member, text):
                    yield *match.span(1 if match[1] else 2), (feature_id,)
                    tails.setdefault(match.span(3), []).append(feature_id)
    for (start, end), ids in tails.items():
        yield start, end, tuple(dict.fromkeys(ids))


def _longest(spans: Iterable[tuple[int, int, tuple[str, ...]]]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Keep the longest span at each place; spans of equal extent are joined, shorter overlapping ones go."""
    merged: dict[tuple[int, int], tuple[str, ...]] = {}
    for start, end, ids in spans:
        merged[start, end] = tuple(dict.fromkeys((*merged.get((start, end), ()), *ids)))
    taken: list[tuple[int, int]] = []
    for start, end in sorted(merged, key=lambda s: (s[0] - s[1], s[0])):
        if all(end <= a or b <= start for a, b in taken):
            taken.append((start, end))
            yield start, end, merged[start, end]


def _taken(proposed: Mention, manual: Sequence[Mention]) -> bool:
    """Whether a person has spoken of these words for this feature."""
    return any(
        m.feature_id == proposed.feature_id
        and m.para_id == proposed.para_id
        and m.start < proposed.end
        and proposed.start < m.end
        for m in manual
    )
