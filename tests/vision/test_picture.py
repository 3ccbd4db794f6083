"""Decoding."""

import cv2
import numpy as np
import pytest

from domain.errors import SourceError, SourceFault
from tests.fakes.cameras import jpeg
from tests.vision.scenes import street
from vision.picture import Picture, decode, decode_for_look


def test_a_jpeg_and_a_png_are_decoded() -> None:
    """Both kinds of picture come out whole; a small one is not reduced for a look."""
    _, png = cv2.imencode(".png", street())
    for data in (jpeg(street()), bytes(png)):
        assert decode(data).shape == (563, 751, 3)
        assert decode_for_look(data).shape == (563, 751, 3)


@pytest.mark.parametrize(
    ("width", "height", "seen"), [(1920, 1080, (540, 960)), (3840, 2160, (540, 960)), (1280, 720, (720, 1280))]
)
def test_a_large_picture_is_decoded_smaller_for_a_look(width: int, height: int, seen: tuple[int, int]) -> None:
    """The longer side stays at what the detector needs; evidence still gets every pixel."""
    data = jpeg(np.asarray(cv2.resize(street(), (width, height)), np.uint8))
    assert decode_for_look(data).shape[:2] == seen
    assert decode(data).shape[:2] == (height, width)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.999])
def test_a_cut_off_jpeg_is_truncated(share: float) -> None:
    """Half a picture is no picture: what is missing might be what stands there."""
    data = jpeg(street())
    with pytest.raises(SourceError) as caught:
        decode_for_look(data[: int(len(data) * share)])
    assert caught.value.fault is SourceFault.TRUNCATED


@pytest.mark.parametrize("data", [b"", b"<html><body>login</body></html>", b"GIF89a", b"\xff\xd8"])
def test_what_is_no_picture_is_called_so(data: bytes) -> None:
    """An answer that is not a JPEG or PNG at all."""
    with pytest.raises(SourceError) as caught:
        decode(data)
    assert caught.value.fault is SourceFault.NOT_AN_IMAGE


def test_a_picture_that_claims_to_be_huge_is_not_opened() -> None:
    """A few bytes of header must not cost gigabytes."""
    _, png = cv2.imencode(".png", np.zeros((4, 4, 3), np.uint8))
    data = bytes(png)[:16] + (60_000).to_bytes(4) + (60_000).to_bytes(4) + bytes(png)[24:]
    with pytest.raises(SourceError, match="60000×60000") as caught:
        decode(data)
    assert caught.value.fault is SourceFault.CODEC


def test_the_age_of_a_picture_is_told_by_the_clock_of_its_source() -> None:
    """A camera whose clock is a day slow gives pictures that are still a second old."""
    assert Picture(data=b"").age_ms(1000) is None
    assert Picture(data=b"", own_ms=400).age_ms(1000) == 600
    assert Picture(data=b"", own_ms=400, clock_ms=401).age_ms(86_400_000) == 1
