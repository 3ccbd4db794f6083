"""Precision, recall and average precision: by hand, and as pycocotools counts them."""

import random

import pytest

from domain.register import Zone, ZoneRole
from domain.sighting import Box
from tests.vision.scenes import zone
from vision.evaluation.precision import Figures, Pair, Scored, average_precision, figures
from vision.evaluation.verdicts import Question, Verdicts, answered

A: Box = (0.1, 0.1, 0.3, 0.3)
B: Box = (0.6, 0.6, 0.8, 0.8)
A_AND_MORE: Box = (0.1, 0.1, 0.3, 0.4)  # its overlap with A is 2/3
ELSEWHERE: Box = (0.4, 0.0, 0.5, 0.1)


def pair(*truths: Box, found: dict[Box, float]) -> Pair:
    """One picture."""
    return Pair(truths=truths, found=tuple(Scored(box=box, score=score) for box, score in found.items()))


def test_the_figures_of_a_working_point_by_hand() -> None:
    """Four boxes found: one right, one too faint, one nowhere, and one on a thing that is found already."""
    counted = figures(
        "bicycle",
        [pair(A, B, found={A: 0.9, A_AND_MORE: 0.8, ELSEWHERE: 0.5, B: 0.3})],
        min_score=0.35,
        iou=0.5,
    )
    assert (counted.truths, counted.found, counted.right) == (2, 3, 1)
    assert counted.precision == pytest.approx(1 / 3)
    assert counted.recall == pytest.approx(1 / 2)
    assert counted.f1 == pytest.approx(2 / 5)


def test_average_precision_by_hand() -> None:
    """Right, wrong, right of two: precision 1 up to a recall of one half, 2/3 from there on."""
    pairs = [pair(A, B, found={A: 0.9, ELSEWHERE: 0.8, B: 0.7})]
    assert average_precision(pairs, 0.5) == pytest.approx((51 * 1 + 50 * 2 / 3) / 101)
    assert average_precision([pair(A, B, found={A: 0.9})], 0.5) == pytest.approx(51 / 101)
    assert average_precision([pair(A, B, found={})], 0.5) == 0.0
    assert average_precision([pair(A, found={ELSEWHERE: 0.9})], 0.5) == 0.0


def test_a_looser_box_counts_for_the_overlaps_it_reaches() -> None:
    """Two thirds: right at 0.50 to 0.65, wrong from 0.70 on."""
    counted = figures("car", [pair(A, found={A_AND_MORE: 0.9})], min_score=0.35, iou=0.5)
    assert counted.ap50 == 1.0
    assert counted.ap50_95 == pytest.approx(0.4)
    assert figures("car", [pair(A, found={A_AND_MORE: 0.9})], min_score=0.35, iou=0.7).right == 0


def test_the_more_likely_box_takes_the_thing() -> None:
    """Found twice, the second is a false alarm, whichever fits better."""
    pairs = [pair(A, found={A: 0.6, A_AND_MORE: 0.9})]
    assert average_precision(pairs, 0.5) == 1.0
    assert average_precision(pairs, 0.75) == pytest.approx(0.5)


def test_nothing_there_and_nothing_found_is_no_figure() -> None:
    """Not 0 and not 1: there is nothing to divide by."""
    assert figures("bus", [pair(found={})], min_score=0.35, iou=0.5) == Figures(
        label="bus", truths=0, found=0, right=0, precision=None, recall=None, f1=None, ap50=None, ap50_95=None
    )
    assert figures("bus", [pair(found={A: 0.9})], min_score=0.35, iou=0.5).precision == 0.0


