"""What may not be deleted, whatever its age: somebody has said so, and why."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from storage.evidence_store.files import is_name, replace, sync
from storage.evidence_store.ledger import Ledger, Line, Word

OF_CASE = "case:"
"""How the target of a hold on a whole case begins."""


class Hold(Struct, frozen=True, kw_only=True):
    """One hold. `target` is a picture's name, or `case:` and a case's number: then also what the case still gets."""

    target: str
    who: str
    why: str
    at_ms: int


_decoder = msgspec.json.Decoder(tuple[Hold, ...])


class Holds:
    """A small file, replaced whole under a lock. A file that cannot be read stops every deletion."""

    def __init__(self, root: Path, ledger: Ledger) -> None:
        self._root = root
        self._path = root / "holds.json"
        self._ledger = ledger

    def all(self) -> tuple[Hold, ...]:
        """Every hold, oldest first. Raises ValueError for a file that is none of ours: it may hold anything."""
        try:
            return _decoder.decode(self._path.read_bytes())
        except FileNotFoundError:
            return ()
        except msgspec.DecodeError as wrong:
            raise ValueError(f"{self._path} cannot be read ({wrong}); nothing is deleted until it can") from None

    def add(self, hold: Hold) -> bool:
        """Hold something; False if it is held already. Raises ValueError for what is no name, or without a reason."""
        if not hold.why.strip():
            raise ValueError("say why it is to be held")
        of_case = hold.target.startswith(OF_CASE) and hold.target.removeprefix(OF_CASE).isdigit()
        if not of_case and not is_name(hold.target):
            raise ValueError(f"{hold.target!r} is neither a picture's name (camera/YYYYMMDD/look) nor case:NUMBER")
        with self.locked():
            known = self.all()
            if any(other.target == hold.target for other in known):
                return False
            self._ledger.add(Line(at_ms=hold.at_ms, what=Word.HELD, name=hold.target, who=hold.who, why=hold.why))
            self._write((*known, hold))
        return True

    def release(self, target: str, *, who: str, why: str, at_ms: int) -> bool:
        """Hold it no longer; False if it was not held."""
        if not why.strip():
            raise ValueError("say why it is released")
        with self.locked():
            known = self.all()
            left = tuple(hold for hold in known if hold.target != target)
            if left == known:
                return False
            self._ledger.add(Line(at_ms=at_ms, what=Word.RELEASED, name=target, who=who, why=why))
            self._write(left)
        return True

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While inside, nobody holds or releases anything: what is checked stays true."""
        self._root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _write(self, holds: tuple[Hold, ...]) -> None:
        replace(self._path, msgspec.json.encode(holds), mode=0o600)
        sync(self._root)
