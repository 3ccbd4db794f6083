"""What shops send as photos, and what is left of it."""

import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.retention import Known
from app.shop_photos import FOLDER, LONG_SIDE_PX, MAX_BYTES, ShopPhotos
from config.schema import Evidence
from domain.errors import SourceError
from domain.picture import PictureState, PictureUse

HOUR_MS = 3_600_000
TERMS = Evidence.model_validate({"keep": {"no_finding": "1h", "self_corrected": "2h", "case_closed": "10h"}})


def _photo(ending: str = ".jpg", width: int = 640, height: int = 480) -> bytes:
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2] = (30, 160, 220)
    return bytes(cv2.imencode(ending, pixels)[1])


def _with_gps(jpeg: bytes) -> bytes:
    """With an Exif segment that says where it was taken, and that it lies on its side."""
    tags = struct.pack(">HHI", 0x0112, 3, 1) + struct.pack(">HH", 6, 0)
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", 1) + tags + b"\0\0\0\0" + b"GPS 31.7712 N 119.9501 E"
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def _claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is that large."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


@pytest.fixture
def photos(tmp_path: Path) -> ShopPhotos:
    return ShopPhotos(tmp_path)


def _kept(photos: ShopPhotos, data: bytes) -> tuple[Path, np.ndarray]:
    path = photos.path(photos.keep(data))
    assert path is not None
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    assert pixels is not None
    return path, np.asarray(pixels)


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
def test_what_phones_send_is_kept_for_this_user_alone(photos: ShopPhotos, ending: str) -> None:
    """As JPEG, under a name that says nothing."""
    path, pixels = _kept(photos, _photo(ending))
    assert pixels.shape == (480, 640, 3)
    assert path.read_bytes().startswith(b"\xff\xd8\xff")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert len(path.stem) == 24


def test_where_it_was_taken_is_gone_and_it_stands_upright(photos: ShopPhotos) -> None:
    """Nothing of the file is left but its pixels, turned as its Exif said."""
    path, pixels = _kept(photos, _with_gps(_photo()))
    assert b"GPS" not in path.read_bytes()
    assert b"Exif" not in path.read_bytes()
    assert pixels.shape == (640, 480, 3)


def test_what_follows_the_picture_is_not_kept(photos: ShopPhotos) -> None:
    """A JPEG that is also an archive, or a page, is only a JPEG afterwards."""
    path, _ = _kept(photos, _photo() + b"PK\x03\x04<script>alert(1)</script>")
    assert b"script" not in path.read_bytes()
    assert b"PK\x03\x04" not in path.read_bytes()


@pytest.mark.parametrize(("width", "height"), [(6000, 4000), (1601, 1), (2000, 3000)])
def test_large_ones_are_made_smaller(photos: ShopPhotos, width: int, height: int) -> None:
    """To 1600 pixels on the longer side, whatever their shape."""
    _, pixels = _kept(photos, _photo(width=width, height=height))
    assert max(pixels.shape[:2]) == LONG_SIDE_PX


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + b"\0" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"just words",
        b"\0\0\0\x18ftypheic" + b"\0" * 64,
        _claims(10_000, 10_000),
        _claims(1, 1),
        _claims(0, 0),
        _photo(".png")[:200],
        _photo(".webp")[:28],
        b"RIFF\0\0\0\0WEBPVP8X" + b"\xff" * 40,
        b"RIFF\0\0\0\0WEBPABCD" + b"\0" * 40,
        _photo() + b"\0" * MAX_BYTES,
    ],
)
def test_what_is_no_photo_leaves_nothing(photos: ShopPhotos, tmp_path: Path, data: bytes) -> None:
    """Another format, a bomb of a hundred megapixels, a broken file, one too large: refused, and no file is made."""
    with pytest.raises(SourceError):
        photos.keep(data)
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.parametrize("name", ["../site.yaml", "/etc/passwd", "", "x", "a/b.jpg", "..jpg"])
def test_no_name_leads_out_of_the_folder(photos: ShopPhotos, name: str) -> None:
    """Only names of its own."""
    photos.keep(_photo())
    assert photos.path(name) is None


def test_photos_go_when_the_pictures_of_their_story_do(photos: ShopPhotos) -> None:
    """While it is open or held never; then after what its end allows, of several the longest; unclaimed ones soon."""
    names = {what: photos.keep(_photo()) for what in ("open", "held", "corrected", "case", "both", "nobody's")}
    now_ms = 100 * HOUR_MS
    for name in names.values():
        path = photos.path(name)
        assert path is not None
        os.utime(path, (now_ms / 1000, now_ms / 1000))
    corrected = PictureUse(PictureState.SELF_CORRECTED, now_ms)
    uses = {
        names["held"]: [PictureUse(PictureState.CASE_CLOSED, now_ms, "7")],
        names["open"]: [PictureUse(PictureState.OPEN, 0), corrected],
        names["corrected"]: [corrected],
        names["case"]: [PictureUse(PictureState.CASE_CLOSED, now_ms, "1")],
        names["both"]: [corrected, PictureUse(PictureState.CASE_CLOSED, now_ms, "1")],
    }

    def left(after_h: float) -> set[str]:
        photos.prune(Known(uses=uses, held={"case:7"}), TERMS, now_ms + round(after_h * HOUR_MS))
        return {what for what, name in names.items() if photos.path(name)}

    assert left(0.9) == set(names)
    assert left(1.1) == {"open", "held", "corrected", "case", "both"}
    assert left(2.0) == {"open", "held", "case", "both"}
    assert left(9.9) == {"open", "held", "case", "both"}
    assert left(10.0) == {"open", "held"}
