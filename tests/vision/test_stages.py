"""Where the time of a look goes."""

import time

from vision.stages import Stage, Stopwatch


def test_each_stage_gets_the_time_since_the_mark_before() -> None:
    """What is skipped belongs to none; all together is what has passed, but for that."""
    watch, began = Stopwatch(), time.perf_counter()
    burn(0.02)
    watch.lap(Stage.FETCH)
    burn(0.01)
    watch.skip()
    burn(0.01)
    watch.lap(Stage.PUBLISH)
    passed_s = time.perf_counter() - began
    stages = watch.stages
    assert stages.fetch_s >= 0.02
    assert stages.publish_s >= 0.01
    assert stages.fetch_s + stages.publish_s <= passed_s - 0.01 + 0.001
    assert stages.detect_s == 0


def test_watches_add_up() -> None:
    """Over all looks of a worker."""
    total, one = Stopwatch(), Stopwatch()
    burn(0.005)
    one.lap(Stage.DETECT)
    total.add(one)
    total.add(one)
    assert total.stages.detect_s == 2 * one.stages.detect_s >= 0.01


def test_a_lap_costs_next_to_nothing() -> None:
    """Under a microsecond, so that every look can be measured: the best of some rounds, on a busy machine."""
    watch = Stopwatch()
    best_s = min(timed(watch) for _ in range(20))
    assert best_s / 1000 < 0.000_001


def timed(watch: Stopwatch) -> float:
    """A thousand laps."""
    began = time.perf_counter()
    for _ in range(1000):
        watch.lap(Stage.PLACES)
    return time.perf_counter() - began


def burn(seconds: float) -> None:
    """Let so much time pass."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass
