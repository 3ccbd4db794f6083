"""The collector's process ends by kill -9 wherever it hurts most, and nothing is lost by it."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from config.schema import Mqtt
from domain.clock import SystemClock
from ingest.collector import Collector
from storage.journal import Journal
from tests.fakes.brokers import mosquitto
from tests.fakes.devices import FakeDevice
from tests.ingest.waiting import until

pytestmark = pytest.mark.server

CHILD = """
import sys, time
from pathlib import Path
from tests.ingest.test_collector_killed import collector
from storage.journal import Journal

running = collector(sys.argv[1], Journal(Path(sys.argv[2]), max_bytes=1 << 30))
running.start()
while not running.status.connected:
    time.sleep(0.01)
print("ready", flush=True)
time.sleep(60)
"""


def collector(url: str, journal: Journal) -> Collector:
    """One that writes in small groups."""
    return Collector(
        Mqtt(url=url), client_id="collector", journal=journal, clock=SystemClock(), group=50, group_wait_s=0.01
    )


def numbers(journal: Journal) -> set[int]:
    """What trees have said."""
    messages = [record.message for record in journal.read(0, 100_000)]
    return {int(message.payload) for message in messages if message.topic.endswith("/telemetry")}


def numbered(start: int, stop: int) -> list[bytes]:
    """What a tree says."""
    return [str(number).encode() for number in range(start, stop)]


@pytest.mark.parametrize("point", ["received", "journalled", "acknowledged"])
def test_killed_around_the_journal_loses_nothing(tmp_path: Path, point: str) -> None:
    """Before the write, between write and acknowledgement, and after it: in the end every reading is there."""
    path, sent = tmp_path / "journal.db", 0
    with mosquitto(tmp_path) as broker, FakeDevice(broker.url, "tree", "tree-1") as tree:
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, broker.url, str(path)],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "LONGCHENG_FAULT": f"{point}:3"},
            stdout=subprocess.PIPE,
            text=True,
        )
        with child as killed:
            assert killed.stdout is not None
            assert killed.stdout.readline() == "ready\n"
            while killed.poll() is None and sent < 10_000:
                tree.send(*numbered(sent, sent + 50))
                sent += 50
            assert killed.wait(60) == -signal.SIGKILL
        tree.send(*numbered(sent, sent + 10))
        with closing(Journal(path, max_bytes=1 << 30)) as journal:
            assert numbers(journal) < set(range(sent + 10))
            again = collector(broker.url, journal)
            again.start()
            until(lambda: numbers(journal) == set(range(sent + 10)), "every reading")
            again.stop(5)
