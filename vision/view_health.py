"""Whether a picture can count for or against anyone. Asked before anything else.

The figures below were measured on the two sample scenes (a street photograph of 751 × 563, a road video of
768 × 576), darkened, blurred, shifted, covered and re-encoded; `tests/vision/test_view_health.py` makes them again.
"""

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from domain.sighting import ViewHealth
from vision.glance import THUMB, Glance, Grey
from vision.memory import CameraMemory
from vision.picture import Pixels

DARK_P95 = 40
"""Luma below which 95 % of the picture lie. The scenes at 15 % of their light: 33 and 30; at 25 %: 56 and 51."""
BRIGHT_P5 = 180
"""Luma above which 95 % of the picture lie. The road overexposed fourfold: 185, doubly: 99, as it is: 50."""
FLAT_SHARE = 0.9
"""Share of pixels equal to their neighbour. Camera pictures: 0.09–0.28, with much blur 0.48; drawn ones: 0.98."""
FROZEN_APART_MS = 500
"""The same bytes twice, this far apart: a living camera's noise and clock never repeat themselves."""
STALE_INTERVALS = 3.0
STALE_AT_LEAST_MS = 120_000
"""A source may put an older time on a picture than three visits ago, or two minutes: whichever is longer."""
UNIFORM_SPREAD = 12.0
"""Standard deviation of the luma: something lies on the lens. The scenes: 65 and 50; at a quarter of the light 12.5."""
SHARPNESS = 0.008
"""Laplacian variance over luma variance at 320 × 240. Sharp: 0.17 and 0.45. Blurred with sigma 4: 0.002 and 0.007."""
SHARPNESS_KEPT = 0.15
"""… and against the camera's own usual sharpness. Sigma 2 leaves 0.08 and 0.11 of it, sigma 1 leaves 0.36 and 0.42."""
BLOCK = 20
"""Side of the blocks of a thumb that are compared with the reference view: 8 × 6 of them."""
BLOCK_DETAIL = 6.0
"""Spread from which on a block of the reference shows something that could get lost."""
BLOCK_LOST = 0.25
"""Share of its detail, at the picture's present contrast, below which a block counts as covered."""
COVERED_SHARE = 0.4
"""Share of such blocks. Half the picture covered: 0.50; bicycles gone, or walkers: at most 0.02; glare: 0.25."""
ALL_BUT = 0.9
"""With so many blocks gone, too few are left to ask whether they are the same."""
ALIKE = 0.5
"""Correlation of a block with itself in the reference. Untouched: 0.98 and more."""
TRUSTED_RESPONSE = 0.10
"""Phase correlation. The same view: 0.44 and more; with half of it hidden 0.47; zoomed 0.13; another scene 0.04."""
MOVED_SHARE = 0.02
"""Shift as a share of the picture from which on zones lie wrong: 15 pixels of 751. Recovered to 0.1 % of the width."""
SAME_BLOCKS = 0.5
"""Without a trusted shift: share of blocks that still correlate with the reference. Another scene: 0.00."""


class Verdict(Struct, frozen=True, kw_only=True):
    """What a picture is good for, and the figures that say so if it is good for nothing."""

    view: ViewHealth
    reason: str | None = None


HEALTHY = Verdict(view=ViewHealth.HEALTHY)


class Arrival(Struct, frozen=True, kw_only=True):
    """When a picture came, what it is known by, and how old its source says it is."""

    taken_ms: int
    sha256: str
    age_ms: int | None
    interval_s: float


def judge(pixels: Pixels, glance: Glance, arrival: Arrival, memory: CameraMemory) -> Verdict:
    """The first thing that is wrong with the picture, or HEALTHY."""
    return (
        _light(glance.thumb)
        or _drawn(pixels)
        or _old(arrival, memory)
        or _detail(glance.small, memory.sharpness)
        or (_same_view(glance.thumb, memory.reference) if memory.reference else None)
        or HEALTHY
    )


def _light(thumb: Grey) -> Verdict | None:
    p5, p95 = (float(value) for value in np.percentile(thumb, (5, 95)))
    if p95 < DARK_P95:
        return Verdict(view=ViewHealth.DARK, reason=f"luma p95 {p95:.0f} of 255, below {DARK_P95}")
    if p5 > BRIGHT_P5:
        return Verdict(view=ViewHealth.BRIGHT, reason=f"luma p5 {p5:.0f} of 255, above {BRIGHT_P5}")
    return None


