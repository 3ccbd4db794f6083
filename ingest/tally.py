"""What a collector counts, and what it says of itself."""

import threading
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

COUNTS: Final = ("received", "redelivered", "journalled", "acked", "stale_acks", "reconnects")


class CollectorStatus(Struct, frozen=True, kw_only=True):
    """How a collector is doing, or all of them together. The counts are since its start."""

    connected: bool
    """The broker has accepted our subscriptions and the connection stands."""
    paused: bool
    """The journal takes nothing; messages wait at the broker."""
    trouble: str = ""
    """Why it is not connected, in words, as far as it is known; empty while it is."""
    session_present: bool | None = None
    """Whether the broker had kept our session at the last connect; None: never connected."""
    protocol: str | None = None
    """`5` or `3.1.1`, as last agreed; None: never connected."""
    last_connect_ms: int | None = None
    """When the broker last accepted us; None: never."""
    received: int = 0
    redelivered: int = 0
    """Those of them that the broker had sent before."""
    journalled: int = 0
    acked: int = 0
    stale_acks: int = 0
    """Acknowledgements that came when their connection had ended; the broker sends those messages again."""
    reconnects: int = 0
    """How often it was accepted again after the first time."""
    restarts: int = 0
    """How often its process was started again; only who starts it knows."""


NOT_THERE: Final = CollectorStatus(connected=False, paused=False)


def together(statuses: Sequence[CollectorStatus]) -> CollectorStatus:
    """What several collectors are as one: connected if all are, paused if any is."""
    sessions = {status.session_present for status in statuses}
    return CollectorStatus(
        connected=bool(statuses) and all(status.connected for status in statuses),
        paused=any(status.paused for status in statuses),
        trouble="; ".join(dict.fromkeys(status.trouble for status in statuses if status.trouble)),
        session_present=None if None in sessions or not sessions else False not in sessions,
        protocol=min((status.protocol for status in statuses if status.protocol), default=None),
        last_connect_ms=max((status.last_connect_ms for status in statuses if status.last_connect_ms), default=None),
        restarts=sum(status.restarts for status in statuses),
        **{name: sum(getattr(status, name) for status in statuses) for name in COUNTS},
    )


class Tally:
    """Counts that several threads add to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.received = 0
        self.redelivered = 0
        self.journalled = 0
        self.acked = 0
        self.stale_acks = 0
        self.reconnects = 0

    def add(
        self,
        *,
        received: int = 0,
        redelivered: int = 0,
        journalled: int = 0,
        acked: int = 0,
        stale_acks: int = 0,
        reconnects: int = 0,
    ) -> None:
        """Count some more."""
        with self._lock:
            self.received += received
            self.redelivered += redelivered
            self.journalled += journalled
            self.acked += acked
            self.stale_acks += stale_acks
            self.reconnects += reconnects
