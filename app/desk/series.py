"""What devices measured, from the series store."""

from collections.abc import Mapping, Sequence

from domain.point import Aggregate
from domain.reading import Value
from storage.series.store import SeriesStore


class CitySeries:
    """A part of `CityDesk`. Every method may raise StoreUnavailable."""

    _series: SeriesStore

    def latest(self, kind: str, device_id: str, port: int | None) -> Mapping[str, tuple[int, Value]]:
        """From the series store."""
        return self._series.latest(kind, _tags(device_id, port))

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
        """From the series store."""
        tags = _tags(device_id, port)
        if every_ms is None:
            return self._series.range(kind, metric, tags, start_ms, stop_ms)
        return self._series.windows(kind, metric, tags, start_ms, stop_ms, every_ms=every_ms, aggregate=aggregate)


def _tags(device_id: str, port: int | None) -> Mapping[str, str]:
    return {"device_id": device_id} if port is None else {"device_id": device_id, "port": str(port)}
