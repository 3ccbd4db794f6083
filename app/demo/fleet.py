"""All simulated devices of the city, each a real MQTT client of its own."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from app.demo.devices import Station, Tree
from app.demo.incidents import TIMETABLE, Incident, IncidentKind, Troubles
from app.demo.link import Link
from app.demo.wire import Outgoing, Sender
from config.load import Site
from domain.clock import Clock
from domain.reading import DeviceState
from domain.register import Device

SPREAD_S = 2.0  # the first beats, over all devices; a device is not heard for at most this long
SETTLE_S = 1.0
GOODBYE_S = 0.5
BIRTH_WITHIN_S = 1.0


class Ledger(Protocol):
    """Who keeps account of what the broker acknowledged."""

    def record(self, message: Outgoing) -> None:
        """This message has been acknowledged."""
        ...


class Simulated(Protocol):
    """A device that can be asked what it says now."""

    sender: Sender
    troubles: Troubles

    def beat(self, at_ms: int, elapsed_s: float) -> list[Outgoing]:
        """The messages of this moment."""
        ...


class Fleet:
    """Runs every device of a site that the simulation knows. Incidents are counted from `start`."""

    def __init__(
        self,
        site: Site,
        address: tuple[str, int],
        ledger: Ledger,
        clock: Clock,
        *,
        seed: int,
        timetable: Sequence[Incident] = TIMETABLE,
        interval_s: float | None = None,
    ) -> None:
        self._site = site
        self._address = address
        self._ledger = ledger
        self._clock = clock
        self._seed = seed
        self._timetable = timetable
        self._interval_s = interval_s
        self._links: list[Link] = []
        self._beats: list[asyncio.Task[None]] = []
        self._started_ms = 0

    @property
    def clients(self) -> int:
        """How many MQTT clients there are."""
        return len(self._links)

    @property
    def pending(self) -> int:
        """Messages not yet acknowledged."""
        return sum(link.pending for link in self._links)

    async def start(self) -> None:
        """Every device connects and beats at its own interval from within the next two seconds on."""
        self._started_ms = self._clock.now_ms()
        chance = random.Random(self._seed)
        for device in self._site.devices.values():
            simulated = self._simulate(device)
            link = self._link(simulated, chance)
            interval_s = self._interval_s or self._site.profiles[device.profile].interval
            beats = self._live(simulated, link, chance.uniform(0, min(SPREAD_S, interval_s)), interval_s)
            self._links.append(link)
            self._beats.append(asyncio.create_task(beats, name=f"demo {device.device_id}"))

    async def stop(self) -> None:
        """Say no more, wait for what is under way to be acknowledged, and say goodbye: within two seconds."""
        for task in self._beats:
            task.cancel()
        await asyncio.gather(*self._beats, return_exceptions=True)
        self._beats.clear()
        connected = [link for link in self._links if link.open]
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(link.settled.wait() for link in connected)), SETTLE_S)
        await asyncio.gather(*(link.close(GOODBYE_S) for link in self._links))

    def _simulate(self, device: Device) -> Simulated:
        root = self._site.settings.mqtt.root
        if device.kind == "tree":
            return Tree(device, root, self._timetable, self._seed)
        return Station(device, root, self._timetable, self._seed, self._started_ms)

    def _link(self, simulated: Simulated, chance: random.Random) -> Link:
        return Link(
            self._address,
            birth=simulated.sender.status(DeviceState.ONLINE),
            will=simulated.sender.status(DeviceState.OFFLINE),
            client_id=f"demo-{simulated.sender.device_id}",
            acknowledged=self._ledger.record,
            chance=chance,
        )

    async def _live(self, simulated: Simulated, link: Link, first_s: float, interval_s: float) -> None:
        """One device's life, beat by beat."""
        loop = asyncio.get_running_loop()
        due_s = loop.time() + first_s
        while True:
            await asyncio.sleep(due_s - loop.time())
            due_s = max(due_s + interval_s, loop.time())  # after a sleep of the machine, no burst
            elapsed_s = (self._clock.now_ms() - self._started_ms) / 1000
            if simulated.troubles.away(elapsed_s):
                link.cut()
            else:
                await self._beat(simulated, link, elapsed_s)

    async def _beat(self, simulated: Simulated, link: Link, elapsed_s: float) -> None:
        if not link.open:
            link.connect()
            with suppress(TimeoutError):  # its birth comes first, if the broker is there
                await asyncio.wait_for(link.connected.wait(), BIRTH_WITHIN_S)
        link.tend()
        if not simulated.troubles.on(IncidentKind.MUTE, elapsed_s):
            for message in simulated.beat(self._clock.now_ms(), elapsed_s):
                link.publish(message)
