"""A store that takes rows and lets them fall is noticed."""

import logging
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from app.wellbeing.dropped_rows import DroppedRows
from config.schema import Series
from domain.clock import ManualClock
from domain.errors import StoreUnavailable
from storage.series.embedded import EmbeddedSeries
from storage.series.victoria import VictoriaSeries
from tests.app.line import NOON_MS
from tests.fakes.answering import Answering, Reply, Request


def test_growth_is_noticed_and_silence_is_not(caplog: pytest.LogCaptureFixture) -> None:
    """A count that stands still is old news; a server that does not answer changes nothing."""
    answers: list[Mapping[str, int] | StoreUnavailable] = [
        {},
        {"big_timestamp": 2},
        StoreUnavailable("gone"),
        {"big_timestamp": 2},
        {"big_timestamp": 2, "invalid": 1},
    ]

    def ask() -> Mapping[str, int]:
        answer = answers.pop(0)
        if isinstance(answer, StoreUnavailable):
            raise answer
        return answer

    clock = ManualClock(NOON_MS)
    dropped, grown = DroppedRows(ask, clock), []
    with caplog.at_level(logging.WARNING):
        while answers:
            assert dropped.step() == 60.0
            grown.append(dropped.grown_ms)
            clock.advance(seconds=60)

    assert grown == [None, NOON_MS + 60_000, NOON_MS + 60_000, NOON_MS + 60_000, NOON_MS + 240_000]
    assert dropped.rows == {"big_timestamp": 2, "invalid": 1}
    assert len(caplog.records) == 1


class _Dropping(Answering):
    """A VictoriaMetrics whose count of ignored rows is set by hand."""

    ignored = 0

    def reply(self, request: Request) -> Reply:
        """Its own figures."""
        assert request.path == "/metrics"
        return Reply(body=f'vm_rows_ignored_total{{reason="big_timestamp"}} {self.ignored}\n')


def test_victoriametrics_is_asked(caplog: pytest.LogCaptureFixture) -> None:
    """What it dropped before we came is not ours to tell; what it drops since is. Once it is gone, nothing changes."""
    clock = ManualClock(NOON_MS)
    with _Dropping() as server, closing(VictoriaSeries(Series(victoria_url=server.url))) as store:
        dropped = DroppedRows.of(store, clock)
        server.ignored = 7
        dropped.step()
        assert (dropped.rows, dropped.grown_ms) == ({}, None)
        server.ignored = 9
        dropped.step()
    dropped.step()

    assert (dropped.rows, dropped.grown_ms) == ({"big_timestamp": 2}, NOON_MS)
    assert "let them fall" in caplog.text


def test_other_stores_drop_nothing_in_silence(tmp_path: Path) -> None:
    """They say no to what they don't keep."""
    with closing(EmbeddedSeries(tmp_path / "series.db")) as store:
        dropped = DroppedRows.of(store, ManualClock(NOON_MS))
        dropped.step()

    assert (dropped.rows, dropped.grown_ms) == ({}, None)
