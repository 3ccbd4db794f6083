"""What could not be used is kept, once, and the heap is bounded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.message import Record, Reject, RejectReason
from storage.deadletters import DeadLetters
from tests.storage.messages import message

UNKNOWN = Reject(reason=RejectReason.UNKNOWN_METRIC, detail="'tilt' is not in metrics.yaml", part="tilt")
RANGE = Reject(reason=RejectReason.RANGE, detail="soil_ph is 99", part="soil_ph")


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[DeadLetters]:
    """A heap of at most 10."""
    opened = DeadLetters(tmp_path / "deadletters.db", max_letters=10)
    yield opened
    opened.close()


def record(seq: int) -> Record:
    """A journal record."""
    return Record(seq=seq, message=message(seq))


def test_a_letter_holds_all_there_is_to_know(letters: DeadLetters) -> None:
    """Raw bytes, flags, reason, part, and the decoder's version: enough to replay it."""
    letters.add(record(3), [UNKNOWN], decoder="native/1")
    (letter,) = letters.list()
    sent = message(3)
    assert (letter.seq, letter.topic, letter.payload, letter.received_ms) == (3, sent.topic, b"3 ", sent.received_ms)
    assert (letter.qos, letter.retain, letter.dup) == (1, False, True)
    assert (letter.reason, letter.part, letter.detail) == (RejectReason.UNKNOWN_METRIC, "tilt", UNKNOWN.detail)
    assert letter.decoder == "native/1"


def test_the_same_again_is_one_letter(letters: DeadLetters) -> None:
    """A replay of the journal adds nothing; another part of the same message does."""
    for _ in range(2):
        letters.add(record(1), [UNKNOWN, RANGE], decoder="native/1")
    assert letters.count() == 2
    assert letters.counts_by_reason() == {RejectReason.UNKNOWN_METRIC: 1, RejectReason.RANGE: 1}


def test_the_same_seq_of_a_new_journal_is_another_letter(letters: DeadLetters) -> None:
    """A journal that was begun anew counts from 1 again; its letters must not vanish behind the old ones."""
    letters.add(record(1), [UNKNOWN], decoder="native/1")
    letters.add(Record(seq=1, message=message(2)), [UNKNOWN], decoder="native/1")
    assert letters.count() == 2


def test_pages_from_the_newest(letters: DeadLetters) -> None:
    """`before_id` takes up where a page ended."""
    letters.add_all([(record(seq), [UNKNOWN]) for seq in range(1, 6)], decoder="native/1")
    first = letters.list(limit=2)
    assert [letter.seq for letter in first] == [5, 4]
    assert [letter.seq for letter in letters.list(before_id=first[-1].id, limit=9)] == [3, 2, 1]


def test_the_oldest_go_and_are_counted(letters: DeadLetters) -> None:
    """The bound holds for one by one and for many at once, also across a restart."""
    for seq in range(1, 13):
        letters.add(record(seq), [UNKNOWN], decoder="native/1")
    assert (letters.count(), letters.discarded()) == (10, {RejectReason.UNKNOWN_METRIC: 2})
    letters.add_all([(record(seq), [UNKNOWN, RANGE]) for seq in range(100, 400)], decoder="native/1")
    gone = {RejectReason.UNKNOWN_METRIC: 307, RejectReason.RANGE: 295}
    assert (letters.count(), letters.discarded()) == (10, gone)
    assert [letter.seq for letter in letters.list()] == [399, 399, 398, 398, 397, 397, 396, 396, 395, 395]


def test_letters_survive_a_restart(letters: DeadLetters, tmp_path: Path) -> None:
    """They lie in the file, and so do the counts."""
    letters.add(record(1), [UNKNOWN], decoder="native/1")
    again = DeadLetters(tmp_path / "deadletters.db", max_letters=10)
    assert again.count() == 1
    assert again.list() == letters.list()
    again.close()


def test_no_rejects_no_letter(letters: DeadLetters) -> None:
    """Nothing is written for a message without rejects."""
    letters.add(record(1), [], decoder="native/1")
    assert letters.count() == 0
    assert letters.list() == []
    assert letters.counts_by_reason() == {}
