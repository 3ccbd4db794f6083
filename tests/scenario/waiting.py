"""Waiting for what other processes do, with bounded patience."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 90.0
_POLL_S = 0.05


def until(ask: Callable[[], T], what: Callable[[], str], *, patience_s: float = PATIENCE_S) -> T:
    """The first answer that is true, asked again and again; if there is none, fails with what was to be."""
    pause = threading.Event()
    deadline_s = time.monotonic() + patience_s
    while not (answer := ask()):
        if time.monotonic() > deadline_s:
            raise AssertionError(f"not within {patience_s:g} s: {what()}")
        pause.wait(_POLL_S)
    return answer
