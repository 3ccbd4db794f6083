"""Health is what the parts themselves say: real files, real processes, a real broker."""

import os
import signal
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from types import MappingProxyType

import pytest

from app.desk.city import CityDesk
from app.desk.parts import Parts
from app.processes.collectors import Collectors
from app.wellbeing.dropped_rows import DroppedRows
from app.wellbeing.health import Vitals
from app.wellbeing.selfwatch import Selfwatch
from console.api.health import reasons_against
from console.desk.health import Health
from domain.errors import JournalFull
from domain.point import Point
from ingest.tally import CollectorStatus
from storage.evidence_store import EvidenceStore
from storage.journal import Journal
from storage.series.embedded import EmbeddedSeries
from storage.series.influx import InfluxSeries
from storage.series.store import SeriesStore
from tests.app.line import NOON_MS, QUIET_MA, Line, residual, starter
from tests.app.unwritable import unwritable
from tests.fakes.brokers import mosquitto
from tests.fakes.influx import FakeInflux
from tests.ingest.waiting import until


class Product:
    """A line, a series store and collectors under one desk; the test takes the steps."""

    def __init__(self, line: Line, series: SeriesStore) -> None:
        self.line = line
        self.reader = line.reader()
        self.writer = line.writer(series)
        self.collectors = Collectors(line.site.settings)
        self.watch = Selfwatch(high_water=line.site.settings.journal.high_water)
        self.desk = CityDesk(
            Parts(
                site=line.site,
                store=line.store,
                reader=self.reader,
                writer=self.writer,
                journal=line.journal,
                deadletters=line.deadletters,
                series=series,
                evidence=EvidenceStore(line.folder / "evidence"),
                collector=self.collectors,
                clock=line.clock,
                selfwatch=self.watch,
                dropped=DroppedRows(dict, line.clock),
            )
        )

    @property
    def health(self) -> Health:
        """As the desk tells it."""
        return self.desk.health()

    @property
    def reasons(self) -> str:
        """Why it is not ready, but for the broker, which most tests have none of."""
        found = reasons_against(self.health, self.line.site.settings)
        return "; ".join(reason for reason in found if not reason.startswith("the broker session is down"))


@pytest.fixture
def series(line: Line) -> Iterator[EmbeddedSeries]:
    """The embedded store."""
    store = EmbeddedSeries(line.folder / "series.db")
    yield store
    store.close()


@pytest.fixture
def product(line: Line, series: EmbeddedSeries) -> Product:
    """Everything is well, but that there is no broker."""
    return Product(line, series)


def test_all_is_well(product: Product) -> None:
    """A line that works has nothing against it, and knows its figures."""
    product.line.journal.append([residual(QUIET_MA)])
    product.reader.step()
    product.writer.step()
    health = product.health

    assert product.reasons == ""
    assert (health.journal.records, health.journal.lag_rules, health.journal.lag_series) == (1, 0, 0)
    assert (health.read.parsed, health.store.requests.codes) == (1, {"stored": 1})
    assert health.journal.free_bytes


def test_a_journal_at_its_bound_takes_nothing(tmp_path: Path) -> None:
    """That is told before the next message is refused."""
    line = Line(starter(tmp_path))
    line.journal.close()
    line.journal = Journal(line.folder / "journal.db", max_bytes=300)
    with closing(EmbeddedSeries(line.folder / "series.db")) as series:
        product = Product(line, series)
        with suppress(JournalFull):
            while True:
                line.journal.append([residual(QUIET_MA)])
        assert not product.health.journal.writable
        assert "of 300 B are used" in product.reasons
        assert "bring the store back or raise journal.max_size" in product.reasons
        assert "make room" not in product.reasons
        assert product.health.journal.full_in_s == 0
    line.close()


class Paused:
    """Collectors from which the journal has refused messages."""

    status = CollectorStatus(connected=True, paused=True)
    by_name: Mapping[str, CollectorStatus] = MappingProxyType({"longcheng": status})


def test_a_journal_that_refuses_is_full_now(product: Product) -> None:
    """Whatever the disk says of itself: what is refused is the truth."""
    line = product.line
    vitals = Vitals(
        folder=line.folder, journal=line.journal, reader=product.reader, writer=product.writer, collector=Paused()
    )
    assert vitals.health().journal.full_in_s == 0


