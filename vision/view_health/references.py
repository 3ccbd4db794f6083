"""What a camera's view should look like: learnt from healthy looks, separately by day and by night."""

import math

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from vision.glance import THUMB, Glance
from vision.view_health import pose
from vision.view_health.blocks import Blocks, Figures, fine_detail
from vision.view_health.verdict import Light, Verdict
from vision.view_memory import Reference, ViewMemory

FOLLOW_S = 600.0
"""Time in which a reference follows the light."""
FORGET_S = 60_000.0
"""The same behind something that hides a part of the view: after a day of it that is how the street looks now."""
WEIGHT_AT_MOST = 0.5
"""After a night without a look, one picture with a bus in it must not become all that is remembered."""
LEARN_EVERY_MS = 120_000
"""Between two lessons a look only agrees: what it would teach is not worth the time it takes."""
SETTLED_LOOKS = 3
"""So many looks must agree before a reference can say of another look that it is wrong. The first may have been taken
while somebody stood on the ladder before the lens."""
SWAY = 0.05
"""Pixels of a thumb from which on a picture is laid back before it is worked in."""

_DITHER = np.random.default_rng(0).random((THUMB[1], THUMB[0]), np.float32) * np.float32(0.999)


def of_light(memory: ViewMemory, light: Light) -> Reference | None:
    """What is remembered of the view by this light."""
    return memory.by_day if light is Light.DAY else memory.by_night


def settled(reference: Reference) -> bool:
    """Whether enough looks have agreed with it."""
    return reference.looks >= SETTLED_LOOKS


def learnt(memory: ViewMemory, glance: Glance, taken_ms: int, verdict: Verdict) -> ViewMemory:
    """The memory with this healthy look worked into the reference of its light."""
    known = of_light(memory, verdict.light)
    after = begun(glance, taken_ms, verdict) if known is None else _followed(known, glance, taken_ms, verdict)
    return _with(memory, verdict.light, after)


def begun_anew(memory: ViewMemory, glance: Glance, taken_ms: int, verdict: Verdict) -> ViewMemory:
    """The memory in which this look stands for what nobody is sure of yet."""
    return _with(memory, verdict.light, begun(glance, taken_ms, verdict))


def begun(glance: Glance, taken_ms: int, verdict: Verdict) -> Reference:
    """A reference of one look, laid where the view by the other light lies."""
    thumb = pose.registered(glance.thumb, verdict.offset) if verdict.offset != (0.0, 0.0) else glance.thumb
    fine = _fine(glance).astype(np.float16)
    anchor = pose.anchored(pose.evened(thumb))
    return Reference(thumb=thumb.tobytes(), anchor=anchor, fine=fine.tobytes(), at_ms=taken_ms)


def _followed(known: Reference, glance: Glance, taken_ms: int, verdict: Verdict) -> Reference:
    """A look between two lessons only agrees. After a clock that went back the next lesson is at once."""
    known = structs.replace(known, looks=min(known.looks + 1, SETTLED_LOOKS))
    apart_ms = abs(taken_ms - known.at_ms)
    if apart_ms < LEARN_EVERY_MS:
        return known
    weight = _weight(apart_ms, FOLLOW_S)
    lies = max(abs(part) for part in verdict.offset) >= SWAY
    # a picture that sways is laid back first: mixed as it comes, a reference would get blurred, and creep along
    thumb = pose.registered(glance.thumb, verdict.offset) if lies else glance.thumb
    then = np.frombuffer(known.thumb, np.uint8).reshape(THUMB[1], THUMB[0]).astype(np.float32)
    fine = np.frombuffer(known.fine, np.float16).astype(np.float32)
    weights = np.full(then.shape, weight, np.float32)
    for x1, y1, x2, y2 in verdict.hidden:
        part = np.s_[round(y1 * THUMB[1]) : round(y2 * THUMB[1]), round(x1 * THUMB[0]) : round(x2 * THUMB[0])]
        weights[part] = _weight(apart_ms, FORGET_S)
    return structs.replace(
        known,
        thumb=np.floor(then + weights * (thumb - then) + _dither(taken_ms)).astype(np.uint8).tobytes(),
        fine=(fine + weight * (_fine(glance) - fine)).astype(np.float16).tobytes()
        if not verdict.hidden
        else known.fine,
        at_ms=taken_ms,
    )


def _dither(at_ms: int) -> NDArray[np.float32]:
    """What decides, pixel by pixel, whether a half-learnt grey level is rounded up; it evens out over the lessons."""
    return np.roll(_DITHER, at_ms // 1000 % _DITHER.size)


def _weight(apart_ms: int, follow_s: float) -> float:
    return min(1 - math.exp(-apart_ms / 1000 / follow_s), WEIGHT_AT_MOST)


def _fine(glance: Glance) -> Figures:
    return fine_detail(glance.small, Blocks.of(glance.thumb))


def _with(memory: ViewMemory, light: Light, reference: Reference) -> ViewMemory:
    if light is Light.DAY:
        return structs.replace(memory, by_day=reference)
    return structs.replace(memory, by_night=reference)
