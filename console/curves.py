"""One metric of a device over time, as it is drawn: so many windows as fit a chart, and what was extreme in each."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from config.load import Site
from console.desk.city import Desk
from console.desk.devices import LimitLine
from console.desk.series import SeriesQuestion
from domain.case import Alarm
from domain.point import Aggregate
from domain.reading import Value
from domain.register import Device

MOST_POINTS: Final = 1000
"""More are not seen apart on a screen."""
_RAW_MS: Final = 7 * 86_400_000
_HOUR_S: Final = 3600
_WIDTHS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 604800)
_MARKS: Final = ("spike", "stuck")
_MOST_ALARMS: Final = 200


class Mark(Struct, frozen=True, kw_only=True):
    """A value, or a window with one, that was doubted when it came in: a `spike`, or `stuck`."""

    at_ms: int
    kind: str


class Curve(Struct, frozen=True, kw_only=True):
    """Without `every_ms` the values as they are stored, else one of each list for each window: `mean` of it, `low` and
    `high`; None where nothing was measured. Of a switch there is the last value only."""

    every_ms: int | None
    at_ms: tuple[int, ...]
    mean: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    marks: tuple[Mark, ...]
    limits: tuple[LimitLine, ...]
    alarms: tuple[Alarm, ...]


class Asked(Struct, frozen=True, kw_only=True):
    """Whose curve, and over what time."""

    device: Device
    port: int | None
    metric: str
    from_ms: int
    to_ms: int
    every_ms: int | None = None
    """None: as wide as it takes."""


def curve(desk: Desk, site: Site, asked: Asked) -> Curve:
    """Blocking. Raises StoreUnavailable."""
    known = site.metrics.get(asked.metric)
    switch = known is not None and known.type == "bool"
    interval_s = site.profiles[asked.device.profile].interval
    every_ms = asked.every_ms or width_ms(asked.from_ms, asked.to_ms, interval_s, switch=switch)
    kinds = [Aggregate.LAST] if switch or every_ms is None else [Aggregate.MEAN, Aggregate.MIN, Aggregate.MAX]
    found = [_values(desk, asked, every_ms, kind) for kind in kinds]
    columns = [tuple(None if value is None else float(value) for _, value in each) for each in found]
    return Curve(
        every_ms=every_ms,
        at_ms=tuple(at_ms for at_ms, _ in found[0]),
        mean=columns[0],
        low=columns[1] if len(columns) > 1 else (),
        high=columns[2] if len(columns) > 1 else (),
        marks=_marks(desk, site, asked, every_ms),
        limits=tuple(
            desk.watched.limits(
                asked.device.device_id, asked.port, asked.metric, from_ms=asked.from_ms, to_ms=asked.to_ms
            )
        ),
        alarms=_alarms(desk, asked),
    )


def width_ms(from_ms: int, to_ms: int, interval_s: float, *, switch: bool) -> int | None:
    """How wide the windows are of which a chart can show all; None: all values can be shown. Wide ones are of whole
    hours, of which figures are kept for years."""
    span_s = (to_ms - from_ms) / 1000
    if to_ms - from_ms <= _RAW_MS and span_s / max(interval_s, 0.001) <= MOST_POINTS * (2 if switch else 1):
        return None
    least_s = max(span_s / MOST_POINTS, interval_s)
    width_s = next((width for width in _WIDTHS_S if width >= least_s), _WIDTHS_S[-1])
    if to_ms - from_ms > 2 * _RAW_MS:
        width_s = max(width_s, _HOUR_S)
    return width_s * 1000


def _values(
    desk: Desk, asked: Asked, every_ms: int | None, aggregate: Aggregate, metric: str = ""
) -> Sequence[tuple[int, Value | None]]:
    device = asked.device
    return desk.series(
        SeriesQuestion(
            kind=device.kind,
            device_id=device.device_id,
            port=asked.port,
            metric=metric or asked.metric,
            start_ms=asked.from_ms,
            stop_ms=asked.to_ms,
            every_ms=every_ms,
            aggregate=aggregate,
        )
    )


def _marks(desk: Desk, site: Site, asked: Asked, every_ms: int | None) -> tuple[Mark, ...]:
    """Only a metric that is checked is ever doubted."""
    if asked.metric not in site.profiles[asked.device.profile].checks:
        return ()
    return tuple(
        Mark(at_ms=at_ms, kind=kind)
        for kind in _MARKS
        for at_ms, value in _values(desk, asked, every_ms, Aggregate.MAX, f"{asked.metric}_{kind}")
        if value
    )


def _alarms(desk: Desk, asked: Asked) -> tuple[Alarm, ...]:
    """Those about this metric, and those about none, such as silence."""
    found = desk.watched.alarms_of(asked.device.device_id, from_ms=asked.from_ms, to_ms=asked.to_ms, limit=_MOST_ALARMS)
    return tuple(one for one in found if one.metric in {asked.metric, None} and one.port in {asked.port, None})
