"""Reading text and JSON files, strictly: what is wrong is told with the file, the place and the remedy."""

from __future__ import annotations

import json
from pathlib import Path

from gzmap.errors import CatalogError


def parse_json(text: str, where: str) -> object:
    """Parse JSON, refusing an object that has the same key twice.

    Raises
    ------
    CatalogError
        With the file, the line and what is wrong there.
    """

    def refuse_duplicates(pairs: list[tuple[str, object]]) -> dict:
        keys = [k for k, _ in pairs]
        if len(set(keys)) < len(keys):
            twice = next(k for k in keys if keys.count(k) > 1)
            raise CatalogError(f"{where}: the key {twice!r} stands twice in one object; remove one of the two.")
        return dict(pairs)

    def refuse_constant(name: str) -> None:
        raise CatalogError(f"{where}: {name} is no JSON number; write null where a value is not known.")

    try:
        return json.loads(text, object_pairs_hook=refuse_duplicates, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        raise CatalogError(
            f"{where}: line {error.lineno}, column {error.colno} is not valid JSON ({error.msg}); "
            "correct the line or take the file from version control."
        ) from None
    except RecursionError:
        raise CatalogError(
            f"{where}: is nested too deeply to be data of ours; take the file from version control."
        ) from None
    except ValueError as error:
        # Python refuses to read a number of thousands of digits.
        raise CatalogError(f"{where}: has a number that is none of ours ({error}); correct it.") from None


def read_text(path: Path) -> str:
    """Read a UTF-8 file, newlines untouched.

    Raises
    ------
    CatalogError
        If the file is missing, unreadable or not UTF-8.
    """
    content = read_bytes(path)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CatalogError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8.") from None


def read_bytes(path: Path) -> bytes:
    """Read a file's bytes.

    Raises
    ------
    CatalogError
        If the file is missing or unreadable.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise CatalogError(
            f"{path}: cannot be read ({error.strerror}); restore the file or its catalogue entry."
        ) from None
    except ValueError:
        raise CatalogError(f"{str(path)!r} is no path; correct its catalogue entry.") from None


def read_json(path: Path) -> dict:
    """Read one JSON object.

    Raises
    ------
    CatalogError
        If the file cannot be read or is not one object.
    """
    content = parse_json(read_text(path), str(path))
    if not isinstance(content, dict):
        raise CatalogError(f"{path}: must be one JSON object, not {type(content).__name__}.")
    return content


def dump_json(content: object) -> str:
    """Write a hand-kept JSON file in its one canonical form: two spaces, Chinese as it is, a newline at the end."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
