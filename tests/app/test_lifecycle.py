"""Stops run backwards, each for itself and within bounds; loops go on after errors and end at once when asked."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from app.lifecycle import Lifecycle, Loop, pause_s, stop_on_signal
from domain.errors import StoreUnavailable
from tests.ingest.waiting import until

PATIENCE_S = 60.0
SOON_S = 0.05


@pytest.fixture
def start() -> Iterator[Callable[[Loop], Loop]]:
    """Starts a loop that is stopped at the end of the test, whatever happens in it."""
    started: list[Loop] = []

    def begin(loop: Loop) -> Loop:
        started.append(loop)
        loop.start()
        return loop

    yield begin
    for loop in started:
        loop.stop()


async def test_stops_run_backwards() -> None:
    """Last in, first out, blocking functions and coroutines alike: nothing outlives what it stands on."""
    order: list[str] = []

    async def stop_b() -> None:
        await asyncio.sleep(0)
        order.append("b")

    life = Lifecycle()
    life.on_stop("a", lambda: order.append("a"))
    life.on_stop("b", stop_b)
    life.on_stop("c", lambda: order.append("c"))
    await life.stop()

    assert order == ["c", "b", "a"]


async def test_each_stop_runs_once() -> None:
    """Stopped again, nothing happens."""
    order: list[str] = []
    life = Lifecycle()
    life.on_stop("a", lambda: order.append("a"))

    await life.stop()
    await life.stop()

    assert order == ["a"]


async def test_a_blocking_stop_does_not_hold_the_loop_up() -> None:
    """It runs in a thread of its own; a coroutine runs where the event loop is."""
    threads: dict[str, int] = {}

    async def stop_here() -> None:
        threads["coroutine"] = threading.get_ident()

    life = Lifecycle()
    life.on_stop("blocking", lambda: threads.update(blocking=threading.get_ident()))
    life.on_stop("coroutine", stop_here)
    await life.stop()

    assert threads["coroutine"] == threading.get_ident()
    assert threads["blocking"] != threading.get_ident()


async def test_a_failing_stop_is_named_and_keeps_nobody_from_stopping(caplog: pytest.LogCaptureFixture) -> None:
    """One ERROR with its traceback; the rest stop as if nothing had been."""
    order: list[str] = []

    def fail() -> None:
        raise OSError("disk gone")

    async def fail_later() -> None:
        await asyncio.sleep(0)
        raise ConnectionResetError("peer gone")

    life = Lifecycle()
    life.on_stop("a", lambda: order.append("a"))
    life.on_stop("disk", fail)
    life.on_stop("peer", fail_later)
    life.on_stop("b", lambda: order.append("b"))
    await life.stop()

    assert order == ["b", "a"]
    assert [record.getMessage() for record in caplog.records] == ["stopping: peer failed", "stopping: disk failed"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert all(record.exc_info for record in caplog.records)


async def test_a_late_stop_is_named_and_left_behind(caplog: pytest.LogCaptureFixture) -> None:
    """A thread that hangs and a coroutine that waits for ever cost their time and nothing more."""
    order: list[str] = []
    never, let_go = asyncio.Event(), threading.Event()

    async def wait() -> None:
        await never.wait()

    life = Lifecycle()
    life.on_stop("a", lambda: order.append("a"))
    life.on_stop("waits", wait, within_s=SOON_S)
    life.on_stop("hangs", lambda: let_go.wait(PATIENCE_S), within_s=SOON_S)
    began_s = time.monotonic()
    await life.stop()
    took_s = time.monotonic() - began_s
    let_go.set()

    assert order == ["a"]
    assert took_s < PATIENCE_S / 2
    assert [record.getMessage() for record in caplog.records] == [
        f"stopping: {name} did not end within {SOON_S:.1f} s" for name in ("hangs", "waits")
    ]


def test_a_loop_steps_again_and_again(start: Callable[[Loop], Loop]) -> None:
    """In a thread that bears its name, for logs and stack dumps."""
    enough, names = threading.Event(), set[str]()
    steps = iter(range(1000))

    def step() -> float:
        names.add(threading.current_thread().name)
        if next(steps) == 3:
            enough.set()
        return 0.001

    loop = start(Loop("counter", step))

    assert enough.wait(PATIENCE_S)
    assert names == {loop.name} == {"counter"}


def test_a_loop_may_rest_before_its_first_step(start: Callable[[Loop], Loop]) -> None:
    """What is heavy waits until the start is over; a stop ends that rest, too, and then nothing is done any more."""
    stepped = threading.Event()

    def step() -> float:
        stepped.set()
        return 3600.0

    loop = start(Loop("heavy", step, rests_first_s=3600.0))
    loop.stop(PATIENCE_S)
    assert (loop.is_alive(), stepped.is_set()) == (False, False)

    start(Loop("at once", step))
    assert stepped.wait(PATIENCE_S)


def test_a_stop_ends_the_rest_at_once(start: Callable[[Loop], Loop]) -> None:
    """However long the step asked to rest."""
    rested = threading.Event()

    def step() -> float:
        rested.set()
        return 3600.0

    loop = start(Loop("sleeper", step))
    assert rested.wait(PATIENCE_S)
    began_s = time.monotonic()
    loop.stop(PATIENCE_S)

    assert not loop.is_alive()
    assert time.monotonic() - began_s < PATIENCE_S / 2


def test_a_step_that_raises_is_logged_put_right_and_tried_again(
    start: Callable[[Loop], Loop], caplog: pytest.LogCaptureFixture
) -> None:
    """`recover` comes before the next step, which is how a reader forgets what was not committed."""
    events: list[str] = []
    again = threading.Event()

    def step() -> float:
        events.append("step")
        if events == ["step"]:
            raise OSError("disk full")
        again.set()
        return 3600.0

    start(Loop("reader", step, recover=lambda: events.append("recover")))

    assert again.wait(PATIENCE_S)
    assert events == ["step", "recover", "step"]
    assert [record.getMessage() for record in caplog.records] == ["reader failed; again in 0.5 s"]


def test_no_step_is_taken_before_it_has_recovered(
    start: Callable[[Loop], Loop], caplog: pytest.LogCaptureFixture
) -> None:
    """A recovery that fails too is tried again, later and later; the thread never ends by itself."""
    events: list[str] = []
    again = threading.Event()

    def step() -> float:
        events.append("step")
        if events == ["step"]:
            raise OSError("disk full")
        again.set()
        return 3600.0

    def recover() -> None:
        events.append("recover")
        if events.count("recover") == 1:
            raise OSError("disk still full")

    start(Loop("reader", step, recover=recover))

    assert again.wait(PATIENCE_S)
    assert events == ["step", "recover", "recover", "step"]
    assert [record.getMessage() for record in caplog.records] == [
        "reader failed; again in 0.5 s",
        "reader failed; again in 1.0 s",
    ]


def _failing(problems: list[Exception], again: threading.Event) -> Callable[[], float]:
    """A step that raises these, one each, and then works."""
    left = iter(problems)

    def step() -> float:
        for problem in left:
            raise problem
        again.set()
        return 3600.0

    return step


def test_what_is_raised_on_purpose_is_told_in_one_line(
    start: Callable[[Loop], Loop], caplog: pytest.LogCaptureFixture
) -> None:
    """A store that is away is no fault of ours: no traceback, one ERROR until it works again, and that is told too."""
    caplog.set_level(logging.INFO)
    again = threading.Event()
    start(Loop("reader", _failing([StoreUnavailable("disk full, 1 of 9"), StoreUnavailable("2 of 9")], again)))

    assert again.wait(PATIENCE_S)
    until(lambda: len(caplog.records) == 2, "both lines")
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.ERROR, "reader failed (disk full, 1 of 9); again in 0.5 s"),
        (logging.INFO, "reader works again"),
    ]
    assert not any(record.exc_info for record in caplog.records)


def test_the_same_fault_has_its_traceback_once(start: Callable[[Loop], Loop], caplog: pytest.LogCaptureFixture) -> None:
    """What nobody expected is shown whole when it is new, and is one line when it comes again."""
    again = threading.Event()
    start(Loop("reader", _failing([KeyError("a"), KeyError("a")], again)))

    assert again.wait(PATIENCE_S)
    assert [(record.getMessage(), bool(record.exc_info)) for record in caplog.records] == [
        ("reader failed; again in 0.5 s", True),
        ("reader failed as before (KeyError: 'a'); again in 1.0 s", False),
    ]


def test_a_store_that_is_away_is_tried_every_five_seconds() -> None:
    """However long it was away, its return is soon seen; a fault of ours waits up to half a minute."""
    assert [pause_s(StoreUnavailable("disk full"), failures) for failures in (0, 1, 3, 4, 5000)] == [0.5, 1, 4, 5, 5]
    assert [pause_s(KeyError("a"), failures) for failures in (0, 4, 6, 5000)] == [0.5, 8, 30, 30]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_asks_to_stop(number: signal.Signals) -> None:
    """Ctrl-C, `kill`, and the terminal going away."""
    stop = stop_on_signal()
    try:
        os.kill(os.getpid(), number)
        await asyncio.wait_for(stop.wait(), PATIENCE_S)
    finally:
        for handled in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().remove_signal_handler(handled)


HANGS = """
import asyncio, threading
from app.lifecycle import Lifecycle
async def body():
    life = Lifecycle()
    life.on_stop("hangs", threading.Event().wait, within_s=0.1)
    await life.stop()
asyncio.run(body())
"""


def test_a_stop_that_hangs_does_not_keep_the_process_from_ending() -> None:
    """Its thread is given up for good: `asyncio.run` must not wait for it at its own end."""
    done = subprocess.run([sys.executable, "-c", HANGS], timeout=60, capture_output=True, check=False)

    assert done.returncode == 0, done.stderr
