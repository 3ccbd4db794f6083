"""One event on the wire, and what the platform's answer means for it and for the others."""

import ssl
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

import aiohttp
from msgspec import Struct

from cases.platform.signature import SIGNATURE, signed
from config.platform import Platform
from domain.clock import Clock, epoch_ms

_TAKEN_BEFORE: Final = 409
# A wrong secret, address or permission, which someone will mend; nothing is wrong with the event.
_SHUT: Final = frozenset({301, 302, 303, 307, 308, 401, 403, 404})
_AGAIN: Final = frozenset({408, 425})
_BUSY: Final = 429
_AWAY: Final = 503
_SHOWN: Final = 200
_LONGEST_RETRY_AFTER_S: Final = 3600.0


class Verdict(StrEnum):
    """What became of a try."""

    TAKEN = "taken"
    AGAIN = "again"  # something went wrong with it, or with the platform
    REFUSED = "refused"  # the platform has understood it, and does not want it
    SHUT = "shut"  # the platform lets us not in, or not here
    PAUSE = "pause"  # the platform is not there, or wants to be left alone for a while


class Answer(Struct, frozen=True):
    """What the platform made of an event; `wait_s` is how long it wants to be left alone, if it says."""

    verdict: Verdict
    error: str = ""
    wait_s: float | None = None


class Post:
    """POSTs events, each signed anew."""

    def __init__(
        self, session: aiohttp.ClientSession, settings: Platform, clock: Clock, *, trust: ssl.SSLContext | bool = True
    ) -> None:
        """`trust` says whose certificates are believed; True: as the system does."""
        self._session = session
        self._settings = settings
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=settings.timeout, sock_connect=settings.timeout / 2)
        self._trust = trust

    async def send(self, key: str, payload: bytes) -> Answer:
        """Hand one over. The same one may come again after a crash; its key tells."""
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            SIGNATURE: signed(self._settings.secrets, payload, self._clock.now_ms()),
        }
        try:
            # A redirect is not followed: what is signed for one address is not meant for another.
            async with self._session.post(
                self._settings.url,
                data=payload,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                ssl=self._trust,
            ) as answer:
                said = await answer.content.read(4 * _SHOWN)
                return self._read(answer.status, answer.headers.get("Retry-After", ""), said)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as wrong:
            return Answer(Verdict.PAUSE, f"the platform can't be reached: {wrong}")
        except TimeoutError:
            return Answer(Verdict.AGAIN, f"the platform did not answer within {self._settings.timeout:g} s")
        except aiohttp.ClientError as wrong:
            return Answer(Verdict.AGAIN, f"the platform broke off: {type(wrong).__name__}: {wrong}")

    def _read(self, status: int, retry_after: str, said: bytes) -> Answer:
        wait_s = _wait_s(retry_after, self._clock.now_ms())
        error = f"the platform answered {status}{_shown(said)}"
        if 200 <= status < 300 or status == _TAKEN_BEFORE:
            return Answer(Verdict.TAKEN)
        if status == _BUSY or (status == _AWAY and wait_s is not None):
            return Answer(Verdict.PAUSE, error, wait_s)
        if status in _SHUT:
            return Answer(Verdict.SHUT, error, wait_s)
        refused = 400 <= status < 500 and status not in _AGAIN
        return Answer(Verdict.REFUSED if refused else Verdict.AGAIN, error, wait_s)


def _wait_s(retry_after: str, now_ms: int) -> float | None:
    """Seconds, or a date of HTTP. None for neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_RETRY_AFTER_S)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at_ms = epoch_ms(at if at.tzinfo else at.replace(tzinfo=UTC))
    return min(max(0.0, (at_ms - now_ms) / 1000), _LONGEST_RETRY_AFTER_S)


def _shown(said: bytes) -> str:
    """What the platform wrote, as far as it fits a line."""
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in said.decode(errors="replace")).split())
    return f": {text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}" if text else ""
