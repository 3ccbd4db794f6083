"""Both phases of the ingest measurement, against a product that runs."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, structs

from app.bench.alarms import Alarms, subject
from app.bench.figures import Asked
from app.bench.load import Order
from app.bench.phases import Passed, flood_traffic, pass_through, sending, steady_traffic
from app.bench.probe import Probe, machine_busy_s, spent
from app.bench.traffic import Traffic
from storage.journal import Journal

RATE = 2000.0
"""Messages a second of the steady phase."""
_ALARMS = 200

Progress = Callable[[str, int, int], None]
"""Told the phase, how many messages are through, and of how many."""


class Phase(Struct, frozen=True, kw_only=True):
    """What one phase gave."""

    traffic: Traffic
    passed: Passed
    cpu: dict[str, float]
    others_cores: float
    """What had nothing to do with it kept so many processor cores busy."""
    delays_ms: dict[int, float] = {}
    """By critical message that was seen as an alarm."""


class Run:
    """The phases, against a product that runs."""

    def __init__(self, *, folder: Path, port: int, address: str, probe: Probe, tell: Progress) -> None:
        self._folder = folder
        self._port = port
        self._address = address
        self._probe = probe
        self._tell = tell
        self._journal = Journal(folder / "site" / "data" / "journal.db", max_bytes=1)  # only to read its counts

    async def flood(self, asked: Asked) -> Phase:
        """As many as go."""
        traffic = flood_traffic(messages=asked.messages, devices=asked.devices, ports=asked.ports)
        return await self._through("as many as go", Order(broker_port=self._port, traffic=traffic))

    async def steady(self, asked: Asked) -> Phase:
        """A steady stream with alarms in it."""
        traffic = steady_traffic(
            seconds=asked.latency_s, rate=RATE, devices=asked.devices, ports=asked.ports, alarms=_ALARMS
        )
        alarms = Alarms(self._address)
        order = Order(broker_port=self._port, traffic=traffic, rate=RATE)
        async with alarms.watching():
            phase = await self._through("steady, with alarms", order)
            subjects = {subject(traffic, number): number for number in phase.passed.critical}
            await alarms.wait_for(set(subjects))
        written_s = phase.passed.critical
        delays_ms = {
            number: (alarms.seen_s[name] - written_s[number]) * 1000
            for name, number in subjects.items()
            if name in alarms.seen_s
        }
        return structs.replace(phase, delays_ms=delays_ms)

    async def _through(self, title: str, order: Order) -> Phase:
        traffic = order.traffic
        self._tell(title, 0, traffic.messages)
        async with sending(order, self._folder, sys.executable) as sender:
            before, busy_s, began_s = self._probe.cpu_s(), machine_busy_s(), time.monotonic()
            passed = await pass_through(
                sender, traffic, self._journal, lambda stored: self._tell(title, stored, traffic.messages)
            )
            cpu = spent(before, self._probe.cpu_s()) | {"load": round(passed.load_cpu_s, 2)}
            others_s = machine_busy_s() - busy_s - sum(cpu.values())
            others_cores = max(0.0, others_s / (time.monotonic() - began_s))
        return Phase(traffic=traffic, passed=passed, cpu=cpu, others_cores=others_cores)
