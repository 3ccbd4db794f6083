"""Hours of the day."""

from zoneinfo import ZoneInfo

import pytest

from rules.schedule import Schedule
from tests.rules.timetable import clock_ms


@pytest.mark.parametrize(
    ("hours", "at", "holds"),
    [
        ("07:00-22:00", "06:59:59", False),
        ("07:00-22:00", "07:00", True),
        ("07:00-22:00", "21:59:59", True),
        ("07:00-22:00", "22:00", False),
        ("22:00-06:30", "23:59", True),
        ("22:00-06:30", "1d 06:29", True),
        ("22:00-06:30", "1d 06:30", False),
        ("22:00-06:30", "12:00", False),
    ],
)
def test_hours_are_the_citys_own(hours: str, at: str, holds: bool) -> None:
    """In Asia/Shanghai, from the first minute to before the last, also across midnight."""
    assert Schedule(hours, ZoneInfo("Asia/Shanghai")).holds(clock_ms(at)) is holds
