"""The last picture of every camera: two JPEGs and what is known of them, in a folder of its own for each."""

import contextlib
import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

import msgspec

from domain.picture import ViewFacts
from storage.evidence_store.files import replace

FOLDER: Final = "views"
"""Where in the data folder they are."""
_CAMERA = re.compile(r"\w(?:[\w.-]{0,62}\w)?")
_PICTURE, _THUMB, _FACTS = "view.jpg", "thumb.jpg", "facts.json"
_MODE: Final = 0o640


class LastViews:
    """Any thread or process may ask; one writes a camera's at a time. Never durable: the next look brings another."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, facts: ViewFacts, picture: bytes, thumb: bytes) -> None:
        """In the place of the one before. Raises OSError, and ValueError for a camera that cannot be called so."""
        folder = self._folder(facts.camera_id)
        if folder is None:
            raise ValueError(f"no camera is called {facts.camera_id!r}")
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in ((_PICTURE, picture), (_THUMB, thumb), (_FACTS, msgspec.json.encode(facts))):
            replace(folder / name, content, mode=_MODE, durably=False)

    def facts(self, camera_id: str) -> ViewFacts | None:
        """What is known of a camera's picture; None if there is none, or it is torn."""
        folder = self._folder(camera_id)
        try:
            return msgspec.json.decode((folder / _FACTS).read_bytes(), type=ViewFacts) if folder else None
        except (OSError, msgspec.DecodeError):
            return None

    def path(self, camera_id: str, *, thumb: bool = False) -> Path | None:
        """A camera's picture, or the small one; None if there is none."""
        if (folder := self._folder(camera_id)) is None:
            return None
        path = folder / (_THUMB if thumb else _PICTURE)
        return path if path.is_file() and path.stat().st_size else None

    def prune(self, cameras: Collection[str], before_ms: int) -> int:
        """Delete those of cameras that are no more, and those older than that. Returns how many cameras' went."""
        gone = 0
        for folder in sorted(self._root.iterdir()) if self._root.is_dir() else ():
            facts = self.facts(folder.name)
            if folder.name in cameras and facts is not None and facts.taken_ms >= before_ms:
                continue
            if folder.name in cameras and facts is None:  # it is just being written for the first time, or torn
                continue
            for name in (_FACTS, _PICTURE, _THUMB):
                (folder / name).unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # a file of somebody else's
                folder.rmdir()
            gone += 1
        return gone

    def _folder(self, camera_id: str) -> Path | None:
        return self._root / camera_id if _CAMERA.fullmatch(camera_id) else None
