"""The bureau's own sign-in, by OpenID Connect: authorization code with PKCE, discovery, and keys by their ids."""

import base64
import hashlib
import secrets
from collections import OrderedDict
from typing import Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
import msgspec
from msgspec import Struct

from config.console import Oidc
from domain.clock import Clock
from domain.errors import AccountRefused, ConfigError
from domain.permission import Role

_LASTS_MS: Final = 600_000
_MOST_PENDING: Final = 1000
_LEEWAY_S: Final = 60
_OLD_MS: Final = 3_600_000
_ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""By a key of the issuer's. Never `none`, and never one that the client's own secret would do for."""
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
_LARGEST: Final = 1 << 20


class Pending(Struct, frozen=True, kw_only=True):
    """A sign-in that has gone to the issuer and has not come back."""

    state: str
    nonce: str
    verifier: str
    browser: str
    """What the cookie of the browser holds that began it."""
    after: str
    begun_ms: int


class Person(Struct, frozen=True, kw_only=True):
    """Whom the issuer vouches for."""

    subject: str
    """`issuer subject`, which nobody else ever has."""
    name: str
    display_name: str
    role: Role | None
    sub_districts: tuple[str, ...]


class OidcClient:
    """One issuer. What it refuses, and what cannot be believed of it, is an AccountRefused that says why in English."""

    def __init__(self, settings: Oidc, clock: Clock) -> None:
        """Raises ConfigError without the library for it."""
        try:
            import joserfc  # noqa: F401, PLC0415 - only those who have an issuer need it
        except ImportError:
            raise ConfigError("console.oidc needs its library: pip install 'longcheng[oidc]'") from None
        self._settings, self._clock = settings, clock
        self._pending: OrderedDict[str, Pending] = OrderedDict()
        self._known: dict[str, tuple[int, dict[str, Any]]] = {}

    async def begin(self, redirect_uri: str, after: str) -> tuple[str, Pending]:
        """Where to send the browser, and what is to be remembered of it."""
        found = await self._discovered()
        pending = Pending(
            state=secrets.token_urlsafe(),
            nonce=secrets.token_urlsafe(),
            verifier=secrets.token_urlsafe(64),
            browser=secrets.token_urlsafe(),
            after=after,
            begun_ms=self._clock.now_ms(),
        )
        self._pending[pending.state] = pending
        while len(self._pending) > _MOST_PENDING:
            self._pending.popitem(last=False)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(pending.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self._settings.scopes),
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        where = self._endpoint(found, "authorization_endpoint")
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}", pending

    async def finish(self, query: dict[str, str], browser: str, redirect_uri: str) -> tuple[Person, str]:
        """Whom the issuer vouches for, and where they wanted to go. A state is good once, in the browser it is from."""
        pending = self._pending.pop(query.get("state", ""), None)
        if pending is None or self._clock.now_ms() - pending.begun_ms > _LASTS_MS:
            raise _refused("this sign-in was not begun here, or too long ago")
        if not secrets.compare_digest(pending.browser, browser):
            raise _refused("this sign-in was begun in another browser")
        if "error" in query:
            raise _refused(f"the issuer says {query['error'][:100]!r}")
        told = await self._redeemed(query.get("code", ""), pending, redirect_uri)
        claims = await self._believed(str(told.get("id_token", "")), pending.nonce)
        return self._person(claims), pending.after

    async def _redeemed(self, code: str, pending: Pending, redirect_uri: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._settings.client_id,
            "code_verifier": pending.verifier,
        }
        headers = {}
        if secret := self._settings.client_secret:
            both = f"{quote_plus(self._settings.client_id)}:{quote_plus(secret)}"  # RFC 6749, 2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
        found = await self._discovered()
        return await self._asked("POST", self._endpoint(found, "token_endpoint"), data=form, headers=headers)

    async def _believed(self, id_token: str, nonce: str) -> dict[str, Any]:
        """The claims of a token that is signed by the issuer, for us, now, and for this very sign-in."""
        from joserfc import jwt  # noqa: PLC0415 - only those who have an issuer need it
        from joserfc.errors import InvalidKeyIdError, JoseError  # noqa: PLC0415
        from joserfc.jwk import KeySet  # noqa: PLC0415

        ours = self._settings.client_id
        registry = jwt.JWTClaimsRegistry(
            now=self._clock.now_ms() // 1000,
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": ours},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            try:
                keys = KeySet.import_key_set(await self._keys())
                token = jwt.decode(id_token, keys, algorithms=_ALGORITHMS)
            except InvalidKeyIdError:  # the issuer has a new key
                keys = KeySet.import_key_set(await self._keys(anew=True))
                token = jwt.decode(id_token, keys, algorithms=_ALGORITHMS)
            registry.validate(token.claims)
        except (JoseError, ValueError, KeyError, TypeError) as wrong:
            raise _refused(f"the issuer's token is not believed: {wrong}") from None
        claims = dict(token.claims)
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != ours:
            raise _refused("the issuer's token is for somebody else")
        return claims

    def _person(self, claims: dict[str, Any]) -> Person:
        settings = self._settings
        held = _texts(_deep(claims, settings.role_claim))
        districts = _deep(claims, settings.sub_districts_claim) if settings.sub_districts_claim else None
        name = str(claims.get(settings.name_claim, "")).strip().lower()
        return Person(
            subject=f"{settings.issuer} {claims['sub']}",
            name=name,
            display_name=str(claims.get(settings.display_claim) or name),
            role=next((role for value, role in settings.roles.items() if value in held), None),
            sub_districts=tuple(sorted(_texts(districts))),
        )

    async def _discovered(self) -> dict[str, Any]:
        base = self._settings.issuer.rstrip("/")
        found = await self._remembered(f"{base}/.well-known/openid-configuration")
        if found.get("issuer") != self._settings.issuer:
            raise _refused(f"the issuer calls itself {found.get('issuer')!r}, not {self._settings.issuer!r}")
        return found

    async def _keys(self, *, anew: bool = False) -> Any:
        return await self._remembered(self._endpoint(await self._discovered(), "jwks_uri"), anew=anew)

    async def _remembered(self, url: str, *, anew: bool = False) -> dict[str, Any]:
        now_ms, known = self._clock.now_ms(), self._known.get(url)
        if known is None or anew or now_ms - known[0] > _OLD_MS:
            known = self._known[url] = (now_ms, await self._asked("GET", url))
        return known[1]

    def _endpoint(self, found: dict[str, Any], name: str) -> str:
        """An address of the issuer's; over TLS where the issuer is."""
        where = str(found.get(name, ""))
        if urlsplit(where).scheme not in {"https", urlsplit(self._settings.issuer).scheme}:
            raise _refused(f"the issuer's {name} is {where!r}")
        return where

    async def _asked(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.request(method, url, allow_redirects=False, **more) as answer,
            ):
                body = await answer.content.read(_LARGEST)
                if answer.status != 200:
                    raise _refused(f"the issuer answers {answer.status} at {url}")
                told = msgspec.json.decode(body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as trouble:
            raise _refused(f"the issuer does not answer at {url}: {trouble}") from None
        if not isinstance(told, dict):
            raise _refused(f"the issuer's answer at {url} is none")
        return told


def _refused(problem: str) -> AccountRefused:
    return AccountRefused(problem, "oidc")


def _deep(claims: Any, path: str) -> Any:
    for part in path.split("."):
        claims = claims.get(part) if isinstance(claims, dict) else None
    return claims


def _texts(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    return {one for one in value if isinstance(one, str)} if isinstance(value, list) else set()
