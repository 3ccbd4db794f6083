"""What `serve` and the process that judges say to each other."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec import Struct

from app.readers.rules_status import RulesStatus
from config.load import Site
from domain.presence import CameraPresence, DevicePresence
from ingest.decoded import Reply
from ingest.presence import Present
from rules.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What it is told at its start. The site is as its parent has read and checked it."""

    site: Site
    rules: Sequence[Rule]
    hearing: bool
    """Whether messages reach us: while they can't, nobody's silence counts."""
    listening_since_ms: int
    cursor: int
    """Up to where everything is judged, as far as is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is otherwise from now on."""

    hearing: bool
    rules: tuple[Sequence[Rule], Site] | None = None
    """These take over, with the limits of this site; None if those that judge go on."""


class Heard(Struct, frozen=True, tag="heard"):
    """Whose presence has changed, and is kept."""

    devices: list[DevicePresence]
    cameras: list[CameraPresence]


class Replies(Struct, frozen=True, tag="replies"):
    """What senders must be told of what they sent."""

    replies: list[Reply]


Said = RulesStatus | Heard | Replies
"""A line of its output."""


class News:
    """What was found and is not told yet. Any thread may note; one tells."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._present: dict[tuple[type, str], Present] = {}
        self._replies: list[Reply] = []

    def reply(self, reply: Reply) -> None:
        """A sender must be told this."""
        with self._lock:
            self._replies.append(reply)

    def kept(self, present: Sequence[Present]) -> None:
        """These are otherwise; of each only the last word counts."""
        named = ((one.device_id if isinstance(one, DevicePresence) else one.camera_id, one) for one in present)
        with self._lock:
            self._present.update(((type(one), name), one) for name, one in named)

    def tell(self) -> Iterator[Struct]:
        """All of it, once."""
        with self._lock:
            present, self._present = list(self._present.values()), {}
            replies, self._replies = self._replies, []
        if present:
            yield Heard(
                [one for one in present if isinstance(one, DevicePresence)],
                [one for one in present if isinstance(one, CameraPresence)],
            )
        if replies:
            yield Replies(replies)
