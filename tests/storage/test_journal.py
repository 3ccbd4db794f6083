"""The journal's promises, but for crashes (test_journal_crash.py)."""

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.message import RawMessage
from storage.journal import Journal
from tests.storage.messages import append_until_full, message, number_of


def test_what_is_appended_is_read_in_order(journal: Journal) -> None:
    """Every part of a message comes back; seq runs from 1 without gaps across groups."""
    assert journal.append([message(1), message(2)]) == 2
    assert journal.append([message(3)]) == 3
    records = journal.read(0, 10)
    assert [record.seq for record in records] == [1, 2, 3]
    assert [record.message for record in records] == [message(1), message(2), message(3)]


@given(payload=st.binary(max_size=300), topic=st.text(max_size=60))
def test_any_bytes_and_any_topic_survive(payload: bytes, topic: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The journal never looks into a message."""
    journal = Journal(tmp_path_factory.mktemp("any") / "journal.db", max_bytes=1 << 20)
    sent = RawMessage(topic=topic, payload=payload, qos=1, retain=False, dup=False, received_ms=0)
    journal.append([sent])
    assert journal.read(0, 1)[0].message == sent
    journal.close()


def test_a_read_begins_anywhere_and_ends_at_its_limit(journal: Journal) -> None:
    """Also in the middle of a group, and across several."""
    for start in range(0, 30, 10):
        journal.append([message(start + i) for i in range(10)])
    assert [record.seq for record in journal.read(7, 5)] == [8, 9, 10, 11, 12]
    assert [record.seq for record in journal.read(29, 5)] == [30]
    assert journal.read(30, 5) == []
    assert len(journal.read(0, 100)) == 30


def test_an_empty_append_changes_nothing(journal: Journal) -> None:
    """It returns the head."""
    assert journal.append([]) == 0
    journal.append([message(1)])
    assert journal.append([]) == 1
    assert journal.status().records == 1


def test_seq_goes_on_after_all_is_pruned_and_after_a_restart(journal: Journal, tmp_path: Path) -> None:
    """A number is never given twice, or a cursor would skip new messages."""
    journal.append([message(i) for i in range(5)])
    journal.advance("rules", 5)
    assert journal.prune(keep=0) == 5
    again = Journal(tmp_path / "journal.db", max_bytes=64 << 20)
    assert again.head() == 5
    assert again.append([message(6)]) == 6
    assert again.status().oldest == 6
    again.close()


def test_cursors_only_go_forward(journal: Journal) -> None:
    """0 if new; an older seq changes nothing; one beyond the head is a mistake."""
    journal.append([message(i) for i in range(9)])
    assert journal.cursor("rules") == 0
    journal.advance("rules", 7)
    journal.advance("rules", 3)
    assert journal.cursor("rules") == 7
    with pytest.raises(ValueError, match="'rules' cannot go to 10"):
        journal.advance("rules", 10)
    assert journal.status().cursors == {"rules": 7}


def test_a_journal_may_be_closed_twice(journal: Journal, tmp_path: Path) -> None:
    """The second time does nothing, not even to whoever has opened a file since."""
    journal.append([message(1)])
    journal.close()
    with (tmp_path / "other").open("wb") as other:
        journal.close()
        assert other.write(b"still open") == 10


def test_cursors_survive_a_restart(journal: Journal, tmp_path: Path) -> None:
    """They lie in the file."""
    journal.append([message(1), message(2)])
    journal.advance("series", 2)
    again = Journal(tmp_path / "journal.db", max_bytes=64 << 20)
    assert again.cursor("series") == 2
    again.close()


def test_prune_waits_for_every_cursor(journal: Journal) -> None:
    """A reader that only registered holds everything; the slowest one decides."""
    for i in range(300):
        journal.append([message(i)])
    assert journal.prune(keep=0) == 0
    journal.advance("rules", 300)
    assert journal.cursor("series") == 0
    assert journal.prune(keep=0) == 0
    journal.advance("series", 250)
    assert journal.prune(keep=0) == 250
    assert journal.status().oldest == 251
    assert [number_of(record) for record in journal.read(0, 1)] == [250]


def test_prune_keeps_the_newest_records_and_whole_groups(journal: Journal) -> None:
    """`keep` is a floor: a group that holds a kept record stays whole."""
    for start in range(0, 100, 10):
        journal.append([message(start + i) for i in range(10)])
    journal.advance("rules", 100)
    assert journal.prune(keep=25) == 70
    assert journal.status().records == 30
    assert journal.prune(keep=25) == 0


def test_status_counts_what_is_there(journal: Journal) -> None:
    """Records and bytes follow appends and pruning exactly."""
    assert journal.status().oldest == 1
    journal.append([message(i, size=1000) for i in range(10)])
    status = journal.status()
    assert (status.head, status.oldest, status.records, status.max_bytes) == (10, 1, 10, 64 << 20)
    assert 10_000 < status.bytes < 12_000
    journal.advance("rules", 10)
    journal.prune(keep=0)
    assert (journal.status().records, journal.status().bytes) == (0, 0)


def test_a_full_journal_refuses_and_recovers_by_itself(tmp_path: Path) -> None:
    """At its bound nothing is taken, nothing is lost; once the readers have moved on it takes again.

    Past half of the bound `keep` no longer holds anything back, or a small journal would stay full.
    """
    journal = Journal(tmp_path / "journal.db", max_bytes=20_000)
    taken, full = append_until_full(journal, group=5)
    assert "bound of 20000 bytes" in str(full)
    assert journal.head() == taken == journal.status().records
    journal.advance("rules", taken)
    assert journal.prune() == taken
    assert journal.append([message(1)]) == taken + 1
    journal.close()


def test_wait_returns_at_once_if_there_is_something(journal: Journal) -> None:
    """And False if nothing comes."""
    assert not journal.wait(0, 0)
    assert not journal.wait(0, 0.01)
    journal.append([message(1)])
    assert journal.wait(0, 0)
    assert not journal.wait(1, 0)


def test_wait_is_woken_by_an_append_of_another_thread(journal: Journal) -> None:
    """One waiter, one append."""
    woken: list[bool] = []
    waiter = threading.Thread(target=lambda: woken.append(journal.wait(0, 20)))
    waiter.start()
    journal.append([message(1)])
    waiter.join(10)
    assert woken == [True]


def test_wait_sees_an_append_of_another_process(journal: Journal, tmp_path: Path) -> None:
    """A second Journal on the same file shares nothing with the first but the file."""
    other = Journal(tmp_path / "journal.db", max_bytes=64 << 20)
    woken: list[bool] = []
    waiter = threading.Thread(target=lambda: woken.append(journal.wait(0, 20)))
    waiter.start()
    other.append([message(1)])
    waiter.join(10)
    assert woken == [True]
    assert journal.head() == 1
    other.close()


def test_threads_append_read_and_prune_at_once(journal: Journal) -> None:
    """No message lost, doubled or out of its group's order."""
    per_thread = 60

    def append(worker: int) -> None:
        for i in range(per_thread // 5):
            journal.append([message(worker * 1000 + i * 5 + k) for k in range(5)])

    seen: list[int] = []
    journal.cursor("rules")

    def follow() -> None:
        after = 0
        while len(seen) < 3 * per_thread and journal.wait(after, 10):
            records = journal.read(after, 7)
            seen.extend(number_of(record) for record in records)
            after = records[-1].seq
            journal.advance("rules", after)
            journal.prune(keep=0)

    threads = [threading.Thread(target=append, args=(worker,)) for worker in range(3)]
    threads.append(threading.Thread(target=follow))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(seen) == [worker * 1000 + i for worker in range(3) for i in range(per_thread)]
    assert [number for number in seen if number < 1000] == list(range(per_thread))


def test_a_new_journal_is_told_from_a_lost_one(tmp_path: Path) -> None:
    """Opened again it is the same; one made anew at the same place is another."""
    journals = [Journal(tmp_path / name / "journal.db", max_bytes=1 << 20) for name in ("old", "old", "new")]
    old, again, new = (journal.identity for journal in journals)
    for journal in journals:
        journal.close()

    assert old == again
    assert old != new
