"""What devices measured, for a desk in memory."""

from collections.abc import Mapping, Sequence

from domain.point import Aggregate
from domain.reading import Value
from storage.series import grid


class FakeMeasured:
    """A part of `FakeDesk`."""

    values: dict[tuple[str, str, int | None], dict[str, tuple[int, Value]]]

    def latest(self, kind: str, device_id: str, port: int | None) -> Mapping[str, tuple[int, Value]]:
        """As set."""
        return self.values.get((kind, device_id, port), {})

    def series(
        self,
        kind: str,
        device_id: str,
        port: int | None,
        metric: str,
        *,
        start_ms: int,
        stop_ms: int,
        every_ms: int | None,
        aggregate: Aggregate,
    ) -> Sequence[tuple[int, Value | None]]:
        """What `latest` says, and nothing before it."""
        found = self.latest(kind, device_id, port).get(metric)
        held = [found] if found and start_ms <= found[0] < stop_ms else []
        if every_ms is None:
            return held
        one = aggregate is Aggregate.COUNT
        values = {at_ms // every_ms * every_ms: 1.0 if one else float(value) for at_ms, value in held}
        return grid.filled(grid.starts(start_ms, stop_ms, every_ms), values)
