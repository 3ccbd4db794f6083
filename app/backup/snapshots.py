"""Each database as it was at one moment, and the moments in an order in which nothing is missing (decision 25)."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from app.readers.rules_reader import RULES
from app.readers.series_writer import SERIES as SERIES_READER
from domain.errors import StoreRefused, StoreUnavailable
from storage.sqlite import is_trouble, open_readonly

CASES, JOURNAL, BIRTHS, SERIES = "cases.db", "journal.db", "births.db", "series.db"
_EARLIER_BIRTHS: Final = "births-before.db"
_TRIES: Final = 3
_BUSY_S: Final = 30.0
_PRUNED: Final = "SELECT identity, head, pruned FROM totals"
_REWIND: Final = "UPDATE cursors SET seq = ?, mirror = -? WHERE name = ? AND seq > ?"
_MERGE: Final = "INSERT OR IGNORE INTO births SELECT * FROM earlier.births"

JudgedTo = Callable[[str], int]
Told = Callable[[str], None]
"""Is told which database is read."""


class Copies(Struct, frozen=True, kw_only=True):
    """The copies that were taken, and what they say of each other."""

    paths: tuple[Path, ...]
    journal_head: int = 0
    judged_to: int = 0
    dumps: tuple[Path, ...] = ()
    """What a server gave out of its own."""


class Overtaken(StoreUnavailable):
    """The journal let go of messages that the case store's copy has not judged; the copies must be taken again."""


def take(data: Path, into: Path, names: tuple[str, ...], judged_to: JudgedTo, told: Told) -> Copies:
    """Copies of the databases `names` of `data`, each durable in `into`, beside a `serve` that goes on.

    `judged_to` says up to where the case store's copy has judged a journal, by its identity; it is asked once that
    copy is there. Raises StoreUnavailable, and StoreRefused for a file that is damaged.
    """
    for left in range(_TRIES - 1, -1, -1):
        try:
            return _take_once(data, into, names, judged_to, told)
        except Overtaken:
            if not left:
                raise
            for path in into.glob("*.db"):
                path.unlink()
    raise AssertionError("unreachable")


def in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    """Cases, then what may hold messages back, then the journal, then what is made of it."""
    behind = [name for name in (JOURNAL, BIRTHS, SERIES) if name in names]
    ahead = [CASES] if CASES in names else []
    return (*ahead, *(name for name in names if name not in {CASES, *behind}), *behind)


def cursor_in(path: Path, name: str) -> int:
    """A cursor in a copy of a case store in SQLite; 0 if it never began."""
    with closing(open_readonly(path)) as connection:
        row = connection.execute("SELECT seq FROM cursors WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0


def reader_of(identity: str) -> str:
    """What the cursor is called by which the rules follow a journal."""
    return f"{RULES}@{identity}"


def _take_once(data: Path, into: Path, names: tuple[str, ...], judged_to: JudgedTo, told: Told) -> Copies:
    has_journal = JOURNAL in names
    if has_journal and BIRTHS in names:  # before anything is judged on; what was pruned since is put back below
        copy(data / BIRTHS, into / _EARLIER_BIRTHS)
    pruned_before = _totals(data / JOURNAL)[2] if has_journal else 0
    for name in in_order(names):
        told(name)
        copy(data / name, into / name)
    if not has_journal:
        return Copies(paths=_paths(into, names))
    identity, head, pruned = _totals(into / JOURNAL)
    judged = judged_to(identity)
    if pruned > max(judged, pruned_before):
        raise Overtaken(f"{data / JOURNAL} let go of messages up to {pruned}, and the cases are of {judged}; try again")
    _rewind(into / JOURNAL, judged, series_kept=SERIES in names or not (data / SERIES).exists())
    if BIRTHS in names:
        _merge_births(into, head)
    return Copies(paths=_paths(into, names), journal_head=head, judged_to=judged)


def copy(source: Path, target: Path) -> None:
    """One database as it is at one moment, checked, in a file that needs no other. Writers are not held up."""
    try:
        with closing(_beside_writers(source)) as reader, closing(sqlite3.connect(target)) as writer:
            reader.backup(writer, pages=-1)  # in one step: page by page, each write of others would begin it anew
            writer.execute("PRAGMA journal_mode = DELETE")
            (said,) = writer.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as wrong:
        if is_trouble(wrong):
            raise StoreUnavailable(f"{source} cannot be copied: {wrong}") from wrong
        said = str(wrong)
    if said != "ok":
        raise StoreRefused(f"{source} is damaged ({said}); a backup of it would be none")
    target.chmod(0o600)


def _beside_writers(path: Path) -> sqlite3.Connection:
    """A connection that takes part in SQLite's locks, which a file that was opened as unchanging would not."""
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=_BUSY_S, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _totals(journal: Path) -> tuple[str, int, int]:
    try:
        with closing(open_readonly(journal)) as connection:
            identity, head, pruned = connection.execute(_PRUNED).fetchone()
            return str(identity), int(head), int(pruned)
    except (sqlite3.Error, TypeError) as wrong:
        raise StoreUnavailable(f"{journal} cannot be read: {wrong}; `serve` mends it") from wrong


def _rewind(journal: Path, judged: int, *, series_kept: bool) -> None:
    """Say in the copy what the copies beside it have, and no more: what is beyond must not be let go of."""
    with closing(sqlite3.connect(journal)) as connection, connection:
        connection.execute(_REWIND, (judged, judged, RULES, judged))
        if not series_kept:  # readings will be stored anew, as far as the journal has them
            connection.execute(_REWIND, (0, 0, SERIES_READER, 0))


def _merge_births(into: Path, head: int) -> None:
    """Births as both moments knew them, and none of a message that the journal's copy has not."""
    earlier = into / _EARLIER_BIRTHS
    with closing(sqlite3.connect(into / BIRTHS, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS earlier", (str(earlier),))
        connection.execute(_MERGE)
        connection.execute("DETACH earlier")
        connection.execute("DELETE FROM births WHERE seq > ?", (head,))
    earlier.unlink()


def _paths(into: Path, names: tuple[str, ...]) -> tuple[Path, ...]:
    for name in names:
        descriptor = os.open(into / name, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return tuple(into / name for name in in_order(names))
