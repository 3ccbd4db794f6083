"""What devices measured, for a desk in memory."""

from collections.abc import Mapping, Sequence

from console.desk.series import SeriesQuestion
from domain.point import Aggregate
from domain.reading import Value
from storage.series import grid


class FakeMeasured:
    """A part of `FakeDesk`."""

    values: dict[tuple[str, str, int | None], dict[str, tuple[int, Value]]]

    def latest(self, kind: str, device_id: str, port: int | None) -> Mapping[str, tuple[int, Value]]:
        """As set."""
        return self.values.get((kind, device_id, port), {})

    def series(self, question: SeriesQuestion) -> Sequence[tuple[int, Value | None]]:
        """What `latest` says, and nothing before it."""
        found = self.latest(question.kind, question.device_id, question.port).get(question.metric)
        held = [found] if found and question.start_ms <= found[0] < question.stop_ms else []
        every_ms = question.every_ms
        if every_ms is None:
            return held
        one = question.aggregate is Aggregate.COUNT
        values = {at_ms // every_ms * every_ms: 1.0 if one else float(value) for at_ms, value in held}
        return grid.filled(grid.starts(question.start_ms, question.stop_ms, every_ms), values)
