"""Notices as lines of a file: for a site without a gateway, and for the demo."""

import asyncio
import logging
import os
from pathlib import Path

import msgspec

from domain.errors import ChannelError
from domain.notice import Notice

logger = logging.getLogger(__name__)


class Log:
    """Appends each notice to a file, one JSON object a line, on the disk before it counts as sent."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, notice: Notice) -> None:
        """Append it. Raises ChannelError (to be tried again) if the file can't be written."""
        said = {"key": notice.key, "recipient": notice.recipient, "step": notice.step, "subject": notice.subject}
        try:
            await asyncio.to_thread(self._append, msgspec.json.encode({**said, "body": notice.body}) + b"\n")
        except OSError as wrong:
            raise ChannelError(f"{self._path}: {wrong.strerror}", retry=True) from wrong
        logger.info("notice %s to %s: %s", notice.step, notice.recipient, notice.subject)

    def _append(self, line: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
