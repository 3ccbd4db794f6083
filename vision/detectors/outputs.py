"""From a network's numbers to things: both outputs that Ultralytics' detectors have."""

from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

LEAST_SCORE = 0.2
"""What is less likely is not even hidden in a shareable picture. What a sighting reports is a setting, and higher."""
SAME_THING = 0.6
"""Intersection over union from which on two boxes of one class are one thing."""
APART = 1e5
"""Pixels between the boxes of one class and those of the next while they are compared: farther than any input."""
MOST_THINGS = 300
"""Of one picture, the best; as many as Ultralytics keeps. No street shows more, but a model that sees things in noise
does, and following each of thousands from look to look would hold up every other camera."""

Found = tuple[NDArray[np.float32], list[float], list[int]]
"""Corners in input pixels, scores, class indices; best first."""


class OutputKind(StrEnum):
    """What a network gives."""

    RAW = "raw"  # [4 + classes, n]: centres and sizes of boxes, then a score for each class; much is found twice
    END_TO_END = "end-to-end"  # [n, 6]: corners, score, class; each thing once


def read_output(output: NDArray[np.float32], kind: OutputKind, classes: int) -> Found:
    """Everything with at least LEAST_SCORE, each thing once, best first. A class that is none of `classes` is none."""
    return _once(output) if kind is OutputKind.RAW else _as_they_are(output, classes)


def _once(output: NDArray[np.float32]) -> Found:
    # Of 3,549 boxes some 50 are worth a thought: only those leave numpy. 0.09 ms for 27 things among 105 boxes;
    # cv2.dnn.NMSBoxesBatched takes 0.26 ms, the whole table of overlaps in numpy 0.50 ms.
    best = output[4:].max(axis=0)
    chosen = np.flatnonzero(best >= LEAST_SCORE)
    scores, columns = best[chosen], output[:, chosen]
    classes = columns[4:].argmax(axis=0)
    low, size = columns[:2] - columns[2:4] / 2, columns[2:4]
    boxes = np.concatenate((low + classes * APART, size)).T.tolist()
    once = cv2.dnn.NMSBoxes(boxes, scores.tolist(), LEAST_SCORE, SAME_THING)
    kept = np.asarray(once, np.intp).reshape(-1)[:MOST_THINGS]
    corners = np.concatenate((low, low + size)).T[kept].astype(np.float32)
    return corners, scores[kept].tolist(), classes[kept].tolist()


def _as_they_are(output: NDArray[np.float32], classes: int) -> Found:
    chosen = output[(output[:, 4] >= LEAST_SCORE) & (output[:, 5] >= 0) & (output[:, 5] < classes)]
    chosen = chosen[np.argsort(-chosen[:, 4], kind="stable")][:MOST_THINGS]
    return chosen[:, :4].copy(), chosen[:, 4].tolist(), chosen[:, 5].astype(np.intp).tolist()
