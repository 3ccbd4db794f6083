"""What a running `watch` has to say to the `serve` on the same data folder: nothing, once it has ended, however."""

import fcntl
import logging
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

log = logging.getLogger(__name__)

_BEGINS: Final = "watch-"


class _Said(Struct, frozen=True, kw_only=True):
    problem: str | None = None


class WatchNote:
    """One for each `watch`, by the name it has at the broker."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{_BEGINS}{name}.json"
        self._file = self._path.open("ab+")
        fcntl.flock(self._file, fcntl.LOCK_SH)  # it may have to wait for one who looks, and never for another of these
        self.tell(None)

    def tell(self, problem: str | None) -> None:
        """What is wrong now; None: nothing."""
        try:
            self._file.truncate(0)
            self._file.write(msgspec.json.encode(_Said(problem=problem)))
            self._file.flush()
        except OSError as wrong:  # a full disk has an alarm of its own
            log.warning("%s cannot be written: %s", self._path, wrong)

    def withdraw(self) -> None:
        """It watches no more."""
        self._path.unlink(missing_ok=True)
        self._file.close()


def watch_problems(folder: Path) -> tuple[str, ...]:
    """What is wrong with each running `watch` of this data folder that something is wrong with."""
    said = (_said(path) for path in sorted(folder.glob(f"{_BEGINS}*.json")))
    return tuple(problem for problem in said if problem)


def _said(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return msgspec.json.decode(file.read(), type=_Said).problem
    except (OSError, msgspec.DecodeError):
        pass
    return None
