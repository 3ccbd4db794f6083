"""One device talks without end: the others, and what lives depend on, are heard all the same."""

import pytest

from domain.clock import SystemClock
from domain.reading import Value
from tests.scenario.conftest import Build
from tests.scenario.readings import LEAK_MA, LEAK_RULE, Said, reading, station
from tests.scenario.stage import Stage

pytestmark = pytest.mark.server

FLOODING = 0
MESSAGES = 1000


def said(device: int, count: int, *, kept: tuple[str, ...] | None = None, leak_at: int | None = None) -> list[Said]:
    """Readings of one device, a millisecond apart; `kept` of them must be stored, the others may be."""
    first_ms = SystemClock().now_ms() - count
    return [
        reading(station(device), 1, _metrics(n, leak=n == leak_at), ts=first_ms + n, at_ms=first_ms + n, kept=kept)
        for n in range(count)
    ]


def _metrics(number: int, *, leak: bool) -> dict[str, Value]:
    return {"residual_ma": LEAK_MA if leak else 4.0, "energy_kwh": float(number)}


def test_a_flood_of_one_device(build: Build) -> None:
    """Of a thousand messages a second twenty may pass. The others lose all but their safety metrics, and are told."""
    stage = build(ingest={"device_rate": "20:1"})
    with stage.running() as product:
        stage.send(*said(FLOODING, MESSAGES, kept=("residual_ma",), leak_at=600))
        for device in range(1, 10):
            stage.send(*said(device, 15))
        stage.settle(product)
        passed = _passed(stage)

        assert len(product.alarms(LEAK_RULE)) == 1
        assert 20 <= len(passed) < MESSAGES / 2
        assert product.metric("dead_letters", '"rate_limited"') == MESSAGES - len(passed)
        product.until_ready()


def _passed(stage: Stage) -> set[Value]:
    """What was stored of the flood beyond what must be. Fails for anything else that is extra."""
    lost, extra = stage.difference()
    assert lost == []
    values = set()
    for one in extra:
        assert isinstance(one, tuple)
        (device_id, _, metric, _), value = one
        assert (device_id, metric) == (station(FLOODING), "energy_kwh"), one
        values.add(value)
    assert len(values) == len(extra)
    return values
