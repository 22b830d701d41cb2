"""What can go wrong when gzmap is asked for something: one class per part of the house."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Self

KINDS = {
    "Box": "归类",
    "Chapter": "章",
    "Collection": "图层",
    "District": "区",
    "Feature": "要素",
    "Feature or passage": "要素或原文段落",
    "Fix": "修正办法",
    "Format": "格式",
    "Group": "组",
    "Language": "语言",
    "Layer": "图层",
    "Layer, feature or district": "图层、要素或区",
    "Naming scheme": "字段命名方式",
    "Own layer": "本单位图层",
    "Paper": "纸张",
    "Paragraph": "段落",
    "Passage": "段落",
    "Place": "地点",
    "Section": "节",
    "Theme": "主题",
}
"""What an identifier can name: the English word of a message and the Chinese one."""

MOST_NAMED = 12
"""Up to so many known identifiers are all named where none is similar; the districts are eleven."""


class GzmapError(Exception):
    """Base of every error that gzmap raises on purpose; its text names the thing and the remedy.

    Parameters
    ----------
    message
        In English.
    zh
        The same in Chinese, for errors that a visitor of the page can cause; empty for the others.
    """

    def __init__(self, message: str = "", *, zh: str = "") -> None:
        super().__init__(message)
        self.zh = zh

    @classmethod
    def unknown(cls, kind: str, value: str, known: Iterable[str], *, where: str) -> Self:
        """Make the error for an identifier that is unknown, naming the nearest known one.

        Parameters
        ----------
        kind
            What the identifier names; `KINDS` has the Chinese words.
        value
            The identifier as given.
        known
            All identifiers that exist.
        where
            The file or place that holds them; named in the English text only.

        Returns
        -------
        GzmapError
            With one sentence in each language, and a suggestion: the similar identifier, or all where they are few.
        """
        names = list(known)
        close = difflib.get_close_matches(value, names, n=1, cutoff=0.5)
        if close:
            hint, hint_zh = f"; did you mean {close[0]!r}?", f"，是不是“{close[0]}”？"
        elif 0 < len(names) <= MOST_NAMED:
            hint, hint_zh = f"; there are {', '.join(names)}.", f"，现有：{'、'.join(names)}。"
        else:
            hint, hint_zh = ".", "。"
        zh = f"没有名为“{value}”的{KINDS.get(kind, kind)}{hint_zh}"
        return cls(f"{kind} {value!r} is not in {where}{hint}", zh=zh)


class DocumentError(GzmapError):
    """The plan text does not have the structure of chapters, sections and paragraphs."""


class CatalogError(GzmapError):
    """The catalogue, a layer file or the source register cannot be read as what it should be."""


class MentionError(GzmapError):
    """The links between features and the plan text cannot be read."""


class LedgerError(GzmapError):
    """The account of a place name in the text cannot be read."""


class DatabaseError(GzmapError):
    """The shared database refuses, or does not hold what it should; told in Chinese too."""


class DatabaseAwayError(DatabaseError):
    """The shared database cannot be reached, or does not answer in time; the same call may do a moment later."""


class BusyError(GzmapError):
    """Another run writes the same files just now."""


class CRSError(GzmapError):
    """A coordinate reference system is unknown, missing or unfit for the data."""


class ExportError(GzmapError):
    """A layer cannot be written in the way that was asked for."""


class ScreenError(GzmapError):
    """Parcels cannot be screened in the way that was asked for."""


class QueryError(GzmapError, ValueError):
    """A question to the atlas has a malformed argument."""


class AreaError(QueryError):
    """An area cannot be asked about; told in Chinese and English, with a remedy.

    Parameters
    ----------
    code
        Stable name of the problem, such as ``"area-crossing"``.
    en, zh
        What is wrong and what the person can do, in each language.

    Notes
    -----
    ``str()`` is English, ``zh`` Chinese. Neither is escaped for any markup.
    """

    def __init__(self, code: str, en: str, zh: str) -> None:
        super().__init__(en)
        self.code = code
        self.zh = zh


class SiteError(QueryError):
    """A file or text that a person brought cannot be taken; told in Chinese and English, with a remedy.

    Parameters
    ----------
    code
        Stable name of the problem, such as ``"crs-missing"``.
    en, zh
        What is wrong, one sentence in each language.
    remedy, remedy_zh
        What the person can do, one sentence in each language.
    suggestions
        Values of ``crs`` under which the same data would lie where it should, the likeliest first.

    Notes
    -----
    ``str()`` is English, ``zh`` Chinese; both end with the remedy. Neither is escaped for any markup.
    """

    def __init__(
        self, code: str, en: str, zh: str, *, remedy: str, remedy_zh: str, suggestions: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f"{en} {remedy}", zh=f"{zh}{remedy_zh}")
        self.code = code
        self.remedy, self.remedy_zh = remedy, remedy_zh
        self.suggestions = suggestions


class NotFoundError(GzmapError, LookupError):
    """A well-formed identifier names nothing in this atlas."""
