"""No kind of letter pushes out the others, and what is asked for is what is found and let go."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.mended import Settled
from domain.message import Record, Reject, RejectReason
from storage.deadletters import DeadLetters, surpluses
from tests.storage.messages import message

UNKNOWN = Reject(reason=RejectReason.UNKNOWN_METRIC, detail="'tilt' is not in metrics.yaml", part="tilt")
RANGE = Reject(reason=RejectReason.RANGE, detail="soil_ph is 99", part="soil_ph")
DECODE = Reject(reason=RejectReason.DECODE, detail="no JSON")
OLD_FILE = """
CREATE TABLE letters (id INTEGER PRIMARY KEY AUTOINCREMENT, seq INTEGER, topic TEXT, payload BLOB, qos INTEGER,
    retain INTEGER, dup INTEGER, received_ms INTEGER, reason TEXT, part TEXT, detail TEXT, decoder TEXT,
    UNIQUE (seq, received_ms, reason, part));
CREATE TABLE totals (one INTEGER PRIMARY KEY, held INTEGER, discarded INTEGER);
INSERT INTO totals VALUES (1, 3, 7);
INSERT INTO letters VALUES (4, 1, 'a', x'31', 1, 0, 1, 100, 'range', 'x', 'too much', 'v1'),
    (5, 1, 'a', x'31', 1, 0, 1, 100, 'range', 'y', 'too much', 'v1'),
    (9, 2, 'b', x'32', 0, 1, 0, 101, 'type', '', '', 'v1');
