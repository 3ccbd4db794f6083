"""How fast the platform is told: never faster than it bears, one event at a time while it is ill, not at all while it
wants to be left alone."""

import random
from typing import Final

from cases.notices.budget import Budget
from cases.platform.post import Answer, Verdict
from config.platform import Platform
from domain.clock import Clock

_LONGEST_PAUSE_MS: Final = 3_600_000


class Pace:
    """One failing case slows nobody down. More cases in a row than go at once, and nothing taken between: it is ill."""

    def __init__(self, settings: Platform, clock: Clock, chance: random.Random) -> None:
        self._parallel = settings.parallel
        self._longest_wait_s = settings.longest_wait
        self._clock = clock
        self._chance = chance
        self._budget = Budget(settings.rate)
        self._failing: set[str] = set()
        self._pauses = 0
        self._until_ms = 0

    @property
    def at_once(self) -> int:
        """How many events may be on their way at the same time now."""
        now_ms = self._clock.now_ms()
        # A clock that was set back would otherwise hold everything up until it is there again.
        if now_ms < self._until_ms <= now_ms + _LONGEST_PAUSE_MS:
            return 0
        return 1 if self._pauses else self._parallel

    def take(self) -> bool:
        """Whether one more may go now; only then it counts."""
        return self._budget.take(self._clock.now_ms(), urgent=True)

    def wait_ms(self, tries: int, answer: Answer) -> int:
        """How long an event waits that was tried so often."""
        return round(max(self._back_off_s(tries), answer.wait_s or 0.0) * 1000)

    def heard(self, case_id: str, answer: Answer) -> None:
        """What an answer says of the platform itself."""
        if answer.verdict in {Verdict.TAKEN, Verdict.REFUSED}:
            self._failing.clear()
            self._pauses = 0
            return
        self._failing.add(case_id)
        if answer.verdict is Verdict.PAUSE or len(self._failing) > self._parallel:
            self._pause(answer)

    def _pause(self, answer: Answer) -> None:
        now_ms = self._clock.now_ms()
        if (
            now_ms >= self._until_ms or self._until_ms > now_ms + _LONGEST_PAUSE_MS
        ):  # several may have been on their way
            self._pauses += 1
            wait_s = self._back_off_s(self._pauses) if answer.wait_s is None else answer.wait_s
            self._until_ms = now_ms + round(wait_s * 1000)
        elif answer.wait_s is not None:
            self._until_ms = max(self._until_ms, now_ms + round(answer.wait_s * 1000))

    def _back_off_s(self, tries: int) -> float:
        longest_s = min(2.0 ** min(tries, 30), self._longest_wait_s)
        return self._chance.uniform(longest_s / 2, longest_s)
