"""Alive is not ready, and ready is not a guess."""

import pytest
from msgspec.structs import replace

from config.load import Site
from console.api.health import reasons_against
from console.desk.health import CollectorHealth, Health, ReadHealth, StoreHealth
from tests.console.reader import Client, json_of, text_of
from tests.fakes.desk import WELL, FakeDesk

FULL = replace(WELL.journal, size=1800 << 20)
ONE_OF_TWO = (
    CollectorHealth(name="longcheng-x-1", connected=True, paused=False),
    CollectorHealth(name="longcheng-x-2", connected=False, paused=False),
)


@pytest.mark.parametrize(
    ("health", "parts"),
    [
        (WELL, []),
        (
            replace(WELL, broker_connected=False, collectors=ONE_OF_TWO),
            ["the broker session is down: mqtt://", "longcheng-x-2; 1 of 2 are", "mqtt.url"],
        ),
        (
            replace(WELL, broker_connected=False, collectors=(replace(ONE_OF_TWO[1], trouble="login refused: no"),)),
            ["(longcheng-x-2: login refused: no; 0 of 1 are)"],
        ),
        (
            replace(WELL, ingest_paused=True, journal=replace(FULL, free_bytes=0)),
            ["the journal cannot be written", "1.8 GiB of 2.0 GiB are used", "0 B are left", "make room in /"],
        ),
        (
            replace(WELL, ingest_paused=True, journal=replace(FULL, size=FULL.max_size, free_bytes=1 << 40)),
            ["the journal cannot be written", "at the broker; bring the store back or raise journal.max_size"],
        ),
        (
            replace(WELL, journal=replace(WELL.journal, writable=False, problem="it is on fire")),
            ["the journal cannot be written", "it is on fire"],
        ),
        (
            replace(WELL, rules_failing=True, read=ReadHealth(failure="StoreUnavailable: disk is full")),
            ["the rules reader fails (StoreUnavailable: disk is full)"],
        ),
        (replace(WELL, store_reachable=False), []),
        (replace(WELL, journal=FULL), []),
        (
            replace(WELL, store_reachable=False, journal=FULL, store=StoreHealth(problem="answered 503")),
            ["the store is unreachable (answered 503)", "the journal is 88% full", "is 80%", "12 records wait"],
        ),
    ],
)
def test_reasons(site: Site, health: Health, parts: list[str]) -> None:
    """A store that is away is bridged by the journal, up to its high-water mark only; reasons say what to do."""
    reasons = reasons_against(health, site.settings)
    assert len(reasons) == bool(parts)
    for part in parts:
        assert part in reasons[0]


async def test_ready_says_why_not(client: Client, desk: FakeDesk) -> None:
    """200 while it works, 503 with every reason while it does not; alive all the while."""
    assert await json_of(client, "/ready") == {"ready": True, "reasons": []}
    desk.state = replace(WELL, broker_connected=False, ingest_paused=True)
    answer = await json_of(client, "/ready", status=503)
    assert answer["ready"] is False
    broker, journal = answer["reasons"]
    assert broker.startswith("the broker session is down")
    assert journal.startswith("the journal cannot be written")
    assert await text_of(client, "/healthz") == "ok\n"
