"""How a feature or a paragraph is cited, with its permanent link: what the card and the text show of it."""

from __future__ import annotations

from datetime import date

from gzmap.atlas import Atlas
from gzmap.query import build_citation
from gzmap.query.citations import EDITIONS
from gzmap.ui.links import format_permalink
from gzmap.ui.words import Lang, say


def describe_citation(atlas: Atlas, cited_id: str, lang: Lang, *, base: str = "", opened: bool = False) -> dict:
    """Describe the references for a feature or a passage.

    Parameters
    ----------
    atlas
        Whose plan.
    cited_id
        A feature id or a ``para_id``.
    lang
        Language of what is said about the references; they themselves are Chinese.
    base
        Address of this server, empty where it is not known: then the plan is cited at its issuer's.
    opened
        Whether the references stand open.

    Returns
    -------
    dict
        ``editions`` of the standard, the newest first, each with its references; ``link``, the permanent link.

    Raises
    ------
    NotFoundError
        If there is neither such a feature nor such a passage.
    """
    is_feature = cited_id in atlas.features
    link = format_permalink(base, *(("map", {"feature": cited_id}) if is_feature else ("text", {"para": cited_id})))
    return {
        "id": cited_id.replace(".", "-"),
        "link": link,
        "opened": opened,
        "editions": [
            {"name": edition, "references": _list_references(atlas, cited_id, edition, link=link, lang=lang)}
            for edition in reversed(EDITIONS)
        ],
    }


def _list_references(atlas: Atlas, cited_id: str, edition: str, *, link: str, lang: Lang) -> list[dict]:
    # The day where the reader sits is meant, whatever the zone.
    citation = build_citation(atlas, cited_id, accessed=date.today(), link=link, edition=edition)  # noqa: DTZ011
    listed = [("shown", citation.shown, ()), ("plan", citation.plan, citation.places)]
    return [
        {
            "id": kind,
            "title": say(f"cite_{kind}", lang),
            "text": reference.text,
            "places": "；".join(place.text for place in places),
            "notes": [say(f"cite_{note}", lang) for note in reference.notes],
        }
        for kind, reference, places in listed
        if reference is not None
    ]
