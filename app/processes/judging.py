"""The rules reader as a process of its own: `longcheng judge`, which only `serve` starts.

Pages and rules would take Python's one lock from each other: at 5,000 messages/s people waited for half a second.
It stops in order, with everything judged that the journal had, when standard input ends.
"""

import pickle
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from app.lifecycle import Loop
from app.lock import JUDGE, Lock
from app.processes.parent import Parent
from app.readers.rules_reader import RulesReader
from app.readers.rules_status import RulesStatus
from config.load import Site
from domain.clock import SystemClock
from domain.presence import CameraPresence, DevicePresence
from ingest.decode import Decoder
from ingest.decoded import Reply
from ingest.presence import Present
from rules.rule import Rule
from storage.births import Births
from storage.case_claim import Claim
from storage.case_opening import open_cases
from storage.deadletters import DeadLetters
from storage.journal import Journal
from storage.looks import FILE, Looks

DRAIN_S: Final = 2.0
"""How long it takes at most to judge what the journal has, when it is told to stop."""
_PREDECESSOR_S: Final = 30.0
"""How long one that was left behind by a killed `serve` may take to end."""
_WAIT_S: Final = 0.05
_SWITCH_INTERVAL_S: Final = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What it is told at its start, and again when that changes. The site is as its parent has read and checked it."""

    site: Site
    rules: Sequence[Rule]
    hearing: bool
    """Whether messages reach us: while they can't, nobody's silence counts."""
    listening_since_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is otherwise from now on."""

    hearing: bool
    rules: tuple[Sequence[Rule], Site] | None = None
    """These take over, with the limits of this site; None if those that judge go on."""


class Heard(Struct, frozen=True, tag="heard"):
    """Whose presence has changed, and is kept."""

    devices: list[DevicePresence]
    cameras: list[CameraPresence]


class Replies(Struct, frozen=True, tag="replies"):
    """What senders must be told of what they sent."""

    replies: list[Reply]


Said = RulesStatus | Heard | Replies
"""A line of its output."""


class News:
    """What was found and is not told yet. Any thread may note; one tells."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._present: dict[tuple[type, str], Present] = {}
        self._replies: list[Reply] = []

    def reply(self, reply: Reply) -> None:
        """A sender must be told this."""
        with self._lock:
            self._replies.append(reply)

    def kept(self, present: Sequence[Present]) -> None:
        """These are otherwise; of each only the last word counts."""
        named = ((one.device_id if isinstance(one, DevicePresence) else one.camera_id, one) for one in present)
        with self._lock:
            self._present.update(((type(one), name), one) for name, one in named)

    def tell(self) -> Iterator[Struct]:
        """All of it, once."""
        with self._lock:
            present, self._present = list(self._present.values()), {}
            replies, self._replies = self._replies, []
        if present:
            yield Heard(
                [one for one in present if isinstance(one, DevicePresence)],
                [one for one in present if isinstance(one, CameraPresence)],
            )
        if replies:
            yield Replies(replies)


def judge() -> None:
    """Carry out the order on standard input until that ends."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    with Parent() as parent:
        order = parent.order()
        if order:
            _carry_out(pickle.loads(order), parent)  # noqa: S301  from our own parent


def _carry_out(order: Order, parent: Parent) -> None:
    site, news, hearing = order.site, News(), [order.hearing]
    with ExitStack() as opened:
        opened.enter_context(Lock(site.settings.data_dir, JUDGE, wait_s=_PREDECESSOR_S))
        claim = Claim(site.settings)
        opened.callback(claim.release)
        claim.take()
        looks = Looks(site.settings.data_dir / FILE)
        opened.callback(looks.close)
        journal, reader = _reader(order, looks, news, lambda: hearing[0], opened)

        def recover() -> None:
            claim.take()
            reader.restore()

        def hear(word: bytes) -> None:
            change: Change = pickle.loads(word)  # noqa: S301  from our own parent
            hearing[0] = change.hearing
            if change.rules:
                reader.take_over(*change.rules)

        loops = Loop("rules-reader", reader.step, recover=recover), Loop("looks", looks.step)
        for loop in loops:
            loop.start()
        parent.report(lambda: reader.status, attend=journal.head, news=news.tell, hear=hear)
        _drain(reader, journal)
        for loop in loops:
            loop.stop()
        for last in (*news.tell(), reader.status):
            parent.tell(last)
        if any(loop.is_alive() for loop in loops):
            opened.pop_all()  # what is still in use closes with the process


def _reader(
    order: Order, looks: Looks, news: News, hearing: Callable[[], bool], opened: ExitStack
) -> tuple[Journal, RulesReader]:
    site, data, bounds, clock = order.site, order.site.settings.data_dir, order.site.settings.journal, SystemClock()
    journal = Journal(data / "journal.db", max_bytes=bounds.max_size, max_age_s=bounds.max_age, clock=clock)
    births = Births(data / "births.db", journal.identity)
    deadletters = DeadLetters(data / "deadletters.db")
    cases = open_cases(site.settings)
    for one in (journal, births, deadletters, cases):
        opened.callback(one.close)
    reader = RulesReader(
        site=site,
        rules=order.rules,
        journal=journal,
        decoder=lambda: Decoder(site, births),
        store=cases,
        deadletters=deadletters,
        clock=clock,
        hearing=hearing,
        reply=news.reply,
        overheard=looks.note,
        kept=news.kept,
        listening_since_ms=order.listening_since_ms,
    )
    return journal, reader


def _drain(reader: RulesReader, journal: Journal) -> None:
    deadline_s = time.monotonic() + DRAIN_S
    while reader.cursor < journal.head() and time.monotonic() < deadline_s:
        journal.wait(journal.head(), _WAIT_S)
