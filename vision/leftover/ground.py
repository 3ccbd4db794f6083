"""The two pictures of a view: as it is when nothing stands in it, and as it was in the last look."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from vision.glance import THUMB, Glance
from vision.leftover.nouns import Backgrounds

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

WIDTH, HEIGHT = THUMB
CHROMA = (WIDTH // 2, HEIGHT // 2)
GREY = np.float32(128)
FINE = 128
"""Steps to a grey level in which the slow background is kept."""
SLOW_S = 3600.0
"""Time in which the slow background follows what differs too little to be a thing, or is too small for one."""
LIGHT_S = 600.0
"""… and what differs as light does."""
QUICK_S = 5.0
"""Time of the quick background: at looks of ten seconds and more, the look before."""
LEAST_DETAIL = 1e6
"""Of the gradients of a view, below which no sway can be told. The scenes: 9e10, at a tenth of their contrast 9e6."""
ENOUGH_PX = 0.01
"""Step, in pixels of half the thumb, from which on the next one would change nothing."""
FURTHEST_PX = 4.0
"""Sway, in pixels of the thumb, that is made good: a view further off counts as moved."""


@dataclass(frozen=True, slots=True)
class View:
    """Luma at the thumb's size, and both chromas at half of it, 0 being grey."""

    luma: Plane
    chroma: Plane

    @classmethod
    def of(cls, glance: Glance) -> "View":
        """The view a glance shows."""
        luma, *tints = (
            plane.astype(np.float32) for plane in cv2.split(cv2.cvtColor(glance.colour, cv2.COLOR_BGR2YCrCb))
        )
        # halved as bytes they would be an eighth of a level too high, and four shadows more would pass for things
        halved = (np.rint(cv2.resize(tint, CHROMA, interpolation=cv2.INTER_AREA)) for tint in tints)
        return cls(luma, np.asarray(cv2.merge(list(halved)), np.float32) - GREY)

    def moved(self, right: float, down: float) -> "View":
        """The view, shifted by so many pixels of the thumb."""
        if max(abs(right), abs(down)) < 0.1:
            return self
        return View(_moved(self.luma, right, down), _moved(self.chroma, right / 2, down / 2))


def _moved(plane: Plane, right: float, down: float) -> Plane:
    """Two taps each way: a fifth of the price of a warp, and exact."""
    taps = (_taps(right), _taps(down))
    return np.asarray(cv2.sepFilter2D(plane, cv2.CV_32F, *taps, borderType=cv2.BORDER_REPLICATE), np.float32)


def _taps(by: float) -> Plane:
    reach = math.ceil(abs(by))
    taps = np.zeros(2 * reach + 1, np.float32)
    whole = math.floor(-by)
    taps[reach + whole] = 1 + by + whole
    if whole != -by:
        taps[reach + whole + 1] = -by - whole
    return taps


def sway(now: Plane, then: Plane) -> tuple[float, float]:
    """How far `now` lies from `then`, right and down in pixels, within FURTHEST_PX; zero where it can't be told.

    Least squares on the gradient of both at half their size; what has changed is left out.
    """
    gain = middle(then) / max(middle(now), 1.0)
    now, then = (cv2.blur(cv2.resize(plane, CHROMA, interpolation=cv2.INTER_AREA), (3, 3)) for plane in (now, then))
    now *= np.float32(gain)
    right = down = 0.0
    for turn in range(3):
        moved = _moved(now, -right, -down) if turn else now
        across, along = (cv2.Sobel(moved, cv2.CV_32F, *axis, scale=1 / 8)[3:-3, 3:-3] for axis in ((1, 0), (0, 1)))
        off = moved[3:-3, 3:-3] - then[3:-3, 3:-3]
        off *= np.abs(off) <= 12 + 2 * (np.abs(across) + np.abs(along))
        a, b, c = _dot(across, across), _dot(across, along), _dot(along, along)
        known = a * c - b * b
        if known < LEAST_DETAIL:
            return 0.0, 0.0
        p, q = _dot(across, off), _dot(along, off)
        step = ((c * p - b * q) / known, (a * q - b * p) / known)
        right, down = right - step[0], down - step[1]
        if max(abs(part) for part in step) < ENOUGH_PX:
            break
    return (2 * right, 2 * down) if 2 * max(abs(right), abs(down)) <= FURTHEST_PX else (0.0, 0.0)


