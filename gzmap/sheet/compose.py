"""From a view to all that its sheet shows, as the template takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gzmap import __version__
from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.document import format_display
from gzmap.sheet.cards import build_cards
from gzmap.sheet.frames import Frame, Layout, build_frame, build_layout, find_bounds_m, find_convergence_deg, fit_scale
from gzmap.sheet.grids import find_bar, format_angle, wrap_svg
from gzmap.sheet.legend import SWATCH_MM, build_legend
from gzmap.sheet.marks import SheetLayer, find_layers
from gzmap.sheet.notes import build_notes, build_standing, find_shown, find_unlocated
from gzmap.sheet.pictures import Picture, cut_area, draw_locator, draw_map, draw_qr
from gzmap.sheet.placing import measure_text
from gzmap.sheet.views import Lang, SheetTable, SheetView, clean_text
from gzmap.sheet.words import pick, say, say_distance

SIZES_PT = {"A4": 6.6, "A3": 8.0}
TITLE_SIZES_PT = {"A4": (20, 18, 16, 14, 12, 10, 8.5, 7), "A3": (26, 24, 22, 20, 18, 16, 14, 12, 10, 8.5)}
COLUMNS = {("A4", False): 2, ("A4", True): 3, ("A3", False): 3, ("A3", True): 4}
"""Columns of the pages with cards."""
BAR_SHARE = 0.3
LOCATOR_MM = {"A4": 24.0, "A3": 34.0}
WORDS_OF_TEMPLATE = ("legend", "legend_more", "notes", "north", "locator", "scan")
FIXED_EM, WIDEST_EM = 6.0, 60.0
"""A table's columns with words up to the first are as wide as these, the others share what is left by theirs."""
SHARE = 0.75
"""Power of a column's width by which it shares: long sentences may stand in more lines."""


@dataclass(frozen=True)
class Draft:
    """A sheet before it is set: its frame, its content for the template, and what the user should know of it.

    ``remarks`` are ``(code, words)``; codes are the keys of the phrases.
    """

    frame: Frame
    content: dict
    shown: tuple[str, ...]
    unlocated: tuple[str, ...]
    remarks: tuple[tuple[str, str], ...]
    day: date


def build_draft(atlas: Atlas, view: SheetView, font: str) -> Draft:
    """Draw and tell everything that a view's sheet shows.

    Raises
    ------
    NotFoundError
        If a layer or the selected feature is not there.
    CatalogError
        If a layer's file is broken.
    """
    if view.selected and not view.selected.startswith(tuple(f"{own.layer_id}." for own in view.own)):
        atlas.require_feature(view.selected)
    layout = build_layout(view.paper, landscape=view.landscape)
    frame = build_frame(view, layout)
    layers = find_layers(atlas, view, frame)
    shown, missing = find_shown(atlas, layers), find_unlocated(atlas, layers, frame)
    code = draw_qr(view.permalink) if view.permalink else None
    day = date.fromisoformat(atlas.document.meta["edition_date"])
    content = {
        **_describe_page(atlas, view, layout, day=day),
        **_describe_map(atlas, view, layout, frame=frame, layers=layers, font=font),
        "qr": _embed(code),
        "permalink": view.permalink,
        "imprint": _build_imprint(shown, view.lang),
        "cards": _build_pages(atlas, view, shown, missing=missing) if view.cards else [],
        "tables": [_describe_table(table) for table in view.tables],
    }
    remarks = _list_remarks(view, layout, frame, has_code=code is not None)
    ids = (tuple(f.feature_id for f in features) for features in (shown, missing))
    return Draft(frame, content, *ids, remarks, day)


def _describe_page(atlas: Atlas, view: SheetView, layout: Layout, *, day: date) -> dict:
    meta, lang = atlas.document.meta, view.lang
    title, edition = (pick(meta, key, lang) for key in ("title", "edition"))
    title = format_display(title) if lang == "zh" else title
    return {
        "lang": lang,
        "size": SIZES_PT[view.paper],
        "date": [day.year, day.month, day.day],
        "title": clean_text(view.title).replace("\n", " ").strip(),
        "title_sizes": TITLE_SIZES_PT[view.paper],
        "subtitle": say("edition_line", lang, title=title, edition=edition, date=day.isoformat()).rstrip("。."),
        "author": pick(meta, "issuer", lang),
        "page": {"width": layout.width_mm, "height": layout.height_mm, "margin": layout.margin_mm},
        "layout": {"title": layout.title_mm, "strip": layout.strip_mm, "gap": layout.gap_mm},
        "columns": COLUMNS[view.paper, view.landscape],
        "standing": build_standing(view),
        "words": {key: say(key, lang) for key in WORDS_OF_TEMPLATE},
    }


