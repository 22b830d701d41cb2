"""The place names of the text, a list kept by people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gzmap.config import BOXES
from gzmap.errors import MentionError
from gzmap.files import read_json

RULES = ("", *BOXES[1:])
"""What a toponym's ``box`` may be: a mention alone makes an occurrence ``mapped``."""


@dataclass(frozen=True)
class Toponym:
    """A place name of the text that is not simply one feature's name.

    ``feature_ids`` is what it means on the map wherever ``passages`` (feature ids by passage id) says nothing else;
    empty for nothing on the map, and then no shorter name inside it means anything either. ``box`` is a rule: every
    occurrence that no mention covers is in this box, for the reason in ``note``; empty where there is no rule.
    """

    name: str
    feature_ids: tuple[str, ...]
    collective: bool = False
    variants: tuple[str, ...] = ()
    passages: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    box: str = ""
    note: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The name and its variants."""
        return (self.name, *self.variants)

    def find_features(self, passage_id: str) -> tuple[str, ...]:
        """Find the ids of the features that the name means in a passage; empty when it means none."""
        return self.passages.get(passage_id, self.feature_ids)


KEYS = ("name", "variants", "feature_ids", "passages", "box", "collective", "note")


def read_toponyms(path: Path) -> tuple[Toponym, ...]:
    """Read ``toponyms.json``.

    Raises
    ------
    MentionError
        If an entry is not built as ``layers/schema/toponyms.schema.json`` says.
    """
    raw = read_json(path).get("toponyms")
    if not isinstance(raw, list):
        raise MentionError(f"{path}: 'toponyms' must be a list of place names.")
    found = []
    for number, one in enumerate(raw, 1):
        try:
            found.append(parse_toponym(one))
        except MentionError as error:
            name = one.get("name", number) if isinstance(one, dict) else number
            raise MentionError(f"{path}: toponym {name!r} {error}") from None
    return tuple(found)


def parse_toponym(raw: object) -> Toponym:
    """Parse one entry of ``toponyms.json``.

    Raises
    ------
    MentionError
        With what is wrong, to be put behind the entry's name.
    """
    if not isinstance(raw, dict) or set(raw) != set(KEYS):
        raise MentionError(f"must be one object with the keys {', '.join(KEYS)}.")
    fault = next(_faults(raw), None)
    if fault:
        raise MentionError(f"{fault}.")
    passages = {passage: tuple(ids) for passage, ids in raw["passages"].items()}
    texts = {key: tuple(raw[key]) for key in ("variants", "feature_ids")}
    return Toponym(**{**raw, **texts, "passages": passages})


def _faults(raw: Mapping) -> Iterator[str]:
    if not isinstance(raw["name"], str) or not raw["name"].strip():
        yield "needs a name (text)"
    for key in ("variants", "feature_ids"):
        if not _is_texts(raw[key]):
            yield f"needs {key}: a list of texts, each once, none empty"
    if not isinstance(raw["passages"], dict) or not all(map(_is_texts, raw["passages"].values())):
        yield "needs passages: an object with a list of feature ids for each passage id"
    if raw["box"] not in RULES:
        yield f"has the box {raw['box']!r}, which is not one of {', '.join(RULES[1:])} or empty"
    if not isinstance(raw["collective"], bool) or not isinstance(raw["note"], str):
        yield "needs collective (true or false) and note (text)"
    if raw["box"] and not raw["note"].strip():
        yield f"is by rule {raw['box']}, and its note does not say why"


def _is_texts(value: object) -> bool:
    """Whether a value is a list of different texts, none of them empty."""
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        return False
    return len(set(value)) == len(value)
