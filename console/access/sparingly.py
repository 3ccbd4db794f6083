"""How often somebody may look at what only few should see often."""

from collections import OrderedDict, deque

from domain.clock import Clock


class Sparingly:
    """So many looks of one person in so long a time. Memory is bounded, time is the clock's."""

    def __init__(self, clock: Clock, *, most: int = 30, within_s: float = 600.0, people: int = 1000) -> None:
        self._clock = clock
        self._most, self._within_ms, self._people = most, round(within_s * 1000), people
        self._seen: OrderedDict[str, deque[int]] = OrderedDict()

    def wait_s(self, who: str) -> float:
        """0, and this one is counted; or the seconds to wait, and it is not."""
        now_ms = self._clock.now_ms()
        seen = self._seen.setdefault(who, deque())
        self._seen.move_to_end(who)
        while len(self._seen) > self._people:
            self._seen.popitem(last=False)
        while seen and seen[0] <= now_ms - self._within_ms:
            seen.popleft()
        if len(seen) >= self._most:
            return (seen[0] + self._within_ms - now_ms) / 1000
        seen.append(now_ms)
        return 0.0
