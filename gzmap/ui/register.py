"""The page of sources and data: per layer what it holds, how it was made and how far off it may be."""

from __future__ import annotations

import pandas

from gzmap.atlas import Atlas
from gzmap.catalog import Entry
from gzmap.ui.cards import describe_accuracy, describe_sources, format_template, name_of
from gzmap.ui.words import Lang, pick, say, say_distance


def format_register(atlas: Atlas, lang: Lang) -> str:
    """Write the layers with their features, methods, accuracies and sources, and the register of sources."""
    readable = [e for e in atlas.catalog.entries.values() if e.layer_id in atlas.layers]
    meta = atlas.document.meta
    return format_template(
        "register.html",
        lang,
        document={
            "title": pick(meta, "title", lang),
            "edition": f"{pick(meta, 'edition', lang)} {meta['edition_date']}",
            "issuer": pick(meta, "issuer", lang),
            "url": meta["source_url"],
            "consultation": _consultation(meta, lang),
            "note": pick(meta["formal"], "note", lang),
        },
        groups=[
            (say("plan_layers", lang), [_layer(atlas, e, lang) for e in readable if e.kind == "plan"]),
            (say("base_layers", lang), [_layer(atlas, e, lang) for e in readable if e.kind == "base"]),
        ],
        sources=[_source(atlas, source_id, lang) for source_id in atlas.catalog.sources],
    )


def _consultation(meta: dict, lang: Lang) -> str:
    key = "consultation_closed" if meta["consultation_closed"] else "consultation_open"
    return say(key, lang, start=meta["consultation_from"], end=meta["consultation_until"])


def _layer(atlas: Atlas, entry: Entry, lang: Lang) -> dict:
    frame = atlas.layers[entry.layer_id]
    raw = dict(entry.raw)
    methods = frame["method"].value_counts().to_dict() if "method" in frame else {}
    worst = frame["accuracy_m"].max() if "accuracy_m" in frame else float("nan")
    return {
        "title": pick(raw, "title", lang),
        "description": pick(raw, "description", lang),
        "count": len(frame),
        "located": int(frame.geometry.notna().sum()),
        "methods": "、".join(f"{say(f'method_{m}', lang)} {n}" for m, n in methods.items()),
        "worst": "—" if pandas.isna(worst) else say_distance(float(worst), lang),
        "licence": pick(raw, "licence", lang),
        "sources": describe_sources(atlas, "|".join(entry.sources), lang),
        "features": _features(atlas, entry, lang) if entry.kind == "plan" else [],
    }


def _features(atlas: Atlas, entry: Entry, lang: Lang) -> list[dict]:
    return [
        {
            "id": f.feature_id,
            "name": name_of(f, lang),
            "method": say(f"method_{f.properties['method']}", lang) if f.properties.get("method") else "—",
            "accuracy": describe_accuracy(f, lang),
            "district": (f.properties.get("district") or "").replace("|", "、"),
        }
        for f in atlas.features.values()
        if f.layer_id == entry.layer_id
    ]


def _source(atlas: Atlas, source_id: str, lang: Lang) -> dict:
    source = dict(atlas.catalog.sources[source_id])
    described = describe_sources(atlas, source_id, lang)[0]
    return described | {
        "publisher": pick(source, "publisher", lang),
        "licence": pick(source, "licence", lang),
        "note": pick(source, "note", lang),
        "retrieved": source.get("retrieved") or "",
    }
