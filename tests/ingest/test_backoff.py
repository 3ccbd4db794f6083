"""Waiting between attempts."""

import random

from ingest.backoff import Backoff


class Highest(random.Random):
    """Chance that always falls to the upper end."""

    def uniform(self, a: float, b: float) -> float:
        """The ceiling."""
        return max(a, b)


class Lowest(random.Random):
    """Chance that always falls to the lower end."""

    def uniform(self, a: float, b: float) -> float:
        """The floor."""
        return min(a, b)


def test_the_ceiling_doubles_up_to_its_cap() -> None:
    """Half a second, then twice as long each time, never more than 30 s; a good connection begins anew."""
    backoff = Backoff(Highest())
    assert [backoff.failed_s(refused=False) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    backoff.succeeded()
    assert backoff.failed_s(refused=False) == 0.5


def test_full_jitter() -> None:
    """A broker that comes back must not meet everyone at once: the wait may be anything below the ceiling."""
    assert Backoff(Lowest()).failed_s(refused=False) == 0


def test_a_refused_login_waits_longest() -> None:
    """30–60 s from the first refusal on: more attempts only lock the account."""
    assert Backoff(Lowest()).failed_s(refused=True) == 30
    assert Backoff(Highest()).failed_s(refused=True) == 60
