"""The check before export as the page shows it: what is lost or changed, and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import streamlit as st

from gzmap.atlas import Atlas
from gzmap.export import ENCODINGS, FORMATS, SCHEMES, Dataset, Loss, Selection, build_dataset, check_order
from gzmap.export.losses import CHANGED, CODES, REFUSED
from gzmap.export.naming import rename_fields
from gzmap.export.order import FIXES
from gzmap.export.preflight import SEVERITIES
from gzmap.ui.cards import format_template
from gzmap.ui.wishes import Wish
from gzmap.ui.words import LANGS, Lang, pick, say

FEW = 8
"""A group of at most this many changes is shown unfolded."""

SHOWN_CHARS = 40
"""Of a text in the example row."""

CHOICES = {"encoding": "gz_encoding", "names": "gz_names", "crs": "gz_crs", "clip": "gz_clip", "nulls": "gz_nulls",
           "schematic": "gz_schematic"}  # fmt: skip
"""Keys of the widgets by the choices that a remedy sets."""


@lru_cache(maxsize=8)
def load_dataset(atlas: Atlas, selection: Selection, crs: str) -> Dataset:
    """Build a dataset, or take the one that was built before: a choice of format or names changes nothing of it."""
    return build_dataset(atlas, selection, crs)


def check_wish(atlas: Atlas, wish: Wish) -> list[tuple[str, Loss]]:
    """Find what a wish would lose or change, as ``(format key, loss)``.

    Raises
    ------
    ExportError, NotFoundError, CRSError
        If there is nothing to check: nothing is selected, or the CRS does not fit.
    """
    return [
        (choices.fmt, loss)
        for choices in wish.parts
        for loss in check_order(load_dataset(atlas, wish.selection, choices.crs), choices)
    ]


def is_refused(found: Iterable[tuple[str, Loss]]) -> bool:
    """Tell whether something must be fixed before anything is written."""
    return any(loss.severity == REFUSED for _, loss in found)


def format_preflight(atlas: Atlas, wish: Wish, found: Sequence[tuple[str, Loss]], *, lang: Lang) -> str:
    """Write the check: groups of the same loss with their remedy, what is refused first."""
    told: dict[Loss, list[str]] = {}
    for fmt, loss in found:
        told.setdefault(loss, []).append(fmt)
    groups: dict[tuple, list[Loss]] = {}
    for loss, formats in told.items():
        groups.setdefault((loss.code, loss.severity, loss.fix, tuple(formats)), []).append(loss)
    shown = [
        {
            "fmt": " · ".join(FORMATS[fmt].title for fmt in formats) if wish.formats else "",
            "severity": severity,
            "label": say(f"severity_{severity}", lang),
            "title": _name_loss(losses[0], lang),
            "n": len(losses),
            "fixes": _list_fixes(losses[0], formats, wish, lang=lang),
            **_tabulate(atlas, losses, lang),
            "is_open": severity == REFUSED or (severity == CHANGED and len(losses) <= FEW),
        }
        for (_, severity, _, formats), losses in groups.items()
    ]
    shown.sort(key=lambda group: SEVERITIES.index(group["severity"]))
    counts = Counter(loss.severity for loss in told)
    ordered = [(s, say(f"severity_{s}", lang), counts[s]) for s in SEVERITIES if counts[s]]
    return format_template("preflight.html", lang, groups=shown, counts=ordered, refused=counts[REFUSED])


def _name_loss(loss: Loss, lang: Lang) -> str:
    name = CODES[loss.code][LANGS.index(lang)] if loss.code in CODES else pick(vars(loss), "detail", lang)
    return _begin(name)


def _begin(text: str) -> str:
    """Begin with a capital."""
    return text[:1].upper() + text[1:]


def _tabulate(atlas: Atlas, losses: Sequence[Loss], lang: Lang) -> dict:
    """Give the heads and rows of a table of losses, and their remedy.

    What none of them names has no column, nor has a remedy that is the same for all.
    """
    remedies = [pick(vars(loss), "remedy", lang) for loss in losses]
    is_same = len(set(remedies)) == 1
    heads = [_begin(say(key, lang)) for key in ("layer", "field", "feature", "loss", "remedy")]
    rows = [
        (*_describe(atlas, loss, lang), "" if is_same else remedy)
        for loss, remedy in zip(losses, remedies, strict=True)
    ]
    kept = [number for number in range(len(heads)) if any(row[number] for row in rows)]
    return {
        "remedy": remedies[0] if is_same else "",
        "heads": [heads[n] for n in kept],
        "rows": [[row[n] for n in kept] for row in rows],
    }


def _describe(atlas: Atlas, loss: Loss, lang: Lang) -> tuple[str, str, str, str]:
    """Name where a loss is, and say what happens there."""
    entry = atlas.catalog.entries.get(loss.layer)
    feature = atlas.features.get(loss.feature_id)
    layer = pick(dict(entry.raw), "title", lang) if entry else loss.layer
    known = atlas.catalog.fields_of(entry).get(loss.field, {}) if entry else {}
    title = pick(dict(known), "title", lang)
    field = loss.field if title.lower() == loss.field else f"{loss.field} {title}".strip()
    name = f"{pick(dict(feature.properties), 'name', lang)} {loss.feature_id}" if feature else loss.feature_id
    return layer, field, name, pick(vars(loss), "detail", lang)


def _list_fixes(loss: Loss, formats: Sequence[str], wish: Wish, *, lang: Lang) -> list[dict]:
    """List the remedies that a click takes, each with what it says."""
    fixes = [loss.fix, "rename"] if loss.code == "field-name" and loss.severity == REFUSED else [loss.fix]
    listed = []
    for fix in dict.fromkeys(fixes):
        name, _, value = fix.partition("=")
        helps = fix in FIXES or name in CHOICES or (name == "fmt" and value in FORMATS and value not in wish.formats)
        if helps and fix not in wish.choices.fixes:
            listed.append({"title": _name_fix(fix, lang), "go": {"kind": "fix", "fix": fix, "formats": list(formats)}})
    return listed


def _name_fix(fix: str, lang: Lang) -> str:
    name, _, value = fix.partition("=")
    if fix in FIXES:
        what = FIXES[fix][LANGS.index(lang)]
    elif name == "names" and value in SCHEMES:
        what = SCHEMES[value][LANGS.index(lang)]
    elif value in ("true", "false"):
        return say("fix", lang)
    else:
        what = FORMATS[value].title if value in FORMATS else value.upper()
    return say("fix_to", lang, what=what)


def take_fix(go: Mapping) -> None:
    """Take a remedy: set the choice that it names, before the page runs again."""
    state = st.session_state
    name, _, value = str(go["fix"]).partition("=")
    if name in FIXES:
        state["gz_fixes"] = [*dict.fromkeys([*state.get("gz_fixes", []), name])]
    elif name == "fmt" and state.get("gz_kind") == "packet":
        kept = [key for key in state["gz_formats"] if key not in go["formats"]]
        state["gz_formats"] = [*dict.fromkeys([*kept, value])]
    elif name == "fmt":
        state["gz_format"] = value
    elif name in CHOICES:
        state[CHOICES[name]] = {"true": True, "false": False}.get(value, value)


# --- what the formats and names mean


def format_limits(lang: Lang) -> str:
    """Write the table of formats with what each can hold."""
    return format_template("formats.html", lang, formats=list(FORMATS.values()))


def format_example(atlas: Atlas, wish: Wish, lang: Lang) -> str:
    """Write the fields of the first layer as they are called in the file, and its first row."""
    choices = wish.parts[0]
    table = load_dataset(atlas, wish.selection, choices.crs).tables[0]
    fmt, encoding = FORMATS[choices.fmt], ENCODINGS[choices.encoding]
    named, _ = rename_fields(table, choices.names, fmt, encoding=encoding)
    columns = [
        (c.name, c.title_en if lang == "en" else c.title, _shorten(next(iter(c.values), None))) for c in named.columns
    ]
    title = pick(dict(atlas.catalog.entries[table.name].raw), "title", lang)
    return format_template("example.html", lang, columns=columns, title=say("example_title", lang, layer=title))


def _shorten(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"
