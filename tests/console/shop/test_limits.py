"""How often somebody may come, on a clock that is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.shop.limits import MOST, Tap, network

SECOND_MS = 1000


def test_so_many_and_then_one_after_the_other() -> None:
    """It says how long to wait, and after that there is one."""
    tap = Tap("3:60")
    assert [tap.take("a", 0) for _ in range(4)] == [0, 0, 0, 20]
    assert tap.take("a", 19 * SECOND_MS) == pytest.approx(1)
    assert tap.take("a", 20 * SECOND_MS) == 0
    assert tap.take("a", 20 * SECOND_MS) == 20
    assert tap.take("b", 20 * SECOND_MS) == 0


def test_of_several_rates_each_holds() -> None:
    """The long one when the short one would let it pass."""
    tap = Tap("2:1,3:3600")
    assert [tap.take("a", 0) for _ in range(3)] == [0, 0, 0.5]
    assert tap.take("a", SECOND_MS) == 0
    assert tap.take("a", 2 * SECOND_MS) > 1000


def test_no_rate_is_no_limit() -> None:
    """Where a site says so."""
    assert not any(Tap("").take("a", 0) for _ in range(1000))


@given(st.lists(st.integers(0, 120_000), min_size=1, max_size=200))
def test_never_more_than_its_rate_whatever_the_times(pauses_ms: list[int]) -> None:
    """In any stretch of time at most the rate and what had been saved up."""
    tap, now_ms, taken = Tap("5:60"), 0, []
    for pause_ms in pauses_ms:
        now_ms += pause_ms
        if not tap.take("a", now_ms):
            taken.append(now_ms)
    for place, from_ms in enumerate(taken):
        for later, to_ms in enumerate(taken[place:], start=1):
            assert later <= 5 + (to_ms - from_ms) * 5 / 60_000 + 1e-6


def test_a_clock_set_back_locks_nobody_out() -> None:
    """What was left is left."""
    tap = Tap("2:60")
    tap.take("a", 1_000_000_000)
    assert tap.take("a", 0) == 0
    assert tap.take("a", 0) > 0
    assert tap.take("a", 60 * SECOND_MS) == 0


def test_a_crowd_does_not_fill_the_memory() -> None:
    """Who was longest away is forgotten; who comes all the time is not."""
    tap = Tap("2:3600")
    tap.take("guesser", 0)
    tap.take("guesser", 0)
    for number in range(MOST + 100):
        tap.take(f"address-{number}", 1)
        if number % 1000 == 0:
            assert tap.take("guesser", 1) > 0
    assert len(tap) <= MOST


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("", "?"),
        ("<script>", "?"),
    ],
)
def test_one_subscriber_is_one(address: str, who: str) -> None:
    """Of IPv6 everybody has more addresses than the table has room."""
    assert network(address) == who
