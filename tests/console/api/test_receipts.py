"""What a provider or gateway says of notices that have arrived: with the token, or signed like our own webhooks."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer

from config.load import Site
from console.server import make_app
from domain.clock import ManualClock
from tests.console.reader import Client, post
from tests.fakes.desk import FakeDesk

PATH = "/api/v1/notices/receipts"
SECRET = "s3cret"


@pytest.fixture
async def signing(site: Site, clock: ManualClock, desk: FakeDesk) -> AsyncIterator[Client]:
    """A client of a console whose webhooks are signed, and that has no token."""
    notices = site.settings.notices.model_copy(update={"webhook_secret": SECRET})
    settings = site.settings.model_copy(update={"notices": notices})
    async with TestClient(TestServer(make_app(desk, replace(site, settings=settings), clock))) as client:
        yield client


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The header."""
    return {"X-Longcheng-Signature": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}


async def test_with_the_token(keyed: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """Known keys count; without a time it was now, and never later than now."""
    key = desk.all_notices[0].key
    assert await post(keyed, PATH, {"keys": [key, "unknown"]}) == {"notices": 1}
    await post(keyed, PATH, {"keys": ["k"], "at": "2999-01-01T00:00:00Z"})

    assert desk.arrived == [(key, clock.now_ms()), ("unknown", clock.now_ms()), ("k", clock.now_ms())]


async def test_with_a_signature(signing: Client, desk: FakeDesk) -> None:
    """Of the body as sent; another body, or another secret, is refused, and nothing is done."""
    body = json.dumps({"keys": ["k-1"], "at": "2026-01-01T08:00:00+08:00"}).encode()
    async with signing.post(PATH, data=body, headers=signed(body)) as answer:
        assert answer.status == 200
    assert desk.arrived == [("k-1", 1_767_225_600_000)]
    for data, headers in ((body + b" ", signed(body)), (body, signed(body, "guess"))):
        async with signing.post(PATH, data=data, headers=headers) as answer:
            assert answer.status == 401
    async with signing.post(PATH, data=body) as answer:
        assert answer.status == 403  # neither a signature, nor is there a token
    assert len(desk.arrived) == 1


async def test_a_signature_opens_nothing_else(signing: Client, desk: FakeDesk) -> None:
    """Who may tell of receipts may not release an alarm."""
    body = json.dumps({"who": "王工", "why": "x"}).encode()
    async with signing.post("/api/v1/alarms/1/release", data=body, headers=signed(body)) as answer:
        assert answer.status == 403
    assert desk.orders == []


async def test_without_a_secret_no_signature_is_accepted(keyed: Client) -> None:
    """An empty secret is none."""
    async with keyed.post(PATH, data=b"{}", headers=signed(b"{}", "")) as answer:
        assert answer.status == 403
