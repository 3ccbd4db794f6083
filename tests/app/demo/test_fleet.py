"""Devices as real MQTT clients on a real broker."""

import asyncio
import dataclasses
import random
from collections.abc import Callable

import msgspec
import pytest

from app.demo.broker import Broker
from app.demo.fleet import Fleet
from app.demo.incidents import Incident, IncidentKind
from app.demo.ledger import Ledger
from app.demo.link import Link
from app.demo.wire import Outgoing
from config.load import Site
from domain.clock import Clock, ManualClock, SystemClock
from domain.message import RawMessage
from tests.app.demo.conftest import Listener

BEAT_S = 0.1
PATIENCE_S = 60.0


class Book:
    """What was acknowledged."""

    def __init__(self) -> None:
        self.messages: list[Outgoing] = []
        self.news = asyncio.Event()

    def record(self, message: Outgoing) -> None:
        self.messages.append(message)
        self.news.set()


@pytest.fixture
async def book() -> Book:
    return Book()


def some(site: Site, *device_ids: str) -> Site:
    return dataclasses.replace(site, devices={device_id: site.devices[device_id] for device_id in device_ids})


def fleet_of(
    site: Site, broker: Broker, ledger: Ledger | Book, *timetable: Incident, clock: Clock | None = None
) -> Fleet:
    address = (broker.host, broker.port)
    return Fleet(site, address, ledger, clock or SystemClock(), seed=1, timetable=timetable, interval_s=BEAT_S)


def of(heard: list[RawMessage], device_id: str, leaf: str) -> list[RawMessage]:
    return [message for message in heard if message.topic.endswith(f"/{device_id}/{leaf}")]


def states(heard: list[RawMessage], device_id: str) -> list[str]:
    return [msgspec.json.decode(message.payload)["state"] for message in of(heard, device_id, "status")]


def told(device_id: str, expected: list[str]) -> Callable[[list[RawMessage]], bool]:
    return lambda heard: states(heard, device_id) == expected


async def test_every_device_is_born_and_speaks_and_nothing_is_lost(
    site: Site, broker: Broker, listener: Listener
) -> None:
    """All 43 over one event loop; what the broker acknowledged reaches a subscriber; stopping waits for nobody."""
    ledger = Ledger()
    fleet = fleet_of(site, broker, ledger)
    await fleet.start()
    assert fleet.clients == 43

    def everyone(heard: list[RawMessage]) -> bool:
        return all(of(heard, device_id, "status") and of(heard, device_id, "telemetry") for device_id in site.devices)

    assert await asyncio.to_thread(listener.wait, everyone)
    async with asyncio.timeout(PATIENCE_S):
        await fleet.stop()
    assert fleet.pending == 0
    # The balance counts every acknowledged message; wait until the subscriber has as many.
    assert await asyncio.to_thread(listener.wait, lambda heard: len(heard) >= ledger.published)
    ledger.settle(listener.heard)
    assert ledger.missing_messages == 0
    assert all("offline" not in states(listener.heard, device_id) for device_id in site.devices)


async def test_a_cut_device_leaves_its_last_will_and_comes_back(site: Site, broker: Broker, listener: Listener) -> None:
    """No goodbye, so the broker says it is offline; later it is born again."""
    cut = Incident(kind=IncidentKind.CUT, device_id="cs-001", from_s=0.4, until_s=0.9)
    clock = ManualClock(SystemClock().now_ms())
    fleet = fleet_of(some(site, "cs-001", "cs-002"), broker, Ledger(), cut, clock=clock)
    await fleet.start()
    expected = ["online", "offline", "online"]
    for n in (1, 2, 3):
        assert await asyncio.to_thread(listener.wait, told("cs-001", expected[:n]))
        clock.advance(seconds=0.5)
    assert await asyncio.to_thread(listener.wait, told("cs-002", ["online"]))
    await fleet.stop()


async def test_a_mute_device_stays_connected_and_says_nothing(site: Site, broker: Broker, listener: Listener) -> None:
    """Birth, no telemetry, no will."""
    mute = Incident(kind=IncidentKind.MUTE, device_id="cs-001", from_s=0)
    fleet = fleet_of(some(site, "cs-001", "cs-002"), broker, Ledger(), mute)
    await fleet.start()
    assert await asyncio.to_thread(
        listener.wait, lambda heard: len(of(heard, "cs-002", "telemetry")) >= 5 and bool(states(heard, "cs-001"))
    )
    await fleet.stop()
    assert states(listener.heard, "cs-001") == ["online"]
    assert not of(listener.heard, "cs-001", "telemetry")


async def test_a_tree_back_from_a_drought_was_away_until_then(site: Site, broker: Broker, listener: Listener) -> None:
    """Its first message is its birth, its second the list of the hours missed."""
    dry = Incident(kind=IncidentKind.DROUGHT, device_id="tree-002", from_s=0.3)
    fleet = fleet_of(some(site, "tree-002"), broker, Ledger(), dry)
    await fleet.start()
    assert await asyncio.to_thread(listener.wait, lambda heard: len(of(heard, "tree-002", "telemetry")) >= 2)
    await fleet.stop()
    assert states(listener.heard, "tree-002") == ["online"]
    first, second = (
        msgspec.json.decode(message.payload) for message in of(listener.heard, "tree-002", "telemetry")[:2]
    )
    assert len(first) == 26
    assert isinstance(second, dict)


async def test_a_link_outlives_its_broker(book: Book) -> None:
    """What was said while the broker was away is acknowledged after its return, after a new birth."""
    first = Broker()
    first.start()
    birth, will, word = (
        Outgoing(topic=f"longcheng/v1/tree/t/{leaf}", payload=b"{}", retain=False) for leaf in ("birth", "will", "word")
    )
    link = Link(
        (first.host, first.port),
        birth=birth,
        will=will,
        client_id="t",
        acknowledged=book.record,
        chance=random.Random(1),
    )
    link.connect()
    await asyncio.wait_for(book.news.wait(), 60)
    await asyncio.to_thread(first.stop)
    link.publish(word)
    second = Broker(first.host, first.port)
    second.start()
    await asyncio.wait_for(link.settled.wait(), 60)
    await link.close(1.0)
    await asyncio.to_thread(second.stop)
    assert word in book.messages
    assert book.messages.count(birth) >= 1
    assert link.pending == 0


async def test_a_link_without_a_broker_can_be_closed(book: Book) -> None:
    """It keeps trying in the background, and stops at once."""
    link = Link(
        ("127.0.0.1", 1),
        birth=Outgoing(topic="t/birth", payload=b"{}"),
        will=Outgoing(topic="t/will", payload=b"{}"),
        client_id="t",
        acknowledged=book.record,
        chance=random.Random(1),
    )
    link.connect()
    assert link.open
    async with asyncio.timeout(PATIENCE_S):
        await link.close(3600.0)
    assert not link.open
