"""Nothing grows without end, and nothing goes that somebody still needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.readers.rules_reader import RULES
from app.readers.series_writer import SERIES
from app.upkeep import CaughtUp, JournalUpkeep, SeriesUpkeep
from config.schema import Series
from domain.clock import ManualClock
from domain.errors import StoreUnavailable
from storage.births import Births
from storage.series.embedded import EmbeddedSeries
from storage.series.victoria import VictoriaSeries
from tests.app.line import NOON_MS, QUIET_MA, Line, message, residual
from tests.fakes.answering import Answering, Reply, Request

HOUR_S = 3600


class Away(EmbeddedSeries):
    """A store that cannot be asked for a while."""

    away = True

    def maintain(self, now_ms: int) -> str:
        """Raises StoreUnavailable while it is away."""
        if self.away:
            raise StoreUnavailable("it does not answer")
        return super().maintain(now_ms)


class Told(Answering):
    """A VictoriaMetrics that says how it was started."""

    kept = ""

    def reply(self, request: Request) -> Reply:
        """Its flags."""
        assert request.path == "/metrics"
        flags = {"retentionPeriod": self.kept, "dedup.minScrapeInterval": "0s"}
        lines = (f'flag{{name="{name}", value="{value}", is_set="true"}} 1\n' for name, value in flags.items())
        return Reply(body="".join(lines))


@pytest.fixture
def series(tmp_path: Path) -> Iterator[Away]:
    """An embedded store that is away."""
    store = Away(tmp_path / "series.db")
    yield store
    store.close()


@pytest.fixture
def births(line: Line) -> Iterator[Births]:
    """The births beside the line's journal."""
    kept = Births(line.folder / "births.db", line.journal.identity)
    yield kept
    kept.close()


def test_the_journal_keeps_the_newest_for_inspection(line: Line, births: Births) -> None:
    """What every reader has passed may go, but for the last ten thousand; that is done once a minute."""
    for start in range(0, 12_000, 500):
        line.journal.append([residual(QUIET_MA, NOON_MS + start + number) for number in range(500)])
    line.journal.advance(RULES, 12_000)
    line.journal.advance(SERIES, 11_000)

    upkeep = JournalUpkeep(line.journal, births)
    assert upkeep.step() == 1.0
    assert line.journal.status().records == 10_000

    line.journal.append([residual(QUIET_MA, NOON_MS + 12_000 + number) for number in range(500)])
    line.journal.advance(RULES, 12_500)
    line.journal.advance(SERIES, 12_500)
    left = [(upkeep.step(), line.journal.status().records)[1] for _ in range(60)]

    assert left == [10_500] * 59 + [10_000]


def test_a_journal_that_is_half_full_is_emptied_at_once(line: Line, births: Births) -> None:
    """What all readers have passed goes within a second, so that a full journal takes messages again."""
    upkeep = JournalUpkeep(line.journal, births)
    upkeep.step()
    for _ in range(40):
        line.journal.append([message(b" " * (1 << 20))])
    line.journal.advance(RULES, 40)
    line.journal.advance(SERIES, 40)

    upkeep.step()

    assert line.journal.status().records == 0


def test_births_are_kept_for_the_slowest_reader(line: Line, births: Births) -> None:
    """A birth that the slower reader has yet to pass, and the one before it, stay."""
    for seq in (1, 5, 9):
        births.put("plant/line", seq, b"%d" % seq)
    line.journal.append([residual(QUIET_MA, NOON_MS + number) for number in range(10)])
    line.journal.advance(RULES, 10)
    line.journal.advance(SERIES, 6)

    JournalUpkeep(line.journal, births).step()

    assert [births.latest("plant/line", seq) for seq in (4, 6, 9)] == [None, (5, b"5"), (9, b"9")]


def test_the_series_store_is_kept_up_once_an_hour_and_asked_again_if_it_was_away(
    series: Away, caplog: pytest.LogCaptureFixture
) -> None:
    """An outage costs a minute, not an hour; what was done stands in the log."""
    caplog.set_level("INFO", logger="app.upkeep")
    upkeep = SeriesUpkeep(series, ManualClock(NOON_MS))
    assert upkeep.step() == 60.0
    assert not caplog.records
    series.away = False
    assert upkeep.step() == HOUR_S
    assert len(caplog.records) == 1


def test_a_server_that_keeps_less_than_is_wished_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    """Not each hour; and again only when it says something else."""
    with Told() as server:
        store = VictoriaSeries(Series(victoria_url=server.url))
        upkeep = SeriesUpkeep(store, ManualClock(NOON_MS))
        for kept in ("31d", "31d", "60d"):
            server.kept = kept
            upkeep.step()
        store.close()
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(said) == 2
    assert "keeps 31 days, less than 90 wanted; start it with -retentionPeriod=90d" in said[0]
    assert "counts points sent twice as two" in said[0]
    assert "keeps 60 days" in said[1]


def test_caught_up_is_with_what_was_there_and_not_with_what_keeps_coming() -> None:
    """A busy site is never level with its journal; what was there at the asking has been read soon after."""
    head, read = 100, 90
    caught_up = CaughtUp(head=lambda: head, read_to=lambda: read)
    assert not caught_up()
    head, read = 200, 99
    assert not caught_up()
    read = 100
    assert caught_up()
    assert not caught_up()
