"""The broker is started again, with what it kept and without."""

from pathlib import Path

import pytest

from tests.fakes.brokers import mosquitto
from tests.fakes.fleet import busy
from tests.scenario.conftest import Build
from tests.scenario.readings import Talk, messages

pytestmark = pytest.mark.server


def test_with_its_persistence(build: Build, tmp_path: Path) -> None:
    """Stopped while devices talk and started again: they and the product come back, and nothing is lost."""
    folder = tmp_path / "broker"
    folder.mkdir()
    with mosquitto(folder) as broker:
        stage, talk = build(at=broker), Talk()
        with stage.running() as product:
            said = [*talk.quiet(500), talk.leak(0), *talk.quiet(2000)]
            stage.said += said
            with busy(stage.fleet, messages(said), pause_s=2.0) as going:
                for _ in range(2):
                    product.until(lambda one: one.metric("messages_received_total") >= 50, "devices are heard")
                    assert not going.done
                    broker.stop()
                    product.until(lambda one: "broker session is down" in str(one.ready()[1]), "its absence is told")
                    assert product.ready()[0] == 503
                    broker.start()
                    product.until_ready()
                going.finish()
            stage.account(product, leaks=talk.leaks)
            assert "connected again" in product.log()
            assert "not kept our session" not in product.log()


def test_without_persistence(build: Build, tmp_path: Path) -> None:
    """What waited at the broker is the broker's loss; a warning says so, and nothing else is lost or invented."""
    folder = tmp_path / "broker"
    folder.mkdir()
    with mosquitto(folder, whole="persistence false\nuser root\nmax_queued_messages 100000\n") as broker:
        stage, talk = build(at=broker), Talk()
        with stage.running() as product:
            stage.send(*talk.quiet(100), talk.leak(0))
            stage.account(product, leaks=talk.leaks)
            product.stop()
        stage.fleet.send(messages(talk.quiet(50)))  # acknowledged, and not in the account: it waits at the broker
        broker.stop()
        broker.start()
        with stage.running() as product:
            stage.send(*talk.quiet(100), talk.leak(1))
            stage.account(product, leaks=talk.leaks)

            assert "WARNING" in product.log()
            assert "has not kept our session, and what came meanwhile may be lost" in product.log()
            assert product.metric("collector_session_present") == 0
