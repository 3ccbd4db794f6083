"""The end of a session that nobody takes up again."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.schema import Mqtt
from domain.clock import SystemClock
from ingest.broker import Broker
from ingest.collector import Collector
from ingest.retire import retire
from ingest.subscriptions import Subscriptions, leftover
from tests.fakes.brokers import Mosquitto, mosquitto
from tests.fakes.devices import FakeDevice
from tests.fakes.journals import MemoryJournal
from tests.ingest.conftest import Collect
from tests.ingest.waiting import until

pytestmark = pytest.mark.server

FILTER = "longcheng/v1/+/+/telemetry"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A mosquitto of this test's own."""
    with mosquitto(tmp_path) as running:
        yield running


def remembering(folder: Path, broker: Mosquitto, *filters: str) -> Subscriptions:
    """As after a start of the product."""
    return Subscriptions(filters, client_id="collector", broker=place(broker), folder=folder)


def place(broker: Mosquitto) -> str:
    """How the broker is named in what is remembered."""
    return broker.url.removeprefix("mqtt://")


def left_behind(folder: Path, broker: Mosquitto, collect: Collect, count: int) -> None:
    """A collector was here; since it left, so many messages have come for it."""
    first = collect(broker.url, remembering(folder, broker, FILTER))
    until(lambda: first.status.connected, "connected")
    first.stop(5)
    with FakeDevice(broker.url, "tree", "tree-1") as tree:
        tree.send(*[str(number).encode() for number in range(count)])


def end(folder: Path, broker: Mosquitto, journal: MemoryJournal, stopping: threading.Event) -> bool:
    """Retire it."""
    mqtt = Mqtt(url=broker.url)
    nothing = remembering(folder, broker)
    emptying = Collector(
        mqtt,
        client_id="collector",
        journal=journal,
        clock=SystemClock(),
        group=100,
        group_wait_s=0.02,
        subscriptions=nothing,
    )
    return retire(
        emptying,
        "collector",
        broker=Broker(mqtt, "collector"),
        subscriptions=nothing,
        stopping=stopping,
        quiet_s=0.5,
    )


def test_what_it_holds_is_fetched_before_it_ends(
    tmp_path: Path, broker: Mosquitto, collect: Collect, journal: MemoryJournal
) -> None:
    """Then the broker knows nothing of it any more, and neither do we."""
    left_behind(tmp_path, broker, collect, 2500)
    assert leftover(tmp_path, place(broker), []) == ["collector"]
    assert end(tmp_path, broker, journal, threading.Event())
    assert [int(message.payload) for message in journal.messages] == list(range(2500))
    assert leftover(tmp_path, place(broker), []) == []
    again = collect(broker.url)
    until(lambda: again.status.connected, "connected")
    assert again.status.session_present is False


def test_a_stop_leaves_the_rest_for_the_next_start(
    tmp_path: Path, broker: Mosquitto, collect: Collect, journal: MemoryJournal
) -> None:
    """The session is not ended as long as it may hold something."""
    left_behind(tmp_path, broker, collect, 300)
    stopping = threading.Event()
    stopping.set()
    assert not end(tmp_path, broker, journal, stopping)
    assert leftover(tmp_path, place(broker), []) == ["collector"]
    assert end(tmp_path, broker, journal, threading.Event())
    assert {int(message.payload) for message in journal.messages} == set(range(300))


def test_a_full_journal_keeps_it_alive(
    tmp_path: Path, broker: Mosquitto, collect: Collect, journal: MemoryJournal
) -> None:
    """What cannot be written stays with the broker, and so does its session."""
    left_behind(tmp_path, broker, collect, 50)
    journal.fill()
    stopping = threading.Event()
    ended: list[bool] = []
    retiring = threading.Thread(target=lambda: ended.append(end(tmp_path, broker, journal, stopping)))
    retiring.start()
    assert journal.wait(lambda kept: kept.refusals >= 3)
    stopping.set()
    retiring.join(60)
    assert ended == [False]
    journal.drain()
    assert end(tmp_path, broker, journal, threading.Event())
    assert {int(message.payload) for message in journal.messages} == set(range(50))
