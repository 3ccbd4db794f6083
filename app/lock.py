"""One `serve` for each data folder: two would store and judge everything twice, and take each other's session.

And one process that judges: one that a killed `serve` has left behind may have to come to its end first.
"""

import contextlib
import fcntl
import os
import time
from pathlib import Path
from typing import Final, Self

from domain.errors import ConfigError

SERVE: Final = "serve"
JUDGE: Final = "judge"
LEFT_BEHIND_S: Final = 30.0
"""How long a process that judges, and that a killed `serve` has left behind, may take to end."""
_LOOK_S: Final = 0.05


class Lock:
    """Held until released, or until the process ends, however it does: never because nobody refers to it any more."""

    def __init__(self, folder: Path, command: str = SERVE, *, wait_s: float = 0.0) -> None:
        """Take it, as one that carries out `command`. Raises ConfigError, naming who holds it, after `wait_s`."""
        self._file = os.open(folder / f"{command}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        deadline_s = time.monotonic() + wait_s
        while not self._taken():
            if time.monotonic() >= deadline_s:
                holder = os.pread(self._file, 20, 0).decode("ascii", "replace").strip() or "unknown"
                os.close(self._file)
                raise ConfigError(
                    f"data_dir is {folder.absolute()}, and another `{command}` (process {holder}) already runs on it"
                )
            time.sleep(_LOOK_S)
        with contextlib.suppress(OSError):  # a disk that is full keeps nobody from what was taken
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def release(self) -> None:
        """Let another have it. Once only."""
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
