"""Who writes next into a SQLite file that several processes write to.

SQLite has no queue: who waits looks again every 100 ms, and one that writes in short succession is before it each time.
With 50 ms of writing and 5 ms of rest in between, others waited for 2 s, and some for the whole 10 s. So whoever wants
to write locks two small files beside the database, one after the other: that it is next, and that it writes.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from domain.errors import StoreUnavailable

WRITES, NEXT = ".turn", ".next"
"""How the files are called, behind the database's name."""
_LOOK_S: Final = 0.002


@contextmanager
def turn(database: Path, patience_s: float) -> Iterator[None]:
    """To write, before all who ask later; given back at the end, or when the process ends.

    Raises StoreUnavailable after `patience_s`. Where those files cannot be made, SQLite's own patience must do.
    """
    deadline_s = time.monotonic() + patience_s
    with ExitStack() as held:
        with ExitStack() as queueing, suppress(OSError):
            is_next = _opened(database, NEXT, queueing)
            writes = _opened(database, WRITES, held)
            _lock(is_next, database, deadline_s)
            _lock(writes, database, deadline_s)
        yield


def _opened(database: Path, ending: str, until: ExitStack) -> int:
    path = database.with_name(database.name + ending)
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)  # to read only: whoever may read it may lock it
    except FileNotFoundError:
        file = _made(database, path)
    until.callback(os.close, file)
    return file


def _made(database: Path, path: Path) -> int:
    """What root makes belongs to whom the database belongs to, as SQLite has it: else only root would have turns."""
    file = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    if os.geteuid() == 0 and database.exists():
        owner = database.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
    return file


def _lock(file: int, database: Path, deadline_s: float) -> None:
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() >= deadline_s:
            raise StoreUnavailable(f"the case store, {database}, did not take it: another that writes does not finish")
        time.sleep(_LOOK_S)
