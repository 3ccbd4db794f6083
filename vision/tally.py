"""What a worker counts."""

from collections import Counter, deque
from collections.abc import Mapping

from msgspec import Struct

from domain.sighting import ViewHealth
from vision.look import Look
from vision.stages import Stages, Stopwatch

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
    dropped: int
    """Looks that were let go because the broker was away for too long."""
    cameras_by_view: Mapping[ViewHealth, int]
    """What each camera's last look was good for."""
    dead_hosts: int
    """Hosts that last gave no picture of any of their cameras."""
    inferred: int
    skipped_unchanged: int
    pictures_kept: int
    faults: int
    """Visits that ended in an error of ours."""
    lag_p95_s: float
    """How late visits began, against when they were due."""
    stages: Stages
    """Where their time went."""


class Tally:
    """Counts looks."""

    def __init__(self) -> None:
        self._by_view: Counter[ViewHealth] = Counter()
        self.views: dict[str, ViewHealth] = {}
        """What each camera's last look was good for, by camera_id."""
        self._sightings = 0
        self._inferred = 0
        self._reused = 0
        self._kept = 0
        self._faults = 0
        self._lags: deque[float] = deque(maxlen=LAGS)
        self._watch = Stopwatch()

    def add(self, look: Look, watch: Stopwatch) -> None:
        """One look is done, in this time."""
        self._watch.add(watch)
        self._by_view[look.sighting.view] += 1
        self.views[look.sighting.camera_id] = look.sighting.view
        self._sightings += any(zone.objects for zone in look.sighting.zones)
        self._inferred += look.inferred
        self._reused += look.reused
        self._kept += look.sighting.picture is not None

    def forget(self, camera_id: str) -> None:
        """The camera is no more; what was counted stays counted."""
        self.views.pop(camera_id, None)

    def add_fault(self) -> None:
        """One visit ended in an error of ours."""
        self._faults += 1

    def add_lag(self, lag_s: float) -> None:
        """One visit began this late."""
        self._lags.append(lag_s)

    def stats(self, *, published: int, dropped: int, dead_hosts: int) -> WatchStats:
        """The figures now."""
        lags = sorted(self._lags)
        return WatchStats(
            looks=self._by_view.total(),
            looks_by_view=dict(self._by_view),
            sightings=self._sightings,
            published=published,
            dropped=dropped,
            cameras_by_view=dict(Counter(self.views.values())),
            dead_hosts=dead_hosts,
            inferred=self._inferred,
            skipped_unchanged=self._reused,
            pictures_kept=self._kept,
            faults=self._faults,
            lag_p95_s=lags[int(0.95 * (len(lags) - 1))] if lags else 0.0,
            stages=self._watch.stages,
        )
