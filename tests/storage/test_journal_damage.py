"""Damaged files: whatever the disk did, the journal opens, delivers all that is sound, and says what is not."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from storage.journal import Journal
from storage.journal.mend import Known, mend
from tests.storage.messages import message
from tests.storage.wrecks import MAX_BYTES, NAME, Wreck, assert_accounted_for, flip, read_all, wreck

LARGEST_GROUP = 300
FILES = (NAME, f"{NAME}-wal", f"{NAME}.state")


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Wreck:
    """A journal whose process was killed."""
    return wreck(tmp_path_factory.mktemp("wreck"))


@settings(max_examples=150)
@given(name=st.sampled_from(FILES), place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@example(name=NAME, place=0.0, bit=0)
@example(name=f"{NAME}-wal", place=0.0, bit=0)
def test_a_flipped_bit_costs_one_group_at_most(crashed: Wreck, name: str, place: float, bit: int) -> None:
    """Wherever it is: no start refused, nothing wrong delivered, nothing lost without a word."""
    with tempfile.TemporaryDirectory() as folder:
        path = crashed.copy(Path(folder))
        hurt = path.with_name(name)
        flip(hurt, int(place * hurt.stat().st_size), bit)
        assert assert_accounted_for(path, crashed) <= LARGEST_GROUP


@settings(max_examples=60)
@given(place=st.floats(0, 1, exclude_max=True))
def test_a_log_cut_anywhere_keeps_what_is_before_the_cut(crashed: Wreck, place: float) -> None:
    """A torn last write: the groups written before it are there, none is invented, and what is gone is counted."""
    with tempfile.TemporaryDirectory() as folder:
        path = crashed.copy(Path(folder))
        log = path.with_name(f"{NAME}-wal")
        log.write_bytes(log.read_bytes()[: int(place * log.stat().st_size)])
        assert_accounted_for(path, crashed)


@settings(max_examples=80)
@given(name=st.sampled_from(FILES[:2]), seed=st.integers(0, 1 << 32))
def test_worse_damage_is_survived_too(crashed: Wreck, name: str, seed: int) -> None:
    """Sectors of zeros or of noise, many flipped bits, a file that ends too early."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = crashed.copy(Path(folder))
        hurt = path.with_name(name)
        content = bytearray(hurt.read_bytes())
        start, length = chance.randrange(len(content)) // 512 * 512, chance.choice([512, 4096, 20_000])
        match chance.randrange(4):
            case 0:
                content[start : start + length] = bytes(min(length, len(content) - start))
            case 1:
                content[start : start + length] = chance.randbytes(min(length, len(content) - start))
            case 2:
                for _ in range(20):
                    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
            case _:
                del content[start:]
        hurt.write_bytes(content)
        assert_accounted_for(path, crashed)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", bytes(8192), b"not a database at all" * 1000])
def test_a_file_that_is_no_database_starts_anew(crashed: Wreck, tmp_path: Path, content: bytes) -> None:
    """Under the same identity and with seqs never given before; the log beside it gives back what it holds."""
    path = crashed.copy(tmp_path)
    path.write_bytes(content)
    assert 0 < assert_accounted_for(path, crashed) < crashed.head


def hurt_log(path: Path) -> None:
    """SQLite takes no notice of a log with a header like this, and drops it."""
    flip(path.with_name(f"{NAME}-wal"), 20, 1)


def test_a_log_that_sqlite_drops_is_read_all_the_same(
    crashed: Wreck, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is lost, and the damaged files are kept for a person to look at."""
    path = crashed.copy(tmp_path)
    before = path.read_bytes()
    hurt_log(path)
    assert assert_accounted_for(path, crashed) == 0
    aside = path.with_name(f"{NAME}.damaged-1")
    assert aside.read_bytes() == before
    assert aside.with_name(f"{aside.name}-wal").exists()
    assert f"0 records are lost; the damaged file is kept as {aside}" in caplog.text


def test_every_damaged_file_is_kept(crashed: Wreck, tmp_path: Path) -> None:
    """The second beside the first."""
    path = crashed.copy(tmp_path)
    for number in (1, 2):
        path.write_bytes(b"rubbish")
        assert_accounted_for(path, crashed)
        assert path.with_name(f"{NAME}.damaged-{number}").read_bytes() == b"rubbish"


@pytest.mark.parametrize("log_is_moved", [False, True])
def test_a_mending_that_was_interrupted_is_completed(crashed: Wreck, tmp_path: Path, log_is_moved: bool) -> None:
    """Killed between setting the old file aside and putting the new one in its place."""
    path = crashed.copy(tmp_path)
    hurt_log(path)
    assert assert_accounted_for(path, crashed) == 0
    path.rename(path.with_name(f"{NAME}.mending"))
    aside = path.with_name(f"{NAME}.damaged-1-wal")
    if not log_is_moved:
        aside.rename(path.with_name(f"{NAME}-wal"))
    assert assert_accounted_for(path, crashed) == 0
    assert aside.exists()


def test_a_mending_that_was_not_finished_begins_again(crashed: Wreck, tmp_path: Path) -> None:
    """A half written new file is worth nothing as long as the old one is there."""
    path = crashed.copy(tmp_path)
    path.with_name(f"{NAME}.mending").write_bytes(b"half")
    hurt_log(path)
    assert assert_accounted_for(path, crashed) == 0


def test_whoever_mends_sets_no_reader_back(tmp_path: Path) -> None:
    """`serve` asked at its start where the others stand; what they have read and let go of since is not lost."""
    path = tmp_path / NAME
    journal = Journal(path, max_bytes=MAX_BYTES)
    begun = Known(identity=journal.identity, cursors={"rules": journal.cursor("rules")})
    journal.append([message(number) for number in range(200)])
    journal.append([message(number) for number in range(200, 300)])
    journal.advance("rules", 250)
    assert journal.prune(1 << 50, keep=0) == 200
    journal.close()

    assert mend(path, replace(begun, head=300, pruned=200), 1) == 0
    mended = Journal(path, max_bytes=MAX_BYTES)
    assert (mended.status().cursors, mended.damaged()) == ({"rules": 250}, [])
    mended.close()


def test_a_file_from_yesterday_does_not_give_todays_seqs_again(tmp_path: Path) -> None:
    """A backup put back under a journal that went on: readers have passed what it lacks, so that is noted as lost."""
    path = tmp_path / NAME
    for start in (1, 11):
        journal = Journal(path, max_bytes=MAX_BYTES)
        journal.append([message(start + i) for i in range(10)])
        journal.close()
        if start == 1:
            backup = path.read_bytes()
    path.write_bytes(backup)
    journal = Journal(path, max_bytes=MAX_BYTES)
    assert journal.append([message(21)]) == 21
    assert read_all(journal) == [*range(1, 11), 21]
    assert [(one.first_seq, one.last_seq) for one in journal.damaged()] == [(11, 20)]
    journal.close()


def test_a_sound_journal_is_left_alone(crashed: Wreck, tmp_path: Path) -> None:
    """A crash without damage: nothing is lost, and nothing is set aside."""
    path = crashed.copy(tmp_path)
    assert assert_accounted_for(path, crashed) == 0
    assert list(tmp_path.glob("*damaged*")) == []
