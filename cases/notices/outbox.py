"""Sends what the book has put into the outbox: at least once, in due order, never faster than a receiver can bear."""

import asyncio
import logging
import random
from collections.abc import Mapping

from cases.notices.channels import Channel
from cases.store import OutboxStore
from domain.clock import Clock
from domain.errors import ChannelError, StoreUnavailable
from domain.notice import Notice

log = logging.getLogger(__name__)

_POLL_S = 0.5
_BATCH = 20
_LONGEST_WAIT_S = 300.0


class Outbox:
    """One lane for each channel, so that a slow gateway holds back nothing but its own.

    A crash between sending and marking sends the same notice again, with the same key.
    """

    def __init__(
        self,
        store: OutboxStore,
        channels: Mapping[str, Channel],
        clock: Clock,
        chance: random.Random,
        *,
        max_attempts: int,
    ) -> None:
        """`channels` by name. A notice for a name that is not there fails like one that can't be delivered."""
        self._store = store
        self._channels = channels
        self._clock = clock
        self._chance = chance
        self._max_attempts = max_attempts
        self._reachable = True
        self.sent = 0
        self.failed = 0
        self.dead = 0

    async def run(self) -> None:
        """Send what is due until cancelled. Looks for it every half second."""
        async with asyncio.TaskGroup() as lanes:
            for name in (*self._channels, None):
                lanes.create_task(self._lane(name), name=f"outbox-{name or 'rest'}")

    async def send_due(self) -> int:
        """Everything that is due now, once. Returns how many notices were tried."""
        return sum(await asyncio.gather(*(self._drain(name) for name in (*self._channels, None))))

    async def _lane(self, name: str | None) -> None:
        while True:
            try:
                tried = await self._drain(name)
                self._recovered()
            except StoreUnavailable as trouble:
                tried = 0
                self._lost(trouble)
            await asyncio.sleep(0 if tried == _BATCH else _POLL_S)

    async def _drain(self, name: str | None) -> int:
        """One batch of a channel; with None, of notices that no channel here takes."""
        due = await asyncio.to_thread(self._store.due_notices, self._clock.now_ms(), _BATCH, channel=name)
        if name is None:
            due = [notice for notice in due if notice.channel not in self._channels]
        for notice in due:
            await self._send(notice)
        return len(due)

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
        tries = notice.attempts + 1
        if not retry or tries >= self._max_attempts:
            self.dead += 1
            log.error("notice %s given up after %d tries: %s", notice.key, tries, error)
            await asyncio.to_thread(self._store.mark_dead, notice.id, error)
            return
        wait_s = self._chance.uniform(0, min(2.0**notice.attempts, _LONGEST_WAIT_S))
        log.log(
            logging.WARNING if notice.attempts == 0 else logging.DEBUG, "notice %s did not go: %s", notice.key, error
        )
        await asyncio.to_thread(self._store.mark_failed, notice.id, error, self._clock.now_ms() + round(wait_s * 1000))

    def _lost(self, trouble: StoreUnavailable) -> None:
        if self._reachable:
            log.warning("outbox: %s; notices wait", trouble)
        self._reachable = False

    def _recovered(self) -> None:
        if not self._reachable:
            log.info("outbox: the case store answers again")
        self._reachable = True
