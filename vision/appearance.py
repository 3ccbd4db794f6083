"""How the place of a thing looks, and whether a later look shows the same.

What a place looks like is a small grey picture of the thing and a quarter of its size around it. It is compared twice:
as a whole, wherever within that quarter it lies now, and part by part, since a shadow's edge changes the whole and
few of the parts. Correlation ignores how light it is. Measured on the two bicycles of the street scene (whole, parts):

| what was done | whole | share of the parts kept |
| --- | --- | --- |
| gain 0.4–1.5, gamma 0.6–1.6, blur, an infrared camera's greys | 0.94–1.00 | 1.00 |
| swayed by up to 5 pixels, by 10, nudged by 8 | 0.90–0.94, 0.92, 0.98 | 0.79–0.92, 0.14, 0.29 |
| a shadow's edge or a lamp across it | 0.58–0.76 | 0.80–1.00 |
| a quarter of it, half of it hidden | 0.53, 0.17 | 0.71, 0.36 |
| another bicycle in its stead | 0.58–0.64 | 0.07–0.23 |
| gone | 0.05–0.21 | 0.00–0.07 |

Whatever leaves leaves the ground around as it was; what stands before a thing stands before that too. So the ground is
remembered as well, as far as three times the thing's size, and its outermost parts are compared. As they were:

| what was done | share of the ground kept |
| --- | --- |
| gone, in any light, rain, fog, snow, infrared | 0.82–1.00 |
| gone, and at the same moment another shadow or a wet road | 0.53–0.94 |
| a lorry or a bus before it, so that fewer than 0.3 of its parts are kept | 0.00–0.71 |
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from domain.sighting import Box
from vision.glance import SMALL, Glance, Grey

THING = 16
"""Side of the part of an appearance that shows the thing."""
AROUND = 4
"""Cells around it on each side."""
SIDE = THING + 2 * AROUND
LEAST_PIXELS = 8
PART = 4
"""Side of the parts that are compared one by one, in cells: 4 × 4 of them."""
ALIKE = 0.75
"""Correlation from which on a part is kept."""
CERTAIN = 0.85
"""… and on the whole from which on nobody asks for the parts."""
FLAT = 4.0
"""Standard deviation of grey values below which there is nothing to compare: a white door, a road in the sun."""
ENOUGH = 0.4
"""Share of the thing that must be seen for a likeness to mean anything."""
GROUND = 2.0
"""Sizes of a thing that its ground's appearance shows, without the quarter around: what it stands on, and before."""
LEAST_GROUND = 4
"""Parts of the ground, of 20, that must be seen for it to mean anything: amid a heap of bicycles there may be none."""
AS_LIGHT = 1.3
"""Up to which ground that shows nothing may be lighter or darker than it was, in the light of what shows something: a
lorry's bare side is not the bare road."""

Cells = NDArray[np.float32]
Parts = NDArray[np.bool_]


class Likeness(Struct, frozen=True, kw_only=True):
    """How alike two looks at one place are."""

    whole: float
    """Correlation of the thing at the best of all shifts up to a quarter of its size: −1 to 1, 1 is the same."""
    parts: float
    """Share of the parts of it that can be seen which look as before, 0–1; all where the whole is certain."""
    around: float
    """Share of the parts around it that look as before, 0–1."""
    shift: tuple[float, float]
    """How far the thing lies from where it was, right and down, as shares of its size."""


