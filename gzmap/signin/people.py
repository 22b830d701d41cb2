"""How the claims of a signed-in person give a role."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gzmap.signin.roles import ADDRESS, EVERYBODY, NOBODY, Person, Role
from gzmap.signin.settings import Settings

NAMES = ("name", "preferred_username", "email", "sub")
NAME_CHARS = 40
CLOCK_S = 300
"""How far the provider's clock may be ahead of ours."""


def decide_person(claims: Mapping[str, object], settings: Settings, *, now: float) -> Person:
    """Decide who somebody is by the claims that the provider made of them; whatever is unclear is the public.

    Parameters
    ----------
    claims
        Of the identity token, which Streamlit verified and signed, with its own ``is_logged_in``.
    settings
        Which claim decides, and its values.
    now
        Seconds since 1970.

    Returns
    -------
    Person
        One that is signed in has a name, but not always a role: the lists may not have them.
    """
    if claims.get("is_logged_in") is not True:
        return NOBODY
    issued = claims.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        return NOBODY
    if not -CLOCK_S <= now - issued <= settings.hours * 3600:
        return Person(is_late=True)
    return Person(_decide_role(_list_values(claims, settings.claim), settings), find_name(claims))


def _decide_role(values: Collection[str], settings: Settings) -> Role:
    for role, wanted in ((Role.EDITOR, settings.editors), (Role.READER, settings.readers)):
        if EVERYBODY in wanted or wanted & set(values):
            return role
    return Role.PUBLIC


def _list_values(claims: Mapping[str, object], claim: str) -> list[str]:
    """List the values of a claim, which is a text or a list of texts; an address that was not verified is none."""
    if claim == ADDRESS and claims.get("email_verified", True) is not True:
        return []
    value = claims.get(claim)
    values = value if isinstance(value, list | tuple) else [value]
    # The star is ours and no value that a provider could hand out.
    found = [one.strip() for one in values if isinstance(one, str) and one.strip() not in ("", EVERYBODY)]
    return [one.casefold() for one in found] if claim == ADDRESS else found


def find_name(claims: Mapping[str, object]) -> str:
    """Find what to call somebody, shortened; never empty."""
    for key in NAMES:
        value = claims.get(key)
        if isinstance(value, str) and (told := " ".join("".join(filter(_is_shown, value)).split())):
            return told if len(told) <= NAME_CHARS else f"{told[: NAME_CHARS - 1]}…"
    return "?"


def _is_shown(character: str) -> bool:
    """Tell whether a character can be seen: those that turn the direction of a text could make a name look another."""
    return character.isprintable() or character.isspace()
