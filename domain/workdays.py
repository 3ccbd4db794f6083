"""Which days are worked: public holidays and the make-up workdays (调休) that pay for them, as published each year."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """A public holiday, from its first day to its last, and the weekend days that are worked for it."""

    name_zh: str
    name_en: str
    first: date
    last: date
    makeup: tuple[date, ...] = ()

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of it, weekends too."""
        return tuple(self.first + offset * _DAY for offset in range((self.last - self.first).days + 1))


@dataclass(frozen=True, slots=True)
class Workdays:
    """The days of the years it knows.

    Holidays cannot be computed, they are decided. Of a year that is not known only weekends are told, never guessed
    holidays: ask `knows` where that matters.
    """

    years: frozenset[int] = frozenset()
    _holidays: Mapping[date, Holiday] = field(default_factory=dict)
    _makeup: Mapping[date, Holiday] = field(default_factory=dict)

    @classmethod
    def of(cls, years: Mapping[int, Iterable[Holiday]]) -> "Workdays":
        """From the holidays of each year. What two years say of one day, the later one decides."""
        every = [holiday for _year, holidays in sorted(years.items()) for holiday in holidays]
        return cls(
            frozenset(years),
            {day: holiday for holiday in every for day in holiday.days},
            {day: holiday for holiday in every for day in holiday.makeup},
        )

    def knows(self, day: date) -> bool:
        """Whether the holidays of its year are known."""
        return day.year in self.years

    def holiday(self, day: date) -> Holiday | None:
        """The public holiday it is part of, weekend days within it too; None if there is none."""
        return self._holidays.get(day)

    def makeup_for(self, day: date) -> Holiday | None:
        """The holiday for which this day of a weekend is worked; None if it is not."""
        return self._makeup.get(day)

    def is_holiday(self, day: date) -> bool:
        """Whether it is part of a public holiday. A plain weekend is none."""
        return day in self._holidays

    def is_workday(self, day: date) -> bool:
        """Monday to Friday but for holidays, and make-up workdays."""
        return day in self._makeup or (day.weekday() < _SATURDAY and day not in self._holidays)
