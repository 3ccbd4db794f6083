"""What the devices of a story say: every reading is one of a kind, so that each can be looked for afterwards."""

import json
from collections.abc import Iterable

from msgspec import Struct

from domain.clock import SystemClock
from domain.reading import Value
from tests.fakes.fleet import Message

KIND = "charger"
STATIONS, PORTS = 10, 12
LEAK_PORT = 12
"""No quiet reading is of this port: a leak there stays."""
LEAK_MA = 38.0
LEAK_RULE = "charger-residual"

Key = tuple[str, int | None, str, int]
"""Device, port, metric, time in ms."""


class Said(Struct, frozen=True, kw_only=True):
    """A message, and the values that must be in the store because of it."""

    message: Message
    values: dict[Key, Value]


def station(number: int) -> str:
    """The id of a charging station."""
    return f"cs-{number:02d}"


def topic(device_id: str) -> str:
    """Where it speaks."""
    return f"longcheng/v1/{KIND}/{device_id}/telemetry"


def reading(
    device_id: str,
    port: int | None,
    metrics: dict[str, Value],
    *,
    ts: object,
    at_ms: int | None,
    kept: Iterable[str] | None = None,
    retain: bool = False,
    own_affair: str = "",
) -> Said:
    """One message. `ts` is what it says of its time (None: nothing); `at_ms` the time it must be stored at (None: it
    must not be); `kept` are the metrics that must be stored, if not all of them; `own_affair` is the maker's own."""
    content: dict[str, object] = {"metrics": metrics, "fw": own_affair}
    content |= {} if ts is None else {"ts": ts}
    content |= {} if port is None else {"port": port}
    names = metrics.keys() if kept is None else set(kept)
    values = {} if at_ms is None else {(device_id, port, name, at_ms): metrics[name] for name in names}
    return Said(
        message=Message(topic=topic(device_id), payload=json.dumps(content).encode(), retain=retain), values=values
    )


class Talk:
    """Quiet readings and leaks, each of a millisecond of its own, told as they come."""

    def __init__(self, *, first_ms: int | None = None, step_ms: int = 1) -> None:
        """The first is of 20 s ago unless said otherwise."""
        self._at_ms = SystemClock().now_ms() - 20_000 if first_ms is None else first_ms
        self._step_ms = step_ms
        self._count = 0
        self.leaks: set[str] = set()
        """The subjects that leak."""

    def quiet(self, count: int, *, devices: int = STATIONS, own_affair: str = "") -> list[Said]:
        """So many readings of so many stations, of their ports in turn."""
        return [self._quiet(devices, own_affair) for _ in range(count)]

    def leak(self, device: int) -> Said:
        """A station's last port leaks."""
        self.leaks.add(f"{station(device)}/{LEAK_PORT}")
        return self._said(station(device), LEAK_PORT, LEAK_MA)

    def _quiet(self, devices: int, own_affair: str) -> Said:
        device, port = self._count % devices, self._count // devices % (LEAK_PORT - 1) + 1
        return self._said(station(device), port, 4.0, own_affair)

    def _said(self, device_id: str, port: int, residual_ma: float, own_affair: str = "") -> Said:
        self._count += 1
        self._at_ms += self._step_ms
        metrics: dict[str, Value] = {"residual_ma": residual_ma, "energy_kwh": float(self._count)}
        return reading(device_id, port, metrics, ts=self._at_ms, at_ms=self._at_ms, own_affair=own_affair)


def messages(said: Iterable[Said]) -> list[Message]:
    """Just what is published."""
    return [one.message for one in said]
