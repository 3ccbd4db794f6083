"""Who saw an original, and why; what was deleted, held and released. Lines are only ever added."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

_LONGEST_LINE = 1 << 16


class Word(StrEnum):
    """What was done."""

    READ = "read"
    DELETED = "deleted"
    HELD = "held"
    RELEASED = "released"


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. `previous` is the SHA-256 of the line before: none can be changed or taken out unnoticed."""

    at_ms: int
    what: Word
    name: str
    """Of the picture, or `case:` and the number of a case."""
    who: str
    why: str
    sha256: str = ""
    """Of the original."""
    previous: str = ""
    address: str = ""
    """Where an original was asked for from, if over the network."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Line)


class Ledger:
    """One file of JSON lines. Processes may add to it at the same time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, line: Line) -> None:
        """Durably, before what it tells of is done. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b") as file, _locked(file):
            last = _last_line(file)
            torn = b"" if last.endswith(b"\n") or not last else b"\n"  # a power cut left half a line: it stays
            chained = msgspec.structs.replace(line, previous=_hash(last))
            file.write(torn + _encoder.encode(chained) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def lines(self) -> Iterator[Line]:
        """All lines that can be read, oldest first."""
        for raw in self._raw():
            try:
                yield _decoder.decode(raw)
            except msgspec.DecodeError:
                continue

    def broken(self) -> list[int]:
        """Numbers of the lines, from 1, that do not follow from the one before, or cannot be read."""
        wrong, before = [], b""
        for number, raw in enumerate(self._raw(), start=1):
            try:
                if _decoder.decode(raw).previous != _hash(before):
                    wrong.append(number)
            except msgspec.DecodeError:
                wrong.append(number)
            before = raw
        return wrong

    def _raw(self) -> Iterator[bytes]:
        try:
            with self._path.open("rb") as file:
                yield from file
        except FileNotFoundError:
            return


@contextmanager
def _locked(file: BinaryIO) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _hash(line: bytes) -> str:
    return hashlib.sha256(line.rstrip(b"\n")).hexdigest() if line else ""


def _last_line(file: BinaryIO) -> bytes:
    end = file.seek(0, os.SEEK_END)
    file.seek(max(end - _LONGEST_LINE, 0))
    lines = file.read().splitlines(keepends=True)
    return lines[-1] if lines else b""
