"""The messages of the ingest measurement. Every one follows from its number, so that each can be checked at the end."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from domain.point import Point
from domain.reading import Value

ROOT = "longcheng/v1"
KIND = "charger"
METRICS = ("voltage_v", "power_w", "temp_c", "residual_ma")
_CRITICAL_TENTHS_MA = 380
"""Above the 30 mA of the shipped rule `charger-residual`."""


class Traffic(Struct, frozen=True, kw_only=True):
    """`messages` readings of `devices` stations in turn, one lap after the other, each lap through the next port.

    Message 0 is of `first_ms`; a lap takes `lap_ms` of the devices' time. With `critical_every`, every so-manieth
    message carries a residual current over the limit.
    """

    messages: int
    devices: int
    ports: int
    first_ms: int
    lap_ms: int
    critical_every: int = 0

    def key(self, number: int) -> tuple[int, int, int]:
        """Station, port and time in ms of a message; no two messages share all three."""
        lap, device = divmod(number, self.devices)
        return device, lap % self.ports + 1, self.first_ms + lap * self.lap_ms + device * self.lap_ms // self.devices

    def number(self, device: int, port: int, at_ms: int) -> int | None:
        """The message of such a station, port and time; None if there is none."""
        since_ms = at_ms - self.first_ms - device * self.lap_ms // self.devices
        lap, rest = divmod(since_ms, self.lap_ms)
        number = lap * self.devices + device
        known = rest == 0 and lap >= 0 and 0 <= device < self.devices and number < self.messages
        return number if known and lap % self.ports + 1 == port else None

    def critical(self, number: int) -> bool:
        """Whether this message must raise an alarm."""
        return bool(self.critical_every) and number % self.critical_every == self.critical_every - 1

    def tenths(self, number: int) -> tuple[int, int, int, int]:
        """The values of METRICS, in tenths of their units."""
        residual = _CRITICAL_TENTHS_MA if self.critical(number) else 10 + number % 37
        return 2150 + number * 7 % 121, 1000 + number * 13 % 2999, 180 + number * 3 % 149, residual

    def payload(self, number: int) -> bytes:
        """What the station sends: some 155 bytes, with two entries that are its maker's own affair."""
        _, port, at_ms = self.key(number)
        voltage, power, temp, residual = self.tenths(number)
        return (
            f'{{"ts": {at_ms}, "seq": {number}, "fw": "HC12-2.4.1", "port": {port}, "metrics": '
            f'{{"voltage_v": {voltage / 10}, "power_w": {power / 10}, "temp_c": {temp / 10}, '
            f'"residual_ma": {residual / 10}}}}}'
        ).encode()


def device_id(device: int) -> str:
    """The id of a station by its number."""
    return f"station-{device:05d}"


def topic(device: int) -> str:
    """Where a station sends its readings."""
    return f"{ROOT}/{KIND}/{device_id(device)}/telemetry"


class Check:
    """Ticks off what a store holds against what was sent: each message once, with its values, and nothing else."""

    def __init__(self, *sent: Traffic) -> None:
        self._sent = sent
        self._seen = [bytearray(traffic.messages) for traffic in sent]
        self.extra = 0
        """Points that nobody sent, or that are there twice, or that have other values."""
        self.values = 0
        """Field values of the whole points seen so far."""

    @property
    def lost(self) -> int:
        """Messages of which no point has the right values so far."""
        return sum(seen.count(0) for seen in self._seen)

    def lost_of(self, traffic: Traffic) -> int:
        """The same of one of those sent."""
        return self._seen[self._sent.index(traffic)].count(0)

    def points(self, points: Iterable[Point]) -> None:
        """Tick off whole points."""
        for point in points:
            tags = dict(point.tags)
            self.values += len(point.fields)
            if point.measurement != KIND or len(point.fields) != len(METRICS):
                self.extra += 1
                continue
            self.one(tags.get("device_id", ""), tags.get("port", ""), point.at_ms, point.fields)

    def one(self, device: str, port: str, at_ms: int, fields: Mapping[str, Value]) -> None:
        """Tick off one point; `fields` may be some of the metrics only."""
        name, _, digits = device.rpartition("-")
        if name == "station" and digits.isdecimal() and port.isdecimal():
            for traffic, seen in zip(self._sent, self._seen, strict=True):
                number = traffic.number(int(digits), int(port), at_ms)
                if number is not None and not seen[number] and _same(fields, traffic.tenths(number)):
                    seen[number] = 1
                    return
        self.extra += 1


def _same(fields: Mapping[str, Value], tenths: tuple[int, ...]) -> bool:
    expected = {name: value / 10 for name, value in zip(METRICS, tenths, strict=True)}
    return bool(fields) and all(expected.get(name) == value for name, value in fields.items())
