"""The collector against a broker that speaks MQTT 3.1.1 only, and does not even refuse 5."""

import json
import logging

import pytest

from tests.fakes.brokers import amqtt
from tests.fakes.devices import FakeDevice
from tests.fakes.journals import MemoryJournal
from tests.ingest.conftest import Collect
from tests.ingest.waiting import until


def test_it_falls_back_and_says_so_once(
    collect: Collect, journal: MemoryJournal, caplog: pytest.LogCaptureFixture
) -> None:
    """No answer to MQTT 5: it goes on with 3.1.1, with one WARNING, and the session is kept all the same."""
    with amqtt() as url:
        first = collect(url)
        until(lambda: first.status.connected, "connected")
        assert first.status.protocol == "3.1.1"
        with FakeDevice(url, "tree", "tree-1") as tree:
            tree.send(*[{"number": number} for number in range(200)])
            assert journal.wait(lambda kept: _numbers(kept) == set(range(200)))
            until(lambda: first.status.acked >= 200, "acknowledged")
            first.stop(5)
            tree.send(*[{"number": number} for number in range(200, 300)])
        second = collect(url)
        assert journal.wait(lambda kept: _numbers(kept) == set(range(300)))
        until(lambda: second.status.connected, "connected again")
        assert second.status.session_present is True
        second.stop(5)
    said = [record for record in caplog.records if record.name.startswith("ingest")]
    assert ["does not speak MQTT 5" in one.getMessage() for one in said if one.levelno >= logging.WARNING] == [True] * 2


def _numbers(journal: MemoryJournal) -> set[int]:
    return {json.loads(one.payload)["number"] for one in journal.messages if one.topic.endswith("/telemetry")}
