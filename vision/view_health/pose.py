"""How a view lies against another one: shifted, turned, nearer. In pixels of a thumb."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.glance import THUMB, Grey

TRUSTED_RESPONSE = 0.2
"""Phase correlation. The same view in any weather and light: 0.31 and more; a bus before it: 0.03–0.48; behind a hand:
0.15 at most; zoomed by a tenth: 0.06–0.26; another scene: 0.11 at most."""
QUARTER_RESPONSE = 0.3
"""The same for a quarter of the view. Turned by 2 degrees: 0.36 and more, but 0.1–0.2 where a crowd walks."""
QUARTERS = 3
"""So many quarters must be sure of their shift to say that the camera was turned about its axis, or zoomed."""
QUARTERS_AGREE = 0.5
"""Pixels of a thumb by which their shifts may differ from one turn, one zoom and one shift."""
Shift = tuple[float, float]
Evened = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where a view lies against another one."""

    shift: Shift = (0.0, 0.0)
    """Right and down. 0 unless it is trusted."""
    trusted: bool = False
    corner: float = 0.0
    """How far it has moved, as a share of the picture; of a turn or a zoom: how far that alone moved the corners."""


def evened(thumb: Grey) -> Evened:
    """A thumb with light and contrast evened out, so that sun, lamps and night do not look like a move."""
    size = thumb.shape[1] // 16 * 2 + 1
    values = thumb.astype(np.float32)
    fine = values - cv2.blur(values, (size, size))
    spread = np.sqrt(np.maximum(cv2.blur(fine * fine, (size, size)), 0))  # a running sum of squares may end below 0
    return np.asarray(fine / (spread + 4), np.float32)


def anchored(evened_thumb: Evened) -> bytes:
    """What is kept of a view to measure a shift by for ever: a bit for each pixel, lighter than round it or darker.

    2.4 kB, and a shift is found to a quarter of a thumb's pixel in any light, no worse than by the thumb itself.
    """
    return np.packbits(evened_thumb > 0).tobytes()


def evened_of(anchor: bytes) -> Evened:
    """An anchor as something to compare with."""
    bits = np.unpackbits(np.frombuffer(anchor, np.uint8)).reshape(THUMB[1], THUMB[0])
    return bits.astype(np.float32) * 2 - 1


def registered(thumb: Grey, shift: Shift) -> Grey:
    """A thumb laid back where it was before it was shifted. What comes in at the edge is a mirror."""
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(thumb, matrix, THUMB, flags=flags, borderMode=cv2.BORDER_REFLECT), np.uint8)


def shifted(now: Evened, then: Evened) -> Pose:
    """By how much the whole has shifted."""
    shift, response = _correlated(then, now)
    if response < TRUSTED_RESPONSE:
        return Pose()
    across, down = shift[0] / now.shape[1], shift[1] / now.shape[0]
    return Pose(shift=(across * THUMB[0], down * THUMB[1]), trusted=True, corner=max(abs(across), abs(down)))


def turned(now: Evened, then: Evened) -> Pose:
    """What the quarters of the view say: a turn about the axis and a zoom leave the middle where it is."""
    wide, high = THUMB[0] // 2, THUMB[1] // 2
    found = []
    for y in (0, high):
        for x in (0, wide):
            part = np.s_[y : y + high, x : x + wide]
            (right, down), response = _correlated(then[part], now[part])
            if response >= QUARTER_RESPONSE:
                found.append((x - wide / 2, y - high / 2, right, down))
    if len(found) < QUARTERS:
        return Pose()
    return _similar(np.array(found))


def _similar(found: NDArray[np.float64]) -> Pose:
    """One zoom, one turn and one shift that explain how the quarters moved; nothing, if none does."""
    x, y, right, down = found.T
    one, none = np.ones_like(x), np.zeros_like(x)
    equations = np.vstack([np.stack([x, -y, one, none], axis=1), np.stack([y, x, none, one], axis=1)])
    moved = np.concatenate([right, down])
    solved, *_ = np.linalg.lstsq(equations, moved, rcond=None)
    if float(np.abs(equations @ solved - moved).max()) > QUARTERS_AGREE:
        return Pose()
    zoom, turn, across, along = (float(part) for part in solved)
    wide, high = THUMB[0] / 2, THUMB[1] / 2
    corner = max(
        np.hypot(zoom * a * wide - turn * b * high, turn * a * wide + zoom * b * high) for a in (-1, 1) for b in (-1, 1)
    )
    return Pose(shift=(across, along), trusted=True, corner=float(corner) / THUMB[0])


def _correlated(then: Evened, now: Evened) -> tuple[Shift, float]:
    window = _window(now.shape[1], now.shape[0])
    # given a window, OpenCV lays it over the very arrays it was given; the next question would be of what is left
    (right, down), response = cv2.phaseCorrelate(then * window, now * window)
    return (right, down), response


@lru_cache(maxsize=4)
def _window(wide: int, high: int) -> NDArray[np.float32]:
    return np.asarray(cv2.createHanningWindow((wide, high), cv2.CV_32F), np.float32)