def appearance(glance: Glance, box: Box) -> bytes:
    """How a box and what is around it look: SIDE × SIDE grey values."""
    left, right = _span(box[0], box[2], SMALL[0])
    top, bottom = _span(box[1], box[3], SMALL[1])
    outside = max(0, -left, -top, right - SMALL[0], bottom - SMALL[1])
    picture = glance.small
    if outside:  # beyond the picture's edge it goes on as at the edge
        picture = np.asarray(
            cv2.copyMakeBorder(picture, outside, outside, outside, outside, cv2.BORDER_REPLICATE), np.uint8
        )
    cut = picture[top + outside : bottom + outside, left + outside : right + outside]
    return np.asarray(cv2.resize(cut, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8).tobytes()


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    """The box's extent along an axis and the part around it, in pixels; it may reach beyond the picture."""
    half = max((high - low) * size, LEAST_PIXELS) / 2 * SIDE / THING
    middle = (low + high) / 2 * size
    return round(middle - half), round(middle + half)


def visible(box: Box, before: Sequence[Box]) -> Parts:
    """Which parts of a thing nothing stands before."""
    return np.asarray(_parts(_free(box, before)[_INSIDE, _INSIDE]).min(axis=1) > 0)


def hidden_share(box: Box, before: Sequence[Box]) -> float:
    """Share of a box behind others, however these lie on each other, 0–1."""
    return 1.0 - float(_free(box, before)[_INSIDE, _INSIDE].mean())


def _free(box: Box, others: Sequence[Box]) -> Grey:
    """1 for each cell of an appearance that none of the others covers, 0 for the rest."""
    cells = np.ones((SIDE, SIDE), np.uint8)
    across, down = THING / max(box[2] - box[0], 1e-6), THING / max(box[3] - box[1], 1e-6)
    for other in others:
        x1, x2 = (_cell((x - box[0]) * across) for x in (other[0], other[2]))
        y1, y2 = (_cell((y - box[1]) * down) for y in (other[1], other[3]))
        cells[y1:y2, x1:x2] = 0
    return cells


def _cell(at: float) -> int:
    return min(max(AROUND + round(at), 0), SIDE)


def ground_box(box: Box) -> Box:
    """The box whose appearance shows the ground of a thing."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    right, down = GROUND * (box[2] - box[0]) / 2, GROUND * (box[3] - box[1]) / 2
    return (x - right, y - down, x + right, y + down)


def ground_kept(then: bytes, now: bytes, ground: Box, changed: Sequence[Box]) -> float | None:
    """Share of the ground that is as it was, 0–1, without the boxes in which something has come or gone by itself.

    None if these leave too little of it.
    """
    free = _parts(_free(ground, changed)).min(axis=1) > 0
    ring = [part for part in _AROUND if free[part]]
    if len(ring) < LEAST_GROUND:
        return None
    a, b = _parts(_cells(then))[ring], _parts(_cells(now))[ring]
    alike, plain = _alike(a, b), a.std(axis=1) < FLAT
    ratio = (b.mean(axis=1) + 1) / (a.mean(axis=1) + 1)
    told = alike & ~plain
    light = float(np.median(ratio[told])) if told.any() else 1.0
    alike[plain] &= (np.maximum(ratio / light, light / ratio) <= AS_LIGHT)[plain]
    return float(alike.mean())


def compare(then: bytes, now: bytes, seen: Parts) -> Likeness | None:
    """How alike two appearances of one place are, by the parts that can be `seen`; None if these are too few."""
    if seen.mean() < ENOUGH:
        return None
    a, b = _cells(then), _cells(now)
    known = a[_INSIDE, _INSIDE]
    if float(known.std()) < FLAT:
        fit = float(float(b[_INSIDE, _INSIDE].std()) < FLAT)
        return Likeness(whole=fit, parts=fit, around=1.0, shift=(0.0, 0.0))
    fits = cv2.matchTemplate(b, np.ascontiguousarray(known), cv2.TM_CCOEFF_NORMED)
    _, best, _, (right, down) = cv2.minMaxLoc(fits)
    shift = ((right - AROUND) / THING, (down - AROUND) / THING)
    if best >= CERTAIN:  # as nearly always; the parts would take six times as long
        return Likeness(whole=best, parts=1.0, around=1.0, shift=shift)
    around = float(_alike(_parts(a)[_AROUND], _parts(b)[_AROUND]).mean())
    return Likeness(whole=best, parts=_kept(known, b, seen), around=around, shift=shift)


def _kept(known: Cells, now: Cells, seen: Parts) -> float:
    """Share of the parts seen that are as they were, at the best of the nine smallest shifts."""
    shifted = [
        _parts(now[AROUND + dy : AROUND + dy + THING, AROUND + dx : AROUND + dx + THING])[seen]
        for dy in (-1, 0, 1)
        for dx in (-1, 0, 1)
    ]
    worth = _parts(known)[seen].std(axis=1) >= FLAT
    if not worth.any():
        return 0.0
    return float(_alike(_parts(known)[seen][worth], np.stack(shifted)[:, worth]).mean(axis=1).max())


def _alike(then: Cells, now: Cells) -> NDArray[np.bool_]:
    """Of parts as rows: which are as they were. Two that show nothing are alike."""
    a, b = then - then.mean(axis=-1, keepdims=True), now - now.mean(axis=-1, keepdims=True)
    flat = (then.std(axis=-1) < FLAT) & (now.std(axis=-1) < FLAT)
    norm = np.sqrt((a * a).sum(axis=-1) * (b * b).sum(axis=-1)) + 1e-6
    return np.asarray(((a * b).sum(axis=-1) / norm >= ALIKE) | flat)


def _parts(cells: NDArray[Any]) -> NDArray[Any]:
    """Each part of a square of cells as one row."""
    side = cells.shape[0] // PART
    return cells.reshape(side, PART, side, PART).swapaxes(1, 2).reshape(side * side, PART * PART)


def _cells(look: bytes) -> Cells:
    """Raises ValueError for what is no appearance."""
    grey: Grey = np.frombuffer(look, np.uint8).reshape(SIDE, SIDE)
    return grey.astype(np.float32)


_INSIDE = slice(AROUND, AROUND + THING)
_AROUND = [part for part in range((SIDE // PART) ** 2) if not (0 < part % 6 < 5 and 0 < part // 6 < 5)]
"""Numbers of the parts of a whole appearance that lie around: the edge of 6 × 6."""
