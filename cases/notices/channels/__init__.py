"""Ways out for a notice. A new one: a file here, a line in CHANNELS, a line in `app/channels.py`."""

from typing import Protocol

from cases.notices.channels.apprise import Apprise
from cases.notices.channels.command import Command
from cases.notices.channels.gateway import Gateway
from cases.notices.channels.log import Log
from cases.notices.channels.mqtt import Mqtt
from cases.notices.channels.nobody import Nobody
from cases.notices.channels.smtp import Smtp
from cases.notices.channels.webhook import Webhook
from domain.notice import Notice


class Channel(Protocol):
    """One way out."""

    async def send(self, notice: Notice) -> str | None:
        """Hand the notice over; returns what the provider calls it, if it says. The same one may come again after a
        crash; its `key` tells.

        Raises ChannelError, whose `retry` says whether another try can help.
        """
        ...


CHANNELS: dict[str, type[Channel]] = {
    "apprise": Apprise,
    "command": Command,
    "gateway": Gateway,
    "log": Log,
    "mqtt": Mqtt,
    "nobody": Nobody,
    "smtp": Smtp,
    "webhook": Webhook,
}
