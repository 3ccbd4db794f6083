"""Pictures that speak for a finding: the original under lock, the blurred copy to show."""

import os
import re
import threading
from pathlib import Path

from domain.clock import utc

# No dot at either end: never "..", never a hidden file, never a name that ends like one of the two suffixes.
_PART = re.compile(r"\w(?:[\w.-]{0,62}\w)?")
_DAY = re.compile(r"\d{8}", re.ASCII)
_ORIGINAL = ".original"


class EvidenceStore:
    """A folder of pictures, `{camera_id}/{YYYYMMDD}/{look_id}` each, with the UTC day of the look.

    The original may be read by this user alone. The shareable copy is the only one that is ever handed out.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, camera_id: str, look_id: str, taken_ms: int, original: bytes, shareable: bytes) -> str:
        """Store both pictures (JPEG) durably and return their name. Twice the same look is one; the last wins.

        Raises ValueError for an id that cannot be part of a path.
        """
        name = f"{camera_id}/{utc(taken_ms):%Y%m%d}/{look_id}"
        if not _is_name(name):
            raise ValueError(
                f"camera {camera_id!r}, look {look_id!r} cannot name a picture; "
                "each may have up to 64 letters, digits, '_', and inside also '-' and '.'"
            )
        folder = self._root / Path(name).parent
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / f"{look_id}{_ORIGINAL}.jpg", original, mode=0o600)
        # Last, so that whoever finds the copy can be sure of the original.
        _replace(folder / f"{look_id}.jpg", shareable, mode=0o644)
        _sync(folder)
        return name

    def shareable(self, name: str) -> Path | None:
        """Where the blurred copy lies; None for a name that is unknown or not one of ours."""
        if not _is_name(name):
            return None
        path = self._root / f"{name}.jpg"
        return path if path.is_file() else None


def _is_name(name: str) -> bool:
    camera_id, _, rest = name.partition("/")
    day, _, look_id = rest.partition("/")
    return (
        _PART.fullmatch(camera_id) is not None
        and _DAY.fullmatch(day) is not None
        and _PART.fullmatch(look_id) is not None
        and not look_id.lower().endswith(_ORIGINAL)
    )


def _replace(path: Path, content: bytes, *, mode: int) -> None:
    """Put the file in place whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
