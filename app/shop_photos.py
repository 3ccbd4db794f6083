"""Photos that shops send with their word: made anew from pixels, for those who decide, and for nobody else."""

import os
import secrets
import threading
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from app.retention import Known, is_held, kept_s
from config.schema import Evidence
from domain.errors import SourceError, SourceFault
from domain.picture import PictureState
from vision.picture import MAX_PIXELS, Pixels, size_of

FOLDER: Final = "shop-photos"
"""In the data folder; this user alone may read what is in it."""
MAX_BYTES: Final = 8 << 20
LONG_SIDE_PX: Final = 1600
QUALITY: Final = 82
_ENDING: Final = ".jpg"
_UNCLAIMED_S: Final = 3600.0
"""A photo is written before the word it belongs to."""
_WEBP: Final = (b"RIFF", b"WEBP")
_REDUCED: Final = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}


class ShopPhotos:
    """Any thread may call. One photo is decoded at a time: a large one takes 150 MB while it is."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER
        self._one = threading.Lock()

    def keep(self, data: bytes) -> str:
        """Keep a JPEG, PNG or WebP as a JPEG without anything of its file: no place, no camera, no name.

        Returns its name, which tells nothing. Raises SourceError for what is no such picture, OSError for a full disk.
        """
        with self._one:
            pixels = _decoded(data)
            share = LONG_SIDE_PX / max(pixels.shape[:2])
            if share < 1:
                size = (max(round(pixels.shape[1] * share), 1), max(round(pixels.shape[0] * share), 1))
                pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
            _, encoded = cv2.imencode(_ENDING, pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{secrets.token_urlsafe(18)}{_ENDING}"
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(bytes(encoded))
        return name

    def path(self, name: str) -> Path | None:
        """Where a photo lies; None for a name that is unknown or not one of ours."""
        path = self._folder / name
        return path if "/" not in name and name.endswith(_ENDING) and path.is_file() else None

    def drop(self, name: str) -> None:
        """Its word was not taken: it is not kept either."""
        if path := self.path(name):
            path.unlink(missing_ok=True)

    def prune(self, known: Known, terms: Evidence, now_ms: int) -> int:
        """Delete those whose story has been over for as long as its pictures are kept, and those that no word names.

        Returns how many.
        """
        due = [path for path in self._folder.glob(f"*{_ENDING}") if _is_due(path, known, terms, now_ms)]
        for path in due:
            path.unlink(missing_ok=True)
        return len(due)


def _is_due(path: Path, known: Known, terms: Evidence, now_ms: int) -> bool:
    uses = known.uses.get(path.name, ())
    if not uses:
        try:
            return now_ms / 1000 - path.stat().st_mtime > _UNCLAIMED_S
        except FileNotFoundError:
            return False
    if is_held(path.name, uses, known.held) or any(use.state is PictureState.OPEN for use in uses):
        return False
    return all(use.since_ms + round(1000 * kept_s(use.state, (), terms)) <= now_ms for use in uses)


def _decoded(data: bytes) -> Pixels:
    """At full size, or a JPEG at the half, quarter or eighth that is still large enough."""
    if len(data) > MAX_BYTES:
        raise SourceError(SourceFault.CODEC, f"the photo has {len(data)} bytes; at most {MAX_BYTES}")
    width, height = _webp_size(data) if (data[:4], data[8:12]) == _WEBP else size_of(data)
    if not 0 < width * height <= MAX_PIXELS:
        raise SourceError(SourceFault.CODEC, f"the photo claims {width}×{height}; at most {MAX_PIXELS} pixels")
    share = next((share for share in (8, 4, 2) if max(width, height) >= share * LONG_SIDE_PX), 1)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), _REDUCED.get(share, cv2.IMREAD_COLOR))
    if pixels is None:
        raise SourceError(SourceFault.TRUNCATED, f"the photo ends or breaks within its {len(data)} bytes")
    return np.asarray(pixels, np.uint8)


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height as the first chunk says; zeros if it cannot be read."""
    chunk, body = data[12:16], data[20:30]
    if len(body) < 10:
        return 0, 0
    if chunk == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return 0, 0
