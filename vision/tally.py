"""What a worker counts."""

from collections import Counter, deque
from collections.abc import Mapping

from msgspec import Struct

from domain.sighting import ViewHealth
from vision.look import Look

LAGS = 1000
"""The lag is told of so many last visits."""


class WatchStats(Struct, frozen=True, kw_only=True):
    """A worker's figures since its start."""

    looks: int
    looks_by_view: Mapping[ViewHealth, int]
    sightings: int
    """Looks with something in a zone."""
    published: int
    """Looks that the broker has acknowledged."""
    inferred: int
    skipped_unchanged: int
    pictures_kept: int
    faults: int
    """Visits that ended in an error of ours."""
    lag_p95_s: float
    """How late visits began, against when they were due."""


class Tally:
    """Counts looks."""

    def __init__(self) -> None:
        self._by_view: Counter[ViewHealth] = Counter()
        self._sightings = 0
        self._inferred = 0
        self._reused = 0
        self._kept = 0
        self._faults = 0
        self._lags: deque[float] = deque(maxlen=LAGS)

    def add(self, look: Look) -> None:
        """One look is done."""
        self._by_view[look.sighting.view] += 1
        self._sightings += any(zone.objects for zone in look.sighting.zones)
        self._inferred += look.inferred
        self._reused += look.reused
        self._kept += look.sighting.picture is not None

    def add_fault(self) -> None:
        """One visit ended in an error of ours."""
        self._faults += 1

    def add_lag(self, lag_s: float) -> None:
        """One visit began this late."""
        self._lags.append(lag_s)

    def stats(self, published: int) -> WatchStats:
        """The figures now."""
        lags = sorted(self._lags)
        return WatchStats(
            looks=self._by_view.total(),
            looks_by_view=dict(self._by_view),
            sightings=self._sightings,
            published=published,
            inferred=self._inferred,
            skipped_unchanged=self._reused,
            pictures_kept=self._kept,
            faults=self._faults,
            lag_p95_s=lags[int(0.95 * (len(lags) - 1))] if lags else 0.0,
        )
