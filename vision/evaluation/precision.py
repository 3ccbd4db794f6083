"""Precision, recall and average precision of boxes, as COCO counts them."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from domain.sighting import Box
from vision.zones import likeness

IOUS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""0.50, 0.55 … 0.95."""
RECALLS = np.linspace(0, 1, 101)
MOST = 100
"""Boxes of one class in one picture that count; the rest are too unlikely to matter."""


class Scored(Struct, frozen=True, kw_only=True, gc=False):
    """One box that a model found."""

    box: Box
    score: float


class Pair(Struct, frozen=True, kw_only=True):
    """Of one class in one picture: what is there, and what was found."""

    truths: tuple[Box, ...]
    found: tuple[Scored, ...]


class Figures(Struct, frozen=True, kw_only=True):
    """Of one class in all pictures. None: there is nothing to divide by."""

    label: str
    truths: int
    found: int
    """With at least the working score."""
    right: int
    precision: float | None
    recall: float | None
    f1: float | None
    ap50: float | None
    ap50_95: float | None


def figures(label: str, pairs: Sequence[Pair], *, min_score: float, iou: float) -> Figures:
    """The figures of one class: at a working point, and over all scores."""
    truths = sum(len(pair.truths) for pair in pairs)
    working = [
        Pair(truths=pair.truths, found=tuple(one for one in pair.found if one.score >= min_score)) for pair in pairs
    ]
    hits = np.concatenate([_hits(pair, iou) for pair in working]) if working else np.zeros(0, bool)
    found, right = len(hits), int(hits.sum())
    ap = [average_precision(pairs, at) for at in IOUS] if truths else []
    return Figures(
        label=label,
        truths=truths,
        found=found,
        right=right,
        precision=right / found if found else None,
        recall=right / truths if truths else None,
        f1=2 * right / (found + truths) if found + truths else None,
        ap50=ap[0] if ap else None,
        ap50_95=float(np.mean(ap)) if ap else None,
    )


def average_precision(pairs: Sequence[Pair], iou: float) -> float:
    """Mean of the best precision at each of 101 recalls; at least one truth must be among the pairs."""
    truths = sum(len(pair.truths) for pair in pairs)
    scores = np.array([one.score for pair in pairs for one in _best(pair)])
    if not scores.size:
        return 0.0
    order = np.argsort(-scores, kind="stable")
    hits = np.concatenate([_hits(pair, iou) for pair in pairs])[order]
    right = np.cumsum(hits)
    precision = right / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]  # the best at this recall or a higher one
    reached = np.searchsorted(right / truths, RECALLS, side="left")
    return float(np.append(precision, 0.0)[reached].mean())


def _best(pair: Pair) -> list[Scored]:
    return sorted(pair.found, key=lambda one: -one.score)[:MOST]


def _hits(pair: Pair, iou: float) -> NDArray[np.bool_]:
    """Of the boxes found, best score first: which is the first one on a truth. Each takes the truth it fits best."""
    free = list(range(len(pair.truths)))
    hits = np.zeros(min(len(pair.found), MOST), bool)
    for number, one in enumerate(_best(pair)):
        fits = [(likeness(pair.truths[truth], one.box), truth) for truth in free]
        fit, truth = max(fits, default=(0.0, -1))
        if fit >= min(iou, 1 - 1e-10):
            hits[number] = True
            free.remove(truth)
    return hits
