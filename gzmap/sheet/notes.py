"""What a reader must know of the map: edition, reference system, accuracy, sources, what is not drawn."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence

import shapely

from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.crs import convert_shapes_to_metric
from gzmap.document import format_display
from gzmap.sheet.frames import Frame
from gzmap.sheet.grids import find_grid_km
from gzmap.sheet.marks import SheetLayer, order_layers
from gzmap.sheet.views import Lang, SheetView, clean_text
from gzmap.sheet.words import pick, say, say_distance

NAMES_SHOWN = 12
SOURCES_SHOWN = 5


def find_shown(atlas: Atlas, layers: Sequence[SheetLayer]) -> tuple[Feature, ...]:
    """Find the plan's features on the map, each once, in the order of the legend, then by id."""
    plan = _list_plan(atlas, layers)
    return tuple(atlas.features[i] for layer in plan for i in sorted({m.feature_id for m in layer.marks}))


def find_unlocated(atlas: Atlas, layers: Sequence[SheetLayer], frame: Frame) -> tuple[Feature, ...]:
    """Find the features of the map's layers that nobody has placed, by layer and id.

    One that is known to belong to districts counts where the map shows one of these.
    """
    districts = set(_list_districts(atlas, frame))
    plan = {layer.entry.layer_id: n for n, layer in enumerate(_list_plan(atlas, layers))}
    missing = [f for f in atlas.features.values() if f.layer_id in plan and f.geometry is None]
    near = [f for f in missing if not (told := _list_words(f.properties.get("district"))) or districts & set(told)]
    return tuple(sorted(near, key=lambda f: (plan[f.layer_id], f.feature_id)))


def _list_plan(atlas: Atlas, layers: Sequence[SheetLayer]) -> list[SheetLayer]:
    return [layer for layer in order_layers(atlas.catalog, layers) if layer.entry.kind == "plan" and layer.opacity]


def _list_districts(atlas: Atlas, frame: Frame) -> Iterator[str]:
    table = atlas.layers.get("districts")
    if table is not None:
        shapes = convert_shapes_to_metric(table.geometry.to_numpy())
        yield from table["name"][shapely.intersects(shapes, shapely.box(*frame.bounds_m))]


def _list_words(value: object) -> list[str]:
    return [word for word in str(value or "").split("|") if word]


def build_notes(atlas: Atlas, layers: Sequence[SheetLayer], view: SheetView, *, frame: Frame) -> list[tuple[str, str]]:
    """Build the notes as ``(title, text)``."""
    shown, missing = find_shown(atlas, layers), find_unlocated(atlas, layers, frame)
    grid = f"{find_grid_km(frame):g}"
    notes = [
        ("edition", _tell_edition(atlas.document.meta, view.lang)),
        ("crs", say("crs_line", view.lang, grid=grid)),
        ("accuracy", _tell_accuracy(shown, layers, view, frame=frame)),
        ("unlocated", _tell_unlocated(missing, view.lang)),
        ("sources", _tell_sources(atlas, layers, shown, lang=view.lang)),
    ]
    return [(say(key, view.lang), clean_text(text)) for key, text in notes if text]


def _tell_edition(meta: dict, lang: Lang) -> str:
    title, edition = (pick(meta, key, lang) for key in ("title", "edition"))
    title = format_display(title) if lang == "zh" else title
    line = say("edition_line", lang, title=title, edition=edition, date=meta["edition_date"])
    formal = meta.get("formal")
    return line + (join_sentences(say("formal_line", lang, date=formal["issued"]), lang) if formal else "")


def join_sentences(text: str, lang: Lang) -> str:
    """Set a sentence behind another: English has a space between."""
    return text if lang == "zh" else f" {text}"


def _tell_accuracy(shown: Sequence[Feature], layers: Sequence[SheetLayer], view: SheetView, *, frame: Frame) -> str:
    known = [f.accuracy_m for f in shown if f.accuracy_m]
    said = []
    if known:
        least, most, middle = (say_distance(m, view.lang) for m in (min(known), max(known), statistics.median(known)))
        key = "accuracy_one" if least == most else "accuracy_line"
        mm = say_distance(frame.to_ground(1), view.lang)
        said.append(say(key, view.lang, least=least, most=most, middle=middle, mm=mm))
    if schematic := sum(f.properties.get("method") == "schematic" for f in shown):
        said.append(say("schematic_line", view.lang, n=schematic))
    if any(layer.is_own and layer.marks for layer in layers):
        said.append(say("own_line", view.lang))
    if not any(layer.marks for layer in layers if layer.entry.kind != "base"):
        said.append(say("nothing_here", view.lang))
    return said[0] + "".join(join_sentences(more, view.lang) for more in said[1:]) if said else ""


def _tell_unlocated(missing: Sequence[Feature], lang: Lang) -> str:
    if not missing:
        return ""
    names = say("list_comma", lang).join(pick(dict(f.properties), "name", lang) for f in missing[:NAMES_SHOWN])
    if len(missing) > NAMES_SHOWN:
        names = say("and_others", lang, names=names)
    return say("unlocated_line", lang, n=len(missing), names=names)


def _tell_sources(atlas: Atlas, layers: Sequence[SheetLayer], shown: Iterable[Feature], *, lang: Lang) -> str:
    """Name the sources that most features rest on, those of the base first."""
    counts: dict[str, int] = {}
    for layer in layers:
        if layer.entry.kind == "base" and layer.marks:
            counts |= dict.fromkeys(layer.entry.sources[:1], 10**6)
    for feature in shown:
        for one in _list_words(feature.properties.get("source_id")):
            counts[one] = counts.get(one, 0) + 1
    ordered = sorted(counts, key=lambda one: (-counts[one], one))
    titles = [
        format_display(pick(dict(atlas.catalog.sources.get(one, {"title": one})), "title", lang)) for one in ordered
    ]
    if not titles:
        return ""
    names = say("list_stop", lang).join(titles[:SOURCES_SHOWN])
    more = say("sources_more", lang, names=names, n=len(titles)) if len(titles) > SOURCES_SHOWN else names
    return more + say("full_stop", lang)


def build_standing(view: SheetView) -> list[str]:
    """Say what the map is not, and its 审图号: the lines at the lower left."""
    number = clean_text(view.review_number).strip()
    reviewed = say("reviewed", view.lang, number=number) if number else say("unreviewed", view.lang)
    return [say("unofficial", view.lang), reviewed]
