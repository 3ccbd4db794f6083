"""The ways out for notices that a site's settings name, and the outbox that uses them."""

import random
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import aiohttp

from cases.notices.channels import Channel
from cases.notices.channels.apprise import Apprise
from cases.notices.channels.command import Command
from cases.notices.channels.gateway import Gateway
from cases.notices.channels.log import Log
from cases.notices.channels.mqtt import Mqtt
from cases.notices.channels.nobody import Nobody
from cases.notices.channels.smtp import Smtp
from cases.notices.channels.webhook import Webhook
from cases.notices.deadlines import Deadlines
from cases.notices.digest import Digest
from cases.notices.escalation import Escalation, EscalationStore
from cases.notices.grouping import Terms
from cases.notices.letters import Letters
from cases.notices.outbox import Outbox
from cases.notices.routing import Routing
from cases.notices.sending import Manner
from cases.notices.wording import Wording
from cases.shop_links import ShopLinks
from cases.store import OutboxStore
from config import notices as settings_of
from config.addresses import addresses_of, check_addresses
from config.load import Site
from config.notices import NOBODY
from domain.clock import Clock, ManualClock
from domain.errors import ConfigError

Publish = Callable[[str, bytes], Awaitable[None]]
Pictures = Callable[[str], Path | None]
"""Where the copy of a picture lies that may be shown, by its name."""
_LOOK_S = 5.0
_APPRISE = frozenset({"apprise", "wecom-app"})


def build_channels(
    site: Site, publish: Publish, session: aiohttp.ClientSession, clock: Clock, pictures: Pictures | None = None
) -> dict[str, Channel]:
    """Every channel by the name that addresses begin with. Connects to nothing.

    Raises ConfigError, with file and line, for one that cannot be: an extra that is not installed, a file of
    certificates that cannot be read; and for addresses that lead nowhere.
    """
    check_addresses(site)
    notices, root, wording = site.settings.notices, site.settings.mqtt.root, Wording(site)
    channels: dict[str, Channel] = {
        "log": Log(site.settings.data_dir / "notices.jsonl"),
        "command": Command(publish, root=root),
        "mqtt": Mqtt(publish, root=root),
        NOBODY: Nobody(),
    }
    if notices.webhook_url:
        channels["webhook"] = Webhook(session, notices.webhook_url, secret=notices.webhook_secret)
    if notices.smtp:
        channels["smtp"] = _smtp(site, notices.smtp, wording, pictures)
    for name, gateway in notices.gateways.items():
        if gateway.kind in _APPRISE:
            channels[name] = _apprise(site, name, gateway, wording)
        else:
            channels[name] = Gateway(name, gateway, session, wording, clock)
    return channels


def manners_of(site: Site) -> dict[str, Manner]:
    """How each channel wants to be used; what people read is grouped, what systems read is not."""
    notices = site.settings.notices
    manners = {
        "webhook": Manner(grouped=notices.webhook_digests),
        "mqtt": Manner(grouped=notices.mqtt_digests),
    }
    if notices.smtp:
        manners["smtp"] = Manner(notices.smtp.rate, grouped=True)
    return manners | {name: Manner(gateway.rates, grouped=True) for name, gateway in notices.gateways.items()}


def terms_of(site: Site) -> Terms:
    """How a site's notices are put together."""
    notices = site.settings.notices
    return Terms(
        wait_ms=round(notices.group_wait * 1000),
        interval_ms=round(notices.group_interval * 1000),
        site=site.settings.site,
        write=Digest(site).write,
    )


def routing_of(site: Site, store: OutboxStore) -> Routing:
    """By which ways a site's people are reached, and with which links."""
    return Routing(store, partial(addresses_of, notices=site.settings.notices), ShopLinks.of(site).link)


def build_outbox(
    site: Site,
    store: OutboxStore,
    publish: Publish,
    session: aiohttp.ClientSession,
    clock: Clock,
    *,
    pictures: Pictures | None = None,
) -> Outbox:
    """The outbox of a site with all its channels. Raises ConfigError for a channel that cannot be."""
    notices = site.settings.notices
    return Outbox(
        store,
        build_channels(site, publish, session, clock, pictures),
        clock,
        random.Random(),  # noqa: S311 jitter
        max_attempts=notices.max_attempts,
        not_before=Letters(site).not_before,
        as_told=Deadlines(site).as_told,
        manners=manners_of(site),
        terms=terms_of(site),
        routing=routing_of(site, store),
    )


class EscalationWatch:
    """Looks again and again whether an alarm that nobody answers is to be told further."""

    def __init__(self, site: Site, store: EscalationStore, clock: Clock) -> None:
        self._escalation = Escalation(site)
        self._store = store
        self._clock = clock

    def step(self) -> float:
        """Look once. Returns how long to rest, in seconds. May raise StoreUnavailable."""
        self._escalation.tick(self._store, self._clock.now_ms())
        return _LOOK_S


async def check_channels(site: Site) -> list[str]:
    """Build every channel, connect to none, and name those to people. Raises ConfigError for one that cannot be."""

    async def publish(_topic: str, _payload: bytes) -> None: ...

    async with aiohttp.ClientSession() as session:
        return sorted(build_channels(site, publish, session, ManualClock(0)).keys() - {"command", NOBODY})


def _smtp(site: Site, settings: settings_of.Smtp, wording: Wording, pictures: Pictures | None) -> Channel:
    try:
        return Smtp(settings, wording, pictures)
    except (OSError, ssl.SSLError) as wrong:
        problem = f"ca_file is {settings.ca_file}, which cannot be used: {wrong}"
        raise site.wrong(problem, "notices", "smtp", "ca_file") from None


def _apprise(site: Site, name: str, settings: settings_of.Gateway, wording: Wording) -> Channel:
    try:
        return Apprise(name, settings, wording)
    except ConfigError as wrong:
        raise site.wrong(wrong.problem, "notices", "gateways", name) from None
