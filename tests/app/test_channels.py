"""The whole way of a notice through what the settings name: from the book's row to each of its ways."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from app.channels import build_channels, build_outbox, manners_of
from config.load import Site, load_site
from domain.clock import ManualClock
from domain.errors import ConfigError
from domain.notice import NoticeState
from storage.case_store import CaseStore
from tests.cases.notices.provider import Provider, open_provider
from tests.cases.notices.receivers import post_office
from tests.cases.notices.storm import a_notice, put_all
from tests.config.test_addresses import HEADS

SITE = """\
site: town
name: {{zh: 龙城, en: Longcheng}}
division: "320400"
data_dir: {folder}/data
mqtt: {{url: "mqtt://127.0.0.1:1"}}
notices:
  smtp: {{host: 127.0.0.1, port: {port}, security: none, sender: a@b.example}}
  gateways:
    bot: {{kind: wecom, url: "{url}"}}
{more}
  recipients:
    duty-desk: [bot, "smtp:duty@b.example"]
"""


def a_site(folder: Path, *, port: int = 25, url: str = "http://127.0.0.1:1/", more: str = "") -> Site:
    """A site with a bot and a mail server."""
    text = SITE.format(folder=folder, port=port, url=url, more=more)
    (folder / "site.yaml").write_text(text, encoding="utf-8")
    for name, head in HEADS.items():
        (folder / f"{name}.csv").write_text(head, encoding="utf-8")
    (folder / "shops.csv").write_text("shop_id,name,district,sub_district,road,lon_deg,lat_deg,contact\n")
    return load_site(str(folder), {})


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """For all that goes over HTTP."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    """A bot's provider."""
    async with open_provider() as provider:
        yield provider


async def publish(_topic: str, _payload: bytes) -> None:
    """There is no broker here."""


async def test_a_notice_goes_by_every_way_of_its_recipient(
    tmp_path: Path, session: aiohttp.ClientSession, provider: Provider
) -> None:
    """To the group and as a mail, each once; the mail is the copy. One without an address is not sent."""
    with post_office() as post:
        site = a_site(tmp_path, port=post.port, url=provider.url)
        store, clock = CaseStore(f"sqlite:///{tmp_path / 'cases.db'}"), ManualClock(60_000)
        put_all(store, [a_notice("k", channel="people", severity="critical"), a_notice("x", channel="people", to="x")])
        outbox = build_outbox(site, store, publish, session, clock)
        for _ in range(3):
            await outbox.send_due()

    states = {notice.key: (notice.state, notice.channel, notice.copy_of is None) for notice in store.notices()}
    assert states == {
        "k": (NoticeState.SENT, "bot", True),
        "k/2": (NoticeState.SENT, "smtp", False),
        "x": (NoticeState.DEAD, "nobody", True),
    }
    assert [asked.json["text"]["content"] for asked in provider.asked] == ["消息 k"]
    assert [mail["Message-ID"] for mail in post.mails] == ["<k/2@b.example>"]
    assert not (tmp_path / "data" / "notices.jsonl").exists()
    (lost,) = (notice for notice in store.notices() if notice.key == "x")
    assert "'x' is no address, and stands under no pattern of notices.recipients" in str(lost.last_error)
    store.close()


async def test_a_recipient_of_many_notices_is_routed_in_one_go(
    tmp_path: Path, session: aiohttp.ClientSession, provider: Provider
) -> None:
    """More than fit one look: all of them are in the one digest."""
    site = a_site(tmp_path, url=provider.url)
    store, clock = CaseStore(f"sqlite:///{tmp_path / 'cases.db'}"), ManualClock(60_000)
    put_all(store, [a_notice(f"k{n}", channel="people") for n in range(1100)])

    await build_outbox(site, store, publish, session, clock).send_due()

    assert len(provider.asked) == 1
    assert "共 1100 条消息" in provider.asked[0].json["text"]["content"]
    store.close()


def test_limits_are_a_tenth_below_the_providers(tmp_path: Path) -> None:
    """Unless the settings say otherwise; systems' ways have none, and are not grouped."""
    more = '    ding: {kind: dingtalk, url: "https://ding.example/?t=1", rate: "5:60"}'
    manners = manners_of(a_site(tmp_path, more=more))

    assert {name: (manner.rates, manner.grouped) for name, manner in manners.items()} == {
        "webhook": ("", False),
        "mqtt": ("", False),
        "smtp": ("60:60", True),
        "bot": ("18:60", True),
        "ding": ("5:60", True),
    }


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            '    phone: {kind: apprise, url: "pigeon://loft"}',
            "line 10: notices.gateways.phone: Apprise can",
        ),
        ("  escalation: [boss]", "line 10: 'boss' stands under no pattern"),
    ],
)
async def test_what_cannot_be_stops_the_start(
    more: str, problem: str, tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    """With file and line, and before anything is sent; `check-config` asks the same."""
    with pytest.raises(ConfigError, match=problem):
        build_channels(a_site(tmp_path, more=more), publish, session, ManualClock(0))
