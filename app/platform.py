"""The city's platform as a site's settings name it, and the sender that tells it."""

import asyncio
import random
import ssl
from collections.abc import Callable
from pathlib import Path

import aiohttp
import msgspec

from app.lifecycle import Lifecycle
from cases.platform.events import PictureUrl, told_of
from cases.platform.pace import Pace
from cases.platform.post import Post
from cases.platform.sender import Sender
from cases.platform.store import PlatformStore
from config.load import Site
from console.pages.pictures import address
from domain.clock import Clock
from domain.finding import Evidence
from domain.platform import PlatformEvent

_LAST_SEND_S = 1.5
"""For the events that are just going out. What takes longer goes out again, with the same key."""


def build_post(site: Site, session: aiohttp.ClientSession, clock: Clock) -> Post:
    """The way there. Raises ConfigError, with file and line, for a file of certificates that cannot be used."""
    return Post(session, site.settings.platform, clock, trust=trust_of(site))


def trust_of(site: Site) -> ssl.SSLContext | bool:
    """Whom to trust; True: whom the system trusts. Raises ConfigError, with file and line."""
    ca_file = site.settings.platform.ca_file
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(site.folder / ca_file))
    except (OSError, ssl.SSLError) as wrong:
        problem = f"ca_file is {ca_file}, which cannot be used: {wrong}"
        raise site.wrong(problem, "platform", "ca_file") from None


def picture_url_of(site: Site, pictures: Callable[[str], Path | None]) -> PictureUrl:
    """Addresses of blurred copies, where there are some and `exports.url` says how others reach them."""
    url = site.settings.exports.url

    def picture_url(look: Evidence) -> str | None:
        return f"{url}{address(look.picture)}" if url and look.picture and pictures(look.picture) else None

    return picture_url


def build_sender(
    site: Site, store: PlatformStore, post: Post, clock: Clock, pictures: Callable[[str], Path | None]
) -> Sender:
    """The sender of a site that has a platform."""
    settings, picture_url = site.settings.platform, picture_url_of(site, pictures)

    def write(event: PlatformEvent) -> bytes:
        return msgspec.json.encode(told_of(event, site, picture_url))

    pace = Pace(settings, clock, random.Random())  # noqa: S311 jitter
    return Sender(store, post, write=write, clock=clock, pace=pace, settings=settings)


async def platform_of(
    site: Site, store: PlatformStore, clock: Clock, pictures: Callable[[str], Path | None], life: Lifecycle
) -> Sender | None:
    """The sender, not started; None where the site has no platform. Raises ConfigError for one that cannot be."""
    if not site.settings.platform.url:
        return None
    session = aiohttp.ClientSession()
    life.on_stop("platform's session", session.close)
    return build_sender(site, store, build_post(site, session, clock), clock, pictures)


def start_platform(sender: Sender, life: Lifecycle) -> None:
    """Send from now on. A stop lets what is on its way arrive, within bounds."""
    task = asyncio.create_task(sender.run(), name="platform")

    async def end() -> None:
        await sender.stop(_LAST_SEND_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    life.on_stop("platform", end, within_s=_LAST_SEND_S + 0.5)
