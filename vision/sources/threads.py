"""A thread for each visit that blocks, none of them shared: streams that hang take nobody else's."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Final, TypeVar

from domain.errors import SourceError, SourceFault

Result = TypeVar("Result")

MOST_LEFT: Final = 64
"""Threads that did not end with their visit. A name server that never answers can make some; they have an end."""


class Threads:
    """Runs blocking visits. How many at once, the schedule bounds."""

    def __init__(self) -> None:
        self._left: set[threading.Thread] = set()

    @property
    def left(self) -> int:
        """How many still run although nobody waits for them any more."""
        self._left = {thread for thread in self._left if thread.is_alive()}
        return len(self._left)

    async def run(self, work: Callable[[threading.Event], Result]) -> Result:
        """What `work` comes to. Who stops waiting sets its event and leaves it; raises SourceError if too many hang."""
        if self.left >= MOST_LEFT:
            raise SourceError(SourceFault.TIMEOUT, f"{MOST_LEFT} earlier visits hang in the network library")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        stop = threading.Event()

        def settle(result: Result | None, wrong: BaseException | None) -> None:
            if future.done():
                return
            if wrong is not None:
                future.set_exception(wrong)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def body() -> None:
            result, wrong = None, None
            try:
                result = work(stop)
            except BaseException as raised:  # noqa: BLE001 whoever waits gets it
                wrong = raised
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(settle, result, wrong)

        # daemon: a hanging library must not hold up the end of the process
        thread = threading.Thread(target=body, name="visit", daemon=True)
        thread.start()
        try:
            return await future
        except asyncio.CancelledError:
            stop.set()
            self._left.add(thread)
            raise
