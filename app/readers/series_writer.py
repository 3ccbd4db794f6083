"""The reader that stores: decode → points → series store. The cursor moves only after the store said yes."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from config.load import Site
from domain.errors import PointsRejected, StoreRefused, StoreUnavailable
from domain.fault import reach
from domain.message import Record, Reject, RejectReason
from domain.point import Point
from domain.service import Requests
from ingest.decode import Decoder
from storage.deadletters import DeadLetters
from storage.journal import Journal
from storage.series.points import PointsOf
from storage.series.store import SeriesStore

log = logging.getLogger(__name__)

SERIES: Final = "series"
_BATCH: Final = 2000
_WAIT_S: Final = 0.25
_LONGEST_ASKED_S: Final = 600.0
"""A store, or a proxy before it, may ask us to wait; not for a day."""
_WARM_UP: Final = 5000
"""Records read once more at a start, for what the decoder remembers of each device."""


class _Batch(Struct, frozen=True):
    """Some records as the points they are. `origins` names the record of each point."""

    points: list[Point]
    origins: list[Record]
    records: int
    last_seq: int


class WriterStatus(Struct, frozen=True, kw_only=True):
    """How storing goes. The counts are since the start of the process."""

    cursor: int
    """Everything up to here is stored, or set aside."""
    reachable: bool = True
    stored: int = 0
    """Field values."""
    dropped: int = 0
    """Points that the store will never take, of batches that are done with."""
    trouble: str = ""
    """What the store said when it last took nothing; empty while it takes writes."""
    requests: Requests = Requests()
    restarts: int = 0
    """How often its process had to be started again."""


class SeriesWriter:
    """Stores the journal's records in order. What no store will ever take becomes a dead letter; the rest waits."""

    def __init__(
        self,
        *,
        site: Site,
        journal: Journal,
        decoder: Callable[[], Decoder],
        store: SeriesStore,
        deadletters: DeadLetters,
    ) -> None:
        self._points_of = PointsOf(site)
        self._journal = journal
        self._decoder = decoder()
        self._store = store
        self._deadletters = deadletters
        self._settings = site.settings.series
        self._batch: _Batch | None = None
        self._wait_s = 0.0
        self.cursor = journal.cursor(SERIES)
        self.reachable = True
        self.stored = 0
        self.dropped = 0
        self.trouble = ""
        self._refused: set[int] = set()
        for record in journal.read(max(0, self.cursor - _WARM_UP), _WARM_UP):
            if record.seq <= self.cursor:
                self._decoder.decode(record.message, record.seq)

    @property
    def status(self) -> WriterStatus:
        """How it is doing right now. From any thread."""
        return WriterStatus(
            cursor=self.cursor,
            reachable=self.reachable,
            stored=self.stored,
            dropped=self.dropped,
            trouble=self.trouble,
            requests=self._store.requests(),
        )

    def step(self) -> float:
        """One batch. Returns how long to rest, in seconds: longer each time the store can't take it."""
        try:
            return self._next()
        except Exception as problem:
            self.reachable, self.trouble = False, f"{type(problem).__name__}: {problem}"
            raise

    def _next(self) -> float:
        batch = self._batch = self._batch or self._read()
        if batch is None:
            self._release()  # what failed was reading, and that is over
            self._journal.wait(self.cursor, _WAIT_S)
            return 0.0
        reach("storing")
        try:
            for start in range(0, len(batch.points), self._settings.batch):
                self._write(batch, start)
        except (StoreUnavailable, StoreRefused) as problem:
            return self._hold(problem)
        self._release()
        self._batch = None
        self.dropped += len(self._refused)
        self._refused.clear()
        reach("stored")
        self.cursor = batch.last_seq
        self._journal.advance(SERIES, self.cursor)
        reach("advanced")
        return 0.0 if batch.records >= _BATCH else self._settings.batch_wait / 2

    def _read(self) -> "_Batch | None":
        """The next records as points. Each is decoded once, however often the store must be asked."""
        records = self._journal.read(self.cursor, _BATCH)
        if not records:
            return self._step_over_damage()
        origins: list[Record] = []
        points: list[Point] = []
        for record in records:
            for observation in self._decoder.decode(record.message, record.seq).observations:
                made = self._points_of(observation)
                points += made
                origins += [record] * len(made)
        return _Batch(points, origins, len(records), records[-1].seq)

    def _step_over_damage(self) -> "_Batch | None":
        """What cannot be read back at the journal's end is behind us; the other reader tells people of it."""
        last = self._journal.skip(self.cursor)
        return _Batch([], [], 0, last) if last > self.cursor else None

    def _write(self, batch: "_Batch", start: int) -> None:
        """At most as many points as one write may have, from `start` on."""
        points = batch.points[start : start + self._settings.batch]
        never: set[int] = set()
        try:
            self._store.write(points)
        except PointsRejected as some:
            never = {index for index, _ in some.rejected}
            self._set_aside(batch.origins, [(start + index, reason) for index, reason in some.rejected])
        self.stored += sum(len(point.fields) for index, point in enumerate(points) if index not in never)

    def _set_aside(self, origins: Sequence[Record], refused: Sequence[tuple[int, str]]) -> None:
        self._refused.update(index for index, _ in refused)
        rejected: list[tuple[Record, Sequence[Reject]]] = []
        for index, reason in refused:
            record = origins[index]
            # The place in the message, not in the batch: a repeated batch may be cut elsewhere.
            place = index - origins.index(record)
            rejected.append(
                (record, (Reject(reason=RejectReason.SINK_REJECTED, detail=reason, part=f"point {place}"),))
            )
        self._deadletters.add_all(rejected, decoder=self._decoder.version)

    def _hold(self, problem: StoreUnavailable | StoreRefused) -> float:
        if self.reachable:
            log.warning("series store: %s; readings wait in the journal", problem)
        self.reachable, self.trouble = False, str(problem)
        asked_s = problem.retry_after_s if isinstance(problem, StoreUnavailable) else None
        self._wait_s = min(max(self._wait_s * 2, 0.5), 30.0)
        return max(min(asked_s or 0.0, _LONGEST_ASKED_S), self._wait_s)

    def _release(self) -> None:
        if not self.reachable:
            log.info("series store: takes writes again")
        self.reachable, self.trouble = True, ""
        self._wait_s = 0.0
