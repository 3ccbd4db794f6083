"""Sends what the book has put into the outbox: at least once, in due order, never faster than a receiver can bear."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from contextlib import suppress

from cases.notices.channels import Channel
from cases.store import OutboxStore
from domain.clock import Clock
from domain.errors import ChannelError, StoreUnavailable
from domain.finding import Severity
from domain.notice import Notice

log = logging.getLogger(__name__)

_POLL_S = 0.5
_BATCH = 20
_LONGEST_WAIT_S = 300.0
# A gateway that breaks on a Friday evening, or loses its password, is mended within a day; later than that a
# reminder says nothing true any more.
_OLDEST_MS = 24 * 3_600_000
# And what lay there through a night or a power cut was not tried often enough by its age alone.
_FEWEST_TRIES = 10


class Outbox:
    """One lane for each channel, so that a slow gateway holds back nothing but its own.

    A crash between sending and marking sends the same notice again, with the same key. What can't be delivered is
    given up after a day; what is critical, never.
    """

    def __init__(
        self,
        store: OutboxStore,
        channels: Mapping[str, Channel],
        clock: Clock,
        chance: random.Random,
        *,
        max_attempts: int,
        not_before: Callable[[Notice, int], int] | None = None,
    ) -> None:
        """`channels` by name. A notice for a name that is not there fails like one that can't be delivered.

        `not_before(notice, at_ms)` is `at_ms`, or when the quiet hours end that it lies in for this notice.
        """
        self._store = store
        self._channels = channels
        self._clock = clock
        self._chance = chance
        self._max_attempts = max_attempts
        self._not_before = not_before or (lambda _notice, at_ms: at_ms)
        self._stopping = asyncio.Event()
        self._lanes: list[asyncio.Task[None]] = []
        self._reachable = True
        self.sent = 0
        self.failed = 0
        self.dead = 0

    async def run(self) -> None:
        """Send what is due until stopped or cancelled. Looks for it every half second."""
        async with asyncio.TaskGroup() as lanes:
            for name in (*self._channels, None):
                self._lanes.append(lanes.create_task(self._lane(name), name=f"outbox-{name or 'rest'}"))

    async def stop(self, within_s: float) -> None:
        """Take nothing new, and let what is being sent end and be marked; after `within_s` cancel it. `run` returns.

        What was cancelled goes out again at the next start, with the same key.
        """
        self._stopping.set()
        if not self._lanes:
            return
        _ended, late = await asyncio.wait(self._lanes, timeout=within_s)
        for lane in late:
            log.warning("stopping: %s was still sending after %.1f s", lane.get_name(), within_s)
            lane.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def send_due(self) -> int:
        """Everything that is due now, once. Returns how many notices were tried."""
        return sum(await asyncio.gather(*(self._drain(name) for name in (*self._channels, None))))

    async def _lane(self, name: str | None) -> None:
        while not self._stopping.is_set():
            found = 0
            try:
                found = await self._drain(name)
                self._recovered()
            except StoreUnavailable as trouble:
                self._lost(trouble)
            except Exception:
                log.exception("outbox: the lane of %s broke; it goes on", name or "the rest")
            await self._pause(0 if found == _BATCH else _POLL_S)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _drain(self, name: str | None) -> int:
        """One batch of a channel; with None, of notices that no channel here takes. Returns how many were due."""
        due = await asyncio.to_thread(self._store.due_notices, self._clock.now_ms(), _BATCH, channel=name)
        if name is None:
            due = [notice for notice in due if notice.channel not in self._channels]
        for notice in due:
            if self._stopping.is_set():
                break
            if await self._may_go(notice):
                await self._send(notice)
        return len(due)

    async def _may_go(self, notice: Notice) -> bool:
        """Whether nothing has overtaken a notice since it was read, and nobody sleeps whom it would wake."""
        now_ms = self._clock.now_ms()
        later_ms = self._not_before(notice, now_ms)
        if later_ms > now_ms:
            await asyncio.to_thread(self._store.put_off, notice.id, later_ms)
            return False
        return await asyncio.to_thread(self._store.still_pending, notice.id)

    async def _send(self, notice: Notice) -> None:
        channel = self._channels.get(notice.channel)
        if channel is None:
            await self._failed(notice, f"there is no channel {notice.channel!r} here", retry=True)
            return
        try:
            await channel.send(notice)
        except ChannelError as problem:
            await self._failed(notice, str(problem), retry=problem.retry)
        except Exception as problem:
            log.exception("channel %s broke on notice %s", notice.channel, notice.key)
            await self._failed(notice, f"{type(problem).__name__}: {problem}", retry=True)
        else:
            await asyncio.to_thread(self._store.mark_sent, notice.id, self._clock.now_ms())
            self.sent += 1

    async def _failed(self, notice: Notice, error: str, *, retry: bool) -> None:
        self.failed += 1
        tries, now_ms = notice.attempts + 1, self._clock.now_ms()
        hopeless = not retry or self._too_often(notice, tries, now_ms)
        critical = notice.body.get("severity") == Severity.CRITICAL.value
        if hopeless and not critical:
            self.dead += 1
            log.error("notice %s given up after %d tries: %s", notice.key, tries, error)
            await asyncio.to_thread(self._store.mark_dead, notice.id, error)
            return
        level = logging.ERROR if hopeless else logging.WARNING if notice.attempts == 0 else logging.DEBUG
        log.log(level, "notice %s did not go, try %d: %s", notice.key, tries, error)
        wait_s = self._chance.uniform(0, min(2.0 ** min(notice.attempts, 30), _LONGEST_WAIT_S))
        again_ms = self._not_before(notice, now_ms + round(wait_s * 1000))
        await asyncio.to_thread(self._store.mark_failed, notice.id, error, again_ms)

    def _too_often(self, notice: Notice, tries: int, now_ms: int) -> bool:
        old = now_ms - notice.created_ms >= _OLDEST_MS and tries >= _FEWEST_TRIES
        return old or tries >= self._max_attempts

    def _lost(self, trouble: StoreUnavailable) -> None:
        if self._reachable:
            log.warning("outbox: %s; notices wait", trouble)
        self._reachable = False

    def _recovered(self) -> None:
        if not self._reachable:
            log.info("outbox: the case store answers again")
        self._reachable = True
