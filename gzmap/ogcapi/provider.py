"""pygeoapi's provider over a layer in memory: which features a question finds, and in which order."""

from __future__ import annotations

import json

import numpy as np
from pygeoapi.provider.base import BaseProvider

from gzmap.ogcapi.holdings import BASE_MARK, Holding
from gzmap.ogcapi.questions import ASKED, Question

TYPES = {"integer": "integer", "real": "number"}
"""Types of JSON Schema, by those of the catalogue; all others are strings."""


class AtlasProvider(BaseProvider):
    """Answers from a `Holding`, which the configuration carries as ``data``. One is made for each request.

    The features of a page are not put into pygeoapi's answer: their texts exist already, and the service sets them in
    where the answer has an empty list (`Question.page`).
    """

    def __init__(self, provider_def: dict) -> None:
        super().__init__(provider_def)
        self.holding: Holding = provider_def["data"]
        self._fields = self.describe_fields()

    def describe_fields(self) -> dict:
        """Describe the properties by JSON Schema."""
        return {name: describe_field(self.holding, name) for name in self.holding.fields}

    def query(self, **asked: object) -> dict:
        """Find the features of the question, and leave those of its page in the question."""
        question = ASKED.get()
        rows = sort_rows(self.holding, find_rows(self.holding, question), asked["sortby"])
        begin = int(asked["offset"])
        page = rows[begin : begin + int(asked["limit"])] if asked["resulttype"] == "results" else []
        question.page.extend(page)
        counts = {"numberMatched": len(rows), "numberReturned": len(page)}
        return {"type": "FeatureCollection", "features": [], **counts}

    def find_feature(self, identifier: str, **_asked: object) -> dict:
        """Return one feature; its link to the map still has `BASE_MARK` for the server's address."""
        [text] = self.holding.dump_features([self.holding.require_number(identifier)], ASKED.get().system)
        return json.loads(text.replace(BASE_MARK, json.dumps(BASE_MARK)[1:-1]))

    # Under these names pygeoapi calls them.
    get_fields, get = describe_fields, find_feature


def describe_field(holding: Holding, name: str) -> dict:
    """Describe a property by JSON Schema; a closed list of values is an ``enum``."""
    line = holding.fields[name]
    told: dict = {"type": TYPES.get(str(line.get("type")), "string")}
    if line.get("type") == "date":
        told["format"] = "date"
    if name == "category":
        told["values"] = list(holding.entry.categories)
    return told


def find_rows(holding: Holding, question: Question) -> list[int]:
    """Find the features that a question asks for, in the file's order."""
    rows = range(len(holding.ids))
    if question.boxes:
        tree = holding.open_view(question.box_system).tree
        rows = np.unique(np.concatenate([tree.query(box, "intersects") for box in question.boxes])).tolist()
    if question.period is not None and holding.days is not None:
        first, last = question.period
        days = holding.find_values("entered")
        rows = [row for row in rows if days[row] and first <= days[row] <= last]
    for name, wanted in question.wanted.items():
        values = holding.find_values(name)
        rows = [row for row in rows if _has(values[row], wanted)]
    return list(rows) if question.test is None else [row for row in rows if question.test(row) is True]


def _has(value: object, wanted: object) -> bool:
    """Whether a property has a value, or is a list (``天河区|海珠区``) with it in it."""
    return value == wanted or (isinstance(value, str) and "|" in value and wanted in value.split("|"))


def sort_rows(holding: Holding, rows: list[int], orders: list[dict]) -> list[int]:
    """Sort features by properties, the first one before the others; what has no value stands last."""
    for order in reversed(orders):
        values = holding.find_values(order["property"])
        known = sorted(
            (r for r in rows if values[r] is not None), key=values.__getitem__, reverse=order["order"] == "-"
        )
        rows = [*known, *(r for r in rows if values[r] is None)]
    return rows
