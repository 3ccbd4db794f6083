"""Ways out for a notice. A new one: a file here, a line in CHANNELS, a line in `app/wiring.py`."""

from typing import Protocol

from cases.notices.channels.command import Command
from cases.notices.channels.log import Log
from cases.notices.channels.webhook import Webhook
from domain.notice import Notice


class Channel(Protocol):
    """One way out."""

    async def send(self, notice: Notice) -> None:
        """Hand the notice over. The same one may come again after a crash; its `key` tells.

        Raises ChannelError, whose `retry` says whether another try can help.
        """
        ...


CHANNELS: dict[str, type[Channel]] = {
    "command": Command,
    "log": Log,
    "webhook": Webhook,
}
