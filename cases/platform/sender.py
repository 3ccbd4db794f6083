"""Sends the platform what its outbox holds: at least once, in order within a case, several cases at once."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, Protocol

from cases.platform.pace import Pace
from cases.platform.post import Answer, Verdict
from cases.platform.store import PlatformStore
from config.platform import Platform
from domain.clock import Clock
from domain.errors import StoreUnavailable
from domain.fault import reach
from domain.platform import Backlog, PlatformEvent, PlatformStatus

log = logging.getLogger(__name__)

_POLL_S: Final = 0.5
_LOOK_MS: Final = 1000
_UPKEEP_MS: Final = 3_600_000
# A platform that loses our secret on a Friday evening, or is moved, is mended within a day.
_SHUT_FOR_MS: Final = 24 * 3_600_000


class Way(Protocol):
    """How an event gets there."""

    async def send(self, key: str, payload: bytes) -> Answer:
        """Hand one over."""
        ...


class Sender:
    """A crash between sending and marking sends the same event again, with the same key.

    An event that fails holds up what follows it in its case, and nothing else. One that the platform refuses is given
    up after its last try, and what follows it goes on: the number that is missing shows that something is.
    """

    def __init__(
        self,
        store: PlatformStore,
        way: Way,
        *,
        write: Callable[[PlatformEvent], bytes],
        clock: Clock,
        pace: Pace,
        settings: Platform,
    ) -> None:
        """`write` makes of an event what is sent."""
        self._store = store
        self._way = way
        self._write = write
        self._clock = clock
        self._pace = pace
        self._settings = settings
        self._stopping = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._ended = asyncio.Event()
        self._backlog = Backlog()
        self._problem = ""
        self._looked_ms = 0
        self._upkeep_ms = 0
        self._reachable = True
        self.sent = 0
        self.failed = 0
        self.dead = 0

    @property
    def status(self) -> PlatformStatus:
        """How that goes. Any thread may ask."""
        found, now_ms = self._backlog, self._clock.now_ms()
        age_s = 0.0 if found.oldest_ms is None else max(0.0, (now_ms - found.oldest_ms) / 1000)
        return PlatformStatus(
            pending=found.pending,
            oldest_age_s=age_s,
            late=age_s > self._settings.late_after,
            sent=self.sent,
            failed=self.failed,
            dead=found.dead,
            died_ms=found.died_ms,
            problem=self._problem,
        )

    async def run(self) -> None:
        """Send what is due until stopped or cancelled. Looks for it every half second."""
        try:
            while not self._stopping.is_set():
                self._ended.clear()
                await self._turn()
                await self._pause()
        except asyncio.CancelledError:
            for task in self._busy.values():
                task.cancel()
            raise

    async def stop(self, within_s: float) -> None:
        """Begin nothing new, and let what is on its way arrive and be marked; after `within_s` cancel it.

        What was cancelled goes out again at the next start, with the same key.
        """
        self._stopping.set()
        self._ended.set()
        if not self._busy:
            return
        _done, late = await asyncio.wait(self._busy.values(), timeout=within_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def send_due(self) -> int:
        """Everything that is due now, once. Returns how many events were tried. May raise StoreUnavailable."""
        tried = 0
        while (begun := await self._begin()) or self._busy:
            tried += begun
            if not begun:
                await asyncio.wait(self._busy.values(), return_when=asyncio.FIRST_COMPLETED)
        await self._look()
        return tried

    async def _turn(self) -> None:
        try:
            await self._begin()
            await self._look()
            await self._tidy()
        except StoreUnavailable as trouble:
            self._lost(trouble)
        except Exception:
            log.exception("platform: the sender broke; it goes on")
        else:
            self._recovered()

    async def _pause(self) -> None:
        if self._stopping.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_POLL_S):
                await self._ended.wait()

    async def _begin(self) -> int:
        """As many events as may go now. Returns how many were begun."""
        room, begun = self._pace.at_once - len(self._busy), 0
        if room <= 0:
            return 0
        due = await asyncio.to_thread(self._store.next_events, self._clock.now_ms(), room, besides=tuple(self._busy))
        for event in due:
            if self._stopping.is_set() or not self._pace.take():
                break
            task = asyncio.create_task(self._deliver(event), name=f"platform-{event.key}")
            self._busy[event.case_id] = task
            task.add_done_callback(partial(self._over, event.case_id))
            begun += 1
        return begun

    def _over(self, case_id: str, _task: asyncio.Task[None]) -> None:
        del self._busy[case_id]
        self._ended.set()

    async def _deliver(self, event: PlatformEvent) -> None:
        try:
            answer = await self._try(event)
            await self._mark(event, answer)
            reach("platform-marked")
            self._pace.heard(event.case_id, answer)
        except StoreUnavailable as trouble:
            self._lost(trouble)
            # It goes out again, as nobody knows what became of it; not as fast as the platform can take it.
            self._pace.heard(event.case_id, Answer(Verdict.PAUSE))

    async def _try(self, event: PlatformEvent) -> Answer:
        try:
            payload = await asyncio.to_thread(self._write, event)
        except Exception as wrong:
            log.exception("platform: event %s cannot be written", event.key)
            return Answer(Verdict.AGAIN, f"it cannot be written: {type(wrong).__name__}: {wrong}")
        reach("platform-sending")
        answer = await self._way.send(event.key, payload)
        reach("platform-sent")
        return answer

    async def _mark(self, event: PlatformEvent, answer: Answer) -> None:
        now_ms = self._clock.now_ms()
        if answer.verdict is Verdict.TAKEN:
            await asyncio.to_thread(self._store.mark_event_sent, event.id, now_ms)
            self.sent += 1
            self._problem = ""
            return
        self.failed += 1
        self._problem = answer.error
        if self._is_the_end(event, answer, now_ms):
            log.error("platform: event %s given up after %d tries: %s", event.key, event.attempts + 1, answer.error)
            await asyncio.to_thread(self._store.mark_event_dead, event.id, answer.error, now_ms)
            self.dead += 1
            return
        level = logging.WARNING if event.last_error is None else logging.DEBUG
        log.log(level, "platform: event %s did not go, try %d: %s", event.key, event.attempts + 1, answer.error)
        # Also what met a platform that is away waits: the next to knock is the event of another case.
        again_ms = now_ms + self._pace.wait_ms(event.attempts, answer)
        tried = answer.verdict is not Verdict.PAUSE
        await asyncio.to_thread(self._store.mark_event_failed, event.id, answer.error, again_ms, tried=tried)

    def _is_the_end(self, event: PlatformEvent, answer: Answer, now_ms: int) -> bool:
        often = event.attempts + 1 >= self._settings.tries
        if answer.verdict is Verdict.SHUT:
            return often and now_ms - event.created_ms >= _SHUT_FOR_MS
        return often and answer.verdict is Verdict.REFUSED

    async def _look(self) -> None:
        now_ms = self._clock.now_ms()
        if abs(now_ms - self._looked_ms) >= _LOOK_MS or not self._busy:
            self._looked_ms = now_ms
            self._backlog = await asyncio.to_thread(self._store.backlog)

    async def _tidy(self) -> None:
        now_ms = self._clock.now_ms()
        if abs(now_ms - self._upkeep_ms) >= _UPKEEP_MS:
            self._upkeep_ms = now_ms
            await asyncio.to_thread(self._store.forget_events, now_ms - round(self._settings.keep * 1000))

    def _lost(self, trouble: StoreUnavailable) -> None:
        if self._reachable:
            log.warning("platform: %s; events wait", trouble)
        self._reachable = False

    def _recovered(self) -> None:
        if not self._reachable:
            log.info("platform: the case store answers again")
        self._reachable = True
