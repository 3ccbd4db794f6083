"""The product as a process, spoken to by an independent MQTT client, read over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.product import publish, serve
from tests.fakes.brokers import Mosquitto, mosquitto
from tests.fakes.influx import FakeInflux, Stumble

pytestmark = pytest.mark.server

LEAK = {"port": 3, "metrics": {"residual_ma": 38.0, "voltage_v": 221.5}}
QUIET = {"port": 3, "metrics": {"residual_ma": 4.0, "voltage_v": 221.5}}
STATION = "longcheng/v1/charger/cs-001/telemetry"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A real mosquitto."""
    folder = tmp_path / "broker"
    folder.mkdir()
    with mosquitto(folder) as running:
        yield running


async def test_a_leak_becomes_an_alarm_and_a_case(broker: Mosquitto, tmp_path: Path) -> None:
    """38 mA of residual current, published by the wire contract alone, is an alarm, a case and a notice."""
    async with serve(broker, tmp_path / "data") as product:
        publish(broker, STATION, LEAK)

        alarms = await product.until("api/v1/alarms", lambda found: bool(found["items"]))
        cases = await product.until("api/v1/cases", lambda found: bool(found["items"]))
        await product.until("api/v1/notices", lambda found: "'sent'" in str(found["items"]))
        latest = await product.until(
            "api/v1/readings/latest?kind=charger&device_id=cs-001&port=3", lambda found: "residual_ma" in str(found)
        )

    critical = next(alarm for alarm in alarms["items"] if alarm["severity"] == "critical")
    assert (critical["subject"], critical["value"], critical["limit"]) == ("cs-001/3", 38.0, 30.0)
    (case,) = cases["items"]
    assert case["matter"] == "01054"
    assert case["step"] == "dispatched"
    assert "38.0" in str(latest)
    assert case["id"] in (tmp_path / "data" / "notices.jsonl").read_text(encoding="utf-8")


async def test_what_comes_while_it_is_away_is_not_lost(broker: Mosquitto, tmp_path: Path) -> None:
    """Stopped in good order; what is published meanwhile is read at the next start, and nothing is repeated."""
    async with serve(broker, tmp_path / "data") as product:
        publish(broker, STATION, QUIET)
        await product.until("api/v1/overview", lambda found: found["system"]["readings_stored"] >= 2)
        assert await product.stop() == 0
    publish(broker, STATION, LEAK)

    async with serve(broker, tmp_path / "data") as product:
        cases = await product.until("api/v1/cases", lambda found: bool(found["items"]))
        publish(broker, STATION, LEAK)
        overview = await product.until(
            "api/v1/overview", lambda found: found["system"]["readings_stored"] >= 4 and found["cases_open"] > 0
        )

    assert len(cases["items"]) == 1
    assert overview["cases_open"] == 1


async def test_a_power_cut_loses_and_repeats_nothing(broker: Mosquitto, tmp_path: Path) -> None:
    """Killed right after a message; at the next start there is one alarm and one case of it."""
    async with serve(broker, tmp_path / "data") as product:
        publish(broker, STATION, LEAK)
        await product.kill()

    async with serve(broker, tmp_path / "data") as product:
        cases = await product.until("api/v1/cases", lambda found: bool(found["items"]))
        overview = await product.until("api/v1/overview", lambda found: found["alarms_open"]["critical"] > 0)

    assert len(cases["items"]) == 1
    assert overview["alarms_open"]["critical"] == 1


async def test_rubbish_is_kept_and_shown(broker: Mosquitto, tmp_path: Path) -> None:
    """What nobody can decode is a dead letter with its reason; the good part of a message is stored all the same."""
    async with serve(broker, tmp_path / "data") as product:
        publish(broker, STATION, "not JSON")
        publish(broker, STATION, {"port": 1, "metrics": {"voltage_v": 220.0, "voltage": 1}})

        letters = await product.until("api/v1/deadletters", lambda found: len(found["items"]) >= 2)

    assert {letter["reason"] for letter in letters["items"]} == {"decode", "unknown_metric"}


async def test_a_dead_influxdb_holds_back_no_alarm_and_loses_no_reading(broker: Mosquitto, tmp_path: Path) -> None:
    """With InfluxDB answering 503 the alarm comes at once; when it answers again, the readings are in it."""
    with FakeInflux() as influx:
        settings = influx.settings()
        environment = {
            "INFLUX_URL": settings.influx_url,
            "INFLUX_TOKEN": settings.influx_token,
            "INFLUX_ORG": settings.influx_org,
            "INFLUX_BUCKET": settings.influx_bucket,
        }
        busy: Iterator[Stumble] = iter([(503, {}, "")] * 3)
        influx.stumble = lambda: next(busy, None)
        async with serve(broker, tmp_path / "data", **environment) as product:
            publish(broker, STATION, LEAK)

            await product.until("api/v1/cases", lambda found: bool(found["items"]))
            await product.until(
                "api/v1/overview",
                lambda found: found["system"]["readings_stored"] >= 2 and found["system"]["store_reachable"],
            )
