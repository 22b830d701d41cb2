"""The service: a path and its parameters in, an answer out. pygeoapi writes the answers, as JSON; the rest is here."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pygeoapi.api import API, APIRequest, describe_collections, get_collection_schema, landing_page
from pygeoapi.api.itemtypes import get_collection_item, get_collection_items, get_collection_queryables

from gzmap.atlas import Atlas
from gzmap.errors import NotFoundError, QueryError
from gzmap.ogcapi.configuration import (
    CONFORMANCE,
    build_config,
    complete_collection,
    complete_fields,
    describe_columns,
    list_licences,
    mend_links,
    mend_paging,
)
from gzmap.ogcapi.holdings import BASE_MARK, Holding
from gzmap.ogcapi.openapi import build_openapi
from gzmap.ogcapi.pages import render_page
from gzmap.ogcapi.questions import ASKED, HIDDEN, Question, parse_params, parse_question
from gzmap.ogcapi.wishes import HTML, find_html, find_lang
from gzmap.ogcapi.words import choose

JSON, GEOJSON, SCHEMA = "application/json", "application/geo+json", "application/schema+json"
OPENAPI, TEXT = "application/vnd.oai.openapi+json;version=3.0", "text/plain"
PAGES: Mapping[str, str] = {
    **{"landing": JSON, "conformance": JSON, "collections": JSON, "collection": JSON},
    **{"queryables": SCHEMA, "schema": SCHEMA, "openapi": OPENAPI, "items": GEOJSON, "item": GEOJSON},
}
"""Kinds of answers, and the media type of each as JSON."""


@dataclass(frozen=True)
class Answer:
    """What is sent back; ``crs`` is the address of the coordinates' system, empty where there are none."""

    body: bytes
    media_type: str
    lang: str
    crs: str = ""


UNREAD = (*HIDDEN, "f", "properties")
"""Parameters that pygeoapi writes into its links and does not read: pages and chosen properties are ours as well."""


class _Params(dict):
    """Parameters as pygeoapi may see them."""

    def show(self, key: str, default: object = None) -> object:
        """Return a parameter, or the default where it is in `UNREAD` or not there."""
        return self[key] if key in self and key not in UNREAD else default

    get = show  # under this name pygeoapi asks


class _Request:
    """The least that pygeoapi asks of a web framework."""

    def __init__(self, params: dict, lang: str) -> None:
        self.args, self.headers, self.path_info = params, {"accept-language": lang}, ""


