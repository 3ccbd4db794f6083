"""Which files belong into a backup: all that are not known to be of the moment, so that no new kind is forgotten."""

import fnmatch
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

EVIDENCE: Final = "evidence"
SERIES: Final = "series.db"
_OVERWRITTEN: Final = "views"
"""The last picture of every camera: the next look makes another."""
_OF_THE_MOMENT: Final = (
    "serve.lock",
    "judge.lock",
    "serve.json",
    "watch-*.json",
    "*-wal",
    "*-shm",
    "*-journal",
    "*.db.state",
    "*.db.lock",
    "*.db.turn",
    "*.db.next",
    ".*",
)
"""Locks, notes of who runs, SQLite's own, what the journal's file was last seen as, and what is half written."""


def databases(data: Path) -> tuple[str, ...]:
    """The names of the SQLite files in the data folder."""
    return tuple(sorted(path.name for path in data.glob("*.db") if path.is_file()))


def plain(data: Path, without: tuple[str, ...], left_out: list[str]) -> Iterator[tuple[str, Path]]:
    """Every other file of the data folder, by its name there. `left_out` is told what is no file.

    What the folder itself links to is followed, for evidence often lies on another disk; deeper links are not.
    """
    try:
        entries = sorted(data.iterdir())
    except FileNotFoundError:
        return
    for entry in entries:
        if _of_the_moment(entry.name) or entry.name.endswith(".db") or entry.name in (*without, _OVERWRITTEN):
            continue
        if entry.is_dir():
            yield from below(entry.resolve(), entry.name, left_out)
        elif entry.is_file():
            yield entry.name, entry
        else:
            left_out.append(entry.name)


def below(
    folder: Path, called: str, left_out: list[str], but: frozenset[Path] = frozenset()
) -> Iterator[tuple[str, Path]]:
    """Every file below a folder, in order, but for some folders; one folder is listed at a time."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:  # just deleted
        return
    for entry in entries:
        name, path = f"{called}/{entry.name}", Path(entry.path)
        if _of_the_moment(entry.name) or path in but:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from below(path, name, left_out, but)
        elif entry.is_file(follow_symlinks=False):
            yield name, path
        else:
            left_out.append(name)


def _of_the_moment(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in _OF_THE_MOMENT)