"""


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[DeadLetters]:
    """A heap of at most 30 letters and 20,000 bytes."""
    opened = DeadLetters(tmp_path / "deadletters.db", max_letters=30, max_bytes=20_000)
    yield opened
    opened.close()


def record(seq: int, *, size: int = 0, topic: str | None = None) -> Record:
    """A journal record whose payload begins with its seq."""
    plain = message(seq, size=size)
    return Record(seq=seq, message=replace(plain, topic=topic) if topic else plain)


def test_a_flood_of_one_reason_leaves_the_others(letters: DeadLetters) -> None:
    """A device gone mad pushes out the oldest of its own kind, one by one and at once; the rest stays to be mended."""
    letters.add_all([(record(seq), [RANGE]) for seq in range(1, 6)], decoder="1")
    for seq in range(10, 60):
        letters.add(record(seq), [UNKNOWN], decoder="1")
    letters.add_all([(record(seq), [UNKNOWN]) for seq in range(60, 400)], decoder="1")

    assert letters.counts_by_reason() == {RejectReason.RANGE: 5, RejectReason.UNKNOWN_METRIC: 25}
    assert letters.discarded() == {RejectReason.UNKNOWN_METRIC: 365}
    assert [letter.seq for letter in letters.list(reason=RejectReason.UNKNOWN_METRIC)] == list(range(399, 374, -1))


def test_bytes_are_bounded_too(letters: DeadLetters) -> None:
    """Few large payloads count as much as many small ones, and only those of their reason go for them."""
    letters.add_all([(record(seq), [RANGE]) for seq in range(1, 6)], decoder="1")
    letters.add_all([(record(seq, size=5000), [DECODE]) for seq in range(10, 16)], decoder="1")

    assert letters.counts_by_reason() == {RejectReason.RANGE: 5, RejectReason.DECODE: 3}
    assert letters.discarded() == {RejectReason.DECODE: 3}
    assert [letter.seq for letter in letters.list(reason=RejectReason.DECODE)] == [15, 14, 13]


def test_a_message_refused_in_many_parts_is_kept_once(tmp_path: Path) -> None:
    """A megabyte with a thousand bad values takes a megabyte and not a thousand."""
    letters = DeadLetters(tmp_path / "deadletters.db")
    parts = [Reject(reason=RejectReason.RANGE, detail="too much", part=f"{n}.tilt_deg") for n in range(1000)]
    letters.add(record(1, size=1 << 20), parts, decoder="1")

    assert letters.count() == 1000
    letters.close()
    assert (tmp_path / "deadletters.db").stat().st_size < 2 << 20


@given(
    held=st.dictionaries(st.text(max_size=3), st.integers(1, 1000), min_size=1), share=st.floats(0, 1, exclude_max=True)
)
def test_only_those_above_the_common_level_give(held: Mapping[str, int], share: float) -> None:
    """What is left fits, no reason that gives ends below one that keeps all, and next to nothing is given in vain."""
    bound = int(sum(held.values()) * share)
    given_up = surpluses(held, bound)
    left = {reason: amount - given_up.get(reason, 0) for reason, amount in held.items()}

    assert all(amount > 0 for amount in given_up.values())
    assert bound - len(held) < sum(left.values()) <= bound
    assert len({left[reason] for reason in given_up}) == 1
    assert all(amount <= min(left[reason] for reason in given_up) for amount in left.values())


def test_letters_are_found_by_what_is_asked(letters: DeadLetters) -> None:
    """By id, by reason, by a part of the topic, by time; each as if the others were not there."""
    letters.add_all(
        [(record(seq, topic=f"longcheng/v1/tree/tree-{seq}/telemetry"), [UNKNOWN, RANGE]) for seq in range(1, 5)],
        decoder="1",
    )
    (newest,) = letters.list(limit=1)

    assert letters.get(newest.id) == newest
    assert letters.get(newest.id + 1) is None
    assert [letter.seq for letter in letters.list(reason=RejectReason.RANGE)] == [4, 3, 2, 1]
    assert [letter.seq for letter in letters.list(topic_contains="tree-2/")] == [2, 2]
    assert [letter.seq for letter in letters.list(topic_contains="%")] == []
    assert [letter.seq for letter in letters.list(since_ms=message(3).received_ms)] == [4, 4, 3, 3]
    assert letters.count(reason=RejectReason.RANGE, topic_contains="tree-") == 4
    assert letters.count(since_ms=message(3).received_ms) == 4
    oldest_first = [letters.get(letter_id) for letter_id in letters.ids(reason=RejectReason.RANGE)]
    assert [letter.seq for letter in oldest_first if letter] == [1, 2, 3, 4]


def test_messages_are_whole_and_in_the_order_they_came(letters: DeadLetters) -> None:
    """Each once, as it was on the wire, with all its letters, whichever of them was asked for."""
    letters.add(record(2), [UNKNOWN], decoder="1")
    letters.add(record(1), [UNKNOWN, RANGE], decoder="1")
    one_of_each = letters.ids(reason=RejectReason.UNKNOWN_METRIC)
    found = letters.messages([*one_of_each, 999])

    assert [(one.seq, one.message) for one in found] == [(1, message(1)), (2, message(2))]
    assert [letter.reason for letter in found[0].letters] == [RejectReason.UNKNOWN_METRIC, RejectReason.RANGE]


def test_removed_is_gone_with_its_payload(letters: DeadLetters, tmp_path: Path) -> None:
    """One letter of a message leaves the others; the last one takes the message along, and the counts follow."""
    letters.add(record(1), [UNKNOWN, RANGE], decoder="1")
    first, second = letters.ids()

    assert letters.remove([first, 999]) == 1
    assert [letter.id for letter in letters.list()] == [second]
    assert letters.remove([second]) == 1
    assert (letters.count(), letters.messages([first, second]), letters.discarded()) == (0, [], {})
    assert letters.settled() == {Settled.PURGED: 2}
    with closing(sqlite3.connect(tmp_path / "deadletters.db")) as other:
        assert other.execute("SELECT count(*) FROM messages").fetchone() == (0,)
        assert other.execute("SELECT sum(held), sum(bytes) FROM reasons").fetchone() == (0, 0)


def test_purged_by_reason_and_age(letters: DeadLetters) -> None:
    """Only what is both, where both are given; what went is told by reason, and is not counted as discarded."""
    letters.add_all([(record(seq), [UNKNOWN, RANGE]) for seq in range(1, 5)], decoder="1")

    assert letters.purge(reason=RejectReason.RANGE, older_than_ms=message(3).received_ms) == {RejectReason.RANGE: 2}
    assert letters.purge(older_than_ms=message(2).received_ms) == {RejectReason.UNKNOWN_METRIC: 1}
    assert letters.counts_by_reason() == {RejectReason.RANGE: 2, RejectReason.UNKNOWN_METRIC: 3}
    assert letters.purge() == {RejectReason.RANGE: 2, RejectReason.UNKNOWN_METRIC: 3}
    assert letters.settled() == {Settled.PURGED: 8}
    assert letters.discarded() == {}


def test_two_processes_may_use_one_file(letters: DeadLetters, tmp_path: Path) -> None:
    """The command line looks and purges while the product writes."""
    other = DeadLetters(tmp_path / "deadletters.db", max_letters=30, max_bytes=20_000)
    letters.add(record(1), [UNKNOWN], decoder="1")
    assert other.purge() == {RejectReason.UNKNOWN_METRIC: 1}
    other.close()
    assert letters.count() == 0


def test_a_file_of_the_first_layout_is_taken_over(tmp_path: Path) -> None:
    """Every letter keeps its id and all it says."""
    with closing(sqlite3.connect(tmp_path / "deadletters.db")) as old:
        old.executescript(OLD_FILE)
    for _ in range(2):
        letters = DeadLetters(tmp_path / "deadletters.db")
        found = letters.list()
        assert [(letter.id, letter.seq, letter.part, letter.payload) for letter in found] == [
            (9, 2, "", b"2"),
            (5, 1, "y", b"1"),
            (4, 1, "x", b"1"),
        ]
        assert (found[0].qos, found[0].retain, found[0].dup, found[0].received_ms) == (0, True, False, 101)
        assert letters.counts_by_reason() == {RejectReason.RANGE: 2, RejectReason.TYPE: 1}
        letters.close()
