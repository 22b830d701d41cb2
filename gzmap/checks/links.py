"""Checks of the words: mentions quote the text, every plan feature has evidence, toponyms name features that exist."""

from __future__ import annotations

from collections.abc import Iterator

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
    paragraph = document.paragraphs.get(mention.para_id)
    if paragraph is None:
        yield build_finding("span-outside", where, f"the plan has no paragraph {mention.para_id!r}", remedy=AGAIN)
        return
    try:
        wanted = build_mention(mention.feature_id, paragraph, (mention.start, mention.end))
    except MentionError as error:
        yield build_finding("span-outside", where, str(error).rstrip("."), remedy=AGAIN)
        return
    for key in ("exact", "prefix", "suffix"):
        said, stands = getattr(mention, key), getattr(wanted, key)
        if said != stands:
            wrong = f"{key} is {said!r}, but the text has {stands!r}"
            yield build_finding("quote-mismatch", where, wrong, remedy=AGAIN)


def check_toponyms(project: Project) -> Iterator[Finding]:
    """Find toponyms that are not built as their schema says or name features that do not exist."""
    known = {f["id"] for layer in project.layers for f in layer.features}
    silent = tuple(f"{y.entry['id']}." for y in project.layers if y.file.findings)
    for number, toponym in enumerate(project.toponyms.content.get("toponyms", []), 1):
        where = f"{project.toponyms.path}: {toponym.get('name', f'toponym {number}')}"
        ids = toponym.get("feature_ids")
        is_built = isinstance(toponym.get("name"), str) and isinstance(toponym.get("collective"), bool)
        if not is_built or not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
            wrong = "needs name (text), feature_ids (list of text) and collective (true or false)"
            yield build_finding("json-invalid", where, wrong, remedy="correct the entry")
            continue
        for feature_id in ids:
            if feature_id not in known and not feature_id.startswith(silent):
                remedy = "correct or remove the id"
                yield build_finding(
                    "toponym-unknown-feature", where, f"the feature {feature_id!r} does not exist", remedy=remedy
                )
