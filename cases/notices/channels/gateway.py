"""Notices through a provider's HTTP interface: bots of WeCom, DingTalk and Feishu, and any gateway for SMS or calls.

These providers answer 200 to what they refuse and say so in the body; a client that looks at the status alone loses
notices without a word.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote_plus

import aiohttp
import msgspec

from cases.notices.channels.webhook import UNTAKEN, untaken
from cases.notices.wording import Wording
from config.notices import Gateway as Settings
from config.notices import Success
from domain.clock import Clock
from domain.errors import ChannelError
from domain.notice import Notice

# Besides a gateway that is busy: a wrong key, path or permission, which someone will mend; the notice can wait.
_TRY_AGAIN: Final = frozenset({401, 403, 404, 408, 409, 425, 429})
_LONGEST: Final = {"wecom": 2048, "dingtalk": 20_000, "feishu": 20_000}
"""Bytes of a text that a bot takes."""
_SUCCESS: Final = {
    # busy: too many calls, the system is busy, the key is wrong or off, which a person mends
    "wecom": Success(path="errcode", values=(0,), busy=(-1, 45009, 45033, 93000, 40001)),
    "dingtalk": Success(path="errcode", values=(0,), busy=(-1, 130101, 130102, 310000, 300001)),
    "feishu": Success(path="code", values=(0,), busy=(9499, 11232, 19021, 19022, 19024, 19001)),
}
_SAID: Final = ("errmsg", "msg", "message", "Message")


class Gateway:
    """Hands each notice to one provider."""

    def __init__(
        self, name: str, settings: Settings, session: aiohttp.ClientSession, wording: Wording, clock: Clock
    ) -> None:
        """`name` is what addresses call it. `clock` stamps what is signed."""
        self._name = name
        self._settings = settings
        self._session = session
        self._wording = wording
        self._clock = clock
        self._success = _SUCCESS.get(settings.kind, settings.success)

    async def send(self, notice: Notice) -> str | None:
        """Send it; returns the provider's id of the message, if it gives one.

        Raises ChannelError: final for what the provider will never take, as it says by status or in its answer.
        """
        try:
            status, answer = await self._ask(notice)
        except TimeoutError:
            raise ChannelError(f"{self._name} did not answer within {self._settings.timeout:g} s", retry=True) from None
        except aiohttp.ClientError as wrong:
            # Not the error itself: it may hold the URL, and that the key.
            said = f"{self._name} can't be reached: {type(wrong).__name__}"
            raise ChannelError(said, retry=True, untaken=untaken(wrong)) from wrong
        if not 200 <= status < 300:
            final = 400 <= status < 500 and status not in _TRY_AGAIN
            raise ChannelError(f"{self._name} answered {status}", retry=not final, untaken=status in UNTAKEN)
        return self._receipt(answer)

    def payload(self, notice: Notice) -> dict[str, Any]:
        """What is sent, but for a signature."""
        own, text = self._settings, self._wording.text(notice, self._wording.language)
        match own.kind:
            case "wecom" | "dingtalk":
                return {"msgtype": "text", "text": {"content": _cut(text, _LONGEST[own.kind])}}
            case "feishu":
                return {"msg_type": "text", "content": {"text": _cut(text, _LONGEST[own.kind])}}
        facts = self._wording.facts(notice, self._wording.language)
        filled = {**facts, "to": notice.address, "text": self._words(notice), "key": notice.key}
        return {name: _fill(value, filled) for name, value in own.body.items()}

    def _words(self, notice: Notice) -> str:
        """Few, to be read or to be heard."""
        if self._settings.kind == "voice":
            return self._wording.spoken(notice, self._wording.language)
        return self._wording.short(notice, self._wording.language, self._settings.max_segments)

    async def _ask(self, notice: Notice) -> tuple[int, bytes]:
        own, payload = self._settings, self.payload(notice)
        url, signature = self._signed()
        headers = {"Idempotency-Key": notice.key, **own.headers}
        sent: dict[str, Any] = {"json": payload | signature}
        if own.method == "GET":
            sent = {"params": _flat(payload)}
        elif own.encoding == "form":
            sent = {"data": _flat(payload)}
        timeout = aiohttp.ClientTimeout(total=own.timeout)
        # A redirect is not followed: what is meant for one address is not meant for another.
        async with self._session.request(
            own.method, url, headers=headers, timeout=timeout, allow_redirects=False, **sent
        ) as answer:
            return answer.status, await answer.read()

    def _signed(self) -> tuple[str, dict[str, str]]:
        """The URL, and what stands in the payload beside the message."""
        own, now_ms = self._settings, self._clock.now_ms()
        if own.kind == "dingtalk" and own.secret:
            digest = hmac.new(own.secret.encode(), f"{now_ms}\n{own.secret}".encode(), hashlib.sha256).digest()
            return f"{own.url}&timestamp={now_ms}&sign={quote_plus(base64.b64encode(digest))}", {}
        if own.kind == "feishu" and own.secret:
            stamp = str(now_ms // 1000)
            digest = hmac.new(f"{stamp}\n{own.secret}".encode(), b"", hashlib.sha256).digest()
            return own.url, {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}
        return own.url, {}

    def _receipt(self, answer: bytes) -> str | None:
        success = self._success
        if success is None:
            return None
        try:
            said = msgspec.json.decode(answer)
        except msgspec.DecodeError as wrong:
            raise ChannelError(f"{self._name} did not answer in JSON", retry=True) from wrong
        found = _at(said, success.path)
        if found in success.values:
            receipt = _at(said, success.receipt) if success.receipt else None
            return None if receipt is None else str(receipt)
        reason = next((said[name] for name in _SAID if isinstance(said, dict) and name in said), "")
        problem = f"{self._name} refused it: {success.path} is {found!r} {str(reason)[:200]}".rstrip()
        raise ChannelError(problem, retry=found is None or found in success.busy)


def _fill(value: Any, facts: Mapping[str, object]) -> Any:
    """A part of the settings' body with its `{names}` filled in."""
    if isinstance(value, str):
        return value.format_map(facts)
    if isinstance(value, Mapping):
        return {name: _fill(each, facts) for name, each in value.items()}
    if isinstance(value, Sequence):
        return [_fill(each, facts) for each in value]
    return value


def _flat(payload: Mapping[str, Any]) -> dict[str, str]:
    """For a form or a query: what is no text is JSON in it, as gateways want their parameters."""
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in payload.items()
    }


def _at(said: Any, path: str) -> Any:
    """What stands at `a.b.0.c` of an answer; None where nothing does."""
    for part in path.split("."):
        if isinstance(said, dict):
            said = said.get(part)
        elif isinstance(said, list) and part.isdigit() and int(part) < len(said):
            said = said[int(part)]
        else:
            return None
    return said


def _cut(text: str, most_bytes: int) -> str:
    if len(text.encode()) <= most_bytes:
        return text
    return text.encode()[: most_bytes - 3].decode(errors="ignore") + "…"
