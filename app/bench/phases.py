"""The two phases of the ingest measurement: as much as goes, then a steady stream with alarms in it."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from app.bench.load import Order, Told
from app.bench.rig import BenchError, Part, running
from app.bench.traffic import Traffic
from app.readers.rules_reader import RULES
from app.readers.series_writer import SERIES
from domain.clock import SystemClock
from storage.journal import Journal

_POLL_S = 0.05
_STALLED_S = 20.0
"""When neither journal nor store has moved for so long, what is missing is missing."""
_COMMAND = ("-m", "app.bench.load")


class Passed(Struct, frozen=True, kw_only=True):
    """When messages had passed each step. Seconds of the monotonic clock; NaN for what was not reached."""

    first_s: float
    """The first one was written to the broker's socket."""
    acked_s: float
    """The broker had acknowledged the last one to its sender."""
    journalled_s: float
    judged_s: float
    stored_s: float
    """If the store never got all of them: when anything last moved."""
    sent: int
    load_cpu_s: float
    critical: dict[int, float]


class Sending:
    """The sender, ready to begin."""

    def __init__(self, part: Part, order: Order) -> None:
        self._part = part
        self._order = order
        self._ready_cpu_s = 0.0
        self.acked = 0
        self.last: Told | None = None

    async def prepare(self) -> None:
        """Let it connect and make its packets."""
        await self._part.say(msgspec.json.encode(self._order))
        self._ready_cpu_s = (await self._told(120.0)).cpu_s

    async def run(self) -> None:
        """Let it send everything. Raises BenchError if the broker stops acknowledging."""
        await self._part.say(b"go")
        while self.last is None:
            told = await self._told(self._order.quiet_limit_s + 10)
            self.acked = told.acked
            if told.state == "stuck":
                raise BenchError(f"the broker has acknowledged {told.acked} of {self._order.traffic.messages} messages")
            if told.state == "done":
                self.last = told

    @property
    def cpu_s(self) -> float:
        """What the sending took, the making of the packets left out."""
        return self.last.cpu_s - self._ready_cpu_s if self.last else 0.0

    async def _told(self, within_s: float) -> Told:
        return msgspec.json.decode(await self._part.line(within_s), type=Told)


@asynccontextmanager
async def sending(order: Order, folder: Path, python: str) -> AsyncIterator[Sending]:
    """The sender, its packets made, waiting for `run`."""
    async with running(await Part.start("load", folder, python, *_COMMAND)) as part:
        sender = Sending(part, order)
        await sender.prepare()
        yield sender


async def pass_through(sender: Sending, traffic: Traffic, journal: Journal, tell: Callable[[int], None]) -> Passed:
    """Send everything and wait until it is judged and stored, or nothing moves any more.

    The journal's own counts are asked over a connection of our own to its file: the product is not disturbed.
    """
    goal = journal.head() + traffic.messages
    going = asyncio.create_task(sender.run(), name="load")
    reached = {"": float("nan"), RULES: float("nan"), SERIES: float("nan")}
    seen, moved_s = -1, time.monotonic()
    try:
        while any(map(math.isnan, reached.values())) or not going.done():
            now_s, status = time.monotonic(), journal.status()
            at = {"": status.head, **{name: status.cursors.get(name, 0) for name in (RULES, SERIES)}}
            for name, seq in at.items():
                if seq >= goal and math.isnan(reached[name]):
                    reached[name] = now_s
            if sum(at.values()) + sender.acked > seen:
                seen, moved_s = sum(at.values()) + sender.acked, now_s
            if now_s - moved_s > _STALLED_S or (going.done() and going.exception()):
                reached[SERIES] = moved_s if math.isnan(reached[SERIES]) else reached[SERIES]
                break
            tell(max(0, at[SERIES] - goal + traffic.messages))
            await asyncio.sleep(_POLL_S)
        await going
    finally:
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
    last = sender.last
    assert last is not None  # noqa: S101 it is set when `run` ends without an error
    return Passed(
        first_s=last.first_s,
        acked_s=last.at_s,
        journalled_s=reached[""],
        judged_s=reached[RULES],
        stored_s=reached[SERIES],
        sent=last.acked,
        load_cpu_s=sender.cpu_s,
        critical=last.critical,
    )


def steady_traffic(*, seconds: float, rate: float, devices: int, ports: int, alarms: int) -> Traffic:
    """A stream in step with the clock, with about so many alarms, each of a socket that has none yet."""
    messages = max(1, round(seconds * rate))
    return Traffic(
        messages=messages,
        devices=devices,
        ports=ports,
        first_ms=SystemClock().now_ms(),
        lap_ms=max(1, round(devices / rate * 1000)),
        critical_every=_coprime(max(1, messages // alarms), devices),
    )


def flood_traffic(*, messages: int, devices: int, ports: int) -> Traffic:
    """What the devices had to say up to now, a lap for each second of theirs."""
    laps = -(-messages // devices)
    return Traffic(
        messages=messages,
        devices=devices,
        ports=ports,
        first_ms=SystemClock().now_ms() - laps * 1000,
        lap_ms=1000,
    )


def _coprime(step: int, devices: int) -> int:
    """`step` or a little more, such that its multiples go through all devices before any comes again."""
    while math.gcd(step, devices) > 1:
        step += 1
    return step
