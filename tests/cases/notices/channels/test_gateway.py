"""Bots and SMS gateways, over real HTTP."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from msgspec.structs import replace

from cases.notices.channels.gateway import Gateway
from cases.notices.wording import Wording, segments
from config.load import Site
from config.notices import Gateway as Settings
from domain.clock import ManualClock
from domain.errors import ChannelError
from domain.notice import Notice
from tests.cases.city import make_site
from tests.cases.notices.letter import letter
from tests.cases.notices.provider import Provider, open_provider

NOW_MS = 1_796_000_000_000
SMS: dict[str, Any] = {
    "kind": "sms",
    "headers": {"Authorization": "Bearer s3cret"},
    "body": {"phone": "{to}", "content": {"text": "{text}", "n": 1}, "request": "{key}"},
    "success": {"path": "Code", "values": ["OK"], "busy": ["BUSY"], "receipt": "data.0.id"},
}


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    """One that takes everything, until told otherwise."""
    async with open_provider() as provider:
        yield provider


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The town."""
    return make_site(tmp_path / "site")


def a_reminder(**body: str) -> Notice:
    """To a shop."""
    said: dict[str, str | float | int | bool | None] = {
        "text_zh": "门前有“非机动车”。",
        "text_en": "Bicycles.",
        "matter": "09010",
        "severity": "notice",
        "shop": "阿福手机店",
        "deadline_ms": NOW_MS,
        "look_id": "l1",
        **body,
    }
    return replace(letter("k-1"), address="+8613800000000", body=said)


def through(site: Site, provider: Provider, session: aiohttp.ClientSession, **settings: Any) -> Gateway:
    """The channel to a provider."""
    given = {"kind": "wecom", "url": f"{provider.url}?key=K", "timeout": "2s", **settings}
    return Gateway("desk-bot", Settings.model_validate(given), session, Wording(site), ManualClock(NOW_MS))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("wecom", {"msgtype": "text", "text": {"content": "门前有“非机动车”。"}}),
        ("dingtalk", {"msgtype": "text", "text": {"content": "门前有“非机动车”。"}}),
        ("feishu", {"msg_type": "text", "content": {"text": "门前有“非机动车”。"}}),
    ],
)
async def test_what_a_bot_is_told(
    kind: str, expected: object, site: Site, provider: Provider, session: aiohttp.ClientSession
) -> None:
    """As each of them wants it; the key of the notice in a header, the bot's own in the address."""
    provider.usual = '{"code": 0, "errcode": 0}'
    await through(site, provider, session, kind=kind).send(a_reminder())

    (asked,) = provider.asked
    assert (asked.method, asked.query, asked.json) == ("POST", {"key": "K"}, expected)
    assert asked.headers["Idempotency-Key"] == "k-1"


