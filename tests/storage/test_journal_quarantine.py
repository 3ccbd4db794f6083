"""Damage met while the journal is in use: set aside, counted, stepped over; worse damage is mended on the way."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from domain.clock import ManualClock
from domain.errors import JournalFull, StoreUnavailable
from storage.journal import Damage, Journal
from tests.storage.messages import message, number_of
from tests.storage.wrecks import read_all

ROOT = Path(__file__).parents[2]
NOW_MS = 1_795_320_000_000
PATIENCE_S = 60.0
OLD_TABLES = """
CREATE TABLE groups (
    last_seq INTEGER PRIMARY KEY, records INTEGER NOT NULL, bytes INTEGER NOT NULL, messages BLOB NOT NULL
);
CREATE TABLE totals (
    one INTEGER PRIMARY KEY CHECK (one = 1), identity TEXT NOT NULL, head INTEGER NOT NULL, records INTEGER NOT NULL,
    bytes INTEGER NOT NULL
);
CREATE TABLE cursors (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER group_added AFTER INSERT ON groups BEGIN
    UPDATE totals SET head = new.last_seq, records = records + new.records, bytes = bytes + new.bytes;
END;
INSERT INTO totals VALUES (1, 'abcdef', 4, 0, 0);
"""


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """Three groups of ten."""
    made = Journal(tmp_path / "journal.db", max_bytes=1 << 20, clock=ManualClock(NOW_MS))
    for start in (1, 11, 21):
        made.append([message(start + i) for i in range(10)])
    return made


def spoil(path: Path, change: str) -> None:
    """As if the disk had done it: the journal is not asked."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE groups SET messages = zeroblob(bytes) WHERE last_seq = 20",
        "UPDATE groups SET messages = 'text' WHERE last_seq = 20",
        "UPDATE groups SET checksum = checksum + 1 WHERE last_seq = 20",
        "UPDATE groups SET last_seq = 19 WHERE last_seq = 20",
    ],
)
def test_a_damaged_group_is_stepped_over(
    journal: Journal, tmp_path: Path, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Every reader gets all others; the damage is said once, and counted."""
    spoil(tmp_path / "journal.db", change)
    for _ in range(2):
        assert read_all(journal) == [*range(1, 11), *range(21, 31)]
        assert [record.seq for record in journal.read(14, 2)] == [21, 22]
    status = journal.status()
    assert (status.damaged_records, status.records, status.head) == (10, 20, 30)
    assert caplog.text.count("records 11 to 20 are damaged and set aside") == 1
    journal.close()


def test_what_was_found_instead_is_kept(journal: Journal, tmp_path: Path) -> None:
    """For the dead letters, with seqs and time; asked for by the range a reader has just passed."""
    spoil(tmp_path / "journal.db", "UPDATE groups SET messages = CAST('??' AS BLOB) WHERE last_seq = 20")
    assert read_all(journal) == [*range(1, 11), *range(21, 31)]
    expected = Damage(first_seq=11, last_seq=20, found_ms=NOW_MS, content=b"??")
    assert journal.damaged() == journal.damaged(10, 25) == [expected]
    assert expected.records == 10
    assert journal.damaged(20, 30) == journal.damaged(0, 10) == []
    journal.close()


def test_damage_at_the_end_does_not_hold_a_reader(journal: Journal, tmp_path: Path) -> None:
    """There is nothing to read, and `skip` says where to go on; its cursor may go there."""
    spoil(tmp_path / "journal.db", "UPDATE groups SET messages = zeroblob(bytes) WHERE last_seq = 30")
    assert journal.skip(15) == 15
    assert journal.read(20, 10) == []
    assert journal.skip(20) == journal.head() == 30
    journal.advance("rules", 30)
    assert journal.append([message(31)]) == 31
    assert journal.skip(30) == 30
    assert [number_of(record) for record in journal.read(20, 10)] == [31]
    journal.close()


def test_the_messages_count_and_not_the_number_beside_them(journal: Journal, tmp_path: Path) -> None:
    """A damaged count of a sound group costs nothing."""
    spoil(tmp_path / "journal.db", "UPDATE groups SET records = records + 70 WHERE last_seq = 20")
    assert read_all(journal) == list(range(1, 31))
    assert journal.status().damaged_records == 0
    journal.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE groups SET last_seq = 999 WHERE last_seq = 20",
        "DELETE FROM groups WHERE last_seq = 20",
        "DELETE FROM groups WHERE last_seq = 30",
        "DELETE FROM totals",
        "UPDATE totals SET head = 7",
    ],
)
def test_what_cannot_be_stepped_over_is_mended(journal: Journal, tmp_path: Path, change: str) -> None:
    """The first to meet it is told to try again; then the file is another, with all that could be read."""
    journal.advance("rules", 5)
    spoil(tmp_path / "journal.db", change)
    delivered = set(read_all(journal))
    while True:
        try:
            after = journal.append([message(31)])
            break
        except JournalFull:
            continue
    assert after == 31
    lost = {seq for one in journal.damaged() for seq in range(one.first_seq, one.last_seq + 1)}
    assert delivered | lost == set(range(1, 31))
    assert journal.cursor("rules") == 5
    assert read_all(journal, 30) == [31]
    journal.close()


def test_damage_met_by_a_reader_is_an_outage_to_it(journal: Journal, tmp_path: Path) -> None:
    """StoreUnavailable: its loop tries again, and nobody else needs to know."""
    spoil(tmp_path / "journal.db", "DROP TABLE damaged")
    with pytest.raises(StoreUnavailable, match=r"no such table: damaged.*mended before it is used again"):
        journal.damaged()
    assert journal.damaged() == []
    assert read_all(journal) == list(range(1, 31))
    journal.close()


@pytest.mark.parametrize("change", ["seq = 29", "mirror = -29"])
def test_a_damaged_cursor_never_lets_anything_unread_go(journal: Journal, tmp_path: Path, change: str) -> None:
    """Each is kept twice, and the lower of the two counts: at worst something is read again."""
    journal.advance("rules", 30)
    journal.advance("series", 10)
    spoil(tmp_path / "journal.db", f"UPDATE cursors SET {change} WHERE name = 'series'")
    assert journal.cursor("series") == journal.status().cursors["series"] == 10
    assert journal.prune(keep=0) == 10
    journal.close()


def test_a_journal_that_went_back_goes_on_behind_its_readers(journal: Journal) -> None:
    """What a reader has passed is never given again; how much is missing is said, and noted."""
    assert journal.continue_after(30) == journal.continue_after(7) == 0
    assert journal.continue_after(34) == 4
    assert journal.append([message(35)]) == 35
    assert journal.status().damaged_records == 4
    assert [(one.first_seq, one.last_seq) for one in journal.damaged()] == [(31, 34)]
    assert [record.seq for record in journal.read(28, 9)] == [29, 30, 35]
    journal.close()


def test_a_journal_of_an_older_version_is_taken_over(tmp_path: Path) -> None:
    """Its groups have no checksum, yet one that cannot be decoded is stepped over; new ones have one."""
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.executescript(OLD_TABLES)
        for last, packed in ((6, [message(5), message(6)]), (8, [message(7)]), (9, [message(9)])):
            content = msgspec.msgpack.encode(packed)
            old.execute("INSERT INTO groups VALUES (?, ?, ?, ?)", (last, 2 if last < 9 else 1, len(content), content))
    journal = Journal(path, max_bytes=1 << 20)
    assert journal.append([message(10)]) == 10
    assert read_all(journal) == [5, 6, 9, 10]
    assert [(one.first_seq, one.last_seq) for one in journal.damaged()] == [(7, 8)]
    assert (journal.identity, journal.status().oldest) == ("abcdef", 5)
    journal.close()


def test_two_processes_let_go_of_a_damaged_file_and_share_the_mended_one(tmp_path: Path) -> None:
    """One appends, one reads; whoever has the file alone first mends it. Nothing vouched for is lost unsaid."""
    path = tmp_path / "journal.db"
    journal = Journal(path, max_bytes=1 << 30)
    command = [sys.executable, "-m", "tests.storage.appender", str(path), "20"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        patience = threading.Timer(PATIENCE_S, child.kill)
        patience.start()
        numbers = (int(line) for line in child.stdout if line.strip().isdigit())
        while next(numbers) < 2000:
            pass
        spoil(path, "UPDATE groups SET last_seq = 100000000 WHERE last_seq = 40")
        delivered: set[int] = set()
        while True:
            try:
                delivered |= {record.seq for record in journal.read(0, 1000)}
                if path.with_name("journal.db.damaged-1").exists():
                    break
            except StoreUnavailable:
                continue
        goal = max(delivered) + 1000
        while (promised := next(numbers)) < goal:
            pass
        child.kill()
        patience.cancel()
    damaged = {seq for one in journal.damaged() for seq in range(one.first_seq, one.last_seq + 1)}
    assert damaged in (set(), set(range(21, 41)))  # none, if the log still had it as it was
    assert set(read_all(journal)) | damaged >= set(range(1, promised + 1))
    assert delivered & damaged == set()
    journal.close()