def _build_imprint(shown: Sequence[Feature], lang: Lang) -> list[str]:
    """Say what drew the sheet, and when the newest of its features was entered."""
    entered = max((str(f.properties.get("entered") or "") for f in shown), default="")
    made = say("made_with", lang, version=__version__)
    return [made, say("entered_until", lang, date=entered)] if entered else [made]


def _describe_map(
    atlas: Atlas, view: SheetView, layout: Layout, *, frame: Frame, layers: Sequence[SheetLayer], font: str
) -> dict:
    lang, scale = view.lang, f"{frame.scale:,}".replace(",", " ")
    bar = find_bar(frame.scale, longest_mm=layout.map_mm[0] * BAR_SHARE)
    legend = build_legend(atlas.catalog, layers, view)
    for row in legend:
        if "svg" in row:
            row["svg"] = wrap_svg(row["svg"], size_mm=SWATCH_MM, font=font)
    return {
        "fonts": [font],
        "map": _embed(draw_map(tuple(layers), view, frame, band_mm=layout.band_mm, font=font)),
        "map_alt": say("map_alt", lang, title=view.title, scale=frame.scale),
        "scale": f"1:{scale}",
        "scale_note": say("scale_note", lang, distance=say_distance(frame.scale / 100, lang)),
        "bar": {"step": bar.step_mm, "count": bar.count, **_label_bar(bar.step_m, bar.count, lang)},
        "north": _tell_north(frame, lang),
        "locator": _embed(draw_locator(atlas, frame, LOCATOR_MM[view.paper], font=font)),
        "legend": legend,
        "swatch": SWATCH_MM,
        "notes": build_notes(atlas, layers, view, frame=frame),
    }


def _embed(picture: Picture | None) -> dict | None:
    if picture is None:
        return None
    return {"svg": picture.svg, "width": picture.width_mm, "height": picture.height_mm}


def _label_bar(step_m: float, count: int, lang: Lang) -> dict:
    per, unit = (1000, "kilometres") if step_m * count >= 1000 else (1, "metres")
    return {"labels": [f"{step_m * n / per:g}" for n in range(count + 1)], "unit": say(unit, lang)}


def _tell_north(frame: Frame, lang: Lang) -> list[str]:
    """Say what the arrow points to, and where true north is from there."""
    degrees = find_convergence_deg(frame)
    key = "true_north_east" if degrees >= 0 else "true_north_west"
    return [say("grid_north", lang), say(key, lang, angle=format_angle(degrees)[:-3])]


def _build_pages(atlas: Atlas, view: SheetView, shown: Sequence, *, missing: Sequence) -> list[dict]:
    """Pages with the cards of what is drawn, and of what is not."""
    pages = [("cards", shown), ("unlocated_title", missing)]
    intros = {"cards": "cards_intro", "unlocated_title": "unlocated_intro"}
    return [
        {
            "title": say(key, view.lang),
            "intro": say(intros[key], view.lang, n=len(features)),
            "groups": build_cards(atlas, features, view.lang),
        }
        for key, features in pages
        if features
    ]


def _describe_table(table: SheetTable) -> dict:
    """Write a table as the template takes it: columns as wide as their words ask for, numbers to the right."""
    rows = [[clean_text(cell) for cell in row] for row in table.rows]
    heads = [clean_text(head) for head in table.heads]
    columns = list(zip(heads, *rows, strict=True))
    # A head may stand in two lines.
    asked = [max(measure_text(head, 1) / 2, *(measure_text(c, 1) for c in cells), 1) for head, *cells in columns]
    return {
        "title": clean_text(table.title),
        "notes": [clean_text(note) for note in table.notes],
        "heads": heads,
        "rows": rows,
        "widths": [[width, 0] if width <= FIXED_EM else [0, min(width, WIDEST_EM) ** SHARE] for width in asked],
        "numeric": [_is_numeric(column[1:]) for column in columns],
    }


def _is_numeric(cells: Sequence[str]) -> bool:
    told = [cell.strip().rstrip("%").strip() for cell in cells if cell.strip()]
    return bool(told) and all(cell.replace(".", "", 1).replace(",", "").isdecimal() for cell in told)


def _list_remarks(view: SheetView, layout: Layout, frame: Frame, *, has_code: bool) -> tuple[tuple[str, str], ...]:
    remarks = []
    if view.scale is not None and view.bbox is not None:
        west, south, east, north = find_bounds_m(view)
        if east - west > frame.to_ground(frame.width_mm) or north - south > frame.to_ground(frame.height_mm):
            fit = fit_scale(east - west, north - south, layout.map_mm)
            remarks.append(("too_small", say("too_small", view.lang, scale=view.scale, fit=fit)))
    if view.area is not None and cut_area(view.area, frame).is_empty:
        remarks.append(("area_off", say("area_off", view.lang)))
    if view.permalink and not has_code:
        remarks.append(("no_qr", say("no_qr", view.lang, n=len(view.permalink.encode()))))
    return tuple(remarks)
