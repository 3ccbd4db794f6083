"""The line from the journal on, with the starter site and real files; messages are put into the journal by hand."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from msgspec.structs import replace as replaced

from app.readers.rules_reader import RulesReader
from app.readers.series_writer import SeriesWriter
from config.load import Site, load_site
from domain.clock import ManualClock
from domain.message import RawMessage
from ingest.decode import Decoder
from rules.files import load_rules
from storage.case_store import CaseStore
from storage.deadletters import DeadLetters
from storage.journal import Journal
from storage.series.store import SeriesStore

NOON_MS = 1_795_320_000_000  # 2026-11-22 12:00:00 in Shanghai
STATION = "longcheng/v1/charger/cs-001/telemetry"
TREE = "longcheng/v1/tree/tree-001/telemetry"
QUIET_MA, LEAK_MA = 4.0, 38.0
LEAK_RULE = "charger-residual"


def starter(folder: Path, **environment: str) -> Site:
    """The shipped starter site with its data in `folder`: one tree, one charging station, one camera."""
    return load_site("starter", {"LONGCHENG_DATA": str(folder), **environment})


def with_stations(site: Site, count: int) -> Site:
    """The site with so many charging stations more, each like its own: `many-000` and so on."""
    one = site.devices["cs-001"]
    many = {f"many-{number:03}": replaced(one, device_id=f"many-{number:03}") for number in range(count)}
    return replace(site, devices={**site.devices, **many})


def with_batch(site: Site, batch: int) -> Site:
    """The site with another `series.batch`."""
    series = site.settings.series.model_copy(update={"batch": batch})
    return replace(site, settings=site.settings.model_copy(update={"series": series}))


def residual(
    milliampere: float, at_ms: int = NOON_MS, *, port: int = 3, station: str = "cs-001", **more: float
) -> RawMessage:
    """The charging station says what leaks at a port."""
    content = {"ts": at_ms, "port": port, "metrics": {"residual_ma": milliampere, **more}}
    return message(json.dumps(content).encode(), at_ms, topic=STATION.replace("cs-001", station))


def upright(at_ms: int) -> RawMessage:
    """The tree says that it stands as it did."""
    return message(json.dumps({"ts": at_ms, "metrics": {"tilt_deg": 1.8}}).encode(), at_ms, topic=TREE)


def message(payload: bytes, at_ms: int = NOON_MS, *, topic: str = STATION) -> RawMessage:
    """Anything, received at `at_ms`."""
    return RawMessage(topic=topic, payload=payload, qos=1, retain=False, dup=False, received_ms=at_ms)


class Line:
    """Journal, stores and clock of one run. `reader` and `writer` begin as after a start of the product."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.folder = site.settings.data_dir
        self.clock = ManualClock(NOON_MS)
        self.decoder = Decoder(site)
        self.journal = Journal(self.folder / "journal.db", max_bytes=64 << 20)
        self.store = CaseStore(f"sqlite:///{self.folder / 'cases.db'}")
        self.deadletters = DeadLetters(self.folder / "deadletters.db")
        self.rules = load_rules(site.rule_files, site)

    def reader(self, *, hearing: Callable[[], bool] = lambda: True) -> RulesReader:
        """A rules reader with nothing in memory."""
        return RulesReader(
            site=self.site,
            rules=self.rules,
            journal=self.journal,
            decoder=lambda: Decoder(self.site),
            store=self.store,
            deadletters=self.deadletters,
            clock=self.clock,
            hearing=hearing,
        )

    def writer(self, series: SeriesStore, site: Site | None = None) -> SeriesWriter:
        """A series writer with nothing in memory; its cursor is the journal's."""
        return SeriesWriter(
            site=site or self.site,
            journal=self.journal,
            decoder=lambda: Decoder(self.site),
            store=series,
            deadletters=self.deadletters,
        )

    def close(self) -> None:
        """Close every file."""
        self.deadletters.close()
        self.store.close()
        self.journal.close()


@contextmanager
def refused(folder: Path, table: str, *, when: str = "1") -> Iterator[None]:
    """The case store takes no new row of a table, or only none for which the SQL `when` holds, for whatever reason."""
    with closing(sqlite3.connect(folder / "cases.db", timeout=10)) as other:
        other.execute(
            f"CREATE TRIGGER refused BEFORE INSERT ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
        other.commit()
        try:
            yield
        finally:
            other.execute("DROP TRIGGER refused")
            other.commit()
