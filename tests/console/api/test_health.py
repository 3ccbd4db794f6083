"""Alive is not ready, and ready is not a guess."""

import pytest
from msgspec.structs import replace

from console.api.health import reasons_against
from console.desk import Health
from tests.console.reader import Client, json_of, text_of
from tests.fakes.desk import WELL, FakeDesk

FULL = replace(WELL.journal, size=1800 << 20)


@pytest.mark.parametrize(
    ("health", "reasons"),
    [
        (WELL, []),
        (replace(WELL, broker_connected=False), ["the broker session is down"]),
        (replace(WELL, ingest_paused=True), ["the journal cannot be written"]),
        (replace(WELL, journal=replace(WELL.journal, writable=False)), ["the journal cannot be written"]),
        (replace(WELL, store_reachable=False), []),
        (replace(WELL, journal=FULL), []),
        (
            replace(WELL, store_reachable=False, journal=FULL),
            ["the store is unreachable and the journal is 88% full; the high-water mark is 80%"],
        ),
    ],
)
def test_reasons(health: Health, reasons: list[str]) -> None:
    """A store that is away is bridged by the journal, up to its high-water mark and no further."""
    assert reasons_against(health, 0.8) == reasons


async def test_ready_says_why_not(client: Client, desk: FakeDesk) -> None:
    """200 while it works, 503 with every reason while it does not; alive all the while."""
    assert await json_of(client, "/ready") == {"ready": True, "reasons": []}
    desk.state = replace(WELL, broker_connected=False, ingest_paused=True)
    answer = await json_of(client, "/ready", status=503)
    assert answer == {"ready": False, "reasons": ["the broker session is down", "the journal cannot be written"]}
    assert await text_of(client, "/healthz") == "ok\n"
