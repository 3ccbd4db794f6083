"""From bytes to pixels. Every way in which the bytes can be wrong has a name."""

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from domain.errors import SourceError, SourceFault

Pixels = NDArray[np.uint8]
"""Height × width × 3, blue-green-red."""

MAX_PIXELS = 50_000_000
"""No camera of a street has more. A few kilobytes of PNG can claim a picture that would fill the memory."""
LOOK_LONG_SIDE = 832
"""What a look needs on the longer side: twice the input of the shipped detector. Decoding a 1080p JPEG at half
size takes 3.6 ms instead of 6.2."""

_FLAGS = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n"
_NO_SIZE = frozenset({0xC4, 0xC8, 0xCC})


class Picture(Struct, frozen=True, kw_only=True):
    """What a camera gave: the bytes, and the time the source itself puts on them, if it does."""

    data: bytes
    own_ms: int | None = None
    clock_ms: int | None = None
    """What the source's clock said when it gave them; None: it keeps our time."""
    pixels: Pixels | None = None
    """The same picture decoded, at full size, where the source had to decode it anyway."""
    unchanged: bool = False
    """The source says that it has no other picture than the one of the last visit; then `data` is empty."""

    def age_ms(self, now_ms: int) -> int | None:
        """How old the source says the picture is. Both times are its own, so a camera's wrong clock does no harm."""
        return None if self.own_ms is None else (now_ms if self.clock_ms is None else self.clock_ms) - self.own_ms


def decode(data: bytes) -> Pixels:
    """All pixels of a JPEG or PNG. Raises SourceError: not_an_image, truncated or codec."""
    size_of(data)
    return _decode(data, cv2.IMREAD_COLOR)


def decode_for_look(data: bytes) -> Pixels:
    """The pixels at the smallest half, quarter or eighth size that a look can work on. Raises as `decode` does."""
    return _decode(data, _FLAGS[_share(max(size_of(data)))])


def shrink_for_look(pixels: Pixels) -> Pixels:
    """Pixels that are decoded already, at the same size as `decode_for_look` gives."""
    share = _share(max(pixels.shape[:2]))
    if share == 1:
        return pixels
    size = (pixels.shape[1] // share, pixels.shape[0] // share)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _share(long_side: int) -> int:
    return next((share for share in (8, 4, 2) if long_side >= share * LOOK_LONG_SIDE), 1)


def _decode(data: bytes, flag: int) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    if pixels is None:  # the header was sound, so what is missing is the rest
        raise SourceError(SourceFault.TRUNCATED, f"the picture ends or breaks within its {len(data)} bytes")
    return np.asarray(pixels, np.uint8)


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height as the header of a JPEG or PNG says. Raises as `decode` does."""
    if data.startswith(_PNG):
        width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    elif data.startswith(_JPEG):
        width, height = _jpeg_size(data)
    else:
        start = data[:16].decode("ascii", "replace").strip()
        raise SourceError(SourceFault.NOT_AN_IMAGE, f"{len(data)} bytes that begin with {start!r}, not a JPEG or PNG")
    if width * height == 0:
        raise SourceError(SourceFault.TRUNCATED, f"the picture's header is cut off within {len(data)} bytes")
    if width * height > MAX_PIXELS:
        raise SourceError(SourceFault.CODEC, f"the picture claims {width}×{height}; at most {MAX_PIXELS} pixels")
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in _NO_SIZE:
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return 0, 0
