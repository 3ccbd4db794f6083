"""What differs between two views once light and noise are allowed for."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from vision.leftover.ground import HEIGHT, WIDTH, Mask, Plane, View, median, middle, some

LUMA = 9.0
"""Least difference of luma that counts, at the light of the empty view. Noise of 3 in a JPEG leaves 1.5 of a thumb."""
AT_EDGES = 0.5
"""… and so much more of the contrast around a pixel: an edge that sways by half a pixel differs by half of it."""
TINT = 9.0
"""Least difference of chroma that counts. A blue shadow differs by 4, cardboard on a road by 25."""
FLOOR = 8.0
"""Added to both sides of a ratio of lumas: in the dark, noise is no ratio."""
NEAR = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Difference:
    """Of a view from another one."""

    light: float
    """How much brighter it is as a whole."""
    tint: tuple[float, float]
    """How much its chroma is off as a whole, at the light of the other."""
    even: Plane
    """Luma in the light of the other."""
    then: Plane
    """The other's luma."""
    chroma: Plane
    """Distance, at the luma's size, without what edges may differ by."""
    changed: Mask

    @property
    def share(self) -> float:
        """Share of the view that has changed."""
        return share_of(self.changed)

    @cached_property
    def ratio(self) -> Plane:
        """Logarithm of luma over luma, without the light."""
        return np.asarray(cv2.log((self.even + FLOOR) / (self.then + FLOOR)), np.float32)


def share_of(mask: Mask) -> float:
    """What part of the view is in the mask."""
    return int(np.count_nonzero(mask)) / mask.size


def difference(now: View, then: View) -> Difference:
    """What differs, where."""
    light = max(median(np.asarray(some(now.luma) / np.maximum(some(then.luma), 1), np.float32)), 0.02)
    even = now.luma / np.float32(light)
    apart = now.chroma / np.float32(light) - then.chroma
    tint = (middle(apart[:, :, 0]), middle(apart[:, :, 1]))
    apart -= np.array(tint, np.float32)
    coarse = cv2.magnitude(*cv2.split(apart))
    edges = _contrast(then.chroma)
    coarse -= np.float32(AT_EDGES) * np.maximum(edges[:, :, 0], edges[:, :, 1])
    chroma = np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR), np.float32)
    bound = _contrast(then.luma)
    bound *= np.float32(AT_EDGES)
    bound += np.float32(LUMA)
    changed = (cv2.absdiff(even, then.luma) > bound) | (chroma > TINT)
    return Difference(light, tint, even, then.luma, chroma, np.asarray(changed))


def _contrast(plane: Plane) -> Plane:
    """How much the pixels around each one differ."""
    return np.asarray(cv2.dilate(plane, NEAR) - cv2.erode(plane, NEAR), np.float32)
