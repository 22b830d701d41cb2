"""Who is signed in, and what they may do: OpenID Connect through Streamlit's own sign-in, roles by one claim."""

from __future__ import annotations

from gzmap.signin.people import decide_person
from gzmap.signin.roles import Person, Role
from gzmap.signin.session import read_person, read_settings
from gzmap.signin.settings import Settings, SignInError, parse_settings

__all__ = [
    "Person",
    "Role",
    "Settings",
    "SignInError",
    "decide_person",
    "parse_settings",
    "read_person",
    "read_settings",
]
