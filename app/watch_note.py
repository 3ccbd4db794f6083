"""What a running `watch` has to say to the `serve` on the same data folder: nothing, once it has ended, however."""

import fcntl
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from console.desk.vitals import ModelInUse

log = logging.getLogger(__name__)

_BEGINS: Final = "watch-"


class _Said(Struct, frozen=True, kw_only=True):
    """Whatever else a newer or an older `watch` says is passed over."""

    problem: str | None = None
    model: ModelInUse | None = None


class WatchNote:
    """One for each `watch`, by the name it has at the broker."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{_BEGINS}{name}.json"
        self._file = self._path.open("ab+")
        fcntl.flock(self._file, fcntl.LOCK_SH)  # it may have to wait for one who looks, and never for another of these
        self._said = _Said()
        self._write()

    def tell(self, problem: str | None) -> None:
        """What is wrong now; None: nothing."""
        self._said = replace(self._said, problem=problem)
        self._write()

    def uses(self, model: ModelInUse) -> None:
        """What it looks by."""
        self._said = replace(self._said, model=model)
        self._write()

    def beat(self) -> None:
        """It looks: its loop turns, and its threads take work. The file's time says when this was said last."""
        try:
            os.utime(self._file.fileno())
        except OSError as wrong:
            log.warning("the time of %s cannot be set: %s", self._path, wrong)

    def _write(self) -> None:
        try:
            self._file.truncate(0)
            self._file.write(msgspec.json.encode(self._said))
            self._file.flush()
        except OSError as wrong:  # a full disk has an alarm of its own
            log.warning("%s cannot be written: %s", self._path, wrong)

    def withdraw(self) -> None:
        """It watches no more."""
        self._path.unlink(missing_ok=True)
        self._file.close()


def watch_problems(folder: Path) -> tuple[str, ...]:
    """What is wrong with each running `watch` of this data folder that something is wrong with."""
    return tuple(said.problem for said in _each(folder) if said.problem)


def watch_models(folder: Path) -> tuple[ModelInUse, ...]:
    """What each running `watch` of this data folder looks by."""
    return tuple(said.model for said in _each(folder) if said.model)


def watch_beats(folder: Path) -> dict[str, float]:
    """When each running `watch` of this data folder said last that it looks, in seconds since 1970, by its name."""
    found: dict[str, float] = {}
    for path in sorted(folder.glob(f"{_BEGINS}*.json")):
        try:
            at_s = path.stat().st_mtime  # before it is looked into: one that ends meanwhile is none
        except OSError:
            continue
        if _said(path) is not None:
            found[path.stem.removeprefix(_BEGINS)] = at_s
    return found


def _each(folder: Path) -> Iterator[_Said]:
    found = (_said(path) for path in sorted(folder.glob(f"{_BEGINS}*.json")))
    return (said for said in found if said is not None)


def _said(path: Path) -> _Said | None:
    try:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return msgspec.json.decode(file.read(), type=_Said)
    except (OSError, msgspec.DecodeError):
        pass
    return None
