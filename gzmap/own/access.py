"""Who may see the planner's own layers: only who sits at the machine that holds them."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path

FOLDER = "local"
"""Of a project, which git ignores."""

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""Headers that a server in between adds: whoever asks through one may sit anywhere."""

FOREIGN_SITES = ("cross-site", "same-site")
"""What ``Sec-Fetch-Site`` says of a page of another origin that asks."""


def find_own_folder(root: Path, named: str = "") -> Path:
    """Find the folder of own layers.

    Parameters
    ----------
    root
        Of the project.
    named
        The setting ``GZMAP_LOCAL``; empty for the project's own folder, a relative path is one below the project.
    """
    return root / (named.strip() or FOLDER)


def is_same_machine(client: str | None, headers: Mapping[str, str]) -> bool:
    """Tell whether a request comes from this machine, by a page of ours or by a person's own hand.

    Parameters
    ----------
    client
        IP address of the other end; None where it is known to be this machine.
    headers
        Of the request, whose names are found in lower case. A name of the host that is not this machine's is refused
        too: a page from elsewhere can have a name of its own point here.
    """
    if any(headers.get(name) for name in FORWARDED) or is_foreign_page(headers):
        return False
    host = headers.get("host", "")
    return is_loopback(client or "127.0.0.1") and (not host or is_loopback(_strip_port(host)))


def is_foreign_page(headers: Mapping[str, str]) -> bool:
    """Tell whether a browser says that a page of another origin asks."""
    return headers.get("sec-fetch-site") in FOREIGN_SITES


def is_loopback(name: str) -> bool:
    """Tell whether an address or host name is this machine's own."""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.lower() == "localhost"


def _strip_port(host: str) -> str:
    """Take the port off: ``127.0.0.1:8501``, ``[::1]:8501``."""
    return host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
