"""Noticing that the desk has changed, once for all who watch."""

import asyncio
import logging
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Self, TypeVar, cast

from msgspec import Struct

from console.desk.city import Desk

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

_OF_THE_TIME: Final = 3
"""Pages are made a third of the time at most: whoever asks for something else must not meet them always."""


class Rhythm(Struct, frozen=True, kw_only=True):
    """How often the live streams speak. Seconds."""

    poll_s: float = 0.2
    """Between two questions for the desk's revision, while anyone watches."""
    gap_s: float = 1.0
    """Between two updates, at least."""
    longest_gap_s: float = 2.0
    """And at most, where pages take so long to make that more often would be in the way of whoever asks."""
    refresh_s: float = 15.0
    """After this long without a change an update goes out all the same: "3 minutes ago" grows old too."""
    known_s: float = 3.0
    """So long who listens is taken for who they were: fifty at once would ask the accounts' store at every update."""
    beat_s: float = 5.0
    """After this long without anything sent a heartbeat goes out."""


class Watch:
    """Asks the desk for its revision while anyone watches, and wakes them all at once when it differs.

    Time goes in turns, at least `gap_s` apart; what is asked for in one turn is made once for everybody, by a thread of
    its own: a dozen pages that are made anew must not keep who asks for something from getting it.
    """

    def __init__(self, desk: Desk, rhythm: Rhythm, time_s: Callable[[], float] = time.monotonic) -> None:
        """`time_s` tells how long pages take to be made."""
        self.rhythm = rhythm
        self.closed = False
        self.turn = 0
        self._desk, self._time_s = desk, time_s
        self._revision: Hashable = None
        self._watchers = 0
        self._wake = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._made: dict[Hashable, asyncio.Future[object]] = {}
        self._busy_s = 0.0
        self._last_busy_s = 0.0
        """How long pages were made in this turn, and in the one before."""
        self._maker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live pages")

    def __enter__(self) -> Self:
        """Watch from here on."""
        self._watchers += 1
        if self._task is None:
            self._made.clear()
            self._task = asyncio.create_task(self._follow(), name="console watch")
        return self

    def __exit__(self, *_: object) -> None:
        """Watch no more; the last one to leave stops the asking."""
        self._watchers -= 1
        if not self._watchers and self._task is not None:
            self._task.cancel()
            self._task = None

    async def changed(self, since: int, timeout_s: float) -> bool:
        """True as soon as `turn` is past `since` or the watch is closed; False after `timeout_s`."""
        return await self._until(lambda: self.closed or self.turn > since, timeout_s)

    async def rest(self, seconds: float) -> None:
        """Wait, unless the watch is closed."""
        if seconds > 0:
            await self._until(lambda: self.closed, seconds)

    async def made(self, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """What `make` returns, run in the thread for that, and only once for each `key` and turn."""
        coming = self._made.get(key)
        if coming is None:
            coming = self._made[key] = asyncio.get_running_loop().run_in_executor(self._maker, self._timed, make)
        try:
            return cast("Answer", await asyncio.shield(coming))
        except Exception:
            self._made.pop(key, None)
            raise

    def _timed(self, make: Callable[[], object]) -> object:
        began_s = self._time_s()
        try:
            return make()
        finally:
            self._busy_s += self._time_s() - began_s

    @property
    def gap_s(self) -> float:
        """Between two updates by now: the longer, the longer pages take to be made."""
        return min(max(self.rhythm.gap_s, _OF_THE_TIME * self._last_busy_s), self.rhythm.longest_gap_s)

    async def close(self) -> None:
        """Send everyone home: streams end, and no new one begins."""
        self.closed = True
        self._maker.shutdown(wait=False, cancel_futures=True)
        async with self._wake:
            self._wake.notify_all()

    async def _until(self, true: Callable[[], bool], timeout_s: float) -> bool:
        try:
            async with asyncio.timeout(timeout_s), self._wake:
                await self._wake.wait_for(true)
        except TimeoutError:
            return False
        return True

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        turned_at = loop.time()
        while True:
            if await self._has_changed() or loop.time() - turned_at >= self.rhythm.refresh_s:
                turned_at = loop.time()
                self._made.clear()
                self._last_busy_s, self._busy_s = self._busy_s, 0.0
                async with self._wake:
                    self.turn += 1
                    self._wake.notify_all()
                await asyncio.sleep(self.gap_s)
            else:
                await asyncio.sleep(self.rhythm.poll_s)

    async def _has_changed(self) -> bool:
        try:
            revision = await asyncio.to_thread(self._desk.revision)
        except Exception:
            log.exception("the desk does not tell its revision; live pages stand still until it does")
            await asyncio.sleep(self.rhythm.beat_s)
            return False
        changed = revision != self._revision
        self._revision = revision
        return changed
