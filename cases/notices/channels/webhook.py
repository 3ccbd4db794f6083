"""Notices to a gateway of the bureau: SMS, WeCom, or whatever stands behind its URL."""

import hashlib
import hmac

import aiohttp
import msgspec

from domain.errors import ChannelError
from domain.notice import Notice

_TIMEOUT = aiohttp.ClientTimeout(total=10)
# Besides a gateway that is busy: a wrong password, path or permission, which someone will mend; the notice can wait.
_TRY_AGAIN = frozenset({401, 403, 404, 408, 409, 425, 429})

UNTAKEN = frozenset({*range(400, 500), 503}) - {408}
"""By these a receiver says that it has not taken a message; a gateway's other 5xx leave that open."""


def untaken(wrong: aiohttp.ClientError) -> bool:
    """Whether nothing was sent, for there was no connection."""
    return isinstance(wrong, aiohttp.ClientConnectorError)


class Webhook:
    """POSTs each notice as JSON. With a secret, `X-Longcheng-Signature` is the HMAC-SHA256 of the body as sent."""

    def __init__(self, session: aiohttp.ClientSession, url: str, *, secret: str = "") -> None:
        self._session = session
        self._url = url
        self._secret = secret.encode()

    async def send(self, notice: Notice) -> None:
        """Post it. Raises ChannelError; only what the receiver will never take is not retried.

        That is 4xx, but not from a gateway that is busy or being mended: 401, 403, 404, 408, 409, 425, 429.
        """
        said = {"key": notice.key, "recipient": notice.recipient, "step": notice.step, "subject": notice.subject}
        payload = msgspec.json.encode({**said, "body": notice.body})
        headers = {"Content-Type": "application/json", "Idempotency-Key": notice.key}
        if self._secret:
            digest = hmac.new(self._secret, payload, hashlib.sha256).hexdigest()
            headers["X-Longcheng-Signature"] = f"sha256={digest}"
        try:
            # A redirect is not followed: what is signed for one address is not meant for another.
            async with self._session.post(
                self._url, data=payload, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as answer:
                status = answer.status
        except TimeoutError:
            raise ChannelError(f"the webhook did not answer within {_TIMEOUT.total:g} s", retry=True) from None
        except aiohttp.ClientError as wrong:
            raise ChannelError(f"the webhook can't be reached: {wrong}", retry=True, untaken=untaken(wrong)) from wrong
        if not 200 <= status < 300:
            final = 400 <= status < 500 and status not in _TRY_AGAIN
            raise ChannelError(f"the webhook answered {status}", retry=not final, untaken=status in UNTAKEN)
