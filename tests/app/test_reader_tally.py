"""What the rules reader counts as it goes, for those who watch it."""

import json

import pytest

from domain.message import RejectReason
from tests.app.line import NOON_MS, QUIET_MA, Line, message, refused, residual

HOUR_MS = 3_600_000


def test_parts_that_cannot_be_used_are_counted_by_reason(line: Line) -> None:
    """A message may be of use and have a part that is not; whole ones are counted apart from their parts."""
    bad = json.dumps({"ts": NOON_MS, "port": 3, "metrics": {"residual_ma": 4.0, "voltage_v": 1e9, "current_a": 1e9}})
    reader = line.reader()
    line.journal.append([residual(QUIET_MA), message(b"rubbish"), message(bad.encode())])
    reader.step()

    assert reader.tally.parsed == 2
    assert reader.tally.rejected == {RejectReason.DECODE: 1, RejectReason.RANGE: 1}
    assert reader.tally.letters == {RejectReason.DECODE: 1, RejectReason.RANGE: 2}
    assert reader.tally.batches == 1
    assert reader.tally.commits == 2  # the batch, and the clock's tick


def test_readings_that_come_late_are_counted(line: Line) -> None:
    """Late is older than what the same port has said before; another port's time is its own."""
    reader = line.reader()
    line.journal.append(
        [
            residual(QUIET_MA, NOON_MS),
            residual(QUIET_MA, NOON_MS - 1000),
            residual(QUIET_MA, NOON_MS - 2000, port=4),
            residual(QUIET_MA, NOON_MS),
        ]
    )
    reader.step()

    assert reader.tally.late == 1


def _said(ts_ms: int) -> bytes:
    return json.dumps({"ts": ts_ms, "port": 3, "metrics": {"residual_ma": QUIET_MA}}).encode()


def test_clocks_that_are_not_believed_are_told_until_they_are_set(line: Line) -> None:
    """A clock eight hours ahead, one of 1970; once the device says the true time it is no longer told."""
    reader = line.reader()
    line.journal.append([message(_said(NOON_MS + 8 * HOUR_MS)), message(_said(0), NOON_MS + 1000)])
    reader.step()
    wrong = dict(reader.tally.skews_s)
    line.journal.append([residual(QUIET_MA, NOON_MS + 2000)])
    reader.step()

    assert (reader.tally.ahead, reader.tally.behind) == (1, 1)
    assert wrong == {"cs-001": -(NOON_MS + 1000) / 1000}
    assert reader.tally.skews_s == {}


def test_what_is_read_again_after_a_failure_counts_once(line: Line) -> None:
    """The batch is tried until it can be committed; it came once."""
    reader = line.reader()
    line.journal.append([residual(38.0), message(b"rubbish")])
    for _ in range(2):
        with refused(line.folder, "cursors"), pytest.raises(Exception, match="refused"):
            reader.step()
        assert reader.status.failing
        assert "refused" in reader.status.failure
        reader.restore()
    while reader.cursor < 2:
        reader.step()

    assert not reader.status.failing
    assert reader.status.failure == ""
    assert reader.tally.parsed == 1
    assert reader.tally.rejected == {RejectReason.DECODE: 1}
