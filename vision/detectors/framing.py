"""A picture of any size within the fixed size a network takes, and boxes back out of it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.sighting import Box
from vision.picture import Pixels

GREY = 114


@dataclass(frozen=True, slots=True)
class Framing:
    """How a picture lies in the network's input: enlarged by `scale`, moved by `left` and `top`."""

    width: int
    height: int
    scale: float
    left: int
    top: int

    def boxes(self, corners: NDArray[np.float32]) -> list[Box]:
        """Corners in input pixels as shares of the picture, within it."""
        moved = (corners - np.array((self.left, self.top) * 2, np.float32)) / np.float32(self.scale)
        shares = np.clip(moved / np.array((self.width, self.height) * 2, np.float32), 0, 1)
        return [(round(x1, 4), round(y1, 4), round(x2, 4), round(y2, 4)) for x1, y1, x2, y2 in shares.tolist()]


def frame_into(frame: Pixels, pixels: Pixels) -> Framing:
    """Lay the picture into `frame`: on grey, as large as it fits and in the middle, as Ultralytics frames it."""
    height, width = pixels.shape[:2]
    scale = min(frame.shape[1] / width, frame.shape[0] / height)
    fitted = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (frame.shape[1] - fitted[0]) // 2, (frame.shape[0] - fitted[1]) // 2
    right, bottom = left + fitted[0], top + fitted[1]
    frame[:top], frame[bottom:], frame[:, :left], frame[:, right:] = GREY, GREY, GREY, GREY
    cv2.resize(pixels, fitted, dst=frame[top:bottom, left:right])
    return Framing(width, height, scale, left, top)
