"""What the store keeps of notices on their way: ways, digests, receipts, and uses of a provider."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from domain.notice import NoticeState
from storage.case_store import CaseStore
from tests.cases.notices.letter import letter, put


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CaseStore]:
    """An empty case store."""
    store = CaseStore(f"sqlite:///{tmp_path / 'cases.db'}")
    yield store
    store.close()


def test_the_first_way_counts_and_the_others_get_copies(store: CaseStore) -> None:
    """Each with a key of its own; routed twice, or when it no longer waits, nothing more comes of it."""
    put(store, letter("k", channel="people"))
    (notice,) = store.notices()
    for _ in range(2):
        store.route([(notice, [("smtp", "a@b.example"), ("bot", "")])])

    copy, first = store.notices()
    assert (first.key, first.channel, first.address, first.copy_of) == ("k", "smtp", "a@b.example", None)
    assert (copy.key, copy.channel, copy.copy_of, copy.body) == ("k/2", "bot", first.id, first.body)
    store.mark_sent(first.id, 5)
    store.route([(first, [("bot", "")])])
    assert store.notices()[1].channel == "smtp"


def test_a_digest_has_its_notices_for_good(store: CaseStore) -> None:
    """Only what waits and is in none; what is taken back later stays in it, and is sent with it."""
    put(store, *(letter(key) for key in "abc"))
    ids = {notice.key: notice.id for notice in store.notices()}
    store.mark_dead(ids["c"], "gone")
    store.claim("d1", list(ids.values()))
    store.claim("d2", list(ids.values()))

    assert [notice.key for notice in store.digest("d1")] == ["a", "b"]
    assert store.digest("d2") == []
    (waiting,) = store.waiting_digests("webhook")
    assert (waiting.key, waiting.n) == ("d1", 2)
    assert store.due_notices(5, 10) == []
    store.mark_digest_sent("d1", 7, "r-1")
    assert {(notice.key, notice.state, notice.receipt) for notice in store.digest("d1")} == {
        ("a", NoticeState.SENT, "r-1"),
        ("b", NoticeState.SENT, "r-1"),
    }
    assert store.waiting_digests("webhook") == []


def test_a_receipt_is_taken_once(store: CaseStore) -> None:
    """By the notice's key, the digest's, or the provider's id; not of what did not go out, and the first time stays."""
    put(store, *(letter(key) for key in "abcd"))
    ids = {notice.key: notice.id for notice in store.notices()}
    store.mark_sent(ids["a"], 5)
    store.mark_sent(ids["b"], 5, "r-2")
    store.claim("d1", [ids["c"]])
    store.mark_digest_sent("d1", 5)

    assert [store.deliver([key], 9) for key in ("a", "r-2", "d1", "d", "nobody")] == [1, 1, 1, 0, 0]
    assert store.deliver(["a", "b", "c"], 99) == 0
    assert {notice.key: notice.delivered_ms for notice in store.notices()} == {"a": 9, "b": 9, "c": 9, "d": None}


def test_critical_ones_come_first(store: CaseStore) -> None:
    """However long others have been due; and they can be asked for alone."""
    put(store, letter("old"), replace(letter("smoke", not_before_ms=3), body={"severity": "critical"}))

    assert [notice.key for notice in store.due_notices(5, 10)] == ["smoke", "old"]
    assert [notice.key for notice in store.due_notices(5, 10, urgent=False)] == ["old"]
    assert [notice.key for notice in store.due_notices(5, 10, besides=("webhook",))] == []


def test_uses_of_a_provider_are_kept_as_long_as_they_count(store: CaseStore) -> None:
    """And forgotten with a later one."""
    for at_ms in (1, 2, 70_000):
        store.attempt("bot", at_ms, at_ms - 60_000)

    assert store.attempts_since("bot", 0) == [70_000]
    assert store.attempts_since("sms", 0) == []
