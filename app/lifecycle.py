"""Start in order, stop backwards. Each stop is named, bounded, and cannot keep the others from stopping."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable

from domain.errors import LongchengError, StoreUnavailable

log = logging.getLogger(__name__)

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_UNAVAILABLE_PAUSE_S = 5.0
"""A store that is away, or a disk that is full, may be back at any moment, and all wait for that."""


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


def pause_s(wrong: Exception, failures: int) -> float:
    """How long a loop pauses, in seconds, after so many failures in a row before this one."""
    longest_s = _UNAVAILABLE_PAUSE_S if isinstance(wrong, StoreUnavailable) else _LONGEST_PAUSE_S
    return min(_FIRST_PAUSE_S * 2.0 ** min(failures, 16), longest_s)


class Loop(threading.Thread):
    """A named thread that runs `step` again and again until stopped.

    `step` returns how long to rest before the next, in seconds; a stop ends the rest at once. If it raises, that is
    logged, and after a pause that doubles up to 30 s (5 s after StoreUnavailable) `recover` is run until it works, and
    then `step` again. What is raised on purpose is told in one line, once until it works again; anything else with its
    traceback, and in one line when the same comes again.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], float],
        *,
        recover: Callable[[], None] | None = None,
        rests_first_s: float = 0.0,
    ) -> None:
        """`rests_first_s`: so long before the first step."""
        super().__init__(name=name, daemon=True)
        self._rests_first_s = rests_first_s
        self._step = step
        self._recover = recover
        self._stopping = threading.Event()
        self._told: set[str] = set()

    def run(self) -> None:
        """The thread's body; call `start()`."""
        failures, broken = 0, False
        self._stopping.wait(self._rests_first_s)
        while not self._stopping.is_set():
            try:
                if broken and self._recover:
                    self._recover()
                broken = False
                rest_s = self._step()
                failures = 0
                self._praise()
            except Exception as wrong:  # noqa: BLE001  whatever it is: told, and tried again
                broken = True
                rest_s = pause_s(wrong, failures)
                failures += 1
                self._complain(wrong, rest_s)
            self._stopping.wait(rest_s)

    def _complain(self, wrong: Exception, rest_s: float) -> None:
        expected = isinstance(wrong, LongchengError)
        kind = type(wrong).__name__
        text = kind if expected else f"{kind}: {wrong}"  # what is expected may name other figures each time
        repeated = text in self._told
        self._told.add(text)
        if expected:
            level = logging.DEBUG if repeated else logging.ERROR
            log.log(level, "%s failed (%s); again in %.1f s", self.name, wrong, rest_s)
        elif repeated:
            log.error("%s failed as before (%s); again in %.1f s", self.name, text, rest_s)
        else:
            log.error("%s failed; again in %.1f s", self.name, rest_s, exc_info=wrong)

    def _praise(self) -> None:
        if self._told:
            log.info("%s works again", self.name)
        self._told.clear()

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
