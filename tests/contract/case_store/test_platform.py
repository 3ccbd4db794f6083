"""The platform's outbox: written with each step in its transaction, given out in order, and marked."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from domain.case import Case, CaseState, LogEntry, moved
from domain.platform import Backlog, EventState
from storage.case_store import CaseStore
from tests.contract.case_store.samples import CASE, fill

FIRST, SECOND = CASE.id, "202611223204000002"


@pytest.fixture
def told(url: str) -> Iterator[CaseStore]:
    """A store of a site with a platform, with an alarm, a ladder and a case in it, of which it has been told."""
    opened = CaseStore(url, platform=True)
    fill(opened)
    for event in opened.next_events(1_000, 10):
        opened.mark_event_sent(event.id, 35)
    yield opened
    opened.close()


def line(what: str, case_id: str | None = FIRST, at_ms: int = 100, who: str = "王工") -> LogEntry:
    """A line of a story."""
    return LogEntry(id=0, at_ms=at_ms, who=who, what=what, facts={}, alarm_id=1, case_id=case_id)


def step(store: CaseStore, what: str, case: Case = CASE, at_ms: int = 100) -> None:
    """A step of a case, in a transaction of its own."""
    with store.transaction() as tx:
        tx.save_case(case)
        tx.append_log(line(what, case.id, at_ms))


def step_and_fail(store: CaseStore) -> None:
    """A step whose transaction does not come to its end."""
    with store.transaction() as tx:
        tx.save_case(replace(CASE, handler="小王"))
        tx.append_log(line("case_taken"))
        _ = 1 // 0


def second(store: CaseStore, at_ms: int = 100) -> None:
    """Another case."""
    with store.transaction() as tx:
        tx.add_case(replace(CASE, id=SECOND))
        tx.append_log(line("case_filed", SECOND, at_ms))


def whats(store: CaseStore, case_id: str = FIRST) -> list[str]:
    """What is told of a case, the oldest first."""
    return [event.what for event in reversed(store.events(limit=99, case_id=case_id))]


def test_without_a_platform_nothing_is_written(store: CaseStore) -> None:
    """Whatever happens."""
    fill(store)

    assert store.events(limit=9) == []
    assert store.backlog() == Backlog()


def test_whether_there_is_one_holds_for_every_process_from_then_on(store: CaseStore, url: str) -> None:
    """Also for those that have the store open already."""
    fill(store)
    elsewhere = CaseStore(url)
    elsewhere.set_platform(there_is_one=True)
    step(store, "case_taken")
    elsewhere.set_platform(there_is_one=False)
    step(store, "case_done", at_ms=200)

    assert [event.what for event in elsewhere.next_events(1_000, 10)] == ["case_taken"]
    elsewhere.close()


def test_each_line_is_an_event_with_the_case_as_it_is_then(told: CaseStore) -> None:
    """Numbered without a gap; the body has the case as the transaction left it, in its right version."""
    over = moved(CASE, CaseState.PENDING_VERIFY, 100)
    with told.transaction() as tx:
        tx.append_log(line("case_handled"))
        tx.save_case(over)
        tx.append_log(line("case_reported"))

    *_, handled, reported = reversed(told.events(limit=99, case_id=FIRST))
    assert (handled.what, reported.what) == ("case_handled", "case_reported")
    assert reported.sequence == handled.sequence + 1
    assert reported.key == f"{FIRST}/{reported.sequence}"
    assert (reported.body.who, reported.body.at_ms) == ("王工", 100)
    assert handled.body.case == reported.body.case == told.case(FIRST)
    assert reported.body.case.state is CaseState.PENDING_VERIFY
    assert reported.body.case.version == 2


def test_a_change_that_no_line_tells_is_told(told: CaseStore) -> None:
    """So that nothing can be forgotten."""
    before = len(whats(told))
    with told.transaction() as tx:
        tx.save_case(replace(CASE, handler="小王"))
        tx.append_log(line("alarm_acked", None, 777))

    *_, what = whats(told)
    assert (what, len(whats(told))) == ("case_changed", before + 1)
    assert told.events(limit=1)[0].body.at_ms == 777


def test_other_lines_are_told_only_where_they_change_the_case(told: CaseStore) -> None:
    """Who was called in the night is no step of a case; a contest that closes one is."""
    before = whats(told)
    with told.transaction() as tx:
        tx.append_log(line("alarm_escalated"))
        tx.append_log(line("case_of_nobody", None))
    assert whats(told) == before

    step(told, "contest_upheld", moved(CASE, CaseState.CLOSED, 100))
    assert whats(told) == [*before, "contest_upheld"]


def test_what_is_undone_is_not_told(told: CaseStore) -> None:
    """And its number is given to the next."""
    before = whats(told)
    with pytest.raises(ZeroDivisionError):
        step_and_fail(told)

    assert whats(told) == before
    step(told, "case_taken")
    assert told.events(limit=1)[0].sequence == len(before) + 1


def test_one_of_each_case_is_due_the_longest_first(told: CaseStore) -> None:
    """What follows waits for what comes before it in its case, and for nothing else."""
    second(told, 50)
    for what in ("case_taken", "case_reported"):
        step(told, what, at_ms=100)
    due = told.next_events(1_000, 10)
    assert [(event.case_id, event.what) for event in due] == [(SECOND, "case_filed"), (FIRST, "case_taken")]
    assert [event.case_id for event in told.next_events(1_000, 10, besides=[SECOND])] == [FIRST]
    assert [event.case_id for event in told.next_events(99, 10)] == [SECOND]
    assert len(told.next_events(1_000, 1)) == 1

    taken = due[1]
    told.mark_event_failed(taken.id, "busy", 5_000)
    assert [event.case_id for event in told.next_events(1_000, 10)] == [SECOND]
    told.mark_event_sent(taken.id, 1_001)
    assert [event.what for event in told.next_events(1_000, 10, besides=[SECOND])] == ["case_reported"]


def test_marks(told: CaseStore) -> None:
    """Tries count but where nobody was there; what is given up lets the next go, and comes back with its key."""
    step(told, "case_taken")
    step(told, "case_reported", at_ms=200)
    (taken,) = told.next_events(1_000, 10)
    told.mark_event_failed(taken.id, "away", 300, tried=False)
    told.mark_event_failed(taken.id, "busy", 400)
    (taken,) = told.next_events(1_000, 10)
    assert (taken.attempts, taken.last_error, taken.not_before_ms) == (1, "busy", 400)
    assert told.backlog() == Backlog(pending=2, oldest_ms=100)

    told.mark_event_dead(taken.id, "refused", 500)
    (after,) = told.next_events(1_000, 10)
    assert (after.what, told.backlog()) == ("case_reported", Backlog(pending=1, oldest_ms=200, dead=1, died_ms=500))
    told.mark_event_sent(taken.id, 501)
    assert [event.key for event in told.events(limit=9, state=EventState.DEAD)] == [taken.key]

    assert told.dead_events() == told.dead_events([taken.key, "other"]) == [taken.key]
    assert told.revive_events([taken.key, after.key], 600) == 1
    assert [event.what for event in told.next_events(600, 10)] == ["case_taken"]
    found = told.event(taken.key)
    assert found is not None
    assert (found.state, found.attempts, found.not_before_ms) == (EventState.PENDING, 0, 600)


def test_what_came_through_is_let_go_and_its_number_is_not_given_again(told: CaseStore) -> None:
    """Only that, and only what is old."""
    told_before = len(whats(told))
    step(told, "case_taken")

    assert told.forget_events(35) == 0
    assert told.forget_events(36) == told_before
    assert whats(told) == ["case_taken"]
    step(told, "case_reported", at_ms=200)
    assert told.events(limit=1)[0].sequence == told_before + 2
    assert told.event("nothing/1") is None


def test_marking_is_no_news_on_the_page(told: CaseStore) -> None:
    """The console's revision counts what people see."""
    step(told, "case_taken")
    before = told.revision()
    (event,) = told.next_events(1_000, 10)
    told.mark_event_sent(event.id, 1_000)

    assert told.revision() == before
