"""An OpenID provider that speaks the protocol: discovery, consent, PKCE, codes good once, tokens signed by its keys."""

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote_plus, urlencode

from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import RSAKey

from domain.clock import Clock

CLIENT, SECRET = "longcheng", "between us"


class Issuer:
    """Everybody who is sent there consents at once, as `person`. `forge` changes claims; `signer` signs instead."""

    def __init__(self, clock: Clock) -> None:
        self.url = ""
        self.person: dict[str, Any] = {"sub": "0017", "preferred_username": "Wang", "name": "王芳", "roles": ["desk"]}
        self.forge: dict[str, Any] = {}
        self.signer: RSAKey | None = None
        self.calls_itself: str | None = None
        self.asked_for_keys = 0
        self._clock = clock
        self._keys = [self.new_key("1")]
        self._codes: dict[str, dict[str, str]] = {}

    @staticmethod
    def new_key(kid: str) -> RSAKey:
        """A pair of keys."""
        return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})

    def turn_keys(self) -> None:
        """From now on it signs with another, and knows the old one no more."""
        self._keys = [self.new_key(str(len(self._keys) + 1 + self.asked_for_keys))]

    def app(self) -> web.Application:
        """Its server."""
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._discovery)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_post("/token", self._token)
        app.router.add_get("/keys", self._jwks)
        return app

    async def _discovery(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.calls_itself or self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }
        )

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        raise web.HTTPFound(f"{asked['redirect_uri']}?{back}")

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        given = base64.b64encode(f"{quote_plus(CLIENT)}:{quote_plus(SECRET)}".encode()).decode()
        asked = self._codes.pop(str(form["code"]), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
        fits = asked is not None and asked["code_challenge"] == challenge.rstrip(b"=").decode()
        fits = fits and asked is not None and asked["redirect_uri"] == form["redirect_uri"]
        if not fits or asked is None or request.headers.get("Authorization") != f"Basic {given}":
            return web.json_response({"error": "invalid_grant"}, status=400)
        now_s = self._clock.now_ms() // 1000
        claims = {"iss": self.url, "aud": CLIENT, "iat": now_s, "exp": now_s + 300, "nonce": asked["nonce"]}
        claims |= self.person | self.forge
        claims = {name: value for name, value in claims.items() if value is not None}
        key = self._keys[-1]
        token = jwt.encode({"alg": "RS256", "kid": key.kid}, claims, self.signer or key)
        return web.json_response({"access_token": "x", "token_type": "Bearer", "id_token": token})

    async def _jwks(self, _request: web.Request) -> web.Response:
        self.asked_for_keys += 1
        return web.json_response({"keys": [key.as_dict(private=False) for key in self._keys]})


@asynccontextmanager
async def issuer(clock: Clock) -> AsyncIterator[Issuer]:
    """One that answers on loopback."""
    found = Issuer(clock)
    async with TestServer(found.app()) as server:
        found.url = str(server.make_url("")).rstrip("/")
        yield found
