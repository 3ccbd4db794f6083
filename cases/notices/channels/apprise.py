"""Notices by whatever Apprise knows: Bark, ServerChan, PushPlus, a WeCom application, … Needs the extra `apprise`."""

import asyncio
import logging
from types import ModuleType
from typing import Any

from cases.notices.wording import Wording
from config.notices import Gateway as Settings
from domain.errors import ChannelError, ConfigError
from domain.notice import Notice


class Apprise:
    """Only sends: waiting, retries, limits and the memory of what was sent are the outbox's.

    Apprise says of a failure no more than that it was one, so every failure is tried again.
    """

    def __init__(self, name: str, settings: Settings, wording: Wording) -> None:
        """`name` is what addresses call it. Raises ConfigError if Apprise is not installed or can't use the URL."""
        self._name = name
        self._settings = settings
        self._wording = wording
        self._apprise = _installed(name)
        # Anew for each message: one that is kept sleeps between two of them.
        self._build()
        self._under_way: asyncio.Future[bool] | None = None

    async def send(self, notice: Notice) -> None:
        """Send it. Raises ChannelError, always to be tried again.

        A thread can't be stopped: until one that took too long is back nothing else is begun.
        """
        if self._under_way is not None and not self._under_way.done():
            raise ChannelError(f"{self._name} is still busy with the message before", retry=True)
        own = self._wording.language
        title, text = self._wording.subject(notice, own), self._wording.text(notice, own)
        work = asyncio.ensure_future(asyncio.to_thread(self._notify, title, text))
        self._under_way = work
        done, _waiting = await asyncio.wait({work}, timeout=self._settings.timeout)
        if not done:
            raise ChannelError(f"{self._name} did not answer within {self._settings.timeout:g} s", retry=True)
        if not work.result():
            raise ChannelError(f"{self._name} did not take it; Apprise does not say why", retry=True)

    def _notify(self, title: str, text: str) -> bool:
        return bool(self._build().notify(title=title, body=text))

    def _build(self) -> Any:
        asset = self._apprise.AppriseAsset(async_mode=False, app_id="longcheng", default_service_retry=0)
        sender = self._apprise.Apprise(asset=asset)
        if not sender.add(self._settings.url):
            raise ConfigError(f"notices.gateways.{self._name}: Apprise can make nothing of its url")
        return sender


def _installed(name: str) -> ModuleType:
    try:
        import apprise  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise ConfigError(
            f"notices.gateways.{name} needs Apprise, which is not installed: pip install 'longcheng[apprise]'"
        ) from None
    logging.getLogger("apprise").setLevel(logging.ERROR)
    found: ModuleType = apprise
    return found
