"""Times on the wire."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import epoch_ms
from domain.message import RejectReason
from ingest.decoded import Unfit
from ingest.times import Tolerance, read_time

NOON_MS = epoch_ms(datetime(2026, 2, 21, 12, tzinfo=UTC))


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
