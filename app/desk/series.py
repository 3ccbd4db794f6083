"""What devices measured, from the series store."""

from collections.abc import Mapping, Sequence

from console.desk.series import SeriesQuestion
from domain.reading import Value
from storage.series.store import SeriesStore


class CitySeries:
    """A part of `CityDesk`. Every method may raise StoreUnavailable."""

    _series: SeriesStore

    def latest(self, kind: str, device_id: str, port: int | None) -> Mapping[str, tuple[int, Value]]:
        """From the series store."""
        return self._series.latest(kind, _tags(device_id, port))

    def series(self, question: SeriesQuestion) -> Sequence[tuple[int, Value | None]]:
        """From the series store."""
        tags = _tags(question.device_id, question.port)
        of = (question.kind, question.metric, tags, question.start_ms, question.stop_ms)
        if question.every_ms is None:
            return self._series.range(*of)
        return self._series.windows(*of, every_ms=question.every_ms, aggregate=question.aggregate)


def _tags(device_id: str, port: int | None) -> Mapping[str, str]:
    return {"device_id": device_id} if port is None else {"device_id": device_id, "port": str(port)}
