"""Which of the differences is a thing that was put there: not light, not a hole where one was taken away."""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.leftover.difference import NEAR, Difference
from vision.leftover.ground import HEIGHT, WIDTH, Mask, Plane, View
from vision.leftover.nouns import Span

LEAST_PIXELS = 24
"""Of the thumb: a thing of 4 % of the picture's width and 3 % of its height."""
LEAST_SIDE = 4
MOST_SHARE = 0.10
"""Of the picture: more is weather, or a vehicle before the lens."""
LEAST_FILL = 0.4
"""Share of its box that a thing fills. Shadows of poles, puddles and leaves fill less."""
UNEVEN = 0.12
"""Spread of the logarithm of luma over luma inside a region: light keeps it even, a thing has sides and print.
A shadow over cobbles: 0.04; the plainest carton: 0.12."""
BOLD = ((2.5, 60), (4.5, 300))
BOLD_UNEVEN = 0.07
"""Where the contour of so few pixels has become so many times as strong, less unevenness will do."""
ODD = 0.2
"""Logarithm of luma over luma by which a pixel differs from the light around it."""
COLOURED = 9.0
COLOURED_SHARE = 0.4
DARKER, BRIGHTER = -1.0, 0.9
"""Logarithms no shadow and no patch of sun comes to: a black bag on a road is at −1.5."""
SHARP = 0.25
"""Share of its contrast that a thing's border has within a pixel: that of a pool of light has a tenth."""
NEW = 1.2
"""How much stronger a contour must have become for a thing to have come, or have been for one to have gone. Light
leaves the edges that were there."""
STRONGER = 3.0
"""… and by so many levels a pixel: old edges seem to get sharper as the noise is averaged out of the empty view."""
AROUND = 5
"""Pixels around a region that belong to its surroundings."""
ROUGH = 0.35
"""Share of them that has changed too, from which on the region is a piece of something larger: snow, shade of leaves,
a road that gets wet. A thing stands on untouched ground."""
AT_ONCE_LOOKS = 2
"""Looks within which most of a thing comes to stand there. A shadow's edge creeps, and snow grows."""
WIDE = np.ones((5, 5), np.uint8)


class Kind(StrEnum):
    """What a region is taken for."""

    THING = "thing"
    LIGHT = "light"
    HOLE = "hole"
    SCRAP = "scrap"


@dataclass(frozen=True, slots=True)
class Region:
    """Pixels that hang together."""

    mask: Mask
    """Of the whole thumb."""
    span: Span
    pixels: int


def regions(changed: Mask) -> list[Region]:
    """The regions of a mask, cracks closed and single pixels dropped."""
    whole = changed.astype(np.uint8)
    whole = cv2.morphologyEx(cv2.morphologyEx(whole, cv2.MORPH_CLOSE, NEAR), cv2.MORPH_OPEN, NEAR)
    if cv2.countNonZero(whole) < LEAST_PIXELS:
        return []
    count, labels, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=4)
    found = []
    for label in range(1, count):
        x, y, wide, high, pixels = (int(value) for value in stats[label])
        if pixels >= LEAST_PIXELS:
            found.append(Region(np.asarray(labels == label), (x, y, x + wide, y + high), pixels))
    return found


