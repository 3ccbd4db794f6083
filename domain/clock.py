"""Time as an argument. The one place that reads the machine's clock."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time: epoch milliseconds, UTC."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""
        return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that a test or a replay moves by hand."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""
        return self._now_ms

    def advance(self, *, seconds: float) -> None:
        """Move forward (or, with a negative number, step back)."""
        self._now_ms += round(seconds * 1000)


def utc(at_ms: int) -> datetime:
    """Epoch milliseconds as a datetime with its zone (UTC)."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def epoch_ms(at: datetime) -> int:
    """A datetime with a zone as epoch milliseconds; one without is refused with ValueError."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone; add one, e.g. {at.isoformat()}+08:00")
    return round(at.timestamp() * 1000)
