"""Hours of the day and days of the year in which a rule speaks."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.load import SHARED
from config.workdays import NAME, read_workdays
from domain.clock import epoch_ms, utc
from domain.errors import ConfigError
from rules.schedule import Schedule, ScheduleSpec
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import clock_ms

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORKDAYS = read_workdays([SHARED / NAME])
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_KINDS = {
    "all": lambda _day: True,
    "workdays": WORKDAYS.is_workday,
    "restdays": lambda day: not WORKDAYS.is_workday(day),
    "holidays": WORKDAYS.is_holiday,
}
LEAVING = ("id: x\nkind: presence\nfor_each: {kind: camera}\nclasses: [bicycle]\nzone_roles: [frontage]\n"
           "confirm: {k: 2, n: 3}\nclear: {k: 2, n: 2}\n")  # fmt: skip


def at(text: str) -> int:
    """`2026-10-01 22:00` in Asia/Shanghai → epoch ms."""
    return epoch_ms(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))


def schedule(said: Mapping[str, object]) -> Schedule:
    """As a file says it."""
    return Schedule(ScheduleSpec.model_validate(said), SHANGHAI, WORKDAYS)


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
    assert Schedule(hours, SHANGHAI).holds(clock_ms(at)) is holds


@pytest.mark.parametrize(
    ("said", "moment", "holds"),
    [
        # 1 October 2026 is a Thursday and a holiday; Wednesday evening runs into it, Wednesday the 7th is the last.
        ({"hours": "22:00-06:00", "days": "workdays"}, "2026-09-30 22:00", True),
        ({"hours": "22:00-06:00", "days": "workdays"}, "2026-10-01 05:59", True),
        ({"hours": "22:00-06:00", "days": "workdays"}, "2026-10-01 22:00", False),
        ({"hours": "22:00-06:00", "days": "workdays"}, "2026-10-08 05:00", False),
        ({"hours": "22:00-06:00", "days": "workdays"}, "2026-10-08 22:00", True),
        ({"hours": "22:00-06:00", "days": "holidays"}, "2026-10-08 05:59", True),
        ({"hours": "22:00-06:00", "days": "holidays"}, "2026-10-08 06:00", False),
        # Sunday 20 September and Saturday 10 October are worked for it.
        ({"days": "workdays"}, "2026-09-20 12:00", True),
        ({"days": "restdays"}, "2026-09-20 12:00", False),
        ({"days": ["sun"]}, "2026-09-20 12:00", True),
        ({"days": ["sun"], "except": "workdays"}, "2026-09-20 12:00", False),
        ({"days": ["sat", "sun"], "except": "workdays"}, "2026-10-10 12:00", False),
        ({"days": ["sat", "sun"], "except": "workdays"}, "2026-10-11 12:00", True),
        # A weekend within a holiday is holiday and rest; a plain weekend is rest alone.
        ({"days": "holidays"}, "2026-10-03 12:00", True),
        ({"days": "restdays", "except": "holidays"}, "2026-10-03 12:00", False),
        ({"days": "restdays", "except": "holidays"}, "2026-10-17 12:00", True),
        ({"hours": "07:00-22:00", "except": "holidays"}, "2026-10-01 12:00", False),
        ({"hours": "07:00-22:00", "except": "holidays"}, "2026-10-08 12:00", True),
        ({"hours": "07:00-22:00", "except": "holidays"}, "2026-10-08 22:00", False),
        # Of a year that nobody has decided yet, weekends are all that is known.
        ({"days": "workdays"}, "2031-10-01 12:00", True),
    ],
)
def test_days_are_those_of_the_calendar(said: Mapping[str, object], moment: str, holds: bool) -> None:
    """Holidays, make-up workdays, and nights that run into either."""
    assert schedule(said).holds(at(moment)) is holds


@given(
    hours=st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(lambda pair: pair[0] != pair[1]),
    days=st.one_of(st.sampled_from([*DAY_KINDS]), st.lists(st.sampled_from(WEEK), min_size=1, unique=True)),
    but=st.sampled_from([None, "workdays", "restdays", "holidays"]),
    minutes=st.lists(st.integers(0, 730 * 1440 - 1), min_size=1, max_size=20),
)
def test_a_schedule_is_what_one_reads_off_a_calendar(
    hours: tuple[int, int], days: str | list[str], but: str | None, minutes: list[int]
) -> None:
    """Found the long way: by walking back to the minute in which these hours began, and asking that day."""
    if but is not None and (days == but or (days, but) == ("holidays", "restdays")):
        return
    clock = "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in hours)
    found = schedule({"hours": clock, "days": days, "except": but})
    length = (hours[1] - hours[0]) % 1440
    midnight_ms = at("2025-01-01 00:00")
    for minute in minutes:
        begun = minute - (minute - hours[0]) % 1440
        day = date(2025, 1, 1) + timedelta(days=(begun - hours[0]) // 1440)
        on = day.weekday() in map(WEEK.index, days) if isinstance(days, list) else DAY_KINDS[days](day)
        wanted = minute - begun < length and on and not (but and DAY_KINDS[but](day))
        assert found.holds(midnight_ms + minute * 60_000 + 59_999) is wanted
        assert found.holds(midnight_ms + minute * 60_000) is wanted


@given(minute=st.integers(0, 366 * 1440), seconds=st.integers(0, 59))
def test_there_is_no_summer_time(minute: int, seconds: int) -> None:
    """Seven o'clock in Asia/Shanghai is 23:00 UTC on every day of the year."""
    moment_ms = epoch_ms(datetime(2026, 1, 1, tzinfo=UTC)) + minute * 60_000 + seconds * 1000
    assert Schedule("07:00-22:00", SHANGHAI).holds(moment_ms) is (utc(moment_ms).hour >= 23 or utc(moment_ms).hour < 14)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ('"07:00-07:00"', "no time at all"),
        ("{hours: 7-22}", "write hours as 21:00-08:00"),
        ("{hours: 07:00-07:00}", "no time at all"),
        ("{days: weekdays}", "'workdays'"),
        ("{days: [monday]}", "'mon'"),
        ("{days: []}", "at least 1 item"),
        ("{days: holidays, except: restdays}", "holidays except restdays is no day at all"),
        ("{days: workdays, except: workdays}", "workdays except workdays is no day at all"),
        ("{day: workdays}", "unknown key"),
    ],
)
def test_a_schedule_that_cannot_be_is_named_with_its_line(tmp_path: Path, said: str, problem: str) -> None:
    """The rule's file, and the line that has it."""
    with pytest.raises(ConfigError, match=r"rules\.yaml line 11: ") as refused:
        rules_from(tmp_path, small_city(), LEAVING + f"schedule: {said}")
    assert problem in str(refused.value)
