"""A verification says all that is wrong, and changes nothing."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.journal import Journal
from storage.journal.verify import Verdict, verify
from tests.storage.messages import message
from tests.storage.wrecks import NAME, wreck


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed journal of three groups of ten, the first of them pruned."""
    path = tmp_path / NAME
    journal = Journal(path, max_bytes=1 << 20)
    for start in (1, 11, 21):
        journal.append([message(start + i) for i in range(10)])
    journal.advance("rules", 10)
    journal.prune(keep=0)
    journal.close()
    return path


def verdict(path: Path) -> Verdict:
    """What a verification says, of which the file must know nothing."""
    before = hashlib.sha256(path.read_bytes()).digest()
    said = verify(path, lambda *_: None)
    assert hashlib.sha256(path.read_bytes()).digest() == before
    return said


def test_a_sound_journal_is_said_to_be_sound(path: Path) -> None:
    """Closed, and open at the same time; with progress up to the end."""
    told: list[tuple[int, int]] = []
    closed = verify(path, lambda done, total: told.append((done, total)))
    journal = Journal(path, max_bytes=1 << 20)
    journal.append([message(31)])
    opened = verdict(path)
    journal.close()
    assert (closed.records, closed.unchecked, closed.flaws) == (20, 0, ())
    assert (opened.records, opened.flaws) == (21, ())
    assert told[-1][0] == told[-1][1] > 0


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ("UPDATE groups SET messages = zeroblob(9) WHERE last_seq = 20", (11, 20, "its checksum differs")),
        ("DELETE FROM groups WHERE last_seq = 20", (11, 20, "missing")),
        ("DELETE FROM groups WHERE last_seq = 30", (21, 30, "missing")),
        ("UPDATE totals SET records = 7", (0, 0, "totals say 7 records")),
        ("INSERT INTO damaged VALUES (11, 20, 0, NULL)", None),
    ],
)
def test_what_is_wrong_is_said_with_its_seqs(path: Path, change: str, flaw: tuple[int, int, str] | None) -> None:
    """Each kind of damage by itself; damage noted where there is none is no flaw."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(change)
    flaws = [(one.first_seq, one.last_seq, one.what) for one in verdict(path).flaws]
    assert len(flaws) == (flaw is not None)
    if flaw is not None:
        assert flaws[0][:2] == flaw[:2]
        assert flaw[2] in flaws[0][2]


def test_damage_that_was_set_aside_is_still_said(path: Path) -> None:
    """Until it is pruned: a person may want to know what is not among the records held."""
    journal = Journal(path, max_bytes=1 << 20)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE groups SET checksum = 1 WHERE last_seq = 20")
    assert len(journal.read(10, 100)) == 10
    (flaw,) = verdict(path).flaws
    assert (flaw.first_seq, flaw.last_seq, flaw.what) == (11, 20, "damaged, and set aside before")
    journal.advance("rules", 30)
    journal.prune(keep=0)
    assert verdict(path).flaws == ()
    journal.close()


@pytest.mark.parametrize("content", [b"", b"rubbish" * 1000])
def test_a_file_that_is_no_journal_has_flaws(tmp_path: Path, content: bytes) -> None:
    """It is told and not raised."""
    path = tmp_path / NAME
    path.write_bytes(content)
    assert verdict(path).flaws != ()


def test_a_copy_with_its_log_is_verified_too(tmp_path: Path) -> None:
    """As a backup of a running product has it."""
    crashed = wreck(tmp_path)
    said = verdict(crashed.copy(tmp_path / "copy"))
    assert said.flaws == ()
    assert said.records >= crashed.head - crashed.passed
