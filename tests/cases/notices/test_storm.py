"""Five thousand findings at once, and one smoke alarm among them: real servers, time as an argument."""

import asyncio
import json
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import pytest
from msgspec.structs import replace

from cases.notices.channels import Channel
from cases.notices.channels.gateway import Gateway as BotChannel
from cases.notices.channels.mqtt import Mqtt
from cases.notices.channels.smtp import Smtp
from cases.notices.channels.webhook import Webhook
from cases.notices.outbox import Outbox
from cases.notices.wording import Wording
from config.load import Site
from config.notices import Gateway as BotSettings
from config.notices import Smtp as SmtpSettings
from config.schema import Mqtt as MqttSettings
from domain.clock import ManualClock
from domain.notice import Notice, NoticeState
from ingest.commands import Commands
from storage.case_store import CaseStore
from tests.cases.city import make_site
from tests.cases.notices.gateway import Gateway
from tests.cases.notices.provider import open_provider
from tests.cases.notices.receivers import post_office
from tests.cases.notices.storm import a_notice, outbox_of, put_all
from tests.fakes.brokers import mosquitto
from tests.fakes.listeners import listening

MANY = 1250
WAYS = ("webhook", "mqtt", "smtp", "bot")
ADDRESS = {"webhook": "duty-desk", "mqtt": "duty-desk", "smtp": "duty@city.example", "bot": ""}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The town."""
    return make_site(tmp_path / "site")


def storm(way: str) -> list[Notice]:
    """Of one way: many findings on both sides of a street, and smoke in the middle of them."""
    matters = ("09010", "09009", "04001")
    many = [
        a_notice(
            f"{way}-{n}",
            channel=way,
            to=ADDRESS[way],
            at_ms=n,
            matter=matters[n % 3],
            severity="warn" if n % 50 == 0 else "notice",
        )
        for n in range(MANY)
    ]
    alarm = {"channel": way, "to": ADDRESS[way], "matter": "01054", "severity": "critical", "subject": "E1/3"}
    smoke = replace(a_notice(f"{way}-smoke", at_ms=700, **alarm), step="case_sensor")
    return [*many[:700], smoke, *many[700:]]


async def walk(outbox: Outbox, clock: ManualClock, *, minutes: int) -> None:
    """Look every ten seconds."""
    for _ in range(minutes * 6):
        clock.advance(seconds=10)
        await outbox.send_due()


@pytest.mark.server
@pytest.mark.slow
async def test_people_get_a_few_digests_and_the_smoke_at_once(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """On each way: first the smoke alone, then one message that lists the other 1250, and nothing more."""
    clock = ManualClock(0)
    with post_office() as post, mosquitto(tmp_path) as broker, listening(broker.url, "longcheng/v1/#") as heard:
        async with open_provider() as provider:
            commands = Commands(MqttSettings(url=broker.url), "town-commands")
            commands.start()
            assert await commands.connected(10)
            mail = {"host": "127.0.0.1", "port": post.port, "security": "none", "sender": "no-reply@city.example"}
            bot = {"kind": "wecom", "url": provider.url}
            words = Wording(site)
            channels: dict[str, Channel] = {
                "webhook": Webhook(session, gateway.url),
                "mqtt": Mqtt(commands.publish, root="longcheng/v1"),
                "smtp": Smtp(SmtpSettings.model_validate(mail), words),
                "bot": BotChannel("bot", BotSettings.model_validate(bot), session, words, clock),
            }
            outbox = outbox_of(site, store, channels, clock, rates="18:60")
            put_all(store, [notice for way in WAYS for notice in storm(way)])
            clock.advance(seconds=1)
            await outbox.send_due()
            assert (gateway.keys, len(post.mails), len(provider.asked)) == (["webhook-smoke"], 1, 1)
            await walk(outbox, clock, minutes=10)
            commands.stop()
        published = [json.loads(heard.get(timeout=60).payload) for _ in range(2)]
        assert heard.empty()

    assert {notice.state for notice in store.notices(limit=10_000)} == {NoticeState.SENT}
    assert [json.loads(body)["body"].get("n", 1) for body in gateway.bodies] == [1, MANY]
    assert [(one["step"], one["body"].get("n")) for one in published] == [("case_sensor", None), ("digest", MANY)]
    alone, digest = post.mails
    assert alone["Subject"] == "【龙城】紧急：充电桩异常"
    assert alone["Importance"] == "high"
    check_digest(digest)
    assert provider.asked[0].json["text"]["content"] == "消息 bot-smoke"
    by_message = Counter(notice.digest or notice.key for notice in store.notices(limit=10_000))
    assert sorted(by_message.values()) == [1] * 4 + [MANY] * 4


def check_digest(digest: EmailMessage) -> None:
    """It counts by matter and road, and names the worst first."""
    text = digest.get_content().replace("\r\n", "\n")
    assert digest["Subject"] == f"【龙城】合并消息，共 {MANY} 条"
    assert f"- 非机动车乱停放 {-(-MANY // 3)} 条（双桂街 {-(-MANY // 3)}）" in text
    assert "1. 警告｜双桂街1号｜" in text
    assert f"其余 {MANY - 10} 条请在系统中查看。" in text
    assert "- Bicycles parked out of place: 417 (双桂街 417)" in text


async def test_a_slow_receiver_does_not_keep_the_smoke_waiting(
    site: Site, store: CaseStore, gateway: Gateway, session: aiohttp.ClientSession
) -> None:
    """A webhook without digests that hangs on the first of many: the critical one goes by a lane of its own."""
    outbox = outbox_of(site, store, {"webhook": Webhook(session, gateway.url)}, ManualClock(1000), grouped=("none",))
    gateway.held = True
    put_all(store, storm("webhook"))
    running = asyncio.create_task(outbox.run())
    async with asyncio.timeout(60):
        while len(gateway.keys) < 2:
            gateway.got_one.clear()
            await gateway.got_one.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert "webhook-smoke" in gateway.keys
