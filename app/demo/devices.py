"""Simulated devices: what each of them says at each beat, by the wire contract alone."""

import random
from collections.abc import Iterable

import msgspec

from app.demo.incidents import HEATING_S, HOT_C, LEAN_DEG, RESIDUAL_MA, SMOKE_WARMTH_K, Incident, IncidentKind, Troubles
from app.demo.physics import HOUR_MS, ChargePort, TreeBody, air_temp_c
from app.demo.wire import Metrics, Moment, Outgoing, Sender
from domain.register import Device

BACKFILL_H = 26
DRY_NOW_PCT = 9.8
DRYING_PCT_H = 0.075  # so that the soil was at 11.75 % 26 hours ago
SINGLES_EVERY = 5  # each fifth station sends a message a port, the others one list


class Tree:
    """A heritage tree's sensor box."""

    def __init__(self, device: Device, root: str, timetable: Iterable[Incident], seed: int) -> None:
        self.sender = Sender(root=root, kind=device.kind, device_id=device.device_id)
        self.troubles = Troubles(timetable, device.device_id)
        self._body = TreeBody(device.baseline, random.Random(f"{seed}/{device.device_id}"))
        self._filled_back = False

    def beat(self, at_ms: int, elapsed_s: float) -> list[Outgoing]:
        """The reading of this moment; the first one after a drought away comes with the hours missed."""
        out: list[Outgoing] = []
        dry = self.troubles.on(IncidentKind.DROUGHT, elapsed_s) is not None
        if dry and not self._filled_back:
            self._filled_back = True
            out.append(self.sender.telemetry(*(self._past(at_ms, hours) for hours in range(BACKFILL_H, 0, -1))))
        lean_deg = LEAN_DEG if self.troubles.on(IncidentKind.TILT_STEP, elapsed_s) else 0.0
        metrics = self._body.metrics(at_ms, lean_deg=lean_deg, soil_vwc_pct=DRY_NOW_PCT if dry else None)
        return [*out, self.sender.telemetry(Moment(at_ms=at_ms, metrics=metrics))]

    def _past(self, at_ms: int, hours: int) -> Moment:
        then_ms = at_ms - hours * HOUR_MS
        soil = DRY_NOW_PCT + DRYING_PCT_H * hours
        return Moment(at_ms=then_ms, metrics=self._body.metrics(then_ms, soil_vwc_pct=soil))


class Station:
    """A charging station: its cabinet, and ports 1–n."""

    def __init__(self, device: Device, root: str, timetable: Iterable[Incident], seed: int, at_ms: int) -> None:
        self.sender = Sender(root=root, kind=device.kind, device_id=device.device_id)
        self.troubles = Troubles(timetable, device.device_id)
        chance = random.Random(f"{seed}/{device.device_id}")
        self._ports = {port: ChargePort(chance, at_ms) for port in range(1, device.ports + 1)}
        self._singles = int(device.device_id.rpartition("-")[2]) % SINGLES_EVERY == 0
        self._rubbish = 0

    def beat(self, at_ms: int, elapsed_s: float) -> list[Outgoing]:
        """Cabinet and ports as of this moment, and whatever else the device lets out."""
        moments = [Moment(at_ms=at_ms, metrics=self._cabinet(at_ms, elapsed_s))]
        for port, socket in self._ports.items():
            metrics = self._strained(port, socket.metrics(at_ms), elapsed_s)
            moments.append(Moment(at_ms=at_ms, port=port, metrics=metrics))
        out = (
            [self.sender.telemetry(moment) for moment in moments]
            if self._singles
            else [self.sender.telemetry(*moments)]
        )
        if self.troubles.on(IncidentKind.RUBBISH, elapsed_s):
            out.append(self._next_rubbish(at_ms))
        return out

    def _cabinet(self, at_ms: int, elapsed_s: float) -> Metrics:
        smoke = self.troubles.on(IncidentKind.SMOKE, elapsed_s) is not None
        warmth = 2.0 + (SMOKE_WARMTH_K if smoke else 0.0)
        return {"temp_c": round(air_temp_c(at_ms) + warmth, 2), "smoke": smoke, "door_open": False}

    def _strained(self, port: int, metrics: Metrics, elapsed_s: float) -> Metrics:
        leak = self.troubles.on(IncidentKind.RESIDUAL, elapsed_s)
        if leak and leak.port == port:
            metrics["residual_ma"] = RESIDUAL_MA
        heat = self.troubles.on(IncidentKind.OVERHEAT, elapsed_s)
        if heat and heat.port == port:
            share = min(1.0, (elapsed_s - heat.from_s) / HEATING_S)
            own = float(metrics["temp_c"])
            metrics["temp_c"] = round(own + (HOT_C - own) * share, 2)
        return metrics

    def _next_rubbish(self, at_ms: int) -> Outgoing:
        """One sort after the other. Each has a time of its own, so that it cannot stand in for a good reading."""
        self._rubbish += 1
        at_ms += self._rubbish
        sorts = (self._no_json, self._unknown_metric, self._wrong_type, self._out_of_range, self._unknown_device)
        return sorts[(self._rubbish - 1) % len(sorts)](at_ms)

    def _no_json(self, at_ms: int) -> Outgoing:
        return Outgoing(topic=self.sender.topic("telemetry"), payload=b"\x02HELLO;%d;OK" % at_ms, rejects=1)

    def _unknown_metric(self, at_ms: int) -> Outgoing:
        return self._spoilt(Moment(at_ms=at_ms, port=1, metrics={"voltage_v": 219.4}), {"temperature": 31.5})

    def _wrong_type(self, at_ms: int) -> Outgoing:
        return self._spoilt(Moment(at_ms=at_ms, port=2, metrics={"voltage_v": 220.1}), {"current_a": "n/a"})

    def _out_of_range(self, at_ms: int) -> Outgoing:
        return self._spoilt(Moment(at_ms=at_ms, port=3, metrics={"voltage_v": 220.8}), {"temp_c": 850.0})

    def _spoilt(self, good: Moment, bad: dict[str, object]) -> Outgoing:
        """The good metrics of the message must be kept, the bad one set aside."""
        element = {"ts": good.at_ms, "port": good.port, "metrics": {**good.metrics, **bad}}
        return Outgoing(
            topic=self.sender.topic("telemetry"),
            payload=msgspec.json.encode(element),
            expected=(self.sender.expect(good),),
            rejects=len(bad),
        )

    def _unknown_device(self, at_ms: int) -> Outgoing:
        stranger = Sender(root=self.sender.root, kind=self.sender.kind, device_id="cs-999")
        lost = stranger.telemetry(Moment(at_ms=at_ms, port=1, metrics={"voltage_v": 221.0}))
        return msgspec.structs.replace(lost, expected=(), rejects=1)
