"""The rules measurement counts what it says, and its peers check the same."""

import pytest

from app.bench.rules import Asked, bench_rules
from app.bench.rules_city import DAY_MS, HOUR_MS, city, readings

SMALL = Asked(trees=2, stations=1, ports=2, cameras=2, minutes=2, replay_days=0.01)


@pytest.mark.slow
def test_a_small_city_is_measured() -> None:
    """Every figure is there, and every peer finds as many breaches as the others."""
    told: list[tuple[int, int]] = []
    figures = bench_rules(SMALL, lambda _phase, done, total: told.append((done, total)))
    assert told[-1] == (4, 4)
    assert figures.subjects == 2 + 1 + 2 + 2
    assert figures.evals_per_s > 0
    assert figures.replay_days_per_minute > 0
    assert 0 < figures.subject_bytes_median <= max(figures.subject_bytes_by_kind.values())
    assert figures.subject_bytes_by_kind.keys() == {"tree", "charger", "port", "camera"}
    assert len({peer.breaches for peer in figures.peers}) == 1
    assert {peer.name for peer in figures.peers} >= {"plain Python"}


def test_the_traffic_is_the_same_for_the_same_seed() -> None:
    """In order of time, and another with another seed."""
    site = city(trees=2, stations=1, ports=2, cameras=0)
    first, again, other = (list(readings(site, DAY_MS, DAY_MS + HOUR_MS, seed=seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert [one.at_ms for one in first] == sorted(one.at_ms for one in first)
