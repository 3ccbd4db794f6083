"""Holds what was sent against what arrived: a third reader of the journal, with a cursor like the others."""

import msgspec

from app.demo.ledger import Ledger
from app.demo.summary import Summary
from app.readers.rules_reader import RULES
from app.readers.series_writer import SERIES
from app.stores import open_series
from config.load import Site
from storage.case_opening import open_cases
from storage.deadletters import DeadLetters
from storage.journal import Journal
from storage.series.store import SeriesStore

_CURSOR = "demo-accounts"
_BATCH = 5_000
_VALUES_EVERY = 30
"""Stored values are checked once in so many settlings: that asks the series store hundreds of questions."""


class _Watched(msgspec.Struct):
    looks: int
    sightings: int
    published: int


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
        self._deadletters = DeadLetters(site.settings.data_dir / "deadletters.db")
        self._set_aside_before = self._set_aside()
        self._settled_before = self._deadletters.settled()
        self._store = open_cases(site.settings)
        self._notices_before = self._store.counts().notices_sent
        self._settled = 0

    def settle(self) -> None:
        """Take in what is new in the journal."""
        self._settled += 1
        while records := self._journal.read(self._cursor, _BATCH):
            self._ledger.settle(record.message for record in records)
            self._cursor = records[-1].seq
            self._journal.advance(_CURSOR, self._cursor)
        if self._settled % _VALUES_EVERY == 0:
            self._ledger.settle((), self._series)

    def _set_aside(self) -> int:
        """How many letters there ever were: also those that people have dealt with, and that a bound has let go."""
        letters = self._deadletters
        return letters.count() + sum(letters.settled().values()) + sum(letters.discarded().values())

    def _settled_since(self) -> dict[str, int]:
        before = self._settled_before
        since = {how.value: n - before.get(how, 0) for how, n in self._deadletters.settled().items()}
        return {how: n for how, n in since.items() if n}

    def finds_wait(self) -> bool:
        """Whether any find waits for a person's word."""
        return bool(self._store.finds_to_confirm())

    def balance(self, watched: str, notices_received: int) -> Summary:
        """The end: everything has stopped, and nothing of this may be called again.

        `watched` is what the vision worker printed last: its figures as JSON. `notices_received` is how many
        different notices reached the people of the city.
        """
        self.settle()
        looks, unseen = _looks_of(watched)
        balance = self._ledger.compare((), self._series, looks_published=looks.published)
        counts, head = self._store.counts(), self._journal.head()
        set_aside = self._set_aside() - self._set_aside_before
        missing = [
            unseen,
            (head - self._journal.cursor(RULES), "records that the rules have not read"),
            (head - self._journal.cursor(SERIES), "records that the series store has not taken"),
            (balance.rejects_expected - set_aside, "dead letters of what was rubbish"),
            (counts.notices_sent - self._notices_before - notices_received, "notices that nobody received"),
        ]
        self._journal.forget(_CURSOR)
        summary = Summary(
            messages=head,
            readings_stored=self._series.count(),
            looks=looks.looks,
            sightings=looks.sightings,
            alarms=counts.alarms_total,
            notices=counts.notices_sent,
            self_corrected=counts.self_corrected,
            cases=counts.cases_total,
            cases_by_kind=counts.cases_by_kind,
            dead_letters=self._deadletters.count(),
            dead_letters_settled=self._settled_since(),
            to_confirm=len(self._store.finds_to_confirm()),
            lost=balance.lost + sum(count for count, _ in missing if count > 0),
            lost_examples=(*balance.examples, *(f"{count} {what}" for count, what in missing if count > 0)),
        )
        for opened in (self._store, self._deadletters, self._series, self._journal):
            opened.close()
        return summary


def _looks_of(watched: str) -> tuple[_Watched, tuple[int, str]]:
    """What the vision worker says of itself, and how much is missing of what."""
    try:
        looks = msgspec.json.decode(watched, type=_Watched)
    except msgspec.DecodeError:
        return _Watched(looks=0, sightings=0, published=0), (1, "the vision worker's figures")
    return looks, (looks.looks - looks.published, "looks that never reached the broker")
