"""Who finds the people and vehicles to hide in what leaves: whatever a model was trained for, somebody knows them."""

from collections.abc import Callable

from vision.classes import PERSON, WITH_PLATES
from vision.detecting import Detector
from vision.detectors import SHIPPED
from vision.detectors.once import Once
from vision.detectors.openvino import OpenVino
from vision.memory import Detection
from vision.picture import Pixels

TO_HIDE = frozenset({PERSON}) | WITH_PLATES


def finder_of_hidden(detector: Detector) -> Callable[[Pixels], tuple[Detection, ...]]:
    """What finds all that is to be hidden: the detector itself and, if it lacks a class of that, the shipped one too.

    That one is opened at the first picture.
    """
    if detector.labels >= TO_HIDE:
        return detector.detect
    knowing = Once(lambda: OpenVino(SHIPPED, 1))
    return lambda pixels: (*detector.detect(pixels), *knowing().detect(pixels))
