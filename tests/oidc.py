"""A sign-in service of the tests' own: OpenID Connect with discovery, PKCE and signed tokens, on loopback."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.deployed import find_port

CLIENT, SECRET = "gzmap-tests", "a secret of the tests / with +signs"
READER = {"sub": "u-1", "name": "李四", "email": "li.si@bureau.example", "email_verified": True}
EDITOR = {"sub": "u-2", "name": "张三", "email": "Zhang.San@bureau.example", "email_verified": True}
STRANGER = {"sub": "u-3", "name": "<b>路人</b>", "email": "someone@elsewhere.example", "email_verified": True}
KEYS = {kid: RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"}) for kid in ("known", "unknown")}


@dataclass
class Provider:
    """The service. ``person`` is who signs in next, ``refuses`` the error that it answers instead, ``kid`` whose key
    signs; ``asked`` are the queries of everybody who came to sign in, ``left`` of those who signed out."""

    port: int
    person: dict = field(default_factory=lambda: dict(READER))
    refuses: str = ""
    kid: str = "known"
    issued_ago_s: int = 0
    returns: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)
    left: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def metadata_url(self) -> str:
        return f"{self.base}/.well-known/openid-configuration"

    def build_app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.describe),
                Route("/jwks", self.give_keys),
                Route("/authorize", self.authorize),
                Route("/token", self.give_token, methods=["POST"]),
                Route("/end", self.end_session),
            ]
        )

    def describe(self, request: Request) -> Response:
        told = {
            "issuer": self.base,
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "jwks_uri": f"{self.base}/jwks",
            "end_session_endpoint": f"{self.base}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
        return JSONResponse(told)

    def give_keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [KEYS["known"].as_dict(private=False)]})

    def authorize(self, request: Request) -> Response:
        """Sign ``person`` in without asking; only our client, and back to where it said before."""
        asked = dict(request.query_params)
        self.asked.append(asked)
        is_ours = asked.get("client_id") == CLIENT and asked.get("redirect_uri") in self.returns
        is_safe = asked.get("code_challenge_method") == "S256" and asked.get("nonce") and asked.get("state")
        if not is_ours or not is_safe or asked.get("response_type") != "code" or "openid" not in asked["scope"]:
            return PlainTextResponse("no client of ours", status_code=400)
        if self.refuses:
            told = {"error": self.refuses, "error_description": "<script>alert(1)</script>"}
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            told = {"code": code}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({**told, 'state': asked['state']})}")

    async def give_token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        is_right = (
            asked is not None
            and self._is_client(request)
            and form["redirect_uri"] == asked["redirect_uri"]
            and base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() == asked["code_challenge"]
        )
        if not is_right:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        token = {"access_token": secrets.token_urlsafe(900), "token_type": "Bearer", "expires_in": 300}
        return JSONResponse({**token, "id_token": self._sign(asked["nonce"])})

    def _is_client(self, request: Request) -> bool:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        name, _, secret = base64.b64decode(given).decode().partition(":")
        return (kind.lower(), unquote(name)) == ("basic", CLIENT) and SECRET in (secret, unquote(secret))

    def _sign(self, nonce: str) -> str:
        now = int(time.time()) - self.issued_ago_s
        told = {"iss": self.base, "aud": CLIENT, "iat": now, "exp": int(time.time()) + 300, "nonce": nonce}
        # Whoever the key belongs to, it says to be the one that is known.
        return jwt.encode({"alg": "RS256", "kid": "known"}, {**told, **self.person}, KEYS[self.kid])

    def end_session(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.left.append(asked)
        back = asked.get("post_logout_redirect_uri", "")
        return RedirectResponse(back) if back in self.returns else PlainTextResponse("signed out")


def write_secrets(home: Path, provider: Provider, *, origin: str = "http://127.0.0.1:{port}", **more: str) -> Path:
    """Write what Streamlit wants to know of the service into the home folder of who runs the app."""
    told = {
        "redirect_uri": f"{origin}/oauth2callback",
        "cookie_secret": "s" * 64,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "server_metadata_url": provider.metadata_url,
        **more,
    }
    path = home / ".streamlit/secrets.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[auth]\n" + "".join(f'{name} = "{value}"\n' for name, value in told.items()), "utf-8")
    return path


@contextmanager
def running_provider(port: int = 0) -> Iterator[Provider]:
    """Run the service until the block ends."""
    provider = Provider(port or find_port())
    settings = uvicorn.Config(provider.build_app(), port=provider.port, log_level="warning", lifespan="off")
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + 20
        while not server.started:
            if time.monotonic() > until:
                raise RuntimeError("the sign-in service of the tests does not start")
            time.sleep(0.02)
        yield provider
    finally:
        server.should_exit = True
        thread.join(20)
