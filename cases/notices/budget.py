"""How many messages a provider takes. Never more in any span of time, wherever it begins: some punish one too many."""

from collections import deque
from collections.abc import Iterable
from typing import Final

_CRITICAL_SHARE: Final = 5
_LEAST_CRITICAL: Final = 2
"""So many may go if they are critical, whatever the limit: one of them found the room taken by another message."""


class Budget:
    """`18:60` or `90:60,4:1`: of every pair, at most so many messages in any so many seconds.

    A fifth of each, at least one message, is kept for what is critical. Of a single one nothing can be kept: there a
    critical one goes beside it. Rather one that is refused and tried again than one that waits behind a reminder. Not a
    token bucket: one that is full lets twice its size pass within its time. Who counts across restarts tells it of the
    past.
    """

    def __init__(self, rates: str, past: Iterable[int] = ()) -> None:
        """`rates` empty: no limit. `past` are the times at which the provider was used before, oldest first."""
        pairs = [pair.split(":") for pair in rates.split(",") if pair]
        self._spans = [(int(messages), int(seconds) * 1000) for messages, seconds in pairs]
        self._used = deque(past)

    @property
    def longest_ms(self) -> int:
        """How far back it has to know; 0 for one without a limit."""
        return max((span_ms for _most, span_ms in self._spans), default=0)

    def room(self, now_ms: int, *, urgent: bool) -> int | None:
        """How many more may go now; None: any number."""
        if not self._spans:
            return None
        self._forget(now_ms)
        return min(self._room(most, span_ms, now_ms, urgent=urgent) for most, span_ms in self._spans)

    def take(self, now_ms: int, *, urgent: bool) -> bool:
        """Whether one more may go now; only then it counts."""
        room = self.room(now_ms, urgent=urgent)
        if room is None:
            return True
        if room > 0:
            self._used.append(now_ms)
        return room > 0

    def _room(self, most: int, span_ms: int, now_ms: int, *, urgent: bool) -> int:
        used = sum(at_ms > now_ms - span_ms for at_ms in self._used)
        if urgent:
            return max(0, max(most, _LEAST_CRITICAL) - used)
        return max(0, most - min(most - 1, max(1, most // _CRITICAL_SHARE)) - used)

    def _forget(self, now_ms: int) -> None:
        # A clock that was set back would otherwise hold everything up until it is there again.
        while self._used and self._used[-1] > now_ms:
            self._used = deque(min(at_ms, now_ms) for at_ms in self._used)
        while self._used and self._used[0] <= now_ms - self.longest_ms:
            self._used.popleft()
