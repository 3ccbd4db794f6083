"""Time limits on the calendar: office hours, weekends, holidays and make-up workdays (调休)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.clock import epoch_ms, utc
from domain.time_limit import TimeLimit, TimeUnit
from domain.workdays import Workdays

_MS: Final = timedelta(milliseconds=1)
_DAY: Final = timedelta(days=1)
_CONTINUOUS: Final = {
    TimeUnit.MINUTES: timedelta(minutes=1),
    TimeUnit.EMERGENCY_HOURS: timedelta(hours=1),
    TimeUnit.WORKING_HOURS: timedelta(hours=1),
    TimeUnit.NATURAL_DAYS: _DAY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """When people are at their desks: on workdays in office hours, which are in order and do not touch midnight."""

    timezone: ZoneInfo
    workdays: Workdays
    office_hours: tuple[tuple[time, time], ...]

    @property
    def working_day(self) -> timedelta:
        """The office hours of one day together: 8 hours, as the field counts them, unless a site has others."""
        return sum(
            (
                timedelta(hours=end.hour - begin.hour, minutes=end.minute - begin.minute)
                for begin, end in self.office_hours
            ),
            timedelta(),
        )

    def open_from(self, at_ms: int) -> Iterator[tuple[int, int]]:
        """The spans in which work is done, in order, without end: the first is the first that ends after `at_ms`."""
        day = utc(at_ms).astimezone(self.timezone).date()
        while True:
            if self.workdays.is_workday(day):
                for begin, end in self.office_hours:
                    end_ms = epoch_ms(datetime.combine(day, end, self.timezone))
                    if end_ms > at_ms:
                        yield epoch_ms(datetime.combine(day, begin, self.timezone)), end_ms
            day += _DAY

    def unknown_years(self, from_ms: int, until_ms: int) -> tuple[int, ...]:
        """The years between two times of which no holidays and make-up workdays are known, only weekends."""
        first, last = (utc(at_ms).astimezone(self.timezone).year for at_ms in (from_ms, until_ms))
        return tuple(year for year in range(first, last + 1) if year not in self.workdays.years)


def length_ms(limit: TimeLimit, calendar: WorkingCalendar) -> int:
    """How much time a limit gives, of the kind that its unit counts."""
    unit = calendar.working_day if limit.unit is TimeUnit.WORKING_DAYS else _CONTINUOUS[limit.unit]
    return round(limit.n * (unit / _MS))


def due_ms(opened_ms: int, limit: TimeLimit, calendar: WorkingCalendar) -> int:
    """The first moment at which a limit that began at `opened_ms` is used up.

    What is used up at noon is due at noon, not after lunch.
    """
    return used_up_ms(opened_ms, length_ms(limit, calendar), limit.unit, calendar)


def used_up_ms(opened_ms: int, left_ms: int, unit: TimeUnit, calendar: WorkingCalendar) -> int:
    """The first moment at which so much time, of the kind that a unit counts, is used up."""
    if unit.is_continuous or left_ms == 0:
        return opened_ms + left_ms
    for begin_ms, end_ms in calendar.open_from(opened_ms):
        started_ms = max(begin_ms, opened_ms)
        if started_ms + left_ms <= end_ms:
            return started_ms + left_ms
        left_ms -= end_ms - started_ms
    raise AssertionError("work goes on without end")


def elapsed_ms(opened_ms: int, until_ms: int, unit: TimeUnit, calendar: WorkingCalendar) -> int:
    """How much of the time that a unit counts lies between two moments; 0 if the second is not later."""
    if unit.is_continuous:
        return max(0, until_ms - opened_ms)
    used_ms = 0
    for begin_ms, end_ms in calendar.open_from(opened_ms):
        if begin_ms >= until_ms:
            break
        used_ms += max(0, min(end_ms, until_ms) - max(begin_ms, opened_ms))
    return used_ms
