"""kill -9 between every two steps, and at any moment: nothing is lost, and nothing is there twice."""

import os
import random
import threading
from collections.abc import Callable

import pytest

from tests.fakes.fleet import busy
from tests.fakes.victoria import Victoria
from tests.scenario.conftest import Build
from tests.scenario.readings import Talk, messages
from tests.scenario.stage import Stage
from tests.scenario.stores import OfVictoria
from tests.scenario.waiting import until

pytestmark = [pytest.mark.server, pytest.mark.slow]

COLLECTING = ("received", "appending", "appended", "journalled", "acknowledged")
CHILDREN = (*COLLECTING, "storing", "stored", "advanced", "judged", "committed")
KILLS = int(os.environ.get("SCENARIO_KILLS", "6"))
SEED = int(os.environ.get("SCENARIO_SEED") or random.SystemRandom().randrange(1 << 32))


def talk_until(stage: Stage, talk: Talk, over: Callable[[], bool]) -> None:
    """Devices go on talking until it has happened."""

    def talked() -> bool:
        stage.send(*talk.quiet(20))
        return over()

    until(talked, lambda: "it happens")


@pytest.mark.timeout(400)
def test_a_child_that_dies_is_started_again(build: Build, server: Victoria) -> None:
    """Collector, storer or judge dies at each of its steps; `serve` lives on, starts another, and loses nothing."""
    stage, talk = build(OfVictoria(server)), Talk()
    stage.meet_broker()
    for number, point in enumerate(CHILDREN):
        with stage.running(fault=f"{point}:2", ready=False) as product:
            stage.send(*talk.quiet(50), talk.leak(number))
            talk_until(stage, talk, product.lost_a_child)
            stage.send(*talk.quiet(50))
            product.until_ready()
            stage.account(product, leaks=talk.leaks)


@pytest.mark.timeout(400)
def test_everything_dies_with_it(build: Build, server: Victoria) -> None:
    """The same, but that all else dies with it, as in a power cut; the next start makes up for it."""
    stage, talk = build(OfVictoria(server)), Talk()
    stage.meet_broker()
    for number, point in enumerate(CHILDREN):
        with stage.running(fault=f"{point}:2", ready=False) as product:
            stage.send(*talk.quiet(50), talk.leak(number))
            talk_until(stage, talk, product.lost_a_child)
            product.kill()
            stage.send(*talk.quiet(50))
    with stage.running() as product:
        stage.account(product, leaks=talk.leaks)


@pytest.mark.timeout(300 + 20 * KILLS)
def test_killed_at_any_moment(build: Build) -> None:
    """A child or everything, or stopped in order, again and again while devices talk. SCENARIO_SEED repeats a
    run, SCENARIO_KILLS is how often."""
    print(f"SCENARIO_SEED={SEED} SCENARIO_KILLS={KILLS}")  # noqa: T201  shown if it fails
    chance, never = random.Random(SEED), threading.Event()
    stage, talk = build(), Talk()
    said = [*talk.quiet(900), *(talk.leak(number) for number in range(8)), *talk.quiet(900)]
    stage.said += said
    stage.meet_broker()
    with busy(stage.fleet, messages(said), group=8, pause_s=0.15):
        for _ in range(KILLS):
            with stage.running(ready=chance.random() < 0.8) as product:
                never.wait(chance.uniform(0, 1.5))
                if chance.random() < 0.5 and (children := product.children()):
                    chance.choice(children).kill()
                    never.wait(chance.uniform(0, 1))
                if chance.random() < 0.2:
                    product.stop()
                else:
                    product.kill()
    with stage.running() as product:
        stage.account(product, leaks=talk.leaks)
