"""What cannot be used now can be used later: set aside alone, mended, replayed once."""

import json
import signal
from collections.abc import Iterator

import pytest

from config.load import load_site
from domain.clock import SystemClock
from domain.reading import Value
from tests.fakes.influx import FakeInflux
from tests.scenario.conftest import Build
from tests.scenario.readings import KIND, Said, Talk, reading, station
from tests.scenario.stores import OfInflux

pytestmark = [pytest.mark.server, pytest.mark.slow]

GROUP = 200
"""Letters that a replay takes at a time."""


@pytest.fixture
def influx() -> Iterator[FakeInflux]:
    """An InfluxDB that keeps to the contract."""
    with FakeInflux() as running:
        running.now_ms = SystemClock().now_ms()
        yield running


def readings(count: int, **metrics: Value) -> list[Said]:
    """So many of one station's first port, of the last seconds."""
    first_ms = SystemClock().now_ms() - 10_000
    return [
        reading(station(0), 1, {"energy_kwh": float(n), **metrics}, ts=first_ms + n, at_ms=first_ms + n)
        for n in range(count)
    ]


@pytest.mark.parametrize("status", [400, 422])
def test_k_bad_of_n(build: Build, influx: FakeInflux, status: int) -> None:
    """Lines the store will never take are dead letters, exactly those; mended and replayed, they come in once."""
    stage, talk, bad = build(OfInflux(influx)), Talk(), readings(7, current_a=3.5)
    if status == 400:
        influx.unreadable = "current_a="
    else:
        influx.fix_type(KIND, "current_a", int)
    good = talk.quiet(500)
    with stage.running() as product:
        mixed = [*good[:100], *bad[:3], *good[100:350], bad[3], *good[350:], *bad[4:]]
        stage.said += good
        stage.fleet.send([one.message for one in mixed])
        stage.account(product)
        # The last bad ones may come after all that the account knows of.
        product.until(lambda one: one.letters() == {"sink_rejected": 7}, "those are set aside")
        product.until_ready()

        influx.unreadable = ""
        influx.fix_type(KIND, "current_a", float)
        assert stage.command("deadletters", "replay", "--reason", "sink_rejected").returncode == 0
        stage.said += bad
        stage.account(product)
        assert product.letters() == {}


def test_a_metric_nobody_knew(build: Build) -> None:
    """Set aside, mapped in the site's files, replayed; killed in the middle of that, and replayed again: once each."""
    stage = build()
    unknown = readings(2 * GROUP + 50, leak_current=4.5)
    known_now = [_as(one, "leak_current", "residual_ma") for one in unknown]
    with stage.running() as product:
        stage.fleet.send([one.message for one in unknown])
        stage.said += [_without(one, "leak_current") for one in unknown]
        stage.account(product)
        assert product.metric("dead_letters", '"unknown_metric"') == len(unknown)
        product.stop()

    stage.write(
        profiles={
            "charging-station": {
                "kind": KIND,
                "interval": "30s",
                "metrics": list(load_site("starter", {}).profiles["charging-station"].metrics),
                "fields": {"leak_current": "residual_ma"},
                "zh": "站",
                "en": "station",
            }
        }
    )
    with stage.running() as product:
        killed = stage.command("deadletters", "replay", "--reason", "unknown_metric", fault="replayed:2")
        assert killed.returncode == -signal.SIGKILL
        assert product.metric("dead_letters", '"unknown_metric"') == len(unknown) - GROUP
        again = stage.command("deadletters", "replay", "--reason", "unknown_metric", "--json")
        assert json.loads(again.stdout.splitlines()[-1])["replayed"] == len(unknown) - GROUP
        stage.said += known_now
        stage.account(product)
        assert product.letters() == {}


def _without(said: Said, metric: str) -> Said:
    return Said(message=said.message, values={key: value for key, value in said.values.items() if key[2] != metric})


def _as(said: Said, name: str, metric: str) -> Said:
    values = {(d, p, metric if m == name else m, at): value for (d, p, m, at), value in said.values.items()}
    return Said(message=said.message, values=values)
