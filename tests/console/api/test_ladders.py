"""What people decide on ladders over HTTP, done at once in a real book."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.ladder_people import LadderPeople
from cases.book import Book
from cases.replies import Replies
from config.load import Site, load_site
from domain.clock import ManualClock
from domain.finding import Change
from domain.ladder import ReplyKind
from storage.case_store import CaseStore
from tests.cases.city import bikes, make_site
from tests.console.reader import Client, json_of, post
from tests.fakes.desk import FakeDesk

WHO = {"who": "王工"}
SAID = {"who": "王工", "why": "现场看过"}


@pytest.fixture
def town(tmp_path: Path) -> Site:
    """Where bicycles need a person."""
    make_site(tmp_path / "site")
    file = tmp_path / "site" / "site.yaml"
    own = 'ladder: {quiet_hours: null, matters: {"09010": {confirm: person}}}'
    file.write_text(file.read_text("utf-8").replace("ladder: {quiet_hours: null}", own), "utf-8")
    return load_site(str(tmp_path / "site"), {})


@pytest.fixture
def store(tmp_path: Path, town: Site, desk: FakeDesk, clock: ManualClock) -> Iterator[CaseStore]:
    """A book with one find that waits for a person."""
    store = CaseStore(f"sqlite:///{tmp_path / 'judged.db'}")
    desk.judged = LadderPeople(store, town, clock)
    with store.transaction() as tx:
        Book(town).record(tx, [bikes(Change.RAISED, clock.now_ms())], clock.now_ms())
    desk.all_ladders = store.ladders(open_only=True)
    yield store
    store.close()


def contested(store: CaseStore, town: Site, clock: ManualClock) -> None:
    """The find is confirmed, told, and contested."""
    with store.transaction() as tx:
        reminder = next(notice for notice in tx.reminders(1))
    store.mark_sent(reminder.id, clock.now_ms())
    with store.transaction() as tx:
        Replies(town).say(tx, 1, ReplyKind.CONTEST, words="是邮局的车", now_ms=clock.now_ms())


@pytest.mark.usefixtures("store")
async def test_what_waits_for_a_person_is_listed_and_confirmed(keyed: Client) -> None:
    """By whom stands with it; a second time it is over."""
    (waits,) = (await json_of(keyed, "/api/v1/ladders?waiting=confirm"))["items"]
    assert (waits["step"], waits["confirmed_by"]) == ("confirm", None)
    assert (await json_of(keyed, "/api/v1/ladders?waiting=contest"))["items"] == []

    done = await post(keyed, f"/api/v1/ladders/{waits['id']}/confirm", WHO, status=200)

    assert (done["step"], done["confirmed_by"]) == ("notice_1", "王工")
    await post(keyed, f"/api/v1/ladders/{waits['id']}/confirm", WHO, status=409)


async def test_what_is_none_is_rejected(keyed: Client, store: CaseStore) -> None:
    """Nobody is told, and the rules are to end its alarm."""
    done = await post(keyed, "/api/v1/ladders/1/reject", SAID, status=200)

    assert (done["step"], done["confirmed_by"]) == ("rejected", "王工")
    assert done["ended_at"] is not None
    with store.transaction() as tx:
        assert [(order.alarm_id, order.who) for order in tx.waiting_orders()] == [(1, "王工")]


async def test_a_contest_is_listed_and_decided(keyed: Client, store: CaseStore, town: Site, clock: ManualClock) -> None:
    """With the shop's words and the ladder; decided, it is in the list of all only."""
    await post(keyed, "/api/v1/ladders/1/confirm", WHO, status=200)
    contested(store, town, clock)
    (contest,) = (await json_of(keyed, "/api/v1/contests"))["items"]
    assert (contest["words"], contest["has_photo"], contest["upheld"]) == ("是邮局的车", False, None)
    assert contest["ladder"]["contested_at"] is not None

    done = await post(keyed, f"/api/v1/contests/{contest['id']}/decide", SAID | {"upheld": True}, status=200)

    assert (done["upheld"], done["decided_by"], done["ladder"]["step"]) == (True, "王工", "rejected")
    assert (await json_of(keyed, "/api/v1/contests"))["items"] == []
    assert len((await json_of(keyed, "/api/v1/contests?undecided=false"))["items"]) == 1


async def test_rights_are_shown_with_n_and_given_back_by_a_person(keyed: Client, store: CaseStore) -> None:
    """One find of one was none: precision 0 of 1, with its interval. What has its right can't be given it."""
    await post(keyed, "/api/v1/ladders/1/reject", SAID, status=200)
    (right,) = (await json_of(keyed, "/api/v1/rights"))["items"]
    assert (right["matter"], right["n"], right["wrong"], right["precision"]) == ("09010", 1, 1, 0.0)
    assert right["judged"] == 1
    assert (right["needs_person"], right["lost_at"], right["low"]) == (True, None, 0.0)
    assert round(right["high"], 3) == 0.793

    await post(keyed, "/api/v1/rights/09010/restore", SAID, status=409)
    assert store.notice_rights() == []


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("ladders/9/confirm", WHO, 404),
        ("ladders/1/reject", WHO, 400),
        ("ladders/1/confirm", {"who": ""}, 400),
        ("contests/9/decide", SAID | {"upheld": True}, 404),
        ("contests/9/decide", SAID, 400),
        ("rights/99999/restore", SAID, 404),
    ],
)
async def test_what_cannot_be_is_refused(keyed: Client, path: str, body: dict[str, Any], status: int) -> None:
    """Unknown, without a name or a reason, or without what is to be decided."""
    assert (await post(keyed, f"/api/v1/{path}", body, status=status))["detail"]
