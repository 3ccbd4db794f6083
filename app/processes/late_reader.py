"""The rules reader, from the moment on at which it may begin: it may have to wait for another's end, or for a store.

Meanwhile its process lives, is told of changes, says what it waits for, and stops as soon as it is to.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from app.lock import JUDGE, LEFT_BEHIND_S, Lock
from app.processes.judge_words import Change, News, Order
from app.readers.rules_reader import RulesReader
from app.readers.rules_status import RulesStatus
from domain.clock import SystemClock
from domain.errors import ConfigError, StoreUnavailable
from ingest.decode import Decoder
from storage.births import Births
from storage.case_claim import Claim
from storage.case_opening import open_cases
from storage.deadletters import DeadLetters
from storage.journal import Journal
from storage.looks import FILE, Looks

STUCK_S: Final = 20.0
"""A step that takes longer is not believed to end: longer than any store lets wait for its turn."""
_CLAIMED_EVERY_S: Final = 1.0
_LOOK_S: Final = 0.2
_BEGINS: Final = "what it judges by is being read"


@dataclass(frozen=True, slots=True, kw_only=True)
class _AtWork:
    journal: Journal
    looks: Looks
    reader: RulesReader
    close: Callable[[], None]


class LateReader:
    """One thread steps, another keeps looks; any may tell it what changes, and ask how it goes."""

    def __init__(self, order: Order, news: News, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Opens nothing yet. `news` is told what others must know."""
        self._order, self._news, self._monotonic = order, news, monotonic
        self._data = order.site.settings.data_dir
        self._claim = Claim(order.site.settings)
        self._lock: Lock | None = None
        self._at_work: _AtWork | None = None
        self._hearing = order.hearing
        self._wanted = self._given = (order.rules, order.site)
        self._failure = _BEGINS
        self._began_s = self._stepped_s = self._monotonic()
        self._claimed_s = 0.0

    def change(self, change: Change) -> None:
        """What is otherwise from now on."""
        self._hearing = change.hearing
        if change.rules:
            self._wanted = change.rules

    def step(self) -> float:
        """Begin, if that may be, or one step of the reader. Returns how long to rest, in seconds."""
        self._stepped_s = self._monotonic()
        try:
            if not self._alone():
                return 0.0
            rest_s = self._read()
        except Exception as problem:
            self._failure = f"{type(problem).__name__}: {problem}"
            raise
        self._failure = ""
        return rest_s

    def recover(self) -> None:
        """After a failure: whoever judges must have the claim again, and begins from what was committed."""
        if self._at_work:
            self._claim.take()
            self._at_work.reader.restore()

    def keep_looks(self) -> float:
        """Write down what was seen. Returns how long to rest, in seconds."""
        return self._at_work.looks.step() if self._at_work else _LOOK_S

    def attend(self) -> None:
        """Ask the journal something."""
        if self._at_work:
            self._at_work.journal.head()

    def drain(self, within_s: float) -> None:
        """Wait until everything is judged that the journal has; also until it begins, for it may be about to."""
        deadline_s = self._monotonic() + within_s
        while self._monotonic() < deadline_s:
            if (now := self._at_work) is None:
                time.sleep(_LOOK_S / 4)
            elif now.reader.cursor >= now.journal.head():
                return
            else:
                now.journal.wait(now.journal.head(), _LOOK_S / 4)

    @property
    def status(self) -> RulesStatus:
        """How judging goes, or what it waits for."""
        if self._at_work is None:
            return RulesStatus(cursor=self._order.cursor, failing=True, failure=self._failure)
        status, stuck_s = self._at_work.reader.status, self._monotonic() - self._stepped_s
        failure = self._failure or (f"a step has taken {stuck_s:.0f} s" if stuck_s >= STUCK_S else "")
        return replace(status, failing=True, failure=failure) if failure else status

    def close(self) -> None:
        """Close every file, and let another judge. No thread may use it any more."""
        if self._at_work:
            self._at_work.close()
        self._claim.release()
        if self._lock:
            self._lock.release()

    def _alone(self) -> bool:
        """Whether nobody else judges this journal. Raises StoreUnavailable where that takes too long."""
        if self._lock is not None:
            return True
        try:
            self._lock = Lock(self._data, JUDGE, wait_s=_LOOK_S)
        except ConfigError as held:
            self._failure = str(held)
            if self._monotonic() - self._began_s >= LEFT_BEHIND_S:
                raise StoreUnavailable(str(held)) from None
        return self._lock is not None

    def _read(self) -> float:
        if self._stepped_s - self._claimed_s >= _CLAIMED_EVERY_S:
            self._claim.take()  # the server may have gone and come back without a word
            self._claimed_s = self._stepped_s
        if self._at_work is None:
            with ExitStack() as opened:
                self._at_work = self._opened(opened)
        reader = self._at_work.reader
        if self._wanted is not self._given:
            self._given = self._wanted
            reader.take_over(*self._given)
        return reader.step()

    def _opened(self, opened: ExitStack) -> _AtWork:
        site, bounds, clock = self._order.site, self._order.site.settings.journal, SystemClock()
        looks = Looks(self._data / FILE)
        opened.callback(looks.close)
        journal = Journal(self._data / "journal.db", max_bytes=bounds.max_size, max_age_s=bounds.max_age, clock=clock)
        opened.callback(journal.close)
        births = Births(self._data / "births.db", journal.identity)
        opened.callback(births.close)
        deadletters = DeadLetters(self._data / "deadletters.db")
        opened.callback(deadletters.close)
        cases = open_cases(site.settings)
        opened.callback(cases.close)
        reader = RulesReader(
            site=site,
            rules=self._order.rules,
            journal=journal,
            decoder=lambda: Decoder(site, births),
            store=cases,
            deadletters=deadletters,
            clock=clock,
            hearing=lambda: self._hearing,
            reply=self._news.reply,
            overheard=looks.note,
            kept=self._news.kept,
            listening_since_ms=self._order.listening_since_ms,
        )
        return _AtWork(journal=journal, looks=looks, reader=reader, close=opened.pop_all().close)
