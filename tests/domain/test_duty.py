"""Hours of duty."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import epoch_ms, utc
from domain.duty import Duty

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
MINUTE_MS, DAY_MS = 60_000, 86_400_000


def ms(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    """A moment on the clock of a place."""
    return epoch_ms(datetime.fromisoformat(text).replace(tzinfo=zone))


@pytest.mark.parametrize(
    ("hours", "at", "holds"),
    [
        ("06:00-23:00", "05:59:59", False),
        ("06:00-23:00", "06:00:00", True),
        ("06:00-23:00", "22:59:59", True),
        ("06:00-23:00", "23:00:00", False),
        ("22:00-04:00", "23:00:00", True),
        ("22:00-04:00", "03:59:00", True),
        ("22:00-04:00", "12:00:00", False),
        ("00:00-00:00", "00:00:00", True),
        ("00:00-00:00", "12:00:00", True),
    ],
)
def test_the_first_minute_is_on_duty_and_the_last_is_not(hours: str, at: str, holds: bool) -> None:
    """Over midnight too; from a minute to itself is all day."""
    assert Duty(hours, SHANGHAI).holds(ms(f"2026-11-23T{at}")) is holds


@pytest.mark.parametrize(
    ("hours", "at", "begins"),
    [
        ("06:00-23:00", "2026-11-23T02:00", "2026-11-23T06:00"),
        ("06:00-23:00", "2026-11-23T23:30", "2026-11-24T06:00"),
        ("06:00-23:00", "2026-11-23T12:34", "2026-11-23T12:34"),
        ("22:00-04:00", "2026-11-23T05:00", "2026-11-23T22:00"),
    ],
)
def test_when_duty_begins_next(hours: str, at: str, begins: str) -> None:
    """On duty it is now."""
    assert Duty(hours, SHANGHAI).begins_ms(ms(at)) == ms(begins)


def test_duty_keeps_to_the_clock_on_the_wall() -> None:
    """On the night in which summer time begins, six o'clock comes an hour sooner."""
    duty = Duty("06:00-23:00", BERLIN)
    asleep = ms("2026-03-28T23:00", BERLIN)
    assert duty.begins_ms(asleep) - asleep == 6 * 60 * MINUTE_MS
    assert utc(duty.begins_ms(asleep)).astimezone(BERLIN).hour == 6


@given(
    begin=st.integers(0, 1439),
    end=st.integers(0, 1439),
    start=st.integers(0, 2879),
    minutes=st.integers(0, 5000),
)
def test_time_on_duty_is_what_one_counts_minute_by_minute(begin: int, end: int, start: int, minutes: int) -> None:
    """Whatever the hours, for as many days as it takes."""
    clock = datetime(2026, 11, 23, tzinfo=SHANGHAI)
    times = [(clock + timedelta(minutes=minute)).strftime("%H:%M") for minute in (begin, end)]
    duty = Duty("-".join(times), SHANGHAI)
    from_ms = epoch_ms(clock) + start * MINUTE_MS
    counted = sum(duty.holds(from_ms + minute * MINUTE_MS) for minute in range(minutes)) * MINUTE_MS
    until_ms = from_ms + minutes * MINUTE_MS
    assert duty.on_duty_ms(from_ms, until_ms, enough_ms=10 * DAY_MS) == counted
    assert duty.on_duty_ms(from_ms, until_ms, enough_ms=counted // 2) == counted // 2
