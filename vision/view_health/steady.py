"""Whether a view lies where it lay, told from its blocks alone: what most looks at most cameras come to."""

import cv2
import numpy as np

from vision.glance import Grey
from vision.view_health.blocks import Blocks, Figures, cut
from vision.view_health.pose import Shift

MOSTLY_ALIKE = 0.8
"""Correlation of a block with itself from which on it can tell by how little it has shifted …"""
ENOUGH = 16
"""… and so many of 48 must. In most weather and light 25 and more; another view: none."""
LITTLE = 0.35
"""Pixels of a thumb up to which what the blocks say is taken for the shift: there it is as right as a correlation of
the whole, to a tenth of a pixel, at a fifth of its price. Zones follow from half a pixel on."""
LEAST_DETAIL = 0.002
"""Mean square of the slopes, for the contrast of their block, below which no shift can be told."""


def little_shift(now: Blocks, then: Blocks, alike: Figures, thumb_then: Grey) -> Shift | None:
    """By how much the view has shifted, right and down, if it is next to nothing; None if that can't be told."""
    chosen = alike >= MOSTLY_ALIKE
    count = int(np.count_nonzero(chosen))
    if count < ENOUGH:
        return None
    weights = chosen / np.maximum(then.spread, 1.0) ** 2  # each block counts alike, whatever light falls on it
    across, along = (cut(np.asarray(cv2.Sobel(thumb_then, cv2.CV_16S, *axis), np.int16)) for axis in ((1, 0), (0, 1)))
    off = now.centred * (then.spread / np.maximum(now.spread, 1.0))[:, None] - then.centred
    a, b, c, p, q = (
        float(weights @ np.vecdot(first, second)) / (count * off.shape[1])
        for first, second in ((across, across), (across, along), (along, along), (across, off), (along, off))
    )
    known = a * c - b * b
    if known < (64 * LEAST_DETAIL) ** 2:
        return None
    right, down = -8 * (c * p - b * q) / known, -8 * (a * q - b * p) / known  # a Sobel's slope is eight times as steep
    return (right, down) if max(abs(right), abs(down)) <= LITTLE else None
