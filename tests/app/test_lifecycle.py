"""Stops run backwards, each for itself and within bounds."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from app.lifecycle import Lifecycle, stop_on_signal

PATIENCE_S = 60.0
SOON_S = 0.05


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
