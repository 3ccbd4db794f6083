"""Start in order, stop backwards. Each stop is named, bounded, and cannot keep the others from stopping."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0


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
                    result = await _aside(name, stop)
                    if isinstance(result, Awaitable):
                        await result
            except TimeoutError:
                log.warning("stopping: %s did not end within %.1f s", name, within_s)
            except Exception:
                log.exception("stopping: %s failed", name)
            else:
                log.debug("stopped: %s", name)


async def _aside(name: str, stop: Callable[[], object]) -> object:
    """Call it in a thread that may be given up: the interpreter does not wait for it as it does for a pool's."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[object] = loop.create_future()

    def settle(result: object, problem: BaseException | None) -> None:
        if not done.done():
            done.set_exception(problem) if problem else done.set_result(result)

    def call() -> None:
        result, problem = None, None
        try:
            result = stop()
        except Exception as wrong:  # noqa: BLE001  told to who waits for it
            problem = wrong
        with contextlib.suppress(RuntimeError):  # given up, and the loop is closed
            loop.call_soon_threadsafe(settle, result, problem)

    threading.Thread(target=call, name=f"stopping {name}", daemon=True).start()
    return await done


class Loop(threading.Thread):
    """A named thread that runs `step` again and again until stopped.

    `step` returns how long to rest before the next, in seconds; a stop ends the rest at once. If it raises, that is
    logged, and after a pause that doubles up to 30 s `recover` is run until it works, and then `step` again.
    """

    def __init__(self, name: str, step: Callable[[], float], *, recover: Callable[[], None] | None = None) -> None:
        super().__init__(name=name, daemon=True)
        self._step = step
        self._recover = recover
        self._stopping = threading.Event()

    def run(self) -> None:
        """The thread's body; call `start()`."""
        pause_s, broken = _FIRST_PAUSE_S, False
        while not self._stopping.is_set():
            try:
                if broken and self._recover:
                    self._recover()
                broken = False
                rest_s = self._step()
                pause_s = _FIRST_PAUSE_S
            except Exception:
                log.exception("%s failed; again in %.1f s", self.name, pause_s)
                broken = True
                rest_s, pause_s = pause_s, min(pause_s * 2, _LONGEST_PAUSE_S)
            self._stopping.wait(rest_s)

    def stop(self, timeout_s: float = 1.5) -> None:
        """Ask the thread to end after its step, and wait for that."""
        self._stopping.set()
        self.join(timeout_s)


PARENT = "LONGCHENG_STOP_WITH_STDIN"
"""Set for a child process: it stops when its standard input ends, so that it never outlives who started it."""


def stop_on_signal() -> asyncio.Event:
    """An event that is set by Ctrl-C, SIGTERM, the terminal going away, or, for a child, its parent."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    if os.environ.get(PARENT):
        loop.add_reader(sys.stdin.fileno(), stop.set)
    return stop
