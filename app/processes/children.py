"""A part of `serve` in a process of its own: started, listened to, started again when it ends, stopped."""

import logging
import os
import random
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

import msgspec

from ingest.backoff import Backoff

log = logging.getLogger(__name__)

_HELD_S: Final = 10.0
"""One that lived this long was a good one; those that end sooner count as one row of failures."""
_LAST_WORDS_S: Final = 1.0
_DEAF_MS: Final = 100
"""So often it is looked whether one that takes no word in is to stop meanwhile."""
_FAULT: Final = "LONGCHENG_FAULT"


class Child(threading.Thread):
    """Keeps one process alive: `longcheng <command>`, which gets its order on standard input and tells how it is doing
    in lines on standard output. It is to stop when its standard input ends."""

    def __init__(self, command: str, order: bytes, *, name: str, chance: random.Random) -> None:
        """`name` is what the log calls it. `order` is what it is told at its start."""
        super().__init__(name=name, daemon=True)
        verbose = ["--verbose"] if log.isEnabledFor(logging.DEBUG) else []
        self._command = [sys.executable, "-m", "app", command, *verbose]
        self._order = order
        self._pen = threading.Lock()
        self._ordered: subprocess.Popen[bytes] | None = None
        self._backoff = Backoff(chance)
        self._environment = dict(os.environ)
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._trouble = False
        self.restarts = 0
        """How often it had to be started again."""

    @property
    def pid(self) -> int | None:
        """Of its process; None while there is none."""
        process = self._process
        return process.pid if process and process.poll() is None else None

    def order(self) -> bytes:
        """What the next process is told at its start."""
        return self._order

    def hear(self, line: bytes) -> None:
        """Take in what the process says. Raises msgspec.DecodeError for what is not its language."""
        raise NotImplementedError

    def bury(self) -> None:
        """The process has ended."""

    def run(self) -> None:
        """The thread's body; call `start()`."""
        while not self._stopping.is_set():
            began_s = time.monotonic()
            ended = self._live()
            if self._stopping.is_set():
                return
            if time.monotonic() - began_s >= _HELD_S:
                self._backoff.succeeded()
                self._trouble = False
            wait_s = self._backoff.failed_s(refused=False)
            level = logging.DEBUG if self._trouble else logging.WARNING
            log.log(level, "%s: its process ended (%s); starting it again in %.1f s", self.name, ended, wait_s)
            self._trouble = True
            self._environment.pop(_FAULT, None)  # a fault is for once, or nothing would ever get on
            if not self._stopping.wait(wait_s):
                self.restarts += 1

    def _live(self) -> str:
        """One process from its start to its end, and how it ended."""
        try:
            process = subprocess.Popen(  # noqa: S603  our own command
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self._environment,
                start_new_session=True,  # Ctrl-C in a terminal is for us, and we stop it in order
            )
        except OSError as wrong:
            return str(wrong)
        self._process = process
        try:
            self._attend(process)
        except Exception:  # whatever it is: without this thread nobody would start another
            log.exception("%s: its process is ended, for it cannot be attended to", self.name)
        self._lay_out(process)
        return f"exit status {process.returncode}"

    def _attend(self, process: "subprocess.Popen[bytes]") -> None:
        again = self._trouble
        self._give_order(process)
        for line in process.stdout or ():
            self._hear(line)
            if again:
                again = False
                log.info("%s: its process runs again", self.name)

    def _lay_out(self, process: "subprocess.Popen[bytes]") -> None:
        try:
            process.wait(_LAST_WORDS_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with self._pen:
            for pipe in filter(None, (process.stdin, process.stdout)):
                pipe.close()
        self.bury()

    def _give_order(self, process: "subprocess.Popen[bytes]") -> None:
        with self._pen:
            self._write(process, self.order(), always=True)
            self._ordered = process
        self._release_late()

    def tell(self, word_of: Callable[[], bytes | None]) -> None:
        """A further word for the process that runs, if there is one to be said. One that starts has its order.

        `word_of` is asked when no order is being given, so that it knows what the order said. May wait for the process.
        """
        with self._pen:
            process = self._ordered
            if process and process.poll() is None and (word := word_of()) is not None:
                self._write(process, word)
        self._release_late()

    def _write(self, process: "subprocess.Popen[bytes]", word: bytes, *, always: bool = False) -> None:
        """A word that is no order is given up in the middle if the process is to stop: it stops where that ends."""
        if process.stdin is None or process.stdin.closed:
            return
        pipe, rest = process.stdin.fileno(), memoryview(b"%d\n" % len(word) + word)
        os.set_blocking(pipe, False)
        room = select.poll()
        room.register(pipe, select.POLLOUT)
        try:
            while rest and (always or not self._stopping.is_set()):
                if room.poll(_DEAF_MS):
                    rest = rest[_written(pipe, rest) :]
        except OSError:
            log.debug("%s: its process ended before it was told", self.name)

    def _hear(self, line: bytes) -> None:
        try:
            self.hear(line)
        except msgspec.DecodeError:
            log.warning("%s: its process said %r", self.name, line[:200])
        except Exception:
            log.exception("%s: what its process said cannot be taken in", self.name)

    def release(self) -> None:
        """Let it stop in order: its standard input ends, once nobody is in the middle of a word. Never blocks."""
        self._stopping.set()
        self._release_late()

    def _release_late(self) -> None:
        """By whoever has the pen, or by who had it when it was to be released."""
        if not self._stopping.is_set() or not self._pen.acquire(blocking=False):
            return
        try:
            process = self._process
            if process and process.stdin:
                process.stdin.close()
        finally:
            self._pen.release()

    def end(self, within_s: float) -> None:
        """Wait for its end, and kill it if it does not come."""
        if self.ident is None:
            return
        self.join(within_s)
        process = self._process
        if self.is_alive() and process and process.poll() is None:
            log.warning(
                "%s: it did not stop within %.1f s, and was killed; nothing is lost by that", self.name, within_s
            )
            process.kill()
            self.join(_LAST_WORDS_S)


def _written(pipe: int, word: memoryview) -> int:
    """How much of it there was room for."""
    try:
        return os.write(pipe, word)
    except BlockingIOError:
        return 0
