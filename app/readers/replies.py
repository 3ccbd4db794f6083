"""What senders must be told of what they sent."""

from collections.abc import Callable, Sequence
from typing import Final

from app.readers.sequence import Read
from ingest.decoded import Reply

_FRESH_MS: Final = 60_000
"""An older message is not answered: its sender has long gone on."""


def answer(reads: Sequence[Read], reply: Callable[[Reply], None], now_ms: int) -> None:
    """Tell them."""
    for read in reads:
        if now_ms - read.record.message.received_ms < _FRESH_MS:
            for said in read.decoded.replies:
                reply(said)
