"""Read one file as it is, collecting what is wrong instead of stopping at it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from gzmap.checks.findings import Finding, build_finding
from gzmap.errors import CatalogError
from gzmap.files import read_text

RESTORE = "correct it or take the file from version control"


@dataclass
class File:
    """A file under review: its text, its content as far as it could be read, and what was wrong in reading it."""

    path: str
    text: str = ""
    content: object = None
    findings: list[Finding] = field(default_factory=list)

    def note(self, code: str, spot: str, wrong: str, *, remedy: str) -> None:
        """Add a finding at a spot of this file; the whole file where ``spot`` is empty."""
        where = f"{self.path}: {spot}" if spot else self.path
        self.findings.append(build_finding(code, where, wrong, remedy=remedy))


def read_file(root: Path, path: PurePosixPath | Path, member: str) -> File:
    """Read a file that must be one JSON object, whose ``member`` (if any) must be a list of objects."""
    file = read_plain(root, path)
    if file.findings:
        return file
    try:
        file.content, doubled = parse_tolerant(file.text)
    except (ValueError, RecursionError) as error:
        file.note("json-invalid", "", f"is not valid JSON ({error})", remedy=RESTORE)
        return file
    for owner, key in doubled:
        file.note(
            "json-duplicate-key", owner, f"the key {key!r} stands twice in one object", remedy="remove one of the two"
        )
    if not isinstance(file.content, dict):
        file.note("json-invalid", "", "is not one JSON object", remedy=RESTORE)
        file.content = {}
    if member and not is_list_of_objects(file.content.get(member)):
        file.note("json-invalid", "", f"{member!r} is not a list of objects", remedy=RESTORE)
        file.content = {**file.content, member: []}
    return file


def read_plain(root: Path, path: PurePosixPath | Path) -> File:
    """Read a file's text; a finding where it cannot be read."""
    file = File(PurePosixPath(path).as_posix(), content={})
    try:
        file.text = read_text(root / path)
    except CatalogError as error:
        wrong, _, remedy = str(error).removeprefix(f"{root / path}: ").rpartition("; ")
        file.note("json-invalid", "", wrong, remedy=remedy.rstrip("."))
    return file


def is_list_of_objects(value: object) -> bool:
    """Whether a value is a list of JSON objects."""
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def parse_tolerant(text: str) -> tuple[object, list[tuple[str, str]]]:
    """Parse JSON; keys that stand twice are told with the id of the object around them."""
    pending: list[str] = []
    doubled: list[tuple[str, str]] = []

    def keep(pairs: list[tuple[str, object]]) -> dict:
        content = dict(pairs)
        pending.extend(key for key, count in Counter(k for k, _ in pairs).items() if count > 1)
        if isinstance(content.get("id"), str):
            doubled.extend((content["id"], key) for key in pending)
            pending.clear()
        return content

    def refuse(constant: str) -> object:
        raise ValueError(f"{constant} is not a number in JSON")

    content = json.loads(text, object_pairs_hook=keep, parse_constant=refuse)
    return content, doubled + [("", key) for key in pending]
