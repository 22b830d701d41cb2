"""What the browser searches in: the keys of names that `gzmap.names` makes, and the table that folds what is typed."""

from __future__ import annotations

from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.names import LOCAL_VARIANTS, convert_simplified, format_key, parse_name
from gzmap.query import Hit
from gzmap.query.text import LABEL_LAYERS

HAN = (0x3400, 0xA000)
"""Code points among which traditional characters are looked for."""


def list_searched(atlas: Atlas) -> list[Feature]:
    """List what has a name to be found by, in the order that breaks ties: plan layers, then base layers."""
    plan = [e.layer_id for e in atlas.catalog.plan_entries]
    rank = {layer_id: n for n, layer_id in enumerate((*plan, *LABEL_LAYERS))}
    searched = [f for f in atlas.features.values() if f.layer_id in rank]
    return sorted(searched, key=lambda f: (rank[f.layer_id], f.feature_id))


def list_hits(atlas: Atlas) -> list[Hit]:
    """List everything that can be found as if it were found: features and labels, then paragraphs without a match."""
    plan = {e.layer_id for e in atlas.catalog.plan_entries}
    named = [
        Hit(kind="feature" if f.layer_id in plan else "label", id=f.feature_id, name=f.name, score=0.0)
        for f in list_searched(atlas)
    ]
    paragraphs = atlas.document.paragraphs.values()
    return named + [Hit(kind="paragraph", id=p.para_id, name=p.title, score=0.0) for p in paragraphs]


def build_index(atlas: Atlas) -> dict:
    """Build the index.

    Returns
    -------
    dict
        JSON-ready: ``owners`` of ``[feature id, 1 for a feature of the plan]``; ``names`` of ``[position in owners,
        text, readings, initials, starts of the syllables of each reading]``; ``paragraphs`` of ``[para_id, folded
        title, text]``; ``fold``, characters with what each is compared by.
    """
    searched = list_searched(atlas)
    plan = {e.layer_id for e in atlas.catalog.plan_entries}
    names = []
    for position, feature in enumerate(searched):
        for word in _list_words(feature):
            keys = parse_name(word)
            names.append([position, keys.text, keys.readings, keys.initials, keys.starts])
    paragraphs = [[p.para_id, format_key(p.title), p.text] for p in atlas.document.paragraphs.values()]
    used = {c for name in names for c in name[1]} | {c for p in paragraphs for c in format_key(p[2])}
    return {
        "owners": [[f.feature_id, int(f.layer_id in plan)] for f in searched],
        "names": names,
        "paragraphs": paragraphs,
        "fold": _build_fold(used),
    }


def _list_words(feature: Feature) -> list[str]:
    """Name, aliases and English name of a feature, as the search of the app has them."""
    aliases = str(feature.properties.get("aliases") or "").split("|")
    words = [feature.name, *aliases, str(feature.properties.get("name_en") or "")]
    return [w for w in dict.fromkeys(words) if format_key(w)]


def _build_fold(used: set[str]) -> dict[str, str]:
    """Say what traditional characters and local variants become; only what can lead to a character that is in use."""
    fold = {}
    for code in range(*HAN):
        char = chr(code)
        plain = convert_simplified(char).translate(LOCAL_VARIANTS)
        if plain != char and plain in used:
            fold[char] = plain
    return fold