def _drawn(pixels: Pixels) -> Verdict | None:
    rows = pixels[:: max(1, pixels.shape[0] // 64)]
    flat = float(np.mean(np.all(rows[:, 1:] == rows[:, :-1], axis=2)))
    if flat >= FLAT_SHARE:
        return Verdict(view=ViewHealth.PLACEHOLDER, reason=f"{flat:.2f} of the pixels equal their neighbours: drawn")
    return None


def _old(arrival: Arrival, memory: CameraMemory) -> Verdict | None:
    apart_ms = abs(arrival.taken_ms - memory.picture_ms)
    if memory.recent and arrival.sha256 == memory.recent[-1] and apart_ms >= FROZEN_APART_MS:
        return Verdict(view=ViewHealth.FROZEN, reason=f"the same bytes as {apart_ms / 1000:.1f} s ago")
    if arrival.sha256 in memory.recent[:-1]:
        return Verdict(view=ViewHealth.STALE, reason="an earlier picture was given again")
    allowed_ms = max(STALE_INTERVALS * arrival.interval_s * 1000, STALE_AT_LEAST_MS)
    if arrival.age_ms is not None and arrival.age_ms > allowed_ms:
        reason = f"the source says it is {arrival.age_ms / 1000:.0f} s old; at most {allowed_ms / 1000:.0f} s"
        return Verdict(view=ViewHealth.STALE, reason=reason)
    return None


def sharpness(small: Grey) -> float:
    """How much of the picture's variance is fine detail."""
    return float(cv2.Laplacian(small, cv2.CV_32F).var() / max(float(small.var()), 1.0))


def _detail(small: Grey, usual: float) -> Verdict | None:
    spread = float(small.std())
    if spread < UNIFORM_SPREAD:
        return Verdict(view=ViewHealth.COVERED, reason=f"luma spread {spread:.1f}, below {UNIFORM_SPREAD:g}")
    fine = sharpness(small)
    if fine < max(SHARPNESS, SHARPNESS_KEPT * usual):
        return Verdict(view=ViewHealth.BLURRED, reason=f"sharpness {fine:.4f}, usual {usual:.4f}")
    return None


def _same_view(thumb: Grey, reference: bytes) -> Verdict | None:
    known = np.frombuffer(reference, np.uint8).reshape(THUMB[1], THUMB[0])
    now, then = _blocks(thumb), _blocks(known)
    showing = then.std(axis=1) >= BLOCK_DETAIL
    if not showing.any():
        return None  # a reference without any detail says nothing
    now, then = now[showing], then[showing]
    kept = now.std(axis=1) / then.std(axis=1)
    lost = kept < BLOCK_LOST * np.percentile(kept, 90)
    alike = _correlation(now, then) > ALIKE
    # what is left must still be this view: another scene has its own plain parts
    if lost.mean() >= COVERED_SHARE and (lost.mean() >= ALL_BUT or alike[~lost].mean() >= SAME_BLOCKS):
        return Verdict(view=ViewHealth.COVERED, reason=f"{lost.mean():.2f} of the view lost its detail")
    return _moved(thumb, known, float(alike.mean()))


def _moved(thumb: Grey, known: Grey, alike: float) -> Verdict | None:
    window = cv2.createHanningWindow(THUMB, cv2.CV_32F)
    (dx, dy), response = cv2.phaseCorrelate(_evened(known), _evened(thumb), window)
    if response >= TRUSTED_RESPONSE:
        if max(abs(dx) / THUMB[0], abs(dy) / THUMB[1]) < MOVED_SHARE:
            return None
        reason = f"shifted by {dx / THUMB[0]:+.3f}, {dy / THUMB[1]:+.3f} of the picture"
        return Verdict(view=ViewHealth.MOVED, reason=reason)
    if alike >= SAME_BLOCKS:
        return None
    return Verdict(view=ViewHealth.MOVED, reason=f"another view: {alike:.2f} of it as it was")


def _correlation(now: NDArray[np.float32], then: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each block with the same block of the reference, −1 to 1."""
    a, b = now - now.mean(axis=1, keepdims=True), then - then.mean(axis=1, keepdims=True)
    norm = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1)) + 1e-6
    return np.asarray((a * b).sum(axis=1) / norm, np.float32)


def _blocks(thumb: Grey) -> NDArray[np.float32]:
    """Each block as one row."""
    high, wide = thumb.shape[0] // BLOCK, thumb.shape[1] // BLOCK
    cut = thumb.reshape(high, BLOCK, wide, BLOCK).swapaxes(1, 2).reshape(high * wide, BLOCK * BLOCK)
    return cut.astype(np.float32)


def _evened(thumb: Grey) -> NDArray[np.float32]:
    """The thumb with light and contrast evened out, so that sun, lamps and night do not look like a move."""
    values = thumb.astype(np.float32)
    fine = values - cv2.GaussianBlur(values, (0, 0), 5)
    return np.asarray(fine / (np.sqrt(cv2.GaussianBlur(fine * fine, (0, 0), 5)) + 4), np.float32)
