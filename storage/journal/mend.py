"""A damaged journal becomes a sound one: everything that can be read moves to a new file, the old one stays beside it.

First what SQLite still reads, then what is found page by page. Every group must be vouched for by its checksum, so
that nothing wrong is delivered; what is missing between groups is written down as damaged.
"""

import contextlib
import logging
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypeGuard

from msgspec import Struct

from storage.journal.carve import Pages, carve
from storage.journal.groups import Group, Unreadable, columns_of, group_of
from storage.journal.tables import RECOUNT, SCHEMA
from storage.sqlite import open_readonly

log = logging.getLogger(__name__)

_FARTHEST = 1 << 48
_AHEAD = 1 << 20
"""How far a damaged file's head may be ahead of what is known otherwise, and still be believed."""
_OVERLAP = "SELECT last_seq - records FROM groups WHERE last_seq > ? ORDER BY last_seq LIMIT 1"
_INSERT = """
INSERT INTO groups (last_seq, records, bytes, appended_ms, checksum, messages) VALUES (?, ?, ?, ?, ?, ?)
"""
_SETTLE = "UPDATE totals SET identity = coalesce(?, identity), head = ?, pruned = ?"
_FREE = """
INSERT INTO damaged (first_seq, last_seq, found_ms, messages) SELECT :first, :last, :found_ms, :content
WHERE NOT EXISTS (SELECT 1 FROM groups WHERE last_seq >= :first AND last_seq - records < :last)
    AND NOT EXISTS (SELECT 1 FROM damaged WHERE last_seq >= :first AND first_seq <= :last)
"""
_DAMAGED = "SELECT first_seq, last_seq, found_ms, messages FROM damaged"
_HELD = """
SELECT last_seq - records + 1, last_seq FROM groups UNION ALL SELECT first_seq, last_seq FROM damaged ORDER BY 1
"""


class Known(Struct, frozen=True, kw_only=True):
    """What is known of a journal beside its damaged file: from a process that had it open, and the state file."""

    identity: str | None = None
    head: int = 0
    pruned: int = 0
    cursors: dict[str, int] = {}


def finish(path: Path) -> None:
    """Complete a mending that was interrupted between setting the old file aside and putting the new one in place."""
    new = _new(path)
    if new.exists() and not path.exists():
        _swap(path, new)


def mend(path: Path, known: Known, found_ms: int) -> int:
    """Replace the file by a sound one, and return how many records are newly missing.

    Nobody may have it open. Raises sqlite3.Error or OSError if the disk does not take the new file; the old one is then
    still in place.
    """
    new = _new(path)
    for name in (new, new.with_name(f"{new.name}-journal")):
        name.unlink(missing_ok=True)
    with closing(sqlite3.connect(new, isolation_level=None)) as target:
        for pragma in ("auto_vacuum = INCREMENTAL", "journal_mode = OFF", "synchronous = OFF"):
            target.execute(f"PRAGMA {pragma}")
        target.executescript(SCHEMA)
        target.execute("BEGIN")
        lost = _fill(target, path, known, found_ms)
        target.execute("COMMIT")
        target.execute("PRAGMA journal_mode = WAL")  # by now, for it cannot be done by two processes at once
    aside = _swap(path, new)
    log.error("%s was damaged and is mended: %d records are lost; the damaged file is kept as %s", path, lost, aside)
    return lost


def _fill(target: sqlite3.Connection, path: Path, known: Known, found_ms: int) -> int:
    # The pages are opened first: SQLite removes the log of a file that is empty.
    with closing(Pages(path)) as pages, closing(open_readonly(path)) as source:
        rows = sum(_add(target, group) for order in ("ASC", "DESC") for group in _readable(source, order))
        identity, head, pruned = _totals(source)
        cursors = _farther(_cursors(source), known.cursors)
        damaged = [row for row in _rows(source, _DAMAGED) if all(_is_seq(value, _FARTHEST) for value in row[:3])]
        # What was pruned long ago may still stand on pages that are free; nobody needs it, so it is not news.
        pruned = known.pruned if identity is None else pruned
        passed = min(cursors.values(), default=pruned)
        gone = min(pruned, passed)
        rows += sum(_add(target, group) for group in carve(pages) if group.last_seq > gone)
    log.info("%s: %d groups can be read", path, rows)
    first, last = target.execute("SELECT min(last_seq - records), max(last_seq) FROM groups").fetchone()
    limit = known.head + _AHEAD if known.head else _FARTHEST
    said = (head, *cursors.values(), *(to for _, to, *_ in damaged))
    head = max(known.head, last or 0, *(seq for seq in said if seq <= limit))
    gone = max(gone, min(head if first is None else first, passed))
    target.execute(_SETTLE, (known.identity or identity, head, gone))
    target.execute(RECOUNT)
    places = [(name, max(0, min(seq, head))) for name, seq in cursors.items()]
    target.executemany("INSERT INTO cursors VALUES (?, ?, ?)", [(name, seq, -seq) for name, seq in places])
    for since, to, at_ms, content in damaged:
        if 0 < since <= to <= head:
            target.execute(_FREE, {"first": since, "last": to, "found_ms": at_ms, "content": content})
    return _note_gaps(target, gone, head, found_ms)


