"""Rows: what is said, when, and when it is received."""

import re
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.schema import Metric
from domain.reading import Value
from rules.timetables.calendar import Calendar, calendar_of
from rules.timetables.row import Row
from rules.timetables.values import values_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = Calendar(datetime(2026, 11, 23, 8, tzinfo=SHANGHAI))
DEGREES = Metric(type="float", unit="°", zh="度", en="degrees")
SMOKE = Metric(type="bool", unit="", zh="烟雾", en="smoke")


def row(text: str, metric: Metric = DEGREES) -> Row[Value]:
    """A row of values, ten minutes apart."""
    return Row[Value](DAY, 600).read(text, partial(values_of, metric=metric))


def told(text: str, metric: Metric = DEGREES) -> list[str]:
    """The steps of a row: `08:10 3.4`, or `08:10 3.4 received 08:20`."""
    return [
        f"{DAY.text(step.at_ms)} {step.said}" + (f" received {DAY.text(step.received_ms)}" if step.late else "")
        for step in row(text, metric).steps
    ]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("1.8 3.4", ["08:00 1.8", "08:10 3.4"]),
        ("1.8x3", ["08:00 1.8", "08:10 1.8", "08:20 1.8"]),
        ("1 _x3 2 _ 3", ["08:00 1.0", "08:40 2.0", "09:00 3.0"]),
        ("1.8+0.1x4", ["08:00 1.8", "08:10 1.9", "08:20 2.0", "08:30 2.1"]),
        ("2-0.5x3", ["08:00 2.0", "08:10 1.5", "08:20 1.0"]),
        ("-1-1x2", ["08:00 -1.0", "08:10 -2.0"]),
        ("1 2@late 3", ["08:00 1.0", "08:10 2.0 received 08:20", "08:20 3.0"]),
        ("1@late=2h 2", ["08:00 1.0 received 10:00", "08:10 2.0"]),
        ("1x2@late=10:30 2", ["08:00 1.0 received 10:30", "08:10 1.0 received 10:30", "08:20 2.0"]),
        ("1@late=1d 09:00", ["08:00 1.0 received 1d 09:00"]),
        ("at=09:00 1 every=1m 2x2", ["09:00 1.0", "09:10 2.0", "09:11 2.0"]),
        ("1 at=2d 08:00 2", ["08:00 1.0", "2d 08:00 2.0"]),
        ("", []),
    ],
)
def test_a_row_says_what_is_when(text: str, steps: list[str]) -> None:
    """Repeats, gaps, slopes, what comes late, other times and other steps."""
    assert told(text) == steps


def test_a_switch_is_true_or_false() -> None:
    """And repeats like a number."""
    assert told("falsex2 true", SMOKE) == ["08:00 False", "08:10 False", "08:20 True"]


@pytest.mark.parametrize(
    ("text", "metric", "says"),
    [
        ("1.8y5", DEGREES, "'1.8y5' is no number"),
        ("true", DEGREES, "'true' is no number"),
        ("1", SMOKE, "'1' is no value of a switch; write true or false"),
        ("_@late", DEGREES, "what never comes cannot be late"),
        ("1@early", DEGREES, "'1@early' cannot be read"),
        ("1@late=07:59", DEGREES, "'1@late=07:59' is received before its time, 08:00"),
        ("every=10 1", DEGREES, "write a duration with its unit"),
        ("at=25:00 1", DEGREES, "'25:00' is no time"),
        ("1x0", DEGREES, "'1x0' is no number"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, metric: Metric, says: str) -> None:
    """With the word that it is about."""
    with pytest.raises(ValueError, match=re.escape(says)):
        row(text, metric)


def test_a_restart_is_behind_what_was_said_before_it() -> None:
    """It has the time of the step before it, and takes none itself."""
    read = row("1 2 @restart 3")
    assert [DAY.text(at_ms) for at_ms in read.restarts_ms] == ["08:10"]
    assert [DAY.text(step.at_ms) for step in read.steps] == ["08:00", "08:10", "08:20"]


@given(st.integers(0, 9 * 86400))
def test_a_time_reads_as_it_is_written(second: int) -> None:
    """Whatever the day and the clock."""
    at_ms = DAY.start_ms - 8 * 3_600_000 + second * 1000
    assert DAY.at_ms(DAY.text(at_ms)) == at_ms


@pytest.mark.parametrize("text", ["2026-11-22 08:00", "2026-11-22 08:00:00"])
def test_a_start_is_in_the_sites_time_zone(text: str) -> None:
    """08:00 in Shanghai is midnight UTC."""
    assert calendar_of(text, SHANGHAI).start_ms == 1_795_305_600_000


@pytest.mark.parametrize("text", ["22.11.2026", "2026-11-22 1d 08:00", "2026-13-22", "08:00"])
def test_a_start_that_is_none_is_refused(text: str) -> None:
    """A day of the calendar, and perhaps a time."""
    with pytest.raises(ValueError, match=r".+"):
        calendar_of(text, SHANGHAI)
