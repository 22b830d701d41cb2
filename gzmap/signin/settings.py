"""The settings of the sign-in: Streamlit's ``[auth]`` in secrets.toml, and who has which role in the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gzmap.errors import GzmapError
from gzmap.signin.roles import ADDRESS, EVERYBODY, Role

CLAIM, READERS, EDITORS = "GZMAP_ROLE_CLAIM", "GZMAP_READERS", "GZMAP_EDITORS"
PUBLIC, OWN, HOURS = "GZMAP_PUBLIC", "GZMAP_OWN_LAYERS", "GZMAP_SIGNIN_HOURS"
IMPORT = "GZMAP_DATABASE_IMPORT_URL"
"""Address of the shared database with a role that may write own layers: for what editors put in from the page."""

DATABASE = "GZMAP_DATABASE_URL"
VARIABLES = (CLAIM, READERS, EDITORS, PUBLIC, OWN, HOURS, IMPORT)
REQUIRED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
KNOWN = {*REQUIRED, "client_kwargs"}
CALLBACK = "/oauth2callback"
SECRET_CHARS = 32
USUAL_HOURS = 12
MOST_HOURS = 24 * 30
"""As long as Streamlit's cookie lasts."""

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class SignInError(GzmapError):
    """The sign-in is set up in a way that cannot be meant; nothing is served then."""


@dataclass(frozen=True)
class Settings:
    """How people sign in and what that gives them.

    ``claim`` is the claim that decides, ``readers`` and ``editors`` its values, addresses in lower case. ``is_open``
    is whether the public sees the plan, ``own`` the least role that sees own layers, ``hours`` how long a sign-in
    lasts, ``origin`` the address of the page as visitors have it.
    """

    claim: str
    readers: frozenset[str]
    editors: frozenset[str]
    origin: str
    is_open: bool = True
    own: Role = Role.EDITOR
    hours: int = USUAL_HOURS

    @property
    def is_secure(self) -> bool:
        """Whether visitors come by https."""
        return self.origin.startswith("https://")


def parse_settings(auth: Mapping[str, object] | None, variables: Mapping[str, str], *, port: int) -> Settings | None:
    """Read the settings; None where there is no ``[auth]`` and nothing in the environment speaks of a sign-in.

    Parameters
    ----------
    auth
        The section of secrets.toml, None where there is none.
    variables
        Those of the environment.
    port
        Of the server, which ``{port}`` in the address of return stands for.

    Raises
    ------
    SignInError
        If something is missing, unknown, or can mean two things.
    """
    given = [name for name in VARIABLES if variables.get(name, "").strip()]
    if auth is None and not given:
        return None
    if auth is None:
        raise SignInError(
            f"{given[0]} is set, but secrets.toml has no [auth]: nobody could sign in. Add it or unset {given[0]}.",
            zh=f"设置了 {given[0]}，但 secrets.toml 里没有 [auth]，无人能够登录。请补上，或去掉 {given[0]}。",
        )
    if IMPORT in given and not variables.get(DATABASE, "").strip():
        raise SignInError(
            f"{IMPORT} is set, but {DATABASE} is not: set both, or none.",
            zh=f"设置了 {IMPORT} 却没有设置 {DATABASE}；请都设或都不设。",
        )
    claim = variables.get(CLAIM, "").strip() or ADDRESS
    readers, editors = (_read_list(variables, name, claim) for name in (READERS, EDITORS))
    if not readers and not editors:
        raise SignInError(
            f"Sign-in is set up, but {READERS} and {EDITORS} are empty: name who reads and who edits.",
            zh=f"已配置登录，但 {READERS} 和 {EDITORS} 都是空的；请写明谁可读、谁可编辑。",
        )
    return Settings(
        claim,
        readers,
        editors,
        origin=_read_auth(auth, port),
        is_open=_choose(variables, PUBLIC, {"yes": True, "no": False}, usual="yes"),
        own=_choose(variables, OWN, {"editor": Role.EDITOR, "reader": Role.READER}, usual="editor"),
        hours=_read_hours(variables),
    )


