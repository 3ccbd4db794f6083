"""The collectors as processes of their own: they outlive nobody, come back by themselves, and are one to the rest."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from app.processes.collectors import Collectors, orders
from config.schema import Settings
from domain.errors import ConfigError
from storage.journal import Journal
from tests.fakes.brokers import Mosquitto, free_port, mosquitto
from tests.fakes.devices import FakeDevice
from tests.ingest.test_collector_tls import certificate
from tests.ingest.waiting import until

pytestmark = pytest.mark.server

Start = Callable[..., Collectors]


def settings(data: Path, url: str, *, collectors: int = 1, **mqtt: object) -> Settings:
    """The least a site can say."""
    return Settings.model_validate(
        {
            "site": "town",
            "name": {"zh": "城", "en": "Town"},
            "division": "320400",
            "data_dir": data,
            "mqtt": {"url": url, **mqtt},
            "ingest": {"collectors": collectors},
        }
    )


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A mosquitto of this test's own."""
    with mosquitto(tmp_path) as running:
        yield running


@pytest.fixture
def start(tmp_path: Path, broker: Mosquitto) -> Iterator[Start]:
    """Starts collectors whose journal is in `tmp_path`, and stops them after the test."""
    started: list[Collectors] = []

    def begin(count: int = 1, **mqtt: object) -> Collectors:
        collectors = Collectors(settings(tmp_path, broker.url, collectors=count, **mqtt), quiet_s=1.0)
        started.append(collectors)
        collectors.start()
        return collectors

    yield begin
    for collectors in started:
        collectors.stop(5)


def numbers(data: Path) -> list[int]:
    """What is in the journal of this folder, in its order."""
    with closing(Journal(data / "journal.db", max_bytes=1 << 30)) as journal:
        found = [record.message for record in journal.read(0, 100_000)]
    return [int(message.payload) for message in found if message.topic.endswith("/telemetry")]


def send(broker: Mosquitto, start: int, stop: int) -> None:
    """A tree says these numbers."""
    with FakeDevice(broker.url, "tree", "tree-1") as tree:
        tree.send(*[str(number).encode() for number in range(start, stop)])


def test_one_process_collects_and_tells_how_it_is_doing(tmp_path: Path, broker: Mosquitto, start: Start) -> None:
    """Counts, session and protocol arrive here; a stop is in order, and the process is gone after it."""
    collectors = start()
    assert not collectors.status.connected
    until(lambda: collectors.status.connected, "connected")
    [pid] = collectors.processes
    send(broker, 0, 500)
    until(lambda: collectors.status.acked == 501, "all acknowledged")
    assert numbers(tmp_path) == list(range(500))
    collectors.stop(5)
    status = collectors.status
    assert (status.received, status.journalled, status.acked, status.protocol) == (501, 501, 501, "5")
    assert not status.connected
    assert not psutil.pid_exists(pid)


def test_it_is_a_small_process(start: Start) -> None:
    """It loads neither the page nor the cameras nor the case book: of their compiled parts there is nothing in it."""
    collectors = start()
    until(lambda: collectors.status.connected, "connected")
    [pid] = collectors.processes
    loaded = {part for one in psutil.Process(pid).memory_maps() for part in Path(one.path).parts}
    assert "msgspec" in loaded
    assert loaded.isdisjoint({"aiohttp", "cv2", "markupsafe", "numpy", "openvino", "sqlalchemy"})


def test_one_that_is_killed_is_started_again_and_nothing_is_lost(
    tmp_path: Path, broker: Mosquitto, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    """One WARNING, one INFO; the counts go on, and what was not acknowledged comes again."""
    caplog.set_level(logging.INFO, "app")
    collectors = start()
    until(lambda: collectors.status.connected, "connected")
    send(broker, 0, 100)
    until(lambda: collectors.status.acked == 101, "acknowledged")
    [pid] = collectors.processes
    os.kill(pid, signal.SIGKILL)
    until(lambda: "its process ended" in collectors.status.trouble, "known to be gone")
    assert not collectors.status.connected
    send(broker, 100, 200)
    until(lambda: collectors.status.connected, "connected again")
    until(lambda: set(numbers(tmp_path)) == set(range(200)), "everything")
    until(lambda: collectors.status.received >= 202, "the counts go on")
    until(lambda: collectors.status.trouble == "", "no trouble is told any more")
    said = [
        (record.levelno, record.getMessage()) for record in caplog.records if record.name == "app.processes.children"
    ]
    assert [level for level, _ in said] == [logging.WARNING, logging.INFO]
    assert "exit status -9" in said[0][1]


def test_two_share_the_messages_and_each_comes_once(tmp_path: Path, broker: Mosquitto, start: Start) -> None:
    """Client ids are numbered; both work; telemetry is divided, and who is there is heard by one."""
    collectors = start(2)
    until(lambda: collectors.status.connected, "both connected")
    send(broker, 0, 1000)
    until(lambda: len(numbers(tmp_path)) >= 1000, "everything")
    until(lambda: collectors.status.acked >= 1000, "all acknowledged")
    assert sorted(numbers(tmp_path)) == list(range(1000))
    assert all(status.received > 300 for status in collectors.each)


def test_from_two_to_one_fetches_what_the_second_had_and_ends_its_session(
    tmp_path: Path, broker: Mosquitto, start: Start
) -> None:
    """Nothing that waits in a session nobody takes up again is lost, and no such session is left behind."""
    two = start(2)
    until(lambda: two.status.connected, "both connected")
    two.stop(5)
    send(broker, 0, 600)
    one = start(1)
    until(lambda: sorted(set(numbers(tmp_path))) == list(range(600)), "everything")
    until(lambda: len(list((tmp_path / "sessions").glob("*.json"))) == 1, "the others' sessions ended")
    send(broker, 600, 700)
    until(lambda: sorted(numbers(tmp_path)) == list(range(700)), "each once")
    assert one.status.connected


def test_a_full_journal_is_told(tmp_path: Path, broker: Mosquitto) -> None:
    """The page must show that messages wait at the broker."""
    with closing(Journal(tmp_path / "journal.db", max_bytes=1 << 30)) as journal:
        tight = settings(tmp_path, broker.url)
        tight = tight.model_copy(update={"journal": tight.journal.model_copy(update={"max_size": 1})})
        collectors = Collectors(tight)
        collectors.start()
        try:
            until(lambda: collectors.status.connected, "connected")
            send(broker, 0, 10)
            send(broker, 10, 20)
            until(lambda: collectors.status.paused, "paused")
        finally:
            collectors.stop(5)
        assert journal.head() < 20


def test_a_collector_that_hangs_is_not_believed(start: Start) -> None:
    """Five seconds without a word, and the rules know that they may be deaf; when it goes on, so do they."""
    collectors = start()
    until(lambda: collectors.status.connected, "connected")
    [pid] = collectors.processes
    os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: not collectors.status.connected, "not believed")
        assert collectors.status.trouble == "its process has said nothing for 5 s"
    finally:
        os.kill(pid, signal.SIGCONT)
    until(lambda: collectors.status.connected, "believed again")


