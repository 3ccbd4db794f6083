"""What a source may use for its visits."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field

import aiohttp

from domain.clock import Clock, SystemClock
from vision.sources.threads import Threads

log = logging.getLogger(__name__)

CONNECT_SHARE = 0.5
SILENCE_SHARE = 0.8
"""Of a visit's time, at most so much for the connection, and for one silence: so that a fault can say which it was."""


class Errands:
    """What must still be done when a visit has ended, such as telling a recorder to stop sending."""

    def __init__(self) -> None:
        self._going_on: set[asyncio.Task[None]] = set()

    def start(self, errand: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Do it beside everything else. It must have a limit of its own."""
        task = asyncio.get_running_loop().create_task(errand)
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)
        return task

    async def finish(self, within_s: float) -> None:
        """Wait for all of them, at most so long; the rest are cancelled and told of."""
        if not self._going_on:
            return
        _, late = await asyncio.wait(self._going_on, timeout=within_s)
        for task in late:
            task.cancel()
        if late:
            log.warning("%d streams may go on being sent: their recorders did not answer in time", len(late))
            await asyncio.gather(*late, return_exceptions=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """One for all sources of a worker. `limit_s` is what a whole visit may take; who calls `fetch` enforces it."""

    session: aiohttp.ClientSession
    max_bytes: int
    limit_s: float
    clock: Clock = field(default_factory=SystemClock)
    threads: Threads = field(default_factory=Threads)
    errands: Errands = field(default_factory=Errands)

    @property
    def timeout(self) -> aiohttp.ClientTimeout:
        """For each request: a host that takes no connection is told from one that says nothing."""
        return aiohttp.ClientTimeout(
            total=None, sock_connect=CONNECT_SHARE * self.limit_s, sock_read=SILENCE_SHARE * self.limit_s
        )
