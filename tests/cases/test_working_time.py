"""Time limits on the calendar, exact at every edge."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cases.working_time import WorkingCalendar, due_ms, elapsed_ms, length_ms
from config.load import SHARED
from config.workdays import read_workdays
from domain.clock import epoch_ms, utc
from domain.time_limit import TimeLimit, TimeUnit
from domain.workdays import Workdays

SHANGHAI = ZoneInfo("Asia/Shanghai")
PUBLISHED = read_workdays([SHARED / "workdays.yaml"])
OFFICE = ((time(8), time(12)), (time(14), time(18)))
CALENDAR = WorkingCalendar(timezone=SHANGHAI, workdays=PUBLISHED, office_hours=OFFICE)
MINUTES, EMERGENCY = TimeUnit.MINUTES, TimeUnit.EMERGENCY_HOURS
HOURS, DAYS, NATURAL = TimeUnit.WORKING_HOURS, TimeUnit.WORKING_DAYS, TimeUnit.NATURAL_DAYS


def at(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    """`"2026-11-20 17:00"` on the clock of a zone."""
    return epoch_ms(datetime.fromisoformat(text).replace(tzinfo=zone))


@pytest.mark.parametrize(
    ("opened", "n", "unit", "due"),
    [
        # Within a day.
        ("2026-11-20 09:00", 2, HOURS, "2026-11-20 11:00"),
        ("2026-11-20 10:00", 2, HOURS, "2026-11-20 12:00"),  # used up at noon, not after lunch
        ("2026-11-20 10:00", 2.5, HOURS, "2026-11-20 14:30"),
        ("2026-11-20 12:00", 2, HOURS, "2026-11-20 16:00"),  # noon is no working time any more …
        ("2026-11-20 11:59", 2, HOURS, "2026-11-20 15:59"),  # … the minute before it is
        ("2026-11-20 11:59:59", 1, HOURS, "2026-11-20 14:59:59"),
        ("2026-11-20 13:59", 2, HOURS, "2026-11-20 16:00"),
        ("2026-11-20 14:00", 4, HOURS, "2026-11-20 18:00"),
        # Outside hours: from the next minute of work on.
        ("2026-11-20 07:59", 4, HOURS, "2026-11-20 12:00"),
        ("2026-11-19 18:00", 2, HOURS, "2026-11-20 10:00"),
        ("2026-11-19 23:30", 2, HOURS, "2026-11-20 10:00"),
        ("2026-11-20 00:00", 2, HOURS, "2026-11-20 10:00"),
        # Over a weekend.
        ("2026-11-20 17:00", 2, HOURS, "2026-11-23 09:00"),
        ("2026-11-21 10:00", 2, HOURS, "2026-11-23 10:00"),
        ("2026-11-22 23:59", 4, HOURS, "2026-11-23 12:00"),
        ("2026-11-20 16:00", 1, DAYS, "2026-11-23 16:00"),
        ("2026-11-20 16:00", 5, DAYS, "2026-11-27 16:00"),
        ("2026-11-20 08:00", 1, DAYS, "2026-11-20 18:00"),  # eight working hours, not the same hour tomorrow
        ("2026-11-20 12:30", 0.5, DAYS, "2026-11-20 18:00"),
        # The evening before National Day: it is 1–7 October, and the Saturday after it is worked.
        ("2026-09-30 17:00", 2, HOURS, "2026-10-08 09:00"),
        ("2026-09-30 18:00", 1, HOURS, "2026-10-08 09:00"),
        ("2026-10-09 17:00", 2, HOURS, "2026-10-10 09:00"),
        ("2026-10-10 17:00", 2, HOURS, "2026-10-12 09:00"),  # the Sunday behind it is not
        ("2026-10-10 09:00", 2, HOURS, "2026-10-10 11:00"),
        # A Sunday that is worked before the Mid-Autumn holiday, and a Friday that is not.
        ("2026-09-20 09:00", 4, HOURS, "2026-09-20 15:00"),
        ("2026-09-24 17:30", 1, HOURS, "2026-09-28 08:30"),
        # Spring Festival: 14 February (a Saturday) is worked, 15–23 are not.
        ("2026-02-13 17:00", 10, HOURS, "2026-02-24 09:00"),
        # Year end: 1–3 January off, 4 January, a Sunday, is worked.
        ("2025-12-31 17:00", 2, HOURS, "2026-01-04 09:00"),
        ("2025-12-31 17:00", 2, EMERGENCY, "2025-12-31 19:00"),
        ("2025-12-31 23:00", 2, EMERGENCY, "2026-01-01 01:00"),
        # Nothing stops what is urgent, or counted in natural days.
        ("2026-11-21 12:00", 2, EMERGENCY, "2026-11-21 14:00"),
        ("2026-10-01 03:00", 30, MINUTES, "2026-10-01 03:30"),
        ("2026-09-30 17:00", 5, NATURAL, "2026-10-05 17:00"),
    ],
)
def test_a_limit_ends(opened: str, n: float, unit: TimeUnit, due: str) -> None:
    """On the published calendar of 2025 and 2026; and just as much of it has elapsed as it gives."""
    limit = TimeLimit(n, unit)
    assert due_ms(at(opened), limit, CALENDAR) == at(due)
    assert elapsed_ms(at(opened), at(due), unit, CALENDAR) == length_ms(limit, CALENDAR)


@pytest.mark.parametrize(
    ("opened", "until", "unit", "minutes"),
    [
        ("2026-11-20 11:00", "2026-11-20 13:00", HOURS, 60),
        ("2026-11-20 12:00", "2026-11-20 14:00", HOURS, 0),
        ("2026-11-20 11:59", "2026-11-20 14:01", HOURS, 2),
        ("2026-11-20 17:00", "2026-11-23 08:00", HOURS, 60),
        ("2026-11-20 17:00", "2026-11-23 08:01", DAYS, 61),
        ("2026-09-30 18:00", "2026-10-08 08:00", HOURS, 0),
        ("2026-10-10 07:00", "2026-10-11 20:00", HOURS, 480),
        ("2026-11-20 17:00", "2026-11-23 08:00", EMERGENCY, 63 * 60),
        ("2026-11-23 09:00", "2026-11-20 17:00", HOURS, 0),
        ("2026-11-23 09:00", "2026-11-20 17:00", EMERGENCY, 0),
    ],
)
def test_time_elapses(opened: str, until: str, unit: TimeUnit, minutes: int) -> None:
    """In office hours only, or always; never backwards."""
    assert elapsed_ms(at(opened), at(until), unit, CALENDAR) == minutes * 60_000


def test_a_working_day_is_the_office_hours_of_one_day() -> None:
    """Eight hours as shipped. An office of seven hours a day has one working day in one day all the same."""
    assert length_ms(TimeLimit(1, DAYS), CALENDAR) == 8 * 3_600_000
    short = WorkingCalendar(
        timezone=SHANGHAI, workdays=PUBLISHED, office_hours=((time(9), time(12)), (time(13, 30), time(17, 30)))
    )
    assert length_ms(TimeLimit(1, DAYS), short) == 7 * 3_600_000
    assert due_ms(at("2026-11-20 10:00"), TimeLimit(1, DAYS), short) == at("2026-11-23 10:00")
    assert due_ms(at("2026-11-20 10:00"), TimeLimit(8, HOURS), short) == at("2026-11-23 11:00")


def test_office_hours_are_on_the_clock_of_the_site() -> None:
    """Ten in the morning in Shanghai is before dawn in Berlin; and clocks that are put back move no working hour."""
    berlin = ZoneInfo("Europe/Berlin")
    there = WorkingCalendar(timezone=berlin, workdays=Workdays(), office_hours=OFFICE)
    assert due_ms(at("2026-11-20 10:00"), TimeLimit(2, HOURS), there) == at("2026-11-20 10:00", berlin)
    friday, monday = at("2026-10-23 17:00", berlin), at("2026-10-26 09:00", berlin)
    assert due_ms(friday, TimeLimit(2, HOURS), there) == monday
    assert elapsed_ms(friday, monday, EMERGENCY, there) == 65 * 3_600_000  # the night had an hour more


def test_a_year_whose_holidays_nobody_has_entered_is_told() -> None:
    """It counts as weekends only, and that is no secret."""
    opened = at("2026-12-31 17:00")
    due = due_ms(opened, TimeLimit(2, HOURS), CALENDAR)
    assert due == at("2027-01-01 09:00")  # a Friday, and New Year's Day
    assert CALENDAR.unknown_years(opened, due) == (2027,)
    assert CALENDAR.unknown_years(opened, opened) == ()
    assert CALENDAR.unknown_years(at("2024-12-31 17:00"), at("2025-01-02 09:00")) == (2024,)


_ZONES = st.sampled_from(["Asia/Shanghai", "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
_QUARTERS = st.lists(st.integers(24, 88), min_size=2, max_size=8, unique=True).map(sorted)


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Any office, from six in the morning to ten at night."""
    edges = [time(quarter // 4, quarter % 4 * 15) for quarter in draw(_QUARTERS)]
    spans = tuple(zip(edges[::2], edges[1::2], strict=False))
    return WorkingCalendar(timezone=ZoneInfo(draw(_ZONES)), workdays=PUBLISHED, office_hours=spans)


_MOMENTS = st.integers(at("2025-09-01 00:00"), at("2027-03-01 00:00"))
_UNITS = st.sampled_from(TimeUnit)
_EIGHTHS = st.integers(0, 400).map(lambda n: n / 8)


@given(calendars(), _MOMENTS, _UNITS, _EIGHTHS, _EIGHTHS)
@example(CALENDAR, at("2026-11-20 10:00"), HOURS, 2.0, 0.0)
def test_limits_add_up(calendar: WorkingCalendar, opened_ms: int, unit: TimeUnit, a: float, b: float) -> None:
    """One after the other they end when both together do, and what has elapsed is what was given."""
    first_ms = due_ms(opened_ms, TimeLimit(a, unit), calendar)
    both = TimeLimit(a + b, unit)
    due = due_ms(opened_ms, both, calendar)
    assert due_ms(first_ms, TimeLimit(b, unit), calendar) == due
    assert elapsed_ms(opened_ms, due, unit, calendar) == length_ms(both, calendar)
    assert opened_ms <= first_ms <= due


@given(calendars(), _MOMENTS, st.integers(0, 20 * 86_400_000), _UNITS, _EIGHTHS)
def test_who_comes_later_is_due_no_sooner(
    calendar: WorkingCalendar, opened_ms: int, later_ms: int, unit: TimeUnit, n: float
) -> None:
    """And less has elapsed for it at any time."""
    limit = TimeLimit(n, unit)
    first, second = (due_ms(begun, limit, calendar) for begun in (opened_ms, opened_ms + later_ms))
    assert first <= second
    until_ms = opened_ms + 2 * later_ms
    assert elapsed_ms(opened_ms, until_ms, unit, calendar) >= elapsed_ms(opened_ms + later_ms, until_ms, unit, calendar)


@given(calendars(), _MOMENTS, _UNITS, _EIGHTHS.filter(bool))
def test_it_is_due_at_the_first_moment_and_at_work(
    calendar: WorkingCalendar, opened_ms: int, unit: TimeUnit, n: float
) -> None:
    """A moment earlier something was left; a limit in working time ends within office hours of a workday."""
    limit = TimeLimit(n, unit)
    due = due_ms(opened_ms, limit, calendar)
    assert elapsed_ms(opened_ms, due - 1, unit, calendar) == length_ms(limit, calendar) - 1
    if not unit.is_continuous:
        local = utc(due).astimezone(calendar.timezone)
        assert calendar.workdays.is_workday(local.date())
        assert any(begin < local.time() <= end for begin, end in calendar.office_hours)


@given(_MOMENTS, st.integers(1, 24))
def test_minute_by_minute_it_is_the_same(opened_ms: int, n: int) -> None:
    """Against counting each minute of work from the first on, which is slow and cannot be wrong."""
    opened_ms -= opened_ms % 60_000
    left, minute_ms = n * 15, opened_ms
    while left:
        local = utc(minute_ms).astimezone(SHANGHAI)
        if PUBLISHED.is_workday(local.date()) and (8 <= local.hour < 12 or 14 <= local.hour < 18):
            left -= 1
        minute_ms += 60_000
    assert due_ms(opened_ms, TimeLimit(n / 4, HOURS), CALENDAR) == minute_ms
