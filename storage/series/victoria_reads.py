"""Reading a VictoriaMetrics: exact points by its export, figures by MetricsQL."""

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

import msgspec
from msgspec import Struct

from domain.errors import StoreRefused
from domain.point import Aggregate, Point
from domain.reading import Value
from storage.series import flaws, grid, merging, promql
from storage.series.http import Http, failure
from storage.series.promql import MEASUREMENT, OF, TYPE

T = TypeVar("T")

_DAY_MS = 24 * grid.HOUR_MS
FIRST_MS = 365 * _DAY_MS
"""It finds nothing when it is asked to look back to 1970 itself."""
_POINTS = 10_000
"""Rows of a figure asked for at once; 30,000 are allowed."""
_OFFSET_MS = 3 * _DAY_MS
"""Windows are asked for as of so much earlier: within 30 s of now the server puts the figure before in their place."""
_TYPES: Mapping[str, type[Value]] = {"float": float, "int": int, "bool": bool}


class _Exported(Struct, frozen=True):
    metric: dict[str, str]
    values: list[float | None]
    timestamps: list[int]


class _Found(Struct, frozen=True):
    metric: dict[str, str]
    value: tuple[float, str] | None = None
    values: list[tuple[float, str]] = []

    def rows(self) -> list[tuple[int, float]]:
        """Times in ms and numbers."""
        found = self.values if self.value is None else [self.value]
        return [(round(at_s * 1000), float(number)) for at_s, number in found]


class _Data(Struct, frozen=True):
    result: list[_Found] = []


class _Answered(Struct, frozen=True):
    data: _Data


class _Labels(Struct, frozen=True):
    data: list[str | dict[str, str]]


_EXPORTED = msgspec.json.Decoder(_Exported)


