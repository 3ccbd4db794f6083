"""Collectors that are stopped at the end of the test, whatever happens in it."""

from collections.abc import Callable, Iterator

import pytest

from config.schema import Mqtt
from domain.clock import SystemClock
from ingest.collector import Collector
from ingest.subscriptions import Subscriptions
from tests.fakes.journals import MemoryJournal

Collect = Callable[..., Collector]


@pytest.fixture
def journal() -> MemoryJournal:
    """A journal in memory."""
    return MemoryJournal()


@pytest.fixture
def collect(journal: MemoryJournal) -> Iterator[Collect]:
    """Makes and starts a collector into `journal`; further settings are those of config's `mqtt`."""
    started: list[Collector] = []

    def begin(
        url: str, subscriptions: Subscriptions | None = None, label: str = "collector", **settings: object
    ) -> Collector:
        collector = Collector(
            Mqtt.model_validate({"url": url, **settings}),
            client_id="collector",
            journal=journal,
            clock=SystemClock(),
            group=100,
            group_wait_s=0.02,
            subscriptions=subscriptions,
            label=label,
        )
        started.append(collector)
        collector.start()
        return collector

    yield begin
    journal.drain()
    journal.release()
    for collector in started:
        collector.stop(5)
