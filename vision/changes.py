"""Whether anything has changed where it matters, since the detector last saw the picture."""

from functools import lru_cache

import cv2
import numpy as np

from domain.register import Zone, ZoneRole
from vision.glance import THUMB, Grey

WINDOW = 8
"""Side of the part of a thumb that must have changed: a twentieth of the width, the smallest thing we can detect."""
CHANGED = 5.0
"""Mean luma difference in such a part. Noise of 8 grey levels: 2.2; a JPEG of quality 60 of noise: 3.5; one bicycle
of the street scene gone: 19; the van of the road scene untouched: 3."""


def unchanged(thumb: Grey, inferred: bytes, zones: tuple[Zone, ...]) -> bool:
    """Whether no part of any zone looks different from the last picture that the detector saw."""
    if not inferred:
        return False
    then = np.frombuffer(inferred, np.uint8).reshape(THUMB[1], THUMB[0]).astype(np.float32)
    now = thumb.astype(np.float32)
    light = float(np.median(now)) / max(float(np.median(then)), 1.0)
    difference = cv2.blur(np.abs(now - then * light), (WINDOW, WINDOW))
    return cv2.minMaxLoc(difference, _watched(zones))[1] < CHANGED


@lru_cache(maxsize=2048)
def _watched(zones: tuple[Zone, ...]) -> Grey:
    """1 where a thing would be in a zone, or reach into it; 0 elsewhere, and under masks.

    19 kB each, for every camera and the few steps by which its zones follow its sway.
    """
    watched = np.zeros((THUMB[1], THUMB[0]), np.uint8)
    for zone in sorted(zones, key=lambda zone: zone.role is ZoneRole.MASK):
        corners = np.array([(x * THUMB[0], y * THUMB[1]) for x, y in zone.polygon], np.int32)
        hidden = zone.role is ZoneRole.MASK
        part = cv2.fillPoly(np.zeros_like(watched), [corners], 1)
        if not hidden:
            part = cv2.dilate(part, np.ones((2 * WINDOW + 1, 2 * WINDOW + 1), np.uint8))
        watched[part == 1] = 0 if hidden else 1
    return watched
