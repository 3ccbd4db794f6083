"""Sends what the book has put into the outbox: at least once, in due order, never faster than a receiver can bear."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial

from cases.notices.channels import Channel
from cases.notices.grouping import Grouping, Terms
from cases.notices.routing import ROUTED, Routing
from cases.notices.sending import Manner, Sending
from cases.store import OutboxStore
from config.notices import PEOPLE
from domain.clock import Clock
from domain.errors import StoreUnavailable
from domain.notice import Notice

log = logging.getLogger(__name__)

_POLL_S = 0.5
_BATCH = 20
Lane = tuple[str | None, bool]
"""A channel, or None for what no channel here takes; and whether it is for what is critical."""


class Outbox:
    """Two lanes for each channel: a slow gateway holds back nothing but its own, and what is critical waits behind
    nothing else."""

    def __init__(
        self,
        store: OutboxStore,
        channels: Mapping[str, Channel],
        clock: Clock,
        chance: random.Random,
        *,
        max_attempts: int,
        not_before: Callable[[Notice, int], int] | None = None,
        as_told: Callable[[Notice, int], Notice] | None = None,
        manners: Mapping[str, Manner] | None = None,
        terms: Terms | None = None,
        routing: Routing | None = None,
    ) -> None:
        """`channels` by name. A notice for a name that is not there fails like one that can't be delivered.

        `not_before(notice, at_ms)` is `at_ms`, or when the quiet hours end that it lies in for this notice.
        `as_told(notice, at_ms)` is the notice in the words that are true when it goes out at `at_ms`.
        `manners` says of channels how they want to be used; one that is grouped needs `terms`. `routing` is for
        notices that are written for people without a channel.
        """
        self._store = store
        self._channels = channels
        self._clock = clock
        self._sending = Sending(
            store,
            channels,
            manners or {},
            clock,
            chance,
            max_attempts=max_attempts,
            not_before=not_before or (lambda _notice, at_ms: at_ms),
            as_told=as_told or (lambda notice, _at_ms: notice),
        )
        self._routing = routing
        self._stopping = asyncio.Event()
        self._grouping = Grouping(store, self._sending, terms, clock, self._stopping) if terms else None
        self._lanes: list[asyncio.Task[None]] = []
        self._reachable = True

    @property
    def sent(self) -> int:
        """How many notices have gone out."""
        return self._sending.sent

    @property
    def failed(self) -> int:
        """How many tries have failed."""
        return self._sending.failed

    @property
    def dead(self) -> int:
        """How many notices were given up."""
        return self._sending.dead

    async def run(self) -> None:
        """Send what is due until stopped or cancelled. Looks for it every half second."""
        async with asyncio.TaskGroup() as lanes:
            if self._routing:
                self._lanes.append(lanes.create_task(self._lane("the sorting", self._route), name="outbox-sorting"))
            for name, urgent in self._every_lane():
                title = f"outbox-{name or 'rest'}{'-urgent' if urgent else ''}"
                running = self._lane(f"the lane of {name or 'the rest'}", partial(self._drain, name, urgent))
                self._lanes.append(lanes.create_task(running, name=title))

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
        """Everything that is due now, once. Returns how many messages were tried."""
        while await self._route() == ROUTED:
            pass
        due = await asyncio.to_thread(self._store.due_channels, self._clock.now_ms())
        lanes = [(name, urgent) for name, urgent in self._every_lane() if name is None or name in due]
        return sum(await asyncio.gather(*(self._drain(*lane) for lane in lanes)))

    def _every_lane(self) -> list[Lane]:
        return [(name, urgent) for name in self._channels for urgent in (True, False)] + [(None, False)]

    async def _lane(self, title: str, drain: Callable[[], Awaitable[int]]) -> None:
        while not self._stopping.is_set():
            found = 0
            try:
                found = await drain()
                self._recovered()
            except StoreUnavailable as trouble:
                self._lost(trouble)
            except Exception:
                log.exception("outbox: %s broke; it goes on", title)
            await self._pause(0 if found in {_BATCH, ROUTED} else _POLL_S)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _route(self) -> int:
        """Give notices to people the ways they go by. Returns how many there were."""
        return await asyncio.to_thread(self._routing.route, self._clock.now_ms()) if self._routing else 0

    async def _drain(self, name: str | None, urgent: bool) -> int:
        """What is due in a lane, a batch at most. Returns how many messages were tried, or put off."""
        if name is not None and self._grouping and self._sending.manner(name).grouped:
            return await self._grouping.drain(name, urgent=urgent)
        due = await asyncio.to_thread(self._due, name, urgent)
        for notice in due:
            if self._stopping.is_set():
                break
            if await self._sending.may_go(notice) and not await self._sending.alone(notice):
                return 0  # the provider takes no more now
        return len(due)

    def _due(self, name: str | None, urgent: bool) -> list[Notice]:
        now_ms = self._clock.now_ms()
        if name is None:
            elsewhere = (*self._channels, *((PEOPLE,) if self._routing else ()))
            return self._store.due_notices(now_ms, _BATCH, besides=elsewhere)
        return self._store.due_notices(now_ms, _BATCH, channel=name, urgent=urgent)

    def _lost(self, trouble: StoreUnavailable) -> None:
        if self._reachable:
            log.warning("outbox: %s; notices wait", trouble)
        self._reachable = False

    def _recovered(self) -> None:
        if not self._reachable:
            log.info("outbox: the case store answers again")
        self._reachable = True
