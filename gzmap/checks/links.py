"""Checks of the words: mentions quote the text, every plan feature has evidence, toponyms name features that exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gzmap.checks.features import spot
from gzmap.checks.findings import Finding, build_finding
from gzmap.checks.reading import Project
from gzmap.document import Document
from gzmap.errors import MentionError
from gzmap.mentions import Mention, build_mention

AGAIN = "run `gzmap propose --write`, or correct the line"


def check_evidence(project: Project) -> Iterator[Finding]:
    """Find plan features that no words of the plan justify; says nothing where the mentions are unreadable."""
    justified = {m.feature_id for _, m in project.links if m.role == "evidence"}
    readable = project.layers if project.mentions.text or not project.mentions.findings else []
    for layer in readable:
        for feature in layer.features if layer.is_plan else ():
            if feature["id"] not in justified:
                name = feature["properties"]["name"]
                remedy = "add the text's words to its aliases and run `gzmap propose --write`, or add a mention by hand"
                yield build_finding(
                    "evidence-missing", spot(layer, feature), f"no words of the plan justify {name!r}", remedy=remedy
                )


def check_mentions(project: Project) -> Iterator[Finding]:
    """Find mentions that name no plan feature or do not quote the text to the character."""
    planned = {f["id"] for layer in project.layers if layer.is_plan for f in layer.features}
    # A layer that cannot be read says nothing about which of its features exist.
    silent = tuple(f"{y.entry['id']}." for y in project.layers if y.file.findings)
    for number, mention in project.links:
        where = f"{project.mentions.path}: line {number} ({mention.feature_id})"
        if mention.feature_id not in planned and not mention.feature_id.startswith(silent):
            remedy = "correct the feature_id, or remove the line"
            yield build_finding("mention-unknown-feature", where, "the feature is in no plan layer", remedy=remedy)
        if project.document:
            yield from _check_quote(where, mention, project.document)


def _check_quote(where: str, mention: Mention, document: Document) -> Iterator[Finding]:
    if mention.para_id not in document.passages:
        yield build_finding("span-outside", where, f"the plan has no passage {mention.para_id!r}", remedy=AGAIN)
        return
    passage = document.require_passage(mention.para_id)
    try:
        wanted = build_mention(mention.feature_id, passage, (mention.start, mention.end))
    except MentionError as error:
        yield build_finding("span-outside", where, str(error).rstrip("."), remedy=AGAIN)
        return
    for key in ("exact", "prefix", "suffix"):
        said, stands = getattr(mention, key), getattr(wanted, key)
        if said != stands:
            wrong = f"{key} is {said!r}, but the text has {stands!r}"
            yield build_finding("quote-mismatch", where, wrong, remedy=AGAIN)


def check_toponyms(project: Project) -> Iterator[Finding]:
    """Find toponyms that name features or passages that do not exist, and words that two of them have."""
    owners: dict[str, str] = {}
    for toponym in project.places:
        where = f"{project.toponyms.path}: {toponym.name}"
        for word in toponym.words:
            if word in owners:
                wrong = f"the name {word!r} is also in {owners[word]!r}"
                yield build_finding("id-duplicate", where, wrong, remedy="let one entry have it")
            owners[word] = toponym.name
        meanings = {i for ids in toponym.passages.values() for i in ids}
        yield from check_features(project, where, sorted({*toponym.feature_ids, *meanings}))
        for passage_id in toponym.passages if project.document else ():
            if passage_id not in project.document.passages:
                wrong = f"the plan has no passage {passage_id!r}"
                yield build_finding("span-outside", where, wrong, remedy="correct or remove the exception")


def check_features(project: Project, where: str, feature_ids: Iterable[str]) -> Iterator[Finding]:
    """Find ids of features that do not exist."""
    for feature_id in feature_ids:
        if not project.knows(feature_id):
            wrong = f"the feature {feature_id!r} does not exist"
            yield build_finding("toponym-unknown-feature", where, wrong, remedy="correct or remove the id")
