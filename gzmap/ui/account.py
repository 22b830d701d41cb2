"""Who looks at the page: signing in and out through Streamlit, and the page for those who may see nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

import streamlit as st

from gzmap.signin import Person, Role, Settings, decide_person, read_settings
from gzmap.ui.words import Lang, say


def find_settings() -> Settings | None:
    """Find how people sign in; None where they do not.

    Raises
    ------
    SignInError
        If the settings cannot be meant.
    """
    return read_settings(os.environ)


def find_person() -> Person | None:
    """Find who looks at the page, anew with every run: a sign-in ends after some hours. None where nobody signs in.

    Raises
    ------
    SignInError
        If the settings cannot be meant.
    """
    settings = find_settings()
    return None if settings is None else decide_person(st.user.to_dict(), settings, now=time.time())


def may_see_own() -> bool:
    """Tell whether who looks at the page has the role that sees own layers; without sign-in all have."""
    person, settings = find_person(), find_settings()
    return person is None or settings is None or person.role >= settings.own


def may_import() -> bool:
    """Tell whether who looks at the page is signed in as an editor: without sign-in nobody is."""
    person = find_person()
    return person is not None and person.role >= Role.EDITOR


def is_shut_out() -> bool:
    """Tell whether who looks at the page may not see the plan."""
    person, settings = find_person(), find_settings()
    return person is not None and settings is not None and not settings.is_open and person.role < Role.READER


def describe_account(lang: Lang) -> Mapping[str, object] | None:
    """Describe for the frame who is signed in; None where nobody signs in."""
    person = find_person()
    if person is None:
        return None
    return {
        "name": person.name,
        "role": say(f"role_{int(person.role)}", lang),
        "late": say("sign_late", lang) if person.is_late else "",
    }


def sign_in() -> None:
    """Send the browser to the sign-in service."""
    st.login()


def sign_out() -> None:
    """Forget who is signed in, and send the browser to the sign-in service to do the same."""
    st.logout()
