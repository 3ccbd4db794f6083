"""`http(s)://`: a camera's snapshot address. User and password stand in the URL and appear nowhere else."""

import asyncio
import ssl
from base64 import b64encode
from typing import Final

import aiohttp
from msgspec import Struct, structs

from domain.errors import ConfigError, SourceError, SourceFault
from vision.picture import Picture
from vision.sources.address import Address
from vision.sources.answers import named, picture_in, sha256, time_in
from vision.sources.means import Means

REDIRECTS: Final = 3
CONDITIONAL_AFTER_S: Final = 0.5
"""Sooner than this even a living camera may have no newer picture."""
PROVE_EVERY: Final = 10
"""Of the answers `304`, each so many are checked by asking for the picture itself: firmware lies about its tags."""

Trust = ssl.SSLContext | aiohttp.Fingerprint | bool


class _Last(Struct, frozen=True, kw_only=True):
    """The picture of an earlier visit, and how the server tells it from others."""

    tags: dict[str, str]
    sha256: str
    own_ms: int | None
    at_s: float
    repeats: int = 0
    """How often in a row the server has said that it has no other."""


class _Answer(Struct, frozen=True, kw_only=True):
    """One picture, or the word that there is no other than before (`data` is None)."""

    data: bytes | None
    own_ms: int | None
    clock_ms: int | None
    tags: dict[str, str]


class Http:
    """One snapshot address. Answers to a digest or a basic challenge, whichever the camera sets.

    A server that gives its pictures tags is asked whether it has another one. Only the hash of the last is kept.
    """

    def __init__(self, address: Address, means: Means) -> None:
        self._at = address
        self._means = means
        self._trust = trust(address)
        self._headers = {"Accept-Encoding": "identity"}
        # tried first: it sends nothing before it is asked, and then never the password itself
        self._digest = aiohttp.DigestAuthMiddleware(address.user, address.password) if address.user else None
        self._last: _Last | None = None
        self._tags_lie = False

    async def fetch(self) -> Picture:
        """One snapshot. Raises SourceError for everything that is not a whole answer with a picture in it."""
        try:
            with named(self._at.shown):
                return await self._fetch()
        except SourceError as fault:
            if fault.fault is SourceFault.UNTRUSTED and "sha256" not in self._at.options:
                raise await self._explained(fault) from None
            raise

    async def _fetch(self) -> Picture:
        now_s = asyncio.get_running_loop().time()
        last = self._last
        tags = last.tags if last and not self._tags_lie and now_s - last.at_s >= CONDITIONAL_AFTER_S else {}
        answer = await self._ask(tags)
        if answer.data is None and last:
            self._last = last = structs.replace(last, repeats=last.repeats + 1)
            if last.repeats % PROVE_EVERY != 1:
                return _unchanged(last, answer)
            answer = await self._ask({})
            if answer.data is not None and sha256(answer.data) == last.sha256:
                return _unchanged(last, answer)
            self._tags_lie = True
        data = answer.data or b""
        self._last = (
            _Last(tags=answer.tags, sha256=sha256(data), own_ms=answer.own_ms, at_s=now_s)
            if answer.tags and not self._tags_lie
            else None
        )
        return Picture(data=data, own_ms=answer.own_ms, clock_ms=answer.clock_ms)

    async def _ask(self, tags: dict[str, str]) -> _Answer:
        async with self._get(tags) as answer:
            if answer.status != 401 or not self._may_try_basic(answer):
                return await self._read(answer, tags)
        self._digest = None
        secret = b64encode(f"{self._at.user}:{self._at.password}".encode()).decode()
        self._headers = {**self._headers, "Authorization": f"Basic {secret}"}
        async with self._get(tags) as answer:
            return await self._read(answer, tags)

    def _get(self, tags: dict[str, str]) -> "aiohttp.client._RequestContextManager":
        return self._means.session.get(
            self._at.url,
            headers={**self._headers, **tags},
            middlewares=(self._digest,) if self._digest else (),
            max_redirects=REDIRECTS,
            timeout=self._means.timeout,
            ssl=self._trust,
        )

    def _may_try_basic(self, answer: aiohttp.ClientResponse) -> bool:
        asked = answer.headers.getall("WWW-Authenticate", [])
        return self._digest is not None and any(challenge.lower().startswith("basic") for challenge in asked)

    async def _read(self, answer: aiohttp.ClientResponse, tags: dict[str, str]) -> _Answer:
        same = answer.status == 304 and bool(tags)
        data = None if same else await picture_in(answer, self._at.shown, self._means.max_bytes)
        if data is not None and self._at.path.endswith("/index/api/getSnap") and not data.startswith(b"\xff\xd8"):
            raise SourceError(SourceFault.PLACEHOLDER, f"{self._at.shown}: the media server's own picture, a PNG")
        return _Answer(
            data=data,
            own_ms=time_in(answer, "Last-Modified"),
            clock_ms=time_in(answer, "Date"),
            tags={
                asked: answer.headers[told]
                for asked, told in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
                if told in answer.headers
            },
        )

    async def _explained(self, fault: SourceError) -> SourceError:
        """The same, with the certificate's own hash: to be written down is all that trusting it takes."""
        nobody = aiohttp.Fingerprint(bytes(32))
        try:
            async with self._means.session.get(self._at.url, timeout=self._means.timeout, ssl=nobody):
                return fault
        except aiohttp.ServerFingerprintMismatch as found:  # raised before anything is asked for
            return SourceError(
                fault.fault, f"{fault.detail}; to trust just this one, add #sha256={found.got.hex()} to the source"
            )
        except (aiohttp.ClientError, TimeoutError):
            return fault


def _unchanged(last: _Last, answer: _Answer) -> Picture:
    return Picture(data=b"", unchanged=True, own_ms=last.own_ms, clock_ms=answer.clock_ms)


def trust(address: Address) -> Trust:
    """Whose certificate will do. Raises ConfigError for a hash that is none."""
    if "insecure" in address.options:
        return False
    if "sha256" not in address.options:
        return True
    try:
        return aiohttp.Fingerprint(bytes.fromhex(address.options["sha256"].replace(":", "")))
    except ValueError:
        raise ConfigError(
            f"camera {address.camera_id}: after #sha256= stand the 64 hexadecimal digits of the camera's certificate"
        ) from None
