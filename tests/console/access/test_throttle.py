"""How soon one may try again."""

import pytest

from console.access.throttle import ACCOUNT, ADDRESS, PAIR, Throttle
from domain.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_000_000)


@pytest.fixture
def throttle(clock: ManualClock) -> Throttle:
    return Throttle(clock)


def test_each_try_too_many_doubles_the_wait(throttle: Throttle, clock: ManualClock) -> None:
    """From a second to a quarter of an hour; a try that is not made is not counted."""
    for _ in range(PAIR.free):
        assert throttle.begin("192.0.2.1", "li", at_home=True) == 0
    waits = []
    for _ in range(12):
        waits.append(throttle.begin("192.0.2.1", "li", at_home=True))
        assert throttle.begin("192.0.2.1", "li", at_home=True) == waits[-1]
        clock.advance(seconds=waits[-1])
        assert throttle.begin("192.0.2.1", "li", at_home=True) == 0
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == PAIR.longest_s


def test_many_at_once_are_not_free(throttle: Throttle) -> None:
    """Each counts when it begins, not when it turns out wrong."""
    free = [throttle.begin("192.0.2.1", "li", at_home=True) for _ in range(50)].count(0)
    assert free == PAIR.free


def test_the_right_password_makes_it_good(throttle: Throttle) -> None:
    """Somebody who mistypes now and then never waits."""
    for _ in range(20):
        assert throttle.begin("192.0.2.1", "li", at_home=True) == 0
        throttle.right("192.0.2.1", "li")


def test_one_address_cannot_try_many_names(throttle: Throttle) -> None:
    """Nor many addresses of one IPv6 network."""
    for each in ("192.0.2.1", "2001:db8::{n:x}"):
        tried = [throttle.begin(each.format(n=n), f"name-{n}", at_home=True) for n in range(100)]
        assert tried.count(0) == ADDRESS.free


def test_strangers_never_lock_an_owner_out(throttle: Throttle, clock: ManualClock) -> None:
    """However many addresses they come from: where the owner last signed in, it stays open."""
    for n in range(2000):
        throttle.begin(f"198.51.{n // 250}.{n % 250}", "admin", at_home=False)
    assert 0 < throttle.begin("203.0.113.1", "admin", at_home=False) <= ACCOUNT.longest_s
    assert throttle.begin("192.0.2.7", "admin", at_home=True) == 0


def test_what_is_remembered_has_a_bound(throttle: Throttle) -> None:
    """An attacker with a million names takes no memory."""
    for n in range(30_000):
        throttle.begin("192.0.2.1" if n % 2 else f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", f"n{n}", at_home=False)
    assert throttle.size <= 30_000


def test_an_hour_later_it_is_forgotten(throttle: Throttle, clock: ManualClock) -> None:
    """Tries of yesterday do not add to those of today."""
    for _ in range(PAIR.free + 1):
        throttle.begin("192.0.2.1", "li", at_home=True)
    clock.advance(seconds=2 * 3600)
    assert [throttle.begin("192.0.2.1", "li", at_home=True) for _ in range(PAIR.free)] == [0] * PAIR.free
