"""What somebody may do, and the words that settings and claims share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

EVERYBODY = "*"
"""Of a list: everybody whom the provider signs in."""

ADDRESS = "email"


class Role(IntEnum):
    """What somebody may do; who may do more may do all of the lesser."""

    PUBLIC = 0
    READER = 1
    EDITOR = 2


@dataclass(frozen=True)
class Person:
    """Who looks at a page. ``name`` is empty where nobody is signed in; ``is_late`` where that is too long ago."""

    role: Role = Role.PUBLIC
    name: str = ""
    is_late: bool = False


NOBODY = Person()
