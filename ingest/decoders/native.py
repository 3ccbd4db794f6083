"""The native telemetry payload: `{"ts", "metrics": {…}, "port"}`, or a list of such as back-fill."""

import json
from collections.abc import Mapping

import msgspec

from config.schema import Metric, Profile
from domain.message import RawMessage, Reject, RejectReason
from domain.reading import Reading, TimeSource, Value
from domain.register import Device
from ingest.decoded import Decoded, Unfit, shown
from ingest.times import Tolerance, read_time
from ingest.values import Quantity


class Native:
    """Reads native telemetry of one profile."""

    def __init__(self, profile: Profile, metrics: Mapping[str, Metric]) -> None:
        self._quantities = {name: Quantity(metric) for name, metric in metrics.items()}
        self._tolerance = Tolerance(max_ahead_s=profile.max_ahead, max_behind_s=profile.max_behind)
        self._json = msgspec.json.Decoder()

    def decode(self, message: RawMessage, device: Device) -> Decoded:
        """Every moment the message holds; what is wrong with one of them, or with one metric, is set aside alone."""
        try:
            content = self._parse(message.payload)
        except Unfit as unfit:
            return Decoded(rejects=(unfit.reject(),))
        rejects: list[Reject] = []
        if not isinstance(content, list):
            reading = self._moment(content, device, message, rejects)
            return Decoded(() if reading is None else (reading,), tuple(rejects))
        if not content:
            rejects.append(Reject(reason=RejectReason.SCHEMA, detail="the list is empty"))
        # Moments without a time of their own must not fall upon each other: the last is now, each before it 1 ms older.
        first_ms = message.received_ms - len(content) + 1
        readings = (
            self._moment(moment, device, message, rejects, part=f"[{index}]", fallback_ms=first_ms + index)
            for index, moment in enumerate(content)
        )
        return Decoded(tuple(reading for reading in readings if reading is not None), tuple(rejects))

    def _parse(self, payload: bytes) -> object:
        try:
            return self._json.decode(payload)
        except (ValueError, RecursionError):
            pass
        # Many an embedded printf writes NaN or inf, which JSON does not have. That must cost one metric, not all.
        try:
            content: object = json.loads(payload.decode("utf-8"))
        except (ValueError, RecursionError) as wrong:
            raise Unfit(RejectReason.DECODE, f"not JSON in UTF-8: {shown(str(wrong))}") from None
        return content

    def _moment(
        self,
        moment: object,
        device: Device,
        message: RawMessage,
        rejects: list[Reject],
        *,
        part: str = "",
        fallback_ms: int | None = None,
    ) -> Reading | None:
        """One reading, or None if nothing of it can be used. `fallback_ms` is its time if its own is no good."""
        try:
            port, raw_metrics, raw_time = _shape(moment, device)
        except Unfit as unfit:
            rejects.append(unfit.reject(part))
            return None
        prefix = f"{part}." if part else ""
        metrics = self._metrics(raw_metrics, prefix, rejects)
        at_ms = self._time(raw_time, f"{prefix}ts", message.received_ms, rejects)
        if not metrics:
            return None
        if fallback_ms is None:
            fallback_ms = message.received_ms
        return Reading(
            kind=device.kind,
            device_id=device.device_id,
            port=port,
            at_ms=fallback_ms if at_ms is None else at_ms,
            received_ms=message.received_ms,
            metrics=metrics,
            time_source=TimeSource.RECEIVED if at_ms is None else TimeSource.DEVICE,
        )

    def _time(self, raw: object, part: str, received_ms: int, rejects: list[Reject]) -> int | None:
        if raw is None:
            return None
        try:
            at_ms = read_time(raw)
        except Unfit as unfit:
            rejects.append(unfit.reject(part))
            return None
        return at_ms if self._tolerance.believes(at_ms, received_ms) else None

    def _metrics(self, raw: Mapping[str, object], prefix: str, rejects: list[Reject]) -> dict[str, Value]:
        metrics: dict[str, Value] = {}
        for name, value in raw.items():
            quantity = self._quantities.get(name)
            if quantity is None:
                detail = f"{shown(name)} is not in the metric registry"
                rejects.append(Reject(reason=RejectReason.UNKNOWN_METRIC, detail=detail, part=prefix + shown(name)))
                continue
            try:
                metrics[name] = quantity.read(value)
            except Unfit as unfit:
                rejects.append(unfit.reject(prefix + name))
        return metrics


def _shape(moment: object, device: Device) -> tuple[int | None, Mapping[str, object], object]:
    """Port, metrics and time as they stand in a moment."""
    if not isinstance(moment, dict):
        raise Unfit(RejectReason.SCHEMA, f"{shown(moment)} is not an object with metrics")
    metrics = moment.get("metrics")
    if not isinstance(metrics, dict) or not metrics:
        raise Unfit(RejectReason.SCHEMA, f"metrics is {shown(metrics)}; it must be an object that names some")
    return _port(moment.get("port"), device), metrics, moment.get("ts")


def _port(raw: object, device: Device) -> int | None:
    if raw is None:
        return None
    if type(raw) is not int or not 1 <= raw <= device.ports:
        allowed = f"1 to {device.ports}" if device.ports else "absent: the device has none"
        raise Unfit(RejectReason.SCHEMA, f"port is {shown(raw)}; it must be {allowed}")
    return raw