def _add(target: sqlite3.Connection, group: Group) -> bool:
    """Take a group over, unless it is unreadable, or some of its seqs are there already."""
    try:
        records = len(group.messages())
    except Unreadable:
        return False
    first = group.last_seq - records + 1
    following = target.execute(_OVERLAP, (first - 1,)).fetchone()
    if first < 1 or group.last_seq > _FARTHEST or group.packed is None:
        return False
    if following is not None and following[0] < group.last_seq:
        return False
    facts = (group.last_seq, records, len(group.packed), group.appended_ms, group.checksum, group.packed)
    target.execute(_INSERT, facts)
    return True


def _note_gaps(target: sqlite3.Connection, gone: int, head: int, found_ms: int) -> int:
    """Write down every seq between `gone` and `head` that nothing accounts for, and return how many they are."""
    at, missing = gone, []
    for first, last in target.execute(_HELD):
        if first > at + 1:
            missing.append((at + 1, first - 1))
        at = max(at, last)
    if head > at:
        missing.append((at + 1, head))
    target.executemany(
        "INSERT INTO damaged (first_seq, last_seq, found_ms) VALUES (?, ?, ?)",
        ((first, last, found_ms) for first, last in missing),
    )
    return sum(last - first + 1 for first, last in missing)


def _readable(source: sqlite3.Connection, order: str) -> Iterator[Group]:
    """From one end until the damage; from both ends, most of the file comes the quick way."""
    with contextlib.suppress(sqlite3.Error):
        columns = columns_of(source)
        for row in _rows(source, f"SELECT {columns} FROM groups ORDER BY last_seq {order}"):
            yield group_of((*row,))


def _totals(source: sqlite3.Connection) -> tuple[str | None, int, int]:
    """Identity, head, and what was pruned, as far as they can be read."""
    identity, head = next(_rows(source, "SELECT identity, head FROM totals"), (None, 0))
    (pruned,) = next(_rows(source, "SELECT pruned FROM totals"), (0,))
    return (
        identity if isinstance(identity, str) else None,
        head if _is_seq(head, _FARTHEST) else 0,
        pruned if _is_seq(pruned, _FARTHEST) else 0,
    )


def _cursors(source: sqlite3.Connection) -> dict[str, int]:
    """Each with the lower of its seq and its mirror; an older version had no mirror."""
    return {
        name: min(seq, -mirror[0] if mirror and isinstance(mirror[0], int) else seq)
        for name, seq, *mirror in _rows(source, "SELECT * FROM cursors")
        if isinstance(name, str) and _is_seq(seq, _FARTHEST)
    }


def _farther(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """No cursor goes back: who has the file open may have asked for another's long ago, when it stood elsewhere."""
    return {name: max(one.get(name, 0), other.get(name, 0)) for name in {**one, **other}}


def _rows(source: sqlite3.Connection, sql: str) -> Iterator[tuple[Any, ...]]:
    """Rows up to the first that cannot be read."""
    with contextlib.suppress(sqlite3.Error), closing(source.execute(sql)) as found:
        yield from found


def _is_seq(value: object, limit: int) -> TypeGuard[int]:
    return isinstance(value, int) and 0 <= value <= limit


def _new(path: Path) -> Path:
    return path.with_name(f"{path.name}.mending")


def _swap(path: Path, new: Path) -> Path:
    """The old file and its log aside, the new one in its place. Each step may be the last; `finish` does the rest."""
    with new.open("rb") as written:
        os.fsync(written.fileno())
    numbers = (int(name.name.rpartition("-")[2]) for name in path.parent.glob(f"{path.name}.damaged-*[0-9]"))
    number = max(numbers, default=0)
    aside = path.with_name(f"{path.name}.damaged-{number + path.exists()}")
    for suffix in ("", "-wal", "-shm"):
        old = path.with_name(f"{path.name}{suffix}")
        if old.exists():
            old.rename(f"{aside}{suffix}")
    new.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return aside
