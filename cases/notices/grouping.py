"""Which notices go together: the first waits a little for others, and an address is not written to all the time."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cases.notices.sending import Sending
from cases.store import OutboxStore
from domain.clock import Clock
from domain.notice import Group, Notice

_MANY_AT_ONCE: Final = 3
"""So many critical notices to an address still go one by one."""
_MOST: Final = 5000
_RETRIES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How notices are put together."""

    wait_ms: int
    """So long the first waits for others; a critical one for none."""
    interval_ms: int
    """So far apart are two messages to an address."""
    site: str
    """Begins the keys of digests."""
    write: Callable[[str, Sequence[Notice]], Notice]
    """Makes a message with this key of several notices; of the same ones always the same."""


class Grouping:
    """Sends what is due on channels that people read.

    Which notices a digest has is written down before it is sent, once and for all: a repeat after a crash has the
    same key and the same notices. While one has not got through, what comes later to its address waits for it.
    """

    def __init__(
        self, store: OutboxStore, sending: Sending, terms: Terms, clock: Clock, stopping: asyncio.Event
    ) -> None:
        self._store = store
        self._stopping = stopping
        self._sending = sending
        self._terms = terms
        self._clock = clock

    async def drain(self, channel: str, *, urgent: bool) -> int:
        """What may go now. Returns how many messages were tried."""
        waiting = await asyncio.to_thread(self._store.waiting_digests, channel)
        tried = await self._repeat(channel, [group for group in waiting if group.urgent == urgent], urgent=urgent)
        now_ms = self._clock.now_ms()
        blocked = {group.address for group in waiting if group.urgent == urgent}
        for group in await asyncio.to_thread(lambda: self._store.groups(channel, now_ms, urgent=urgent)):
            if self._stopping.is_set():
                break
            if group.address in blocked or not (urgent or await self._is_time(channel, group, now_ms)):
                continue
            room = await self._sending.room(channel, urgent=urgent)
            if room == 0:
                break
            tried += await self._flush(channel, group, room, urgent=urgent)
        return tried

    async def _repeat(self, channel: str, waiting: Sequence[Group], *, urgent: bool) -> int:
        """What was tried before, or was just to be when the process ended: digests, and notices that went alone."""
        now_ms, tried = self._clock.now_ms(), 0
        for group in waiting:
            if group.oldest_ms <= now_ms:
                tried += await self._digest(group.key)
        again = await asyncio.to_thread(
            lambda: self._store.due_notices(now_ms, _RETRIES, channel=channel, urgent=urgent, tried=True)
        )
        for notice in again:
            if await self._sending.may_go(notice):
                tried += await self._sending.alone(notice)
        return tried

    async def _is_time(self, channel: str, group: Group, now_ms: int) -> bool:
        if now_ms < group.oldest_ms + self._terms.wait_ms:
            return False
        last_ms = await asyncio.to_thread(self._store.last_sent_ms, channel, group.address)
        return last_ms is None or now_ms >= last_ms + self._terms.interval_ms

    async def _flush(self, channel: str, group: Group, room: int | None, *, urgent: bool) -> int:
        now_ms = self._clock.now_ms()
        found = await asyncio.to_thread(
            lambda: self._store.of_group(channel, group.address, now_ms, _MOST, urgent=urgent)
        )
        ready = [notice for notice in found if await self._sending.is_awake(notice)]
        few = _MANY_AT_ONCE if urgent else 1
        if len(ready) <= (few if room is None else min(few, room)):
            return sum([await self._sending.alone(notice) for notice in ready])
        key = f"{self._terms.site}/digest/{ready[0].id}-{now_ms}"
        await asyncio.to_thread(self._store.claim, key, [notice.id for notice in ready])
        return await self._digest(key)

    async def _digest(self, key: str) -> int:
        members = await asyncio.to_thread(self._store.digest, key)
        if not members:
            return 0
        return await self._sending.together(self._terms.write(key, members), members)
