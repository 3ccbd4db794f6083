"""`workdays.yaml`: the holidays and make-up workdays of each year."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from pydantic import Field, model_validator

from config import source
from config.schema import Strict, Words
from domain.errors import ConfigError
from domain.workdays import Holiday, Workdays

NAME = "workdays.yaml"
_SATURDAY = 5


class _Holiday(Strict):
    name: Words
    first: date = Field(alias="from")
    last: date | None = Field(default=None, alias="to", description="empty: it is one day")
    makeup: tuple[date, ...] = Field(default=(), description="days of a weekend that are worked for it")

    @model_validator(mode="after")
    def _forwards(self) -> "_Holiday":
        if self.last is not None and self.last < self.first:
            raise ValueError(f"it ends on {self.last}, before it begins on {self.first}")
        return self

    @property
    def noun(self) -> Holiday:
        return Holiday(
            name_zh=self.name.zh,
            name_en=self.name.en,
            first=self.first,
            last=self.last or self.first,
            makeup=self.makeup,
        )


class _Year(Strict):
    source: str = Field(description="number of the notice, so that anybody can check it")
    published: date
    holidays: tuple[_Holiday, ...]


class _WorkdaysFile(Strict):
    """The whole file."""

    years: dict[int, _Year]


def read_workdays(paths: Sequence[Path], environment: Mapping[str, str] | None = None) -> Workdays:
    """Read the tables; a year of a later file takes the place of that of an earlier one.

    Raises ConfigError, with file and line, for a day of another year, one that is told twice, and a make-up workday
    that is no weekend.
    """
    years: dict[int, tuple[Holiday, ...]] = {}
    for path in paths:
        file, lines = source.load_lined(path, _WorkdaysFile, environment)
        for year, said in file.years.items():
            years[year] = tuple(holiday.noun for holiday in said.holidays)
            _check(year, years[year], path, lines)
    return Workdays.of(years)


def _check(year: int, holidays: Sequence[Holiday], path: Path, lines: Mapping[source.Loc, int]) -> None:
    told: set[date] = set()
    for place, holiday in enumerate(holidays):
        loc: source.Loc = ("years", str(year), "holidays", place)
        for day in (*holiday.days, *holiday.makeup):
            if problem := _problem(year, holiday, day, told):
                name = f"{holiday.name_zh} ({holiday.name_en})"
                raise ConfigError(f"{name}: {problem}", path=path, line=source.line_of(loc, lines))
            told.add(day)


def _problem(year: int, holiday: Holiday, day: date, told: set[date]) -> str | None:
    """What is wrong with one day. New Year may begin in December, so the end of the year before is allowed."""
    if day.year != year and (day.year, day.month) != (year - 1, 12):
        return f"{day} is not in {year}"
    if day in told:
        return f"{day} is told twice"
    if day in holiday.makeup and day.weekday() < _SATURDAY:
        return f"{day} is a {day:%A}; only a day of a weekend can be a make-up workday"
    return None