PARENT = """
import sys, time
from pathlib import Path
from app.processes.collectors import Collectors
from tests.app.test_collectors import settings

collectors = Collectors(settings(Path(sys.argv[1]), sys.argv[2]))
collectors.start()
while not collectors.status.connected:
    time.sleep(0.01)
print(*collectors.processes, flush=True)
time.sleep(60)
"""


def test_it_never_outlives_its_parent(tmp_path: Path, broker: Mosquitto) -> None:
    """kill -9 of the parent: the collector finishes what it has and ends by itself."""
    command = [sys.executable, "-c", PARENT, str(tmp_path), broker.url]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    until(lambda: not psutil.pid_exists(pid), "the collector ended")


@pytest.mark.parametrize(
    ("mqtt", "collectors", "problem"),
    [
        ({"ca_file": "missing.pem"}, 1, r"mqtt\.ca_file is missing\.pem"),
        ({"protocol": "3.1.1"}, 2, r"ingest\.collectors is 2, which takes MQTT 5"),
    ],
)
def test_what_cannot_be_stops_the_start(tmp_path: Path, mqtt: dict[str, object], collectors: int, problem: str) -> None:
    """One clear error before any process is started."""
    with pytest.raises(ConfigError, match=problem):
        orders(settings(tmp_path, f"mqtts://127.0.0.1:{free_port()}", collectors=collectors, **mqtt))


def test_the_names_at_the_broker_do_not_change_without_need(tmp_path: Path) -> None:
    """A single collector has the plain client id, whose session an earlier version may have left."""
    ids = [[order.client_id for order in orders(settings(tmp_path, "mqtt://x", collectors=count))] for count in (1, 3)]
    assert ids == [["longcheng-town"], ["longcheng-town-1", "longcheng-town-2", "longcheng-town-3"]]


def test_the_log_tells_several_apart(tmp_path: Path) -> None:
    """One alone needs no name; of several, each line says which."""
    labels = [[order.label for order in orders(settings(tmp_path, "mqtt://x", collectors=count))] for count in (1, 2)]
    assert labels == [["collector"], ["collector longcheng-town-1", "collector longcheng-town-2"]]


def test_shared_filters_and_those_one_collector_has_alone(tmp_path: Path) -> None:
    """Presence is retained, and a broker never tells retained messages to clients that share."""
    first, second = orders(settings(tmp_path, "mqtt://x", collectors=2))
    assert second.filters == (
        "$share/longcheng-town/longcheng/v1/+/+/telemetry",
        "$share/longcheng-town/longcheng/v1/camera/+/sighting",
    )
    assert first.filters == (*second.filters, "longcheng/v1/+/+/status")


def test_certificates_reach_the_process(tmp_path: Path) -> None:
    """What `serve` has checked, the process that connects can use."""
    (made, key), (ours, our_key), port = certificate(tmp_path, "broker"), certificate(tmp_path, "ours"), free_port()
    secure = f"listener {port} 127.0.0.1\ncertfile {made}\nkeyfile {key}\ncafile {ours}\nrequire_certificate true"
    with mosquitto(tmp_path, settings=secure):
        url = f"mqtts://127.0.0.1:{port}"
        collectors = Collectors(settings(tmp_path, url, ca_file=made, cert_file=ours, key_file=our_key))
        collectors.start()
        try:
            until(lambda: collectors.status.connected, "connected")
        finally:
            collectors.stop(5)
