"""Hours and days in which a rule speaks: `07:00-22:00`, or which hours of which days, with holidays in mind."""

from collections.abc import Callable
from datetime import date, tzinfo
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from config.schema import Hours, Strict
from domain.duty import Duty
from domain.workdays import Workdays

_MINUTE_MS: Final = 60_000
_ALL_DAY: Final = "00:00-00:00"
_WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DayKind = Literal["workdays", "restdays", "holidays"]
"""Workdays: Monday to Friday but for holidays, and make-up workdays; restdays: all others; holidays: public ones."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _some_time(hours: str) -> str:
    if hours[:5] == hours[6:]:
        raise ValueError("that is no time at all; leave it out for always")
    return hours


def _shape(value: object) -> str:
    return "one" if isinstance(value, str) else "many"


SomeHours = Annotated[Hours, AfterValidator(_some_time)]
_Days = Annotated[
    Annotated[Literal[DayKind, "all"], Tag("one")] | Annotated[tuple[Weekday, ...], Field(min_length=1), Tag("many")],
    Discriminator(_shape),
]


class ScheduleSpec(Strict):
    """Hours of some days, in the site's time zone. What lies after midnight belongs to the evening before."""

    hours: SomeHours | None = Field(default=None, description="22:00-06:00; empty: all day")
    days: _Days = Field(default="all", description="workdays, restdays, holidays, all, or a list: [sat, sun]")
    except_: DayKind | None = Field(default=None, alias="except", description="but not on these of them")

    @model_validator(mode="after")
    def _possible(self) -> "ScheduleSpec":
        never = self.days == self.except_ or (self.days, self.except_) == ("holidays", "restdays")
        if never:
            raise ValueError(f"{self.days} except {self.except_} is no day at all")
        return self

    @property
    def asks_for_workdays(self) -> bool:
        """Whether the table of holidays and make-up workdays decides anything in it."""
        return self.except_ is not None or self.days in {"workdays", "restdays", "holidays"}


AnySchedule = Annotated[
    Annotated[SomeHours, Tag("one")] | Annotated[ScheduleSpec, Tag("many")],
    Discriminator(_shape),
]
"""As a rule file says it: `07:00-22:00` of every day, or hours and days."""


class Schedule:
    """When a rule speaks. The first minute counts, the last does not."""

    __slots__ = ("_duty", "_last", "_on")

    def __init__(self, said: str | ScheduleSpec, timezone: tzinfo, workdays: Workdays | None = None) -> None:
        """`workdays` is only asked where the days are workdays, restdays or holidays; without any, it knows no year."""
        spec = said if isinstance(said, ScheduleSpec) else ScheduleSpec(hours=said)
        self._duty = Duty(spec.hours or _ALL_DAY, timezone)
        self._on = _days(spec, workdays or Workdays())
        self._last = (-1, False)

    def holds(self, at_ms: int) -> bool:
        """Whether this moment lies in the hours of such a day."""
        minute = at_ms // _MINUTE_MS
        asked, answer = self._last
        if asked != minute:
            day = self._duty.began_on(at_ms)
            answer = day is not None and (self._on is None or self._on(day))
            self._last = (minute, answer)
        return answer


def _days(spec: ScheduleSpec, workdays: Workdays) -> Callable[[date], bool] | None:
    """Whether a day is one of them; None if all are."""
    kinds: dict[DayKind, Callable[[date], bool]] = {
        "workdays": workdays.is_workday,
        "restdays": lambda day: not workdays.is_workday(day),
        "holidays": workdays.is_holiday,
    }
    days = spec.days
    if isinstance(days, tuple):
        numbers = frozenset(map(_WEEK.index, days))
        among: Callable[[date], bool] | None = lambda day: day.weekday() in numbers  # noqa: E731
    else:
        among = None if days == "all" else kinds[days]
    if spec.except_ is None:
        return among
    excepted = kinds[spec.except_]
    if among is None:
        return lambda day: not excepted(day)
    return lambda day: among(day) and not excepted(day)
