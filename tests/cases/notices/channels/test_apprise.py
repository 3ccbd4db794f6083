"""Notices through Apprise, to a real HTTP server."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cases.notices.channels.apprise import Apprise
from cases.notices.wording import Wording
from config.load import Site
from config.notices import Gateway as Settings
from domain.errors import ChannelError, ConfigError
from tests.cases.city import make_site
from tests.cases.notices.channels.test_gateway import a_reminder
from tests.cases.notices.provider import Provider, open_provider

# Apprise imports what Python 3.13 has no more, and looks at it only where it is.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    """One that takes everything, until told otherwise."""
    async with open_provider() as provider:
        yield provider


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The town."""
    return make_site(tmp_path / "site")


def through(site: Site, url: str, **settings: Any) -> Apprise:
    """The channel to what Apprise makes of a URL."""
    return Apprise("phone", Settings.model_validate({"kind": "apprise", "url": url, **settings}), Wording(site))


def as_json(provider: Provider) -> str:
    """Apprise's URL for it."""
    return provider.url.replace("http://", "json://")


async def test_what_is_sent(site: Site, provider: Provider) -> None:
    """Subject and text in the site's language; two of them without the pause that Apprise makes by itself."""
    channel = through(site, as_json(provider))
    for _ in range(2):
        await channel.send(a_reminder())

    assert [(asked.json["title"], asked.json["message"]) for asked in provider.asked] == [
        ("【龙城】门前秩序提醒：非机动车乱停放", "门前有“非机动车”。")
    ] * 2


async def test_a_failure_is_tried_once_and_told(site: Site, provider: Provider) -> None:
    """Apprise retries nothing by itself; the outbox does."""
    provider.answers = [(500, "")] * 3

    with pytest.raises(ChannelError, match="phone did not take it") as caught:
        await through(site, as_json(provider)).send(a_reminder())

    assert caught.value.retry
    assert len(provider.asked) == 1


async def test_one_that_hangs_is_given_up_and_not_joined_by_others(site: Site, provider: Provider) -> None:
    """After its time; until its thread is back, nothing else is begun."""
    provider.held = True
    channel = through(site, as_json(provider), timeout="200ms")

    with pytest.raises(ChannelError, match=r"within 0\.2 s"):
        await channel.send(a_reminder())
    with pytest.raises(ChannelError, match="still busy"):
        await channel.send(a_reminder())

    provider.closing.set()


def test_a_url_that_apprise_does_not_know(site: Site) -> None:
    """Is told when the settings are read."""
    with pytest.raises(ConfigError, match=r"notices\.gateways\.phone: Apprise can make nothing of its url"):
        through(site, "pigeon://loft")


def test_without_the_extra(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is said."""
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(ConfigError, match=r"pip install 'longcheng\[apprise\]'"):
        through(site, "json://127.0.0.1/")
