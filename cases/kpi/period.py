"""Days, months and quarters of a site, as spans of time: midnight is midnight in the site's zone."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from domain.clock import epoch_ms

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_TREND_DAYS: Final = 14


class Span(StrEnum):
    """How long a period is."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    DAYS = "days"  # so many as are named


@dataclass(frozen=True, slots=True)
class Period:
    """From the first of its days to the first day after it, which is not part of it."""

    span: Span
    first: date
    after: date
    zone: ZoneInfo

    @classmethod
    def of(cls, span: Span, day: date, zone: ZoneInfo) -> "Period":
        """The period of that length in which the day lies; of `DAYS`, that day alone."""
        if span in {Span.DAY, Span.DAYS}:
            return cls(span, day, day + _DAY, zone)
        months = 1 if span is Span.MONTH else 3
        first = date(day.year, (day.month - 1) // months * months + 1, 1)
        over, month = divmod(first.month - 1 + months, 12)
        return cls(span, first, date(first.year + over, month + 1, 1), zone)

    @classmethod
    def read(cls, span: Span, text: str, zone: ZoneInfo) -> "Period":
        """`2026-11-30`, `2026-11`, `2026-Q4` or `2026-11-01..2026-11-30`, the last day being part of it.

        Raises ValueError that says how it is written.
        """
        forms = {Span.DAY: "2026-11-30", Span.MONTH: "2026-11", Span.QUARTER: "2026-Q4"}
        forms[Span.DAYS] = "2026-11-01..2026-11-30, the first day first"
        try:
            if span is Span.DAY:
                return cls.of(span, date.fromisoformat(text), zone)
            if span is Span.DAYS:
                first, last = (date.fromisoformat(day) for day in text.split(".."))
                if first <= last:
                    return cls(span, first, last + _DAY, zone)
            elif match := re.fullmatch(r"(\d{4})-(\d{2})" if span is Span.MONTH else r"(\d{4})-Q([1-4])", text):
                month = int(match[2]) if span is Span.MONTH else int(match[2]) * 3
                return cls.of(span, date(int(match[1]), month, 1), zone)
        except (ValueError, OverflowError):
            pass
        raise ValueError(f"a {span} is written {forms[span]}")

    @property
    def name(self) -> str:
        """As `read` takes it."""
        if self.span is Span.DAY:
            return f"{self.first:%Y-%m-%d}"
        if self.span is Span.DAYS:
            return f"{self.first:%Y-%m-%d}..{self.after - _DAY:%Y-%m-%d}"
        return f"{self.first:%Y-%m}" if self.span is Span.MONTH else f"{self.first:%Y}-Q{(self.first.month + 2) // 3}"

    @property
    def from_ms(self) -> int:
        """When it begins."""
        return _midnight_ms(self.first, self.zone)

    @property
    def to_ms(self) -> int:
        """When it is over: the first moment that is not in it."""
        return _midnight_ms(self.after, self.zone)

    def holds(self, at_ms: int) -> bool:
        """Whether a moment lies in it."""
        return self.from_ms <= at_ms < self.to_ms

    def before(self) -> "Period":
        """The period of the same length before it."""
        if self.span is Span.DAYS:
            return Period(Span.DAYS, self.first - (self.after - self.first), self.first, self.zone)
        return Period.of(self.span, self.first - _DAY, self.zone)

    def trend(self) -> tuple["Period", ...]:
        """What its course is shown by: a month's days, a quarter's weeks, and for a day the fourteen up to it.

        Of some days each, of more than two weeks the weeks; the last of them are whole, the first may be short.
        """
        if self.span is Span.DAY:
            days = [self.first - offset * _DAY for offset in reversed(range(_TREND_DAYS))]
            return tuple(Period.of(Span.DAY, day, self.zone) for day in days)
        if self.span is Span.DAYS and (self.after - self.first).days > _TREND_DAYS:
            return self._weeks_to_its_end()
        step = _DAY if self.span in {Span.MONTH, Span.DAYS} else _WEEK
        parts, first = [], self.first
        while first < self.after:
            parts.append(Period(Span.DAY, first, min(first + step, self.after), self.zone))
            first += step
        return tuple(parts)

    def _weeks_to_its_end(self) -> tuple["Period", ...]:
        parts, after = [], self.after
        while after > self.first:
            parts.append(Period(Span.DAY, max(self.first, after - _WEEK), after, self.zone))
            after -= _WEEK
        return tuple(reversed(parts))


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    return epoch_ms(datetime(day.year, day.month, day.day, tzinfo=zone))
