"""Days, months and quarters of a zone."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cases.kpi.period import Period, Span
from domain.clock import epoch_ms

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = some.dates(date(2020, 1, 1), date(2035, 12, 31))


def test_midnight_is_the_sites() -> None:
    """A month begins when the site's day does, not when the machine's or UTC's does."""
    november = Period.read(Span.MONTH, "2026-11", SHANGHAI)

    assert november.from_ms == epoch_ms(datetime.fromisoformat("2026-11-01T00:00:00+08:00"))
    assert november.to_ms == epoch_ms(datetime.fromisoformat("2026-12-01T00:00:00+08:00"))
    assert november.holds(november.from_ms)
    assert not november.holds(november.to_ms)


@pytest.mark.parametrize(
    ("span", "text", "first", "after"),
    [
        (Span.DAY, "2026-12-31", date(2026, 12, 31), date(2027, 1, 1)),
        (Span.MONTH, "2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        (Span.MONTH, "2028-02", date(2028, 2, 1), date(2028, 3, 1)),
        (Span.QUARTER, "2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        (Span.QUARTER, "2027-Q1", date(2027, 1, 1), date(2027, 4, 1)),
        (Span.DAYS, "2026-11-01..2026-11-30", date(2026, 11, 1), date(2026, 12, 1)),
        (Span.DAYS, "2026-11-30..2026-11-30", date(2026, 11, 30), date(2026, 12, 1)),
    ],
)
def test_it_is_read_and_named_alike(span: Span, text: str, first: date, after: date) -> None:
    """What a report is called is what one asks for it by."""
    period = Period.read(span, text, SHANGHAI)

    assert (period.first, period.after, period.name) == (first, after, text)


@pytest.mark.parametrize(
    ("span", "text"),
    [(Span.DAY, "2026-11"), (Span.DAY, "2026-02-30"), (Span.MONTH, "2026-13"), (Span.MONTH, "2026-11-30"),
     (Span.QUARTER, "2026-Q5"), (Span.QUARTER, "2026-4"), (Span.MONTH, "0000-01")],
)  # fmt: skip
def test_what_is_no_period_says_how_it_is_written(span: Span, text: str) -> None:
    """The same form for all mistakes."""
    with pytest.raises(ValueError, match=f"a {span} is written 2026-"):
        Period.read(span, text, SHANGHAI)


@given(DAYS, some.sampled_from(Span))
def test_periods_follow_each_other_without_gap(day: date, span: Span) -> None:
    """Each ends where the next begins, and its parts fill it."""
    period = Period.of(span, day, ZoneInfo("Europe/Berlin"))

    assert period.first <= day < period.after
    assert period.before().to_ms == period.from_ms
    assert Period.read(span, period.name, period.zone) == period
    parts = period.trend()
    assert all(one.to_ms == other.from_ms for one, other in pairwise(parts))
    assert parts[-1].to_ms == period.to_ms
    if span is not Span.DAY:
        assert parts[0].from_ms == period.from_ms


@pytest.mark.parametrize("text", ["2026-11-30..2026-11-01", "2026-11-01", "2026-11-01..2026-11-31", "a..b..c"])
def test_days_that_are_none_are_refused(text: str) -> None:
    """With how they are written."""
    with pytest.raises(ValueError, match=r"2026-11-01\.\.2026-11-30"):
        Period.read(Span.DAYS, text, SHANGHAI)


@given(DAYS, some.integers(1, 400))
def test_some_days_are_shown_by_parts_that_lie_end_to_end(first: date, n: int) -> None:
    """Each day of few, else weeks of which the last are whole; and as many days lie before them."""
    period = Period(Span.DAYS, first, first + timedelta(days=n), SHANGHAI)
    parts = period.trend()
    assert (parts[0].first, parts[-1].after) == (period.first, period.after)
    assert all(one.after == other.first for one, other in pairwise(parts))
    lengths = [(part.after - part.first).days for part in parts]
    assert lengths[1:] == [1 if n <= 14 else 7] * (len(parts) - 1)
    before = period.before()
    assert (before.after, (before.after - before.first).days) == (first, n)
