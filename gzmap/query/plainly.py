"""What the plan says, told to residents in plain words, in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gzmap.atlas import Atlas
from gzmap.document import format_display
from gzmap.query import plain_words as words
from gzmap.query.plain_words import Lang
from gzmap.query.residents import RADIUS_M, SCOPES, ResidentAnswer, Statement
from gzmap.query.shares import find_district_names

FEW = 3
"""Greatest number of districts that are listed by name."""


@dataclass(frozen=True)
class PlainItem:
    """One statement in words.

    ``headline`` says what is there or proposed, ``position`` how sure the place is. ``relation`` (how it lies to the
    position), ``extent`` (how much is in the district), ``note`` (that the plan does not write the name) and ``terms``
    (what hard words mean) are empty where there is nothing to say. ``quotes`` are ``(para_id, sentence)``, the sentence
    as it is read (see `format_display`), always Chinese.
    """

    feature_id: str
    headline: str
    relation: str
    position: str
    extent: str
    note: str
    terms: str
    quotes: tuple[tuple[str, str], ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """What is said below the headline, without the quotes."""
        return tuple(filter(None, (self.relation, self.terms, self.position, self.extent, self.note)))


@dataclass(frozen=True)
class PlainSubject:
    """What concerns one subject, a key of `plain_words.SUBJECTS`; at least one item."""

    id: str
    title: str
    items: tuple[PlainItem, ...]


@dataclass(frozen=True)
class PlainGroup:
    """What has one of `residents.SCOPES`, by subjects; at least one."""

    scope: str
    title: str
    hint: str
    subjects: tuple[PlainSubject, ...]

    @property
    def count(self) -> int:
        """Number of items."""
        return sum(len(subject.items) for subject in self.subjects)


def list_plainly(
    atlas: Atlas, answer: ResidentAnswer, lang: Lang, *, radius_m: float = RADIUS_M
) -> tuple[PlainGroup, ...]:
    """Tell an answer in plain words.

    Parameters
    ----------
    atlas
        Whose plan.
    answer
        Of `find_for_residents`.
    lang
        ``"zh"`` or ``"en"``.
    radius_m
        What was asked, in metres; it is named in the explanation of what is near.

    Returns
    -------
    tuple
        In the order of `residents.SCOPES`; every statement stands once, scopes and subjects without any are left out.
    """
    where = join_districts(atlas, answer.districts, lang)
    groups = []
    for scope in SCOPES:
        title, hint = (pick(text, lang) for text in words.SCOPES[scope])
        subjects = _list_subjects(atlas, answer.of(scope), lang)
        told = {"where": where, "d": say_length(radius_m, lang)}
        groups.append(PlainGroup(scope, title.format(**told), hint.format(**told), subjects))
    return tuple(group for group in groups if group.subjects)


def _list_subjects(atlas: Atlas, statements: Iterable[Statement], lang: Lang) -> tuple[PlainSubject, ...]:
    items: dict[str, list[PlainItem]] = {subject: [] for subject in words.SUBJECTS}
    for statement in statements:
        items[find_subject(statement)].append(tell(atlas, statement, lang))
    return tuple(PlainSubject(i, pick(words.SUBJECTS[i], lang), tuple(told)) for i, told in items.items() if told)


def find_subject(statement: Statement) -> str:
    """Find the subject of a statement: by its layer and category, its layer, or its theme; ``other`` without any."""
    keys = (f"{statement.layer}/{statement.category}", statement.layer, statement.theme)
    return next((words.SUBJECT_OF[key] for key in keys if key in words.SUBJECT_OF), "other")


def tell(atlas: Atlas, statement: Statement, lang: Lang) -> PlainItem:
    """Tell one statement in plain words."""
    # Where a disc stands for a point, the point is somewhere inside; nobody is inside the point.
    kind = "around" if (statement.relation, statement.dimension) == ("contains", 0) else statement.relation
    relation = words.RELATIONS.get((kind, statement.certainty))
    distance = say_length(statement.distance_m or 0.0, lang)
    exact = dict.fromkeys(word for quote in statement.quotes for word in quote.exact)
    return PlainItem(
        feature_id=statement.feature_id,
        headline=_say_headline(atlas, statement, lang),
        relation=pick(relation, lang).format(d=distance) if relation else "",
        position=_say_position(atlas, statement, lang),
        extent=_say_extent(atlas, statement, lang),
        note="" if statement.written else pick(words.UNWRITTEN, lang).format(words="”“".join(exact)),
        terms=_explain(statement.name, lang),
        quotes=tuple((quote.para_id, format_display(quote.sentence)) for quote in statement.quotes),
    )


def _say_headline(atlas: Atlas, statement: Statement, lang: Lang) -> str:
    where = join_districts(atlas, statement.districts, lang)
    # Where a name has its district already, saying it again would only be noise.
    is_said = len(statement.districts) == 1 and statement.districts[0].removesuffix("区") in statement.name
    at = "" if not where or (is_said and lang == "zh") else pick(("（{where}）", " ({where})"), lang)
    return pick(words.FRAMES[_find_frame(statement)], lang).format(
        name=_say_name(statement, lang),
        what=_say_what(atlas, statement, lang),
        at=at.format(where=where),
        within="" if not where or is_said else f"在{where}",
        verb=words.VERBS.get(statement.layer, words.BUILD),
    )


def _find_frame(statement: Statement) -> str:
    if statement.position == "withheld":
        return "guarded"
    if statement.layer == words.KINDS:
        return "kind/existing" if statement.status == "existing" else "kind/proposed"
    if statement.layer in words.NATURAL and statement.status == "existing":
        return "natural"
    return statement.status if statement.status in words.FRAMES else "natural"


def _say_name(statement: Statement, lang: Lang) -> str:
    keys = (f"{statement.layer}/{statement.category}", statement.layer)
    frame = next((pick(words.NAMES[key], lang) for key in keys if key in words.NAMES), "{name}")
    is_translated = lang == "en" and statement.name_en
    return frame.format(
        name=f"{statement.name_en} ({statement.name})" if is_translated else format_display(statement.name)
    )


def _say_what(atlas: Atlas, statement: Statement, lang: Lang) -> str:
    """Say what a thing is; for a kind without words of its own, its category or layer as the catalogue calls it."""
    for key in (f"{statement.layer}/{statement.category}", statement.layer):
        if key in words.WHAT:
            return pick(words.WHAT[key], lang)
    entry = atlas.catalog.entries[statement.layer]
    titles = entry.categories.get(statement.category, {"title": entry.title, "title_en": entry.title_en})
    return pick((titles["title"], titles["title_en"]), lang)


def _explain(name: str, lang: Lang) -> str:
    """Say what the hard words of a name mean."""
    told = [(term, pick(meaning, lang)) for term, meaning in words.GLOSSARY.items() if term in name]
    return pick(("", " "), lang).join(pick(words.TERM, lang).format(term=t, meaning=m) for t, m in told)


def _say_position(atlas: Atlas, statement: Statement, lang: Lang) -> str:
    accuracy = statement.accuracy_m
    said = pick(words.POSITIONS[statement.position], lang).format(
        d=pick(words.ERROR_UNKNOWN, lang) if accuracy is None else say_length(accuracy, lang),
        where=join_districts(atlas, statement.districts, lang),
    )
    is_sketch = statement.schematic and statement.position in ("rough", "area")
    return said + ((" " if lang == "en" else "") + pick(words.SKETCH, lang) if is_sketch else "")


def _say_extent(atlas: Atlas, statement: Statement, lang: Lang) -> str:
    """Say how much lies in the one district; of a sketch nothing, since its size means nothing."""
    if statement.extent is None or statement.schematic:
        return ""
    where = join_districts(atlas, statement.here, lang)
    return pick(words.EXTENTS[statement.unit], lang).format(where=where, n=_say_number(statement.extent))


def _say_number(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}" if number >= 0.1 else f"{number:.2f}"


def say_length(metres: float, lang: Lang) -> str:
    """Say a distance as roughly as a reader needs it: 85 米, 890 米, 1.5 公里; 85 m, 890 m, 1.5 km."""
    rounded = round(metres, -1 if metres >= 100 else 0)
    if rounded < 1000:
        return f"{rounded:.0f} {pick(('米', 'm'), lang)}"
    return f"{metres / 1000:.1f}".removesuffix(".0") + f" {pick(('公里', 'km'), lang)}"


def join_districts(atlas: Atlas, names: Sequence[str], lang: Lang) -> str:
    """Name districts: a few one by one, more by the first and their number, all of them as such."""
    known = find_district_names(atlas)
    if len(known) > 1 and set(names) == set(known):
        return pick(words.ALL_DISTRICTS, lang)
    told = [_translate(atlas, name) if lang == "en" else name for name in names]
    joined = pick(("、", ", "), lang).join(told[:FEW])
    return joined if len(told) <= FEW else pick(words.SEVERAL_DISTRICTS, lang).format(first=joined, n=len(told))


def _translate(atlas: Atlas, district: str) -> str:
    features = (f for f in atlas.features.values() if f.layer_id == "districts" and f.name == district)
    return next((str(f.properties.get("name_en") or district) for f in features), district)


def say_basis(atlas: Atlas, lang: Lang) -> str:
    """Say which edition of the plan this is taken from, and that the map is a sketch."""
    meta = atlas.document.meta
    formal = meta.get("formal", {}).get("issued")
    return pick(words.BASIS, lang).format(
        edition=str(meta.get("edition_en") or meta["edition"]) if lang == "en" else meta["edition"],
        edition_date=meta["edition_date"],
        formal=pick(words.FORMAL, lang).format(issued=formal) if formal else "",
    )


def pick(text: tuple[str, str], lang: Lang) -> str:
    """Give a text of two languages in one of them."""
    return text[words.LANGS.index(lang)]
