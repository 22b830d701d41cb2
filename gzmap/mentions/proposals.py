"""How a machine proposes mentions: names and enumerations found in the text, the longest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gzmap.document import Document, Passage, find_longest, find_words
from gzmap.mentions.links import Mention, build_mention
from gzmap.mentions.toponyms import Toponym

# A、B、C等TAIL, A、B、C五大TAIL or A、B、C TAIL: the members of an enumeration share the words behind it.
ITEM = r"[^、,。;:“”()]{1,12}?"
COUNT = r"(?:等|[一二两三四五六七八九十]大)"

Found = tuple[int, int, tuple[str, ...]]
"""Start, end, and the ids of the features that are named there."""


def propose_mentions(
    document: Document,
    names: Mapping[str, Sequence[str]],
    toponyms: Sequence[Toponym],
    *,
    kept: Sequence[Mention] = (),
) -> tuple[Mention, ...]:
    """Propose the mentions of features in the plan text.

    The longest name wins at every place; a toponym that means nothing in a passage blocks the shorter names inside
    it. In an enumeration with a shared tail (甲区、乙区等某某园) every member ``甲区…某某园`` gets its own words and
    the tail. What stands in a paragraph is proposed as evidence; a heading or the front matter merely mentions.

    Parameters
    ----------
    document
        The plan.
    names
        Name and aliases of every feature, by feature id.
    toponyms
        Collective names, names with another meaning in some passages, and names that are no feature.
    kept
        Mentions that exist already. Manual ones are kept as they are, and nothing is proposed that overlaps a manual
        mention of the same feature; matched ones are made anew.

    Returns
    -------
    tuple
        Manual and proposed mentions, in no particular order (`dump_mentions` orders them).
    """
    manual = [m for m in kept if m.method == "manual"]
    proposed = [
        build_mention(feature_id, passage, (start, end), role="evidence" if is_paragraph else "mention")
        for passage, is_paragraph in _passages(document)
        for start, end, ids in _find_all(passage, names, toponyms)
        for feature_id in ids
    ]
    return (*manual, *(m for m in proposed if not _taken(m, manual)))


def _passages(document: Document) -> Iterator[tuple[Passage, bool]]:
    for passage_id in document.passages:
        yield document.require_passage(passage_id), passage_id in document.paragraphs


def _find_all(passage: Passage, names: Mapping[str, Sequence[str]], toponyms: Sequence[Toponym]) -> Iterator[Found]:
    known = _known_names(names, toponyms, passage.para_id)
    named = ((start, end, known[word]) for start, end, word in find_words(passage.text, known))
    return _longest([*_enumerated(passage.text, names), *named])


def _known_names(
    names: Mapping[str, Sequence[str]], toponyms: Sequence[Toponym], passage_id: str
) -> dict[str, tuple[str, ...]]:
    """Features by name, as a passage means it; where two features share a name, both."""
    known: dict[str, tuple[str, ...]] = {}
    for feature_id, words in names.items():
        for word in words:
            known[word] = (*known.get(word, ()), feature_id)
    return known | {word: t.find_features(passage_id) for t in toponyms for word in t.words}


def _enumerated(text: str, names: Mapping[str, Sequence[str]]) -> Iterator[Found]:
    """Find ``head…tail`` of each name where ``head`` is one item of an enumeration that ends in ``等?tail``."""
    tails: dict[tuple[int, int], list[str]] = {}
    for feature_id, words in names.items():
        for name in words:
            for cut in range(2, len(name) - 2):
                if name[:cut] not in text or name[cut:] not in text:
                    continue
                head, tail = re.escape(name[:cut]), re.escape(name[cut:])
                member = rf"(?:({head})、(?:{ITEM}、)*{ITEM}|(?<=、)({head})){COUNT}?({tail})"
                for match in re.finditer(member, text):
                    yield *match.span(1 if match[1] else 2), (feature_id,)
                    tails.setdefault(match.span(3), []).append(feature_id)
    for (start, end), ids in tails.items():
        yield start, end, tuple(dict.fromkeys(ids))


def _longest(spans: Iterable[Found]) -> Iterator[Found]:
    """Keep the longest span at each place; spans of equal extent are joined, shorter overlapping ones go."""
    merged: dict[tuple[int, int], tuple[str, ...]] = {}
    for start, end, ids in spans:
        merged[start, end] = tuple(dict.fromkeys((*merged.get((start, end), ()), *ids)))
    for start, end in find_longest(merged):
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
