"""Whether a picture shows what its camera always shows: nothing before it, in focus, and in its place."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from domain.sighting import Box, ViewHealth
from vision.glance import THUMB, Glance, Grey
from vision.view_health import pose
from vision.view_health.blocks import Blocks, Figures, fine_detail
from vision.view_health.hidden import hidden_parts
from vision.view_health.pose import Evened, Pose
from vision.view_health.steady import little_shift
from vision.view_health.verdict import Verdict
from vision.view_memory import Reference

Chosen = NDArray[np.bool_]

ENOUGH_SHOWING = 12
"""Blocks of 48 that a reference must show to say anything. The scenes: 46; lit by two street lamps: 19 and more."""
ALIKE = 0.5
"""Correlation of a block with itself. With nobody about nine of ten blocks stay above it in most weather and light."""
LOST = 0.25
"""Share of its detail below which a block has lost it …"""
KEPT_BY = 5
"""… against what the fifth best block keeps of its own: in the dark, in fog or infrared all lose some."""
COVERED_SHARE = 0.37
"""Share of blocks that lost their detail and do not look like themselves. Half the view behind a board: 0.41–0.53,
behind a hand 0.51 and more, spray paint 0.38, a leaf 0.49; a bus: 0.11, a lorry's bare side over 40 %: 0.15–0.34."""
STILL_THERE = 0.1
"""Share of blocks that are as they were, if it is this view, covered or blurred. Behind a leaf: 0.13; another: 0.00."""
FOCUS_KEPT = 0.22
"""Share of its usual fine detail below which a block is out of focus. Blurred with sigma 2 of 768 pixels the median
block keeps 0.08–0.15, with sigma 1 0.38–0.48; in rain 0.73, in infrared 0.85."""
BLURRED_SHARE = 0.4
"""Share of such blocks. A drop on the lens: 0.43–0.61, a trembling pole: 0.45 and more, out of focus: 0.87 and more; a
bus: up to 0.37, lamps at night: 0.28, all other weather and light: 0.21. A lorry may reach 0.43."""
FOCUS_AT_LEAST = 0.025
"""The median block's, without anything to compare it with. Sharp: 1.7 and 0.5; blurred with sigma 3: 0.03–0.06, with
sigma 5: 0.009–0.016."""
MOVED_SHARE = 0.02
"""Shift as a share of the picture from which on zones lie wrong: 15 pixels of 768. Recovered to 0.1 % of the width."""
SWAY = 0.5
"""Pixels of a thumb from which on a picture is laid back before it is compared."""
REGISTERED_UP_TO = 8.0
"""… and up to which. Farther away it has moved, and need not be compared."""
DRIFT = 0.6
"""Pixels of a thumb by which reference and anchor may differ. Nothing moved: 0.26 at most, in any weather and light."""
MAY_DRIFT = 0.3
"""… and from which on each look is held against the anchor too, because the reference itself may have crept."""
STEADY_SHARE = 0.9
"""Share of blocks as they were from which on a little shift may be told from them alone: to 0.2 pixels of a thumb in
all weather and light, which a correlation of the whole would tell at five times the price."""
NOT_TURNED = 0.85
"""Share of blocks as they were from which on nothing is turned or zoomed. By 2 degrees: 0.49–0.70, by 5 %: 0.50."""
TURNED_SHARE = 0.015
"""How far a turn or a zoom may move the corners, as a share of the picture: by 1 degree 0.009–0.012, by 2 degrees
0.019–0.024; zoomed by 3 %: 0.017, by 5 %: 0.028; a bus: 0.005."""
SURELY_ALIKE = 0.8
"""Correlation of a block with itself. What a lorry leaves free is surely so; a turned view is a little so
everywhere."""
MUCH_CHANGED = 0.6
"""Share of blocks as they were below which it matters. In weather and light 0.62 and more; a bus: 0.47."""
SURELY_ENOUGH = 0.25
"""Share of blocks that are surely as they were. Beside a lorry: 0.30–0.52, beside a bus: 0.38 and more. Zoomed by a
tenth: 0.09–0.23; turned by 8 degrees: 0.07; another scene: 0.00."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What of a picture is compared."""

    thumb: Grey
    blocks: Blocks
    fine: Figures

    @cached_property
    def evened(self) -> Evened:
        """For whoever has to measure a shift: most looks need not."""
        return pose.evened(self.thumb)

    @classmethod
    def of(cls, glance: Glance) -> "Seen":
        """All of it."""
        blocks = Blocks.of(glance.thumb)
        return cls(thumb=glance.thumb, blocks=blocks, fine=fine_detail(glance.small, blocks))


