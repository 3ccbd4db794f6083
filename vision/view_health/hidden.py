"""Parts of a healthy view that cannot be seen: a lorry's side, a leaf on the glass, a blot of paint."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.register import Polygon
from domain.sighting import Box
from vision.view_health.blocks import ACROSS, DOWN

TOGETHER = 4
"""Blocks in one piece that lost their detail: a twelfth of the view. Bicycles that go take one with them, walkers two,
snow and lamps three that do not touch; a lorry over 40 % of the view takes 6–16."""
MOSTLY = 0.5
"""Share of a zone that lies behind such parts, from which on nothing can be said of it."""
RASTER = 256
"""Cells along each side of the picture by which areas are told."""


def hidden_parts(lost: NDArray[np.bool_]) -> tuple[Box, ...]:
    """The blocks that lost their detail together with their neighbours, as boxes."""
    if int(lost.sum()) < TOGETHER:
        return ()
    count, names = cv2.connectedComponents(lost.reshape(DOWN, ACROSS).astype(np.uint8), connectivity=4)
    large = [name for name in range(1, count) if int((names == name).sum()) >= TOGETHER]
    return tuple(
        (column / ACROSS, row / DOWN, (column + 1) / ACROSS, (row + 1) / DOWN)
        for row, column in np.argwhere(np.isin(names, large)).tolist()
    )


def hides(hidden: Sequence[Box], polygon: Polygon) -> bool:
    """Whether most of the polygon lies behind the hidden parts, however these lie on each other."""
    if not hidden:
        return False
    inside = cv2.fillPoly(np.zeros((RASTER, RASTER), np.uint8), [_at(polygon)], 1)
    whole = int(np.count_nonzero(inside))
    for x1, y1, x2, y2 in np.clip(np.rint(np.asarray(hidden) * RASTER), 0, RASTER).astype(int).tolist():
        inside[y1:y2, x1:x2] = 0
    return whole - int(np.count_nonzero(inside)) >= MOSTLY * whole


def _at(polygon: Polygon) -> NDArray[np.int32]:
    """Its corners, in cells."""
    return np.asarray(np.rint(np.clip(np.asarray(polygon), 0.0, 1.0) * RASTER), np.int32)
