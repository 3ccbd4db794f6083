"""kill -9 while the platform is told, and while a step is written: nothing is lost, and a repeat has the same key."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from sqlalchemy import event as on

from domain.case import CaseState, LogEntry, moved
from domain.finding import Change
from storage.case_store import CaseStore
from tests.cases.city import Town, charger, clock_ms, make_site
from tests.cases.platform.receiver import Platform
from tests.cases.platform.telling import in_order, put_steps
from tests.contract.case_store.samples import CASE, fill

_STEPS = 8
"""Of each of three cases: enough for a seventh passing, though some beside the first and the fourth got through too."""


async def tell(database: str, url: str, fault: str) -> int | None:
    """Run a sender to its end; its exit status."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.cases.platform.dying_sender", database, url),
        env={**os.environ, "LONGCHENG_FAULT": fault},
    )
    async with asyncio.timeout(200):
        return await child.wait()


@pytest.mark.parametrize("point", ["platform-sending", "platform-sent", "platform-marked"])
async def test_killed_at_each_point_again_and_again(point: str, tmp_path: Path, platform: Platform) -> None:
    """At its first, fourth and seventh passing; in the end every step is there, in order, and only repeats are more."""
    database = f"sqlite:///{tmp_path / 'cases.db'}"
    store = CaseStore(database, platform=True)
    ids = put_steps(store, 3, _STEPS)

    for passing in (1, 4, 7):
        assert await tell(database, platform.url, f"{point}:{passing}") == -signal.SIGKILL
    assert await tell(database, platform.url, "") == 0

    assert all(in_order(platform.taken[case_id], _STEPS) for case_id in ids)
    assert set(platform.tries) == {f"{case_id}/{number}" for case_id in ids for number in range(1, _STEPS + 1)}
    assert platform.unsigned == 0
    # Of those on their way when it died, at most as many as go at once come again.
    assert len(platform.tries) <= 3 * _STEPS + 3 * 4
    assert store.backlog().pending == 0
    store.close()


class Failing:
    """Breaks the n-th statement that writes within a transaction of a store."""

    def __init__(self, store: CaseStore, at: int) -> None:
        self._left = at
        self.broke = False
        on.listen(store._engine, "before_cursor_execute", self._count)

    def _count(self, *about: object) -> None:
        statement = str(about[2])
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            self._left -= 1
            if self._left == 0:
                self.broke = True
                raise OSError("no space left")


def step(store: CaseStore) -> None:
    """A case is reported, told by two lines."""
    with store.transaction() as tx:
        tx.append_log(LogEntry(id=0, at_ms=100, who="王工", what="case_handled", facts={}, case_id=CASE.id))
        tx.save_case(moved(CASE, CaseState.PENDING_VERIFY, 100))
        tx.append_log(LogEntry(id=0, at_ms=100, who="王工", what="case_reported", facts={}, case_id=CASE.id))


def seen(store: CaseStore) -> tuple[object, ...]:
    """The case, its story, and what the platform is told of it."""
    told = [(event.key, event.what, event.body.case.state) for event in store.events(limit=99)]
    return store.case(CASE.id), [line.what for line in store.log(case_id=CASE.id)], told


def test_broken_at_each_statement_a_step_is_there_with_its_event_or_not_at_all(tmp_path: Path) -> None:
    """From the first statement of the transaction to its last; and once nothing breaks, it is there, without a gap."""
    for at in range(1, 20):
        store = CaseStore(f"sqlite:///{tmp_path / f'{at}.db'}", platform=True)
        fill(store)
        before = seen(store)
        failing = Failing(store, at)
        try:
            step(store)
        except OSError:
            assert seen(store) == before
            step(store)
        told = list(reversed(store.events(limit=99)))
        assert [event.what for event in told[-2:]] == ["case_handled", "case_reported"]
        assert [event.sequence for event in told] == [*range(1, len(told) + 1)]
        assert told[-1].body.case == store.case(CASE.id)
        store.close()
        if not failing.broke:
            assert at > 6
            return
    pytest.fail("it never came to its end")


def test_a_batch_told_twice_is_told_the_platform_once(tmp_path: Path) -> None:
    """The rules' reader begins again where it was not sure: the book takes nothing twice, so neither does this."""
    town = Town(make_site(tmp_path / "site"), tmp_path)
    town.store.close()
    town.store = CaseStore(f"sqlite:///{tmp_path / 'cases.db'}", platform=True)
    for _ in range(2):
        with town.store.transaction() as tx:
            town.book.record(tx, [charger(Change.RAISED, clock_ms("10:00"))], clock_ms("10:00"))

    told = [event.what for event in reversed(town.store.events(limit=99))]
    assert told == ["case_collected", "case_filed", "case_limit", "case_dispatched"]
    town.store.close()
