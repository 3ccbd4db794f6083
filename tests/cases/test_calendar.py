"""Quiet hours."""

from zoneinfo import ZoneInfo

import pytest

from cases.calendar import quiet_until
from tests.cases.city import clock_ms

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        ("21:00-08:00", "20:59", "20:59"),
        ("21:00-08:00", "21:00", "23 08:00"),
        ("21:00-08:00", "23 00:00", "23 08:00"),
        ("21:00-08:00", "23 07:59", "23 08:00"),
        ("21:00-08:00", "23 08:00", "23 08:00"),
        ("12:00-14:00", "13:30", "14:00"),
        ("12:00-14:00", "14:00", "14:00"),
        ("00:00-06:00", "00:00", "06:00"),
        ("22:00-00:00", "23:59", "23 00:00"),
        ("08:00-08:00", "08:00", "08:00"),
        (None, "03:00", "03:00"),
    ],
)
def test_quiet_hours_end(hours: str | None, at: str, until: str) -> None:
    """The first minute is quiet, the last is not; midnight may lie between them; none at all is allowed."""
    assert quiet_until(clock_ms(at), hours, SHANGHAI) == clock_ms(until)


def test_quiet_hours_are_on_the_clock_of_the_site() -> None:
    """21:30 in Shanghai is 13:30 in UTC: quiet there, not here."""
    assert quiet_until(clock_ms("21:30"), "21:00-08:00", ZoneInfo("UTC")) == clock_ms("21:30")