def of_mask(mask: Mask) -> Region | None:
    """A mask as one region; None if it is empty."""
    ys, xs = np.nonzero(mask)
    if xs.size == 0:
        return None
    span = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
    return Region(mask, span, int(xs.size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a look has to say of a region."""

    now: View
    then: View
    """The empty view."""
    apart: Difference
    ages: NDArray[np.uint8]
    """For how many looks each pixel has differed."""


def judged(region: Region, evidence: Evidence) -> list[tuple[Region, Kind]]:
    """What the region is. Where it is light, what stands in it and is no light comes as regions of its own."""
    kind = kind_of(region, evidence)
    if kind is not Kind.LIGHT or region.pixels < 3 * LEAST_PIXELS:
        return [(region, kind)]
    ratio = evidence.apart.ratio
    level = float(np.median(ratio[region.mask]))
    odd = region.mask & ((np.abs(ratio - level) > ODD) | (evidence.apart.chroma > COLOURED))
    parts = [(part, kind_of(part, evidence, level)) for part in regions(np.asarray(odd))]
    parts = [(part, kind) for part, kind in parts if kind is Kind.THING]
    for part, _ in parts:
        odd |= part.mask
    return [*((Region(region.mask & ~odd, region.span, region.pixels), Kind.LIGHT),), *parts]


def kind_of(region: Region, evidence: Evidence, level: float = 0.0) -> Kind:
    """What the region is, on ground whose luma has changed by so much (as a logarithm) around it."""
    x1, y1, x2, y2 = region.span
    fill = region.pixels / ((x2 - x1) * (y2 - y1))
    if region.pixels < LEAST_PIXELS or min(x2 - x1, y2 - y1) < LEAST_SIDE:
        return Kind.SCRAP
    if fill < LEAST_FILL or region.pixels > MOST_SHARE * WIDTH * HEIGHT:
        return Kind.LIGHT if region.pixels >= 3 * LEAST_PIXELS else Kind.SCRAP
    cut = (slice(max(y1 - AROUND, 0), y2 + AROUND), slice(max(x1 - AROUND, 0), x2 + AROUND))
    mask = region.mask[cut]
    if roughness(mask, cut, evidence.apart) > ROUGH:
        return Kind.SCRAP
    early, late = np.percentile(evidence.ages[region.mask], (15, 85))
    if late - early > AT_ONCE_LOOKS:
        return Kind.LIGHT
    return _by_contour(mask, cut, evidence, level)


def _by_contour(mask: Mask, cut: tuple[slice, slice], evidence: Evidence, level: float) -> Kind:
    before, after = contours(mask, cut, evidence)
    bold = any(after >= times * before and mask.sum() <= pixels for times, pixels in BOLD)
    uneven = BOLD_UNEVEN if bold else UNEVEN
    apart = evidence.apart
    if _is_light(mask.astype(np.uint8), apart.ratio[cut] - np.float32(level), apart.chroma[cut], uneven):
        return Kind.LIGHT
    if before > NEW * after:
        return Kind.HOLE
    return Kind.THING if after > NEW * before + STRONGER else Kind.LIGHT


def roughness(mask: Mask, cut: tuple[slice, slice], apart: Difference, but: Mask | None = None) -> float:
    """Share of the surroundings that has changed too, and not as even light does, `but` not counted."""
    ring = surroundings(mask)
    if but is not None:
        ring &= ~but
    changed = apart.changed[cut] & ring
    if not changed.any():
        return 0.0
    even = np.abs(apart.ratio[cut] - np.median(apart.ratio[cut][changed])) < ODD / 2
    return float((changed & ~(even & (apart.chroma[cut] < COLOURED))).sum() / ring.sum())


def surroundings(mask: Mask) -> Mask:
    """The ground around a region, without its soft edge and its nearest shadow."""
    whole = mask.astype(np.uint8)
    ring = cv2.dilate(whole, np.ones((2 * AROUND + 1, 2 * AROUND + 1), np.uint8)) - cv2.dilate(whole, WIDE)
    return np.asarray(ring > 0)


def contours(mask: Mask, cut: tuple[slice, slice], evidence: Evidence) -> tuple[float, float]:
    """How strong edges along the region's contour were, and are. Only edges that run along it count."""
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0)
    across, along = _gradient(soft)
    strength = cv2.magnitude(across, along)
    ring = np.asarray(strength > 0.1)
    norm = np.maximum(strength, np.float32(0.1))
    across, along = np.asarray(across / norm, np.float32), np.asarray(along / norm, np.float32)
    sums = [0.0, 0.0]
    for which, (view, level) in enumerate(((evidence.then, 1.0), (evidence.now, evidence.apart.light))):
        for plane in _planes(view, cut):
            right, down = _gradient(plane)
            sums[which] += float(np.abs(right * across + down * along)[ring].mean()) / level
    return sums[0], sums[1]


def _planes(view: View, cut: tuple[slice, slice]) -> tuple[Plane, ...]:
    """Luma and both chromas of a part of the view, at the luma's size."""
    rows, columns = (slice(part.start // 2, part.stop // 2 + 1) for part in cut)
    coarse = view.chroma[rows, columns]
    wide = cv2.resize(coarse, (coarse.shape[1] * 2, coarse.shape[0] * 2), interpolation=cv2.INTER_LINEAR)
    luma = view.luma[cut]
    y, x = cut[0].start % 2, cut[1].start % 2
    wide = wide[y : y + luma.shape[0], x : x + luma.shape[1]]
    return luma, wide[:, :, 0], wide[:, :, 1]


def _gradient(plane: Plane) -> tuple[Plane, Plane]:
    return (
        np.asarray(cv2.Sobel(plane, cv2.CV_32F, 1, 0, scale=1 / 8), np.float32),
        np.asarray(cv2.Sobel(plane, cv2.CV_32F, 0, 1, scale=1 / 8), np.float32),
    )


def _edge(luma: Plane, ring: Mask) -> float:
    """How strong the edges in a ring are."""
    across, along = _gradient(luma)
    return float(np.sqrt(across * across + along * along)[ring].mean())


def _is_light(mask: NDArray[np.uint8], ratio: Plane, chroma: Plane, uneven: float) -> bool:
    inner = cv2.erode(mask, NEAR).astype(bool)
    if inner.sum() < 6:
        inner = mask.astype(bool)
    values = ratio[inner]
    if float((chroma[inner] > COLOURED).mean()) >= COLOURED_SHARE:
        return False
    middle = float(np.median(values))
    if not DARKER < middle < BRIGHTER:
        return False
    low, high = np.percentile(values, (16, 84))
    if (high - low) / 2 < uneven:
        return True
    ring = (cv2.dilate(mask, NEAR) - cv2.erode(mask, NEAR)).astype(bool)
    far = cv2.dilate(mask, np.ones((7, 7), np.uint8)).astype(bool) & ~cv2.dilate(mask, NEAR).astype(bool)
    outside = float(np.median(ratio[far])) if far.any() else 0.0
    contrast = float(np.percentile(np.abs(values - outside), 75))
    return _edge(ratio, ring) < SHARP * contrast
