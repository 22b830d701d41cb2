"""The page 我的区, for residents: what the plan says of a district, a place or a position, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gzmap.atlas import Atlas
from gzmap.errors import NotFoundError
from gzmap.query import Hit, PlainGroup, PlainItem, ResidentAnswer, find_for_residents, list_plainly, say_basis
from gzmap.query.residents import RADIUS_M
from gzmap.ui.asking import POSITION
from gzmap.ui.cards import describe_category, describe_passage, format_template
from gzmap.ui.facts import name_of, split_ids
from gzmap.ui.ledger import describe_key
from gzmap.ui.links import format_map_link, format_permalink, list_base_layers
from gzmap.ui.outlines import draw_districts, find_spot
from gzmap.ui.params import HERE, format_link
from gzmap.ui.state import Place
from gzmap.ui.words import Lang, say, say_distance

DECIMALS = 3
"""Decimals of degrees that are kept of a person's position: about 100 m."""

ROUGH_M = 300
"""A position that the browser knows worse than this is told to be rough."""

FOLDED = ("city",)
"""Scopes whose subjects are folded: they say the same whatever was asked."""


@dataclass(frozen=True)
class Wish:
    """What a resident asks: one of a district, a place and a position in degrees; ``at_here`` is the browser's."""

    district: str = ""
    place: str = ""
    point: tuple[float, float] | None = None
    at_here: bool = False
    off_m: float = 0.0
    dropped: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked."""
        return not (self.district or self.place or self.point)

    @property
    def params(self) -> dict[str, str]:
        """The parameters of an address that asks the same; a position is in it only where it is to be shared."""
        if self.point:
            return {"at": "{:.{n}f},{:.{n}f}".format(*self.point, n=DECIMALS)}
        return {"district": self.district} if self.district else {"place": self.place}


def read_wish(asked: Mapping[str, str]) -> Wish:
    """Read what is asked: a position before a place, a place before a district."""
    position = asked.get(HERE) or asked.get("at", "")
    if position:
        point = _parse_position(position)
        if point is None:
            return Wish(dropped=position)
        off = asked.get("off", "")
        return Wish(point=point, at_here=HERE in asked, off_m=float(off) if off.isdecimal() and off.isascii() else 0.0)
    return Wish(place=asked["place"]) if asked.get("place") else Wish(district=asked.get("district", ""))


def _parse_position(text: str) -> tuple[float, float] | None:
    """Read longitude and latitude, rounded to `DECIMALS`; None for what is no place on the earth."""
    if not POSITION.fullmatch(text):
        return None
    lon, lat = (round(float(part), DECIMALS) for part in text.split(","))
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None


def format_mine(atlas: Atlas, place: Place, base: str = "") -> str:
    """Write the page; ``base`` is the address of this server, empty where it is not known."""
    lang, wish = place.lang, read_wish(place.asked.get("mine", {}))
    answer, unknown = None, wish.dropped
    if not wish.is_empty:
        try:
            answer = find_for_residents(atlas, district=wish.district, place=wish.place, point=wish.point)
        except NotFoundError:
            unknown = wish.district or wish.place
    picture = draw_districts(atlas)
    return format_template(
        "mine.html",
        lang,
        wish=wish,
        unknown=unknown,
        typed="" if wish.place in atlas.features else wish.place,
        buttons=[_button(atlas, o.name, answer, lang=lang) for o in picture.outlines],
        answer=_answer(atlas, answer, wish, lang=lang) if answer else None,
        link=format_permalink(base, "mine", wish.params | ({"lang": lang} if lang != "zh" else {})) if answer else "",
        picture=picture,
        spot=find_spot(atlas, *wish.point) if wish.point else None,
        basis=say_basis(atlas, lang),
    )


def _button(atlas: Atlas, district: str, answer: ResidentAnswer | None, *, lang: Lang) -> dict:
    asked = {"district": district}
    return {
        "name": district,
        "title": describe_key(atlas, "district", district, lang=lang).removesuffix(" District"),
        "on": answer is not None and answer.kind == "district" and answer.title == district,
        "inside": answer is not None and district in answer.districts,
        "href": format_link("mine", asked),
        "go": {"kind": "ask", "page": "mine", "asked": asked},
    }


def _answer(atlas: Atlas, answer: ResidentAnswer, wish: Wish, *, lang: Lang) -> dict:
    """Describe the answer: where it is about, what else may have been meant, and everything that is said."""
    groups = list_plainly(atlas, answer, lang)
    ids = [i.feature_id for g in groups if g.scope not in FOLDED for s in g.subjects for i in s.items]
    drawn = [atlas.features[i] for i in ids if atlas.features[i].geometry is not None]
    bbox, within = _find_bbox(atlas, answer)
    where = [describe_key(atlas, "district", d, lang=lang) for d in answer.districts]
    return {
        "title": _title(atlas, answer, wish, lang=lang),
        "position": say("mine_position", lang, lon=f"{answer.lon:.3f}", lat=f"{answer.lat:.3f}") if wish.point else "",
        "where": ("、" if lang == "zh" else ", ").join(where) if answer.kind != "district" else "",
        "is_outside": answer.kind in ("position", "place") and not answer.districts,
        "off": say_distance(wish.off_m, lang) if wish.off_m > ROUGH_M else "",
        "choices": [_choice(atlas, hit, lang) for hit in answer.choices],
        "n_here": sum(g.count for g in groups if g.scope not in FOLDED),
        "n_city": sum(g.count for g in groups if g.scope in FOLDED),
        "groups": [_group(atlas, group, lang) for group in groups],
        "map_href": format_map_link(bbox, drawn, base_layers=list_base_layers(atlas)),
        "map_go": {"kind": "together", "ids": [f.feature_id for f in drawn], "within": within},
        "n_drawn": len(drawn),
        "radius": say_distance(RADIUS_M, lang),
    }


def _title(atlas: Atlas, answer: ResidentAnswer, wish: Wish, *, lang: Lang) -> str:
    if answer.kind == "position":
        return say("mine_here" if wish.at_here else "mine_point", lang)
    if answer.kind == "district":
        return describe_key(atlas, "district", answer.title, lang=lang)
    asked = answer.of("asked")
    return name_of(atlas.features[asked[0].feature_id], lang) if asked else answer.title


def _find_bbox(atlas: Atlas, answer: ResidentAnswer) -> tuple[tuple[float, float, float, float], str]:
    """Find where the map is to look, and the district that this is, empty for a position: about 2 km around it."""
    if answer.lon is not None and answer.lat is not None:
        return (answer.lon - 0.02, answer.lat - 0.02, answer.lon + 0.02, answer.lat + 0.02), ""
    outlines = {o.name: o.feature_id for o in draw_districts(atlas).outlines}
    within = next((outlines[d] for d in answer.districts if d in outlines), "")
    shapes = [atlas.features[within]] if within else [atlas.features[i] for i in outlines.values()]
    bounds = [f.geometry.bounds for f in shapes]
    west, south, east, north = zip(*bounds, strict=True)
    return (min(west), min(south), max(east), max(north)), within


def _choice(atlas: Atlas, hit: Hit, lang: Lang) -> dict:
    """Describe another thing of a like name."""
    feature = atlas.features[hit.id]
    districts = [describe_key(atlas, "district", d, lang=lang) for d in split_ids(feature.properties.get("district"))]
    note = "" if feature.layer_id == "districts" else describe_category(atlas, feature, lang)
    asked = {"place": hit.id}
    return {
        "title": name_of(feature, lang),
        "note": " · ".join(filter(None, (note, ("、" if lang == "zh" else ", ").join(districts)))),
        "href": format_link("mine", asked),
        "go": {"kind": "ask", "page": "mine", "asked": asked},
    }


def _group(atlas: Atlas, group: PlainGroup, lang: Lang) -> dict:
    return {
        "scope": group.scope,
        "title": group.title,
        "hint": group.hint,
        "count": group.count,
        "folded": group.scope in FOLDED,
        "subjects": [
            {"id": s.id, "title": s.title, "items": [_item(atlas, item, lang) for item in s.items]}
            for s in group.subjects
        ],
    }


def _item(atlas: Atlas, item: PlainItem, lang: Lang) -> dict:
    return {
        "id": item.feature_id,
        "headline": item.headline,
        "lines": item.lines,
        "drawn": atlas.features[item.feature_id].geometry is not None,
        "quotes": [
            {"para": para_id, "text": sentence, "where": describe_passage(atlas, para_id, lang)}
            for para_id, sentence in item.quotes
        ],
    }
