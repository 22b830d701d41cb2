"""The page of data and methods: what every layer holds, how it was made, how far off it may be, what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from gzmap.atlas import Atlas
from gzmap.catalog import Entry, Feature
from gzmap.query import find_unlocated
from gzmap.ui.cards import describe_accuracy, describe_sources, format_template
from gzmap.ui.facts import name_of
from gzmap.ui.lists import group_by_theme
from gzmap.ui.words import Lang, pick, say, say_distance


def format_register(atlas: Atlas, lang: Lang) -> str:
    """Write the summary, the layers with features, methods, accuracies and sources, and the register of sources."""
    readable = [e for e in atlas.catalog.entries.values() if e.layer_id in atlas.layers]
    plan = [f for f in atlas.features.values() if atlas.entry_of(f).kind == "plan"]
    schematic = [f for f in plan if f.geometry is not None and f.properties.get("method") == "schematic"]
    return format_template(
        "register.html",
        lang,
        document=_document(atlas.document.meta, lang),
        totals=[(n, say(key, lang)) for key, n in _count(atlas, plan).items()],
        themes=[theme for theme in _themes(atlas, readable, lang) if theme["layers"]],
        base=[_layer(atlas, e, lang) for e in reversed(readable) if e.kind == "base"],
        lists=[
            (say("schematic_title", lang), say("schematic_intro", lang), group_by_theme(atlas, schematic, lang)),
            (
                say("unlocated_title", lang),
                say("unlocated_intro", lang),
                group_by_theme(atlas, find_unlocated(atlas), lang),
            ),
        ],
        name_of=name_of,
        accuracy_of=describe_accuracy,
        sources=[_source(atlas, source_id, lang) for source_id in atlas.catalog.sources],
    )


def _document(meta: dict, lang: Lang) -> dict:
    key = "consultation_closed" if meta["consultation_closed"] else "consultation_open"
    return {
        "title": pick(meta, "title", lang),
        "edition": f"{pick(meta, 'edition', lang)} {meta['edition_date']}",
        "issuer": pick(meta, "issuer", lang),
        "url": meta.get("source_url", ""),
        "consultation": say(key, lang, start=meta["consultation_from"], end=meta["consultation_until"]),
        "note": pick({"note": "", **(meta.get("formal") or {})}, "note", lang),
    }


def _count(atlas: Atlas, plan: Sequence[Feature]) -> dict[str, int]:
    """Count features by phrase key."""
    located = [f for f in plan if f.geometry is not None]
    return {
        "total_features": len(plan),
        "total_located": len(located),
        "total_schematic": sum(f.properties.get("method") == "schematic" for f in located),
        "total_unlocated": len(plan) - len(located),
        "total_layers": len(atlas.catalog.plan_entries),
        "total_sources": len(atlas.catalog.sources),
    }


def _themes(atlas: Atlas, readable: Sequence[Entry], lang: Lang) -> list[dict]:
    return [
        {
            "title": pick(dict(theme), "title", lang),
            "color": theme["color"],
            "layers": [
                _layer(atlas, e, lang) for e in reversed(readable) if e.kind == "plan" and e.theme == theme["id"]
            ],
        }
        for theme in reversed(atlas.catalog.themes)
    ]


def _layer(atlas: Atlas, entry: Entry, lang: Lang) -> dict:
    frame, raw = atlas.layers[entry.layer_id], dict(entry.raw)
    located = frame[frame.geometry.notna()]
    methods = located["method"].value_counts().to_dict() if "method" in located else {}
    accuracies = located["accuracy_m"].dropna() if "accuracy_m" in located else ()
    return {
        "id": entry.layer_id,
        "title": pick(raw, "title", lang),
        "description": pick(raw, "description", lang),
        "count": len(frame),
        "located": len(located),
        "schematic": methods.get("schematic", 0),
        "methods": "、".join(f"{say(f'method_{m}', lang)} {n}" for m, n in methods.items()),
        "worst": say_distance(float(accuracies.max()), lang) if len(accuracies) else "—",
        "median": say_distance(float(accuracies.median()), lang) if len(accuracies) else "—",
        "licence": pick(raw, "licence", lang),
        "sources": [_source(atlas, source_id, lang) for source_id in entry.sources],
        "features": _features(atlas, entry, lang) if entry.kind == "plan" else [],
    }


def _features(atlas: Atlas, entry: Entry, lang: Lang) -> list[dict]:
    return [
        {
            "id": f.feature_id,
            "name": name_of(f, lang),
            "method": say(f"method_{f.properties['method']}", lang)
            if f.geometry and f.properties.get("method")
            else "—",
            "accuracy": describe_accuracy(f, lang),
            "district": (f.properties.get("district") or "").replace("|", "、"),
        }
        for f in atlas.features.values()
        if f.layer_id == entry.layer_id
    ]


def _source(atlas: Atlas, source_id: str, lang: Lang) -> dict:
    described = describe_sources(atlas, source_id, lang)[0]
    source = dict(atlas.catalog.sources.get(source_id, {}))
    return described | {
        "publisher": pick(source, "publisher", lang),
        "licence": pick(source, "licence", lang),
        "note": pick(source, "note", lang),
        "retrieved": source.get("retrieved") or "",
    }