def test_a_journal_that_cannot_be_asked_is_told_with_what_was_known(product: Product) -> None:
    """Health never raises: its figures are the last ones, and it says so."""
    product.line.journal.append([residual(QUIET_MA)])
    assert product.health.journal.problem == ""
    product.line.journal.close()
    journal = product.health.journal

    assert (journal.writable, journal.records) == (False, 1)
    assert journal.problem
    assert journal.problem in product.reasons


def test_damage_is_counted_and_dated(product: Product) -> None:
    """Records that can't be read back: how many, in how many stretches, found when."""
    product.line.journal.append([residual(QUIET_MA, NOON_MS + number) for number in range(3)])
    product.line.journal.append([residual(QUIET_MA, NOON_MS + 3)])
    assert product.health.journal.damaged_ms is None
    with closing(sqlite3.connect(product.line.folder / "journal.db")) as other, other:
        other.execute("UPDATE groups SET messages = x'00' WHERE last_seq = 3")
    product.reader.step()
    journal = product.health.journal

    assert (journal.damaged_records, journal.damaged_ranges) == (3, 1)
    assert journal.damaged_ms is not None
    assert {reason.value: n for reason, n in product.health.read.letters.items()} == {"damaged": 1}


def test_rules_that_fail_say_why(product: Product) -> None:
    """The case store takes nothing: no message is judged, and that is no secret."""
    product.line.journal.append([residual(38.0)])
    with unwritable(product.line.folder), pytest.raises(Exception, match="no such table"):
        product.reader.step()
    assert product.health.rules_failing
    assert "the rules reader fails (StoreUnavailable: " in product.reasons
    product.reader.restore()
    product.reader.step()

    assert product.reasons == ""
    assert product.health.read.failure == ""


def test_a_store_that_is_away_is_bridged_by_the_journal(line: Line) -> None:
    """Ready all the while below the high-water mark; every try is counted by its answer."""
    with FakeInflux() as server, closing(InfluxSeries(server.settings())) as series:
        product = Product(line, series)
        line.journal.append([residual(QUIET_MA)])
        server.stumble = lambda: (503, {}, "later")
        product.writer.step()
        away = product.health
        assert (away.store_reachable, away.journal.lag_series) == (False, 1)
        assert "answered 503" in away.store.problem
        assert product.reasons == ""
        server.stumble = lambda: None
        product.writer.step()
        back = product.health

    assert (back.store_reachable, back.store.problem, back.journal.lag_series) == (True, "", 0)
    assert back.store.requests.codes == {"503": 1, "204": 1}
    assert back.store.requests.within[-1][1] == 2


def test_what_the_store_will_never_take_is_counted(product: Product, series: EmbeddedSeries) -> None:
    """The rest of the batch is stored, and the count agrees with the dead letters."""
    tags = (("device_id", "cs-000"),)
    series.write([Point(measurement="charger", tags=tags, fields={"voltage_v": True}, at_ms=NOON_MS)])
    product.line.journal.append([residual(QUIET_MA), residual(QUIET_MA, NOON_MS + 1, voltage_v=220.0)])
    product.writer.step()

    assert product.health.store.dropped == product.line.deadletters.count() == 1


@pytest.mark.server
def test_the_broker_session_decides(tmp_path: Path) -> None:
    """Not ready before it is up, ready with it, not ready when a collector dies; that one is counted and comes back."""
    with mosquitto(tmp_path) as broker:
        line = Line(starter(tmp_path, LONGCHENG_MQTT_URL=broker.url))
        with closing(EmbeddedSeries(line.folder / "series.db")) as series:
            product = Product(line, series)
            (before,) = reasons_against(product.health, line.site.settings)
            product.collectors.start()
            try:
                until(lambda: reasons_against(product.health, line.site.settings) == [], "ready")
                os.kill(product.collectors.processes[0], signal.SIGKILL)
                until(lambda: not product.health.broker_connected, "its end was noticed")
                until(lambda: product.health.broker_connected, "it came back")
                (collector,) = product.health.collectors
            finally:
                product.collectors.stop(5.0)
        line.close()

    assert before.startswith(f"the broker session is down: {broker.url} (longcheng-")
    assert (collector.restarts, collector.session_present) == (1, True)