async def test_bots_that_want_a_signature_get_one(
    site: Site, provider: Provider, session: aiohttp.ClientSession
) -> None:
    """As DingTalk and Feishu describe it: DingTalk's in the address, Feishu's in the message."""
    provider.usual = '{"code": 0, "errcode": 0}'
    for kind in ("dingtalk", "feishu"):
        await through(site, provider, session, kind=kind, secret="SEC").send(a_reminder())

    ding, feishu = provider.asked
    signed = hmac.new(b"SEC", f"{NOW_MS}\nSEC".encode(), hashlib.sha256).digest()
    assert (ding.query["timestamp"], ding.query["sign"]) == (str(NOW_MS), base64.b64encode(signed).decode())
    signed = hmac.new(f"{NOW_MS // 1000}\nSEC".encode(), b"", hashlib.sha256).digest()
    assert (feishu.json["timestamp"], feishu.json["sign"]) == (str(NOW_MS // 1000), base64.b64encode(signed).decode())


@pytest.mark.parametrize(
    ("kind", "answer", "retry"),
    [
        ("wecom", '{"errcode": 45009, "errmsg": "api freq out of limit"}', True),
        ("wecom", '{"errcode": 40058, "errmsg": "invalid content"}', False),
        ("dingtalk", '{"errcode": 130101, "errmsg": "send too fast"}', True),
        ("feishu", '{"code": 11232, "msg": "frequency limited"}', True),
        ("feishu", '{"code": 99, "msg": "bad"}', False),
        ("wecom", "<html>maintenance</html>", True),
        ("wecom", "{}", True),
    ],
)
async def test_a_refusal_with_status_200_is_no_success(
    kind: str, answer: str, retry: bool, site: Site, provider: Provider, session: aiohttp.ClientSession
) -> None:
    """Over the limit, or out of order: later. What the provider will never take: final."""
    provider.answers = [(200, answer)]

    with pytest.raises(ChannelError, match="desk-bot") as caught:
        await through(site, provider, session, kind=kind).send(a_reminder())

    assert caught.value.retry is retry


@pytest.mark.parametrize(
    ("status", "retry"),
    [(status, True) for status in (302, 401, 403, 404, 429, 500, 503)] + [(status, False) for status in (400, 413)],
)
async def test_answers_that_are_no_yes(
    status: int, retry: bool, site: Site, provider: Provider, session: aiohttp.ClientSession
) -> None:
    """As with a webhook."""
    provider.answers = [(status, "")]

    with pytest.raises(ChannelError, match=str(status)) as caught:
        await through(site, provider, session).send(a_reminder())

    assert caught.value.retry is retry


async def test_a_provider_that_hangs_or_is_gone_tells_no_key(
    site: Site, provider: Provider, session: aiohttp.ClientSession, unused_tcp_port: int
) -> None:
    """Given up after its time; and what is logged has neither the address nor the key in it."""
    provider.held = True
    gone = f"http://127.0.0.1:{unused_tcp_port}/send?key=S3CRET"
    for settings in ({"timeout": "100ms"}, {"url": gone}):
        with pytest.raises(ChannelError) as caught:
            await through(site, provider, session, **settings).send(a_reminder())
        assert caught.value.retry
        assert "S3CRET" not in str(caught.value)


async def test_a_long_text_is_cut_to_what_the_bot_takes(
    site: Site, provider: Provider, session: aiohttp.ClientSession
) -> None:
    """2048 bytes with WeCom, and no half character."""
    await through(site, provider, session).send(a_reminder(text_zh="城" * 5000))

    said = provider.asked[0].json["text"]["content"]
    assert said.endswith("城…")
    assert 2040 < len(said.encode()) <= 2048


async def test_an_sms_as_the_settings_say(site: Site, provider: Provider, session: aiohttp.ClientSession) -> None:
    """Filled in at every depth, quotes and all; the provider's id comes back."""
    provider.usual = '{"Code": "OK", "data": [{"id": 42}]}'

    receipt = await through(site, provider, session, **SMS).send(a_reminder())

    (asked,) = provider.asked
    text = "【龙城】双桂街阿福手机店：非机动车乱停放。请于11月30日 09:06前处理，届时复查。"
    assert receipt == "42"
    assert asked.json["phone"] == "+8613800000000"
    assert asked.json["request"] == "k-1"
    assert asked.json["content"]["n"] == 1
    assert asked.json["content"]["text"].startswith("【龙城】双桂街阿福手机店：非机动车乱停放。请于")
    assert len(asked.json["content"]["text"]) <= len(text) + 4
    assert asked.headers["Authorization"] == "Bearer s3cret"


async def test_a_call_is_read_aloud(site: Site, provider: Provider, session: aiohttp.ClientSession) -> None:
    """One sentence that says what is where and what to do; no brackets, no numbers of cases, no link."""
    voice = SMS | {"kind": "voice", "body": {"type": "voice", "called": "{to}", "tts": "{text}", "request": "{key}"}}
    provider.usual = '{"Code": "OK", "data": [{"id": 42}]}'
    smoke = a_reminder(severity="critical", link="https://x/", shop="双桂街充电站", minutes="10", matter="01054")
    for step in ("case_sensor", "escalated"):
        await through(site, provider, session, **voice).send(replace(smoke, step=step, urgent=True, case_id="2026"))

    said = [asked.json["tts"] for asked in provider.asked]
    assert provider.asked[0].json | {"tts": ""} == {
        "type": "voice",
        "called": "+8613800000000",
        "tts": "",
        "request": "k-1",
    }
    assert said == [
        "龙城，紧急。双桂街充电站，充电桩异常。请立即处置，并在系统中确认。",
        "龙城，紧急，10分钟无人响应。双桂街充电站，充电桩异常。请立即处置，并在系统中确认。",
    ]


@pytest.mark.parametrize(("method", "encoding"), [("GET", "json"), ("POST", "form")])
async def test_gateways_that_want_no_json(
    method: str, encoding: str, site: Site, provider: Provider, session: aiohttp.ClientSession
) -> None:
    """In the query, or as a form."""
    provider.usual = '{"Code": "OK"}'
    await through(site, provider, session, **SMS, method=method, encoding=encoding).send(a_reminder())

    (asked,) = provider.asked
    sent = asked.query if method == "GET" else {"phone": asked.body}
    assert asked.method == method
    assert "13800000000" in sent["phone"]


@pytest.mark.parametrize(("answer", "retry"), [('{"Code": "BUSY"}', True), ('{"Code": "BLACKLIST"}', False)])
async def test_what_a_gateway_refuses(
    answer: str, retry: bool, site: Site, provider: Provider, session: aiohttp.ClientSession
) -> None:
    """By the settings' path and values."""
    provider.answers = [(200, answer)]

    with pytest.raises(ChannelError, match="Code is") as caught:
        await through(site, provider, session, **SMS).send(a_reminder())

    assert caught.value.retry is retry


@pytest.mark.parametrize("most", [1, 2, 3])
def test_an_sms_keeps_to_its_segments_and_its_link_whole(most: int, site: Site) -> None:
    """However long the name of the shop is; characters outside the BMP count twice."""
    link = "https://city.example/s/0123456789abcdef"
    for shop in ("阿福手机店", "𠮷" * 30, "长" * 400):
        said = Wording(site).short(a_reminder(shop=shop, link=link), "zh-CN", most)
        assert segments(said) <= most
        assert said.endswith(link)