class Service:
    """The service of one atlas at one address, read-only and shared by all threads.

    Parameters
    ----------
    atlas
        What is served.
    holdings
        Its layers, which services at other addresses share.
    base
        The whole address, such as ``https://host/ogc``.
    number
        The map's review number, empty while there is none.
    """

    def __init__(self, atlas: Atlas, holdings: Mapping[str, Holding], base: str, *, number: str = "") -> None:
        self.atlas, self.holdings, self.base, self.number = atlas, holdings, base, number
        self._api = _build_api(build_config(atlas, holdings, base, number=number))
        self._fixed: dict[tuple, dict] = {}

    def answer(self, path: str, pairs: Sequence[tuple[str, str]], headers: Mapping[str, str]) -> Answer:
        """Answer a request.

        Parameters
        ----------
        path
            Below the service's address, such as ``collections/parks/items``.
        pairs
            The parameters, in their order.
        headers
            ``accept`` and ``accept-language``, lower case; both may be missing.

        Raises
        ------
        QueryError
            If a parameter cannot be what it says.
        NotFoundError
            If there is no such path, collection or feature.
        """
        lang, is_html = find_lang(pairs, headers), find_html(pairs, headers)
        kind, names = self._find_kind(path)
        if kind == "licence":
            parse_params(pairs, ())
            return Answer(self._write_licence(names[0]), TEXT, lang)
        if kind in ("items", "item"):
            return self._answer_features(kind, names, pairs, lang=lang, is_html=is_html)
        parse_params(pairs, ())
        told = self._tell_fixed(kind, names, lang)
        if is_html:
            return Answer(self._render(kind, names, told, lang=lang), HTML, lang)
        return Answer(_dump(told).encode(), PAGES[kind], lang)

    def _find_kind(self, path: str) -> tuple[str, tuple[str, ...]]:
        """Find what a path leads to, and the collection and feature in it.

        Raises
        ------
        NotFoundError
            If it leads nowhere.
        """
        parts = tuple(path.strip("/").split("/")) if path.strip("/") else ()
        if not parts:
            return "landing", ()
        if parts[0] in ("conformance", "openapi", "collections") and len(parts) == 1:
            return parts[0], ()
        if parts[0] == "collections" and len(parts) > 1:
            self.require_holding(parts[1])
            rest = parts[2:]
            if not rest:
                return "collection", parts[1:]
            if rest[0] == "items" and len(rest) == 2:
                return "item", (parts[1], rest[1])
            if rest[0] in ("items", "queryables", "schema") and len(rest) == 1:
                return rest[0], parts[1:2]
            if rest == ("licence.txt",):
                return "licence", parts[1:2]
        raise NotFoundError(
            f"There is nothing at {path[:80]!r}; begin at {self.base}/collections.",
            zh=f"地址 {path[:80]!r} 处没有内容；请从 {self.base}/collections 开始。",
        )

    def require_holding(self, layer_id: str) -> Holding:
        """Return a layer, or raise.

        Raises
        ------
        NotFoundError
            If it does not exist or cannot be read.
        """
        if layer_id not in self.holdings:
            raise NotFoundError.unknown("Collection", layer_id[:80], self.holdings, where="this service")
        return self.holdings[layer_id]

    def _tell_fixed(self, kind: str, names: tuple[str, ...], lang: str) -> dict:
        """Tell what is the same for every request; made once for each language."""
        key = (kind, *names, lang)
        if key not in self._fixed:
            self._fixed[key] = self._make_fixed(kind, names, lang)
        return self._fixed[key]

    def _make_fixed(self, kind: str, names: tuple[str, ...], lang: str) -> dict:
        if kind == "openapi":
            return build_openapi(self.atlas, self.holdings, self.base)
        if kind == "conformance":
            return {"conformsTo": sorted(CONFORMANCE)}
        functions = {
            **{"landing": landing_page, "collections": describe_collections, "collection": describe_collections},
            **{"queryables": get_collection_queryables, "schema": get_collection_schema},
        }
        told = mend_links(self._ask(functions[kind], _Params(), lang, *names), lang)
        if kind == "collections":
            for part in told["collections"]:
                complete_collection(part, self.holdings[part["id"]], self.base, lang=lang)
        if kind == "collection":
            complete_collection(told, self.holdings[names[0]], self.base, lang=lang)
        if kind in ("queryables", "schema"):
            complete_fields(told, self.holdings[names[0]], lang)
        return told

    def _answer_features(
        self, kind: str, names: tuple[str, ...], pairs: Iterable[tuple[str, str]], *, lang: str, is_html: bool
    ) -> Answer:
        holding = self.holdings[names[0]]
        question = parse_question(pairs, holding, is_item=kind == "item")
        if kind == "item":
            holding.require_number(names[1])
        params = _Params({"offset": "0", **question.params}) if kind == "items" else _Params(question.params)
        if "sortby" in params:  # a plus sign of an address is read as a space
            params["sortby"] = ",".join(part.strip() for part in params["sortby"].split(","))
        token = ASKED.set(question)
        try:
            told = self._ask(get_collection_items if kind == "items" else get_collection_item, params, lang, *names)
        finally:
            ASKED.reset(token)
        links = mend_links(told, lang)["links"]
        told = {**told, "links": mend_paging(links, question.params.get("offset")) if kind == "items" else links}
        text = self._write_items(told, holding, question) if kind == "items" else self._write_item(told, lang)
        if is_html:
            page = self._render(kind, names, json.loads(text), lang=lang)
            return Answer(page, HTML, lang, question.system.uri)
        return Answer(text.encode(), GEOJSON, lang, question.system.uri)

    def _write_items(self, told: dict, holding: Holding, question: Question) -> str:
        """Set the features of the page, which are written already, into pygeoapi's answer."""
        told = {key: value for key, value in told.items() if key != "features"}
        chosen = question.params["properties"].split(",") if "properties" in question.params else None
        is_bare = question.params.get("skipGeometry") == "true"
        texts = holding.dump_features(question.page, question.system, chosen=chosen, is_bare=is_bare)
        features = ",".join(texts).replace(BASE_MARK, self._root)
        return f'{_dump(told)[:-1]},"features":[{features}]}}'

    def _write_item(self, told: dict, lang: str) -> str:
        """Complete pygeoapi's answer of one feature by its links to the map."""
        link = told["properties"]["map_url"].replace(BASE_MARK, self.base.removesuffix("/ogc") + "/")
        told["properties"]["map_url"] = link
        words = choose(lang, ("在地图上打开", "Open on the map"))
        told["links"].append({"rel": "alternate", "type": HTML, "href": link, "title": words})
        return _dump(told)

    @property
    def _root(self) -> str:
        """The app's address as it stands within a JSON text."""
        return json.dumps(self.base.removesuffix("/ogc") + "/")[1:-1]

    def _ask(self, function: Callable, params: _Params, lang: str, *names: str) -> dict:
        """Ask pygeoapi.

        Raises
        ------
        QueryError
            If it refuses.
        """
        _, status, body = function(self._api, APIRequest(_Request(params, lang), self._api.locales), *names)
        told = json.loads(body)
        if status >= 400:
            raise QueryError(str(told.get("description")), zh=f"请求无法回答：{told.get('description')}")
        return told

    def _write_licence(self, layer_id: str) -> bytes:
        lines = list_licences(self.holdings[layer_id])
        return "".join(f"{chinese}\n{english}\n\n" for chinese, english in lines).encode()

    def _find_example(self) -> str:
        """Find a layer to show commands with: the plan's first."""
        return next(
            (i for i, held in self.holdings.items() if held.entry.kind == "plan"), next(iter(self.holdings), "")
        )

    def _render(self, kind: str, names: tuple[str, ...], told: dict, *, lang: str) -> bytes:
        holding = self.holdings[names[0]] if names else None
        title = choose(lang, (holding.entry.title, holding.entry.title_en)) if holding else ""
        layer = (names[0], title) if names else None
        columns = describe_columns(holding, lang) if holding else {"example": self._find_example()}
        told = {**told, **columns}
        return render_page(kind, told, lang=lang, base=self.base, layer=layer, number=self.number)


_ROOT_LOCK = threading.Lock()


def _build_api(config: dict) -> API:
    """Start pygeoapi, which would set up the logging of the whole process if nobody had yet."""
    root, guard = logging.getLogger(), logging.NullHandler()
    logging.getLogger("pygeoapi").setLevel(logging.CRITICAL)  # refusals are the visitors' affair, not the log's
    with _ROOT_LOCK:
        root.addHandler(guard)
        try:
            return API(config, {})
        finally:
            root.removeHandler(guard)


def _dump(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
