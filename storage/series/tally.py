"""Counting the requests that carry points, and how long they take."""

import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import Final

from domain.service import Requests

STORED: Final = "stored"
FAILED: Final = "failed"
"""What a store without answers of its own says of a write, as `STORED` of one that went well."""
_BOUNDS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class RequestTally:
    """What became of requests since the start of the process. Any thread may count and read."""

    def __init__(self, *, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._codes: Counter[str] = Counter()
        self._took = [0] * (len(_BOUNDS_S) + 1)
        self._took_s = 0.0

    def begin(self) -> Callable[[str], None]:
        """A request begins. What is returned is to be called once, with its answer's code, when it has ended."""
        began_s = self._monotonic_s()
        return lambda code: self._end(code, self._monotonic_s() - began_s)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """The block is a request: `stored`, or `failed` if it raises."""
        end, code = self.begin(), FAILED
        try:
            yield
            code = STORED
        finally:
            end(code)

    def figures(self) -> Requests:
        """All that was counted."""
        with self._lock:
            within = tuple(zip(_BOUNDS_S, accumulate(self._took), strict=False))  # the last is beyond every bound
            return Requests(codes=dict(self._codes), within=within, took_s=self._took_s)

    def _end(self, code: str, took_s: float) -> None:
        with self._lock:
            self._codes[code] += 1
            self._took[bisect_left(_BOUNDS_S, took_s)] += 1
            self._took_s += took_s
