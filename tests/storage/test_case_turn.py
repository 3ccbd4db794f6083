"""Who wants to write into the case store on SQLite comes to it in turn, whoever else writes in short succession."""

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from domain.errors import StoreUnavailable
from storage.case_store import CaseStore
from storage.case_turn import NEXT, turn
from tests.ingest.waiting import until

HOLD = """
import sys
from pathlib import Path
from storage.case_turn import turn
with turn(Path(sys.argv[1]), 60):
    print(1, flush=True)
    sys.stdin.read()
"""
ROOT = Path(__file__).parents[2]


def _somebody_waits(database: Path) -> bool:
    """Whether anybody stands next in line."""
    with database.with_name(database.name + NEXT).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_who_waits_is_before_who_has_just_written(tmp_path: Path) -> None:
    """However soon that wants to write again; each time."""
    path = tmp_path / "cases.db"
    quick, patient = CaseStore(f"sqlite:///{path}"), CaseStore(f"sqlite:///{path}")
    order: list[str] = []

    def write() -> None:
        with patient.transaction():
            order.append("patient")

    for _ in range(3):
        with quick.transaction():
            waiting = threading.Thread(target=write)
            waiting.start()
            until(lambda: _somebody_waits(path), "it stands in line")
        with quick.transaction():
            order.append("quick")
        waiting.join(60)
    quick.close()
    patient.close()

    assert order == ["patient", "quick"] * 3


def test_one_that_does_not_finish_is_told(tmp_path: Path) -> None:
    """With the place, and once its patience has ended; the turn of one that died is free."""
    database = tmp_path / "cases.db"
    words = [sys.executable, "-c", HOLD, str(database)]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"1\n"
        with pytest.raises(StoreUnavailable, match=f"{database}.*does not finish"), turn(database, 0.0):
            raise AssertionError("it is not ours")
        holder.kill()
        holder.wait(60)
    with turn(database, 0.0):
        pass


def test_where_it_cannot_be_asked_for_nobody_is_kept_from_writing(tmp_path: Path) -> None:
    """SQLite has a patience of its own; and says what is wrong with the folder."""
    with turn(tmp_path / "nowhere" / "cases.db", 0.0):
        pass
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_makes_is_its_owners_who_has_the_database(tmp_path: Path) -> None:
    """A command that was called as root does not take the others' turns away."""
    database = tmp_path / "cases.db"
    CaseStore(f"sqlite:///{database}").close()
    for path in tmp_path.glob("cases.db.*"):
        path.unlink()
    os.chown(database, 10001, 10002)
    with turn(database, 0.0):
        made = {path.name: (path.stat().st_uid, path.stat().st_gid) for path in tmp_path.glob("cases.db.*")}

    assert made == {"cases.db.turn": (10001, 10002), "cases.db.next": (10001, 10002)}