def _read_list(variables: Mapping[str, str], name: str, claim: str) -> frozenset[str]:
    """Read values with commas between them."""
    values = {part.strip() for part in variables.get(name, "").replace("，", ",").split(",")} - {""}
    if name == EDITORS and EVERYBODY in values:
        raise SignInError(
            f"{EDITORS} is {EVERYBODY}: not everybody may change what the bureau shares. Name those who may.",
            zh=f"{EDITORS} 不能是 {EVERYBODY}：不能人人都可改动本单位共享的数据。请逐一写明。",
        )
    if claim != ADDRESS:
        return frozenset(values)
    for value in values - {EVERYBODY}:
        if value.count("@") != 1 or value.startswith("@") or value.endswith("@") or " " in value:
            raise SignInError(
                f"{name} names {value!r}, which is no address; write whole addresses with commas between them, "
                f"or name the claim that it is a value of in {CLAIM}.",
                zh=f"{name} 里的 {value!r} 不是邮箱地址；请写完整地址，用逗号隔开，或用 {CLAIM} 指明它属于哪个声明。",
            )
    return frozenset(value.casefold() for value in values)


def _choose(variables: Mapping[str, str], name: str, choices: Mapping[str, object], *, usual: str) -> object:
    text = variables.get(name, "").strip() or usual
    if text not in choices:
        raise SignInError(
            f"{name} is {text!r}; write {' or '.join(choices)}.",
            zh=f"{name} 是 {text!r}；只能写 {' 或 '.join(choices)}。",
        )
    return choices[text]


def _read_hours(variables: Mapping[str, str]) -> int:
    text = variables.get(HOURS, "").strip() or str(USUAL_HOURS)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_HOURS):
        raise SignInError(
            f"{HOURS} is {text!r}; give a whole number from 1 to {MOST_HOURS}.",
            zh=f"{HOURS} 是 {text!r}；请写 1 到 {MOST_HOURS} 之间的整数。",
        )
    return int(text)


def _read_auth(auth: Mapping[str, object], port: int) -> str:
    """Check Streamlit's section, and give the page's origin as it has it."""
    wrong = sorted(set(auth) - KNOWN)
    if wrong:
        raise SignInError(
            f"[auth] in secrets.toml has {wrong[0]!r}, which gzmap does not know: one provider, by "
            f"{', '.join(REQUIRED)} and client_kwargs.",
            zh=f"secrets.toml 的 [auth] 中有不认识的 {wrong[0]!r}；只用一个登录服务，"
            f"写 {'、'.join(REQUIRED)} 和 client_kwargs。",
        )
    texts = {name: auth.get(name) for name in REQUIRED}
    for name, value in texts.items():
        if not isinstance(value, str) or not value.strip():
            raise SignInError(f"[auth] in secrets.toml lacks {name!r}.", zh=f"secrets.toml 的 [auth] 中缺少 {name!r}。")
    if len(texts["cookie_secret"]) < SECRET_CHARS:
        raise SignInError(
            f"cookie_secret in secrets.toml is too short: give {SECRET_CHARS} characters or more by chance.",
            zh=f"secrets.toml 的 cookie_secret 太短；请用至少 {SECRET_CHARS} 个随机字符。",
        )
    _require_safe(texts["server_metadata_url"], "server_metadata_url")
    back = texts["redirect_uri"].replace("{port}", str(port))
    parts = _require_safe(back, "redirect_uri")
    if parts.path != CALLBACK or parts.query or parts.fragment:
        raise SignInError(
            f"redirect_uri in secrets.toml must end with {CALLBACK}, directly after the host.",
            zh=f"secrets.toml 的 redirect_uri 必须在主机名之后直接以 {CALLBACK} 结尾。",
        )
    return f"{parts.scheme}://{parts.netloc}"


def _require_safe(url: str, name: str) -> object:
    """Take an address apart; names and tokens travel there, so that it is https, or of this machine."""
    parts = urlsplit(url)
    is_here = parts.scheme == "http" and parts.hostname in THIS_MACHINE
    if not parts.hostname or "@" in parts.netloc or not (parts.scheme == "https" or is_here):
        raise SignInError(
            f"{name} in secrets.toml must begin with https:// (http:// only for this machine).",
            zh=f"secrets.toml 的 {name} 必须以 https:// 开头（只有本机可用 http://）。",
        )
    return parts