class VictoriaReads:
    """Questions to a server, or to one tenant of a cluster: `path` is where its Prometheus API begins."""

    def __init__(self, http: Http, path: str) -> None:
        self._http = http
        self._path = path

    def types(self, measurement: str, field: str) -> list[str]:
        """The value types that a field has been written with: none for a new one."""
        form = {"match[]": promql.selector(measurement, {}, field), **_span(FIRST_MS, flaws.END_MS)}
        return [str(one) for one in self._asked(f"/label/{TYPE}/values", form, _Labels).data]

    def latest(
        self, measurement: str, tags: Mapping[str, str], *, recent_ms: int, stop_ms: int
    ) -> dict[str, tuple[int, Value]]:
        """The newest value of each field before stop: looked for first in recent times, then for the rest in all."""
        picked = promql.selector(measurement, tags)
        out = self._newest(measurement, picked, recent_ms, stop_ms)
        series = self._asked("/series", {"match[]": picked, **_span(FIRST_MS, stop_ms)}, _Labels).data
        fields = {_field(one, measurement) for one in series if isinstance(one, dict)}
        for field in sorted(fields - out.keys()):
            out |= self._newest(measurement, promql.selector(measurement, tags, field), FIRST_MS, recent_ms)
        return out

    def range(
        self, measurement: str, field: str, tags: Mapping[str, str], start_ms: int, stop_ms: int
    ) -> list[tuple[int, Value]]:
        """Times in ms and values with start ≤ time < stop, oldest first."""
        found = self._exported(promql.selector(measurement, tags, field), start_ms, stop_ms)
        return sorted((at_ms, value) for _, _, _, at_ms, value in found)

    def windows(
        self, picked: str, start_ms: int, stop_ms: int, *, every_ms: int, aggregate: Aggregate
    ) -> dict[int, float]:
        """Figures by the start of their window; of windows cut by start or stop, the figure of what is inside."""
        out: dict[int, float] = {}
        first, last = -(-start_ms // every_ms) * every_ms, stop_ms // every_ms * every_ms
        for cut_start, cut_stop in ((start_ms, min(first, stop_ms)), (max(last, start_ms), stop_ms)):
            whole = cut_stop - cut_start == every_ms and cut_start % every_ms == 0
            if cut_start < cut_stop and not whole:
                asked = promql.over(aggregate, picked, cut_stop - cut_start, _OFFSET_MS)
                moment = {"time": _s(cut_stop - 1 - _OFFSET_MS)}
                for figure in self._query("/query", asked, moment, aggregate).values():
                    out[cut_start // every_ms * every_ms] = figure
        for start in range(first, last, every_ms * _POINTS):
            stop = min(start + every_ms * _POINTS, last)
            # a window of PromQL holds its end and not its start: the last moment of ours is the end of one
            ends = {"start": _s(start + every_ms - 1 - _OFFSET_MS), "end": _s(stop - 1 - _OFFSET_MS)}
            asked = promql.over(aggregate, picked, every_ms, _OFFSET_MS)
            figures = self._query("/query_range", asked, {**ends, "step": f"{every_ms}ms"}, aggregate)
            out |= {at_ms + _OFFSET_MS + 1 - every_ms: figure for at_ms, figure in figures.items()}
        return out

    def count(self, stop_ms: int) -> int:
        """How many values are stored."""
        asked = promql.over(Aggregate.COUNT, promql.selector_of_all(()), stop_ms - FIRST_MS)
        return sum(round(n) for n in self._query("/query", asked, {"time": _s(stop_ms - 1)}, Aggregate.COUNT).values())

    def export(self, start_ms: int, stop_ms: int, measurements: Collection[str]) -> Iterator[Point]:
        """Points, oldest hour first; it looks for days that hold something first, and then for hours."""
        picked = promql.selector_of_all(measurements)
        days = self.windows(picked, start_ms, stop_ms, every_ms=_DAY_MS, aggregate=Aggregate.COUNT)
        for day in sorted(days):
            first, last = max(day, start_ms), min(day + _DAY_MS, stop_ms)
            hours = self.windows(picked, first, last, every_ms=grid.HOUR_MS, aggregate=Aggregate.COUNT)
            for piece in merging.pieces(hours, first, last):
                yield from merging.points(self._exported(picked, *piece))

    def _newest(self, measurement: str, picked: str, start_ms: int, stop_ms: int) -> dict[str, tuple[int, Value]]:
        if start_ms >= stop_ms:
            return {}
        asked = promql.over(Aggregate.LAST, picked, stop_ms - start_ms)
        found = self._asked("/query", {"query": asked, "time": _s(stop_ms - 1), "nocache": "1"}, _Answered)
        out: dict[str, tuple[int, Value]] = {}
        for metric, rows in _pairs(found.data.result):
            field, kind = _field(metric, measurement), _type(metric)
            for at_ms, number in rows.values():
                if field not in out or out[field][0] < at_ms:
                    out[field] = (at_ms, kind(number))
        return out

    def _query(self, path: str, asked: str, when: Mapping[str, str], aggregate: Aggregate) -> dict[int, float]:
        """One figure by the moment it was asked for."""
        found = self._asked(path, {"query": asked, **when, "nocache": "1"}, _Answered).data.result
        if aggregate is not Aggregate.LAST:
            return dict(row for one in found for row in one.rows())
        newest: dict[int, tuple[int, float]] = {}
        for _, rows in _pairs(found):
            for moment, value in rows.items():
                newest[moment] = max(value, newest.get(moment, value))
        return {moment: number for moment, (_, number) in newest.items()}

    def _exported(self, picked: str, start_ms: int, stop_ms: int) -> Iterator[merging.Row]:
        """Stored values; of several at one key the larger, as the server's own deduplication has it."""
        if start_ms >= stop_ms:
            return
        answer = self._http.post_form(f"{self._path}/export", {"match[]": picked, **_span(start_ms, stop_ms)})
        if answer.status != 200:
            raise failure(self._http.url, answer)
        for line in answer.body.splitlines():
            series = _EXPORTED.decode(line)
            measurement, kind = series.metric[MEASUREMENT], _type(series.metric)
            field, tags = _field(series.metric, measurement), _tags(series.metric)
            held: dict[int, float] = {}
            for at_ms, number in zip(series.timestamps, series.values, strict=True):
                if number is not None:
                    held[at_ms] = max(number, held.get(at_ms, number))
            for at_ms, number in held.items():
                yield measurement, tags, field, at_ms, kind(number)

    def _asked(self, path: str, form: Mapping[str, str], kind: type[T]) -> T:
        answer = self._http.post_form(self._path + path, form)
        if answer.status != 200:
            raise failure(self._http.url, answer)
        found = answer.as_json(kind)
        if found is None:
            raise StoreRefused(f"{self._http.url}{self._path}{path} answered something else than VictoriaMetrics does")
        return found


def _pairs(found: list[_Found]) -> list[tuple[dict[str, str], dict[int, tuple[int, float]]]]:
    """Each series with, for each moment asked for, the time in ms and the number of its newest value."""
    values: dict[frozenset[tuple[str, str]], dict[str, _Found]] = {}
    for one in found:
        of, metric = one.metric[OF], {key: text for key, text in one.metric.items() if key != OF}
        values.setdefault(frozenset(metric.items()), {})[of] = one
    return [
        (
            dict(metric),
            {
                moment: (round(at_s * 1000), number)
                for (moment, number), (_, at_s) in zip(both["value"].rows(), both["time"].rows(), strict=True)
            },
        )
        for metric, both in values.items()
    ]


def _field(metric: Mapping[str, str], measurement: str) -> str:
    return metric["__name__"].removeprefix(promql.name(measurement, ""))


def _type(metric: Mapping[str, str]) -> type[Value]:
    return _TYPES.get(metric.get(TYPE, ""), float)


def _tags(metric: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, text) for key, text in metric.items() if key not in {"__name__", MEASUREMENT, TYPE}))


def _span(start_ms: int, stop_ms: int) -> dict[str, str]:
    """Start and end as the server has them, which counts the end in."""
    return {"start": _s(start_ms), "end": _s(stop_ms - 1)}


def _s(at_ms: int) -> str:
    return f"{at_ms // 1000}.{at_ms % 1000:03d}"
