"""The power fails at every statement of a whole day, one after the other: the day goes on to the same end.

Not a store that pretends: a real database in a file, whose transaction is broken off at its n-th statement, or when it
is about to commit. Whoever wrote is gone then, and all begin anew with nothing but the file, as after a start of the
product: the step that was broken off is done again. As nobody remembers anything besides, the same tables after that
step mean the same rest of the day.
"""

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace as replaced
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from config.load import Site
from domain.case import CaseState
from domain.ladder import LadderStep
from domain.notice import NoticeState
from storage.case_store import CaseStore
from tests.cases.city import make_site
from tests.cases.long_day import NOTICES, Power, PowerCut, Receiver, World, the_day

FILE = "cases.db"
BEYOND = frozenset({"notice_attempts"})
"""What may differ: a use of a provider counts that was never made, better than one too many."""

_EVERYTHING = {"log": "SELECT at_ms, who, what, facts, alarm_id, ladder_id, case_id FROM log"}


@pytest.fixture(scope="module")
def power() -> Iterator[Power]:
    """Of every database in this process."""
    power = Power()
    for moment in ("before_cursor_execute", "commit"):
        event.listen(Engine, moment, power.statement)
    yield power
    for moment in ("before_cursor_execute", "commit"):
        event.remove(Engine, moment, power.statement)


Tables = dict[str, list[tuple[Any, ...]]]


def tables_of(file: Path) -> Tables:
    """Every row of every table; of the log without its number: two channels that send at once write in any order."""
    with closing(sqlite3.connect(file)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        connection.execute("UPDATE notices SET attempts = 1 WHERE attempts > 1")  # a try that was cut short counts too
        found = {
            name: sorted(connection.execute(_EVERYTHING.get(name, f"SELECT * FROM {name}")), key=repr) for name in names
        }
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
