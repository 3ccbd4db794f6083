"""A child process that sends what is due to a mail server, and dies by SIGKILL where it is told to.

`python -m tests.cases.notices.sender FOLDER PORT POINT`: POINT is `claimed` (the digest is put together, nothing sent),
`sent` (the server has it, nothing marked) or `none`.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from cases.notices.channels import Channel
from cases.notices.channels.smtp import Smtp
from cases.notices.wording import Wording
from config.load import load_site
from config.notices import Smtp as Settings
from domain.clock import ManualClock
from domain.notice import Notice
from storage.case_store import CaseStore
from tests.cases.notices.storm import outbox_of


class Dying:
    """A way out that does not outlive its first message."""

    def __init__(self, channel: Channel, point: str) -> None:
        self._channel = channel
        self._point = point

    async def send(self, notice: Notice) -> str | None:
        """Send it, or die before or after."""
        if self._point == "claimed":
            os.kill(os.getpid(), signal.SIGKILL)
        receipt = await self._channel.send(notice)
        if self._point == "sent":
            os.kill(os.getpid(), signal.SIGKILL)
        return receipt


def main(folder: Path, port: int, point: str) -> None:
    """Everything that is due at 00:01."""
    site = load_site(str(folder), {})
    settings = Settings(host="127.0.0.1", port=port, security="none", sender="no-reply@city.example")
    store = CaseStore(f"sqlite:///{folder / 'cases.db'}")
    channels = {"smtp": Dying(Smtp(settings, Wording(site)), point)}
    asyncio.run(outbox_of(site, store, channels, ManualClock(60_000), rates="18:60").send_due())
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
