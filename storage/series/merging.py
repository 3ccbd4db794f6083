"""Stored values put back together: rows into points, hourly figures into windows, counts into pieces."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from domain.point import Aggregate, Point
from domain.reading import Value
from storage.series.grid import HOUR_MS

Tags = tuple[tuple[str, str], ...]
Row = tuple[str, Tags, str, int, Value]
"""Measurement, sorted tags, field, time in ms, value."""

PIECE_VALUES = 200_000
"""About how many values are in memory at once while a store is read out."""


def points(rows: Iterable[Row]) -> Iterator[Point]:
    """The points of these rows, oldest first. All rows are taken in before the first point comes out."""
    found: dict[tuple[int, str, Tags], dict[str, Value]] = defaultdict(dict)
    for measurement, tags, field, at_ms, value in rows:
        found[at_ms, measurement, tags][field] = value
    for at_ms, measurement, tags in sorted(found):
        fields = found[at_ms, measurement, tags]
        yield Point(measurement=measurement, tags=tags, fields=fields, at_ms=at_ms)


def pieces(counts: Mapping[int, float], start_ms: int, stop_ms: int) -> Iterator[tuple[int, int]]:
    """Spans to read one after the other, oldest first, given how many values each hour (by its start) holds."""
    for hour in sorted(counts):
        parts = max(1, round(counts[hour] / PIECE_VALUES + 0.5))
        step = -(-HOUR_MS // parts)
        for at in range(hour, hour + HOUR_MS, step):
            first, last = max(at, start_ms), min(at + step, hour + HOUR_MS, stop_ms)
            if first < last:
                yield first, last


class Figures:
    """What is known of hours: each from the raw values, or, where more of them were seen, from hourly figures."""

    def __init__(self) -> None:
        self._hours: dict[int, tuple[float, float]] = {}

    def add(self, counts: Mapping[int, float], figures: Mapping[int, float]) -> None:
        """Take in one source: how many values each hour had, and the figure (for a mean the sum)."""
        for hour, count in counts.items():
            if count > self._hours.get(hour, (0.0, 0.0))[0] and hour in figures:
                self._hours[hour] = (count, figures[hour])

    def windows(self, every_ms: int, aggregate: Aggregate) -> dict[int, float]:
        """The figures of windows that are multiples of an hour."""
        hours: dict[int, list[tuple[float, float]]] = defaultdict(list)
        for hour in sorted(self._hours):
            hours[hour // every_ms * every_ms].append(self._hours[hour])
        return {at_ms: _together(parts, aggregate) for at_ms, parts in hours.items()}


def part_of(aggregate: Aggregate) -> Aggregate:
    """What an hour must tell, so that several hours together tell the aggregate."""
    return Aggregate.SUM if aggregate is Aggregate.MEAN else aggregate


def _together(parts: list[tuple[float, float]], aggregate: Aggregate) -> float:
    figures = [figure for _, figure in parts]
    match aggregate:
        case Aggregate.MEAN:
            return sum(figures) / sum(count for count, _ in parts)
        case Aggregate.MIN:
            return min(figures)
        case Aggregate.MAX:
            return max(figures)
        case Aggregate.LAST:
            return figures[-1]
        case Aggregate.SUM | Aggregate.COUNT:
            return sum(figures)
