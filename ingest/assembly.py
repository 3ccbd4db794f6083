"""From moments as a payload has them to readings as the registers have them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from config.schema import Metric, Profile, SourceField
from domain.message import RawMessage, Reject, RejectReason
from domain.reading import Reading, TimeSource, Value
from domain.register import Device
from ingest.conversion import Conversion
from ingest.decoded import Decoded, Unfit, shown
from ingest.moment import Moment
from ingest.times import TimePolicy
from ingest.values import Quantity

_NO_TIME: Final = "the broker had kept it, and it has no time of its own to be believed"


class _Meaning(Struct, frozen=True, gc=False):
    """One name a profile's payloads use, and what it stands for."""

    metric: str
    read: Callable[[object], Value]
    """The value in the metric's own type and unit. Raises Unfit."""
    port: int | None = None


class Assembly:
    """Makes the readings of one profile."""

    def __init__(self, profile: Profile, metrics: Mapping[str, Metric], zone: ZoneInfo) -> None:
        quantities = {name: Quantity(metric) for name, metric in metrics.items()}
        self._meanings = {name: _Meaning(name, quantity.read) for name, quantity in quantities.items()}
        self._meanings |= {name: _meaning(field, quantities) for name, field in profile.fields.items()}
        for name in profile.ignore:
            self._meanings.pop(name, None)
        self._ignored = frozenset(profile.ignore)
        self._ignored_beginnings = tuple(name[:-1] for name in profile.ignore if name.endswith("*"))
        self._at_once = {name: meaning for name, meaning in self._meanings.items() if meaning.port is None}
        self._times = TimePolicy(profile, zone)
        self._refuses_retained = profile.retained == "reject"

    def reading(
        self, values: Mapping[str, object], at_ms: int, port: int | None, device: Device, message: RawMessage
    ) -> Reading | None:
        """The one reading of these values, if nothing about it is out of the ordinary; else None."""
        if message.retain or not self._times.believes(at_ms, message.received_ms):
            return None
        if port is not None and not 1 <= port <= device.ports:
            return None
        metrics: dict[str, Value] = {}
        try:
            for name, raw in values.items():
                meaning = self._at_once[name]
                metrics[meaning.metric] = meaning.read(raw)
        except (KeyError, Unfit):
            return None
        if not metrics or len(metrics) != len(values):
            return None
        return Reading(
            kind=device.kind,
            device_id=device.device_id,
            port=port,
            at_ms=at_ms,
            received_ms=message.received_ms,
            metrics=metrics,
        )

    def readings(self, moments: Sequence[Moment], device: Device, message: RawMessage) -> Decoded:
        """What the moments say; what is wrong with one of them, or with one value, is set aside alone."""
        rejects: list[Reject] = []
        if message.retain and self._refuses_retained:
            rejects.append(Reject(reason=RejectReason.RETAINED, detail="the profile takes no retained telemetry"))
            return Decoded(rejects=tuple(rejects))
        readings: list[Reading] = []
        # Moments without a time of their own must not fall upon each other: the last is now, each before it 1 ms older.
        first_ms = message.received_ms - len(moments) + 1
        for index, moment in enumerate(moments):
            try:
                readings += self._readings(moment, device, message, first_ms + index, rejects)
            except Unfit as unfit:
                rejects.append(unfit.reject(moment.part))
        return Decoded(tuple(readings), tuple(rejects))

    def _readings(
        self, moment: Moment, device: Device, message: RawMessage, fallback_ms: int, rejects: list[Reject]
    ) -> list[Reading]:
        """A reading for each port that the values belong to."""
        port = _port(moment.port, device)
        by_port = self._values(moment, port, device, rejects)
        at_ms, source, device_ms = fallback_ms, TimeSource.RECEIVED, None
        if moment.at_ms is not None:
            at_ms, source, device_ms = self._times.judge(
                moment.at_ms, moment.stamp, received_ms=message.received_ms, fallback_ms=fallback_ms
            )
        if message.retain and source is TimeSource.RECEIVED:
            raise Unfit(RejectReason.RETAINED, _NO_TIME)
        return [
            Reading(
                kind=device.kind,
                device_id=device.device_id,
                port=its_port,
                at_ms=at_ms,
                received_ms=message.received_ms,
                metrics=metrics,
                time_source=source,
                device_ms=device_ms,
                past=moment.past or message.retain,
            )
            for its_port, metrics in by_port.items()
        ]

    def _values(
        self, moment: Moment, port: int | None, device: Device, rejects: list[Reject]
    ) -> dict[int | None, dict[str, Value]]:
        found: dict[int | None, dict[str, Value]] = {}
        for name, raw in moment.values.items():
            meaning = self._meanings.get(name)
            try:
                if meaning is not None:
                    _put(found, meaning, raw, port, device)
                elif name not in self._ignored and not name.startswith(self._ignored_beginnings):
                    raise Unfit(RejectReason.UNKNOWN_METRIC, f"{shown(name)} is not in the metric registry")  # noqa: TRY301
            except Unfit as unfit:
                rejects.append(unfit.reject(_part(moment, name)))
        for name, raw in moment.offered.items():
            meaning = self._meanings.get(name)
            if meaning is None or meaning.metric in found.get(port, {}):
                continue
            try:
                _put(found, meaning, raw, port, device)
            except Unfit as unfit:
                rejects.append(unfit.reject(_part(moment, name)))
        return found


def _part(moment: Moment, name: str) -> str:
    return f"{moment.part}.{shown(name)}" if moment.part else shown(name)


def _put(
    found: dict[int | None, dict[str, Value]], meaning: _Meaning, raw: object, port: int | None, device: Device
) -> None:
    """Add a value to those of its port. Raises Unfit."""
    its_port = port if meaning.port is None else _port(meaning.port, device)
    metrics = found.get(its_port, {})
    if meaning.metric in metrics:
        raise Unfit(RejectReason.SCHEMA, f"there is a {meaning.metric} already, {shown(metrics[meaning.metric])}")
    metrics[meaning.metric] = meaning.read(raw)
    found[its_port] = metrics


def _meaning(field: str | SourceField, quantities: Mapping[str, Quantity]) -> _Meaning:
    if isinstance(field, str):
        field = SourceField(metric=field)
    return _Meaning(field.metric, Conversion(field, quantities[field.metric]).read, field.port)


def _port(raw: object, device: Device) -> int | None:
    if raw is None:
        return None
    if type(raw) is not int or not 1 <= raw <= device.ports:
        allowed = f"1 to {device.ports}" if device.ports else "absent: the device has none"
        raise Unfit(RejectReason.SCHEMA, f"port is {shown(raw)}; it must be {allowed}")
    return raw
