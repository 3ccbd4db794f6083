"""From the metrics of one Sparkplug message to the moments they were measured at."""

from typing import Final

from domain.message import Reject, RejectReason
from ingest.decoded import Unfit, shown
from ingest.moment import Moment
from ingest.sparkplug.birth import BD_SEQ, Birth
from ingest.sparkplug.values import value_of
from ingest.sparkplug.wire import Metric, Payload
from ingest.times import read_time

_NO_READINGS: Final = ("Node Control/", "Device Control/", "Properties/", "_types_/")


def moments_of(payload: Payload, birth: Birth | None, address: str) -> tuple[tuple[Moment, ...], tuple[Reject, ...]]:
    """The values by their times, oldest first, and what cannot be one."""
    found: dict[tuple[int | None, bool], dict[str, object]] = {}
    rejects: list[Reject] = []
    nameless = 0
    for metric in payload.metrics:
        if not metric.name and birth is None and metric.alias is not None:
            nameless += 1
            continue
        name = metric.name or ""
        try:
            name = name or _name(metric, birth)
            if name == BD_SEQ or name.startswith(_NO_READINGS) or metric.is_null:
                continue
            value = value_of(
                metric, metric.datatype or (birth.datatypes.get(name) if birth else None), born=bool(birth)
            )
        except Unfit as unfit:
            rejects.append(unfit.reject(shown(name) or f"alias {metric.alias}"))
            continue
        at_ms = payload.at_ms if metric.at_ms is None else metric.at_ms
        try:
            at_ms = None if at_ms is None else read_time(at_ms)
        except Unfit as unfit:
            rejects.append(unfit.reject(f"{shown(name)}.timestamp"))
            at_ms = None
        found.setdefault((at_ms, metric.is_historical), {})[name] = value
    if nameless:
        detail = f"{shown(address)} has no birth that says what its {nameless} aliases mean"
        rejects.append(Reject(reason=RejectReason.NO_BIRTH, detail=detail))
    in_order = sorted(found.items(), key=lambda item: (item[0][0] is None, item[0][0] or 0, not item[0][1]))
    return tuple(Moment(values=values, at_ms=at, past=past) for (at, past), values in in_order), tuple(rejects)


def _name(metric: Metric, birth: Birth | None) -> str:
    if metric.alias is None or birth is None:
        raise Unfit(RejectReason.SCHEMA, "a metric has neither a name nor an alias")
    name = birth.names.get(metric.alias)
    if name is None:
        raise Unfit(RejectReason.NO_BIRTH, f"the birth does not say what alias {metric.alias} means")
    return name
