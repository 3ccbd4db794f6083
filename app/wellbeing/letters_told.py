"""That messages could not be used, in the log of all that happens: a line now and then for each reason, not each."""

import logging
from typing import Final

from console.payload import readable
from domain.case import LogEntry
from domain.clock import Clock
from domain.errors import StoreUnavailable
from domain.event import SET_ASIDE
from domain.finding import Severity
from domain.message import RejectReason
from storage.case_store import CaseStore
from storage.deadletters import DeadLetters

log = logging.getLogger(__name__)

_EVERY_S: Final = 10.0
_AGAIN_MS: Final = 600_000
"""So long after a line about a reason the next letters of it wait for theirs."""


class LettersTold:
    """One thread steps. Letters from before its start are told no more."""

    def __init__(self, deadletters: DeadLetters, store: CaseStore, clock: Clock) -> None:
        self._deadletters = deadletters
        self._store = store
        self._clock = clock
        self._seen: int | None = None
        self._waiting: dict[RejectReason, tuple[int, int]] = {}
        """How many letters of a reason have not been told, and the newest of them."""
        self._told_ms: dict[RejectReason, int] = {}

    def step(self) -> float:
        """Tell what is new. Returns how long to rest, in seconds."""
        try:
            self._look()
            self._tell(self._clock.now_ms())
        except StoreUnavailable as problem:
            log.debug("dead letters are not told of now: %s", problem)
        return _EVERY_S

    def _look(self) -> None:
        if self._seen is None:
            self._seen = self._deadletters.newest_id()
            return
        for reason, n, newest in self._deadletters.set_aside_since(self._seen):
            before = self._waiting.get(reason, (0, 0))[0]
            self._waiting[reason] = (before + n, newest)
            self._seen = max(self._seen, newest)

    def _tell(self, now_ms: int) -> None:
        due = [one for one in self._waiting if now_ms - self._told_ms.get(one, -_AGAIN_MS) >= _AGAIN_MS]
        if not due:
            return
        with self._store.transaction() as tx:
            for reason in due:
                tx.append_log(self._line(reason, *self._waiting[reason], now_ms))
        for reason in due:
            self._told_ms[reason] = now_ms
            del self._waiting[reason]

    def _line(self, reason: RejectReason, n: int, newest: int, now_ms: int) -> LogEntry:
        letter = self._deadletters.get(newest)
        facts: dict[str, str | float | int | None] = {
            "n": n,
            "letter_reason": reason.value,
            "letter": newest,
            "topic": readable(letter.topic) if letter else "–",
            "severity": Severity.NOTICE.value,
        }
        return LogEntry(id=0, at_ms=now_ms, who="journal", what=SET_ASIDE, facts=facts)
