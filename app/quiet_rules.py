"""Rules told to somebody who asks complain of nothing: whom one cannot speak for was said when it was taken over."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_ASKED: Final = ContextVar("asked", default=False)


def _not_asked(_record: logging.LogRecord) -> bool:
    return not _ASKED.get()


for _name in ("threshold", "baseline"):
    logging.getLogger(f"rules.kinds.{_name}").addFilter(_not_asked)


@contextmanager
def quiet_rules() -> Iterator[None]:
    """Watches that are made in this block, by this thread, say nothing in the log."""
    before = _ASKED.set(True)
    try:
        yield
    finally:
        _ASKED.reset(before)
