"""How pictures lie on disk: `{camera_id}/{YYYYMMDD}/{look_id}` with one ending for each of three files."""

import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

# No dot at either end: never "..", never a hidden file, never a name that ends like one of the suffixes.
_PART = re.compile(r"\w(?:[\w.-]{0,62}\w)?")
_DAY = re.compile(r"\d{8}", re.ASCII)
_ORIGINAL = ".original"

ORIGINAL = f"{_ORIGINAL}.jpg"
RECORD = ".record"
COPY = ".jpg"
ASIDE = "aside"
"""Beside the days of a camera: pictures that are no evidence yet."""


class Stored(Struct, frozen=True, kw_only=True):
    """The files of one picture, as far as they are there."""

    name: str
    suffixes: frozenset[str]
    size: int
    """Bytes of them together."""
    changed_s: float
    """When the youngest of them was written, in seconds since 1970."""

    @property
    def whole(self) -> bool:
        """Whether both pictures are there. A record is missing only beside those of an older version."""
        return {ORIGINAL, COPY} <= self.suffixes


def is_name(name: str) -> bool:
    """Whether a picture may be called so. Nothing else ever becomes part of a path."""
    camera_id, _, rest = name.partition("/")
    day, _, look_id = rest.partition("/")
    return (
        _PART.fullmatch(camera_id) is not None
        and _DAY.fullmatch(day) is not None
        and _PART.fullmatch(look_id) is not None
        and not look_id.lower().endswith(_ORIGINAL)
    )


def listed(root: Path) -> Iterator[Stored]:
    """Every picture, whole or not, the oldest day of each camera first."""
    for camera in sorted(entry.path for entry in _scan(root) if entry.is_dir(follow_symlinks=False)):
        days = (entry for entry in _scan(Path(camera)) if _DAY.fullmatch(entry.name))
        for day in sorted(entry.path for entry in days if entry.is_dir(follow_symlinks=False)):
            yield from _of_day(Path(day))


def _of_day(folder: Path) -> Iterator[Stored]:
    found: dict[str, list[tuple[str, os.stat_result]]] = {}
    for entry in _scan(folder):
        suffix = next((suffix for suffix in (ORIGINAL, RECORD, COPY) if entry.name.endswith(suffix)), None)
        if suffix is not None and not entry.name.startswith("."):
            try:
                found.setdefault(entry.name.removesuffix(suffix), []).append((suffix, entry.stat()))
            except FileNotFoundError:  # it is just being deleted
                continue
    for look_id, files in sorted(found.items()):
        yield Stored(
            name=f"{folder.parent.name}/{folder.name}/{look_id}",
            suffixes=frozenset(suffix for suffix, _ in files),
            size=sum(stat.st_size for _, stat in files),
            changed_s=max(stat.st_mtime for _, stat in files),
        )


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []


def leavings(root: Path, before_s: float) -> Iterator[Path]:
    """Files that a killed process had begun to write, older than `before_s`."""
    for path in root.glob("*/*/.*.*-*"):
        try:
            if path.stat().st_mtime < before_s:
                yield path
        except FileNotFoundError:
            continue


def replace(path: Path, content: bytes, *, mode: int, durably: bool = True) -> None:
    """Put the file in place whole or not at all; if not `durably`, a power cut may leave it empty or torn."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    temporary.unlink(missing_ok=True)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if durably:
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)  # on a full disk it would stand in its own way
        raise


def sync(folder: Path) -> None:
    """Make durable which files there are in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
