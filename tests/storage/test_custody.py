"""Files that are damaged are set aside and begun anew; a series file only when nobody else has it open."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from domain.errors import StoreRefused, StoreUnavailable
from domain.message import Record, Reject, RejectReason
from domain.point import Point
from storage import custody
from storage.deadletters import DeadLetters
from storage.series.embedded import EmbeddedSeries
from tests.storage.messages import message

T0 = 1_760_000_000_000
PAGE = 4096
REJECT = Reject(reason=RejectReason.RANGE, detail="soil_ph is 99", part="soil_ph")
Spoil = Callable[[Path], None]


def points(first: int, count: int = 3000) -> list[Point]:
    """Some minutes of one device."""
    return [
        Point(measurement="tree", tags=(("device_id", "t"),), fields={"a": float(at)}, at_ms=T0 + at)
        for at in range(first, first + count)
    ]


def kept(path: Path) -> Path:
    """A series file with points that are folded, and closed in order."""
    with closing(EmbeddedSeries(path)) as store:
        store.write(points(0))
        store.maintain(T0)
    return path


def overwrite(path: Path, start: int) -> None:
    """Bytes from `start` to the end of the file are not what they were. In place: others may have it open."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * (size - start))


def first_page(path: Path) -> None:
    """It is no longer a database."""
    overwrite(path, 0)


def all_but_the_first_page(path: Path) -> None:
    """What a lost cache of a controller leaves."""
    overwrite(path, PAGE)


def cut_off(path: Path) -> None:
    """The end is missing."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 // PAGE * PAGE)


def no_text(path: Path) -> None:
    """The tags of a series cannot be read, though every page can."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE series SET tags = '[['")


SPOILS = pytest.mark.parametrize("spoil", [first_page, all_but_the_first_page, cut_off, no_text])


@SPOILS
def test_a_damaged_series_file_is_kept_and_begun_anew(
    tmp_path: Path, spoil: Spoil, caplog: pytest.LogCaptureFixture
) -> None:
    """One ERROR names both; what is written then is stored; a second damaged file does not replace the first."""
    for number in (1, 2):
        path = kept(tmp_path / "series.db")
        spoil(path)
        damaged = path.read_bytes()
        caplog.clear()
        with closing(EmbeddedSeries(path)) as store:
            assert store.count() == 0
            store.write(points(0, 5))
            assert store.count() == 5
        (said,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
        assert str(path) in said
        assert f"series.db.damaged-{number}" in said
        # Opening it counts up a number on the first page.
        assert (tmp_path / f"series.db.damaged-{number}").read_bytes()[PAGE:] == damaged[PAGE:]
        path.unlink()


def test_points_that_were_only_in_the_log_are_kept_beside_the_damaged_file(tmp_path: Path) -> None:
    """As a crash leaves them: the log goes with its file."""
    alive, dead = kept(tmp_path / "alive" / "series.db"), tmp_path / "dead"
    with closing(EmbeddedSeries(alive)) as store:
        store.write(points(5000))
        shutil.copytree(alive.parent, dead, ignore=shutil.ignore_patterns("*-shm"))
    first_page(dead / "series.db")
    log = (dead / "series.db-wal").read_bytes()
    with closing(EmbeddedSeries(dead / "series.db")) as store:
        assert store.count() == 0
    assert (dead / "series.db.damaged-1-wal").read_bytes() == log


@pytest.fixture
def spoilt(tmp_path: Path) -> Iterator[EmbeddedSeries]:
    """A store whose file is damaged while it is open."""
    store = EmbeddedSeries(kept(tmp_path / "series.db"))
    all_but_the_first_page(tmp_path / "series.db")
    yield store
    store.close()


def test_damage_while_it_is_open_refuses_and_says_what_helps(
    spoilt: EmbeddedSeries, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Writes, upkeep and reads; the log tells of it once. Nothing is set aside below those who have it open."""
    for ask in (
        lambda: spoilt.write(points(9000)),
        lambda: spoilt.maintain(T0),
        lambda: spoilt.range("tree", "a", {}, T0, T0 + 9),
    ):
        with pytest.raises(StoreRefused, match=r"series\.db is damaged .* restart .* series\.db\.damaged-<n>"):
            ask()
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1
    with pytest.raises(StoreRefused, match="is damaged"):
        EmbeddedSeries(tmp_path / "series.db").write(points(9000))
    assert not list(tmp_path.glob("*.damaged-*"))


def test_what_kept_us_from_writing_is_set_aside_at_the_next_start_however_large_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file too large to be looked through at every start, whose points are damaged where no start looks."""
    monkeypatch.setattr(custody, "CHECKED_BYTES", PAGE)
    path = kept(tmp_path / "series.db")
    with closing(sqlite3.connect(path)) as other:
        (page,) = other.execute("SELECT rootpage FROM sqlite_master WHERE name = 'points'").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xa5" * PAGE)
    with closing(EmbeddedSeries(path)) as store:
        store.write(points(9000))
        with pytest.raises(StoreRefused, match="is damaged"):
            store.maintain(T0)
    assert not list(tmp_path.glob("*.damaged-?"))
    for _ in range(2):
        with closing(EmbeddedSeries(path)) as store:
            store.write(points(9000))
            store.maintain(T0)
            assert store.count() == 3000
    assert len(list(tmp_path.glob("*.damaged-?"))) == 1


def record(seq: int) -> Record:
    """A journal record."""
    return Record(seq=seq, message=message(seq, size=500))


def letters_in(path: Path) -> Path:
    """Some letters, and the file closed in order."""
    with closing(DeadLetters(path)) as letters:
        letters.add_all([(record(seq), [REJECT]) for seq in range(300)], decoder="native/1")
    return path


@pytest.mark.parametrize("spoil", [first_page, all_but_the_first_page, cut_off])
def test_damaged_letters_are_kept_and_begun_anew(tmp_path: Path, spoil: Spoil) -> None:
    """At a start."""
    spoil(path := letters_in(tmp_path / "deadletters.db"))
    damaged = path.read_bytes()
    with closing(DeadLetters(path)) as letters:
        letters.add(record(1), [REJECT], decoder="native/1")
        assert letters.count() == 1
    assert (tmp_path / "deadletters.db.damaged-1").read_bytes() == damaged


def test_letters_damaged_while_open_are_begun_anew_and_the_same_again_works(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In every process that has the file open; it is set aside once."""
    path = letters_in(tmp_path / "deadletters.db")
    with closing(DeadLetters(path)) as ours, closing(DeadLetters(path)) as others:
        all_but_the_first_page(path)
        with pytest.raises(StoreUnavailable, match="begun anew"):
            ours.add(record(400), [REJECT], decoder="native/1")
        ours.add(record(400), [REJECT], decoder="native/1")
        others.add(record(401), [REJECT], decoder="native/1")
        assert ours.count() == others.count() == 2
    with closing(DeadLetters(path)) as again:
        assert sorted(letter.seq for letter in again.list()) == [400, 401]
    assert len(list(tmp_path.glob("*.damaged-?"))) == 1
    assert len([said for said in caplog.records if said.levelname == "ERROR"]) == 1


def test_a_statement_that_fails_for_another_reason_sets_no_sound_file_aside(tmp_path: Path) -> None:
    """Also where damage could have been the reason."""
    path = letters_in(tmp_path / "deadletters.db")
    with closing(DeadLetters(path)) as letters:
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TRIGGER no BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'refused'); END")
        with pytest.raises(sqlite3.IntegrityError, match="refused"):
            letters.add(record(400), [REJECT], decoder="native/1")
        assert letters.count() == 300
