"""Notices to a gateway, over real HTTP."""

import hashlib
import hmac

import aiohttp
import msgspec
import pytest

from cases.notices.channels.webhook import Webhook
from domain.errors import ChannelError
from tests.cases.notices.gateway import Gateway
from tests.cases.notices.letter import letter


async def test_what_is_posted(gateway: Gateway, session: aiohttp.ClientSession) -> None:
    """Key, recipient, step, subject and body as JSON; the key in a header too; no signature without a secret."""
    await Webhook(session, gateway.url).send(letter("k-1"))

    assert msgspec.json.decode(gateway.bodies[0]) == {
        "key": "k-1",
        "recipient": "shop:S1",
        "step": "notice_1",
        "subject": "C1/door-1",
        "body": {"text_zh": "您好。", "deadline_ms": 1},
    }
    assert (gateway.keys, gateway.signatures) == (["k-1"], [""])


async def test_the_signature_is_of_the_bytes_as_sent(gateway: Gateway, session: aiohttp.ClientSession) -> None:
    """HMAC-SHA256 with the secret, in hexadecimal."""
    await Webhook(session, gateway.url, secret="s3cret").send(letter())

    expected = hmac.new(b"s3cret", gateway.bodies[0], hashlib.sha256).hexdigest()
    assert gateway.signatures == [f"sha256={expected}"]


@pytest.mark.parametrize(
    ("status", "retry"),
    [(status, True) for status in (302, 401, 403, 404, 408, 409, 425, 429, 500, 503)]
    + [(status, False) for status in (400, 410, 413, 422)],
)
async def test_answers_that_are_no_yes(
    status: int, retry: bool, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """What the gateway will never take is final; what someone will mend, and redirects too, may be tried again."""
    gateway.answers = [status]

    with pytest.raises(ChannelError, match=str(status)) as caught:
        await Webhook(session, gateway.url).send(letter())

    assert caught.value.retry is retry
    assert len(gateway.keys) == 1


async def test_a_gateway_that_is_not_there(session: aiohttp.ClientSession, unused_tcp_port: int) -> None:
    """Refused connections are tried again."""
    with pytest.raises(ChannelError, match="can't be reached") as caught:
        await Webhook(session, f"http://127.0.0.1:{unused_tcp_port}/").send(letter())

    assert caught.value.retry
