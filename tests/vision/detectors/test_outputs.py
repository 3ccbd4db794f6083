"""From numbers to things."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vision.detectors.outputs import LEAST_SCORE, MOST_THINGS, SAME_THING, OutputKind, read_output


def _raw(seed: int, boxes: int) -> NDArray[np.float32]:
    """Boxes in heaps, as a network gives them, of three classes."""
    chance = np.random.default_rng(seed)
    heaps = chance.uniform(60, 350, (2, 6))
    centres = heaps[:, chance.integers(0, 6, boxes)] + chance.normal(0, 6, (2, boxes))
    return np.vstack((centres, chance.uniform(30, 60, (2, boxes)), chance.uniform(0, 1, (3, boxes)))).astype(np.float32)


def _slowly(output: NDArray[np.float32]) -> list[tuple[float, int]]:
    """Score and class of what remains: the plain loop that suppression is."""
    things = []
    for x, y, width, height, *scores in output.T.tolist():
        box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        things.append((max(scores), int(np.argmax(scores)), box))
    kept: list[tuple[float, int, tuple[float, float, float, float]]] = []
    for score, label, box in sorted(things, reverse=True):
        if score >= LEAST_SCORE and not any(
            label == other and _likeness(box, there) > SAME_THING for _, other, there in kept
        ):
            kept.append((score, label, box))
    return [(score, label) for score, label, _box in kept]


def _likeness(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)


@pytest.mark.parametrize("seed", range(6))
def test_each_thing_is_found_once_and_best_first(seed: int) -> None:
    """The fast way keeps exactly what the plain loop keeps."""
    output = _raw(seed, 400)
    corners, scores, classes = read_output(output, OutputKind.RAW, 3)
    assert list(zip(scores, classes, strict=True)) == _slowly(output)
    assert corners.shape == (len(scores), 4)
    assert (corners[:, 2:] > corners[:, :2]).all()


def test_nothing_is_nothing() -> None:
    """Neither kind of output needs anything in it."""
    for output, kind in (
        (_raw(1, 50) * np.float32(0), OutputKind.RAW),
        (np.zeros((300, 6), np.float32), OutputKind.END_TO_END),
    ):
        corners, scores, classes = read_output(output, kind, 3)
        assert (corners.shape, scores, classes) == ((0, 4), [], [])


@pytest.mark.parametrize("kind", OutputKind)
def test_of_very_many_things_the_best_are_kept(kind: OutputKind) -> None:
    """A model that sees things in noise must not hold up the city."""
    chance = np.random.default_rng(1)
    along = np.arange(600, dtype=np.float32) * 50
    scores = chance.uniform(0.3, 0.9, 600).astype(np.float32)
    if kind is OutputKind.RAW:
        output = np.vstack((along, along, np.full((2, 600), 20, np.float32), scores[None]))
    else:
        output = np.column_stack((along, along, along + 20, along + 20, scores, np.zeros(600, np.float32)))
    _, kept, _ = read_output(output.astype(np.float32), kind, 1)
    assert kept == sorted(scores.tolist(), reverse=True)[:MOST_THINGS]


def test_a_class_that_is_none_is_left_out() -> None:
    """Some end-to-end exports fill their output up with classes the model does not have."""
    rows = np.array([[1, 1, 9, 9, 0.9, 7], [1, 1, 9, 9, 0.8, -1], [1, 1, 9, 9, 0.7, 2]], np.float32)
    assert read_output(rows, OutputKind.END_TO_END, 3)[2] == [2]
