"""Models in 8 bits."""

from pathlib import Path

import numpy as np
import pytest

from domain.errors import ConfigError
from tests.vision.detectors.extras import needs
from tests.vision.scenes import road, sensed, street
from vision.classes import FAMILIES
from vision.detectors import SHIPPED, SHIPPED_DETECTORS
from vision.detectors.int8 import save_int8
from vision.detectors.openvino import OpenVino
from vision.memory import Detection

INT8 = SHIPPED_DETECTORS["nanodet-g-416-int8"]


def _told(found: tuple[Detection, ...], at_least: float) -> list[Detection]:
    return [thing for thing in found if thing.score >= at_least]


def _close(a: Detection, b: Detection) -> bool:
    same_family = FAMILIES.get(a.label, a.label) == FAMILIES.get(b.label, b.label)
    return same_family and bool(np.allclose(a.box, b.box, atol=0.03))


def test_the_shipped_one_agrees_with_the_float_one(detector: OpenVino) -> None:
    """What one is sure of, the other tells of too: in the street and on the road, by day and at dusk."""
    int8 = OpenVino(INT8, 1)
    pictures = [street(), street("clear"), sensed(street(), seed=1, gain=0.6), *road()[::6]]
    sure = missed = invented = 0
    for picture in pictures:
        one, other = detector.detect(picture), int8.detect(picture)
        sure += len(_told(one, 0.4))
        missed += sum(not any(_close(thing, found) for found in other) for thing in _told(one, 0.4))
        invented += sum(not any(_close(thing, found) for found in one) for thing in _told(other, 0.4))
    assert sure > 40
    assert (missed, invented) == (0, 0)


def test_too_few_pictures_are_refused(tmp_path: Path) -> None:
    """Or the extra's absence is told, with what to install."""
    with pytest.raises(ConfigError, match=r"there are 1 pictures to measure on|pip install 'longcheng"):
        save_int8(SHIPPED, [street()], tmp_path / "x.xml")


@needs("nncf")
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_model_is_put_into_8_bits(tmp_path: Path) -> None:
    """It keeps its classes, still finds the bicycles, and is half as large."""
    pictures = [sensed(picture, seed=seed) for seed, picture in enumerate((street(), *road()) * 2)]
    save_int8(SHIPPED, pictures, tmp_path / "own-int8.xml")
    made = OpenVino(tmp_path / "own-int8.xml", 1)
    assert sum(thing.label == "bicycle" for thing in _told(made.detect(street()), 0.35)) >= 3
    assert (tmp_path / "own-int8.bin").stat().st_size < 0.6 * SHIPPED.stat().st_size