def in_focus(seen: Seen) -> Verdict | None:
    """What can be said of a view that was never seen before."""
    ordered = np.sort(seen.fine[seen.blocks.showing])
    fine = float(ordered[len(ordered) // 2])
    if fine >= FOCUS_AT_LEAST:
        return None
    return Verdict(view=ViewHealth.BLURRED, reason=f"fine detail {fine:.3f} of the variance, below {FOCUS_AT_LEAST:g}")


def compared(seen: Seen, reference: Reference) -> Verdict | None:
    """What is wrong with the view, against how it should be; or HEALTHY, and how it lies.

    None if the reference shows too little to compare anything with it.
    """
    known = np.frombuffer(reference.thumb, np.uint8).reshape(THUMB[1], THUMB[0])
    then = Blocks.of(known)
    showing = then.showing
    if int(showing.sum()) < ENOUGH_SHOWING:
        return None
    every = seen.blocks.alike(then)
    steady = _steady(seen, known, then, every)
    whole = steady or pose.shifted(seen.evened, pose.evened(known))
    laid = seen.blocks
    if whole.trusted and SWAY <= max(abs(part) for part in whole.shift) < REGISTERED_UP_TO:
        laid = Blocks.of(pose.registered(seen.thumb, whole.shift))
        every = laid.alike(then)
    alike, lost = every[showing], _lost(laid, then) & showing & (every <= ALIKE)
    found = Found(
        same=_share(alike > ALIKE),
        surely=_share(alike > SURELY_ALIKE),
        lost=_share(lost[showing]),
        hidden=hidden_parts(lost),
        whole=whole,
    )
    return (
        _covered(found)
        or _blurred(seen, found, np.frombuffer(reference.fine, np.float16).astype(np.float32), showing)
        or _moved(seen, found, known, reference)
    )


def _steady(seen: Seen, known: Grey, then: Blocks, every: Figures) -> Pose | None:
    """Where the view lies, if nearly all of it is as it was and lies next to where it lay."""
    if _share(every[then.showing] > ALIKE) < STEADY_SHARE:
        return None
    shift = little_shift(seen.blocks, then, every, known)
    if shift is None:
        return None
    return Pose(shift=shift, trusted=True, corner=max(abs(shift[0]) / THUMB[0], abs(shift[1]) / THUMB[1]))


def _share(chosen: Chosen) -> float:
    return int(np.count_nonzero(chosen)) / chosen.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came out of comparing block with block."""

    same: float
    """Share of blocks that look like themselves."""
    surely: float
    """Share of blocks that do so without a doubt."""
    lost: float
    """Share of blocks that lost their detail and do not."""
    hidden: tuple[Box, ...]
    """Those of them that hang together."""
    whole: Pose


def _lost(now: Blocks, then: Blocks) -> Chosen:
    """Which blocks have little of their detail left, for the light of the picture."""
    kept = np.where(then.showing, now.spread / np.maximum(then.spread, 1.0), 0)
    return np.asarray(kept < LOST * np.partition(kept, -KEPT_BY)[-KEPT_BY])


def _covered(found: Found) -> Verdict | None:
    if found.lost < COVERED_SHARE or found.same < STILL_THERE:
        return None
    return Verdict(view=ViewHealth.COVERED, reason=f"{found.lost:.2f} of the view lost its detail")


def _blurred(seen: Seen, found: Found, usual: Figures, showing: Chosen) -> Verdict | None:
    share = _share(seen.fine[showing] < FOCUS_KEPT * usual[showing])
    if share < BLURRED_SHARE or found.same < STILL_THERE:
        return None
    return Verdict(view=ViewHealth.BLURRED, reason=f"{share:.2f} of the view lost its fine detail")


def _undrifted(now: Pose, first: Pose) -> Pose:
    """The reference follows the light, so it could creep along with a camera that sags; the anchor does not."""
    if not (now.trusted and first.trusted):
        return now
    crept = max(abs(a - b) for a, b in zip(now.shift, first.shift, strict=True))
    return first if crept > DRIFT else now


@lru_cache(maxsize=1024)
def _drifts(thumb: bytes, anchor: bytes) -> bool:
    """Whether a reference may have crept away from its anchor. Asked once a lesson: 20 kB are kept of each."""
    crept = pose.shifted(pose.evened(np.frombuffer(thumb, np.uint8).reshape(THUMB[::-1])), pose.evened_of(anchor))
    return not crept.trusted or max(abs(part) for part in crept.shift) > MAY_DRIFT


def _moved(seen: Seen, found: Found, known: Grey, reference: Reference) -> Verdict:
    """Healthy in its place, or moved away from it."""
    lies = found.whole
    if lies.trusted and _drifts(reference.thumb, reference.anchor):
        lies = _undrifted(lies, pose.shifted(seen.evened, pose.evened_of(reference.anchor)))
    turn = Pose() if found.same >= NOT_TURNED else pose.turned(seen.evened, pose.evened(known))
    if lies.corner >= MOVED_SHARE or turn.corner >= TURNED_SHARE:
        right, down = lies.shift[0] / THUMB[0], lies.shift[1] / THUMB[1]
        reason = f"shifted by {right:+.3f}, {down:+.3f} of the picture, turned or zoomed by {turn.corner:.3f}"
        return Verdict(view=ViewHealth.MOVED, reason=reason, measured=True)
    if found.same < MUCH_CHANGED and found.surely < SURELY_ENOUGH:
        return Verdict(view=ViewHealth.MOVED, reason=f"another view: {found.same:.2f} of it as it was")
    right, down = (round(part) for part in lies.shift)
    shift = (right / THUMB[0], down / THUMB[1])
    return Verdict(view=ViewHealth.HEALTHY, shift=shift, offset=lies.shift, hidden=found.hidden)
