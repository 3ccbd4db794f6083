"""What the `serve` that runs on a data folder reads by, so that others need not guess it from the files of today."""

import fcntl
import os
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

_NAME: Final = "serve.json"


class Running(Struct, frozen=True, kw_only=True):
    """A `serve` that runs."""

    pid: int
    decoder: str
    """The version of its decoder: the program and the registers it was started with."""


class Announced:
    """Tells others, until withdrawn or until the process ends, however it does."""

    def __init__(self, folder: Path, decoder: str) -> None:
        """`decoder` is the version of the decoder that this process reads by."""
        self._path = folder / _NAME
        self._file = self._path.open("ab+")
        fcntl.flock(self._file, fcntl.LOCK_SH)  # it may have to wait for one who looks, and never for another of these
        self._file.truncate(0)
        self._file.write(msgspec.json.encode(Running(pid=os.getpid(), decoder=decoder)))
        self._file.flush()

    def withdraw(self) -> None:
        """It runs no more."""
        self._path.unlink(missing_ok=True)
        self._file.close()


def running(folder: Path) -> Running | None:
    """The `serve` that runs on this data folder; None if there is none. One that was killed runs no more."""
    try:
        with (folder / _NAME).open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return msgspec.json.decode(file.read(), type=Running)
    except (OSError, msgspec.DecodeError):
        pass
    return None
