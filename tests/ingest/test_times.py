"""Times on the wire."""

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import epoch_ms
from domain.message import RejectReason
from ingest.decoded import Unfit
from ingest.times import TimeReader, Tolerance, Unit, read_time

NOON_MS = epoch_ms(datetime(2026, 2, 21, 12, tzinfo=UTC))
CHINA, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "raw",
    [
        NOON_MS,
        float(NOON_MS),
        "2026-02-21T12:00:00Z",
        "2026-02-21T20:00:00+08:00",
        "2026-02-21T12:00:00.000000Z",
    ],
)
def test_numbers_and_rfc_3339_are_read(raw: object) -> None:
    """Milliseconds, or a text that says its offset, name the same moment."""
    assert read_time(raw) == NOON_MS


@pytest.mark.parametrize(
    "raw", ["2026-02-21T12:00:00", "2026-02-21", "noon", "", True, math.nan, math.inf, 1 << 60, 1e40, [], {}]
)
def test_what_names_no_moment_is_a_timestamp_reject(raw: object) -> None:
    """A local time without offset is no moment; nor is a number nobody can mean."""
    with pytest.raises(Unfit) as unfit:
        read_time(raw)
    assert unfit.value.reason is RejectReason.TIMESTAMP


@given(st.datetimes(timezones=st.timezones() | st.just(timezone(timedelta(hours=-14)))))
def test_any_zoned_moment_survives(at: datetime) -> None:
    """Any year, any offset: the same moment to the millisecond, or a named refusal where the text cannot carry it."""
    try:
        found = read_time(at.isoformat())
    except Unfit:
        return
    assert abs(found - epoch_ms(at)) <= 1


@given(st.text())
def test_any_text_is_a_time_or_unfit(raw: str) -> None:
    """No text makes it raise anything else."""
    try:
        found = read_time(raw)
    except Unfit:
        return
    assert isinstance(found, int)


def test_tolerance_includes_its_bounds() -> None:
    """Exactly as far as allowed is believed, one millisecond more is not."""
    tolerance = Tolerance(max_ahead_s=300, max_behind_s=3600)
    assert tolerance.believes(NOON_MS + 300_000, NOON_MS)
    assert not tolerance.believes(NOON_MS + 300_001, NOON_MS)
    assert tolerance.believes(NOON_MS - 3_600_000, NOON_MS)
    assert not tolerance.believes(NOON_MS - 3_600_001, NOON_MS)


@pytest.mark.parametrize(
    ("unit", "raw"),
    [
        ("s", NOON_MS // 1000),
        ("s", NOON_MS / 1000),
        ("s", str(NOON_MS // 1000)),
        ("ms", NOON_MS),
        ("ms", str(NOON_MS)),
        ("us", NOON_MS * 1000 + 499),
        ("rfc3339", "2026-02-21T20:00:00+08:00"),
        ("local", "2026-02-21 20:00:00"),
        ("local", " 2026/02/21 20:00:00 "),
        ("local", "2026-02-21T20:00"),
        ("local", "20260221T200000"),
        ("local", "2026-02-21T12:00:00+00:00"),
        ("local", "2026-02-21T12:00:00Z"),
    ],
)
def test_the_units_of_vendors(unit: Unit, raw: object) -> None:
    """All of them name the same moment."""
    assert TimeReader(unit, CHINA).read(raw, NOON_MS) == NOON_MS


@pytest.mark.parametrize(
    ("unit", "raw"),
    [
        ("s", "noon"),
        ("s", True),
        ("s", None),
        ("s", math.nan),
        ("s", 1e300),
        ("us", 1 << 70),
        ("us", []),
        ("rfc3339", NOON_MS),
        ("rfc3339", "2026-02-21 20:00:00"),
        ("local", NOON_MS),
        ("local", "2026-02-21"),
        ("local", "20:00:00"),
        ("local", "2026-02-30 00:00:00"),
        ("local", ""),
    ],
)
def test_what_is_no_time_of_that_unit(unit: Unit, raw: object) -> None:
    """A date alone, another unit, or nothing at all."""
    with pytest.raises(Unfit) as unfit:
        TimeReader(unit, CHINA).read(raw, NOON_MS)
    assert unfit.value.reason is RejectReason.TIMESTAMP
    assert unfit.value.detail.isprintable()


def test_an_hour_that_is_told_twice() -> None:
    """When clocks go back, a local time is the moment nearer to its receipt."""
    first_ms = epoch_ms(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    second_ms = first_ms + 3_600_000
    reader = TimeReader("local", BERLIN)
    assert reader.read("2026-10-25 02:30:00", first_ms + 5000) == first_ms
    assert reader.read("2026-10-25 02:30:00", second_ms + 5000) == second_ms


def test_an_hour_that_is_not_told_at_all() -> None:
    """When clocks go forward, a time between is of a clock that shows something else."""
    with pytest.raises(Unfit):
        TimeReader("local", BERLIN).read("2026-03-29 02:30:00", NOON_MS)


@pytest.mark.parametrize("unit", get_args(Unit))
@given(raw=st.none() | st.booleans() | st.integers() | st.floats() | st.text())
def test_any_time_of_any_unit(unit: Unit, raw: object) -> None:
    """A whole number of milliseconds, or Unfit: nothing else comes out."""
    try:
        found = TimeReader(unit, BERLIN).read(raw, NOON_MS)
    except Unfit:
        return
    assert type(found) is int
