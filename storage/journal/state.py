"""A small file beside the journal: who has it open, how far it came, and whether it needs mending.

SQLite drops whatever follows a damaged page of its log, without a word. The head kept here, outside of that log, shows
that something is missing. It is not flushed to the disk: a power cut may leave it behind the journal, never ahead.
"""

import fcntl
import os
import zlib
from contextlib import suppress
from pathlib import Path

_PRUNED_AT = 256
_WANTED_AT = 512
_LINE_BYTES = 128


class StateFile:
    """One for each open journal, in each process."""

    def __init__(self, path: Path) -> None:
        """Open or create `path`."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def lock_alone(self) -> bool:
        """True if nobody else has the journal open; then nobody can open it until the lock is changed."""
        return self._lock(fcntl.LOCK_EX | fcntl.LOCK_NB)

    def lock_shared(self, *, wait: bool = False) -> bool:
        """Have the journal open, beside others. False if somebody mends it; with `wait` wait for the end of that."""
        return self._lock(fcntl.LOCK_SH if wait else fcntl.LOCK_SH | fcntl.LOCK_NB)

    def unlock(self) -> None:
        """Let others have it alone."""
        self._lock(fcntl.LOCK_UN)

    @property
    def mend_wanted(self) -> bool:
        """Whether some process met damage, so that all have to let go of the journal."""
        return os.pread(self._file, 1, _WANTED_AT) == b"!"

    def want_mend(self, wanted: bool = True) -> None:
        """Say so to all processes, or take it back."""
        os.pwrite(self._file, b"!" if wanted else b" ", _WANTED_AT)

    def head(self) -> tuple[str, int]:
        """The journal's identity, and the newest seq noted here; ("", 0) if nothing readable is."""
        return parse(os.pread(self._file, _LINE_BYTES, 0))

    def pruned(self) -> tuple[str, int]:
        """The journal's identity, and up to where it was pruned; ("", 0) if nothing readable is noted."""
        return parse(os.pread(self._file, _LINE_BYTES, _PRUNED_AT))

    def note_head(self, identity: str, head: int) -> None:
        """Note the newest seq. A disk that refuses is ignored: the message is safe in the journal already."""
        self._note(identity, head, 0)

    def note_pruned(self, identity: str, pruned: int) -> None:
        """Note up to where the journal was pruned."""
        self._note(identity, pruned, _PRUNED_AT)

    def close(self) -> None:
        """Let go of the lock and the file. A second close does nothing."""
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _note(self, identity: str, seq: int, at: int) -> None:
        line = f"{identity} {seq:020d}".encode()
        with suppress(OSError):
            os.pwrite(self._file, b"%s %08x\n" % (line, zlib.crc32(line)), at)

    def _lock(self, how: int) -> bool:
        try:
            fcntl.flock(self._file, how)
        except BlockingIOError:
            return False
        return True


def parse(content: bytes) -> tuple[str, int]:
    """Identity and seq of a line of a state file; ("", 0) if its own checksum differs."""
    line, _, check = content.partition(b"\n")[0].rpartition(b" ")
    identity, _, seq = line.partition(b" ")
    if not seq.isdigit() or check != b"%08x" % zlib.crc32(line):
        return "", 0
    return identity.decode(), int(seq)
