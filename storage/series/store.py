"""What every series store can do."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.point import Point
from domain.reading import Value


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

    def count(self) -> int:
        """How many field values are stored."""
        ...

    def reachable(self) -> bool:
        """Whether the store answers. Raises nothing."""
        ...

    def close(self) -> None:
        """Let go of files and connections. Nothing may be called afterwards."""
        ...
