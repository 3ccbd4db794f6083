"""What every series store can do."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from domain.point import Aggregate, Point
from domain.reading import Value
from domain.service import Requests


class SeriesStore(Protocol):
    """Points by measurement, tags and time; at one key the fields merge and the newest write wins.

    A field has one type for each measurement, the first one written. Everything may be called from any thread;
    all of it raises StoreUnavailable or StoreRefused if the store cannot be asked.
    """

    def write(self, points: Sequence[Point]) -> None:
        """Store the points durably; the same again changes nothing.

        Raises StoreUnavailable (nothing is certain, try the same again), StoreRefused (hold everything until a
        person has mended the settings), or PointsRejected (all others are stored; these never will be).
        """
        ...

    def latest(self, measurement: str, tags: Mapping[str, str]) -> dict[str, tuple[int, Value]]:
        """The newest value of each field, with its time in ms, over all points that carry at least these tags."""
        ...

    def range(
        self, measurement: str, field: str, tags: Mapping[str, str], start_ms: int, stop_ms: int
    ) -> list[tuple[int, Value]]:
        """Times in ms and values of one field with start ≤ time < stop, oldest first, of all such points."""
        ...

    def windows(
        self,
        measurement: str,
        field: str,
        tags: Mapping[str, str],
        start_ms: int,
        stop_ms: int,
        *,
        every_ms: int,
        aggregate: Aggregate,
    ) -> list[tuple[int, float | None]]:
        """One row for each window of `every_ms` that holds part of start ≤ time < stop; None where nothing is stored.

        A row's time is its window's start in ms, a multiple of `every_ms` since 1970. Only values with
        start ≤ time < stop count; booleans count as 0 and 1. Windows of whole hours also see what is kept as
        hourly figures only.
        """
        ...

    def export(self, start_ms: int, stop_ms: int, *, measurements: Collection[str] = ()) -> Iterator[Point]:
        """Every stored point with start ≤ time < stop, of all measurements or of these, in pieces that fit in memory.

        Oldest hour first; what is written meanwhile may be missing.
        """
        ...

    def maintain(self, now_ms: int) -> str:
        """Make hourly figures, and let go of what is older than is to be kept, by the store's own means where it has
        them. What was done, in a line for the log. To be called once an hour; again changes nothing."""
        ...

    def count(self) -> int:
        """How many field values are stored."""
        ...

    def reachable(self) -> bool:
        """Whether the store answers. Raises nothing."""
        ...

    def requests(self) -> Requests:
        """What became of the requests that carried points, since the start of the process. Asks nobody."""
        ...

    def close(self) -> None:
        """Let go of files and connections. Nothing may be called afterwards."""
        ...
