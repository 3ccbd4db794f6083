"""Which notices go together: the first waits a little for others, and an address is not written to all the time."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cases.notices.sending import Sending
from cases.store import OutboxStore
from domain.clock import Clock
from domain.fault import reach
from domain.notice import Group, Notice

_MANY_AT_ONCE: Final = 3
"""So many critical notices to an address still go one by one."""
_MOST: Final = 5000


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

    Which notices a message has is written down before it is tried, once and for all: a repeat after a crash has the
    same key and the same notices, and what went alone is in no digest later. What was put together and never tried is
    taken apart again: what was withdrawn since is dropped, and what would wake somebody waits. While a message has not
    got through, what comes later to its address waits for it, unless it is critical.
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
        await asyncio.to_thread(lambda: self._store.take_apart(channel, urgent=urgent))
        waiting = await asyncio.to_thread(self._store.waiting_digests, channel)
        waiting = [group for group in waiting if group.urgent == urgent]
        tried = await self._repeat(waiting)
        now_ms = self._clock.now_ms()
        blocked = set() if urgent else {group.address for group in waiting}
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

    async def _repeat(self, waiting: Sequence[Group]) -> int:
        """What was tried before."""
        now_ms = self._clock.now_ms()
        return sum([await self._message(group.key) for group in waiting if group.oldest_ms <= now_ms])

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
            messages = {notice.key: [notice.id] for notice in ready}
        else:
            key = f"{self._terms.site}/digest/{ready[0].id}-{now_ms}"
            messages = {key: [notice.id for notice in ready]}
        for key, ids in messages.items():
            await asyncio.to_thread(self._store.claim, key, ids)
        reach("claimed")
        return sum([await self._message(key) for key in messages])

    async def _message(self, key: str) -> int:
        """One message: a digest, or a notice that goes alone under its own key."""
        await asyncio.to_thread(self._store.drop_withdrawn, key)
        members = await asyncio.to_thread(self._store.digest, key)
        if not members:
            return 0
        if members[0].key == key:
            return int(await self._sending.may_go(members[0]) and await self._sending.alone(members[0]))
        if not await self._sending.all_awake(key, members):
            return 0
        return int(await self._sending.together(key, members, self._terms.write))
