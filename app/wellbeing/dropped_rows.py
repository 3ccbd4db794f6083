"""Whether the series store lets fall what it took."""

import logging
from collections.abc import Callable, Mapping
from typing import Final, Self

from domain.clock import Clock
from domain.errors import StoreUnavailable
from storage.series.store import SeriesStore
from storage.series.victoria import VictoriaSeries

log = logging.getLogger(__name__)

_EVERY_S: Final = 60.0


class DroppedRows:
    """Asks the store once a minute. One thread steps; any thread may read."""

    def __init__(self, ask: Callable[[], Mapping[str, int]], clock: Clock) -> None:
        """`ask` tells how many rows were dropped so far, by reason; it may raise StoreUnavailable."""
        self._ask = ask
        self._clock = clock
        self.rows: Mapping[str, int] = {}
        self.grown_ms: int | None = None
        """When there were last more of them than before."""

    @classmethod
    def of(cls, series: SeriesStore, clock: Clock) -> Self:
        """Of a store of a site; only VictoriaMetrics is known to do such a thing."""
        return cls(series.lost if isinstance(series, VictoriaSeries) else dict, clock)

    def step(self) -> float:
        """Ask once. Returns how long to rest, in seconds."""
        try:
            rows = self._ask()
        except StoreUnavailable:  # the writer tells of that
            return _EVERY_S
        if (dropped := sum(rows.values())) > sum(self.rows.values()):
            if self.grown_ms is None:
                log.warning("series store: it took %d rows and let them fall: %s", dropped, dict(rows))
            self.grown_ms = self._clock.now_ms()
        self.rows = rows
        return _EVERY_S
