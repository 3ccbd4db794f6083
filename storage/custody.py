"""A damaged file is set aside: kept beside the new one that is begun in its place.

Several processes open the same file. A lock on a small file beside it has only one of them look and set aside.
"""

import contextlib
import fcntl
import logging
import os
import sqlite3
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from domain.errors import StoreRefused, StoreUnavailable
from storage.sqlite import is_damage, is_trouble

log = logging.getLogger(__name__)

CHECKED_BYTES: Final = 64 << 20
"""A larger file is not read whole when it is opened: that takes seconds."""
_BUSY_S: Final = 10.0
_CERTAIN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_NOTADB})
_LOCK, _NOTED = ".lock", ".is-damaged"


class Custody:
    """One file, and the right to set it aside."""

    def __init__(self, path: Path) -> None:
        """Raises StoreUnavailable if the lock beside it cannot be made."""
        self._path = path
        self._noted = path.with_name(path.name + _NOTED)
        self._told = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(path.with_name(path.name + _LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as problem:
            wanted = "its disk must have room, and its folder must be ours to write"
            raise StoreUnavailable(f"{path} cannot be opened ({problem.strerror}); {wanted}") from problem
        self._release = weakref.finalize(self, os.close, self._lock)

    def open_shared(self, open_it: Callable[[], None]) -> None:
        """Open a file that stays in its place while anybody has it open, that is until `release`.

        It is checked, and set aside if need be, by who opens it first. Raises StoreRefused if it is damaged, and
        somebody has it open; and what `open_it` raises.
        """
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            fcntl.flock(self._lock, fcntl.LOCK_SH)
            try:
                open_it()
            except (sqlite3.DatabaseError, msgspec.DecodeError) as error:
                if not _tells_of_damage(error):
                    raise
                raise self.refusal(error, writing=True) from error
            return
        self._open_sound(open_it)
        fcntl.flock(self._lock, fcntl.LOCK_SH)

    def open_anew(
        self, open_it: Callable[[], None], *, because: sqlite3.Error | None = None, inode: int | None = None
    ) -> bool:
        """Open a file that may be set aside at any time: who has it open must look whether it is still in its place.

        `because` is an error from the file with this inode. False if that was not the file's fault; it is then left.
        """
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            if because is None or self.inode() != inode:
                self._open_sound(open_it)
                return True
            problem = str(because) if is_certain(because) else what_is_wrong(self._path)
            if problem is None:
                return False
            self._set_aside(problem)
            open_it()
            return True
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def inode(self) -> int | None:
        """Which file stands in the place now, if any."""
        try:
            return self._path.stat().st_ino
        except FileNotFoundError:
            return None

    def refusal(self, error: Exception, *, writing: bool) -> StoreRefused:
        """What to raise for damage found in a shared file, which the log tells of once.

        If it keeps us from `writing`, the file is set aside when it is opened next, however large it is; where only
        old content cannot be read, it is looked at as at every start.
        """
        if writing and is_certain(error):
            with contextlib.suppress(OSError):  # a small file is looked at in any case
                self._noted.write_text(str(error), encoding="utf-8")
        said = (
            f"{self._path.absolute()} is damaged ({error}); a restart of `longcheng serve` sets it aside as "
            f"{self._path.name}.damaged-<n> and begins anew"
        )
        if not self._told:
            log.error("%s", said)
        self._told = True
        return StoreRefused(said)

    def release(self) -> None:
        """The file is closed."""
        self._release()

    def _open_sound(self, open_it: Callable[[], None]) -> None:
        if problem := self._problem():
            self._set_aside(problem)
        try:
            open_it()
        except (sqlite3.DatabaseError, msgspec.DecodeError) as error:
            if not _tells_of_damage(error):
                raise
            self._set_aside(str(error))
            open_it()

    def _problem(self) -> str | None:
        if self._noted.exists():
            return self._noted.read_text(encoding="utf-8", errors="replace") or "damaged"
        return what_is_wrong(self._path, up_to_bytes=CHECKED_BYTES)

    def _set_aside(self, problem: str) -> None:
        number = 1
        while (aside := self._path.with_name(f"{self._path.name}.damaged-{number}")).exists():
            number += 1
        log.error("%s is damaged: %s; it is kept as %s, and begun anew", self._path.absolute(), problem, aside.name)
        for ending in ("-wal", "-shm", ""):  # the file last: with its log still in place it would be another's
            part = self._path.with_name(self._path.name + ending)
            if part.exists():
                part.replace(aside.with_name(aside.name + ending))
        self._noted.unlink(missing_ok=True)


def what_is_wrong(path: Path, *, up_to_bytes: int | None = None) -> str | None:
    """What SQLite finds in a file that is no larger than this; None if it is sound, not there, or larger.

    Raises StoreUnavailable if it cannot be looked at now.
    """
    if not path.exists() or (up_to_bytes is not None and path.stat().st_size > up_to_bytes):
        return None
    try:
        with contextlib.closing(
            sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=_BUSY_S)
        ) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if is_trouble(error):
            raise StoreUnavailable(f"{path} cannot be opened ({error})") from error
        if not is_damage(error):
            raise
        return str(error)
    return None if found == "ok" else " ".join(found.split())


def is_certain(error: Exception) -> bool:
    """Whether it can be nothing but damage: not a statement that is wrong, either."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _CERTAIN


def _tells_of_damage(error: Exception) -> bool:
    return not isinstance(error, sqlite3.Error) or is_damage(error)
