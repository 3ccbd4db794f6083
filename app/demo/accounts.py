"""Holds what was sent against what arrived: a third reader of the journal, with a cursor like the others."""

import msgspec

from app.demo.ledger import Ledger
from app.demo.summary import Summary
from app.wiring import open_series
from config.load import Site
from storage.case_store import CaseStore
from storage.deadletters import DeadLetters
from storage.journal import Journal
from storage.series.store import SeriesStore

_CURSOR = "demo-accounts"
_BATCH = 5_000
_VALUES_EVERY = 30
"""Stored values are checked once in so many settlings: that asks the series store hundreds of questions."""


class _Watched(msgspec.Struct):
    looks: int = 0
    sightings: int = 0
    published: int = 0


class Accounts:
    """Crosses off sent messages and values as they turn up, so that the accounts stay small however long it runs."""

    def __init__(self, site: Site, ledger: Ledger) -> None:
        """Opens the product's own files, beside the product. The cursor keeps the journal from forgetting too early."""
        self._site = site
        self._ledger = ledger
        self._journal = Journal(site.settings.data_dir / "journal.db", max_bytes=site.settings.journal.max_size)
        self._journal.advance(_CURSOR, self._journal.head())
        self._cursor = self._journal.cursor(_CURSOR)
        self._series: SeriesStore = open_series(site)
        self._settled = 0

    def settle(self) -> None:
        """Take in what is new in the journal."""
        self._settled += 1
        stored = self._series if self._settled % _VALUES_EVERY == 0 else None
        while records := self._journal.read(self._cursor, _BATCH):
            self._ledger.settle(record.message for record in records)
            self._cursor = records[-1].seq
            self._journal.advance(_CURSOR, self._cursor)
        if stored is not None:
            self._ledger.settle((), stored)

    def balance(self, watched: str) -> Summary:
        """The end: everything has stopped. `watched` is what the vision worker printed last: its figures as JSON."""
        self.settle()
        try:
            looks = msgspec.json.decode(watched, type=_Watched)
        except msgspec.DecodeError:
            looks = _Watched()
        data = self._site.settings.data_dir
        balance = self._ledger.compare((), self._series, looks_published=looks.published)
        store, deadletters = CaseStore(f"sqlite:///{data / 'cases.db'}"), DeadLetters(data / "deadletters.db")
        counts = store.counts()
        try:
            return Summary(
                messages=self._journal.head(),
                readings_stored=self._series.count(),
                looks=looks.looks,
                sightings=looks.sightings,
                alarms=counts.alarms_total,
                notices=counts.notices_sent,
                self_corrected=counts.self_corrected,
                cases=counts.cases_total,
                cases_by_kind=counts.cases_by_kind,
                dead_letters=deadletters.count(),
                lost=balance.lost,
                lost_examples=balance.examples,
            )
        finally:
            store.close()
            deadletters.close()
            self._series.close()
            self._journal.close()
