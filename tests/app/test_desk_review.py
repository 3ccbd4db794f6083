"""What waits for a person, from a real book."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.desk.alarms import AlarmList
from app.desk.review import ReviewQueues
from app.ladder_people import LadderPeople
from cases.book import Book
from cases.replies import Replies
from config.load import Site, load_site
from domain.alarm_choice import AlarmChoice, Standing
from domain.clock import ManualClock
from domain.errors import OrderRefused
from domain.finding import Change
from domain.ladder import ReplyKind
from domain.review import Done, Queue, Verdict
from storage.case_store import CaseStore
from tests.cases.city import bikes, make_site

MINUTE_MS = 60_000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_796_000_000_000)


@pytest.fixture
def town(tmp_path: Path) -> Site:
    """Where bicycles need a person."""
    make_site(tmp_path / "site")
    file = tmp_path / "site" / "site.yaml"
    own = 'ladder: {quiet_hours: null, matters: {"09010": {confirm: person}}}'
    file.write_text(file.read_text("utf-8").replace("ladder: {quiet_hours: null}", own), "utf-8")
    return load_site(str(tmp_path / "site"), {})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CaseStore]:
    store = CaseStore(f"sqlite:///{tmp_path / 'waiting.db'}")
    yield store
    store.close()


@pytest.fixture
def queues(store: CaseStore, town: Site, clock: ManualClock) -> ReviewQueues:
    """One find waits."""
    with store.transaction() as tx:
        Book(town).record(tx, [bikes(Change.RAISED, clock.now_ms())], clock.now_ms())
    return ReviewQueues(store, town, clock)


def test_a_find_waits_until_somebody_says_whether_it_is_so(
    queues: ReviewQueues, store: CaseStore, town: Site, clock: ManualClock
) -> None:
    """With the patience of its matter; then it is told who said what, and it counts as answered."""
    (find,) = queues.waiting(Queue.CONFIRM)
    assert (find.key, find.due_ms - find.since_ms, find.decided) == ("1", 30 * MINUTE_MS, None)
    clock.advance(seconds=5)
    LadderPeople(store, town, clock).reject(1, who="李姐", why="有许可")
    assert queues.waiting(Queue.CONFIRM) == ()
    known = queues.one(Queue.CONFIRM, "1")
    assert known is not None
    assert known.decided is not None
    assert (known.decided.verdict, known.decided.by, known.decided.at_ms) == (
        Verdict.REJECTED,
        "李姐",
        clock.now_ms(),
    )
    assert [said.who for said in queues.said_since(clock.now_ms() - 1)] == ["李姐"]
    assert [said.who for said in queues.said_since(clock.now_ms() - 1)] == ["李姐"]
    assert queues.said_since(clock.now_ms() + 1) == []


def test_what_goes_by_itself_was_decided_by_nobody(
    queues: ReviewQueues, store: CaseStore, town: Site, clock: ManualClock
) -> None:
    """A clear look ends it."""
    with store.transaction() as tx:
        Book(town).record(tx, [bikes(Change.RESOLVED, clock.now_ms() + 1)], clock.now_ms() + 1)
    assert queues.waiting(Queue.CONFIRM) == ()
    known = queues.one(Queue.CONFIRM, "1")
    assert known is not None
    assert known.decided is not None
    assert (known.decided.verdict, known.decided.by) == (Verdict.OVER, None)


def test_a_contest_waits_until_it_is_decided(
    queues: ReviewQueues, store: CaseStore, town: Site, clock: ManualClock
) -> None:
    """With the shop's words."""
    people = LadderPeople(store, town, clock)
    people.confirm(1, who="王工")
    known = queues.one(Queue.CONFIRM, "1")
    assert known is not None
    assert known.decided is not None
    assert known.decided.verdict is Verdict.CONFIRMED
    with store.transaction() as tx:
        reminder = next(notice for notice in tx.reminders(1))
    store.mark_sent(reminder.id, clock.now_ms())
    with store.transaction() as tx:
        Replies(town).say(tx, 1, ReplyKind.CONTEST, words="是邮局的车", now_ms=clock.now_ms())
    (contest,) = queues.waiting(Queue.CONTEST)
    before = store.revision()
    assert queues.one(Queue.CONTEST, contest.key) == contest
    assert store.revision() == before, "who only looks wakes nobody"
    assert contest.contest is not None
    assert contest.contest.words == "是邮局的车"
    people.decide(int(contest.key), upheld=True, who="李姐", why="照片显示是隔壁的车")
    assert queues.waiting(Queue.CONTEST) == ()
    known = queues.one(Queue.CONTEST, contest.key)
    assert known is not None
    assert known.decided is not None
    assert (known.decided.verdict, known.decided.by) == (Verdict.UPHELD, "李姐")


def test_what_never_was_is_nothing(queues: ReviewQueues) -> None:
    """Whatever is asked for."""
    for queue in Queue:
        for key in ("99", "x", "", "９", "1" * 30):
            assert queues.one(queue, key) is None, (queue, key)


def test_few_of_many_alarms_come_page_by_page(queues: ReviewQueues, store: CaseStore, clock: ManualClock) -> None:
    """However few are kept: none twice, none left out; a cursor of another list is refused."""
    assert queues.waiting(Queue.CONFIRM)
    (alarm,) = store.alarms(open_only=True)
    with store.transaction() as tx:
        for n in range(1200):
            tx.add_alarm(replace(alarm, subject=f"many/{n}"))
    listed, seen, cursor = AlarmList(store, clock), [], None
    while True:
        page = listed.chosen(AlarmChoice(), limit=2, cursor=cursor, keep=lambda one: one.id % 300 == 0)
        seen += [one.id for one in page.items]
        if page.next is None:
            break
        cursor = page.next
    assert seen == [1200, 900, 600, 300]
    with pytest.raises(OrderRefused, match="another list"):
        listed.chosen(AlarmChoice(standing=Standing.ALL), limit=2, cursor=cursor)


def test_who_called_a_case_done_is_told(queues: ReviewQueues, store: CaseStore, town: Site, clock: ManualClock) -> None:
    """The look that saw it clear, and before that its shop, if it said so on its page; of a find nobody has."""
    book, now_ms = Book(town), clock.now_ms()
    LadderPeople(store, town, clock).confirm(1, who="李姐")
    for minutes in (0, 20, 40, 60):
        at_ms = now_ms + minutes * MINUTE_MS
        with store.transaction() as tx:
            if minutes:
                book.record(tx, [bikes(Change.RENEWED, at_ms)], at_ms)
            reminders = tx.reminders(1)
        for notice in reminders:
            store.mark_sent(notice.id, at_ms)
        if minutes == 0:
            with store.transaction() as tx:
                Replies(town).say(tx, 1, ReplyKind.CORRECTED, picture="a.jpg", now_ms=at_ms)
    (case,) = store.cases()
    unfinished = queues.one(Queue.VERIFY, case.id)
    assert unfinished is not None
    assert queues.done(unfinished).reported is None
    at_ms = now_ms + 70 * MINUTE_MS
    with store.transaction() as tx:
        book.record(tx, [bikes(Change.RESOLVED, at_ms)], at_ms)
    (waiting,) = queues.waiting(Queue.VERIFY)
    done = queues.done(waiting)
    assert done.reported is not None
    assert (done.reported.what, done.reported.at_ms) == ("case_reported_seen", at_ms)
    assert done.shop_said is not None
    assert done.shop_said.picture == "a.jpg"
    find = queues.one(Queue.CONFIRM, "1")
    assert find is not None
    assert queues.done(find) == Done()