def _street(seed: int) -> list[Pair]:
    """Invented pictures: things, loose boxes around them, some twice, and boxes around nothing."""
    chance = random.Random(seed)
    pairs = []
    for _ in range(chance.randint(3, 9)):
        truths: list[Box] = []
        found: list[Scored] = []
        for _ in range(chance.randint(0, 5)):
            x, y = chance.uniform(0, 0.8), chance.uniform(0, 0.8)
            x1, y1, x2, y2 = x, y, x + chance.uniform(0.06, 0.2), y + chance.uniform(0.06, 0.2)
            truths.append((x1, y1, x2, y2))
            for _ in range(chance.randint(0, 2)):
                d = chance.choice([0.01, 0.02])
                off = [chance.uniform(-d, d) for _ in range(4)]
                found.append(
                    Scored(
                        box=(x1 + off[0], y1 + off[1], x2 + off[2], y2 + off[3]),
                        score=round(chance.random(), chance.choice([1, 6])),
                    )
                )
        for _ in range(chance.randint(0, 3)):
            x, y = chance.uniform(0, 0.8), chance.uniform(0, 0.8)
            found.append(Scored(box=(x, y, x + 0.1, y + 0.1), score=chance.random()))
        pairs.append(Pair(truths=tuple(truths), found=tuple(found)))
    return pairs


@pytest.mark.parametrize(
    ("seed", "ap50", "ap50_95"),
    [
        (1, 0.4948432343, 0.2255756111),
        (2, 0.4168703158, 0.2487261080),
        (3, 0.4079207921, 0.1696534653),
        (4, 0.5690091566, 0.2889504646),
        (5, 0.3612890701, 0.2102840872),
        (6, 0.2669232440, 0.1094358061),
        (7, 0.4862800566, 0.2998066950),
        (8, 0.1171617162, 0.0594719472),
    ],
)
def test_the_same_as_pycocotools(seed: int, ap50: float, ap50_95: float) -> None:
    """Its answers to the same boxes, version 2.0.11."""
    counted = figures("x", _street(seed), min_score=0.0, iou=0.5)
    assert counted.ap50 == pytest.approx(ap50, abs=1e-9)
    assert counted.ap50_95 == pytest.approx(ap50_95, abs=1e-9)


BIKES = Question(
    name="bikes",
    classes=frozenset({"bicycle", "motorcycle"}),
    roles=frozenset({ZoneRole.PAVEMENT}),
)
FRONT = zone(((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5)))
BACK = zone(((0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0)), name="back")
ROAD = zone(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)), ZoneRole.NO_PARKING, "road")
MASK = zone(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)), ZoneRole.MASK, "mask")


def ask(there: dict[str, Box], found: dict[str, Box], *zones: Zone) -> Verdicts | None:
    """The question about one picture."""
    return answered(BIKES, [(zones, list(there.items()), list(found.items()))])


def test_a_zone_is_rightly_or_wrongly_said_to_be_taken_or_clear() -> None:
    """Each of the four, by zones and not by boxes: a bicycle that is called a motorcycle is no mistake of a verdict."""
    assert ask({"bicycle": A}, {"motorcycle": A}, FRONT) == Verdicts(name="bikes", taken=1)
    assert ask({"bicycle": A}, {"car": A}, FRONT) == Verdicts(name="bikes", missed=1)
    assert ask({}, {"bicycle": A}, FRONT) == Verdicts(name="bikes", false=1)
    assert ask({"bicycle": A}, {"bicycle": A}, FRONT, BACK) == Verdicts(name="bikes", taken=1, clear=1)
    assert ask({"bicycle": A}, {"bicycle": B}, FRONT, BACK) == Verdicts(name="bikes", false=1, missed=1)


def test_only_zones_of_the_rules_roles_are_asked() -> None:
    """And nothing in a mask is there at all."""
    assert ask({"bicycle": A}, {}, ROAD) is None
    assert ask({"bicycle": A}, {}, ROAD, FRONT) == Verdicts(name="bikes", missed=1)
    assert ask({"bicycle": A}, {"bicycle": A}, FRONT, MASK) == Verdicts(name="bikes", clear=1)


def test_the_shares_of_verdicts() -> None:
    """Of three said to be taken one is; of two that are, one is missed."""
    counted = Verdicts(name="x", taken=1, false=2, missed=1, clear=5)
    assert counted.precision == pytest.approx(1 / 3)
    assert counted.recall == 0.5
    assert (Verdicts(name="x").precision, Verdicts(name="x").recall) == (None, None)
