"""How much the journal holds, for how long, and what it says about that."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clock import ManualClock
from storage.journal import Journal
from tests.storage.messages import message, number_of

NOW_MS = 1_795_320_000_000
MIB = 1 << 20


@pytest.fixture
def clock() -> ManualClock:
    """Moved by hand."""
    return ManualClock(NOW_MS)


@pytest.fixture
def journal(tmp_path: Path, clock: ManualClock) -> Journal:
    """64 MiB, and what was read goes after an hour."""
    return Journal(tmp_path / "journal.db", max_bytes=64 * MIB, max_age_s=3600, clock=clock)


def test_what_was_read_goes_when_it_is_old(journal: Journal, clock: ManualClock) -> None:
    """Whole groups, by the time they were appended; without any cursor nothing goes."""
    journal.append([message(1), message(2)])
    clock.advance(seconds=1800)
    journal.append([message(3), message(4)])
    clock.advance(seconds=1801)
    assert journal.prune() == 0
    journal.advance("rules", 4)
    assert journal.prune() == 2
    assert journal.prune(clock.now_ms() + 1_800_000) == 2
    assert journal.status().oldest == 5
    journal.close()


def test_what_was_not_read_never_goes(journal: Journal, clock: ManualClock) -> None:
    """However old it is."""
    for number in range(1, 5):
        journal.append([message(number)])
    journal.advance("rules", 4)
    journal.advance("series", 2)
    clock.advance(seconds=10 * 86400)
    assert journal.prune(keep=0) == 2
    assert [number_of(record) for record in journal.read(2, 9)] == [3, 4]
    journal.close()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 40)),
        st.tuples(st.just("rules"), st.floats(0, 1)),
        st.tuples(st.just("series"), st.floats(0, 1)),
        st.tuples(st.just("wait"), st.integers(0, 7200)),
        st.tuples(st.just("prune"), st.integers(0, 50)),
    ),
    max_size=40,
)


@settings(max_examples=40)
@given(steps=STEPS)
def test_in_any_order_of_events_nothing_unread_goes(
    steps: list[tuple[str, float]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """All that some cursor has not passed is still read, in order and without a gap."""
    clock = ManualClock(NOW_MS)
    path = tmp_path_factory.mktemp("steps") / "journal.db"
    journal = Journal(path, max_bytes=20_000, max_age_s=3600, clock=clock)
    for name in ("rules", "series"):
        journal.cursor(name)
    for what, value in steps:
        head = journal.head()
        match what:
            case "append" if journal.status().bytes < 20_000:
                journal.append([message(head + 1 + i) for i in range(int(value))])
            case "rules" | "series":
                journal.advance(what, int(head * value))
            case "wait":
                clock.advance(seconds=value)
            case "prune":
                journal.prune(keep=int(value))
    passed = min(journal.status().cursors.values())
    assert [number_of(record) for record in journal.read(passed, 10_000)] == list(range(passed + 1, journal.head() + 1))
    assert journal.damaged() == []
    journal.close()


def fill(journal: Journal, clock: ManualClock, *, seconds: int) -> None:
    """Ten messages of 1 kB a second."""
    for _ in range(seconds):
        first = journal.head() + 1
        journal.append([message(first + i, size=1000) for i in range(10)])
        clock.advance(seconds=1)


def test_time_to_full_is_what_is_left_at_the_pace_of_the_last_minute(journal: Journal, clock: ManualClock) -> None:
    """Only while some reader is more than a minute behind."""
    fill(journal, clock, seconds=50)
    assert journal.status().full_in_s is None
    fill(journal, clock, seconds=150)
    journal.advance("rules", journal.head())
    journal.advance("series", 100)
    status = journal.status()
    left_bytes, bytes_per_s = status.max_bytes - status.bytes, status.bytes / 200
    assert status.full_in_s == pytest.approx(left_bytes / bytes_per_s, rel=0.05)
    assert status.oldest_unread_age_s == 190
    assert status.lags == {"rules": 0, "series": 1900}
    journal.advance("series", journal.head())
    assert (journal.status().full_in_s, journal.status().oldest_unread_age_s) == (None, 0.0)
    journal.close()


def test_nothing_fills_while_nothing_comes(journal: Journal, clock: ManualClock) -> None:
    """However far behind the readers are."""
    fill(journal, clock, seconds=10)
    clock.advance(seconds=3600)
    assert journal.status().full_in_s is None
    assert journal.status().oldest_unread_age_s == 3610
    journal.close()


def test_the_disk_counts_if_it_is_smaller_than_the_bound(tmp_path: Path, clock: ManualClock) -> None:
    """A bound of an exbibyte does not make the disk larger."""
    journal = Journal(tmp_path / "journal.db", max_bytes=1 << 60, clock=clock)
    fill(journal, clock, seconds=100)
    expected_s = shutil.disk_usage(tmp_path).free / (journal.status().bytes / 100)
    assert journal.status().full_in_s == pytest.approx(expected_s, rel=0.2)
    journal.close()


def test_a_journal_at_its_bound_is_full_now(tmp_path: Path, clock: ManualClock) -> None:
    """Whether or not something came in the last minute: what it refuses leaves no trace in it."""
    journal = Journal(tmp_path / "journal.db", max_bytes=5000, clock=clock)
    fill(journal, clock, seconds=1)
    assert journal.status().full_in_s == 0
    clock.advance(seconds=3600)
    assert journal.status().full_in_s == 0
    journal.close()


def test_a_disk_without_room_is_full_now(journal: Journal, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if nothing comes, and the bound is far."""
    fill(journal, clock, seconds=1)
    clock.advance(seconds=3600)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(total=1 << 30, used=1 << 30, free=4096))
    status = journal.status()
    assert (status.full_in_s, status.free_bytes) == (0, 4096)
    journal.close()


def file_bytes(path: Path) -> int:
    """The file with its log."""
    return sum(part.stat().st_size for part in (path, path.with_name(f"{path.name}-wal")))


def test_the_file_shrinks_after_an_outage(tmp_path: Path) -> None:
    """All but 64 MiB, which are used again."""
    path = tmp_path / "journal.db"
    journal = Journal(path, max_bytes=1 << 30)
    for start in range(0, 1000, 100):
        journal.append([message(start + i, size=120_000) for i in range(100)])
    assert file_bytes(path) > 115 * MIB
    journal.advance("rules", 1000)
    assert journal.prune(keep=0) == 1000
    journal.close()
    assert path.stat().st_size < 70 * MIB


def test_readers_do_not_keep_the_log_from_being_folded_in(tmp_path: Path) -> None:
    """A reader between two reads holds nothing: the log stays small beside it, however much is appended."""
    path = tmp_path / "journal.db"
    journal = Journal(path, max_bytes=1 << 30)
    after = 0
    for start in range(0, 60_000, 500):
        journal.append([message(start + i + 1, size=600) for i in range(500)])
        after = journal.read(after, 450)[-1].seq
    assert path.stat().st_size > 30 * MIB
    assert path.with_name("journal.db-wal").stat().st_size < 8 * MIB
    journal.close()
