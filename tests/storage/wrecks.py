"""Journals as a crash leaves them, with damage of every kind, and what can be said of them afterwards."""

import random
import shutil
from pathlib import Path

from msgspec import Struct

from domain.errors import StoreUnavailable
from storage.journal import Journal
from tests.storage.messages import message, number_of

NAME = "journal.db"
MAX_BYTES = 64 << 20
_TRIES = 5


class Wreck(Struct, frozen=True, kw_only=True):
    """The files of a journal whose process was killed. Seqs are the numbers of the messages."""

    folder: Path
    identity: str
    passed: int
    """Up to here every reader has come."""
    head: int

    def copy(self, to: Path) -> Path:
        """The same files somewhere else; returns the journal's path."""
        shutil.copytree(self.folder, to, dirs_exist_ok=True)
        return to / NAME


def wreck(folder: Path, *, seed: int = 1) -> Wreck:
    """Groups of 1 to 300, some pruned, some in the file, some only in its log."""
    chance = random.Random(seed)
    path = folder / "alive" / NAME

    def grow(groups: int) -> None:
        for _ in range(groups):
            first = journal.head() + 1
            size = chance.choice([0, 20, 200])
            journal.append([message(first + i, size=size) for i in range(chance.choice([1, 1, 2, 5, 40, 300]))])

    journal = Journal(path, max_bytes=MAX_BYTES)
    grow(30)
    journal.advance("rules", journal.head())
    journal.advance("series", journal.head() - 20)
    journal.prune(keep=100)
    grow(30)
    journal.close()
    journal = Journal(path, max_bytes=MAX_BYTES)
    grow(20)
    shutil.copytree(path.parent, folder / "crashed", ignore=shutil.ignore_patterns("*-shm"))
    found = Wreck(
        folder=folder / "crashed",
        identity=journal.identity,
        passed=min(journal.status().cursors.values()),
        head=journal.head(),
    )
    journal.close()
    return found


def flip(path: Path, at: int, bit: int) -> None:
    """One bit of a file is not what it was."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1 << bit
    path.write_bytes(content)


def read_all(journal: Journal, after: int = 0) -> list[int]:
    """The seqs of all that can be read. Each must carry the very message that was appended under it."""
    seqs: list[int] = []
    tries = _TRIES
    while True:
        try:
            records = journal.read(after, 100)
            reached = records[-1].seq if records else journal.skip(after)
        except StoreUnavailable:
            tries -= 1
            if not tries:
                raise
            continue
        for record in records:
            number = number_of(record)
            assert record.seq == number > after
            assert record.message == message(number, size=len(record.message.payload))
            after = record.seq
            seqs.append(number)
        if reached == after and not records:
            return seqs
        after = reached


def assert_accounted_for(path: Path, crashed: Wreck) -> int:
    """All that some reader still needs is delivered as it was, or known to be damaged; and the journal goes on.

    Returns how many are damaged.
    """
    journal = Journal(path, max_bytes=MAX_BYTES)
    try:
        delivered = set(read_all(journal))
        damaged = {seq for one in journal.damaged() for seq in range(one.first_seq, one.last_seq + 1)}
        assert not delivered & damaged
        assert delivered | damaged >= set(range(crashed.passed + 1, crashed.head + 1))
        assert journal.identity == crashed.identity
        assert journal.status().damaged_records == len(damaged)
        head = journal.head()
        assert head >= crashed.head
        assert journal.append([message(head + 1)]) == head + 1
        assert read_all(journal, head) == [head + 1]
    finally:
        journal.close()
    return len(damaged)
