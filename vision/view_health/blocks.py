"""A picture cut into 8 × 6 blocks: how much each shows, and how finely."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.glance import Grey

ACROSS, DOWN = 8, 6
SIDE = 20
"""Of a block, in pixels of a thumb."""
DETAIL = 6.0
"""Spread of the luma from which on a block shows something. Cloth: 1–4; the scenes: 90 % of the blocks show more."""
NOISE_BLOCKS = 4
"""So many of the 48 blocks may be plainer than the one whose fine detail is taken for noise: somewhere there is sky,
wall or road. Without it, a blurred picture with a sensor's noise on it looks three times as sharp as it is."""

Figures = NDArray[np.float32]

_MEAN = np.full(SIDE * SIDE, 1 / (SIDE * SIDE), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """The blocks of one thumb, row by row; one row of figures for each."""

    centred: Figures
    """The luma of each pixel, less the mean of its block."""
    spread: Figures
    """Standard deviation of the luma."""

    @classmethod
    def of(cls, thumb: Grey) -> "Blocks":
        """Cut up a thumb."""
        centred = cut(thumb)
        centred -= (centred @ _MEAN)[:, None]
        spread = np.sqrt(np.vecdot(centred, centred) / centred.shape[1])
        return cls(centred=centred, spread=np.asarray(spread, np.float32))

    @property
    def showing(self) -> NDArray[np.bool_]:
        """Which blocks show anything."""
        return self.spread >= DETAIL

    def alike(self, other: "Blocks") -> Figures:
        """How each block correlates with the same block of another time, whatever the light: −1 to 1."""
        together = np.vecdot(self.centred, other.centred) / self.centred.shape[1]
        return np.asarray(together / (self.spread * other.spread + 1e-6), np.float32)


def cut(thumb: NDArray[np.uint8] | NDArray[np.int16]) -> Figures:
    """The blocks of a plane of a thumb's size, row by row; one row of pixels for each."""
    parts = thumb.reshape(DOWN, SIDE, ACROSS, SIDE).swapaxes(1, 2).astype(np.float32, order="C")
    return parts.reshape(DOWN * ACROSS, SIDE * SIDE)


def fine_detail(small: Grey, blocks: Blocks) -> Figures:
    """Fine detail beyond the noise, as a share of the variance: whatever contrast a picture has, this is its focus."""
    edges = cv2.Laplacian(small, cv2.CV_16S).astype(np.float32).reshape(-1, ACROSS, 2 * SIDE)
    rows = np.vecdot(edges, edges).reshape(DOWN, 2 * SIDE, ACROSS)
    found = rows.sum(axis=1).ravel() / np.float32(4 * SIDE * SIDE)
    noise = np.partition(found, NOISE_BLOCKS)[NOISE_BLOCKS]
    return np.asarray(np.maximum(found - noise, 0) / np.maximum(blocks.spread**2, 30.0), np.float32)
