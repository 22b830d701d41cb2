"""Which language and which kind of answer a request wishes for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gzmap.ogcapi.words import LANGS

HTML = "text/html"


def find_lang(pairs: Iterable[tuple[str, str]], headers: Mapping[str, str]) -> str:
    """Find the language of an answer: ``lang``, else the first of ``Accept-Language`` that is there, else Chinese."""
    asked = [value for name, value in pairs if name == "lang"]
    for tag in [*asked, *headers.get("accept-language", "").lower().split(",")]:
        if (lang := tag.strip()[:2]) in LANGS:
            return lang
    return LANGS[0]


def find_html(pairs: Iterable[tuple[str, str]], headers: Mapping[str, str]) -> bool:
    """Tell whether a page is wanted: ``f``, else the first kind of ``Accept`` that is there, else JSON."""
    for name, value in pairs:
        if name == "f":
            return value == "html"
    for item in headers.get("accept", "").lower().split(","):
        kind = item.partition(";")[0].strip()
        if kind in (HTML, "application/xhtml+xml") or kind.endswith(("/json", "+json")):
            return not kind.endswith("json")
    return False
