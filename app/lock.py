"""One `serve` for each data folder: two would store and judge everything twice, and take each other's session."""

import fcntl
import os
from pathlib import Path
from typing import Final, Self

from domain.errors import ConfigError

_NAME: Final = "serve.lock"


class Lock:
    """Held until released, or until the process ends, however it does."""

    def __init__(self, folder: Path) -> None:
        """Take it. Raises ConfigError, naming who holds it."""
        self._file = (folder / _NAME).open("a+", encoding="ascii")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise ConfigError(
                f"data_dir is {folder.absolute()}, and another `serve` (process {holder}) already runs on it"
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Let another have it."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
