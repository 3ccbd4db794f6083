"""What differs between two views once light and noise are allowed for."""

from dataclasses import dataclass

import cv2
import numpy as np

from vision.leftover.ground import HEIGHT, WIDTH, Mask, Plane, View, middle

LUMA = 9.0
"""Least difference of luma that counts, at the light of the empty view. Noise of 3 in a JPEG leaves 1.5 of a thumb."""
AT_EDGES = 0.5
"""… and so much more of the contrast around a pixel: an edge that sways by half a pixel differs by half of it."""
TINT = 9.0
"""Least difference of chroma that counts. A blue shadow differs by 4, cardboard on a road by 25."""
FLOOR = 8.0
"""Added to both sides of a ratio of lumas: in the dark, noise is no ratio."""
NEAR = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Difference:
    """Of a view from another one."""

    light: float
    """How much brighter it is as a whole."""
    tint: tuple[float, float]
    """How much its chroma is off as a whole, at the light of the other."""
    ratio: Plane
    """Logarithm of luma over luma, without the light."""
    luma: Plane
    chroma: Plane
    """Distance, at the luma's size, without what edges may differ by."""
    changed: Mask

    @property
    def share(self) -> float:
        """Share of the view that has changed."""
        return float(self.changed.mean())


def difference(now: View, then: View) -> Difference:
    """What differs, where."""
    light = max(middle(np.asarray(now.luma / np.maximum(then.luma, 1), np.float32)), 0.02)
    even = now.luma / np.float32(light)
    ratio = np.asarray(cv2.log((even + FLOOR) / (then.luma + FLOOR)), np.float32)
    luma = even - then.luma
    apart = now.chroma / np.float32(light) - then.chroma
    tint = (middle(apart[:, :, 0]), middle(apart[:, :, 1]))
    apart -= np.array(tint, np.float32)
    coarse = cv2.magnitude(apart[:, :, 0].copy(), apart[:, :, 1].copy())
    edges = _contrast(then.chroma)
    coarse -= np.float32(AT_EDGES) * np.maximum(edges[:, :, 0], edges[:, :, 1])
    chroma = np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR), np.float32)
    changed = (np.abs(luma) > LUMA + np.float32(AT_EDGES) * _contrast(then.luma)) | (chroma > TINT)
    return Difference(light, tint, ratio, luma, chroma, np.asarray(changed))


def _contrast(plane: Plane) -> Plane:
    """How much the pixels around each one differ."""
    return np.asarray(cv2.dilate(plane, NEAR) - cv2.erode(plane, NEAR), np.float32)
