"""Waiting for what other threads and processes do, with bounded patience."""

import threading
from collections.abc import Callable

_PATIENCE_S = 60.0
_POLL_S = 0.01


def until(reached: Callable[[], bool], what: str, *, patience_s: float = _PATIENCE_S) -> None:
    """Return as soon as `reached`; fail with `what` after `patience_s`."""
    never = threading.Event()
    for _ in range(round(patience_s / _POLL_S)):
        if reached():
            return
        never.wait(_POLL_S)
    raise AssertionError(f"not within {patience_s:g} s: {what}")
