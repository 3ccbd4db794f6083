"""Holidays, make-up workdays, and the years that nobody has decided yet."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.workdays import Holiday, Workdays

NATIONAL = Holiday(
    name_zh="国庆节",
    name_en="National Day",
    first=date(2026, 10, 1),
    last=date(2026, 10, 7),
    makeup=(date(2026, 9, 20), date(2026, 10, 10)),
)
TABLE = Workdays.of({2026: [NATIONAL]})
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


def test_a_holiday_is_no_workday_and_its_make_up_is_one() -> None:
    """A Thursday off, a Saturday within, the Sunday before and the Saturday after that pay for it."""
    thursday, saturday, sunday = date(2026, 10, 1), date(2026, 10, 3), date(2026, 9, 20)
    assert not TABLE.is_workday(thursday)
    assert TABLE.is_holiday(saturday)
    assert not TABLE.is_workday(saturday)
    assert TABLE.is_workday(sunday)
    assert TABLE.is_workday(date(2026, 10, 10))
    assert not TABLE.is_holiday(sunday)
    assert (TABLE.holiday(thursday), TABLE.makeup_for(sunday)) == (NATIONAL, NATIONAL)
    assert (TABLE.holiday(sunday), TABLE.makeup_for(thursday)) == (None, None)


def test_of_a_year_that_is_not_known_only_weekends_are_told() -> None:
    """And whoever needs to know can ask."""
    friday, saturday = date(2027, 10, 1), date(2027, 10, 2)
    assert not TABLE.knows(friday)
    assert TABLE.knows(date(2026, 1, 1))
    assert TABLE.is_workday(friday)
    assert not TABLE.is_workday(saturday)
    assert not TABLE.is_holiday(friday)
    assert not Workdays().knows(friday)


def test_a_new_year_that_begins_in_december_is_told_by_its_own_year() -> None:
    """The table of 2023 took 31 December 2022."""
    eve = date(2022, 12, 31)
    new_year = Holiday(name_zh="元旦", name_en="New Year's Day", first=eve, last=date(2023, 1, 2))
    assert Workdays.of({2022: [], 2023: [new_year]}).is_holiday(eve)


@given(day=DAYS)
def test_without_a_word_on_a_day_it_is_as_every_week(day: date) -> None:
    """Only published days differ from Monday to Friday."""
    published = {*NATIONAL.days, *NATIONAL.makeup}
    if day not in published:
        assert TABLE.is_workday(day) is (day.weekday() < 5)
    assert not (TABLE.is_workday(day) and TABLE.is_holiday(day))


def test_a_holiday_has_all_its_days() -> None:
    """The first and the last too."""
    assert NATIONAL.days == tuple(date(2026, 10, 1) + timedelta(days=offset) for offset in range(7))