def middle(plane: Plane) -> float:
    """About the median."""
    return median(some(plane))


def some(plane: Plane) -> Plane:
    """One pixel of sixteen."""
    return plane[::4, ::4]


def median(values: Plane) -> float:
    """The median, at a third of numpy's price for so few."""
    half = values.size // 2
    ordered = np.partition(values, (half - 1, half), axis=None)
    return float(ordered[half]) if len(ordered) % 2 else float(ordered[half - 1] + ordered[half]) / 2


def _dot(first: Plane, second: Plane) -> float:
    return float(np.vdot(first, second))


def first(view: View, taken_ms: int) -> Backgrounds:
    """The backgrounds after a first look: what stands in it belongs to the view."""
    ages = np.zeros((HEIGHT, WIDTH), np.uint8)
    return structs.replace(keep(Backgrounds(), view, view), taken_ms=taken_ms, ages=ages.tobytes())


def keep(backgrounds: Backgrounds, slow: View, quick: View) -> Backgrounds:
    """The backgrounds with these pictures."""
    return structs.replace(
        backgrounds,
        slow_luma=_fine(slow.luma),
        slow_chroma=_fine(slow.chroma + GREY),
        quick_luma=_whole(quick.luma),
        quick_chroma=_whole(quick.chroma + GREY),
    )


def slow_of(backgrounds: Backgrounds) -> View:
    """The view as it is when nothing stands in it."""
    return View(
        _opened(backgrounds.slow_luma, np.uint16, (HEIGHT, WIDTH)) / np.float32(FINE),
        _opened(backgrounds.slow_chroma, np.uint16, (*CHROMA[::-1], 2)) / np.float32(FINE) - GREY,
    )


def quick_of(backgrounds: Backgrounds) -> View:
    """The view as it was in the last look."""
    return View(
        _opened(backgrounds.quick_luma, np.uint8, (HEIGHT, WIDTH)),
        _opened(backgrounds.quick_chroma, np.uint8, (*CHROMA[::-1], 2)) - GREY,
    )


def _opened(data: bytes, kind: type[np.unsignedinteger], shape: tuple[int, ...]) -> Plane:
    return np.frombuffer(data, kind).reshape(shape).astype(np.float32)


def _fine(plane: Plane) -> bytes:
    return np.asarray(cv2.addWeighted(plane, FINE, plane, 0, 0, dtype=cv2.CV_16U)).tobytes()


def _whole(plane: Plane) -> bytes:
    return np.asarray(cv2.addWeighted(plane, 1, plane, 0, 0, dtype=cv2.CV_8U)).tobytes()


def share_of(elapsed_ms: int, time_s: float) -> float:
    """What part of a difference is made up in so long, at a rate set by its time; 0 if the clock was put back."""
    return 1 - math.exp(-max(elapsed_ms, 0) / 1000 / time_s)


def lit(view: View, light: float, tint: tuple[float, float]) -> View:
    """The view in another light: so much brighter, and its chroma then off by so much."""
    return View(view.luma * np.float32(light), (view.chroma + np.array(tint, np.float32)) * np.float32(light))


def mixed(then: View, now: View, rates: Plane) -> View:
    """`then`, moved towards `now` at each pixel's own rate."""
    half = np.ascontiguousarray(rates[::2, ::2])
    return View(
        then.luma + rates * (now.luma - then.luma), then.chroma + cv2.merge((half, half)) * (now.chroma - then.chroma)
    )


def near(then: View, now: View, rate: float) -> View:
    """`then`, moved towards `now` at one rate."""
    return View(
        *(cv2.addWeighted(a, 1 - rate, b, rate, 0) for a, b in ((then.luma, now.luma), (then.chroma, now.chroma)))
    )
