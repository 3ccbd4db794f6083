"""One `serve` for each data folder: two would store and judge everything twice, and take each other's session.

And one process that judges: one that a killed `serve` has left behind may have to come to its end first.
"""

import fcntl
import os
import time
from pathlib import Path
from typing import Final, Self

from domain.errors import ConfigError

SERVE: Final = "serve"
JUDGE: Final = "judge"
_LOOK_S: Final = 0.05


class Lock:
    """Held until released, or until the process ends, however it does."""

    def __init__(self, folder: Path, command: str = SERVE, *, wait_s: float = 0.0) -> None:
        """Take it, as one that carries out `command`. Raises ConfigError, naming who holds it, after `wait_s`."""
        self._file = (folder / f"{command}.lock").open("a+", encoding="ascii")
        deadline_s = time.monotonic() + wait_s
        while not self._taken():
            if time.monotonic() >= deadline_s:
                self._file.seek(0)
                holder = self._file.read().strip() or "unknown"
                self._file.close()
                raise ConfigError(
                    f"data_dir is {folder.absolute()}, and another `{command}` (process {holder}) already runs on it"
                )
            time.sleep(_LOOK_S)
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def release(self) -> None:
        """Let another have it."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
