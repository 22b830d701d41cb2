"""From a feature to the words of the plan that name it, and back to the features beside it."""

from __future__ import annotations

from dataclasses import dataclass

from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.mentions import Mention


@dataclass(frozen=True)
class Evidence:
    """The words that name a feature, and where they stand in the plan.

    ``para_id`` is a passage: a paragraph, a heading or a line of the front matter. ``start`` and ``end`` are Unicode
    code points inside it, half open; ``sentence`` is the span of the sentence, or run of sentences, around them, a
    heading being one. ``chapter`` and ``section`` are titles, empty where there is none.
    """

    para_id: str
    start: int
    end: int
    exact: str
    role: str
    method: str
    sentence: tuple[int, int]
    chapter: str
    section: str


@dataclass(frozen=True)
class Named:
    """A feature that a passage names: ``spans`` are its words there, half open in Unicode code points, in order.

    ``role`` is ``"evidence"`` if one of them justifies the feature, else ``"mention"``; ``located`` tells whether it is
    drawn, so that a map can go there.
    """

    feature_id: str
    name: str
    layer_id: str
    role: str
    located: bool
    spans: tuple[tuple[int, int], ...]


def find_evidence(atlas: Atlas, feature_id: str) -> tuple[Evidence, ...]:
    """Find the words of the plan that name a feature: those that justify it first, each part in reading order.

    Returns
    -------
    tuple
        Empty when nothing names it, as with base layers. A mention whose quote is not in the text is left out: it
        would mark the wrong words (`checks` reports it).

    Raises
    ------
    NotFoundError
        If there is no such feature.
    """
    atlas.require_feature(feature_id)
    found = [_evidence(atlas, m) for m in atlas.mentions_by_feature.get(feature_id, ()) if _stands(atlas, m)]
    return tuple(sorted(found, key=lambda e: e.role != "evidence"))


def _stands(atlas: Atlas, mention: Mention) -> bool:
    text = atlas.document.passages.get(mention.para_id, "")
    return text[mention.start : mention.end] == mention.exact != ""


def _evidence(atlas: Atlas, mention: Mention) -> Evidence:
    chapter, section = atlas.document.places[mention.para_id]
    return Evidence(
        para_id=mention.para_id,
        start=mention.start,
        end=mention.end,
        exact=mention.exact,
        role=mention.role,
        method=mention.method,
        sentence=atlas.document.require_passage(mention.para_id).find_sentence(mention.start, mention.end),
        chapter=chapter.title if chapter else "",
        section=section.title if section else "",
    )


def find_neighbours(atlas: Atlas, feature_id: str) -> tuple[Feature, ...]:
    """Find the other features that are named in the passages which justify a feature.

    Returns
    -------
    tuple
        Each once, in reading order; empty when the feature has no evidence or stands alone.

    Raises
    ------
    NotFoundError
        If there is no such feature.
    """
    paragraphs = dict.fromkeys(e.para_id for e in find_evidence(atlas, feature_id) if e.role == "evidence")
    mentions = [m for p in paragraphs for m in atlas.mentions_by_paragraph[p] if _stands(atlas, m)]
    others = dict.fromkeys(m.feature_id for m in mentions if m.feature_id != feature_id)
    return tuple(atlas.features[i] for i in others if i in atlas.features)


def find_named(atlas: Atlas, para_id: str) -> tuple[Named, ...]:
    """Find the features that a passage names, in reading order: those whose words come first, first.

    Returns
    -------
    tuple
        Each feature once; features of the same words in the order of their ids. Empty when it names none.

    Raises
    ------
    NotFoundError
        If there is no such passage.
    """
    atlas.document.require_passage(para_id)
    spans: dict[str, dict[tuple[int, int], str]] = {}
    for mention in atlas.mentions_by_paragraph.get(para_id, ()):
        if _stands(atlas, mention) and mention.feature_id in atlas.features:
            spans.setdefault(mention.feature_id, {})[mention.start, mention.end] = mention.role
    return tuple(_named(atlas.features[i], said) for i, said in spans.items())


def _named(feature: Feature, said: dict[tuple[int, int], str]) -> Named:
    return Named(
        feature_id=feature.feature_id,
        name=feature.name,
        layer_id=feature.layer_id,
        role="evidence" if "evidence" in said.values() else "mention",
        located=feature.geometry is not None and not feature.geometry.is_empty,
        spans=tuple(said),
    )


def find_unlocated(atlas: Atlas) -> tuple[Feature, ...]:
    """Find the features that the plan names and nobody has placed: null geometry, in catalogue order, then by id."""
    plan = [e.layer_id for e in atlas.catalog.plan_entries]
    missing = [f for f in atlas.features.values() if f.layer_id in plan and f.geometry is None]
    return tuple(sorted(missing, key=lambda f: (plan.index(f.layer_id), f.feature_id)))
