"""What the newest backup leaves in the data folder: when it was taken, where to, and whether it was read back."""

import contextlib
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from app.backup.archive import STREAM
from app.backup.manifest import Manifest
from console.desk.vitals import Backup

NAME: Final = "backup-taken.json"
"""In the data folder."""


def newest_backup(data: Path) -> Backup | None:
    """None where none was ever taken, or what it left cannot be read."""
    try:
        return msgspec.json.decode((data / NAME).read_bytes(), type=Backup)
    except (OSError, msgspec.MsgspecError):
        return None


def note_taken(data: Path, to: str, manifest: Manifest) -> None:
    """A backup was taken; it is the newest now. Raises OSError where the folder cannot be written."""
    streamed = to == STREAM
    size = 0
    if not streamed:
        with contextlib.suppress(OSError):
            size = Path(to).stat().st_size
    begin = manifest.begin
    _write(
        data,
        Backup(
            taken_ms=begin.taken_ms, to="" if streamed else str(Path(to).absolute()), size=size, without=begin.without
        ),
    )


def note_verified(data: Path, manifest: Manifest, now_ms: int) -> bool:
    """A backup was read back and is as it was written. False if it is not the newest. Raises OSError."""
    known = newest_backup(data)
    if known is None or known.taken_ms != manifest.begin.taken_ms:
        return False
    _write(data, replace(known, verified_ms=now_ms))
    return True


def _write(data: Path, backup: Backup) -> None:
    half = data / f".{NAME}.part"
    half.write_bytes(msgspec.json.encode(backup))
    half.replace(data / NAME)
