"""A command of ours beside everything else: a process of its own at the lowest priority, one at a time, and bounded."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Final

_NICEST: Final = 19
_TOLD: Final = 400


class Beside:
    """Any thread may call."""

    def __init__(self, name: str, longest_s: float) -> None:
        """What takes longer than `longest_s` is given up: the command line has all the time there is."""
        self._name, self._longest_s = name, longest_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._given_up = ""

    @property
    def runs(self) -> bool:
        """Whether it has been begun and is not over."""
        return self._process is not None

    def begin(
        self, words: Sequence[str], *, heard: Callable[[str], bool], over: Callable[[str, str], None], fine: int = 0
    ) -> None:
        """Run `longcheng` with these words.

        `heard` is told each line of its standard error, and says whether it was news rather than a complaint. `over`
        is told how it ended (`done`, `failed`, `stopped`, `too_long`) and of what it complained, if of anything. `fine`
        is the highest code of its exit that is no failure.
        """
        with self._lock:
            if self._process is not None:
                raise RuntimeError(f"{self._name} runs already")
            self._given_up = ""
            self._process = _process(words)
        args = (self._process, heard, over, fine)
        threading.Thread(target=self._follow, args=args, name=self._name, daemon=True).start()

    def stop(self, why: str = "stopped") -> None:
        """Give it up; nothing if none runs."""
        with self._lock:
            if self._process is not None:
                self._given_up = why
                self._process.terminate()

    def _follow(
        self,
        process: "subprocess.Popen[str]",
        heard: Callable[[str], bool],
        over: Callable[[str, str], None],
        fine: int,
    ) -> None:
        """Until it ends, or has run too long."""
        late = threading.Timer(self._longest_s, lambda: self.stop("too_long"))
        late.daemon = True
        late.start()
        with process:
            said = [line.strip() for line in process.stderr or () if not heard(line)]
        ended = process.returncode
        late.cancel()
        with self._lock:
            how = "done" if 0 <= ended <= fine else self._given_up or "failed"
            over(how, " ".join(filter(None, said))[-_TOLD:])
            self._process = None


def _process(words: Sequence[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - our own command; what is asked are separate words of it
        [sys.executable, "-m", "app", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"},
        process_group=0,
        preexec_fn=_nice,  # noqa: PLW1509 - it calls nothing but the system
    )


def _nice() -> None:
    os.nice(_NICEST)
