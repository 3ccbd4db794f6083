"""Start in order, stop backwards. Each stop is named, bounded, and cannot keep the others from stopping."""

import asyncio
import logging
import signal
import threading
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)


class Lifecycle:
    """A stack of named stops, run last-in first-out."""

    def __init__(self) -> None:
        self._stops: list[tuple[str, Callable[[], object | Awaitable[object]], float]] = []

    def on_stop(self, name: str, stop: Callable[[], object | Awaitable[object]], *, within_s: float = 2.0) -> None:
        """Register what undoes the step just taken. A blocking function runs in a thread, a coroutine here."""
        self._stops.append((name, stop, within_s))

    async def stop(self) -> None:
        """Run every stop, newest first. A failing or late one is logged by its name, and the rest go on."""
        while self._stops:
            name, stop, within_s = self._stops.pop()
            try:
                async with asyncio.timeout(within_s):
                    result = await asyncio.to_thread(stop)
                    if isinstance(result, Awaitable):
                        await result
            except TimeoutError:
                log.warning("stopping: %s did not end within %.1f s", name, within_s)
            except Exception:
                log.exception("stopping: %s failed", name)
            else:
                log.debug("stopped: %s", name)


class Loop(threading.Thread):
    """A named thread that runs `step` again and again until stopped.

    `step` returns how long to rest before the next, in seconds; a stop ends the rest at once.
    A step that raises is logged and tried again after a pause that doubles up to 30 s.
    """

    def __init__(self, name: str, step: Callable[[], float], *, on_error: Callable[[], None] | None = None) -> None:
        super().__init__(name=name, daemon=True)
        self._step = step
        self._on_error = on_error
        self._stopping = threading.Event()

    def run(self) -> None:
        """The thread's body; call `start()`."""
        pause_s = 0.5
        while not self._stopping.is_set():
            try:
                rest_s = self._step()
                pause_s = 0.5
            except Exception:
                log.exception("%s failed; again in %.1f s", self.name, pause_s)
                rest_s, pause_s = pause_s, min(pause_s * 2, 30.0)
                if self._on_error:
                    self._on_error()
            self._stopping.wait(rest_s)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ask the thread to end after its step, and wait for that."""
        self._stopping.set()
        self.join(timeout_s)


def stop_on_signal() -> asyncio.Event:
    """An event that is set by Ctrl-C, SIGTERM, or the terminal going away."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    return stop
