"""Rate limits: token buckets that run on the time of receipt, so that the journal read again gives the same answer."""

from typing import Final

_NEVER_MS: Final = -1
_OLD_MS: Final = 600_000


class Buckets:
    """`20:1,600:60` for one sender: every pair a bucket that holds so many messages and fills in so many seconds."""

    __slots__ = ("_at_ms", "_full", "_levels", "_per_ms")

    def __init__(self, rates: str) -> None:
        pairs = [pair.split(":") for pair in rates.split(",")]
        self._full = [float(messages) for messages, _ in pairs]
        self._per_ms = [float(messages) / (float(seconds) * 1000) for messages, seconds in pairs]
        self._levels = list(self._full)
        self._at_ms = _NEVER_MS

    def take(self, at_ms: int) -> bool:
        """Whether one more message may pass; only then it counts. One told again long after passes, and counts not."""
        if at_ms < self._at_ms - _OLD_MS:
            return True
        passed_ms = 0 if self._at_ms == _NEVER_MS else max(0, at_ms - self._at_ms)
        self._at_ms = max(at_ms, self._at_ms)
        self._levels = [
            min(full, level + passed_ms * per_ms)
            for level, full, per_ms in zip(self._levels, self._full, self._per_ms, strict=True)
        ]
        if min(self._levels) < 1:
            return False
        self._levels = [level - 1 for level in self._levels]
        return True
