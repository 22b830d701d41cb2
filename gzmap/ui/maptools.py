"""What the tools on the map are told: their words, and the choices of layers that are offered by name."""

from __future__ import annotations

from gzmap.atlas import Atlas
from gzmap.crs.readings import READING_CRS
from gzmap.ui.toolwords import TOOL_WORDS
from gzmap.ui.words import LANGS, Lang, pick, say

PREFIX = "tool_"


def describe_tools(atlas: Atlas, lang: Lang) -> dict:
    """Describe what is the same on every run.

    Parameters
    ----------
    atlas
        Whose presets are offered.
    lang
        Language of the words.

    Returns
    -------
    dict
        JSON-ready: ``words`` by key without its prefix, with braces for values; ``presets`` of ``{"id", "title",
        "groups"}``; ``systems``, the names of coordinate systems by code.
    """
    return {
        "words": {key.removeprefix(PREFIX): both[LANGS.index(lang)] for key, both in TOOL_WORDS.items()},
        "presets": [
            {"id": p.preset_id, "title": pick(dict(p.titles), "title", lang), "groups": list(p.group_ids)}
            for p in atlas.catalog.presets
        ],
        "systems": {code: say(f"crs_{code}", lang) for code in READING_CRS},
    }
