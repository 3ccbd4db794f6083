"""The power fails at every statement of a whole day, one after the other: the day goes on to the same end.

Not a store that pretends: a real database in a file, whose transaction is broken off at its n-th statement, or when it
is about to commit. Whoever wrote is gone then, and all begin anew with nothing but the file, as after a start of the
product: the step that was broken off is done again. As nobody remembers anything besides, the same tables after that
step mean the same rest of the day.
"""

import asyncio
import random
import sqlite3
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace as replaced
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, event

from app.channels import terms_of
from cases.book import Book
from cases.notices.escalation import Escalation
from cases.notices.letters import Letters
from cases.notices.outbox import Outbox
from cases.notices.routing import Routing
from cases.notices.sending import Manner
from config.addresses import addresses_of
from config.load import Site
from config.notices import Notices
from domain.case import CaseState
from domain.clock import ManualClock
from domain.finding import Change, Finding
from domain.ladder import LadderStep
from domain.notice import Notice, NoticeState
from storage.case_store import CaseStore
from tests.cases.city import bikes, charger, clock_ms, make_site

RAISED, RENEWED, RESOLVED = Change.RAISED, Change.RENEWED, Change.RESOLVED
NOTICES = Notices.model_validate(
    {
        "webhook_url": "http://127.0.0.1:1/",
        "webhook_digests": True,
        "escalation": ["duty-desk", "chief"],
        "recipients": {"chief": ["webhook", "mqtt"], "*": ["webhook"]},
    }
)
FILE = "cases.db"
BEYOND = frozenset({"notice_attempts"})
"""What may differ: a use of a provider counts that was never made, better than one too many."""


class PowerCut(BaseException):
    """Nothing in the product catches it."""


