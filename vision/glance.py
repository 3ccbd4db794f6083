"""The picture made small and grey: enough to judge the view, cheap enough to do it every time."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.sighting import Box
from vision.picture import Pixels

Grey = NDArray[np.uint8]

SMALL = (320, 240)
THUMB = (160, 120)
"""Width, height. Both are stretched to this shape, so that shares of the picture stay shares."""
PATCH = 16
"""Side of the small picture that stands for how a thing looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """Two grey versions of one picture."""

    small: Grey
    thumb: Grey

    @classmethod
    def of(cls, pixels: Pixels) -> "Glance":
        """The glance at a picture. Colour goes last: shrinking first is four times as fast."""
        small = cv2.cvtColor(cv2.resize(pixels, SMALL, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
        thumb = cv2.resize(small, THUMB, interpolation=cv2.INTER_AREA)
        return cls(small=np.asarray(small, np.uint8), thumb=np.asarray(thumb, np.uint8))

    def patch(self, box: Box) -> bytes:
        """How the part of the picture inside `box` looks: PATCH × PATCH grey values."""
        x1, x2 = _span(box[0], box[2], SMALL[0])
        y1, y2 = _span(box[1], box[3], SMALL[1])
        cut = cv2.resize(self.small[y1:y2, x1:x2], (PATCH, PATCH), interpolation=cv2.INTER_AREA)
        return np.asarray(cut, np.uint8).tobytes()


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    """At least four pixels of the axis, within the picture."""
    start = min(max(round(low * size), 0), size - 4)
    return start, min(max(round(high * size), start + 4), size)


def likeness(first: bytes, second: bytes) -> float:
    """How alike two patches are, whatever the light: −1 to 1, 1 is the same. 0 if one of them shows nothing."""
    a = np.frombuffer(first, np.uint8).astype(np.float32)
    b = np.frombuffer(second, np.uint8).astype(np.float32)
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / norm if norm > a.size else 0.0