class Power:
    """Fails at the n-th statement or commit, and is gone until it is `back`."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._turn = threading.Lock()
        self.off = False

    @contextmanager
    def failing_at(self, number: int) -> Iterator[None]:
        """At that statement from here on."""
        self._left, self.off = number, False
        try:
            yield
        finally:
            self._left, self.off = None, False

    def statement(self, *_args: Any) -> None:
        """One more is about to be made."""
        with self._turn:
            if self._left is None:
                return
            self._left -= 1
            self.off |= self._left <= 0
        if self.off:
            raise PowerCut


@pytest.fixture(scope="module")
def power() -> Iterator[Power]:
    """Of every database in this process."""
    power = Power()
    for moment in ("before_cursor_execute", "commit"):
        event.listen(Engine, moment, power.statement)
    yield power
    for moment in ("before_cursor_execute", "commit"):
        event.remove(Engine, moment, power.statement)


class Receiver:
    """A way out: remembers every message that it got, by its key. The power may fail before it has one, and after."""

    def __init__(self, power: Power) -> None:
        self._power = power
        self.got: list[tuple[str, str, str]] = []

    async def send(self, notice: Notice) -> str | None:
        """It arrives."""
        self._power.statement()
        self.got.append((notice.key, notice.address or notice.recipient, str(notice.body.get("text_zh"))))
        self._power.statement()
        return None


class World:
    """Everybody who writes into the store, as they are after a start: all they know is in it."""

    def __init__(self, site: Site, store: CaseStore, receiver: Receiver) -> None:
        self._site, self._receiver = site, receiver
        self.store = store
        self._book = Book(site)

    def record(self, now_ms: int, *findings: Finding) -> None:
        """A batch of the rules, its place in the journal with it."""
        with self.store.transaction() as tx:
            self._book.record(tx, findings, now_ms)
            tx.advance("rules", now_ms)

    def tick(self, now_ms: int) -> None:
        """The clock of the book, and of whoever answers nobody."""
        with self.store.transaction() as tx:
            self._book.tick(tx, now_ms)
        Escalation(self._site).tick(self.store, now_ms)

    def send(self, now_ms: int) -> None:
        """Everything that may go out by now."""
        ways = ("webhook", "mqtt", "command")
        outbox = Outbox(
            self.store,
            dict.fromkeys(ways, self._receiver),
            ManualClock(now_ms),
            random.Random(7),
            max_attempts=1000,
            not_before=Letters(self._site).not_before,
            manners={"webhook": Manner("600:60", grouped=True)},
            terms=terms_of(self._site),
            routing=Routing(
                self.store, partial(addresses_of, notices=NOTICES), lambda _ladder, _from_ms, _holder: None
            ),
        )
        asyncio.run(outbox.send_due())


Step = Callable[[World], None]


def the_day() -> list[Step]:
    """Two shops on the ladder, one to a case and one corrected; a digest; smoke that nobody answers."""
    at = clock_ms

    def seen(change: Change, time: str, *zones: str) -> Step:
        findings = [bikes(change, at(time), zone=zone) for zone in zones]
        return lambda world: world.record(at(time), *findings)

    def tick(time: str) -> Step:
        return lambda world: world.tick(at(time))

    def send(time: str) -> Step:
        return lambda world: world.send(at(time) + 31_000)

    smoke = charger(RAISED, at("10:00"), rule_id="smoke", metric="smoke", value=1.0, limit=None, latch=True)
    signs = [replace(bikes(RAISED, at("12:00"), zone=zone), matter="09009") for zone in ("door-2", "lane")]
    return [
        seen(RAISED, "09:00", "door-1", "door-2"),
        send("09:00"),
        tick("09:16"),
        send("09:16"),
        seen(RENEWED, "09:17", "door-1"),
        seen(RESOLVED, "09:17", "door-2"),
        send("09:22"),
        tick("09:38"),
        send("09:38"),
        seen(RENEWED, "09:39", "door-1"),
        send("09:45"),
        lambda world: world.record(at("10:00"), smoke),
        send("10:00"),
        tick("10:11"),
        send("10:11"),
        tick("11:12"),
        send("11:12"),
        lambda world: world.record(at("12:00"), *signs),
        send("12:00"),
        tick("12:31"),
        send("12:31"),
    ]


Tables = dict[str, list[tuple[Any, ...]]]


def tables_of(file: Path) -> Tables:
    """Every row of every table."""
    with closing(sqlite3.connect(file)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        connection.execute("UPDATE notices SET attempts = 1 WHERE attempts > 1")  # a try that was cut short counts too
        found = {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
    return {name: rows for name, rows in found.items() if name not in BEYOND}


def copied(of: Path, to: Path) -> Path:
    """The whole database, while others may have it open."""
    with closing(sqlite3.connect(of)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
    return to


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The town, read by people who get many notices as one."""
    town = make_site(tmp_path_factory.mktemp("town"))
    return replaced(town, settings=town.settings.model_copy(update={"notices": NOTICES}))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where files are quick to write, if there is such a place: power is what fails here, not disks."""
    memory = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[CaseStore]:
    """It remembers nothing but where its file is: one does for all starts of the product."""
    store = CaseStore(f"sqlite:///{folder / FILE}")
    yield store
    store.close()


class Day:
    """The day without a power cut: the file before and the tables after each step, and what was received in it."""

    def __init__(self, site: Site, store: CaseStore, folder: Path, power: Power) -> None:
        self.steps = the_day()
        self.before: list[Path] = []
        self.after: list[Tables] = []
        self.got: list[list[tuple[str, str, str]]] = []
        for number, step in enumerate(self.steps):
            self.before.append(copied(folder / FILE, folder / f"{number}.db"))
            receiver = Receiver(power)
            step(World(site, store, receiver))
            self.after.append(tables_of(folder / FILE))
            self.got.append(receiver.got)
        self.end = copied(folder / FILE, folder / "end.db")


@pytest.fixture(scope="module")
def day(site: Site, store: CaseStore, folder: Path, power: Power) -> Day:
    """Played once."""
    return Day(site, store, folder, power)


def test_the_day_is_one_that_matters(day: Day) -> None:
    """A case, one corrected by the shop, a digest, an escalation and a repeat: or the rest would prove nothing."""
    store = CaseStore(f"sqlite:///{day.end}")
    ended = [ladder.step for ladder in store.ladders(open_only=False) if ladder.ended_ms is not None]
    assert Counter(ended) == {LadderStep.CASE: 1, LadderStep.SELF_CORRECTED: 1}
    assert [case.state for case in store.cases()] == [CaseState.PENDING_HANDLE] * 2
    steps = Counter(notice.step for notice in store.notices() if notice.copy_of is None)
    assert steps["notice_1"] == 4
    assert steps["notice_2"] >= 1
    assert {"look_now", "case_shop", "case_sensor", "escalated", "repeated"} <= steps.keys()
    assert any(notice.digest not in {None, notice.key} for notice in store.notices())
    assert {notice.state for notice in store.notices()} <= {NoticeState.SENT, NoticeState.WITHDRAWN}
    store.close()


@pytest.mark.parametrize("number", range(len(the_day())))
def test_the_power_fails_at_every_statement(
    number: int, site: Site, store: CaseStore, folder: Path, power: Power, day: Day
) -> None:
    """Of one step of the day. No notice is lost, none comes by two keys, no case is filed twice; one that arrived, and
    of which that could not be written down, comes again with the same key and the same words, once, and it alone."""
    step, after, got = day.steps[number], day.after[number], Counter(day.got[number])
    for statement in count(1):
        copied(day.before[number], folder / FILE)
        receiver = Receiver(power)
        try:
            with power.failing_at(statement):
                step(World(site, store, receiver))
            break
        except PowerCut:
            arrived = Counter(receiver.got)
        step(World(site, store, receiver))
        assert tables_of(folder / FILE) == after, f"at statement {statement}"
        assert set(receiver.got) == set(got), f"at statement {statement}"
        again = Counter(receiver.got) - got
        assert again <= arrived
        assert max(again.values(), default=0) <= 1
    assert statement > 3
